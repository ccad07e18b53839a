"""Trainings of a sweep on a server: each goes through the queue that all visitors share.

A sweep puts its next training into the queue when its last one has ended, so that the single trainings of others come
in between and nobody waits for hours.
"""

from collections.abc import Callable, Iterator

from mnist_core.errors import RunError
from mnist_core.events import Event
from mnist_core.jobs.job import FAILED, FINISHED, Job
from mnist_core.jobs.queue import JobQueue
from mnist_core.runs.recipes import TrainingConfig

SECONDS_BETWEEN_LOOKS = 2.0
"""How long one look at the queue waits at most."""

Submit = Callable[[TrainingConfig, str], Job]
"""Puts a training into the queue, for a person who may do so, see `access.acts.Acts.submit`."""


class QueuedTraining:
    """A `jobs.launcher.Training` whose process the queue starts when its turn comes.

    Its only event is the finished event: the page follows the job itself.
    """

    def __init__(self, config: TrainingConfig, name: str, *, queue: JobQueue, submit: Submit) -> None:
        """Raises RunError or AccessError if the queue does not take the training."""
        self._queue = queue
        self._number = submit(config, name).number
        self._ended: Job | None = None

    def events(self) -> Iterator[Event]:
        """See `jobs.launcher.Training`."""
        while True:
            try:
                job = self._queue.wait(self._number, SECONDS_BETWEEN_LOOKS)
            except RunError:  # somebody has dismissed it
                return
            if not job.active:
                break
        self._ended = job
        if job.state == FINISHED and job.result:
            yield job.result

    def stop(self, *, keep: bool) -> None:
        """See `jobs.launcher.Training`."""
        self._queue.stop(self._number, keep=keep)

    def failure(self) -> str:
        """See `jobs.launcher.Training`."""
        if self._ended is None:
            return "The training was taken off the list."
        return self._ended.message or ("It failed." if self._ended.state == FAILED else "It was stopped.")

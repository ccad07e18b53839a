"""Trainings of a sweep on a server: each goes through the queue that all visitors share.

A sweep puts its next training into the queue when its last one has ended, so that the single trainings of others come
in between and nobody waits for hours.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from mnist_core.errors import DatabaseError, RunError
from mnist_core.events import Event
from mnist_core.jobs.job import FAILED, FINISHED, Job
from mnist_core.jobs.queue import JobQueue
from mnist_core.runs.folders import run_path, runs_folder
from mnist_core.runs.names import sweep_of
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.sweeps.sweep_marks import is_worked_on

SECONDS_BETWEEN_LOOKS = 2.0
"""How long one look at the queue waits at most, and how long it takes to the next try while the database is away."""

Submit = Callable[[TrainingConfig, str], Job]
"""Puts a training into the queue, for a person who may do so, see `access.acts.Acts.submit`."""


def check_wanted(name: str, folder: Path | None = None) -> None:
    """To be called before a training from the queue begins. name: of its run. folder: of the runs.

    Raises RunError if it belongs to a sweep that no process works through: the server that did has ended.
    """
    sweep = sweep_of(name)
    if sweep and not is_worked_on(run_path(folder or runs_folder(), name).parent):
        raise RunError(
            f"The app that worked through the sweep {sweep!r} was stopped. Continue the sweep to train this."
        )


class QueuedTraining:
    """A `jobs.launcher.Training` whose process the queue starts when its turn comes.

    Its only event is the finished event: the page follows the job itself. While the database is away, the training may
    go on, so nothing ends before the queue says so.
    """

    def __init__(self, config: TrainingConfig, name: str, *, queue: JobQueue, submit: Submit) -> None:
        """If the queue has this training already, left by a server that has ended, it is followed.

        Raises RunError or AccessError if the queue does not take the training, and DatabaseError if it is away.
        """
        self._queue = queue
        self._submit: Callable[[], int] = lambda: submit(config, name).number
        left = next((job for job in queue.jobs() if job.active and (job.name, job.config) == (name, config)), None)
        self._number = left.number if left else self._submit()
        self._is_ending = left is not None and left.stopping  # stopped before, so it has to be asked for again
        self._ended: Job | None = None
        self._unheard: bool | None = None  # what `stop` was told, until the queue knows

    def events(self) -> Iterator[Event]:
        """See `jobs.launcher.Training`."""
        while True:
            try:
                self._tell_stop()
                job = self._queue.wait(self._number, SECONDS_BETWEEN_LOOKS)
                if self._is_ending and not job.active and job.state != FINISHED:
                    self._number, self._is_ending = self._submit(), False
                    continue
            except DatabaseError:
                time.sleep(SECONDS_BETWEEN_LOOKS)
                continue
            except RunError:  # somebody has dismissed it
                return
            if not job.active:
                break
        self._ended = job
        if job.state == FINISHED and job.result:
            yield job.result

    def stop(self, *, keep: bool) -> None:
        """See `jobs.launcher.Training`. While the database is away, `events` asks again."""
        self._unheard, self._is_ending = keep, False
        with suppress(DatabaseError):
            self._tell_stop()

    def _tell_stop(self) -> None:
        if (keep := self._unheard) is not None:
            self._queue.stop(self._number, keep=keep)
            self._unheard = None

    def failure(self) -> str:
        """See `jobs.launcher.Training`."""
        if self._ended is None:
            return "The training was taken off the list."
        return self._ended.message or ("It failed." if self._ended.state == FAILED else "It was stopped.")

"""A training without a process, for tests of the queue and of the pages."""

import queue
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from mnist_core.database.location import FILE
from mnist_core.events import Event, Finished
from mnist_core.jobs.queue import JobQueue
from mnist_core.runs.recipes import TrainingConfig

SECONDS = 60
DONE: Finished = {
    "event": "finished",
    "name": "x",
    "incorrect": 36,
    "count": 360,
    "accuracy": 0.9,
    "interval_95": [0.86, 0.93],
    "seconds": 1.0,
    "stopped": False,
}


class Script:
    """A training that reports the events it is given. None ends it.

    stops: for each request to stop, whether the best epoch was to be kept.
    """

    def __init__(self, config: TrainingConfig, name: str) -> None:
        self.config, self.name = config, name
        self._events = queue.Queue[Event | None]()
        self.stops: list[bool] = []

    def events(self) -> Iterator[Event]:
        while event := self._events.get(timeout=SECONDS):
            yield event

    def tell(self, *events: Event | None) -> None:
        for event in events:
            self._events.put(event)

    def stop(self, *, keep: bool) -> None:
        self.stops.append(keep)
        self.tell(*([DONE] if keep else []), None)

    def failure(self) -> str:
        return "memory ran out"


def end_all(jobs: JobQueue, started: Sequence[Script]) -> None:
    """End all trainings of a queue, and wait until its threads have ended."""
    for job in reversed(jobs.jobs()):
        jobs.stop(job.number, keep=False)
    end = time.monotonic() + SECONDS
    while jobs._worker:
        for script in started:
            script.tell(None)
        assert time.monotonic() < end
        time.sleep(0.01)


def names_in(folder: Path) -> list[str]:
    """What lies in a folder of runs, sorted, without the database."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith(FILE))

"""A training without a process, for tests of the queue and of the pages."""

import queue
from collections.abc import Iterator

from mnist_core.events import Event, Finished
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

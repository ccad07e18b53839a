"""A training without a process, for tests of what is around it."""

import queue
from collections.abc import Iterator

from mnist_core.jobs.launcher import Event
from mnist_core.runs.recipes import TrainingConfig

SECONDS = 60
DONE = {"event": "finished", "name": "x", "accuracy": 0.9, "incorrect": 36, "count": 360}


class Script:
    """A training that does as it is told, event by event."""

    def __init__(self, config: TrainingConfig, name: str) -> None:
        self.config, self.name, self.told, self.stops = config, name, queue.Queue[Event | None](), list[bool]()

    def events(self) -> Iterator[Event]:
        while event := self.told.get(timeout=SECONDS):
            yield event

    def tell(self, *events: Event | None) -> None:
        for event in events:
            self.told.put(event)

    def stop(self, *, keep: bool) -> None:
        self.stops.append(keep)
        self.tell(*([DONE] if keep else []), None)

    def failure(self) -> str:
        return "memory ran out"

"""Who has the trainer: one queue of one process of one machine. And whether that process is still there.

>>> mine = new_owner()
>>> mine.is_here, is_gone(mine), mine == Owner.from_text(mine.to_text())
(True, False, True)
>>> is_gone(Owner(here(), "999999999-1", "x"))
True
"""

import time
import uuid
from dataclasses import dataclass

from mnist_core.runs.processes import here, is_alive, mark

SECONDS_OF_SILENCE = 30.0
"""After so many seconds without a sign of life, the owner on another machine is taken for dead."""


@dataclass(frozen=True)
class Owner:
    """place: the machine, or the container on it. process: see `runs.processes.mark`. queue: tells two queues apart."""

    place: str
    process: str
    queue: str

    @property
    def is_here(self) -> bool:
        """Whether its process, if it lives, can be seen from this one."""
        return self.place == here()

    def to_text(self) -> str:
        """As one line."""
        return f"{self.place} {self.process} {self.queue}"

    @classmethod
    def from_text(cls, line: str) -> "Owner":
        """The opposite of `to_text`. Whatever else the line is, it names an owner of nowhere."""
        place, process, queue, *_ = [*line.split(" "), "", "", ""]
        return cls(place, process, queue)


def new_owner() -> Owner:
    """A new queue of this process."""
    return Owner(here(), mark(), uuid.uuid4().hex[:8])


def is_gone(owner: Owner) -> bool:
    """Whether the process is known to have ended. Of one on another machine, this is not known."""
    return owner.is_here and not is_alive(owner.process)


class Watch:
    """Notices that the owner on another machine has fallen silent. It counts signs of life, and looks at no clock of
    another machine.
    """

    def __init__(self) -> None:
        self._seen: tuple[int, str, int] | None = None
        self._since = 0.0

    def is_silent(self, number: int, owner: str, beat: int) -> bool:
        """To be called now and then. number: of the job. beat: how many signs of life there were."""
        if self._seen != (number, owner, beat):
            self._seen, self._since = (number, owner, beat), time.monotonic()
        return time.monotonic() - self._since > SECONDS_OF_SILENCE

    def start_again(self) -> None:
        """Forget what was seen: the database did not answer, and so the owner could give no sign either."""
        self._seen = None

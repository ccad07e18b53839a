"""A request to end a training. One thread makes it, and another acts on it.

>>> stop = Stop()
>>> stop.request(keep=True)
>>> stop.requested, stop.keep
(True, True)
"""

from threading import Event


class StoppedError(Exception):
    """A training was ended on request, and nothing of it is kept."""


class Stop:
    """Whether a training is to end before its last epoch, and whether its best epoch so far is to become a run."""

    def __init__(self) -> None:
        self._requested = Event()
        self.keep = False

    def request(self, *, keep: bool) -> None:
        """Ask the training to end as soon as possible. keep: whether its best epoch so far becomes a run.

        A later request overrides an earlier one.
        """
        self.keep = keep
        self._requested.set()

    @property
    def requested(self) -> bool:
        """Whether anybody has asked."""
        return self._requested.is_set()

    def check(self) -> None:
        """Raise StoppedError if anybody has asked."""
        if self.requested:
            raise StoppedError

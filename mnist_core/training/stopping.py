"""A request to end a training, made in one thread and honoured in another.

>>> stop = Stop()
>>> stop.request(keep=True)
>>> stop.requested, stop.keep
(True, True)
"""

from threading import Event


class StoppedError(Exception):
    """A training was ended on request, and nothing of it is kept."""


class Stop:
    """Whether a training is to end before its last epoch, and whether its best epoch so far is to be kept as a run."""

    def __init__(self) -> None:
        self._requested = Event()
        self.keep = False

    def request(self, *, keep: bool) -> None:
        """End as soon as may be. Asked again, the last word counts: to keep may still become to throw away, and the other way round."""
        self.keep = keep
        self._requested.set()

    @property
    def requested(self) -> bool:
        """Whether anybody asked."""
        return self._requested.is_set()

    def check(self) -> None:
        """Raise StoppedError if anybody asked."""
        if self.requested:
            raise StoppedError

"""How fast a training goes, and how long it will still take: from its last seconds, since a machine may be busy one minute and idle the next.

>>> pace = Pace(judged=5000)
>>> pace.learned(2000, 9.0)     # the first group also builds the network
>>> pace.learned(2000, 0.2)
>>> pace.digits_per_second
10000
>>> round(pace.seconds_left(digits=50_000, judgements=1, test_digits=10_000), 1)
6.2
"""

from collections import deque

WINDOW = 4.0
"""Seconds of learning that are looked back on."""

ASSUMED_VALIDATION_SPEEDUP = 4
"""So many times as fast as they are learned are digits taken to be read, until it was measured: nothing goes backwards through the network."""

WRITING = 0.8
"""Seconds in which a run is written, besides reading the test digits."""


class Pace:
    """Told of what was done and how long it took. All spans are in seconds."""

    def __init__(self, validation_set: int) -> None:
        """judged: digits that are read after each epoch."""
        self._validation_digits = validation_set
        self._validating: float | None = None
        self._groups: deque[tuple[int, float]] = deque()
        self._begun = False

    def learned(self, digits: int, seconds: float) -> None:
        """A group of batches was learned. The very first counts only until there is a second, for it also waits for what is done once."""
        if not self._begun and self._groups:
            self._groups.clear()
            self._begun = True
        self._groups.append((digits, seconds))
        while len(self._groups) > 1 and sum(span for _, span in self._groups) - self._groups[0][1] >= WINDOW:
            self._groups.popleft()

    def validation_set(self, seconds: float) -> None:
        """An epoch was judged."""
        self._validating = seconds

    @property
    def digits_per_second(self) -> int:
        """In learning; 0 before anything was learned."""
        return round(self._rate)

    @property
    def _rate(self) -> float:
        spent = sum(seconds for _, seconds in self._groups)
        return sum(digits for digits, _ in self._groups) / spent if spent else 0.0

    def seconds_left(self, *, digits: int, validations: int, test_digits: int) -> float:
        """Until the run is written: so many digits are still to be learned, the validation digits to be read so often, and the test digits once."""
        rate = self._rate or 1.0
        validating = (
            self._validation_digits / rate / ASSUMED_VALIDATION_SPEEDUP
            if self._validating is None
            else self._validating
        )
        return digits / rate + validating * (validations + test_digits / self._validation_digits) + WRITING

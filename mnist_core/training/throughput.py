"""How fast a training goes, and how much longer it will take.

Only the last seconds count, because a machine may be busy in one minute and idle in the next.

>>> throughput = Throughput(validation_digits=5000)
>>> throughput.add_batches(2000, 9.0)     # the first group also waits until the network is built
>>> throughput.add_batches(2000, 0.2)
>>> throughput.digits_per_second
10000
>>> round(throughput.seconds_left(digits=50_000, validations=1, test_digits=10_000), 1)
6.2
"""

from collections import deque

WINDOW = 4.0
"""The last seconds of training that count."""

ASSUMED_VALIDATION_SPEEDUP = 4
"""Validation is taken to be so many times as fast as training until it was measured, because it has no backward
pass."""

WRITING = 0.8
"""The seconds that writing a run takes, besides predicting the test digits."""


class Throughput:
    """Collects what was done and how long it took. All times are in seconds."""

    def __init__(self, validation_digits: int) -> None:
        """validation_digits: how many digits are predicted after each epoch."""
        self._validation_digits = validation_digits
        self._validation_seconds: float | None = None
        self._groups: deque[tuple[int, float]] = deque()
        self._first_group_dropped = False

    def add_batches(self, digits: int, seconds: float) -> None:
        """A group of batches was learned.

        The first group also waits for work that is done once. It counts only until there is a second group.
        """
        if not self._first_group_dropped and self._groups:
            self._groups.clear()
            self._first_group_dropped = True
        self._groups.append((digits, seconds))
        while len(self._groups) > 1 and sum(span for _, span in self._groups) - self._groups[0][1] >= WINDOW:
            self._groups.popleft()

    def add_validation(self, seconds: float) -> None:
        """An epoch was validated."""
        self._validation_seconds = seconds

    @property
    def digits_per_second(self) -> int:
        """In training. It is 0 before anything was learned."""
        return round(self._rate)

    @property
    def _rate(self) -> float:
        spent = sum(seconds for _, seconds in self._groups)
        return sum(digits for digits, _ in self._groups) / spent if spent else 0.0

    def seconds_left(self, *, digits: int, validations: int, test_digits: int) -> float:
        """The time until the run is written.

        digits: how many are still to be learned. validations: how many epochs are still to be validated.
        test_digits: how many are predicted at the end.
        """
        rate = self._rate or 1.0
        validation_seconds = self._validation_seconds
        if validation_seconds is None:
            validation_seconds = self._validation_digits / rate / ASSUMED_VALIDATION_SPEEDUP
        return digits / rate + validation_seconds * (validations + test_digits / self._validation_digits) + WRITING

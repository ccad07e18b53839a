"""Do two models really differ? McNemar's test on the digits that only one of them classifies correctly.

    >>> result = mcnemar(np.array([True, True, True, False]), np.array([True, False, False, False]))
    >>> result.only_left, result.only_right, result.p
    (2, 0, 0.5)

Digits that both models classify correctly, or both incorrectly, do not tell which model is better. If both were equally
good, each of the other digits would be as likely on one side as on the other. p is the probability of a split at least
as uneven as the observed one. It is exact: it comes from the binomial distribution for any number of digits.
(Q. McNemar, "Note on the sampling error of the difference between correlated proportions or percentages",
Psychometrika 12, 1947.)
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from mnist_core.formatting import number
from mnist_core.metrics.accuracy import Z_95

LEVEL = 0.05
"""A difference with p below this counts as real."""


@dataclass(frozen=True)
class McNemar:
    """How many digits both models classify correctly, only the left one, only the right one, or neither.

    p: two-sided, 0..1.
    """

    both: int
    only_left: int
    only_right: int
    neither: int
    p: float

    @property
    def differs(self) -> bool:
        """Whether chance is an unlikely explanation for the difference."""
        return self.p < LEVEL


def mcnemar(left_correct: NDArray[np.bool_], right_correct: NDArray[np.bool_]) -> McNemar:
    """Compare two models. left_correct, right_correct: (n,), whether each classifies each digit correctly.

    Both must have the same digits in the same order. Raises ValueError if the lengths differ.
    """
    both = int((left_correct & right_correct).sum())
    only_left = int((left_correct & ~right_correct).sum())
    only_right = int((~left_correct & right_correct).sum())
    return McNemar(
        both=both,
        only_left=only_left,
        only_right=only_right,
        neither=len(left_correct) - both - only_left - only_right,
        p=binomial_p(only_left, only_right),
    )


def binomial_p(one: int, other: int) -> float:
    """The probability of a split at least as uneven as one : other, if both sides are equally likely. 0..1.

    >>> binomial_p(2, 0), binomial_p(5, 5)
    (0.5, 1.0)
    """
    if one == other:
        return 1.0
    # Takes 0.2 s to import in a process that has not opened the Draw page; no other page needs it.
    from scipy.special import bdtr

    return min(1.0, 2 * float(bdtr(min(one, other), one + other, 0.5)))


@dataclass(frozen=True)
class Difference:
    """The mean of a difference between two models, and its 95 % interval, as fractions of the digits in -1..1."""

    mean: float
    low: float
    high: float

    @property
    def is_real(self) -> bool:
        """Whether chance is an unlikely explanation: the interval leaves zero out."""
        return self.low > 0 or self.high < 0


def paired_difference(left: NDArray[np.floating], right: NDArray[np.floating]) -> Difference:
    """By how much the left model is better, digit by digit.

    left, right: (n,), n of at least 2, the fraction of the versions of each digit that a model predicts correctly,
    0..1, for the same digits in the same order. The interval comes from the standard error of the mean over digits.
    Raises ValueError if the lengths differ.

    >>> difference = paired_difference(np.array([1.0, 1.0, 0.8, 1.0]), np.array([0.6, 0.5, 0.2, 0.5]))
    >>> round(difference.mean, 2), difference.is_real
    (0.5, True)
    """
    difference = left.astype(np.float64) - right
    mean, spread = float(difference.mean()), Z_95 * float(difference.std(ddof=1)) / sqrt(len(difference))
    return Difference(mean, mean - spread, mean + spread)


def p_in_words(p: float) -> str:
    """p in the form that papers use.

    >>> p_in_words(0.2512), p_in_words(0.00123), p_in_words(3e-9)
    ('p = 0.25', 'p = 0.0012', 'p < 0.0001')
    """
    if p < 0.0001:
        return "p < 0.0001"
    return f"p = {p:.2g}" if p < 0.995 else "p = 1"


def verdict(result: McNemar, left: str, right: str) -> str:
    """The result in one or two sentences. left, right: the names of the two models."""
    better, worse = (left, right) if result.only_left >= result.only_right else (right, left)
    more, fewer = max(result.only_left, result.only_right), min(result.only_left, result.only_right)
    if not more:
        return f"{left} and {right} classify exactly the same digits correctly: these test digits show no difference."
    counts = f"Only {better} is correct on {number(more)} digits, only {worse} on {number(fewer)}."
    chance = p_in_words(result.p)
    if result.differs:
        return (
            f"Yes, they differ. {counts} If they were equally good, such an uneven split would be unlikely ({chance})."
        )
    return f"Not for certain. {counts} Two equally good models would often differ as much by chance ({chance})."

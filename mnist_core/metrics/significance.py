"""Do two runs really differ? McNemar's test on the digits that only one of them reads right.

    >>> result = mcnemar(np.array([True, True, True, False]), np.array([True, False, False, False]))
    >>> result.only_left, result.only_right, result.p
    (2, 0, 0.5)

Q. McNemar, "Note on the sampling error of the difference between correlated proportions or percentages", Psychometrika 12, 1947. Digits that
both read right, or both wrong, say nothing about which is better. If the two were equally good, each of the others would fall to either with
probability 1/2; p is how likely a division at least as uneven would then be. It is computed exactly, from the binomial distribution, for any
number of digits.
"""

from dataclasses import dataclass
from math import exp, fsum, lgamma, log

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.05
"""Below this p a difference counts as real."""


@dataclass(frozen=True)
class McNemar:
    """Digits that both read right, only the left or only the right run, neither; p: two-sided, 0..1."""

    both: int
    only_left: int
    only_correct: int
    neither: int
    p: float

    @property
    def differs(self) -> bool:
        """Whether chance alone is an unlikely explanation."""
        return self.p < LEVEL


def mcnemar(left_correct: NDArray[np.bool_], right_correct: NDArray[np.bool_]) -> McNemar:
    """left_right, right_right: (n,), whether the left and the right run read each digit rightly; the same digits in the same order."""
    both, only_left = int((left_correct & right_correct).sum()), int((left_correct & ~right_correct).sum())
    only_correct = int((~left_correct & right_correct).sum())
    return McNemar(
        both,
        only_left,
        only_correct,
        len(left_correct) - both - only_left - only_correct,
        binomial_p(only_left, only_correct),
    )


def binomial_p(one: int, other: int) -> float:
    """How likely a division at least as uneven as one : other is, if each falls to either side with probability 1/2."""
    count, fewer = one + other, min(one, other)
    if one == other:
        return 1.0
    largest = lgamma(count + 1) - count * log(2)
    return min(1.0, 2 * fsum(exp(largest - lgamma(k + 1) - lgamma(count - k + 1)) for k in range(fewer + 1)))


def p_in_words(p: float) -> str:
    """As papers write it.

    >>> p_in_words(0.2512), p_in_words(0.00123), p_in_words(3e-9)
    ('p = 0.25', 'p = 0.0012', 'p < 0.0001')
    """
    if p < 0.0001:
        return "p < 0.0001"
    return f"p = {p:.2g}" if p < 0.995 else "p = 1"


def verdict(result: McNemar, left: str, right: str) -> str:
    """In one or two sentences, with the names of the two."""
    more, fewer = (left, right) if result.only_left >= result.only_correct else (right, left)
    won, lost = max(result.only_left, result.only_correct), min(result.only_left, result.only_correct)
    chance = p_in_words(result.p)
    if not won:
        return f"{left} and {right} read exactly the same digits right: these test digits cannot tell them apart."
    counts = f"{more} alone reads {won:,} right, {fewer} alone {lost:,}."
    if result.differs:
        return f"Yes, they differ. {counts} If they were equally good, so uneven a division would hardly come by chance ({chance})."
    return f"Not for certain. {counts} Two equally good models would divide them as unevenly by chance often enough ({chance})."

"""What is taken for what: a matrix by runs, shares of it, its difference, and the digits in one of its cells.

    >>> from mnist_core.metrics.accuracy import confusion_matrix
    >>> counts = confusion_matrix(np.array([1, 1, 7, 7]), np.array([1, 1, 1, 7]))
    >>> int(counts[1, 7]), float(shares(counts, "Per true digit")[1, 7].round(2))
    (1, 0.33)
    >>> most_confused(counts)
    [Pair(true=1, read=7, count=1)]

Rows are true digits, columns digits read, everywhere.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

COUNTS, PER_TRUE, PER_PREDICTED = SCALES = ("Counts", "Per true digit", "Per read digit")
"""What a cell tells: how many; their share of the digits that are so (a row makes 1); their share of those read so (a column makes 1)."""


@dataclass(frozen=True)
class Pair:
    """How many digits are `true` and were read as `read`."""

    true: int
    predicted: int
    count: int


@dataclass(frozen=True)
class DigitScore:
    """precision: of those read as this digit, the share that are it. recall: of this digit's, the share read as it. f1: their harmonic mean.

    All in 0..1, and 0 where there is nothing to divide by. support: how many there are of this digit.
    """

    digit: int
    precision: float
    recall: float
    f1: float
    support: int


def fractions(counts: NDArray[np.int64], scale: str) -> NDArray[np.float64]:
    """(10, 10) on one of SCALES. An empty row or column stays 0."""
    if scale == COUNTS:
        return counts.astype(np.float64)
    totals = counts.sum(axis=1 if scale == PER_TRUE else 0, keepdims=True)
    result: NDArray[np.float64] = counts / np.maximum(totals, 1)
    return result


def without_diagonal(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mistakes alone: the diagonal becomes 0."""
    result: NDArray[np.float64] = np.where(np.eye(len(values), dtype=bool), 0.0, values)
    return result


def digit_scores(counts: NDArray[np.int64]) -> list[DigitScore]:
    """Precision, recall and F1 of each of the ten digits."""
    right, supports, predictions = np.diagonal(counts), counts.sum(axis=1), counts.sum(axis=0)
    return [
        DigitScore(
            digit=digit,
            precision=_ratio(right[digit], predictions[digit]),
            recall=_ratio(right[digit], supports[digit]),
            f1=_ratio(2 * right[digit], predictions[digit] + supports[digit]),
            support=int(supports[digit]),
        )
        for digit in range(10)
    ]


def most_confused(*counts: NDArray[np.int64], largest: int = 12) -> list[Pair]:
    """The pairs with most mistakes, all matrices together; those that were never confused are left out."""
    together = sum(counts, np.zeros((10, 10), np.int64))
    np.fill_diagonal(together, 0)
    order = np.argsort(-together, axis=None, kind="stable")[:largest]
    return [Pair(int(cell // 10), int(cell % 10), int(together.flat[cell])) for cell in order if together.flat[cell]]


def in_cell(
    probabilities: NDArray[np.floating[Any]], labels: NDArray[np.integer], *, true: int, predicted: int
) -> NDArray[np.intp]:
    """Indices of the digits in a cell, the surest reading first. probabilities: (n, 10); labels: (n,)."""
    chosen = np.flatnonzero((labels == true) & (probabilities.argmax(axis=1) == predicted))
    return chosen[np.argsort(-probabilities[chosen, predicted], kind="stable")]


def mistakes(probabilities: NDArray[np.floating[Any]], labels: NDArray[np.integer]) -> NDArray[np.intp]:
    """Indices of all digits that are read wrong, the surest mistake first. probabilities: (n, 10); labels: (n,)."""
    chosen = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    return chosen[np.argsort(-probabilities[chosen].max(axis=1), kind="stable")]


def only_correct(
    left: NDArray[np.floating[Any]], right: NDArray[np.floating[Any]], labels: NDArray[np.integer]
) -> NDArray[np.intp]:
    """Indices of the digits that the left reads right and the right wrong, the surest mistake first. left, right: (n, 10); labels: (n,)."""
    chosen = np.flatnonzero((left.argmax(axis=1) == labels) & (right.argmax(axis=1) != labels))
    return chosen[np.argsort(-right[chosen].max(axis=1), kind="stable")]


def _ratio(part: np.integer[Any], whole: np.integer[Any]) -> float:
    return float(part / whole) if whole else 0.0

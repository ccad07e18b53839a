"""Which digits are mistaken for which: fractions and scores from a confusion matrix, and the digits in its cells.

    >>> from mnist_core.metrics.accuracy import confusion_matrix
    >>> counts = confusion_matrix(np.array([1, 1, 7, 7]), np.array([1, 1, 1, 7]))
    >>> int(counts[1, 7]), float(fractions(counts, PER_TRUE)[1, 7].round(2))
    (1, 0.33)
    >>> most_confused(counts)
    [Pair(true=1, predicted=7, count=1)]

In every matrix, rows are true digits and columns are predicted digits.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

COUNTS, PER_TRUE, PER_PREDICTED = SCALES = ("Counts", "Per true digit", "Per predicted digit")
"""The number in a cell: a count, or its fraction of the row's true digits, or its fraction of the column's predictions.

Per true digit, each row adds up to 1. Per predicted digit, each column does.
"""


@dataclass(frozen=True)
class Pair:
    """How many digits are really `true` and were classified as `predicted`."""

    true: int
    predicted: int
    count: int


@dataclass(frozen=True)
class DigitScore:
    """How well one digit is recognised.

    precision: the fraction of its predictions that are correct. recall: the fraction of its examples that are
    recognised. f1: the harmonic mean of the two. All are in 0..1, and 0 where the fraction would be 0/0.
    support: how many examples of the digit there are.
    """

    digit: int
    precision: float
    recall: float
    f1: float
    support: int


def fractions(counts: NDArray[np.int64], scale: str) -> NDArray[np.float64]:
    """A confusion matrix (10, 10) on one of SCALES. An empty row or column stays 0."""
    if scale == COUNTS:
        return counts.astype(np.float64)
    totals = counts.sum(axis=1 if scale == PER_TRUE else 0, keepdims=True)
    result: NDArray[np.float64] = counts / np.maximum(totals, 1)
    return result


def without_diagonal(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """A matrix that shows only the mistakes: its diagonal is 0. values: (10, 10)."""
    result: NDArray[np.float64] = np.where(np.eye(len(values), dtype=bool), 0.0, values)
    return result


def digit_scores(counts: NDArray[np.int64]) -> list[DigitScore]:
    """Precision, recall and F1 of each of the ten digits. counts: (10, 10)."""
    correct, supports, predictions = np.diagonal(counts), counts.sum(axis=1), counts.sum(axis=0)
    return [
        DigitScore(
            digit=digit,
            precision=_ratio(correct[digit], predictions[digit]),
            recall=_ratio(correct[digit], supports[digit]),
            f1=_ratio(2 * correct[digit], predictions[digit] + supports[digit]),
            support=int(supports[digit]),
        )
        for digit in range(10)
    ]


def most_confused(*counts: NDArray[np.int64], largest: int = 12) -> list[Pair]:
    """The pairs with most mistakes, added up over all matrices. Pairs without mistakes are left out.

    counts: (10, 10) each. largest: how many pairs to return at most.
    """
    together = sum(counts, np.zeros((10, 10), np.int64))
    np.fill_diagonal(together, 0)
    order = np.argsort(-together, axis=None, kind="stable")[:largest]
    return [Pair(int(cell // 10), int(cell % 10), int(together.flat[cell])) for cell in order if together.flat[cell]]


def in_cell(
    probabilities: NDArray[np.floating[Any]], labels: NDArray[np.integer], *, true: int, predicted: int
) -> NDArray[np.intp]:
    """Indices of the digits in one cell, the most confident prediction first. probabilities: (n, 10). labels: (n,)."""
    chosen = np.flatnonzero((labels == true) & (probabilities.argmax(axis=1) == predicted))
    return chosen[np.argsort(-probabilities[chosen, predicted], kind="stable")]


def mistakes(probabilities: NDArray[np.floating[Any]], labels: NDArray[np.integer]) -> NDArray[np.intp]:
    """Indices of all misclassified digits, the most confident mistake first. probabilities: (n, 10). labels: (n,)."""
    chosen = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    return chosen[np.argsort(-probabilities[chosen].max(axis=1), kind="stable")]


def only_correct(
    left: NDArray[np.floating[Any]], right: NDArray[np.floating[Any]], labels: NDArray[np.integer]
) -> NDArray[np.intp]:
    """Indices of the digits that only the left model classifies correctly.

    The right model's most confident mistake comes first.

    left, right: (n, 10), probabilities of two models. labels: (n,).
    """
    chosen = np.flatnonzero((left.argmax(axis=1) == labels) & (right.argmax(axis=1) != labels))
    return chosen[np.argsort(-right[chosen].max(axis=1), kind="stable")]


def _ratio(part: np.integer[Any], whole: np.integer[Any]) -> float:
    return float(part / whole) if whole else 0.0

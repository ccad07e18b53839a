"""Accuracy with its uncertainty, the confusion matrix, and the loss.

>>> accuracy = Accuracy.of(np.array([7, 2, 1, 0]), np.array([7, 2, 7, 0]))
>>> accuracy.incorrect, accuracy.count, accuracy.fraction
(1, 4, 0.75)
>>> print(Accuracy.from_counts(187, 10_000))
98.13 % (187 incorrect of 10,000, 95 % interval 97.85 to 98.38 %)
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.checks import DIGITS, checked_labels
from mnist_core.formatting import number, percent, percent_range

Z_95 = 1.959963984540054
"""Quantile of the normal distribution for a two-sided interval of 95 %."""

SMALLEST = 1e-7
"""Lower bound of a probability in the loss, as in Keras."""


@dataclass(frozen=True)
class Accuracy:
    """How many of `count` digits a model classifies incorrectly.

    fraction: of correct predictions, the accuracy. low, high: its 95 % confidence interval. All three are in 0..1.
    """

    incorrect: int
    count: int
    fraction: float
    low: float
    high: float

    @classmethod
    def of(cls, predicted: NDArray[np.integer], labels: NDArray[np.integer]) -> "Accuracy":
        """The accuracy of predicted digits. predicted, labels: (n,), 0..9."""
        return cls.from_counts(int((np.asarray(predicted) != np.asarray(labels)).sum()), len(labels))

    @classmethod
    def from_counts(cls, incorrect: int, count: int) -> "Accuracy":
        """The accuracy with Wilson's score interval (E. B. Wilson, JASA 22, 1927).

        That interval stays within 0..1 and is valid near 100 % too. With a count of 0, it is 0..1.
        """
        if count == 0:
            return cls(0, 0, 0.0, 0.0, 1.0)
        fraction = 1 - incorrect / count
        spread = Z_95 * sqrt(fraction * (1 - fraction) / count + Z_95**2 / (4 * count**2))
        middle = fraction + Z_95**2 / (2 * count)
        scale = 1 + Z_95**2 / count
        return cls(incorrect, count, fraction, max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, for run.json and for the command line."""
        return {
            "incorrect": self.incorrect,
            "count": self.count,
            "accuracy": self.fraction,
            "interval_95": [self.low, self.high],
        }

    def __str__(self) -> str:
        counts = f"{number(self.incorrect)} incorrect of {number(self.count)}"
        return f"{percent(self.fraction)} ({counts}, 95 % interval {percent_range(self.low, self.high)})"


def confusion_matrix(predicted: NDArray[np.integer], labels: NDArray[np.integer]) -> NDArray[np.int64]:
    """How often each digit is classified as each digit: (10, 10), one row for each true digit, one column for each
    predicted digit.

    predicted, labels: (n,), 0..9. Raises DatasetError for other values and for different lengths.

    >>> int(confusion_matrix(np.array([1, 1]), np.array([1, 7]))[7, 1])
    1
    """
    rows = checked_labels(labels).astype(np.intp)
    columns = checked_labels(predicted, len(rows), what="predictions")
    counts = np.bincount(rows * DIGITS + columns, minlength=DIGITS**2)
    return counts.reshape(DIGITS, DIGITS).astype(np.int64)


def log_loss(probabilities: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """Mean cross-entropy in nats. Probabilities below 1e-7 count as 1e-7, as in Keras.

    probabilities: (n, 10), 0..1. labels: (n,), 0..9.
    """
    true = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(true.clip(SMALLEST, 1)).mean())


def mean_accuracy(by_digit: NDArray[np.floating], *, versions: int) -> Accuracy:
    """The mean accuracy on several versions of each digit, with an interval that takes the digits as the sample.

    by_digit: (n,), n of at least 2, the fraction of each digit's versions that is predicted correctly, 0..1.
    versions: of each digit. The versions of one digit resemble each other, so they do not count as independent: the
    interval comes from the standard error of the mean over digits.

    >>> accuracy = mean_accuracy(np.array([1.0, 0.5, 1.0, 0.5]), versions=2)
    >>> accuracy.incorrect, accuracy.count, accuracy.fraction
    (2, 8, 0.75)
    """
    fraction, spread = float(by_digit.mean()), Z_95 * float(by_digit.std(ddof=1)) / sqrt(len(by_digit))
    incorrect = round(float((1 - by_digit).sum()) * versions)
    return Accuracy(
        incorrect, len(by_digit) * versions, fraction, max(0.0, fraction - spread), min(1.0, fraction + spread)
    )

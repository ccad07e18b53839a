"""Figures that say how well a model reads.

>>> accuracy = Accuracy.of(np.array([7, 2, 1, 0]), np.array([7, 2, 7, 0]))
>>> accuracy.wrong, accuracy.count, accuracy.share
(1, 4, 0.75)
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.formatting import percent, percent_range

Z_95 = 1.959963984540054
"""Quantile of the normal distribution for a two-sided interval of 95 %."""


@dataclass(frozen=True)
class Accuracy:
    """wrong of count read wrongly; low and high bound the accuracy with 95 % confidence, all in 0..1."""

    incorrect: int
    count: int
    fraction: float
    low: float
    high: float

    @classmethod
    def of(cls, predicted: NDArray[np.integer], labels: NDArray[np.integer]) -> "Accuracy":
        """From the digits read and the true ones, both (n,)."""
        return cls.from_counts(int((np.asarray(predicted) != np.asarray(labels)).sum()), len(labels))

    @classmethod
    def from_counts(cls, incorrect: int, count: int) -> "Accuracy":
        """Wilson's score interval (E. B. Wilson, JASA 22, 1927): it stays in 0..1 and holds near 100 % too."""
        if count == 0:
            return cls(0, 0, 0.0, 0.0, 1.0)
        fraction = 1 - incorrect / count
        spread = Z_95 * sqrt(fraction * (1 - fraction) / count + Z_95**2 / (4 * count**2))
        middle = fraction + Z_95**2 / (2 * count)
        scale = 1 + Z_95**2 / count
        return cls(incorrect, count, fraction, max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale))

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values, in run.json and in what the command line prints."""
        return {
            "incorrect": self.incorrect,
            "count": self.count,
            "accuracy": self.fraction,
            "interval_95": [self.low, self.high],
        }

    def __str__(self) -> str:
        return (
            f"{percent(self.fraction)} ({self.incorrect:,} incorrect of {self.count:,}, "
            f"95 % interval {percent_range(self.low, self.high)})"
        )


def confusion_matrix(predicted: NDArray[np.integer], labels: NDArray[np.integer]) -> NDArray[np.int64]:
    """(10, 10) counts: row is the true digit, column the digit read."""
    counts = np.zeros((10, 10), np.int64)
    np.add.at(counts, (np.asarray(labels, np.intp), np.asarray(predicted, np.intp)), 1)
    return counts


def log_loss(probabilities: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """Mean cross-entropy in nats. probabilities: (n, 10); labels: (n,). A probability below 1e-7 counts as that, as in Keras."""
    true = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(true.clip(1e-7, 1)).mean())

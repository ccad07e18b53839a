"""Probabilities that mean what they say: of all readings at 90 %, nine in ten should be right.

    >>> probabilities = np.array([[0.8, 0.2], [0.8, 0.2], [0.8, 0.2], [0.8, 0.2]])
    >>> round(expected_calibration_error(probabilities, np.array([0, 0, 0, 1])), 2)
    0.05

Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks", 2017: one temperature, by which all logits are divided, fitted
on held-out digits. It changes no reading, only how sure it is.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 15
"""Equal widths of confidence, as in the paper."""

COLDEST, HOTTEST = 0.1, 10.0
"""Range in which the temperature is sought."""

SMALLEST = 1e-30
"""Probabilities are taken as at least this before their logarithm."""


def expected_calibration_error(probabilities: NDArray[Any], labels: NDArray[np.integer], *, bins: int = BINS) -> float:
    """Mean distance, 0..1, between confidence and accuracy over bins of equal width, weighted by the readings in each.

    probabilities: (n, classes); labels: (n,). No readings give 0.
    """
    if not len(labels):
        return 0.0
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    bin_of = np.minimum((confidence * bins).astype(np.intp), bins - 1)
    surplus = np.bincount(bin_of, weights=confidence - right, minlength=bins)
    return float(np.abs(surplus).sum() / len(labels))


@dataclass(frozen=True)
class Bin:
    """Readings whose confidence lies from low to high: how many, their mean confidence, and the share of them that is right; all but count in 0..1."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def reliability(probabilities: NDArray[Any], labels: NDArray[np.integer], *, bins: int = BINS) -> list[Bin]:
    """The bins that hold any reading, by confidence: where accuracy is below confidence, the readings are too sure of themselves.

    probabilities: (n, classes); labels: (n,). The bins are those of the calibration error.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    bin_of = np.minimum((confidence * bins).astype(np.intp), bins - 1)
    return [
        Bin(
            number / bins,
            (number + 1) / bins,
            int(inside.sum()),
            float(confidence[inside].mean()),
            float(right[inside].mean()),
        )
        for number in range(bins)
        if (inside := bin_of == number).any()
    ]


def fitted_temperature(probabilities: NDArray[Any], labels: NDArray[np.integer]) -> float:
    """The temperature at which the mean cross-entropy of these readings is smallest. probabilities: (n, classes), at temperature 1; labels: (n,).

    Above 1 the readings were too sure, below it not sure enough.
    """
    logits = np.log(probabilities.astype(np.float64).clip(SMALLEST, 1))
    rows = np.arange(len(labels))

    def cross_entropy(inverse: float) -> float:
        scaled = logits * inverse
        largest = scaled.max(axis=1, keepdims=True)
        return float((np.log(np.exp(scaled - largest).sum(axis=1)) + largest[:, 0] - scaled[rows, labels]).mean())

    # Convex in the inverse temperature: thirds of the interval are cut off until it is narrow.
    low, high = 1 / HOTTEST, 1 / COLDEST
    while high - low > 1e-4 * low:
        first, second = low + (high - low) / 3, high - (high - low) / 3
        if cross_entropy(first) < cross_entropy(second):
            high = second
        else:
            low = first
    return 2 / (low + high)


def at_temperature(probabilities: NDArray[Any], temperature: float) -> NDArray[np.float64]:
    """The probabilities (n, classes) as they are when the logits behind them are divided by the temperature."""
    powers = probabilities.astype(np.float64).clip(SMALLEST, 1) ** (1 / temperature)
    result: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return result


def fold_temperature(weights: list[NDArray[np.float32]], temperature: float) -> list[NDArray[np.float32]]:
    """A network's weights with the temperature folded into the last kernel and bias, which give the logits."""
    return [*weights[:-2], *(weight / np.float32(temperature) for weight in weights[-2:])]

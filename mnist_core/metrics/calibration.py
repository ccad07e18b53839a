"""Calibration: of all predictions with a probability of 90 %, nine in ten should be correct.

    >>> probabilities = np.array([[0.8, 0.2], [0.8, 0.2], [0.8, 0.2], [0.8, 0.2]])
    >>> round(expected_calibration_error(probabilities, np.array([0, 0, 0, 1])), 2)
    0.05

The remedy is a temperature, fitted on held-out digits, by which all logits are divided. It changes the probabilities
but never the predicted digit (C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On calibration of modern neural networks",
2017).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 15
"""Number of bins of equal width, as in the paper."""

COLDEST, HOTTEST = 0.1, 10.0
"""Lowest and highest temperature that `fitted_temperature` returns."""

SMALLEST = 1e-30
"""Lower bound of a probability before its logarithm is taken."""


@dataclass(frozen=True)
class Bin:
    """Predictions whose confidence, the highest probability, lies between `low` and `high`.

    count: how many there are. confidence: their mean. accuracy: the fraction of them that is correct. All except count
    are in 0..1.
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def reliability(probabilities: NDArray[Any], labels: NDArray[np.integer], *, bins: int = BINS) -> list[Bin]:
    """Confidence and accuracy by bins of equal width. Empty bins are left out.

    A model is overconfident where the accuracy is below the confidence.

    probabilities: (n, classes), 0..1. labels: (n,).
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    correct = probabilities.argmax(axis=1) == labels
    place = np.minimum((confidence * bins).astype(np.intp), bins - 1)
    counts = np.bincount(place, minlength=bins)
    confidences = np.bincount(place, weights=confidence, minlength=bins)
    corrects = np.bincount(place, weights=correct, minlength=bins)
    return [
        Bin(
            low=number / bins,
            high=(number + 1) / bins,
            count=int(counts[number]),
            confidence=float(confidences[number] / counts[number]),
            accuracy=float(corrects[number] / counts[number]),
        )
        for number in np.flatnonzero(counts).tolist()
    ]


def expected_calibration_error(probabilities: NDArray[Any], labels: NDArray[np.integer], *, bins: int = BINS) -> float:
    """Mean distance between confidence and accuracy, 0..1, over the bins of `reliability`, weighted by their counts.

    probabilities: (n, classes), 0..1. labels: (n,). Without any predictions, the error is 0.
    """
    if not len(labels):
        return 0.0
    gaps = (each.count * abs(each.confidence - each.accuracy) for each in reliability(probabilities, labels, bins=bins))
    return float(sum(gaps) / len(labels))


def fitted_temperature(probabilities: NDArray[Any], labels: NDArray[np.integer]) -> float:
    """The temperature, 0.1..10, that gives these predictions the smallest mean cross-entropy.

    Above 1, the predictions were overconfident; below 1, they were not confident enough.

    probabilities: (n, classes), 0..1, at temperature 1. labels: (n,).
    """
    from scipy.optimize import minimize_scalar  # takes 0.4 s to import, and only training needs it

    logits = np.log(probabilities.astype(np.float64).clip(SMALLEST, 1))
    rows = np.arange(len(labels))

    def cross_entropy(inverse: float) -> float:
        scaled = logits * inverse
        largest = scaled.max(axis=1, keepdims=True)
        return float((np.log(np.exp(scaled - largest).sum(axis=1)) + largest[:, 0] - scaled[rows, labels]).mean())

    # The cross-entropy is convex in the inverse of the temperature, so a bounded search finds the minimum.
    found = minimize_scalar(cross_entropy, bounds=(1 / HOTTEST, 1 / COLDEST), method="bounded", options={"xatol": 1e-5})
    return float(1 / found.x)


def at_temperature(probabilities: NDArray[Any], temperature: float) -> NDArray[np.float64]:
    """The probabilities, (n, classes), that result from dividing the logits behind them by the temperature."""
    powers = probabilities.astype(np.float64).clip(SMALLEST, 1) ** (1 / temperature)
    result: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return result


def fold_temperature(weights: list[NDArray[np.float32]], temperature: float) -> list[NDArray[np.float32]]:
    """A network's weights with the temperature folded into the last kernel and bias, which produce the logits."""
    return [*weights[:-2], *(weight / np.float32(temperature) for weight in weights[-2:])]

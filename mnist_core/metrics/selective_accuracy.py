"""Selective accuracy: how accurate a model is when it leaves out the digits about which it is least confident.

    >>> probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4]])
    >>> curve = selective_accuracy_curve(probabilities, np.array([0, 0, 1]))
    >>> [(round(point.answered, 2), round(point.accuracy, 2)) for point in curve]
    [(0.33, 1.0), (0.67, 1.0), (1.0, 0.67)]

In the literature, this is the risk-coverage curve (R. El-Yaniv and Y. Wiener, "On the foundations of noise-free
selective classification", 2010).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 1e-12
"""Fractions that differ by less than this are equal: rounding errors do not move a point of the curve."""


@dataclass(frozen=True)
class SelectiveAccuracy:
    """The accuracy if only predictions with at least this confidence are answered.

    answered: fraction of the digits that are answered. accuracy: on those. Both and confidence are in 0..1.
    incorrect: how many of the answers are incorrect.
    """

    answered: float
    accuracy: float
    confidence: float
    incorrect: int


def selective_accuracy_curve(
    probabilities: NDArray[np.floating[Any]], labels: NDArray[np.integer]
) -> list[SelectiveAccuracy]:
    """One point for each confidence that occurs, the highest first. Predictions of equal confidence share a point.

    probabilities: (n, classes), 0..1. labels: (n,). Without any predictions, the curve is empty.
    """
    confidence = probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    confidence = confidence[order]
    incorrect = np.cumsum((probabilities.argmax(axis=1) != labels)[order])
    last = np.flatnonzero(np.append(confidence[1:] != confidence[:-1], True)) if len(order) else np.array([], np.intp)
    return [
        SelectiveAccuracy(
            answered=float((place + 1) / len(order)),
            accuracy=float(1 - incorrect[place] / (place + 1)),
            confidence=float(confidence[place]),
            incorrect=int(incorrect[place]),
        )
        for place in last
    ]


def accuracy_at(curve: Sequence[SelectiveAccuracy], answered: float) -> SelectiveAccuracy:
    """The first point of the curve at which at least this fraction, 0..1, is answered."""
    return next(point for point in curve if point.answered >= answered - TOLERANCE)


def thinned(curve: Sequence[SelectiveAccuracy], fractions: Sequence[float]) -> list[SelectiveAccuracy]:
    """The curve at these fractions answered. A chart of a few points is indistinguishable from one of thousands."""
    return [accuracy_at(curve, fraction) for fraction in fractions] if curve else []

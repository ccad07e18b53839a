"""Better to answer less: how accurate a model is when the digits it is least sure of are left out.

    >>> probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4]])
    >>> [(point.answered, point.accuracy) for point in coverage_curve(probabilities, np.array([0, 0, 1]))]
    [(0.3333333333333333, 1.0), (0.6666666666666666, 1.0), (1.0, 0.6666666666666667)]

Known as the risk-coverage curve: R. El-Yaniv and Y. Wiener, "On the foundations of noise-free selective classification", 2010.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class SelectiveAccuracy:
    """With every reading answered whose confidence is at least `confidence`: the share answered, and the accuracy on those; all in 0..1."""

    answered: float
    accuracy: float
    confidence: float
    incorrect: int


def selective_accuracy_curve(
    probabilities: NDArray[np.floating[Any]], labels: NDArray[np.integer]
) -> list[SelectiveAccuracy]:
    """A point for each confidence that occurs, the surest first; readings that are equally sure are answered together. No readings give no points."""
    confidence = probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    confidence = confidence[order]
    incorrect = np.cumsum((probabilities.argmax(axis=1) != labels)[order])
    last = np.flatnonzero(np.append(confidence[1:] != confidence[:-1], True)) if len(order) else np.array([], np.intp)
    return [
        SelectiveAccuracy(
            float((place + 1) / len(order)),
            float(1 - incorrect[place] / (place + 1)),
            float(confidence[place]),
            int(incorrect[place]),
        )
        for place in last
    ]


def accuracy_at(curve: Sequence[SelectiveAccuracy], answered: float) -> SelectiveAccuracy:
    """The first point of the curve at which at least that share is answered."""
    return next(point for point in curve if point.answered >= answered - 1e-12)


def thinned(curve: Sequence[SelectiveAccuracy], fractions: Sequence[float]) -> list[SelectiveAccuracy]:
    """The curve at these shares answered, for a chart: thousands of points look no different."""
    return [accuracy_at(curve, fraction) for fraction in fractions] if curve else []

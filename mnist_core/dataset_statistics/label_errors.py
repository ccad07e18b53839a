"""Labels that are likely wrong, by what several models read.

    >>> sure_of_2 = np.array([[0, 0, 1.0, 0, 0, 0, 0, 0, 0, 0]])
    >>> likely_mislabelled([sure_of_2, sure_of_2], np.array([7]))
    [Suspect(index=0, label=7, read=2, confidence=1.0)]

The models have never seen the test digits or their labels, so that their opinion counts as that of somebody else. C. G. Northcutt, A. Athalye,
J. Mueller, "Pervasive label errors in test sets", 2021, found labels in this way and had people look at them: of MNIST's test labels, they say,
some 0.15 % are wrong. What is listed here nobody has looked at; most of it is a digit that was written badly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class LabelError:
    """A digit that all models read alike, and not as its label says. confidence: 0..1, of the least sure model."""

    index: int
    label: int
    predicted: int
    confidence: float


def likely_mislabelled(
    probabilities: Sequence[NDArray[np.floating[Any]]], labels: NDArray[np.integer]
) -> list[LabelError]:
    """All suspects, the surest first. probabilities: (n, 10) of each model, at least one; labels: (n,)."""
    predicted = np.stack([each.argmax(axis=1) for each in probabilities])
    confidence = np.stack([each.max(axis=1) for each in probabilities]).min(axis=0)
    chosen = np.flatnonzero((predicted == predicted[0]).all(axis=0) & (predicted[0] != labels))
    chosen = chosen[np.argsort(-confidence[chosen], kind="stable")]
    return [
        LabelError(int(index), int(labels[index]), int(predicted[0, index]), float(confidence[index]))
        for index in chosen
    ]

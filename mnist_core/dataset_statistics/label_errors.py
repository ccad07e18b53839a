"""Find labels that are likely errors, from the predictions of several models.

    >>> certain_of_2 = np.array([[0, 0, 1.0, 0, 0, 0, 0, 0, 0, 0]])
    >>> likely_mislabelled([certain_of_2, certain_of_2], np.array([7]))
    [LabelError(index=0, label=7, predicted=2, confidence=1.0)]

The models have never seen the test digits or their labels, so their predictions are an independent opinion.
C. G. Northcutt, A. Athalye, J. Mueller, "Pervasive label errors in test sets", 2021, found label errors in this way and
had people check them: about 0.15 % of MNIST's test labels are errors. Nobody has checked the digits that this module
finds. Most of them are badly written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class LabelError:
    """A digit for which all models predict the same digit, but not its label.

    confidence: 0..1, of the least confident model.
    """

    index: int
    label: int
    predicted: int
    confidence: float


def likely_mislabelled(
    probabilities: Sequence[NDArray[np.floating[Any]]], labels: NDArray[np.integer]
) -> list[LabelError]:
    """All likely label errors, the most confident first.

    probabilities: (n, 10), 0..1, of each model, for at least one model. labels: (n,), 0..9.
    """
    predicted = np.stack([each.argmax(axis=1) for each in probabilities])
    confidence = np.stack([each.max(axis=1) for each in probabilities]).min(axis=0)
    chosen = np.flatnonzero((predicted == predicted[0]).all(axis=0) & (predicted[0] != labels))
    chosen = chosen[np.argsort(-confidence[chosen], kind="stable")]
    return [
        LabelError(
            index=int(index),
            label=int(labels[index]),
            predicted=int(predicted[0, index]),
            confidence=float(confidence[index]),
        )
        for index in chosen
    ]

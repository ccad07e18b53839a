"""May this be no digit at all? A number from 0, a plain digit, to 1, anything.

    >>> sure, anything = np.array([0.991] + [0.001] * 9), np.full(10, 0.1)
    >>> round(float(doubt(sure)), 2), round(float(doubt(anything)), 2)
    (0.03, 1.0)

Networks that only ever saw digits find one in everything, and are sure of it. The robust recipe shows marks that are no digits as well, with ten
equal probabilities as the answer; what a network then finds in a letter is spread over several digits. The entropy of its probabilities
says so better than the highest of them, and two networks asked together say so better than one: docs/robust.md has the figures.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

HIGH_ENTROPY_FRACTION = 0.005
"""Share of the validation digits above the threshold. It is the price in digits wrongly doubted that was chosen; pen files had no part in it."""


def normalised_entropy(*probabilities: NDArray[Any]) -> NDArray[np.float64]:
    """Entropy of the probabilities (..., 10), as a share of the largest possible one. Of several networks, the entropy of their mean."""
    mean = np.mean(np.asarray(probabilities, np.float64), axis=0)
    logarithms = np.log(mean, out=np.zeros_like(mean), where=mean > 0)
    entropy: NDArray[np.float64] = -(mean * logarithms).sum(axis=-1) / np.log(mean.shape[-1])
    return entropy


def fitted_threshold(probabilities: NDArray[Any], *, high_entropy_fraction: float = HIGH_ENTROPY_FRACTION) -> float:
    """The doubt that this share of a network's validation digits exceeds. probabilities: (n, 10), calibrated."""
    return float(np.quantile(normalised_entropy(probabilities), 1 - high_entropy_fraction))


def may_be_no_digit(probabilities: Sequence[Sequence[float]], thresholds: Sequence[float | None]) -> bool:
    """Whether several networks together leave that doubt; never if one of them has no threshold. Ten probabilities and a threshold for each."""
    threshold = common_threshold(thresholds)
    return (
        threshold is not None and float(normalised_entropy(*(np.asarray(each) for each in probabilities))) > threshold
    )


def common_threshold(thresholds: Sequence[float | None]) -> float | None:
    """For several networks asked together: the mean of their thresholds; None if one of them never learned what is no digit."""
    known = [threshold for threshold in thresholds if threshold is not None]
    return float(np.mean(known)) if known and len(known) == len(thresholds) else None

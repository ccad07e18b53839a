"""May a drawing be no digit at all? The normalised entropy of the probabilities tells: 0 is certain, 1 is anything.

    >>> certain, uncertain = np.array([0.991] + [0.001] * 9), np.full(10, 0.1)
    >>> round(float(normalised_entropy(certain)), 2), round(float(normalised_entropy(uncertain)), 2)
    (0.03, 1.0)

A network that was trained on digits alone finds a digit in everything and is confident about it. The robust recipe also
trains with letters and symbols, for which the correct answer is ten equal probabilities. The entropy then recognises
such drawings better than the highest probability does, and two networks together recognise them better than one.
docs/robust.md has the figures.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

HIGH_ENTROPY_FRACTION = 0.005
"""Fraction of the validation digits above the threshold.

These digits are called uncertain although they are digits. The value was chosen without the pen digits.
"""


def normalised_entropy(*probabilities: NDArray[Any]) -> NDArray[np.float64]:
    """Entropy of the probabilities, divided by the largest possible entropy: 0..1.

    For several networks, this is the entropy of their mean probabilities.

    probabilities: (..., 10) of each network. The result has the shape (...).
    """
    mean = np.mean(np.asarray(probabilities, np.float64), axis=0)
    logarithms = np.log(mean, out=np.zeros_like(mean), where=mean > 0)
    entropy: NDArray[np.float64] = -(mean * logarithms).sum(axis=-1) / np.log(mean.shape[-1])
    return entropy


def fitted_threshold(probabilities: NDArray[Any], *, high_entropy_fraction: float = HIGH_ENTROPY_FRACTION) -> float:
    """The normalised entropy that only this fraction of the validation digits exceeds.

    probabilities: (n, 10), calibrated, of the validation digits.
    """
    return float(np.quantile(normalised_entropy(probabilities), 1 - high_entropy_fraction))


def may_be_no_digit(probabilities: Sequence[Sequence[float]], thresholds: Sequence[float | None]) -> bool:
    """Whether several networks together are so uncertain that the drawing may be no digit.

    probabilities, thresholds: ten probabilities and a threshold for each network. If one of the networks has no
    threshold, the answer is False.
    """
    threshold = common_threshold(thresholds)
    if threshold is None:
        return False
    return float(normalised_entropy(*(np.asarray(each) for each in probabilities))) > threshold


def common_threshold(thresholds: Sequence[float | None]) -> float | None:
    """The threshold for several networks together: the mean, or None if one network was not trained to have one."""
    known = [threshold for threshold in thresholds if threshold is not None]
    return float(np.mean(known)) if known and len(known) == len(thresholds) else None

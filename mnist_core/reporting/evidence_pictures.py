"""Pictures of evidence maps and of changed digits, in colours that are those of no model.

    >>> digit = np.zeros((28, 28), np.float32)
    >>> evidence_picture(digit, digit, full=1.0).shape
    (28, 28, 3)

Ink is light and paper dark, whatever counts. Green speaks for the answer and pink against it. The two differ in
lightness as well, for people who do not see them as different colours. All pictures have the black ground of digits,
so they are the same in both themes.
"""

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.preprocessing import Digit
from mnist_core.models.network import Array

FOR, AGAINST = "#35c46f", "#f0569f"
"""Full evidence on ink."""

PAPER_FOR, PAPER_AGAINST = "#14783f", "#a01a63"
"""Full evidence on empty paper."""

INK, PAPER = "#d9dce1", "#0b0d11"
"""What does not count."""

ADDED, ERASED = "#ffe14d", "#7d5fd0"
"""Ink that was added, and ink that was taken away."""

Picture = NDArray[np.uint8]


def evidence_picture(digit: Digit, evidence: Array, *, full: float) -> Picture:
    """The digit in the colours of its evidence, (28, 28, 3) uint8.

    digit: (28, 28) in 0..1. evidence: (28, 28), above 0 for the answer. full: the evidence that has the full colour.
    """
    strength = np.clip(np.abs(evidence) / max(full, 1e-12), 0, 1)[:, :, None] ** 0.6  # weak evidence stays visible
    is_for = (evidence > 0)[:, :, None]
    on_ink = _mixed(_rgb(INK), np.where(is_for, _rgb(FOR), _rgb(AGAINST)), strength)
    on_paper = _mixed(_rgb(PAPER), np.where(is_for, _rgb(PAPER_FOR), _rgb(PAPER_AGAINST)), strength)
    return _bytes(_mixed(on_paper, on_ink, digit[:, :, None]))


def full_colour(maps: list[Array]) -> float:
    """The evidence that has the full colour in all of these maps: the largest but for one pixel in a hundred."""
    return max((float(np.quantile(np.abs(each), 0.99)) for each in maps), default=0.0)


def change_picture(digit: Digit, changed: Digit) -> Picture:
    """A changed digit in which added and erased ink have colours, (28, 28, 3) uint8. Both digits: (28, 28) in 0..1."""
    kept = np.minimum(digit, changed)[:, :, None]
    added = np.maximum(changed - digit, 0)[:, :, None]
    erased = np.maximum(digit - changed, 0)[:, :, None]
    picture = _mixed(_rgb(PAPER), _rgb("#f4f6f8"), kept)
    picture = _mixed(picture, _rgb(ADDED), np.where(added > 0.05, np.maximum(added, kept * 0.8), 0))
    return _bytes(_mixed(picture, _rgb(ERASED), np.where(erased > 0.05, np.maximum(erased, 0.35), 0)))


def _rgb(colour: str) -> NDArray[np.float64]:
    """Red, green and blue, 0..255, of a colour such as '#35c46f'."""
    return np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)], np.float64)


def _mixed(one: NDArray[np.float64], other: NDArray[np.float64], share: NDArray[np.floating]) -> NDArray[np.float64]:
    mixed: NDArray[np.float64] = one + (other - one) * share
    return mixed


def _bytes(picture: NDArray[np.float64]) -> Picture:
    return np.rint(picture).clip(0, 255).astype(np.uint8)

"""Measure the features of digits: ink, slant, aspect and stroke width.

    >>> bar = np.zeros((1, 28, 28), np.float32)
    >>> bar[0, 4:24, 12:16] = 1                       # upright, 20 high and 4 wide
    >>> [round(abs(float(value)), 2) for value in measured(bar)[0]]
    [0.1, 0.0, 0.2, 3.75]

The ends of a stroke make its mean width a little smaller than 4.

Slant is the shear that makes the second mixed moment vanish, arctan of mu11 / mu02 (M.-K. Hu, "Visual pattern
recognition by moment invariants", 1962). MNIST's digits are commonly deslanted by it. Stroke width comes from the
Euclidean distance transform, which is the distance from each point of ink to the paper. Across a stroke of width w, it
rises from 0 to w/2 and falls again, so that its mean is w/4.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.checks import SIDE, checked_digits

FINENESS = 2
"""Factor by which a digit is enlarged before its stroke width is measured.

The soft edges tell where the outline is, more precisely than a pixel.
"""

CHUNK = 1000
"""Number of digits that are enlarged at once. They take about 25 MB."""


@dataclass(frozen=True)
class Feature:
    """A feature and how to show it.

    name: also used in links. unit: with a leading space if it needs one. low, high: the range in charts.
    low_word, high_word: for digits at either end; the gallery's orders have these names. text: an explanation.
    factor: from the measured value to the value shown. decimals: shown after the decimal point.
    """

    name: str
    unit: str
    low: float
    high: float
    low_word: str
    high_word: str
    text: str
    factor: float = 1.0
    decimals: int = 1

    def shown(self, value: float) -> str:
        """A value as text, with its unit."""
        rounded = round(value * self.factor, self.decimals) + 0.0  # no −0
        return f"{rounded:.{self.decimals}f}{self.unit}".replace("-", "−")


FEATURES = (
    Feature(
        "Ink",
        " %",
        0.0,
        0.3,
        "Least ink",
        "Most ink",
        "Fraction of the 28 × 28 field that is inked; grey counts in part.",
        factor=100,
    ),
    Feature(
        "Slant",
        "°",
        -45.0,
        60.0,
        "Leaning left",
        "Leaning right",
        "How far the digit leans to the right, by its moments; upright is 0°.",
        decimals=0,
    ),
    Feature(
        "Aspect",
        "",
        0.1,
        1.6,
        "Narrowest",
        "Widest",
        "Width of the ink divided by its height: 1 is as wide as high.",
        decimals=2,
    ),
    Feature(
        "Stroke width",
        " px",
        1.0,
        6.0,
        "Thinnest stroke",
        "Thickest stroke",
        "Mean width of the pen's line, in pixels of the 28 × 28 field.",
    ),
)
"""In the order of the columns of `measured`."""


def measured(digits: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """The features of digits, (n, 4): ink 0..1, slant in degrees, aspect, stroke width in pixels.

    digits: (n, 28, 28) in 0..1. A digit without ink has 0 for each feature.
    Raises PictureError for another shape or range.
    """
    digits = checked_digits(digits)
    columns = (digits.mean(axis=(1, 2)), slants(digits), aspects(digits), stroke_widths(digits))
    return np.stack(columns, axis=1).astype(np.float32)


def slants(digits: NDArray[np.float32]) -> NDArray[np.float64]:
    """The slant of digits (n, 28, 28): (n,) degrees, positive to the right."""
    mass = digits.sum(axis=(1, 2), dtype=np.float64).clip(1e-9)
    place = np.arange(SIDE, dtype=np.float64)
    rows, columns = digits.sum(axis=2, dtype=np.float64), digits.sum(axis=1, dtype=np.float64)
    middle_y, middle_x = rows @ place / mass, columns @ place / mass
    mixed = np.einsum("nyx,y,x->n", digits, place, place, optimize=True) / mass - middle_y * middle_x
    upright = rows @ place**2 / mass - middle_y**2
    # 1/12 is the moment of one pixel row: with it, a line of a single row has no slant. Rows are counted downwards,
    # hence the sign.
    angles: NDArray[np.float64] = np.degrees(np.arctan2(-mixed, upright + 1 / 12))
    return np.where(mass > 1e-9, angles, 0.0)


def aspects(digits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Width by height of the ink of digits (n, 28, 28): (n,).

    A row or column at the soft edge counts in part, as much as its darkest pixel is inked.
    """
    widths = digits.max(axis=1).sum(axis=1, dtype=np.float64)
    heights = digits.max(axis=2).sum(axis=1, dtype=np.float64)
    ratio: NDArray[np.float64] = widths / heights.clip(1e-9)
    return ratio


def stroke_widths(digits: NDArray[np.float32]) -> NDArray[np.float64]:
    """The mean stroke width of digits (n, 28, 28): (n,) pixels, four times the mean distance from ink to paper.

    The ends of strokes make it a little smaller, crossings make it a little larger.
    """
    from scipy.ndimage import distance_transform_edt  # takes 0.3 s to import, and only this function needs it

    finer = _enlarging(SIDE, FINENESS)
    widths = np.zeros(len(digits))
    for start in range(0, len(digits), CHUNK):
        part = digits[start : start + CHUNK]
        # The outline is at half of the digit's own full ink, so that pale digits are not thin.
        ink = finer @ part @ finer.T > part.max(axis=(1, 2), keepdims=True) / 2
        # Digits are so far apart along the first axis that no distance between two of them is the smallest.
        distance = distance_transform_edt(np.pad(ink, ((0, 0), (1, 1), (1, 1))), sampling=(1e6, 1, 1))[:, 1:-1, 1:-1]
        area = ink.sum(axis=(1, 2))
        # Distances are between the middles of pixels. The outline is half a pixel before the first pixel of paper.
        widths[start : start + len(part)] = 4 * (distance.sum(axis=(1, 2)) - area / 2) / area.clip(1) / FINENESS
    return widths


def _enlarging(side: int, times: int) -> NDArray[np.float32]:
    """A matrix (side * times, side) for linear interpolation between the middles of pixels."""
    places = ((np.arange(side * times) + 0.5) / times - 0.5).clip(0, side - 1)
    weights: NDArray[np.float64] = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(side)))
    return weights.astype(np.float32)

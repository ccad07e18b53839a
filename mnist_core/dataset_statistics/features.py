"""What can be measured of a digit: ink, slant, aspect and stroke width.

    >>> bar = np.zeros((1, 28, 28), np.float32)
    >>> bar[0, 4:24, 12:16] = 1                       # upright, 20 high and 4 wide
    >>> [round(float(value), 2) for value in measured(bar)[0]]
    [0.1, 0.0, 0.2, 3.75]

(The ends of a stroke make its mean width a little smaller than 4.)

Sources. Slant: the shear that makes the second mixed moment vanish, arctan of mu11 / mu02 (moments: M.-K. Hu, "Visual pattern recognition by
moment invariants", 1962); MNIST's digits are commonly deslanted by it. Stroke width: the Euclidean distance transform, which tells each point of ink
how far the paper is. Across a stroke of width w it rises from 0 to w/2 and falls again, so that its mean is w/4.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.preprocessing import SIDE

FINENESS = 2
"""A digit is enlarged this many times before its stroke width is measured: its soft edges say where the outline is, finer than a pixel."""

CHUNK = 1000
"""Digits that are enlarged at once: some 25 MB."""


@dataclass(frozen=True)
class Feature:
    """One measure. name: in links. unit: with a leading space. low, high: the range that charts show. text: what it is, in a sentence.

    low_word, high_word: for what lies at its ends; orders of the gallery are called so. factor: from the measure to the unit shown. decimals: shown.
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
        """With its unit, for people."""
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
        "Share of the 28 × 28 field that is inked; grey counts in part.",
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
    """(n, 4): ink 0..1, slant in degrees, aspect, stroke width in pixels, of digits (n, 28, 28) in 0..1. A digit without ink measures 0 in all."""
    digits = np.asarray(digits, np.float32).reshape(-1, SIDE, SIDE)
    columns = (digits.mean(axis=(1, 2)), slants(digits), aspects(digits), stroke_widths(digits))
    return np.stack(columns, axis=1).astype(np.float32)


def slants(digits: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n,) degrees, positive to the right."""
    mass = digits.sum(axis=(1, 2), dtype=np.float64).clip(1e-9)
    place = np.arange(SIDE, dtype=np.float64)
    rows, columns = digits.sum(axis=2, dtype=np.float64), digits.sum(axis=1, dtype=np.float64)
    middle_y, middle_x = rows @ place / mass, columns @ place / mass
    mixed = np.einsum("nyx,y,x->n", digits, place, place, optimize=True) / mass - middle_y * middle_x
    upright = rows @ place**2 / mass - middle_y**2
    # A pixel row counts as one high: a line of one row has no slant, instead of any. Rows are counted downwards, hence the sign.
    angles: NDArray[np.float64] = np.degrees(np.arctan2(-mixed, upright + 1 / 12))
    return np.where(mass > 1e-9, angles, 0.0)


def aspects(digits: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n,): the columns that hold ink by the rows that do. One at the soft edge counts as far as its darkest pixel is inked, finer than a pixel."""
    ratio: NDArray[np.float64] = digits.max(axis=1).sum(axis=1, dtype=np.float64) / digits.max(axis=2).sum(
        axis=1, dtype=np.float64
    ).clip(1e-9)
    return ratio


def stroke_widths(digits: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n,) pixels: four times the mean distance from ink to paper. The ends of strokes make it a little smaller, crossings a little larger."""
    from scipy.ndimage import distance_transform_edt  # some tenths of a second to import; only this needs it

    finer = _enlarging(SIDE, FINENESS)
    widths = np.zeros(len(digits))
    for start in range(0, len(digits), CHUNK):
        part = digits[start : start + CHUNK]
        # The outline is where half of the digit's own full ink is reached: pale digits are not thin.
        ink = finer @ part @ finer.T > part.max(axis=(1, 2), keepdims=True) / 2
        # Digits lie apart along the first axis, so far that no distance is measured between them.
        distance = distance_transform_edt(np.pad(ink, ((0, 0), (1, 1), (1, 1))), sampling=(1e6, 1, 1))[:, 1:-1, 1:-1]
        area = ink.sum(axis=(1, 2))
        # Distances are between the middles of pixels; the outline lies half a pixel before the first paper.
        widths[start : start + len(part)] = 4 * (distance.sum(axis=(1, 2)) - area / 2) / area.clip(1) / FINENESS
    return widths


def _enlarging(side: int, times: int) -> NDArray[np.float32]:
    """(side * times, side): linear interpolation between the middles of pixels."""
    places = ((np.arange(side * times) + 0.5) / times - 0.5).clip(0, side - 1)
    weights: NDArray[np.float64] = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(side)))
    return weights.astype(np.float32)

"""How alike the activations of a layer are before and after its digit is moved.

    >>> digit = np.zeros((28, 28), np.float32)
    >>> digit[4:24, 13:15] = 1
    >>> moved = moved_right(digit, 4)
    >>> round(alike(digit, moved), 2), alike(moved_right(digit, 4), moved)
    (-0.05, 1.0)

A convolution does the same everywhere, so its maps move along with the digit. A map with one cell for each s pixels
moves by the digit's pixels divided by s. Where that is no whole number of cells, the moved map lies between two
positions, and the maps of the moved digit need not be alike: pooling reads other squares.
"""

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.preprocessing import Digit


def moved_right(maps: Digit, cells: float) -> Digit:
    """(height, width, ...) moved to the right. What comes in is 0, and what leaves is lost.

    cells: below 0, to the left. A fraction of a cell mixes the two neighbouring positions, each by its share.
    """
    if cells < 0:
        mirrored: Digit = moved_right(maps[:, ::-1], -cells)[:, ::-1]
        return mirrored
    whole, fraction = int(cells), cells - int(cells)
    result: Digit = ((1 - fraction) * _moved(maps, whole) + fraction * _moved(maps, whole + 1)).astype(np.float32)
    return result


def _moved(maps: Digit, cells: int) -> Digit:
    result = np.zeros_like(maps)
    width = maps.shape[1]
    if cells < width:
        result[:, cells:] = maps[:, : width - cells]
    return result


def alike(before: NDArray[np.float32], after: NDArray[np.float32]) -> float:
    """Pearson's correlation over all cells of two arrays of one shape: 1 for equal ones, about 0 for unrelated ones.

    It is 0 where one of the two is the same everywhere, because nothing varies there.
    """
    first, second = before.astype(np.float64).ravel(), after.astype(np.float64).ravel()
    first, second = first - first.mean(), second - second.mean()
    size = np.sqrt((first @ first) * (second @ second))
    return float(first @ second / size) if size else 0.0

"""Random distortion of training digits, so that each one appears as another person might have written it.

    >>> import numpy as np
    >>> digits = np.zeros((2, 28, 28), np.float32)
    >>> digits[:, 4:24, 13:15] = 1                                   # two ones
    >>> distorted = augment(digits, random=np.random.default_rng(0))
    >>> distorted.shape, distorted.dtype, bool((distorted[0] != distorted[1]).any())
    ((2, 28, 28), dtype('float32'), True)

One smooth random warp shifts, rotates, slants, stretches and bends a digit. The picture is resampled only once, because
each resampling blurs it. The elastic bending follows P. Simard, D. Steinkraus, J. Platt, "Best practices for
convolutional neural networks applied to visual document analysis", 2003. Then the pen changes: strokes become broader
or thinner, ink becomes stronger or weaker, and some digits lose a spot.

NumPy does this in small parts that stay in the processor's cache. The 55,000 digits of an epoch take about 1.3 s on one
core.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.preprocessing import CENTRE, SIDE

PART = 256
"""Digits that are distorted at a time. Their coordinates fit into the cache of one core."""

BEND_WIDTH = 4.0
"""The standard deviation, in pixels, of the bell curves that make up elastic bending. It is Simard's sigma for 28x28
pixels."""

BEND_KNOTS = 7
"""The number of bell curves along each side."""

PADDING = 1
"""Blank pixels before each row and column, and twice as many after it, so that sampling outside the digit gives
paper."""


@dataclass(frozen=True)
class Augmentation:
    """How much a digit may be changed. Each amount is drawn anew for each digit.

    The first six are standard deviations of normal distributions, which are cut off at 2.5 standard deviations:
    rotation: degrees. slant: as a fraction of the height. size: natural logarithm of a factor. stretch: natural
    logarithm of width over height.
    shift, bend: pixels.
    pen: 1 makes each stroke a pixel broader on each side at most, or 60 % of that thinner. The amount is uniform
    between the two.
    ink: natural logarithm of the largest factor on the ink. The smallest has minus 60 % of it. The logarithm is uniform
    between the two.
    spots: the fraction of the digits that lose a spot of 3 to 6 pixels.
    """

    rotation: float = 7.0
    slant: float = 0.12
    size: float = 0.06
    stretch: float = 0.09
    shift: float = 0.8
    bend: float = 0.9
    pen: float = 0.6
    ink: float = 0.35
    spots: float = 0.10


DEFAULT = Augmentation()


def augment(
    digits: NDArray[np.uint8] | NDArray[np.float32],
    *,
    random: np.random.Generator,
    strength: float = 1.0,
    amounts: Augmentation = DEFAULT,
    before_each_part: Callable[[], None] = lambda: None,
) -> NDArray[np.float32]:
    """Distort each digit at random. Returns (n, 28, 28) float32 in 0..1. The same random state gives the same digits.

    digits: (n, 28, 28), float32 in 0..1 or uint8 in 0..255; they are not changed.
    strength: a factor on all amounts. With 0 the digits come back as they are.
    before_each_part: called every few hundred digits. It may raise an exception to end the work.
    """
    result = np.empty((len(digits), SIDE, SIDE), np.float32)
    for start in range(0, len(digits), PART):
        before_each_part()
        part = digits[start : start + PART]
        ink = part.astype(np.float32) * np.float32(1 / 255 if part.dtype == np.uint8 else 1)
        if strength > 0:
            ink = _warped(ink, random, strength, amounts)
            _write_with_another_pen(ink, random, strength, amounts)
            _take_spots(ink, random, strength, amounts)
        result[start : start + PART] = ink
    return result


def _warped(
    ink: NDArray[np.float32], random: np.random.Generator, strength: float, amounts: Augmentation
) -> NDArray[np.float32]:
    """Each digit after a smooth warp of its own, (n, 28, 28)."""
    x, y = (coefficients @ _basis() for coefficients in _warp_coefficients(len(ink), random, strength, amounts))
    padded = np.zeros((len(ink), SIDE + 3 * PADDING, SIDE + 3 * PADDING), np.float32)
    padded[:, PADDING : PADDING + SIDE, PADDING : PADDING + SIDE] = ink
    return _sampled(padded, x, y).reshape(ink.shape)


def _warp_coefficients(
    count: int, random: np.random.Generator, strength: float, amounts: Augmentation
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The weights of the functions of `_basis`, for x and for y, each (count, functions) float32.

    The weighted sum of the functions is the place that a pixel is sampled from.
    """

    def normal(deviation: float, *shape: int) -> NDArray[np.float64]:
        return random.normal(0, 1, (count, *shape)).clip(-2.5, 2.5) * (deviation * strength)

    angle, slant = normal(np.radians(amounts.rotation)), normal(amounts.slant)
    size, stretch = normal(amounts.size), normal(amounts.stretch)
    wide, high = np.exp(size + stretch / 2), np.exp(size - stretch / 2)
    cos, sin = np.cos(angle), np.sin(angle)
    shift = normal(amounts.shift, 2) + CENTRE + PADDING
    bend = normal(amounts.bend, 2, BEND_KNOTS**2)
    # A rotation times a shear along x, then the two scales.
    x = np.column_stack([shift[:, 0], wide * cos, wide * (slant * cos - sin), bend[:, 0]])
    y = np.column_stack([shift[:, 1], high * sin, high * (slant * sin + cos), bend[:, 1]])
    return x.astype(np.float32), y.astype(np.float32)


@cache
def _basis() -> NDArray[np.float32]:
    """Functions of the pixels, (functions, 784) float32: 1, x and y from the centre, and bell curves.

    The bell curves are scaled so that their sum with random weights of variance 1 has a variance of 1 on average.
    """
    rows, columns = np.mgrid[:SIDE, :SIDE].reshape(2, 1, -1) - CENTRE
    knots = np.linspace(0, SIDE - 1, BEND_KNOTS) - CENTRE
    knot_rows, knot_columns = (axis.reshape(-1, 1) for axis in np.meshgrid(knots, knots, indexing="ij"))
    bells = np.exp(-((rows - knot_rows) ** 2 + (columns - knot_columns) ** 2) / (2 * BEND_WIDTH**2))
    bells /= np.sqrt((bells**2).sum(axis=0)).mean()
    return np.vstack([np.ones_like(rows), columns, rows, bells]).astype(np.float32)


def _sampled(padded: NDArray[np.float32], x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    """The pictures sampled by bilinear interpolation, (n, 784).

    padded: (n, side, side). x, y: (n, 784), places in padded pixels; both are overwritten. Places outside are moved to
    the border.
    """
    side = padded.shape[1]
    for place in (x, y):
        np.clip(place, 0, side - 2, out=place)
    left, top = x.astype(np.intp), y.astype(np.intp)
    x -= left
    y -= top
    top *= side
    top += left
    top += (np.arange(len(padded)) * side * side)[:, np.newaxis]
    flat = padded.reshape(-1)

    def row(below: int) -> NDArray[np.float32]:
        # A view that begins later has the neighbour at the same index.
        first, second = flat[below * side :].take(top, mode="clip"), flat[below * side + 1 :].take(top, mode="clip")
        second -= first
        second *= x
        second += first
        return second

    upper, lower = row(0), row(1)
    lower -= upper
    lower *= y
    lower += upper
    return lower


def _write_with_another_pen(
    ink: NDArray[np.float32], random: np.random.Generator, strength: float, amounts: Augmentation
) -> None:
    """Make strokes broader or thinner, then ink stronger or weaker, in place.

    A broader pen moves each pixel towards the maximum of its neighbours, a thinner pen towards the minimum.
    """
    fraction = (
        (random.uniform(-0.6, 1, len(ink)) * amounts.pen * strength)
        .clip(-1, 1)
        .astype(np.float32)[:, np.newaxis, np.newaxis]
    )
    for chosen, extreme in ((fraction[:, 0, 0] > 0, np.maximum), (fraction[:, 0, 0] < 0, np.minimum)):
        before = ink[chosen]
        other = before.copy()
        for here, there in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[:, :, 1:], np.s_[:, :, :-1])):
            extreme(other[here], before[there], out=other[here])
            extreme(other[there], before[here], out=other[there])
        other -= before
        other *= np.abs(fraction[chosen])
        other += before
        ink[chosen] = other
    ink *= np.exp(random.uniform(-0.6, 1, (len(ink), 1, 1)) * amounts.ink * strength).astype(np.float32)
    np.minimum(ink, 1, out=ink)


def _take_spots(ink: NDArray[np.float32], random: np.random.Generator, strength: float, amounts: Augmentation) -> None:
    """Remove the ink in a square from some digits, in place."""
    for index in np.flatnonzero(random.random(len(ink)) < amounts.spots * strength):
        size = random.integers(3, 7)
        row, column = random.integers(4, SIDE - 4 - size, 2)
        ink[index, row : row + size, column : column + size] = 0

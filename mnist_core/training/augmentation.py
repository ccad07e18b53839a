"""What training may do to a digit: bend it a little, as another hand would have written it.

    >>> import numpy as np
    >>> digits = np.zeros((2, 28, 28), np.float32)
    >>> digits[:, 4:24, 13:15] = 1                                   # two ones
    >>> bent = augment(digits, random=np.random.default_rng(0))
    >>> bent.shape, bent.dtype, bool((bent[0] != bent[1]).any())
    ((2, 28, 28), dtype('float32'), True)

Each digit is moved, turned, slanted, stretched and bent by one smooth random warp, in a single bilinear resampling: repeated resampling
would blur it. Elastic bending after Simard, Steinkraus, Platt, "Best practices for convolutional neural networks applied to visual document
analysis", 2003. Then the pen: broader or thinner strokes, fainter or fuller ink, a spot without ink. NumPy alone, in small parts that stay in
the processor's cache: about 1.3 s on one core for the 55,000 digits of an epoch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.preprocessing import CENTRE, SIDE

PART = 256
"""Digits warped at a time: their coordinates fit into the cache of one core."""

BEND_WIDTH = 4.0
"""Standard deviation, in pixels, of the bell curves that elastic bending is made of: Simard's sigma for 28x28."""

BEND_KNOTS = 7
"""Bell curves along each side."""

PADDING = 1
"""Blank pixels before each row and column, and twice as many behind, so that sampling outside of the digit reads paper."""


@dataclass(frozen=True)
class Augmentation:
    """How far a digit may be changed; every amount is drawn for each digit on its own.

    rotation, degrees; slant, as a share of the height; size and stretch (width against height), as natural logarithms; shift, pixels;
    bend, pixels: standard deviations of normal distributions, cut at 2.5 of them.
    pen: largest share of the way to a stroke that is a pixel broader on each side, or thinner (uniform; to 60 % of it for thinner).
    ink: how much fuller at most, as a natural logarithm (uniform; to 60 % of it for fainter).
    spots: share of the digits that lose the ink in a spot of 3 to 6 pixels.
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
    go_on: Callable[[], None] = lambda: None,
) -> NDArray[np.float32]:
    """Each digit as another hand might have written it; (n, 28, 28) float32 in 0..1. Same random state, same digits.

    digits: (n, 28, 28), float32 in 0..1 or uint8 in 0..255. strength: factor on all amounts; at 0 the digits come back as they are.
    go_on: called every few hundred digits; it may raise to end the work.
    """
    result = np.empty((len(digits), SIDE, SIDE), np.float32)
    for start in range(0, len(digits), PART):
        go_on()
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
    """Every digit through its own smooth warp, (n, 28, 28)."""
    x, y = (coefficients @ _basis() for coefficients in _warp_coefficients(len(ink), random, strength, amounts))
    padded = np.zeros((len(ink), SIDE + 3 * PADDING, SIDE + 3 * PADDING), np.float32)
    padded[:, PADDING : PADDING + SIDE, PADDING : PADDING + SIDE] = ink
    return _sampled(padded, x, y).reshape(ink.shape)


def _warp_coefficients(
    count: int, random: np.random.Generator, strength: float, amounts: Augmentation
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """For x and for y, (count, functions) float32: what to take of each function of `_basis` for the place that a pixel is read from."""

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
    """(functions, 784) float32 over the pixels: 1, x and y from the centre, and bell curves, scaled to a mean square of 1 for random weights."""
    rows, columns = np.mgrid[:SIDE, :SIDE].reshape(2, 1, -1) - CENTRE
    knots = np.linspace(0, SIDE - 1, BEND_KNOTS) - CENTRE
    knot_rows, knot_columns = (axis.reshape(-1, 1) for axis in np.meshgrid(knots, knots, indexing="ij"))
    bells = np.exp(-((rows - knot_rows) ** 2 + (columns - knot_columns) ** 2) / (2 * BEND_WIDTH**2))
    bells /= np.sqrt((bells**2).sum(axis=0)).mean()
    return np.vstack([np.ones_like(rows), columns, rows, bells]).astype(np.float32)


def _sampled(padded: NDArray[np.float32], x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 784): `padded` (n, side, side) read at x and y (n, 784), in padded pixels, by bilinear interpolation. Outside is paper."""
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
        # A view that begins later reads the neighbour at the same index.
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
    """Broader or thinner strokes, then fuller or fainter ink, in place. A broader pen is the maximum over a pixel's neighbours, a thinner one the minimum."""
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
    """A square without ink, in place, in some digits."""
    for index in np.flatnonzero(random.random(len(ink)) < amounts.spots * strength):
        size = random.integers(3, 7)
        row, column = random.integers(4, SIDE - 4 - size, 2)
        ink[index, row : row + size, column : column + size] = 0

"""The parts of a digit, such as the bar at the top of a 7, and what a model predicts without each of them.

    >>> digit = np.zeros((28, 28), np.float32)
    >>> digit[5:8, 7:21] = 1     # the bar of a 7
    >>> digit[8:24, 18:21] = 1   # and its stem
    >>> [part.name for part in parts_of(digit)]
    ['the bar at the top', 'the upright on the right']

A part is connected ink that runs in one direction: level, upright, or slanted one way or the other. So a bend or a
corner begins a new part.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mnist_core.data.preprocessing import Digit
from mnist_core.models.network import Array

INK = 0.3
"""Pixels with at least this much ink have a direction. Paler ones go with the nearest part."""

SMALLEST = 8
"""Pixels of the smallest part. Smaller pieces belong to the part beside them."""

LARGEST_FRACTION = 0.6
"""A part with more than this fraction of the ink is cut in two: without it, there would hardly be a digit."""

BEND = 1.3
"""A level part whose ink lies farther from its line, in pixels (root mean square), is an arc, not a bar."""

LONG = 8
"""Pixels along its direction from which a part is called a bar or a stroke. Shorter ones are bends and pieces."""

LEVEL, RISING, UPRIGHT, FALLING = range(4)
"""Directions of a part, each an eighth of a turn from the next."""


@dataclass(frozen=True, eq=False)
class Part:
    """One part of a digit. name: in plain words, with its place. inked: (28, 28) bool, its pixels. is_long: whether it
    is a bar, an arc or a stroke; others are short bends and pieces, which people find hard to point at.
    """

    name: str
    inked: NDArray[np.bool_]
    is_long: bool


@dataclass(frozen=True, eq=False)
class WithoutPart:
    """What a model predicts without one part.

    part: what is erased. digit: (28, 28), what is left. answer, rest: the predictions with the part and without it,
    0..9. before, after: the probability of `answer` with the part and without it. rest_probability: of `rest`.
    """

    part: Part
    digit: Digit
    answer: int
    rest: int
    before: float
    after: float
    rest_probability: float

    @property
    def changes(self) -> bool:
        """Whether the model predicts another digit without the part."""
        return self.rest != self.answer


def parts_of(digit: Digit) -> list[Part]:
    """The parts from top to bottom; none for an empty digit. digit: (28, 28) float32 in 0..1."""
    if not (digit >= INK).any():
        return []
    directions = _directions(digit)
    labels, count = np.zeros(digit.shape, int), 0
    for direction in range(4):
        found, number = ndimage.label((directions == direction) & (digit >= INK), np.ones((3, 3)))
        labels[found > 0] = found[found > 0] + count
        count += number
    labels = _to_nearest(_large_enough(labels), digit > 0)
    pieces = [labels == number for number in np.unique(labels[labels > 0])]
    total = digit.sum()
    halves = [half for piece in pieces for half in _cut(piece, digit, too_large=LARGEST_FRACTION * total)]
    halves.sort(key=lambda piece: float(ndimage.center_of_mass(piece)[0]))
    return [_part(piece, digit, directions) for piece in halves]


def without_parts(predict: Callable[[Array], Array], digit: Digit) -> WithoutPart | None:
    """What the model predicts without the part that counts most. None if the digit has no two parts.

    That is the smallest part whose absence changes the answer, a long one if there is any. If there is none, it is the
    part whose absence lowers the probability of the answer most. predict: probabilities (n, 10) for digits (n, 28, 28).
    """
    parts = parts_of(digit)
    if len(parts) < 2:
        return None
    rests = np.stack([np.where(part.inked, np.float32(0), digit) for part in parts])
    before, *after = predict(np.concatenate([digit[None], rests]))
    answer = int(before.argmax())
    tried = [
        WithoutPart(part, rest, answer, int(its.argmax()), float(before[answer]), float(its[answer]), float(its.max()))
        for part, rest, its in zip(parts, rests, after, strict=True)
    ]
    changing = [each for each in tried if each.changes]
    if changing:
        return min(changing, key=lambda each: (not each.part.is_long, float(digit[each.part.inked].sum())))
    return min(tried, key=lambda each: each.after)


def _directions(digit: Digit) -> NDArray[np.intp]:
    """The direction of the stroke at each pixel, from the structure tensor of the picture, which averages over the
    width of a stroke.
    """
    smooth = digit.astype(np.float64)
    down, right = (ndimage.gaussian_filter(smooth, 1.0, order=order) for order in ((1, 0), (0, 1)))
    level, steep, mixed = (ndimage.gaussian_filter(each, 1.5) for each in (down * down, right * right, down * right))
    gradient_angle = 0.5 * np.arctan2(2 * mixed, steep - level)  # across the stroke; rows grow downwards
    eighths = (np.pi / 2 - gradient_angle) / (np.pi / 4)
    directions: NDArray[np.intp] = np.rint(eighths).astype(np.intp) % 4
    return directions


def _large_enough(labels: NDArray[np.intp]) -> NDArray[np.intp]:
    """The labels without those of small pieces, unless there is nothing larger."""
    sizes = np.bincount(labels.ravel())
    small = (sizes < SMALLEST) & (sizes < sizes[1:].max())
    return np.where(small[labels], 0, labels)


def _to_nearest(labels: NDArray[np.intp], inked: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Every inked pixel with the label of the nearest labelled one."""
    rows, columns = ndimage.distance_transform_edt(labels == 0, return_distances=False, return_indices=True)
    return np.where(inked, labels[rows, columns], 0)


def _cut(piece: NDArray[np.bool_], digit: Digit, *, too_large: float) -> list[NDArray[np.bool_]]:
    """The piece itself, or its halves along its longer side if it holds too much ink."""
    if digit[piece].sum() <= too_large:
        return [piece]
    places = np.argwhere(piece)
    axis = int(np.ptp(places, axis=0).argmax())
    is_first = np.indices(piece.shape)[axis] <= np.median(places[:, axis])
    return [piece & is_first, piece & ~is_first]


def _part(piece: NDArray[np.bool_], digit: Digit, directions: NDArray[np.intp]) -> Part:
    """The part with what it looks like and where it is, measured within the box around all ink."""
    places, weights = np.argwhere(piece), digit[piece]
    box = np.argwhere(digit >= INK)
    first, last = box.min(axis=0), box.max(axis=0)
    row, column = (np.average(places, axis=0, weights=weights) - first) / np.maximum(last - first, 1)
    direction = int(np.bincount(directions[piece], weights=weights, minlength=4).argmax())
    height = "top" if row < 0.36 else "bottom" if row > 0.64 else ""
    side = "left" if column < 0.36 else "right" if column > 0.64 else ""
    if last[1] - first[1] < 8:  # a narrow digit has no sides
        side = ""
    is_long = np.ptp(places[:, 1 if direction == LEVEL else 0]) + 1 >= LONG
    if direction == LEVEL:
        noun = "piece" if not is_long else "arc" if _bend(places, weights) > BEND else "bar"
        side = side if np.ptp(places[:, 1]) < 0.6 * (last[1] - first[1]) else ""
    else:
        long, short = ("upright", "piece") if direction == UPRIGHT else ("slanted stroke", "bend")
        noun = long if is_long else short
        height = height if np.ptp(places[:, 0]) < 0.7 * (last[0] - first[0]) else ""
    return Part(f"the {noun} {_place(height, side)}", piece, bool(is_long))


def _place(height: str, side: str) -> str:
    if height and side:
        return f"at the {height} {side}"
    if height:
        return f"at the {height}"
    return f"on the {side}" if side else "in the middle"


def _bend(places: NDArray[np.intp], weights: Array) -> float:
    """How far the ink lies from its straight line, in pixels, as a root mean square."""
    centred = places - np.average(places, axis=0, weights=weights)
    return float(np.sqrt(max(np.linalg.eigvalsh(np.cov(centred.T, aweights=weights))[0], 0)))

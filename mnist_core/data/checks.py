"""The arrays that the project works with, and the checks of arrays that come from outside.

>>> pixels = checked_digits(np.full((28, 28), 255, np.uint8))
>>> pixels.shape, pixels.dtype, float(pixels.max())
((1, 28, 28), dtype('float32'), 1.0)
>>> checked_digits(np.full((28, 28), 255.0))
Traceback (most recent call last):
mnist_core.errors.PictureError: Received pixels from 255 to 255, expected 0 for background to 1 for full ink. \
If they are 8-bit values, divide by 255 or pass them as uint8.
>>> checked_labels([7, 2, 1], count=3)
array([7, 2, 1], dtype=uint8)
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnist_core.errors import DatasetError, DrawingError, PictureError

SIDE = 28
"""Pixels along each side of a digit."""

DIGITS = 10
"""The classes: 0 to 9."""

MAX_COORDINATE = 1e9
"""Largest coordinate of a stroke. Larger ones would lose the drawing in rounding errors."""

MAX_POINTS = 20_000
"""Largest number of points in a drawing. A busy minute on the canvas gives about 5,000."""

Stroke = NDArray[np.float64]
"""The points between pen down and pen up: (points, 2), x to the right and y down, in any unit."""

Digit = NDArray[np.float32]
"""(28, 28), from 0 for background to 1 for full ink."""


def checked_digits(array: ArrayLike) -> NDArray[np.float32]:
    """Digits in the form that the models take: (n, 28, 28) float32 in 0..1.

    array: one digit (28, 28), or several as (n, 28, 28) or (n, 28, 28, 1). Either uint8 with 255 for full ink, which is
    divided by 255, or floats in 0..1.

    Raises PictureError for any other shape or dtype, for NaN and infinity, and for floats outside of 0..1. Floats from
    0 to 255 would be classified without an error and badly.
    """
    try:
        values = np.asarray(array)
    except ValueError:
        raise PictureError(
            f"Received digits of different shapes, expected {_SHAPES}. Bring all of them to {SIDE} x {SIDE}."
        ) from None
    if values.ndim == 4 and values.shape[-1] == 1:
        values = values[..., 0]
    if values.ndim == 2:
        values = values[np.newaxis]
    if values.ndim != 3 or values.shape[1:] != (SIDE, SIDE):
        raise PictureError(f"Received digits of shape {np.shape(array)}, expected {_SHAPES}. Reshape the array.")
    if values.dtype == np.uint8:
        return values.astype(np.float32) / np.float32(255)
    if not np.issubdtype(values.dtype, np.floating):
        raise PictureError(
            f"Received pixels of dtype {values.dtype}, expected uint8 (0 to 255) or floats (0 to 1). "
            "Convert 8-bit values with array.astype(np.uint8)."
        )
    check_ink_range(values)
    return values.astype(np.float32)


_SHAPES = f"({SIDE}, {SIDE}), (n, {SIDE}, {SIDE}) or (n, {SIDE}, {SIDE}, 1)"


def check_ink_range(pixels: NDArray[np.floating[Any]], *, what: str = "pixels") -> None:
    """Raise PictureError, with the range that was found, unless all pixels are finite and in 0..1. Any shape."""
    if not pixels.size:
        return
    finite = np.isfinite(pixels)
    if not finite.all():
        raise PictureError(
            f"Received {what} with NaN or infinity ({np.count_nonzero(~finite):,} of {pixels.size:,}), "
            "expected numbers from 0 to 1. Replace them, for example with np.nan_to_num."
        )
    low, high = float(pixels.min()), float(pixels.max())
    if low < 0 or high > 1:
        raise PictureError(
            f"Received {what} from {low:.6g} to {high:.6g}, expected 0 for background to 1 for full ink. "
            "If they are 8-bit values, divide by 255 or pass them as uint8."
        )


def checked_labels(labels: ArrayLike, count: int | None = None, *, what: str = "labels") -> NDArray[np.uint8]:
    """Labels as (n,) uint8.

    labels: (n,) whole numbers 0..9 of any integer dtype. count: how many there must be. what: their name in messages.

    Raises DatasetError for floats, for one-hot or other shapes, for numbers outside of 0..9 and for another count.
    """
    try:
        values = np.asarray(labels)
    except ValueError:
        raise DatasetError(f"Received {what} of different shapes, expected one whole number for each digit.") from None
    if values.ndim != 1:
        remedy = "Pass labels.argmax(axis=1)." if values.ndim == 2 and values.shape[1] == DIGITS else "Flatten them."
        raise DatasetError(f"Received {what} of shape {values.shape}, expected (n,): one for each digit. {remedy}")
    if values.size and not np.issubdtype(values.dtype, np.integer):
        raise DatasetError(
            f"Received {what} of dtype {values.dtype}, expected whole numbers from 0 to 9. "
            "Convert them with labels.astype(np.uint8)."
        )
    if values.size and (values.min() < 0 or values.max() >= DIGITS):
        raise DatasetError(
            f"The {what} range from {values.min()} to {values.max()}, expected 0 to 9. Leave out what is no digit."
        )
    if count is not None and len(values) != count:
        raise DatasetError(f"Received {len(values):,} {what} for {count:,} digits, expected one label for each digit.")
    return values.astype(np.uint8)


def checked_stroke(stroke: ArrayLike, number: int) -> Stroke:
    """A stroke as (points, 2) float64. number: its place in the drawing, counted from 1, for the message.

    Raises DrawingError for anything but finite pairs of numbers.
    """
    try:
        points = np.asarray(stroke, np.float64)
    except (TypeError, ValueError):
        raise DrawingError(
            f"Stroke {number} is not a list of points, expected pairs of numbers x, y. Clear the canvas and draw again."
        ) from None
    if points.size == 0:
        return np.zeros((0, 2))
    if points.ndim != 2 or points.shape[1] != 2:
        raise DrawingError(
            f"Stroke {number} has shape {points.shape}, expected (points, 2): pairs of numbers x, y. "
            "Clear the canvas and draw again."
        )
    if not np.isfinite(points).all() or np.abs(points).max() > MAX_COORDINATE:
        raise DrawingError(
            f"Stroke {number} has a coordinate that is not a usable number, expected at most {MAX_COORDINATE:.0e}. "
            "Clear the canvas and draw again."
        )
    return points

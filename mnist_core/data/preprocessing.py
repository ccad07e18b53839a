"""Turn ink into a digit the way MNIST was made: (28, 28) float32 in 0..1, white ink on black.

    >>> import numpy as np
    >>> one = [np.array([[140.0, 60.0], [140.0, 220.0]])]      # a vertical line on a 280 x 280 canvas
    >>> digit = from_strokes(one)
    >>> digit.shape, digit.dtype, int((digit.sum(axis=1) > 0).sum())
    ((28, 28), dtype('float32'), 21)

Strokes are drawn at the digit's own scale, by the rule in rasterizer.py. Pictures are resized by `from_ink`, and
nothing else in the project resizes a digit:

    canvas JSON -> strokes.py  -> from_strokes ─> (28, 28)
    picture     -> pictures.py ─┬─> from_ink ───> (28, 28)
    MNIST, labelled arrays ─────┘

Arrays of finished digits, such as MNIST's, only pass the checks of checks.py.

MNIST's recipe (LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998,
section III.A): crop the digit, bring its longer side to 20 pixels and keep its aspect, take the grey levels from that
reduction, and put its centre of mass at the centre of the 28 x 28 field. On the 60,000 training digits, that centre is
pixel (14, 14), counted from 0, to within half a pixel.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mnist_core.data.checks import (
    MAX_POINTS,
    SIDE,
    Digit,
    Stroke,
    check_ink_range,
    checked_digits,
    checked_labels,
    checked_stroke,
)
from mnist_core.data.rasterizer import CENTRE, DOT_FRACTION, LONGER_SIDE, PEN_WIDTH, draw_digit
from mnist_core.errors import DrawingError, PictureError

__all__ = [
    "CENTRE",
    "LONGER_SIDE",
    "MAX_POINTS",
    "PEN_WIDTH",
    "SIDE",
    "Digit",
    "Stroke",
    "blank",
    "checked_digits",
    "checked_labels",
    "checked_stroke",
    "digit_count",
    "from_ink",
    "from_strokes",
    "from_whole_canvas",
    "ink_box",
    "is_blank",
    "is_dot",
]

SUPERSAMPLING = 8
"""The whole canvas is drawn this many times larger than the digit and then reduced."""

MAX_ENLARGEMENT = 4.0
"""Ink smaller than a fifth of the digit's size is not enlarged further: a single pixel stays a dot."""


def from_strokes(strokes: Sequence[Stroke], *, brush_width: float = 0.0, pen_width: float = PEN_WIDTH) -> Digit:
    """Draw strokes directly at the digit's scale, with a pen of MNIST's width.

    The place and the size of the drawing make no difference, and neither does the brush: a small drawing with a thick
    brush is as clear as a large one. docs/digits.md compares this with shrinking the drawn picture.

    strokes: (points, 2) each, finite, in one common unit. They may reach beyond the canvas.
    brush_width: width of the canvas brush in that unit. Strokes that stay within half of it are a dot.
    pen_width: in digit pixels.

    Returns a blank digit (all 0) if there are no strokes, see `is_blank`.
    Raises DrawingError for NaN, infinity or another shape, and for more than 20,000 points.
    """
    strokes = [checked_stroke(stroke, number) for number, stroke in enumerate(strokes, start=1)]
    strokes = [stroke for stroke in strokes if len(stroke)]
    if not strokes:
        return blank()
    points = np.concatenate(strokes)
    if len(points) > MAX_POINTS:
        raise DrawingError(
            f"The drawing has {len(points):,} points, expected at most {MAX_POINTS:,}. Clear the canvas and draw again."
        )
    return draw_digit(strokes, brush_width=brush_width, pen_width=pen_width)


def from_whole_canvas(strokes: Sequence[Stroke], *, side: float, brush_width: float) -> Digit:
    """Shrink the whole canvas to 28 x 28, without MNIST's recipe. It shows why the models need the recipe.

    strokes: in canvas pixels. side: of the canvas. brush_width: as it was drawn.
    Raises DrawingError as `from_strokes` does.
    """
    image = Image.new("L", (SIDE * SUPERSAMPLING, SIDE * SUPERSAMPLING))
    draw = ImageDraw.Draw(image)
    scale = SIDE * SUPERSAMPLING / side
    for number, stroke in enumerate(strokes, start=1):
        _draw_stroke(draw, checked_stroke(stroke, number) * scale, max(1, round(brush_width * scale)))
    shrunk: Digit = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX), np.float32) / np.float32(255)
    return shrunk


def from_ink(ink: NDArray[np.floating], *, scale: float | None = None) -> Digit:
    """Crop ink, bring it to size and centre it. This is the last step for all sources.

    ink: (height, width) of any size, 0 for paper to 1 for full ink.
    scale: digit pixels for one pixel of `ink`. If None, the longer side of the ink becomes 20 pixels.

    Returns a blank digit if there is no ink. A digit of MNIST comes back unchanged, except for 3 in 10,000 that do not
    follow the recipe themselves.
    Raises PictureError for another shape, for NaN and for values outside of 0..1.
    """
    ink = np.asarray(ink, np.float32)
    if ink.ndim != 2:
        raise PictureError(f"Received ink of shape {ink.shape}, expected (height, width). Pass one grey picture.")
    check_ink_range(ink, what="ink")
    if (box := ink_box(ink)) is None:
        return blank()
    ink = ink[box]
    if scale is None:
        scale = min(LONGER_SIDE / max(ink.shape), MAX_ENLARGEMENT)

    window = SIDE / scale
    top, left = (_window_start(ink, axis, scale) for axis in (0, 1))
    margin = int(np.ceil(window)) + 1
    padded = Image.fromarray(np.pad(ink, margin))
    field = (left + margin, top + margin, left + margin + window, top + margin + window)
    digit = np.asarray(padded.resize((SIDE, SIDE), Image.Resampling.BOX, box=field), np.float32)
    return digit.clip(0, 1)


def ink_box(ink: NDArray[np.floating]) -> tuple[slice, slice] | None:
    """The rows and columns of the smallest box around all ink, or None if there is none. ink: (height, width)."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return None
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def blank() -> Digit:
    """A digit without ink."""
    return np.zeros((SIDE, SIDE), np.float32)


def digit_count(pixels: NDArray[Any]) -> int:
    """How many digits lie side by side in an array. pixels: (28, 28 n).

    >>> digit_count(np.zeros((28, 112)))
    4
    """
    return int(pixels.shape[1]) // SIDE


def is_blank(digit: Digit) -> bool:
    """Whether there is no ink at all."""
    return not digit.any()


def is_dot(strokes: Sequence[Stroke], *, brush_width: float) -> bool:
    """Whether the strokes are only a tap: there is ink, but no digit yet."""
    points = [stroke for stroke in strokes if len(stroke)]
    return bool(points) and float(np.ptp(np.concatenate(points), axis=0).max()) <= DOT_FRACTION * brush_width


def _window_start(ink: NDArray[np.float32], axis: int, scale: float) -> float:
    """Where the 28 x 28 window begins along `axis`, in whole pixels of the ink, so that no pixel is smeared."""
    weight = ink.sum(axis=1 - axis, dtype=np.float64)
    centre_of_mass = float(weight @ np.arange(len(weight)) / weight.sum())
    return float(round(centre_of_mass + 0.5 - (CENTRE + 0.5) / scale))


def _draw_stroke(draw: ImageDraw.ImageDraw, path: Stroke, pen: int) -> None:
    """Draw a line with round ends and joints. A stroke of one point is a disc."""
    radius = (pen - 1) / 2
    for x, y in path:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    if len(path) > 1:
        draw.line([(float(x), float(y)) for x, y in path], fill=255, width=pen)

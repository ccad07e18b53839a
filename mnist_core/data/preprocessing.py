"""Ink becomes a digit: (28, 28) float32 in 0..1, white ink on black, made the way MNIST was made.

    >>> import numpy as np
    >>> one = [np.array([[140.0, 60.0], [140.0, 220.0]])]      # a vertical line on a 280x280 canvas
    >>> digit = from_strokes(one)
    >>> digit.shape, digit.dtype, int((digit.sum(axis=1) > 0).sum())
    ((28, 28), dtype('float32'), 20)

All sources end in `from_ink`, and nothing else in the project resizes a digit:

    canvas JSON -> strokes.py  -> from_strokes ─┐
    picture     -> pictures.py ─────────────────┼─> from_ink -> (28, 28)
    MNIST, labelled arrays ─────────────────────┘

MNIST's recipe (LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998, III.A):
the digit is cropped, its longer side is brought to 20 pixels keeping the aspect, the grey levels come from that very
reduction, and its centre of mass is put at the centre of the 28x28 field. Measured on the 60,000 training digits, that
centre is pixel (14, 14), counted from 0, to within half a pixel.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mnist_core.errors import DrawingError, PictureError

SIDE = 28
"""Pixels along each side of a digit."""

LONGER_SIDE = 20
"""Pixels along the longer side of the digit's ink."""

CENTRE = 14.0
"""Row and column, counted from 0 at a pixel's middle, at which the centre of mass comes to lie."""

PEN_WIDTH = 2.5
"""Width in digit pixels of the pen that strokes are drawn with, whatever the brush on the canvas: the choice is in docs/digits.md."""

SUPERSAMPLING = 8
"""Strokes are drawn this many times larger than the digit; the reduction gives them MNIST's soft edges."""

DOT_FRACTION = 0.5
"""Strokes that span less than this share of the brush width are a dot."""

MAX_ENLARGEMENT = 4.0
"""Ink smaller than a fifth of the digit's size is not blown up further: a single pixel stays a dot."""

MAX_POINTS = 100_000
"""Points that a drawing may have; a busy minute on the canvas gives about 5,000."""

Stroke = NDArray[np.float64]
"""One pen-down to pen-up: (points, 2), x to the right and y down, in any unit."""

Digit = NDArray[np.float32]
"""(28, 28), 0 for paper to 1 for full ink."""


def from_strokes(strokes: Sequence[Stroke], *, brush_width: float = 0.0, pen_width: float = PEN_WIDTH) -> Digit:
    """Draw strokes straight at the digit's scale with a pen of MNIST's width.

    Where on the canvas and how large they were drawn makes no difference, and neither does the brush: a small drawing
    with a thick brush is as clear as a large one. (docs/digits.md compares this with shrinking the drawn picture.)

    strokes: (points, 2) each, finite, in one common unit; outside of the canvas is fine.
    brush_width: width of the canvas brush in that unit. Strokes that stay within half of it are a dot.
    pen_width: in digit pixels.

    No strokes give an empty digit (all 0), see `is_blank`. Raises DrawingError for NaN, infinity or a wrong shape.
    """
    strokes = [checked_stroke(stroke, number) for number, stroke in enumerate(strokes, start=1)]
    strokes = [stroke for stroke in strokes if len(stroke)]
    if not strokes:
        return blank()
    points = np.concatenate(strokes)
    if len(points) > MAX_POINTS:
        raise DrawingError(
            f"The drawing has {len(points):,} points, more than the {MAX_POINTS:,} that are read. Clear the canvas and draw again."
        )
    low, high = points.min(axis=0), points.max(axis=0)
    span = float((high - low).max())
    scale = 0.0 if span <= DOT_FRACTION * brush_width else (LONGER_SIDE - pen_width) / span
    pen = round(pen_width * SUPERSAMPLING)
    size = LONGER_SIDE * SUPERSAMPLING
    canvas = Image.new("L", (size, size))
    draw = ImageDraw.Draw(canvas)
    for stroke in strokes:
        # Half a pen of margin, so that the ink of the longer side fills the canvas exactly.
        path = (stroke - low) * (scale * SUPERSAMPLING) + (pen - 1) / 2
        _draw_stroke(draw, path, pen)
    ink = np.asarray(canvas, np.float32) / 255
    return from_ink(ink, scale=1 / SUPERSAMPLING)


def from_whole_canvas(strokes: Sequence[Stroke], *, side: float, brush_width: float) -> Digit:
    """The whole canvas simply shrunk to 28x28, without MNIST's recipe: what the models should not be given, to show why.

    strokes: in canvas pixels. side: of the canvas. brush_width: as it was drawn. Raises DrawingError as `from_strokes` does.
    """
    image = Image.new("L", (SIDE * SUPERSAMPLING, SIDE * SUPERSAMPLING))
    draw = ImageDraw.Draw(image)
    scale = SIDE * SUPERSAMPLING / side
    for number, stroke in enumerate(strokes, start=1):
        _draw_stroke(draw, checked_stroke(stroke, number) * scale, max(1, round(brush_width * scale)))
    shrunk: Digit = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX), np.float32) / np.float32(255)
    return shrunk


def from_ink(ink: NDArray[np.floating], *, scale: float | None = None) -> Digit:
    """Crop, bring to size and centre: the last part of the road, common to all sources.

    ink: (height, width) of any size, 0 for paper to 1 for full ink.
    scale: digit pixels for one pixel of `ink`. If None, the longer side of the ink becomes 20 pixels.

    No ink gives an empty digit. A digit of MNIST comes back as it was, but for 3 in 10,000 that do not
    keep to the recipe themselves.
    Raises PictureError for a wrong shape, for NaN and for values outside of 0..1.
    """
    ink = np.asarray(ink, np.float32)
    if ink.ndim != 2:
        raise PictureError(f"Received ink of shape {ink.shape}, expected (height, width). Pass one grey picture.")
    if ink.size and not (np.isfinite(ink).all() and ink.min() >= 0 and ink.max() <= 1):
        raise PictureError(
            "Received ink with values outside of 0..1, expected 0 for paper to 1 for full ink. Divide 8-bit pixels by 255."
        )
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
    """Rows and columns of the smallest box around all ink (height, width); None where there is none."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return (slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)) if len(rows) else None


def blank() -> Digit:
    """A digit without ink."""
    return np.zeros((SIDE, SIDE), np.float32)


def is_blank(digit: Digit) -> bool:
    """Whether there is no ink at all."""
    return not digit.any()


def is_dot(strokes: Sequence[Stroke], *, brush_width: float) -> bool:
    """Whether the strokes are no more than a tap: there is ink, and nothing to read in it yet."""
    points = [stroke for stroke in strokes if len(stroke)]
    return bool(points) and float(np.ptp(np.concatenate(points), axis=0).max()) <= DOT_FRACTION * brush_width


def checked_stroke(stroke: Stroke, number: int) -> Stroke:
    """The stroke as (points, 2) float64; DrawingError, naming the stroke, if it is anything else."""
    try:
        points = np.asarray(stroke, np.float64)
    except (TypeError, ValueError):
        raise DrawingError(f"Stroke {number} is not a list of points; expected pairs of numbers x, y.") from None
    if points.size == 0:
        return np.zeros((0, 2))
    if points.ndim != 2 or points.shape[1] != 2:
        raise DrawingError(f"Stroke {number} has shape {points.shape}, expected (points, 2): pairs of numbers x, y.")
    if not np.isfinite(points).all() or np.abs(points).max() > 1e9:
        raise DrawingError(
            f"Stroke {number} has a coordinate that is not a usable number. Clear the canvas and draw again."
        )
    return points


def _window_start(ink: NDArray[np.float32], axis: int, scale: float) -> float:
    """Where the 28x28 window begins along `axis`, in whole pixels of the ink: they are cut, never smeared."""
    weight = ink.sum(axis=1 - axis, dtype=np.float64)
    centre_of_mass = float(weight @ np.arange(len(weight)) / weight.sum())
    return float(round(centre_of_mass + 0.5 - (CENTRE + 0.5) / scale))


def _draw_stroke(draw: ImageDraw.ImageDraw, path: Stroke, pen: int) -> None:
    """A line with round ends and joints. A stroke of one point is a disc."""
    radius = (pen - 1) / 2
    for x, y in path:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    if len(path) > 1:
        draw.line([(float(x), float(y)) for x, y in path], fill=255, width=pen)

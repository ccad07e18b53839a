"""Strokes become a digit: (28, 28) float32 in 0..1, by a rule that is simple enough to be written twice.

The browser draws the same strokes with the same rule (pages/parts/browser_predictor/preprocessing.js), so that a
prediction made there while the pen moves equals the server's prediction of the finished drawing.

    >>> one = [np.array([[140.0, 60.0], [140.0, 220.0]])]      # a vertical line on a 280x280 canvas
    >>> digit = draw_digit(one)
    >>> digit.shape, digit.dtype, round(float(digit.sum()), 2)
    ((28, 28), dtype('float32'), 48.75)

The rule. All lengths are in pixels of the digit, and all numbers are float64 until the end. The middle of the pixel in
row i and column j is the point x = j, y = i. A stroke is the line through its points; a stroke of one point is that
point.

1. Size. Let `span` be the longer side of the box around all points, and `middle` the middle of that box. A point p
   becomes (p - middle) / span * (20 - pen), so that the ink is 20 pixels along its longer side. Strokes that span no
   more than half of the brush are a dot: they become the single point (0, 0).
2. Ink. Each pixel has four sample points, 1/4 pixel to the left or right and above or below its middle. With d the
   distance from a sample to the nearest stroke and r = pen / 2,

       ink of a sample = clip(2 * (r - d) + 1/2, 0, 1)        ink of a pixel = the mean of its four samples

   At the edge of the pen (d = r) the ink is 1/2; it rises to 1 and falls to 0 within a quarter of a pixel from there.
3. Place. Draw with the origin at (14, 14). Let m be the centre of mass of this ink. Draw again with the origin at
   (28, 28) - m. The second picture is the digit. Its centre of mass is at (14, 14) to a few hundredths of a pixel. Ink
   that comes to lie outside of the 28x28 pixels is lost.

No step rounds, and only the test for a dot compares. So the digit changes smoothly with the points, and two programs
that follow the rule agree to the rounding of float32 in whatever order they add.

Steps 1 and 3 are MNIST's recipe, see preprocessing.py. Step 2 is the usual antialiased line of computer graphics, ink
by the distance to the line (Gupta, Sproull, "Filtering edges for gray-scale displays", 1981), at twice the digit's
resolution. With one sample instead of four, the accuracy of the specified MLP falls by 0.3 points on digits that people
wrote on a tablet; with 16 or 64 samples no model gains.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.checks import SIDE

LONGER_SIDE = 20
"""Pixels along the longer side of the digit's ink."""

CENTRE = 14.0
"""Row and column of the centre of mass."""

PEN_WIDTH = 2.5
"""Width of the pen in digit pixels: it gives the ink of MNIST's own digits."""

DOT_FRACTION = 0.5
"""Strokes that span no more than this fraction of the brush width are a dot."""

SAMPLES = 2
"""Sample points along each side of a pixel."""

PIECE = 1.0
"""Segments are cut into pieces that span at most this along each axis, in steps between samples: each is near to few
samples."""

CHUNK = 4096
"""Pieces that are drawn at once; bounds the memory that a drawing of very many points takes."""

FAR = 1e9
"""Squared distance of a sample that no stroke is near to."""

TINY = 1e-300
"""Stands for a squared length of 0, so that nothing is divided by 0."""

Points = NDArray[np.float64]
"""(points, 2), x to the right and y down."""


def draw_digit(
    strokes: Sequence[Points], *, brush_width: float = 0.0, pen_width: float = PEN_WIDTH
) -> NDArray[np.float32]:
    """Draw strokes as a digit: size, ink and place as the module's rule says.

    strokes: (points, 2) each, finite, in one common unit.
    brush_width: width of the canvas brush in that unit. Strokes that span no more than half of it are a dot.
    pen_width: in digit pixels, at least 0.5 and less than 20.

    Returns (28, 28) float32 in 0..1. No strokes give an empty digit (all 0).
    """
    pieces = cut_into_pieces(_sized(strokes, brush_width=brush_width, pen_width=pen_width))
    if not len(pieces):
        return np.zeros((SIDE, SIDE), np.float32)
    ink = draw_pieces(pieces, CENTRE, pen_width=pen_width)
    pixels = np.arange(SIDE)
    centre_of_mass = np.array([ink.sum(axis=0) @ pixels, ink.sum(axis=1) @ pixels]) / ink.sum()
    return draw_pieces(pieces, 2 * CENTRE - centre_of_mass, pen_width=pen_width).astype(np.float32)


def cut_into_pieces(strokes: Sequence[Points]) -> NDArray[np.float64]:
    """(pieces, 2 ends, 2 coordinates) in steps between samples: the segments of strokes in pixels, cut into short ones.

    The pieces are the same line as the segments, so the distances to them are the same. A stroke of one point is a
    piece whose ends coincide.
    """
    strokes = [stroke if len(stroke) > 1 else np.repeat(stroke, 2, axis=0) for stroke in strokes if len(stroke)]
    if not strokes:
        return np.zeros((0, 2, 2))
    starts = SAMPLES * np.concatenate([stroke[:-1] for stroke in strokes])
    steps = SAMPLES * np.concatenate([stroke[1:] for stroke in strokes]) - starts
    counts = np.maximum(np.ceil(np.abs(steps).max(axis=1) / PIECE), 1).astype(np.int64)
    number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    steps = np.repeat(steps / counts[:, np.newaxis], counts, axis=0)
    starts = np.repeat(starts, counts, axis=0) + number[:, np.newaxis] * steps
    return np.stack([starts, starts + steps], axis=1)


def draw_pieces(
    pieces: NDArray[np.float64], origin: NDArray[np.float64] | float, *, pen_width: float
) -> NDArray[np.float64]:
    """(28, 28) float64 in 0..1: the ink of pieces from `cut_into_pieces`, step 2 of the rule.

    origin: x and y of the pieces' origin, in pixels.

    For each piece only a square of samples around it is looked at: those that the pen can reach. Squares at the border
    reach into a margin around the field, which is cut off at the end.
    """
    samples = SIDE * SAMPLES
    reach = SAMPLES * pen_width / 2 + 0.5
    square = int(np.ceil(PIECE + 2 * reach))
    wide = samples + 2 * square
    nearest = np.full(wide * wide, FAR)
    around = np.arange(square)
    in_square = (around[:, np.newaxis] * wide + around).reshape(-1, 1)
    # The first sample of pixel 0 is at -1/4 pixel, with two samples a pixel.
    shift = SAMPLES * (np.asarray(origin) + 0.5) - 0.5
    for begin in range(0, len(pieces), CHUNK):
        # (2 coordinates, pieces) each, a coordinate of all pieces in one row of memory.
        start, end = np.ascontiguousarray((pieces[begin : begin + CHUNK] + shift).transpose(1, 2, 0))
        step = end - start
        corner = np.clip(np.floor(np.minimum(start, end) - reach) + 1, -square, samples)
        # From the start of each piece to the columns and the rows of its square. The pieces are the last axis: NumPy is
        # several times slower along an axis as short as the square.
        x, y = (corner - start)[:, np.newaxis] + around[:, np.newaxis]
        squared = _squared_distances(x, y[:, np.newaxis], *step)
        column, row = corner.astype(np.int64) + square
        places = row * wide + column + in_square
        np.minimum.at(nearest, places.ravel(), squared.ravel())
    distance = np.sqrt(nearest.reshape(wide, wide)[square:-square, square:-square])
    ink = np.clip(reach - distance, 0, 1)
    pixels: NDArray[np.float64] = ink.reshape(SIDE, SAMPLES, SIDE, SAMPLES).mean(axis=(1, 3))
    return pixels


def _squared_distances(
    x: NDArray[np.float64], y: NDArray[np.float64], step_x: NDArray[np.float64], step_y: NDArray[np.float64]
) -> NDArray[np.float64]:
    """From points (x, y) to the segment from (0, 0) to (step_x, step_y), squared; the arrays are broadcast."""
    length = np.maximum(step_x * step_x + step_y * step_y, TINY)
    along = np.clip(x * (step_x / length) + y * (step_y / length), 0, 1)  # 0 at the start, 1 at the end
    aside_x, aside_y = x - along * step_x, y - along * step_y
    squared: NDArray[np.float64] = aside_x * aside_x + aside_y * aside_y
    return squared


def _sized(strokes: Sequence[Points], *, brush_width: float, pen_width: float) -> list[Points]:
    """The strokes at the digit's size, the middle of their box at the origin: step 1 of the rule."""
    strokes = [stroke for stroke in strokes if len(stroke)]
    if not strokes:
        return []
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    span = float((high - low).max())
    if span <= DOT_FRACTION * brush_width or span == 0:
        return [np.zeros((1, 2))]
    middle = (low + high) / 2
    return [(stroke - middle) / span * (LONGER_SIDE - pen_width) for stroke in strokes]

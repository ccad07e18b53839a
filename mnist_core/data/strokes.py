"""Read strokes: from the JSON that the canvas sends, and from files of pen digits.

>>> canvas = {"objects": [{"type": "Path", "left": 5, "top": 5, "path": [["M", 0, 0], ["L", 10, 10]]}]}
>>> from_canvas(canvas)
[array([[ 0.,  0.],
       [10., 10.]])]
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.checks import MAX_POINTS, Stroke, checked_labels
from mnist_core.data.fabric_paths import fabric_stroke, point_count
from mnist_core.data.npz_files import read_npz
from mnist_core.errors import DatasetError, DrawingError

BRUSH_FRACTION = 1 / 16
"""Width of the default brush, as a fraction of the canvas' side."""

CANVAS_SIDE = 280
"""Side in pixels of the canvas on which pen digits are drawn for an evaluation: ten times the digit's side."""

CENTRED_FRACTION = 0.68
"""Size of a drawing that is put on the canvas: its longer side as a fraction of the canvas' side."""

MAX_OBJECTS = 2000
"""Largest number of strokes in a drawing."""

PEN_FRACTIONS = (0.30, 0.78)
"""Smallest and largest size of a drawn pen digit: its longer side as a fraction of the canvas' side."""


def from_canvas(json_data: dict[str, Any] | None) -> list[Stroke]:
    """The strokes on a canvas, in its pixels, from the Fabric.js JSON that streamlit-drawable-canvas sends.

    Strokes that were moved, turned or scaled with the canvas' edit tool come in their final form. None and a canvas
    without objects give no strokes. The JSON comes from a browser, so it is checked: anything that is no drawing raises
    DrawingError.
    """
    if json_data is None:
        return []
    objects = json_data.get("objects", []) if isinstance(json_data, dict) else None
    if not isinstance(objects, list):
        raise DrawingError(
            "The canvas sent something that is not a drawing: expected JSON with a list of objects. Reload the page."
        )
    if len(objects) > MAX_OBJECTS:
        raise DrawingError(
            f"The drawing has {len(objects):,} strokes, expected at most {MAX_OBJECTS:,}. "
            "Clear the canvas and draw again."
        )
    points = sum(map(point_count, objects))
    if points > MAX_POINTS:  # Counted first: reading a million commands takes the server twenty seconds.
        raise DrawingError(
            f"The drawing has {points:,} points, expected at most {MAX_POINTS:,}. Clear the canvas and draw again."
        )
    return [fabric_stroke(item, number) for number, item in enumerate(objects, start=1)]


def to_canvas(strokes: Sequence[Stroke], *, brush_width: float, colour: str) -> dict[str, Any]:
    """Strokes as the Fabric.js JSON that a canvas takes. This is the inverse of `from_canvas`.

    strokes: (points, 2) each, in canvas pixels. colour: of the ink, for CSS.
    """
    objects = []
    for stroke in strokes:
        low, high = stroke.min(axis=0), stroke.max(axis=0)
        middle, size = (low + high) / 2, high - low
        path = [["L" if number else "M", float(x), float(y)] for number, (x, y) in enumerate(stroke)]
        objects.append(
            {
                "type": "Path",
                "originX": "center",
                "originY": "center",
                "left": float(middle[0]),
                "top": float(middle[1]),
                "width": float(size[0]),
                "height": float(size[1]),
                "fill": None,
                "stroke": colour,
                "strokeWidth": brush_width,
                "strokeLineCap": "round",
                "strokeLineJoin": "round",
                "path": path,
            }
        )
    return {"objects": objects}


def centred(strokes: Sequence[Stroke], *, side: float) -> list[Stroke]:
    """The strokes in the middle of a square canvas, `CENTRED_FRACTION` of its side long. side: in pixels."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = side * CENTRED_FRACTION / max(float((high - low).max()), 1e-6)
    return [(stroke - (low + high) / 2) * scale + side / 2 for stroke in strokes]


def without_last(json_data: dict[str, Any] | None) -> dict[str, Any]:
    """The drawing without its last stroke, for an undo."""
    return {**(json_data or {}), "objects": list((json_data or {}).get("objects", []))[:-1]}


@dataclass(frozen=True)
class PenDigits:
    """Digits written with a pen, as strokes.

    points: (p, 2), x to the right and y down. The longer side of each digit spans 0..1000.
    stroke_offsets: (s + 1,). Stroke k is points[stroke_offsets[k]:stroke_offsets[k + 1]].
    digit_offsets: (n + 1,). Digit i consists of the strokes digit_offsets[i]:digit_offsets[i + 1].
    labels: (n,) uint8, 0..9. donors: (n,) str, who wrote each digit.
    """

    points: NDArray[np.int16]
    stroke_offsets: NDArray[np.int64]
    digit_offsets: NDArray[np.int64]
    labels: NDArray[np.uint8]
    donors: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.labels)

    def strokes(self, index: int) -> list[Stroke]:
        """The strokes of one digit, in the file's units."""
        first, last = self.digit_offsets[index], self.digit_offsets[index + 1]
        return [
            self.points[self.stroke_offsets[k] : self.stroke_offsets[k + 1]].astype(np.float64)
            for k in range(first, last)
        ]


def load_pen_digits(path: Path) -> PenDigits:
    """Load pen digits from an .npz file. Raises DatasetError if arrays are missing or do not fit together."""
    arrays = read_npz(path, ("points", "stroke_offsets", "digit_offsets", "labels", "donors"))
    points, stroke_offsets, digit_offsets = arrays["points"], arrays["stroke_offsets"], arrays["digit_offsets"]
    fits = (
        points.ndim == 2
        and points.shape[1] == 2
        and _are_offsets(stroke_offsets, len(points))
        and _are_offsets(digit_offsets, len(stroke_offsets) - 1)
        and len(digit_offsets) == len(arrays["labels"]) + 1 == len(arrays["donors"]) + 1 > 1
    )
    if not fits:
        raise DatasetError(
            f"{path}: the arrays of strokes do not fit together. "
            "Expected offsets that rise from 0 to the number of points and of strokes. Write the file again."
        )
    try:
        labels = checked_labels(arrays["labels"])
    except DatasetError as error:
        raise DatasetError(f"{path}: {error}") from error
    return PenDigits(
        points,
        stroke_offsets.astype(np.int64),
        digit_offsets.astype(np.int64),
        labels,
        arrays["donors"],
    )


def drawn_anywhere(pen: PenDigits, *, canvas_side: float = CANVAS_SIDE, seed: int = 0) -> Iterator[list[Stroke]]:
    """Each digit as somebody might draw it: at a random place and size, entirely on a square canvas.

    The longer side is 30 to 78 % of the canvas' side. The same seed gives the same drawings.
    """
    random = np.random.default_rng(seed)
    for index in range(len(pen)):
        strokes = pen.strokes(index)
        points = np.concatenate(strokes)
        low, span = points.min(axis=0), np.ptp(points, axis=0)
        size = canvas_side * random.uniform(*PEN_FRACTIONS)
        scale = size / max(float(span.max()), 1.0)
        margin = canvas_side * BRUSH_FRACTION / 2
        place = margin + random.uniform(0, 1, 2) * (canvas_side - 2 * margin - span * scale)
        yield [(stroke - low) * scale + place for stroke in strokes]


def _are_offsets(offsets: NDArray[np.generic], end: int) -> bool:
    return (
        offsets.ndim == 1
        and len(offsets) > 1
        and np.issubdtype(offsets.dtype, np.integer)
        and offsets[0] == 0
        and offsets[-1] == end
        and bool((np.diff(offsets) > 0).all())
    )

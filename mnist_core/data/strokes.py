"""Read strokes from the JSON that the canvas sends, and draw strokes on a canvas: pen digits come from pen_files.py.

>>> canvas = {"objects": [{"type": "Path", "left": 5, "top": 5, "path": [["M", 0, 0], ["L", 10, 10]]}]}
>>> from_canvas(canvas)
[array([[ 0.,  0.],
       [10., 10.]])]
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from mnist_core.data.checks import MAX_POINTS, Stroke
from mnist_core.data.fabric_paths import fabric_strokes, point_count
from mnist_core.data.pen_files import PenDigits, load_pen_digits
from mnist_core.errors import DrawingError

__all__ = [
    "BRUSH_FRACTION",
    "CANVAS_SIDE",
    "CENTRED_FRACTION",
    "MAX_OBJECTS",
    "PEN_FRACTIONS",
    "PenDigits",
    "centred",
    "drawn_anywhere",
    "from_canvas",
    "load_pen_digits",
    "to_canvas",
    "without_last",
]

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
    return fabric_strokes(objects)


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

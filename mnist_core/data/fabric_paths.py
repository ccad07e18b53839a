"""Read the paths of Fabric.js, the library that draws on the canvas: commands become points.

>>> fabric_stroke({"type": "Path", "left": 5, "top": 5, "path": [["M", 0, 0], ["L", 10, 10]]}, 1)
array([[ 0.,  0.],
       [10., 10.]])
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.checks import Stroke
from mnist_core.errors import DrawingError

CURVE_STEPS = 4
"""Points on each of the short curves with which the canvas connects two pointer positions."""

MAX_COMMANDS = 20_000
"""Largest number of commands in a stroke."""

MAX_VALUES = 6
"""Most numbers that a command has: the three points of a cubic curve."""

_STEPS = np.arange(1, CURVE_STEPS + 1) / CURVE_STEPS
_WEIGHTS = np.stack([math.comb(3, k) * _STEPS**k * (1 - _STEPS) ** (3 - k) for k in range(4)], axis=1)
"""(steps, 4): the weights of a cubic Bézier curve's control points at each step."""


def fabric_stroke(item: Any, number: int) -> Stroke:
    """The points of one Fabric path, in canvas pixels.

    item: the path as JSON values, with M, L, Q and C commands. number: of the stroke, for messages. Raises DrawingError
    for anything else, because the values come from a browser.
    """
    try:
        if str(item["type"]).lower() != "path":
            raise DrawingError(
                f"Object {number} on the canvas is a {str(item['type'])[:20]!r}, expected a stroke. "
                "Clear the canvas and draw again."
            )
        if len(item["path"]) > MAX_COMMANDS:
            raise DrawingError(
                f"Stroke {number} has {len(item['path']):,} commands, expected at most {MAX_COMMANDS:,}. "
                "Clear the canvas and draw again."
            )
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused when it is drawn
            curves, outlines, straight = _curves(item["path"], number)
            if not len(curves):
                return np.zeros((0, 2))
            points = np.einsum("sk,nkc->nsc", _WEIGHTS, curves)
            shown = np.ones(points.shape[:2], bool)
            shown[straight, :-1] = False  # A straight line needs its end only.
            return _placed(points[shown], _middle(outlines), item)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise DrawingError(
            f"Stroke {number} is not a Fabric path ({type(error).__name__}: {error}). Clear the canvas and draw again."
        ) from error


def point_count(item: Any) -> int:
    """How many points a path has at most, without reading them. 0 for anything that is no path.

    >>> point_count({"type": "Path", "path": [["M", 0, 0], ["Q", 5, 0, 5, 5]]})
    5
    """
    path = item.get("path") if isinstance(item, dict) else None
    if not isinstance(path, list):
        return 0
    return sum(CURVE_STEPS if isinstance(each, list) and each[:1] not in (["M"], ["L"]) else 1 for each in path)


def _curves(path: Sequence[Sequence[Any]], number: int) -> tuple[NDArray[np.float64], NDArray[np.float64], list[int]]:
    """The pieces of a path as cubic Bézier curves (n, 4, 2), those by which Fabric measures the path (n, 4, 2), and
    which pieces are straight.

    A quadratic curve is also a cubic one, with control points two thirds of the way to its own. Fabric measures it as
    the cubic curve that has the quadratic one's control point twice, which bends more.
    """
    curves: list[list[float]] = []
    outlines: list[list[float]] = []
    straight: list[int] = []
    x = y = 0.0
    for command, *values in path:
        numbers = [float(value) for value in values[: MAX_VALUES + 1]]
        start = (x, y)
        if command in ("M", "L") and len(numbers) == 2:
            x, y = numbers
            if command == "M":
                start = (x, y)
            straight.append(len(curves))
            curves.append([*start, *start, x, y, x, y])
            outlines.append(curves[-1])
        elif command == "Q" and len(numbers) == 4 and curves:
            through_x, through_y, x, y = numbers
            leaving = (start[0] + 2 * (through_x - start[0]) / 3, start[1] + 2 * (through_y - start[1]) / 3)
            arriving = (x + 2 * (through_x - x) / 3, y + 2 * (through_y - y) / 3)
            curves.append([*start, *leaving, *arriving, x, y])
            outlines.append([*start, through_x, through_y, through_x, through_y, x, y])
        elif command == "C" and len(numbers) == 6 and curves:
            x, y = numbers[4:]
            curves.append([*start, *numbers])
            outlines.append(curves[-1])
        elif command not in ("Z", "z"):
            raise DrawingError(
                f"Stroke {number} has a command {str(command)[:20]!r} with {len(numbers)} numbers, expected M, L, Q or "
                "C with its points. Clear the canvas and draw again."
            )
    return _as_points(curves), _as_points(outlines), straight


def _as_points(curves: list[list[float]]) -> NDArray[np.float64]:
    return np.array(curves, np.float64).reshape(-1, 4, 2)


def _middle(curves: NDArray[np.float64]) -> NDArray[np.float64]:
    """The middle of the box around some cubic Bézier curves (n, 4, 2): where Fabric puts a path's `left` and `top`."""
    first, second, third, fourth = (curves[:, place] for place in range(4))
    # The curve's derivative is 3 (a t² + b t + c). Where it is 0, the curve is leftmost, rightmost, top or bottom.
    a, b, c = fourth - 3 * third + 3 * second - first, 2 * (third - 2 * second + first), second - first
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(b * b - 4 * a * c)
        times = np.stack([(-b + root) / (2 * a), (-b - root) / (2 * a), np.where(np.abs(a) < 1e-9, -c / b, np.nan)])
    times = np.where((times > 0) & (times < 1), times, 0.0)  # The start of a curve is on it in any case.
    rest = 1 - times
    turns = rest**3 * first + 3 * rest**2 * times * second + 3 * rest * times**2 * third + times**3 * fourth
    reached = np.concatenate([turns.reshape(-1, 2), first, fourth])
    middle: NDArray[np.float64] = (reached.min(axis=0) + reached.max(axis=0)) / 2
    return middle


def _placed(points: NDArray[np.float64], middle: NDArray[np.float64], item: dict[str, Any]) -> Stroke:
    """Apply the object's placement: the path's middle goes to (left, top), and the path is transformed about it.

    Fabric's order is translate, rotate, scale, skew along x, skew along y. An untouched stroke does not change.
    """
    angle, skew_x, skew_y = (math.radians(float(item.get(key, 0))) for key in ("angle", "skewX", "skewY"))
    scale_x, scale_y = (float(item.get(f"scale{axis}", 1)) * (-1 if item.get(f"flip{axis}") else 1) for axis in "XY")
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    shape = (
        np.diag([scale_x, scale_y])
        @ np.array([[1, math.tan(skew_x)], [0, 1]])
        @ np.array([[1, 0], [math.tan(skew_y), 1]])
    )
    centre = np.array([float(item.get("left", middle[0])), float(item.get("top", middle[1]))])
    placed: Stroke = (points - middle) @ (turn @ shape).T + centre
    return placed

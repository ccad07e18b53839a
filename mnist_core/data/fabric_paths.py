"""Read the paths of Fabric.js, the library that draws on the canvas: commands become points.

>>> fabric_strokes([{"type": "Path", "left": 5, "top": 5, "path": [["M", 0, 0], ["L", 10, 10]]}])
[array([[ 0.,  0.],
       [10., 10.]])]
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.checks import Stroke
from mnist_core.errors import DrawingError

CURVE_STEPS = 4
"""Points on each of the short curves with which the canvas connects two pointer positions."""

MAX_COMMANDS = 20_000
"""Largest number of commands in a stroke."""

COMMANDS = {"M": 2, "L": 2, "Q": 4, "C": 6}
"""How many numbers each command of a path has. The last two are the point where it ends."""

BEGIN = ("M", "L")
"""With these a path may begin."""

CLOSE = ("Z", "z")
"""Commands that add no points."""

_STEPS = np.arange(1, CURVE_STEPS + 1) / CURVE_STEPS
_WEIGHTS = np.stack([math.comb(3, k) * _STEPS**k * (1 - _STEPS) ** (3 - k) for k in range(4)], axis=1)
"""(steps, 4): the weights of a cubic Bézier curve's control points at each step."""


@dataclass(frozen=True)
class Placement:
    """Where an object is on the canvas: its path's middle goes to (left, top), and the path is transformed about it.

    left, top: None for the middle itself. transform: (2, 2), or None for a stroke as it was drawn.
    """

    left: float | None
    top: float | None
    transform: NDArray[np.float64] | None

    def applied(self, points: NDArray[np.float64], middle: NDArray[np.float64]) -> Stroke:
        """The points where they are on the canvas. middle: of the path."""
        left, top = middle
        centre = (left if self.left is None else self.left, top if self.top is None else self.top)
        around = points - middle
        placed: Stroke = (around if self.transform is None else around @ self.transform.T) + centre
        return placed


@dataclass(frozen=True)
class Path:
    """The commands of a path.

    counts: how many numbers each has. numbers: of all. moves: which commands draw nothing but begin at their point.
    """

    counts: list[int]
    numbers: list[float]
    moves: list[int]
    placement: Placement


def fabric_strokes(items: Sequence[Any]) -> list[Stroke]:
    """The points of Fabric paths, in canvas pixels.

    items: the paths as JSON values, with M, L, Q and C commands. Raises DrawingError for anything else, because the
    values come from a browser.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # What is not finite is refused later.
        paths = [_read(item, number) for number, item in enumerate(items, start=1)]
        strokes = [np.zeros((0, 2)) for _ in items]
        used = [number for number, path in enumerate(paths) if path.counts]
        if not used:
            return strokes
        # All paths together: NumPy takes about as long for one as for ten.
        ends = np.cumsum([len(paths[number].counts) for number in used])
        begins = np.concatenate([[0], ends[:-1]])
        curves, outlines, straight = _curves([paths[number] for number in used], begins)
        middles = _middles(outlines, begins)
        points = np.einsum("sk,nkc->nsc", _WEIGHTS, curves)
        shown = np.ones(points.shape[:2], bool)
        shown[straight, :-1] = False  # A straight line needs its end only.
        for number, begin, end, middle in zip(used, begins, ends, middles, strict=True):
            strokes[number] = paths[number].placement.applied(points[begin:end][shown[begin:end]], middle)
    return strokes


def point_count(item: Any) -> int:
    """How many points a path has at most, without reading them. 0 for anything that is no path.

    >>> point_count({"type": "Path", "path": [["M", 0, 0], ["Q", 5, 0, 5, 5]]})
    5
    """
    path = item.get("path") if isinstance(item, dict) else None
    if not isinstance(path, list):
        return 0
    return sum(CURVE_STEPS if isinstance(each, list) and each[:1] not in (["M"], ["L"]) else 1 for each in path)


def _read(item: Any, number: int) -> Path:
    """number: of the stroke, for messages."""
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
        commands = [command for command in item["path"] if command[0] not in CLOSE]
        wrong = next((each for each in commands if COMMANDS.get(each[0]) != len(each) - 1), None)
        if commands and commands[0][0] not in BEGIN:
            wrong = commands[0]
        if wrong is not None:
            raise DrawingError(
                f"Stroke {number} has a command {str(wrong[0])[:20]!r} with {len(wrong) - 1} numbers, expected M, L, Q "
                "or C with its points, and first M or L. Clear the canvas and draw again."
            )
        counts = [len(command) - 1 for command in commands]
        numbers = [float(value) for command in commands for value in command[1:]]
        moves = [place for place, command in enumerate(commands) if command[0] == "M"]
        return Path(counts, numbers, moves, _placement(item))
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise DrawingError(
            f"Stroke {number} is not a Fabric path ({type(error).__name__}: {error}). Clear the canvas and draw again."
        ) from error


def _placement(item: dict[str, Any]) -> Placement:
    """Fabric's order is translate, rotate, scale, skew along x, skew along y."""
    left, top = (None if key not in item else float(item[key]) for key in ("left", "top"))
    angles = [float(item.get(key, 0)) for key in ("angle", "skewX", "skewY")]
    scales = [float(item.get(f"scale{axis}", 1)) * (-1 if item.get(f"flip{axis}") else 1) for axis in "XY"]
    if angles == [0, 0, 0] and scales == [1, 1]:
        return Placement(left, top, None)
    angle, skew_x, skew_y = map(math.radians, angles)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    skew = np.array([[1, math.tan(skew_x)], [0, 1]]) @ np.array([[1, 0], [math.tan(skew_y), 1]])
    return Placement(left, top, turn @ np.diag(scales) @ skew)


def _curves(
    paths: Sequence[Path], begins: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """The commands of all paths as cubic Bézier curves (n, 4, 2), those by which Fabric measures a path (n, 4, 2), and
    which of them are straight (n,). begins: the number of each path's first command.

    A quadratic curve is also a cubic one, with control points two thirds of the way to its own. Fabric measures it as
    the cubic curve that has the quadratic one's control point twice, which bends more.
    """
    counts = np.array([count for path in paths for count in path.counts])
    points = np.array([number for path in paths for number in path.numbers]).reshape(-1, 2)
    after = np.cumsum(counts // 2)  # the number of the point after the command's last one
    ends = points[after - 1]
    starts = np.concatenate([ends[:1], ends[:-1]])
    starts[begins] = 0.0
    moves = [begin + place for begin, path in zip(begins, paths, strict=True) for place in path.moves]
    starts[moves] = ends[moves]
    curves = np.stack([starts, starts, ends, ends], axis=1)
    cubic, quadratic = counts == COMMANDS["C"], counts == COMMANDS["Q"]
    curves[cubic, 1], curves[cubic, 2] = points[after[cubic] - 3], points[after[cubic] - 2]
    outlines = curves.copy()
    through = points[after[quadratic] - 2]
    outlines[quadratic, 1] = outlines[quadratic, 2] = through
    curves[quadratic, 1] = starts[quadratic] + 2 * (through - starts[quadratic]) / 3
    curves[quadratic, 2] = ends[quadratic] + 2 * (through - ends[quadratic]) / 3
    return curves, outlines, counts == COMMANDS["L"]


def _middles(curves: NDArray[np.float64], begins: NDArray[np.int64]) -> NDArray[np.float64]:
    """(paths, 2): the middle of the box around each path, where Fabric puts its `left` and `top`.

    curves: (n, 4, 2), cubic Bézier curves. begins: the number of each path's first one.
    """
    first, second, third, fourth = np.ascontiguousarray(curves.transpose(1, 0, 2))
    # The curve's derivative is 3 (a t² + b t + c). Where it is 0, the curve is leftmost, rightmost, top or bottom.
    a, b, c = fourth - 3 * third + 3 * second - first, 2 * (third - 2 * second + first), second - first
    root = np.sqrt(b * b - 4 * a * c)
    times = np.stack([(-b + root) / (2 * a), (-b - root) / (2 * a), np.where(np.abs(a) < 1e-9, -c / b, np.nan)])
    times = np.where((times > 0) & (times < 1), times, 0.0)  # The start of a curve is on it in any case.
    rest = 1 - times
    turns = rest**3 * first + 3 * rest**2 * times * second + 3 * rest * times**2 * third + times**3 * fourth
    reached = np.concatenate([turns, first[np.newaxis], fourth[np.newaxis]])
    low = np.minimum.reduceat(reached.min(axis=0), begins)
    high = np.maximum.reduceat(reached.max(axis=0), begins)
    middles: NDArray[np.float64] = (low + high) / 2
    return middles

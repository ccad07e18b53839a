"""Turn the text of a style into matrices that compute points along each stroke from its control points.

    >>> from mnist_core.handwriting.styles import STYLES
    >>> form = template(STYLES["7 crossed"])
    >>> form.masters.shape, form.strokes                    # 3 masters of 5 + 3 control points; stem and bar
    ((3, 8, 2), (slice(0, 17, None), slice(17, 22, None)))

The points are linear in the control points, so that one matrix product draws a thousand writers at once.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mnist_core.handwriting.styles import Style

UNITS_PER_POINT = 10.0
"""Distance of neighbouring points along a stroke, in hundredths of the digit's height: about 2 digit pixels."""


@dataclass(frozen=True)
class Template:
    """A style as matrices.

    masters: (m, controls, 2), the control points of each master.
    sharp, rounded: (points, controls). They compute points from control points, with sharp or with rounded corners.
    strokes: the slice of the points for each stroke.
    """

    masters: NDArray[np.float64]
    sharp: NDArray[np.float64]
    rounded: NDArray[np.float64]
    strokes: tuple[slice, ...]


@cache
def template(style: Style) -> Template:
    """The style as matrices. They are computed once and kept."""
    masters = [[_parsed(stroke) for stroke in master] for master in style.masters]
    weights = []
    for versions in zip(*masters, strict=True):
        controls = np.mean([points for points, _ in versions], axis=0)
        weights.append(spline(controls, versions[0][1]))
    ends = np.cumsum([0, *(len(sharp) for sharp in weights)])
    starts = np.cumsum([0, *(sharp.shape[1] for sharp in weights)])
    sharp, rounded = np.zeros((2, ends[-1], starts[-1]))
    for stroke, own in enumerate(weights):
        rows, columns = slice(ends[stroke], ends[stroke + 1]), slice(starts[stroke], starts[stroke + 1])
        sharp[rows, columns], rounded[rows, columns] = own, _smoothing(len(own)) @ own
    return Template(
        masters=np.array([np.concatenate([points for points, _ in master]) for master in masters]),
        sharp=sharp,
        rounded=rounded,
        strokes=tuple(slice(int(a), int(b)) for a, b in pairwise(ends)),
    )


def _parsed(stroke: str) -> tuple[NDArray[np.float64], tuple[int, ...]]:
    """The control points (k, 2) of one stroke, and the indices of those that are corners."""
    words = stroke.split()
    points = np.array([[float(number) for number in word.rstrip("!").split(",")] for word in words])
    return points, tuple(index for index, word in enumerate(words) if word.endswith("!"))


def spline(controls: NDArray[np.float64], corners: tuple[int, ...]) -> NDArray[np.float64]:
    """The weights, (points, k), that compute a curve from its k control points, smooth between the corners.

    The curve is a cubic Hermite spline through all control points. Its speed at each point comes from the neighbours.
    The time between points is the square root of their distance (a centripetal spline), so that the curve neither
    overshoots nor loops between uneven points.

    controls: (k, 2). corners: indices of control points at which the direction may jump.
    """
    pieces = []
    stops = [0, *corners, len(controls) - 1]
    for first, last in pairwise(stops):
        own = controls[first : last + 1]
        lengths = np.maximum(np.hypot(*np.diff(own, axis=0).T), 1.0)
        steps = np.sqrt(lengths)
        values = np.eye(len(controls))[first : last + 1]
        slopes = np.diff(values, axis=0) / steps[:, np.newaxis]
        speeds = np.concatenate([slopes[:1], slopes[-1:]]) if len(slopes) == 1 else np.empty_like(values)
        if len(slopes) > 1:
            fraction = (steps[1:] / (steps[1:] + steps[:-1]))[:, np.newaxis]
            speeds[1:-1] = fraction * slopes[:-1] + (1 - fraction) * slopes[1:]
            speeds[0], speeds[-1] = 1.5 * slopes[0] - 0.5 * speeds[1], 1.5 * slopes[-1] - 0.5 * speeds[-2]
        for k, (length, step) in enumerate(zip(lengths, steps, strict=True)):
            t = np.linspace(0, 1, max(2, round(length / UNITS_PER_POINT)) + 1)[:-1, np.newaxis]
            pieces.append(
                (1 + 2 * t) * (1 - t) ** 2 * values[k]
                + t * (1 - t) ** 2 * step * speeds[k]
                + t**2 * (3 - 2 * t) * values[k + 1]
                - t**2 * (1 - t) * step * speeds[k + 1]
            )
    return np.concatenate([*pieces, np.eye(len(controls))[-1:]])


def _smoothing(points: int) -> NDArray[np.float64]:
    """A running average along a stroke, (points, points), that does not move its two ends."""
    index = np.arange(points)
    reach = np.minimum(2.0, np.minimum(index, index[::-1]) + 1e-3)[:, np.newaxis]
    weights = np.exp(-(((index - index[:, np.newaxis]) / reach) ** 2))
    average: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return average

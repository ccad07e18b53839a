"""Where the labels of a scatter chart go, so that none covers another label or another point.

    >>> place([Spot(0.1, 0.5, "mlp"), Spot(0.12, 0.5, "cnn")], width=300, height=200)
    [Placed(to_the_right=True, y=0.6), Placed(to_the_right=True, y=0.36)]

A chart fills its column, so its width is not known here. Its height and the size of its letters are fixed. If no labels
overlap on the narrowest chart, none overlap on a wider one, because points move apart and letters keep their size. The
space between a point and its label belongs to the label. Otherwise another label could come to lie there as the chart
grows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Box = tuple[float, float, float, float]
"""The left, right, lower and upper edge, in pixels."""

LINE = 16.0
"""The smallest distance between the middles of two labels, in pixels."""

LETTER = 6.6
"""The width of a letter of 12 pixels, in pixels. It is more than the average, to be safe."""

GAP = 9.0
"""Pixels between a point and its label."""

POINT = 7.0
"""Half the side of a point's symbol with some margin, in pixels."""


@dataclass(frozen=True)
class Spot:
    """A point and its label.

    x: 0 at the left end of the axis, 1 at the right. y: 0 at the bottom, 1 at the top. text: the label.
    """

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Placed:
    """Where a label goes: to the right or to the left of its point, and at which height, 0..1."""

    to_the_right: bool
    y: float


def place(spots: Sequence[Spot], *, width: float, height: float) -> list[Placed]:
    """A place for each label. width: of the narrowest chart, in pixels, between the axes. height: of every chart.

    Labels of points in the right half go to the left of them. A label that would cover something moves to the nearest
    free line above or below. If there are too many points for that, it may cover another label's point. It covers
    another label only if there are more labels than lines.
    """
    lines = np.arange(LINE / 2, height - LINE / 2 + 0.01, LINE)
    points = [_around(spot.x * width, spot.y * height) for spot in spots]
    labels: list[Box] = []
    placed: dict[int, Placed] = {}
    for index in sorted(range(len(spots)), key=lambda index: (-spots[index].y, spots[index].x)):
        spot = spots[index]
        middle, reach = spot.x * width, GAP + len(spot.text) * LETTER
        to_the_right = spot.x < 0.5
        # The box begins at the point, so that no other label comes to lie between the two.
        left, right = (middle, middle + reach) if to_the_right else (middle - reach, middle)
        nearest = sorted(lines.tolist(), key=lambda y: abs(y - spot.y * height))
        if 2 * len(spots) < len(lines):  # a label at the height of its point touches two lines
            nearest.insert(0, min(max(spot.y * height, LINE / 2), height - LINE / 2))
        boxes = [(left, right, y - LINE / 2, y + LINE / 2) for y in nearest]
        others = [point for other, point in enumerate(points) if other != index]
        off_labels = [box for box in boxes if not any(_overlap(box, label) for label in labels)] or boxes
        free = [box for box in off_labels if not any(_overlap(box, point) for point in others)] or off_labels
        box = free[0]
        labels.append(box)
        placed[index] = Placed(to_the_right, round((box[2] + box[3]) / 2 / height, 4))
    return [placed[index] for index in range(len(spots))]


def shortened(name: str, letters: int = 18) -> str:
    """The beginning and the end of a long name, with dots between. letters: the most that the result has.

    >>> shortened("cnn-robust"), shortened("a-run-with-a-very-long-name-2")
    ('cnn-robust', 'a-run-with-…-name-2')
    """
    return name if len(name) <= letters else f"{name[: letters - 7]}…{name[-7:]}"


def _around(x: float, y: float) -> Box:
    return x - POINT, x + POINT, y - POINT, y + POINT


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]

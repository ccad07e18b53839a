"""Labels beside points that cover neither each other nor another point, on a chart of any width from the given one up.

    >>> place([Spot(0.1, 0.5, "mlp"), Spot(0.12, 0.5, "cnn")], width=300, height=200)
    [Placed(to_the_right=True, y=0.6), Placed(to_the_right=True, y=0.36)]

A chart fills its column, so its width is not known here, while its height and its letters are of fixed size. Where no two labels overlap at the
smallest width, none do at a larger one: points move apart, letters stay. (What lies between a point and its label counts as the label's, or another
label could pass through there as the chart grows.)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Box = tuple[float, float, float, float]
"""Left, right, lower and upper end, in pixels."""

LINE = 16.0
"""Pixels from one label's middle to the next one's, at least."""

LETTER = 6.6
"""Width of a letter of 12 pixels, on average, in pixels; rather too wide than too narrow."""

GAP = 9.0
"""Pixels between a point and its label."""

POINT = 7.0
"""Half the side of a point's symbol, in pixels, with a little air."""


@dataclass(frozen=True)
class Spot:
    """x: 0 at the left end of the axis, 1 at the right. y: 0 at the bottom, 1 at the top. text: the label."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Placed:
    """Whether the label stands right or left of its point, and at which height, 0..1."""

    to_the_right: bool
    y: float


def place(spots: Sequence[Spot], *, width: float, height: float) -> list[Placed]:
    """A place for each label. width: of the narrowest chart, pixels, within its axes; height: of every chart.

    Labels of points on the right half stand to their left. One that would cover something goes to the nearest free line above or below; where there
    are too many points for that it may cover another one's point, and only where there are more than lines another label.
    """
    lines = np.arange(LINE / 2, height - LINE / 2 + 0.01, LINE)
    points = [_around(spot.x * width, spot.y * height) for spot in spots]
    labels: list[Box] = []
    placed: dict[int, Placed] = {}
    for index in sorted(range(len(spots)), key=lambda index: (-spots[index].y, spots[index].x)):
        spot = spots[index]
        middle, reach = spot.x * width, GAP + len(spot.text) * LETTER
        to_the_right = spot.x < 0.5
        left, right = (
            (middle, middle + reach) if to_the_right else (middle - reach, middle)
        )  # from the point on, so that none slips between
        nearest = sorted(lines.tolist(), key=lambda y: abs(y - spot.y * height))
        if 2 * len(spots) < len(lines):  # beside its point a label takes the room of two lines
            nearest.insert(0, min(max(spot.y * height, LINE / 2), height - LINE / 2))
        boxes = [(left, right, y - LINE / 2, y + LINE / 2) for y in nearest]
        clear = [box for box in boxes if not any(_overlap(box, label) for label in labels)] or boxes
        box = (
            [
                box
                for box in clear
                if not any(_overlap(box, point) for other, point in enumerate(points) if other != index)
            ]
            or clear
        )[0]
        labels.append(box)
        placed[index] = Placed(to_the_right, round((box[2] + box[3]) / 2 / height, 4))
    return [placed[index] for index in range(len(spots))]


def shortened(name: str, letters: int = 18) -> str:
    """A name that leaves room for others: its beginning and its end.

    >>> shortened("cnn-robust"), shortened("a-run-with-a-very-long-name-2")
    ('cnn-robust', 'a-run-with-…-name-2')
    """
    return name if len(name) <= letters else f"{name[: letters - 7]}…{name[-7:]}"


def _around(x: float, y: float) -> Box:
    return x - POINT, x + POINT, y - POINT, y + POINT


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]

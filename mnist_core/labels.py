"""Labels beside points that cover neither each other nor another point, on a chart of any width from the given one up.

    >>> place([Spot(0.1, 0.5, "mlp"), Spot(0.12, 0.5, "cnn")], width=300, height=200)
    [Placed(to_the_right=True, y=0.58), Placed(to_the_right=True, y=0.5)]

A chart fills its column, so its width is not known here, while its height and its letters are of fixed size. Where no two labels overlap at the
smallest width, none do at a larger one: points move apart, letters stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass

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

    Labels of points on the right half stand to their left. One that would cover something goes to the nearest free line above or below.
    """
    boxes: list[tuple[float, float, float, float]] = [_around(spot.x * width, spot.y * height) for spot in spots]
    placed: dict[int, Placed] = {}
    for index in sorted(range(len(spots)), key=lambda index: (-spots[index].y, spots[index].x)):
        spot = spots[index]
        to_the_right = spot.x < 0.5
        reach = GAP + len(spot.text) * LETTER
        left, right = (spot.x * width + GAP, spot.x * width + reach) if to_the_right else (spot.x * width - reach, spot.x * width - GAP)
        lines = [spot.y * height + step * sign * LINE for step in range(len(spots) * 3) for sign in (1, -1)]
        within = [y for y in lines if LINE / 2 <= y <= height - LINE / 2] or lines
        free = [y for y in within if not any(_overlap((left, right, y - LINE / 2, y + LINE / 2), box) for box in boxes)]
        y = (free or within)[0]
        boxes.append((left, right, y - LINE / 2, y + LINE / 2))
        placed[index] = Placed(to_the_right, round(y / height, 4))
    return [placed[index] for index in range(len(spots))]


def shortened(name: str, letters: int = 18) -> str:
    """A name that leaves room for others: its beginning and its end.

    >>> shortened("cnn-robust"), shortened("a-run-with-a-very-long-name-2")
    ('cnn-robust', 'a-run-with-…-name-2')
    """
    return name if len(name) <= letters else f"{name[: letters - 7]}…{name[-7:]}"


def _around(x: float, y: float) -> tuple[float, float, float, float]:
    return x - POINT, x + POINT, y - POINT, y + POINT


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]

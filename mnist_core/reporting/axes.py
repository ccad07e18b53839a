"""The axes of charts, for any library that draws them: titles, and ends, ticks and positions on a logarithmic axis.

>>> ticks([0.9, 30])
[1.0, 2.0, 5.0, 10.0, 20.0]
>>> position(10, [1, 100])
0.5
"""

from collections.abc import Sequence
from math import log10

CURVE_TITLES = {"epoch": "epoch", "seconds": "seconds of training"}
"""The title below learning curves, by `View.axis`."""


def ends(values: Sequence[float], *, margin: float) -> list[float]:
    """The two ends of an axis that shows all values, which are above 0.

    margin: the free fraction of the axis beyond the values at each end. Values that are close together get an axis as
    if they spanned a factor of 2. Without values the ends are 1 and 10.
    """
    if not values:
        return [1.0, 10.0]
    low, high = log10(min(values)), log10(max(values))
    span = max(high - low, log10(2))
    return [10 ** (low - margin * span), 10 ** (high + margin * span)]


def position(value: float, ends: Sequence[float]) -> float:
    """Where a value lies on the axis: 0 at its first end, 1 at its last."""
    return (log10(value) - log10(ends[0])) / (log10(ends[1]) - log10(ends[0]))


def ticks(ends: Sequence[float]) -> list[float]:
    """The ticks of the axis: 1, 2 and 5 times the powers of ten; on longer axes 1 and 3 times them, or only 1."""
    first, last = int(log10(ends[0])) - 1, int(log10(ends[1])) + 1
    decades = log10(ends[1] / ends[0])
    steps = (1,) if decades > 4 else (1, 3) if decades > 2 else (1, 2, 5)
    return [
        value
        for power in range(first, last + 1)
        for step in steps
        if ends[0] <= (value := float(f"{step}e{power}")) <= ends[1]
    ]

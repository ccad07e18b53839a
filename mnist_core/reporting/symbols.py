"""The symbols that mark runs in charts, and how each kind of chart draws them.

Every symbol has Vega's name, an outline for legends, and Matplotlib's marker.

>>> SYMBOLS["diamond"].marker
'D'
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Symbol:
    """outline: an SVG path around (0, 0), about 9 pixels wide. marker: Matplotlib's name."""

    outline: str
    marker: str


SYMBOLS: dict[str, Symbol] = {
    "circle": Symbol("M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0Z", "o"),
    "square": Symbol("M-3.6,-3.6H3.6V3.6H-3.6Z", "s"),
    "diamond": Symbol("M0,-5L4,0L0,5L-4,0Z", "D"),
    "cross": Symbol("M-4.5,-1.5H-1.5V-4.5H1.5V-1.5H4.5V1.5H1.5V4.5H-1.5V1.5H-4.5Z", "P"),
    "wye": Symbol("M-1.3,4.6V.7L-4.4,-1.1L-3.1,-3.4L0,-1.6L3.1,-3.4L4.4,-1.1L1.3,.7V4.6Z", "2"),
    "triangle-up": Symbol("M0,-4.6L4.6,3.6H-4.6Z", "^"),
    "triangle-down": Symbol("M0,4.6L4.6,-3.6H-4.6Z", "v"),
    "triangle-left": Symbol("M-4.6,0L3.6,-4.6V4.6Z", "<"),
    "triangle-right": Symbol("M4.6,0L-3.6,-4.6V4.6Z", ">"),
    "stroke": Symbol("M-4.5,-1.2H4.5V1.2H-4.5Z", "_"),
    "arrow": Symbol("M0,-5L3.5,-1H1.2V5H-1.2V-1H-3.5Z", "1"),
    "wedge": Symbol("M0,-5L2.2,4.5H-2.2Z", "|"),
}
"""All symbols, by Vega's name."""

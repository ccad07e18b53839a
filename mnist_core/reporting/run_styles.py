"""How each run looks in every chart: a colour, a dash and a shape of its own.

    >>> two = looks({"mlp-robust": "mlp", "cnn-robust": "cnn"})
    >>> two["mlp-robust"].light, two["cnn-robust"].light
    ('#b4510f', '#1f5fa8')

MLPs are warm and CNNs are cool, as everywhere in the app; what is neither is violet to grey. Colour alone never carries the meaning: two runs of
a family differ by dash and shape as well, and the families stay apart for the colour-blind (a test simulates it).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

COLOURS: dict[str, tuple[tuple[str, str], ...]] = {
    "mlp": (("#b4510f", "#f0a35e"), ("#6b2c0a", "#ffdcb0"), ("#b08400", "#d3b021"), ("#c23b52", "#ff8a8f")),
    "cnn": (("#1f5fa8", "#74b2f4"), ("#0d2c5c", "#cfe4ff"), ("#16899c", "#43cbd6"), ("#6a5acd", "#8a76f5")),
    "other": (("#7c6a86", "#b9a8c4"), ("#3b3440", "#e6dcec"), ("#8f8494", "#8c8292"), ("#5d5364", "#d0c4d6")),
}
"""By family; each as it is on a light and on a dark ground."""

PALETTE = tuple(pair for family in COLOURS.values() for pair in family)
"""All of them in one row, as the charts' theme in .streamlit/config.toml has them (a test compares): so a chart follows light and dark by itself."""

SHAPES: dict[str, tuple[str, ...]] = {
    "mlp": ("circle", "triangle-up", "wye", "triangle-left"),
    "cnn": ("square", "diamond", "cross", "triangle-down"),
    "other": ("triangle-right", "stroke", "arrow", "wedge"),
}
"""Symbols by family, in Vega's names."""

DASHES: tuple[tuple[int, ...], ...] = ((1, 0), (7, 3), (2, 2), (9, 3, 2, 3), (12, 4))
"""Lengths of lines and gaps in pixels; the first is a full line."""


@dataclass(frozen=True)
class RunStyle:
    """slot: place of its colours in PALETTE. light, dark: these, on a light and on a dark ground. dash: lengths of lines and gaps, pixels.
    shape: a Vega symbol."""

    slot: int
    light: str
    dark: str
    dash: tuple[int, ...]
    shape: str

    @property
    def colour(self) -> str:
        """For a style sheet or an SVG: follows the page's light or dark."""
        return f"light-dark({self.light}, {self.dark})"


def run_styles(architectures: Mapping[str, str]) -> dict[str, RunStyle]:
    """The look of each run. architectures: by the run's name, in the order in which they are shown.

    The first run of each family has the app's own colour, a full line, and a plain shape. Twenty of one family are all different; after that,
    looks come again.
    """
    seen: Counter[str] = Counter()
    found = {}
    for name, architecture in architectures.items():
        family = architecture if architecture in COLOURS else "other"
        place = seen[family]
        seen[family] += 1
        colour, round_ = place % len(COLOURS[family]), place // len(COLOURS[family])
        slot = list(COLOURS).index(family) * len(COLOURS[family]) + colour
        found[name] = RunStyle(slot, *PALETTE[slot], DASHES[(colour + round_) % len(DASHES)], SHAPES[family][colour])
    return found


OUTLINES = {
    "circle": "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0Z",
    "square": "M-3.6,-3.6H3.6V3.6H-3.6Z",
    "diamond": "M0,-5L4,0L0,5L-4,0Z",
    "cross": "M-4.5,-1.5H-1.5V-4.5H1.5V-1.5H4.5V1.5H1.5V4.5H-1.5V1.5H-4.5Z",
    "wye": "M-1.3,4.6V.7L-4.4,-1.1L-3.1,-3.4L0,-1.6L3.1,-3.4L4.4,-1.1L1.3,.7V4.6Z",
    "triangle-up": "M0,-4.6L4.6,3.6H-4.6Z",
    "triangle-down": "M0,4.6L4.6,-3.6H-4.6Z",
    "triangle-left": "M-4.6,0L3.6,-4.6V4.6Z",
    "triangle-right": "M4.6,0L-3.6,-4.6V4.6Z",
    "stroke": "M-4.5,-1.2H4.5V1.2H-4.5Z",
    "arrow": "M0,-5L3.5,-1H1.2V5H-1.2V-1H-3.5Z",
    "wedge": "M0,-5L2.2,4.5H-2.2Z",
}
"""The symbols as SVG paths about (0, 0), some 9 pixels wide."""


def swatch(run_style: RunStyle) -> str:
    """A small picture for legends and tables: a piece of the run's line with its symbol on it. The name beside it is its text.

    A mask over the colour, so that it follows light and dark, and because Streamlit lets no SVG element into a page.
    """
    picture = (
        "<svg xmlns='http://www.w3.org/2000/svg' width='36' height='12' viewBox='0 0 36 12'>"
        f"<path d='M1,6H35' stroke='black' stroke-width='2' stroke-dasharray='{' '.join(map(str, run_style.dash))}' fill='none'/>"
        f"<path d='{OUTLINES[run_style.shape]}' transform='translate(18 6)'/></svg>"
    )
    return f'<span class="swatch" aria-hidden="true" style="background:{run_style.colour};mask:url(data:image/svg+xml,{quote(picture)})"></span>'

"""How charts, legends and tables mark each run: by a colour, a dash pattern and a symbol.

    >>> two = run_styles({"mlp-robust": "mlp", "cnn-robust": "cnn"})
    >>> two["mlp-robust"].light, two["cnn-robust"].light
    ('#b4510f', '#1f5fa8')

Colours and symbols belong to the architecture. MLPs have warm colours and CNNs cool ones; an architecture without
colours has the neutral ones, from violet to grey. Colour never carries the meaning alone: two runs of one architecture
differ in dash pattern and symbol as well, and a test checks that colour-blind people can tell MLPs from CNNs.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from markupsafe import Markup

from mnist_core.models.registry import ARCHITECTURES
from mnist_core.reporting.html_templates import render
from mnist_core.reporting.symbols import SYMBOLS

Pair = tuple[str, str]
"""Two hexadecimal colours: for a light background and for a dark one."""


NEUTRAL_COLOURS: tuple[Pair, ...] = (
    ("#7c6a86", "#b9a8c4"),
    ("#3b3440", "#e6dcec"),
    ("#8f8494", "#8c8292"),
    ("#5d5364", "#d0c4d6"),
)
"""For runs of an architecture that has no colours of its own, or that is not known here."""

NEUTRAL_SYMBOLS = ("triangle-right", "stroke", "arrow", "wedge")
"""For runs of an architecture that has no symbols of its own."""

PALETTE: tuple[Pair, ...] = (
    *(("#b4510f", "#f0a35e"), ("#6b2c0a", "#ffdcb0"), ("#b08400", "#d3b021"), ("#c23b52", "#ff8a8f")),
    *(("#1f5fa8", "#74b2f4"), ("#0d2c5c", "#cfe4ff"), ("#16899c", "#43cbd6"), ("#6a5acd", "#8a76f5")),
    *NEUTRAL_COLOURS,
)
"""The charts' colours in the app's theme, in the order of .streamlit/config.toml; a test compares the two.

A chart that uses only these follows the light or dark theme by itself, also in a downloaded picture. An architecture
may have other colours: see `chart_style.colour_of_run`.
"""

DASHES: tuple[tuple[int, ...], ...] = ((1, 0), (7, 3), (2, 2), (9, 3, 2, 3), (12, 4))
"""Lengths of lines and gaps in pixels. The first is a solid line."""


@dataclass(frozen=True)
class RunStyle:
    """How a run is drawn.

    light, dark: its colour on a light and on a dark background. dash: lengths of lines and gaps, in pixels.
    symbol: a name in `symbols.SYMBOLS`. slot: the place of its colours in PALETTE; None for other colours.
    """

    light: str
    dark: str
    dash: tuple[int, ...]
    symbol: str
    slot: int | None

    @property
    def colour(self) -> str:
        """The colour for a style sheet or an SVG. It follows the page's light or dark theme."""
        return f"light-dark({self.light}, {self.dark})"


def colours_of(architecture: str) -> tuple[Pair, ...]:
    """The colours for runs of an architecture, each for a light and for a dark background."""
    registered = ARCHITECTURES.get(architecture)
    return (registered.colours if registered else ()) or NEUTRAL_COLOURS


def symbols_of(architecture: str) -> tuple[str, ...]:
    """The symbols for runs of an architecture. Names that `symbols.SYMBOLS` does not have are left out."""
    registered = ARCHITECTURES.get(architecture)
    return tuple(name for name in (registered.symbols if registered else ()) if name in SYMBOLS) or NEUTRAL_SYMBOLS


def run_styles(architectures: Mapping[str, str]) -> dict[str, RunStyle]:
    """The style of each run. `architectures` holds each run's architecture by the run's name, in the order of display.

    The first run of each architecture has its first colour, its first symbol and a solid line. Twenty runs of one
    architecture all differ if it has four colours and four symbols. After that, styles repeat.
    """
    seen: Counter[tuple[Pair, ...]] = Counter()
    found = {}
    for name, architecture in architectures.items():
        colours, symbols = colours_of(architecture), symbols_of(architecture)
        turn, colour = divmod(seen[colours], len(colours))
        seen[colours] += 1
        light, dark = colours[colour]
        found[name] = RunStyle(
            light=light,
            dark=dark,
            dash=DASHES[(colour + turn) % len(DASHES)],
            symbol=symbols[(colour + turn // len(DASHES)) % len(symbols)],
            slot=PALETTE.index((light, dark)) if (light, dark) in PALETTE else None,
        )
    return found


@lru_cache(maxsize=256)
def swatch(run_style: RunStyle) -> Markup:
    """A small picture for legends and tables: a piece of the run's line with its symbol on it.

    Screen readers skip it, because the name of the run stands beside it. The picture is a mask over the colour, so that
    it follows the light or dark theme, and because Streamlit removes SVG elements from HTML.
    """
    picture = render("swatch.svg.j2", dash=run_style.dash, outline=SYMBOLS[run_style.symbol].outline)
    return render("swatch.html.j2", colour=run_style.colour, picture=quote(picture))

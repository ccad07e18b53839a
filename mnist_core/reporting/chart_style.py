"""Colour, dash pattern and symbol of runs in Altair charts, by the field `run`.

Legends are not Vega's but the page's own, because they must wrap on a phone.
"""

from collections.abc import Mapping
from typing import Any

import altair as alt

from mnist_core.reporting.run_styles import PALETTE, RunStyle
from mnist_core.reporting.vega import SVG

NO_RUN = " "
"""The first character of names that no run can have. They fill the places in a scale that no run uses."""


def colour_of_run(run_styles: Mapping[str, RunStyle], **options: Any) -> alt.Color:
    """Colour by the field `run`.

    The scale has no colours of its own: the browser takes those of the light or dark theme, place by place. So each run
    stands in the scale's domain where its colour stands in the theme.

    The theme cannot have the colours of an architecture that somebody adds. With a run of such an architecture, the
    scale holds all colours itself, each as `light-dark(...)`. `usermeta` then makes the chart an SVG. On the page it
    follows the theme as well, but a picture downloaded from the chart may lose those colours.
    """
    domain = _domain(run_styles)
    if follows_theme(run_styles):
        scale = alt.Scale(domain=domain)
    else:
        scale = alt.Scale(domain=domain, range=[run_styles[name].colour for name in domain])
    return alt.Color("run:N", scale=scale, legend=None, **options)


def dash_of_run(run_styles: Mapping[str, RunStyle]) -> alt.StrokeDash:
    """Dash pattern by the field `run`."""
    dashes = {name: list(run_style.dash) for name, run_style in run_styles.items()}
    return alt.StrokeDash("run:N", scale=_scale(run_styles, dashes, otherwise=[1, 0]), legend=None)


def symbol_of_run(run_styles: Mapping[str, RunStyle]) -> alt.Shape:
    """Symbol by the field `run`."""
    symbols = {name: run_style.symbol for name, run_style in run_styles.items()}
    return alt.Shape("run:N", scale=_scale(run_styles, symbols, otherwise="circle"), legend=None)


def follows_theme(run_styles: Mapping[str, RunStyle]) -> bool:
    """Whether the app's theme has the colours of all these runs."""
    return all(run_style.slot is not None for run_style in run_styles.values())


def usermeta(run_styles: Mapping[str, RunStyle]) -> dict[str, Any]:
    """The `usermeta` of a chart of these runs."""
    return {} if follows_theme(run_styles) else SVG


def _domain(run_styles: Mapping[str, RunStyle]) -> list[str]:
    """The names of the runs in the order of a scale.

    Colour, dash pattern and symbol need the same domain, or Vega warns. If the colours are the theme's, each run stands
    at a place with its colour, and names of no run fill the other places.
    """
    if not follows_theme(run_styles):
        return list(run_styles)
    domain: list[str] = []
    for name, run_style in run_styles.items():
        place = run_style.slot or 0
        while place < len(domain) and not domain[place].startswith(NO_RUN):
            place += len(PALETTE)  # Vega begins again with the first colour after the last
        domain += [f"{NO_RUN}{number}" for number in range(len(domain), place + 1)]
        domain[place] = name
    return domain


def _scale(run_styles: Mapping[str, RunStyle], values: Mapping[str, Any], *, otherwise: Any) -> alt.Scale:
    domain = _domain(run_styles)
    return alt.Scale(domain=domain, range=[values.get(name, otherwise) for name in domain])

"""Charts as plain Altair objects: figures in, a chart out. Nothing here knows on which page.

Every chart carries a `description`: a sentence with what it shows, for those who do not see it.
"""

from collections.abc import Mapping
from typing import Any

import altair as alt

from mnist_core.looks import Look

SVG = {"embedOptions": {"renderer": "svg"}}
"""The `usermeta` of every chart in the runs' colours: as SVG they follow the page's light or dark by themselves."""


def colour_of_run(looks: Mapping[str, Look], **options: Any) -> alt.Color:
    """Colour by the field `run`, as looks.py says. Legends are the page's own, for they must wrap on a phone."""
    return alt.Color("run:N", scale=_scale(looks, [look.colour for look in looks.values()]), legend=None, **options)


def dash_of_run(looks: Mapping[str, Look]) -> alt.StrokeDash:
    """Dash by the field `run`."""
    return alt.StrokeDash("run:N", scale=_scale(looks, [list(look.dash) for look in looks.values()]), legend=None)


def shape_of_run(looks: Mapping[str, Look]) -> alt.Shape:
    """Symbol by the field `run`."""
    return alt.Shape("run:N", scale=_scale(looks, [look.shape for look in looks.values()]), legend=None)


def _scale(looks: Mapping[str, Look], values: list[Any]) -> alt.Scale:
    return alt.Scale(domain=list(looks), range=values)

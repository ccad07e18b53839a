"""The charts of the page Curves: how finished runs learned, all on the same axes."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mnist_core.reporting.axes import CURVE_TITLES, ticks
from mnist_core.reporting.chart_style import colour_of_run, dash_of_run, symbol_of_run, usermeta
from mnist_core.reporting.run_styles import RunStyle
from mnist_core.reporting.vega import Chart, percent_axis
from mnist_core.runs.learning_curves import LearningCurve, View, curves_in_words, drawn, read_off

HEIGHT = 340
"""Pixels."""

BARE: dict[str, Any] = {"aria": False, "invalid": None}
"""Options of marks with many points. Vega writes no words for each point, because the chart's description tells enough,
and does not search for values that cannot be drawn, because none are sent. Both would make the page open later."""

WIDTHS = {"validation": 2.4, "training": 1.1}
"""Widths of the lines, in pixels. Colour and dash pattern tell the run, the width tells which digits were used."""

OPACITIES = {"validation": 1.0, "training": 0.55}
"""Training lines lie behind, and are paler."""


def learning_chart(
    curves: Sequence[LearningCurve], run_styles: Mapping[str, RunStyle], measure: str, view: View
) -> Chart:
    """Loss or accuracy of all runs. A symbol marks the epoch whose weights were kept.

    Pointing at a place shows the values of all runs there. With smoothing, the recorded line is drawn faintly behind.
    measure: 'loss' or 'accuracy'.
    """
    rows, kept = _rows(curves, measure, view)
    values = pd.concat([rows["y"], rows["raw"]]) if view.smoothing else rows["y"]
    across = alt.X(
        "x:Q",
        title=CURVE_TITLES[view.axis],
        scale=_scale(rows["x"], logarithmic=view.log_axis, margin=1.0),
        axis=_axis(rows["x"], logarithmic=view.log_axis, format="~s", grid=False),
    )
    up = alt.Y(
        "y:Q",
        title=None,
        scale=_scale(values, logarithmic=view.log_values, margin=1.15),
        axis=_axis(values, logarithmic=view.log_values, format="~%" if measure == "accuracy" else "~g", grid=True),
    )
    base = alt.Chart(rows).encode(x=across, color=colour_of_run(run_styles), detail="split:N")
    width = alt.StrokeWidth("split:O", scale=alt.Scale(domain=list(WIDTHS), range=list(WIDTHS.values())), legend=None)
    strength = alt.Opacity(
        "split:O", scale=alt.Scale(domain=list(OPACITIES), range=list(OPACITIES.values())), legend=None
    )
    lines = base.mark_line(**BARE).encode(y=up, strokeDash=dash_of_run(run_styles), strokeWidth=width, opacity=strength)
    layers: list[Any] = [lines]
    if view.smoothing:
        layers.insert(0, base.mark_line(**BARE, strokeWidth=1, opacity=0.3).encode(y=alt.Y("raw:Q", title=None)))
    symbols = (
        alt.Chart(kept)
        .mark_point(**BARE, filled=True, size=90, opacity=1)
        .encode(x=across, y=up, color=colour_of_run(run_styles), shape=symbol_of_run(run_styles))
    )
    return alt.layer(*layers, symbols, _hover_bands(curves, measure, view, across)).properties(
        height=HEIGHT,
        title=view.name_of(measure).capitalize(),
        usermeta=usermeta(run_styles),
        description=curves_in_words(curves, measure, view),
    )


def _scale(values: pd.Series, *, logarithmic: bool, margin: float) -> alt.Scale:
    if not logarithmic:
        return alt.Scale(zero=False, nice=False)
    return alt.Scale(type="log", domain=_ends(values, margin), nice=False)


def _axis(values: pd.Series, *, logarithmic: bool, format: str, grid: bool) -> alt.Axis:
    axis = percent_axis if format.endswith("%") else alt.Axis
    if not logarithmic:
        return axis(format=format, tickCount=6, grid=grid)
    return axis(format=format, values=ticks(_ends(values, 1.15)), grid=grid)


def _ends(values: pd.Series, margin: float) -> list[float]:
    """The ends of a logarithmic axis with these values, all above 0. margin: how many times it reaches beyond them."""
    if not len(values):
        return [1.0, 10.0]
    low, high = float(values.min()), float(values.max())
    return [low / margin, max(high, low * 1.01) * margin]


def _rows(curves: Sequence[LearningCurve], measure: str, view: View) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The lines (run, split, x, y, and raw if they are smoothed) and the kept epochs (run, x, y)."""
    kept: list[dict[str, Any]] = []
    parts: dict[str, list[pd.DataFrame]] = {split: [] for split in reversed(view.splits)}
    for curve in curves:
        x = curve.across(view.axis)
        for split in reversed(view.splits):  # the first one, usually validation, lies in front
            raw, line = drawn(curve, measure, split, view)
            shown = ~np.isnan(line) & view.shows(x)
            columns = {"run": curve.run, "split": split, "x": x[shown].round(3), "y": _six_figures(line[shown])}
            parts[split].append(pd.DataFrame(columns | ({"raw": _six_figures(raw[shown])} if view.smoothing else {})))
            if split == view.splits[0] and 1 <= curve.best_epoch <= len(x) and shown[curve.best_epoch - 1]:
                kept.append({"run": curve.run, "x": x[curve.best_epoch - 1], "y": line[curve.best_epoch - 1]})
    empty = pd.DataFrame({name: [] for name in ("run", "split", "x", "y", "raw")})
    every = [part for of_split in parts.values() for part in of_split]
    return pd.concat(every) if every else empty, pd.DataFrame(kept, columns=["run", "x", "y"])


def _six_figures(values: NDArray[np.floating[Any]]) -> list[float]:
    """Rounded to six significant figures. More cannot be seen, and would double the size of the data."""
    return [float(f"{value:.6g}") for value in values]


def _hover_bands(curves: Sequence[LearningCurve], measure: str, view: View, across: alt.X) -> alt.Chart:
    """Bands that appear under the pointer or a finger, with the values of every run in a tooltip.

    Every place on the axis has its own band, because the browser draws these faster than Vega finds the nearest place.
    """
    places, texts = read_off(curves, measure, view)
    # A blank follows each run's name, because some words have a meaning in a tooltip: title, image.
    names = [f"{curve.run}\u00a0" for curve in curves]
    pointed = alt.selection_point(on="pointerover", clear="pointerout", fields=["x"], empty=False)
    where = [f"{place:g}" if view.axis == "epoch" else f"{place:,.1f}" for place in places]
    between = np.sqrt(places[1:] * places[:-1]) if view.log_axis else (places[1:] + places[:-1]) / 2
    edges = np.concatenate([places[:1], between, places[-1:]]).round(3)
    if len(places) == 1:
        edges[1] *= 1.01  # nobody could point at a band without width
    # One field holds the whole tooltip. With a field for each run, the browser would evaluate that many expressions for
    # every band.
    tooltips = [
        {view.axis: at, **dict(zip(names, values, strict=True))} for at, *values in zip(where, *texts, strict=True)
    ]
    rows = pd.DataFrame({"x": edges[: len(tooltips)], "to": edges[1 : len(tooltips) + 1], "tooltip": tooltips})
    bands: alt.Chart = (
        alt.Chart(rows)
        .mark_rect(**BARE, strokeWidth=1, color="gray", stroke="gray")
        .encode(
            x=across,
            x2="to:Q",
            y=alt.value(0),
            y2=alt.value("height"),
            opacity=alt.condition(pointed, alt.value(0.3), alt.value(0)),
            tooltip="tooltip:N",
        )
        .add_params(pointed)
    )
    return bands

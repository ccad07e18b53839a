"""The chart of a sweep on a page: lines for one varied setting, a heat table for two.

Two kinds of uncertainty are told apart. Bars are the 95 % interval over the test digits. The shaded band, with a small
dot for each run, is the range over the seeds.
"""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from mnist_core.formatting import percent
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.reporting.chart_style import colour_of_run, symbol_of_run, usermeta
from mnist_core.reporting.run_styles import RunStyle, run_styles
from mnist_core.reporting.sweep_view import (
    FIGURES,
    SETTING,
    SweepView,
    in_words,
    is_logarithmic,
    point_rows,
    seed_rows,
    setting_title,
    value_text,
)
from mnist_core.reporting.vega import Chart, percent_axis
from mnist_core.sweeps.sweep_plan import SweepPlan
from mnist_core.sweeps.sweep_points import SweepPoint

HEIGHT = 360
"""Pixels."""

PICKED = "picked"
"""The name of the chart's selection. It holds the name of the run that was clicked, as `name`."""

CELL, AROUND = 46, 90
"""The heights of a row of a heat table and of its title and axis, in pixels."""

POINT_COLUMNS = ["run", "x", "y", "low", "high", "lowest", "highest"]
SEED_COLUMNS = ["run", "x", "y", "name", "values", "seed", "accuracy", "parameters", "time"]


def styles_of(plan: SweepPlan) -> dict[str, RunStyle]:
    """Colour and symbol of each architecture, by its title."""
    return run_styles({ARCHITECTURES[name].title: name for name in plan.architectures})


def sweep_chart(plan: SweepPlan, points: list[SweepPoint], view: SweepView) -> Chart:
    """A figure against the first varied setting, or against another figure, with a line for each architecture."""
    rows = pd.DataFrame(point_rows(plan, points, view), columns=POINT_COLUMNS)
    seeds = pd.DataFrame(seed_rows(plan, points, view), columns=SEED_COLUMNS)
    styles = styles_of(plan)
    # Without a value, the page would give each mark a tooltip of its raw figures.
    silent = alt.value(None)
    base = alt.Chart(rows).encode(x=_across(plan, points, view), color=colour_of_run(styles), tooltip=silent)
    up = alt.Y(
        "y:Q",
        title=view.title_up,
        scale=alt.Scale(zero=False, padding=12),
        axis=percent_axis(format="~%", tickCount=6) if FIGURES[view.up].is_fraction else alt.Axis(format="~s"),
    )
    band = base.mark_area(opacity=0.16, line=False).encode(y=alt.Y("lowest:Q", title=view.title_up), y2="highest:Q")
    lines = base.mark_line(strokeWidth=2).encode(y=up)
    means = base.mark_point(filled=True, size=70, opacity=1).encode(y=up, shape=symbol_of_run(styles))
    layers: list[Any] = [band, lines, means]
    if view.up == "accuracy":
        layers.insert(
            1, base.mark_errorbar(ticks={"size": 8}).encode(y=alt.Y("low:Q", title=view.title_up), y2="high:Q")
        )
    picked = alt.selection_point(name=PICKED, fields=["name"], on="click", empty=False)
    dots = (
        alt.Chart(seeds)
        .mark_circle(size=60, opacity=0.75, cursor="pointer", stroke="gray", strokeWidth=0.5)
        .encode(
            x=_across(plan, points, view),
            y=up,
            color=colour_of_run(styles),
            size=alt.condition(picked, alt.value(170), alt.value(48)),
            tooltip=[
                alt.Tooltip("run:N", title="model"),
                alt.Tooltip("values:N"),
                alt.Tooltip("seed:N"),
                alt.Tooltip("accuracy:N", title="test accuracy"),
                alt.Tooltip("parameters:N"),
                alt.Tooltip("time:N"),
            ],
        )
        .add_params(picked)
    )
    return alt.layer(*layers, dots).properties(
        height=HEIGHT, usermeta=usermeta(styles), description=in_words(plan, points, view)
    )


def _across(plan: SweepPlan, points: Sequence[SweepPoint], view: SweepView) -> alt.X:
    title = view.title_across(plan)
    varied = plan.varied[0]
    if view.across == SETTING and not varied.is_numeric:
        return alt.X("x:N", title=title, sort=None, axis=alt.Axis(labelAngle=0))
    kind: dict[str, Any] = {"zero": False}
    if is_logarithmic(plan, list(points), view):
        kind = {"type": "log"}
    if view.across == SETTING and len(varied.values) > 1:  # the axis is as wide as it will be from the first result on
        kind["domain"] = [float(varied.values[0]), float(varied.values[-1])]
    scale = alt.Scale(nice=False, padding=16, **kind)
    if view.across != SETTING:
        return alt.X("x:Q", title=title, scale=scale, axis=alt.Axis(format="~s", tickCount=6, grid=False))
    if varied.setting == "fraction":
        axis = percent_axis(
            format="~%", values=[float(value) for value in varied.values], grid=False, labelOverlap=True
        )
    else:
        axis = alt.Axis(format=".6~g", values=[float(value) for value in varied.values], grid=False, labelOverlap=True)
    return alt.X("x:Q", title=title, scale=scale, axis=axis)


def heat_chart(plan: SweepPlan, points: list[SweepPoint], architecture: str) -> Chart:
    """The test accuracy of one architecture for every two values: the first setting across, the second up."""
    across, up = plan.varied
    rows = pd.DataFrame(
        [
            {
                "x": value_text(across, point.values[0]),
                "y": value_text(up, point.values[1]),
                "accuracy": point.accuracy.fraction,
                "text": percent(point.accuracy.fraction),
                "seeds": len(point.results),
                "name": next(iter(point.results)),
            }
            for point in points
            if point.architecture == architecture
        ],
        columns=["x", "y", "accuracy", "text", "seeds", "name"],
    )
    fractions = [point.accuracy.fraction for point in points] or [0.0]
    low, high = min(fractions), max(fractions)
    domain = [low, high if high > low else low + 1e-6]
    base = alt.Chart(rows).encode(
        x=alt.X(
            "x:N",
            title=setting_title(across),
            sort=[value_text(across, value) for value in across.values],
            axis=alt.Axis(labelAngle=0),
        ),
        y=alt.Y("y:N", title=setting_title(up), sort=[value_text(up, value) for value in reversed(up.values)]),
    )
    picked = alt.selection_point(name=PICKED, fields=["name"], on="click", empty=False)
    cells = (
        base.mark_rect(cursor="pointer", stroke="white", strokeWidth=1)
        .encode(
            color=alt.Color("accuracy:Q", scale=alt.Scale(scheme="viridis", domain=domain), legend=None),
            tooltip=[alt.Tooltip("text:N", title="test accuracy, mean"), alt.Tooltip("seeds:Q", title="seeds")],
        )
        .add_params(picked)
    )
    middle = (domain[0] + domain[1]) / 2
    texts = base.mark_text(fontSize=14).encode(
        text="text:N", color=alt.condition(alt.datum.accuracy < middle, alt.value("white"), alt.value("black"))
    )
    title = ARCHITECTURES[architecture].title
    best = max(
        (point for point in points if point.architecture == architecture),
        key=lambda point: point.accuracy.fraction,
        default=None,
    )
    words = "" if best is None else f" The best is {percent(best.accuracy.fraction)}."
    return alt.layer(cells, texts).properties(
        height=AROUND + CELL * len(up.values),
        title=title,
        description=f"Test accuracy of the {title} by {setting_title(across)} and {setting_title(up)}.{words}",
    )

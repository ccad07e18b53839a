"""Charts as plain Altair objects: figures in, a chart out. Nothing here knows on which page.

Every chart carries a `description`: a sentence with what it shows, for those who do not see it.
"""

from collections.abc import Mapping, Sequence
from math import log10
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mnist_core.reporting.label_placement import Spot, place, shortened
from mnist_core.reporting.run_styles import PALETTE, RunStyle
from mnist_core.runs.learning_curves import LearningCurve, View, curves_in_words, drawn, read_off
from mnist_core.runs.measurements import SHIFTS
from mnist_core.runs.summaries import Metric, RunSummary

Chart = alt.LayerChart | alt.FacetChart
"""What Altair calls several marks on the same axes."""

SVG = {"embedOptions": {"renderer": "svg"}}
"""The `usermeta` of charts whose colours are light-dark(): as SVG they follow the page's light or dark by themselves."""

NOBODY = " "
"""Before a number, a name that no run can have."""


LEARNING = ("training, batches", "training, epoch", "validation, epoch")
"""The series of a learning curve."""


def colour_of_run(run_styles: Mapping[str, RunStyle], **options: Any) -> alt.Color:
    """Colour by the field `run`. Legends are the page's own, for they must wrap on a phone.

    The range is the theme's: each run has the place in the domain at which its colour stands there, and names that no run has fill the others.
    """
    return alt.Color("run:N", scale=alt.Scale(domain=_domain(run_styles)), legend=None, **options)


def _domain(run_styles: Mapping[str, RunStyle]) -> list[str]:
    """The runs at their places, and names of nobody between them. One domain for colour, dash and shape: of different ones Vega warns."""
    domain: list[str] = []
    for name, run_style in run_styles.items():
        place = next(
            place
            for place in range(run_style.slot, 10_000, len(PALETTE))
            if place >= len(domain) or domain[place].startswith(NOBODY)
        )
        domain += [f"{NOBODY}{number}" for number in range(len(domain), place + 1)]
        domain[place] = name
    return domain


def dash_of_run(run_styles: Mapping[str, RunStyle]) -> alt.StrokeDash:
    """Dash by the field `run`."""
    return alt.StrokeDash(
        "run:N",
        scale=_scale(run_styles, {name: list(run_style.dash) for name, run_style in run_styles.items()}, [1, 0]),
        legend=None,
    )


def shape_of_run(run_styles: Mapping[str, RunStyle]) -> alt.Shape:
    """Symbol by the field `run`."""
    return alt.Shape(
        "run:N",
        scale=_scale(run_styles, {name: run_style.shape for name, run_style in run_styles.items()}, "circle"),
        legend=None,
    )


GREYS = (10, 8)
"""Places in the theme's palette of the two greys for training digits: batches, epochs."""


def learning_curve(*, metric: str, epochs: int, slot: int) -> dict[str, Any]:
    """A training as it goes: one metric of the batches, of each epoch's training digits, and of the validation digits.

    As a Vega-Lite specification without data, which stays the same while data comes: so a page adds points without drawing anew.
    Its data are rows of epoch (how many have passed, float), value, and series (one of LEARNING).
    epochs: that it will have. slot: place in the theme's palette of the validation digits' colour; the training digits are grey.
    """

    domain = [f"{NOBODY}{number}" for number in range(len(PALETTE))]
    for number, series in zip((*GREYS, slot), LEARNING, strict=True):
        domain[number] = series

    def by_series(values: list[Any]) -> alt.Scale:
        of = dict(zip(LEARNING, values, strict=True))
        return alt.Scale(domain=domain, range=[of.get(series, values[0]) for series in domain])

    values = alt.Chart(pd.DataFrame({"epoch": [0.0], "value": [0.0], "series": [LEARNING[0]]})).encode(
        x=alt.X(
            "epoch:Q",
            scale=alt.Scale(domain=[0, epochs], nice=False),
            title="epoch",
            axis=alt.Axis(tickMinStep=1, tickCount=8, grid=False),
        ),
        y=alt.Y(
            "value:Q",
            scale=alt.Scale(zero=False),
            title=None,
            axis=alt.Axis(tickCount=5, format="" if metric == "loss" else "%"),
        ),
        color=alt.Color("series:N", scale=alt.Scale(domain=domain), legend=None),
        tooltip=[
            alt.Tooltip("series:N"),
            alt.Tooltip("epoch:Q", format=".2f"),
            alt.Tooltip("value:Q", title=metric, format=".4f"),
        ],
    )
    lines = values.mark_line().encode(
        strokeWidth=alt.StrokeWidth("series:N", scale=by_series([1, 2, 2.5]), legend=None),
        strokeDash=alt.StrokeDash("series:N", scale=by_series([[1, 0], [5, 3], [1, 0]]), legend=None),
        order="epoch:Q",
    )
    # One epoch makes no line yet.
    ends_of_epochs = values.transform_filter(alt.datum.series != LEARNING[0]).mark_point(
        filled=True, size=min(24, 480 / epochs), opacity=1
    )
    chart = alt.layer(lines, ends_of_epochs)
    words = f"{metric.capitalize()} by epoch, of the training and of the validation digits, while the model learns; its best epoch so far stands above."
    specification: dict[str, Any] = chart.properties(
        height=230, title=metric.capitalize(), description=words, usermeta=SVG
    ).to_dict()
    for part in (specification, *specification["layer"]):
        for with_data in ("data", "datasets"):
            part.pop(with_data, None)
    return specification


def specification(chart: Chart) -> dict[str, Any]:
    """The chart as Vega-Lite, data and all, ready to be sent: working that out takes Altair longer than anything else on a page.

    Each layer holds its data as plain values: the browser reads them faster than a table in a format of its own.
    """
    found: dict[str, Any] = chart.to_dict()
    found.pop("config", None)  # Altair's own sizes; a page gives the width
    datasets, common = found.pop("datasets", {}), found.pop("data", None)
    for layer in found["layer"]:
        data = layer.get("data") or common
        layer["data"] = {"values": datasets[data["name"]]}
    return found


def _scale(run_styles: Mapping[str, RunStyle], values: Mapping[str, Any], nobody: Any) -> alt.Scale:
    domain = _domain(run_styles)
    return alt.Scale(domain=domain, range=[values.get(name, nobody) for name in domain])


NARROWEST = 250.0
"""Pixels between the axes of a chart on a phone."""

SCATTER_HEIGHT = 380

UNITS = {"microseconds": ", µs", "training_time": ", s", "model_size": ", bytes"}
"""Of criteria that are no counts, for an axis."""


def cost_scatter(
    summaries: Sequence[RunSummary], run_styles: Mapping[str, RunStyle], cost: Metric, quality: Metric
) -> Chart:
    """What a run costs against what it gets right, a labelled point each; costs and mistakes are logarithmic, so that ten times is as far everywhere.

    The vertical axis has few mistakes at the top. standings: those that have both figures; the others are left out. Without any the chart is empty.
    """
    known = [
        (summary, x, y)
        for summary in summaries
        if (x := cost.value(summary)) and (y := quality.value(summary)) is not None
    ]
    smallest = 0.5 / max([summary.run.test.count for summary, _, _ in known], default=1)
    errors = [max(1 - y, smallest) for _, _, y in known]
    xs = _decades([x for _, x, _ in known], reach=0.35)
    intervals = [
        _interval(summary, quality, error, smallest) for (summary, _, _), error in zip(known, errors, strict=True)
    ]
    ys = _decades([end for interval in intervals for end in interval] + errors, reach=0.12)
    spots = [
        Spot(_along(x, xs), 1 - _along(error, ys), shortened(summary.run.name))
        for (summary, x, _), error in zip(known, errors, strict=True)
    ]
    placed = place(spots, width=NARROWEST, height=SCATTER_HEIGHT)
    rows = pd.DataFrame(
        [
            {
                "run": summary.run.name,
                "label": spot.text,
                "cost": x,
                "error": error,
                "label_error": ys[0] * (ys[1] / ys[0]) ** (1 - label.y),
                "right": label.to_the_right,
                "low": low,
                "high": high,
                cost.short: cost.text(summary),
                quality.short: quality.text(summary),
            }
            for (summary, x, _), error, (low, high), spot, label in zip(
                known, errors, intervals, spots, placed, strict=True
            )
        ],
        columns=["run", "label", "cost", "error", "label_error", "right", "low", "high", cost.short, quality.short],
    )
    across = alt.X(
        "cost:Q",
        title=f"{cost.short.lower()}{UNITS.get(cost.key, '')}, logarithmic",
        scale=alt.Scale(type="log", domain=xs, nice=False),
        axis=_log_axis(_ticks(xs)),
    )
    height = alt.Y(
        "error:Q",
        title="share misread, logarithmic; bars: 95 %",
        scale=alt.Scale(type="log", domain=ys, reverse=True, nice=False),
        axis=alt.Axis(values=_ticks(ys), format=".2~%", grid=True),
    )
    base = alt.Chart(rows).encode(x=across)
    points = base.mark_point(filled=True, size=110, opacity=1).encode(
        y=height,
        color=colour_of_run(run_styles),
        shape=shape_of_run(run_styles),
        tooltip=["run:N", alt.Tooltip(f"{cost.short}:N"), alt.Tooltip(f"{quality.short}:N")],
    )
    leaders = base.mark_rule(strokeWidth=1, opacity=0.5).encode(
        y=height, y2="label_error:Q", color=colour_of_run(run_styles)
    )
    bars = base.mark_rule(strokeWidth=2, opacity=0.45).encode(
        y=alt.Y("low:Q"), y2="high:Q", color=colour_of_run(run_styles)
    )
    texts = [
        base.transform_filter(alt.datum.right == side)
        .mark_text(align="left" if side else "right", dx=9 if side else -9, fontSize=12, baseline="middle")
        .encode(y=alt.Y("label_error:Q"), text="label:N", color=colour_of_run(run_styles))
        for side in (True, False)
    ]
    return alt.layer(leaders, bars, *texts, points).properties(
        height=SCATTER_HEIGHT, description=_scatter_in_words([summary for summary, _, _ in known], cost, quality)
    )


def _interval(summary: RunSummary, quality: Metric, error: float, smallest: float) -> tuple[float, float]:
    """The fewest and the most mistakes, as shares, between which the truth lies with 95 % confidence; twice the same where none is known."""
    accuracy = quality.interval(summary)
    return (max(1 - accuracy.high, smallest), max(1 - accuracy.low, smallest)) if accuracy else (error, error)


def shift_lines(summaries: Sequence[RunSummary], run_styles: Mapping[str, RunStyle]) -> Chart:
    """The accuracy on handwritten digits that are moved by more and more pixels, a line a run with its interval."""
    rows = pd.DataFrame(
        [
            {
                "run": summary.run.name,
                "pixels": by,
                "accuracy": accuracy.fraction,
                "low": accuracy.low,
                "high": accuracy.high,
            }
            for summary in summaries
            if summary.measured
            for by, accuracy in zip(SHIFTS, summary.measured.shifted, strict=True)
        ],
        columns=["run", "pixels", "accuracy", "low", "high"],
    )
    base = alt.Chart(rows).encode(
        x=alt.X(
            "pixels:Q",
            title="moved by, pixels",
            axis=alt.Axis(values=list(SHIFTS), format="d"),
            scale=alt.Scale(domain=[0, SHIFTS[-1]], nice=False),
        ),
        color=colour_of_run(run_styles),
    )
    lines = base.mark_line(strokeWidth=2).encode(
        y=alt.Y("accuracy:Q", title="read right", axis=alt.Axis(format="%")), strokeDash=dash_of_run(run_styles)
    )
    points = base.mark_point(filled=True, size=70, opacity=1).encode(
        y="accuracy:Q",
        shape=shape_of_run(run_styles),
        tooltip=[
            "run:N",
            alt.Tooltip("pixels:Q", title="moved by"),
            *(alt.Tooltip(f"{name}:Q", format=".1%") for name in ("accuracy", "low", "high")),
        ],
    )
    intervals = base.mark_rule(strokeWidth=1, opacity=0.6).encode(y="low:Q", y2="high:Q")
    measured = [summary for summary in summaries if summary.measured]
    words = "; ".join(
        f"{summary.run.name} falls from {summary.measured.shifted[0].fraction:.1%} to {summary.measured.shifted[-1].fraction:.1%}"
        for summary in measured
        if summary.measured
    )
    return alt.layer(intervals, lines, points).properties(
        height=SCATTER_HEIGHT,
        description=f"Share of handwritten digits read right when they are moved by 0 to {SHIFTS[-1]} pixels: {words}.",
    )


def _decades(values: Sequence[float], *, reach: float) -> list[float]:
    """The ends of a logarithmic axis that holds these values with some air: a share `reach` of the span at either end, of a factor 2 at least."""
    if not values:
        return [1.0, 10.0]
    low, high = log10(min(values)), log10(max(values))
    span = max(high - low, log10(2))
    return [10 ** (low - reach * span), 10 ** (high + reach * span)]


def _along(value: float, ends: Sequence[float]) -> float:
    return (log10(value) - log10(ends[0])) / (log10(ends[1]) - log10(ends[0]))


def _ticks(ends: Sequence[float]) -> list[float]:
    """1, 2 and 5 times the powers of ten between the ends; over a longer way 1 and 3 times them, or only themselves."""
    first, last = int(log10(ends[0])) - 1, int(log10(ends[1])) + 1
    reach = log10(ends[1] / ends[0])
    steps = (1,) if reach > 4 else (1, 3) if reach > 2 else (1, 2, 5)
    return [
        value
        for power in range(first, last + 1)
        for step in steps
        if ends[0] <= (value := float(f"{step}e{power}")) <= ends[1]
    ]


def _log_axis(ticks: list[float]) -> alt.Axis:
    return alt.Axis(values=ticks, format="~s", grid=True)


def _scatter_in_words(summaries: Sequence[RunSummary], cost: Metric, quality: Metric) -> str:
    points = "; ".join(f"{summary.run.name} {cost.text(summary)}, {quality.text(summary)}" for summary in summaries)
    return f"{quality.short} against {cost.short.lower()}: {points}."


CURVES_HEIGHT = 340
BARE: dict[str, Any] = {"aria": False, "invalid": None}
"""Of marks of many points: no words for each, which the chart's description makes needless, and no search for values that cannot be drawn, since none
are sent. Both are worked out for every point, and took a tenth of the page's opening."""
WIDTHS = {"validation": 2.4, "training": 1.1}
"""Of the lines, in pixels: colour and dash say which run, the width says which digits."""


def learning_chart(
    curves: Sequence[LearningCurve], run_styles: Mapping[str, RunStyle], measure: str, view: View
) -> Chart:
    """Loss or accuracy of all runs on the same axes; the point marks the epoch that was kept. Hovering reads all runs at that place.

    With smoothing, the line as recorded stands faintly behind.
    """
    rows, marks = _curve_rows(curves, measure, view)
    across = alt.X(
        "x:Q",
        title={"epoch": "epoch", "seconds": "seconds of training"}[view.axis],
        scale=_scale_for(rows["x"], logarithmic=view.log_axis, air=1.0),
        axis=_axis_for(rows["x"], logarithmic=view.log_axis, format="~s", grid=False),
    )
    values = pd.concat([rows["y"], rows["raw"]]) if view.smoothing else rows["y"]
    up = alt.Y(
        "y:Q",
        title=None,
        scale=_scale_for(values, logarithmic=view.log_values, air=1.15),
        axis=_axis_for(values, logarithmic=view.log_values, format="~%" if measure == "accuracy" else "~g", grid=True),
    )
    base = alt.Chart(rows).encode(x=across, color=colour_of_run(run_styles), detail="split:N")
    width = alt.StrokeWidth("split:O", scale=alt.Scale(domain=list(WIDTHS), range=list(WIDTHS.values())), legend=None)
    layers: list[Any] = [base.mark_line(**BARE).encode(y=up, strokeDash=dash_of_run(run_styles), strokeWidth=width)]
    if view.smoothing:
        layers.insert(0, base.mark_line(**BARE, strokeWidth=1, opacity=0.3).encode(y=alt.Y("raw:Q", title=None)))
    best = (
        alt.Chart(marks)
        .mark_point(**BARE, filled=True, size=90, opacity=1)
        .encode(x=across, y=up, color=colour_of_run(run_styles), shape=shape_of_run(run_styles))
    )
    return alt.layer(*layers, best, _hover(curves, measure, view, across)).properties(
        height=CURVES_HEIGHT,
        title=view.name_of(measure).capitalize(),
        description=curves_in_words(curves, measure, view),
    )


def _scale_for(values: pd.Series, *, logarithmic: bool, air: float) -> alt.Scale:
    """air: the factor by which a logarithmic axis reaches beyond its values at either end."""
    if not logarithmic:
        return alt.Scale(zero=False, nice=False)
    return alt.Scale(type="log", domain=_ends(values, air), nice=False)


def _axis_for(values: pd.Series, *, logarithmic: bool, format: str, grid: bool) -> alt.Axis:
    if not logarithmic:
        return alt.Axis(format=format, tickCount=6, grid=grid)
    return alt.Axis(format=format, values=_ticks(_ends(values, 1.15)), grid=grid)


def _ends(values: pd.Series, air: float) -> list[float]:
    """Of a logarithmic axis with these values, all above 0; some ends where there are none."""
    return (
        [float(values.min()) / air, max(float(values.max()), float(values.min()) * 1.01) * air]
        if len(values)
        else [1.0, 10.0]
    )


def _curve_rows(curves: Sequence[LearningCurve], measure: str, view: View) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The lines (run, split, x, y, and raw if smoothed) and the best epochs (run, x, y) of a chart."""
    parts, marks = [], []
    for curve in curves:
        x = curve.across(view.axis)
        for split in view.splits:
            raw, line = drawn(curve, measure, split, view)
            shown = ~np.isnan(line) & ((x > 0) | (not view.log_axis))
            columns = {"run": curve.run, "split": split, "x": x[shown].round(3), "y": _six_figures(line[shown])}
            parts.append(pd.DataFrame(columns | ({"raw": _six_figures(raw[shown])} if view.smoothing else {})))
            if split == view.splits[0] and 1 <= curve.best_epoch <= len(x) and shown[curve.best_epoch - 1]:
                marks.append({"run": curve.run, "x": x[curve.best_epoch - 1], "y": line[curve.best_epoch - 1]})
    empty = pd.DataFrame({name: [] for name in ("run", "split", "x", "y", "raw")})
    return pd.concat(parts) if parts else empty, pd.DataFrame(marks, columns=["run", "x", "y"])


def _six_figures(values: NDArray[np.floating[Any]]) -> list[float]:
    """More cannot be seen, and would double what is sent."""
    return [float(f"{value:.6g}") for value in values]


def _hover(curves: Sequence[LearningCurve], measure: str, view: View, across: alt.X) -> alt.Chart:
    """A band that follows the pointer, or a finger, with what every run is there. Each place has its own band: that is quicker to draw than to let
    Vega look for the nearest place."""
    places, texts = read_off(curves, measure, view)
    names = [f"{curve.run}\u00a0" for curve in curves]
    pointed = alt.selection_point(on="pointerover", clear="pointerout", fields=["x"], empty=False)
    where = [f"{place:g}" if view.axis == "epoch" else f"{place:,.1f}" for place in places]
    between = np.sqrt(places[1:] * places[:-1]) if view.log_axis else (places[1:] + places[:-1]) / 2
    edges = np.concatenate([places[:1], between, places[-1:]]).round(3)
    if len(places) == 1:
        edges[1] *= 1.01  # a band of no width could not be pointed at
    # One field with all that a tooltip says: of a field each, the browser would work out as many expressions for every band.
    # A blank behind the names of runs, for some words have a meaning there: title, image, epoch.
    predicted = [
        {view.axis: at, **dict(zip(names, values, strict=True))} for at, *values in zip(where, *texts, strict=True)
    ]
    rows = pd.DataFrame(
        {"x": edges[:-1], "to": edges[1:], "predicted": predicted}
        if predicted
        else {"x": [], "to": [], "predicted": []}
    )
    hovered: alt.Chart = (
        alt.Chart(rows)
        .mark_rect(**BARE, strokeWidth=1, color="gray", stroke="gray")
        .encode(
            x=across,
            x2="to:Q",
            y=alt.value(0),
            y2=alt.value("height"),
            opacity=alt.condition(pointed, alt.value(0.3), alt.value(0)),
            tooltip="read:N",
        )
        .add_params(pointed)
    )
    return hovered

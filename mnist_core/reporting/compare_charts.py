"""The charts of the page Compare: cost against quality, and accuracy on digits that are moved off the centre."""

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from mnist_core.formatting import percent
from mnist_core.reporting.axes import ends, position, ticks
from mnist_core.reporting.chart_style import colour_of_run, dash_of_run, symbol_of_run, usermeta
from mnist_core.reporting.label_placement import Spot, place, shortened
from mnist_core.reporting.run_styles import RunStyle
from mnist_core.reporting.vega import Chart, percent_axis
from mnist_core.runs.measurements import SHIFTS
from mnist_core.runs.summaries import Metric, RunSummary

NARROWEST = 250.0
"""Pixels between the left and the right end of a chart on a phone."""

HEIGHT = 380
"""Pixels."""

UNITS = {"microseconds": ", µs", "training_time": ", s", "model_size": ", bytes"}
"""What the axis of a metric adds to its name. Metrics that count something have no unit."""


ACCURACY_OF_ERROR = "replace(format(1 - datum.value, '.3~%'), '%', ' %')"
"""The label of a tick: the accuracy at this fraction misclassified."""


def cost_scatter(
    summaries: Sequence[RunSummary], run_styles: Mapping[str, RunStyle], cost: Metric, quality: Metric
) -> Chart:
    """The accuracy against the cost: a labelled point for each run, with a bar for the 95 % interval.

    Both axes are logarithmic, so that a factor of ten is equally long everywhere: in the cost, and in the fraction
    misclassified. The labels tell the accuracy. The best runs are at the top.
    summaries: runs that lack one of the two figures are left out. cost, quality: two of `summaries.METRICS`; the
    quality is an accuracy.
    """
    known = [
        (summary, x, y)
        for summary in summaries
        if (x := cost.value(summary)) and (y := quality.value(summary)) is not None
    ]
    # No mistake at all has no logarithm: it is drawn as half a mistake.
    smallest = 0.5 / max([summary.run.test.count for summary, _, _ in known], default=1)
    errors = [max(1 - y, smallest) for _, _, y in known]
    intervals = [
        _interval(summary, quality, error=error, smallest=smallest)
        for (summary, _, _), error in zip(known, errors, strict=True)
    ]
    x_ends = ends([x for _, x, _ in known], margin=0.35)
    y_ends = ends([end for interval in intervals for end in interval] + errors, margin=0.12)
    spots = [
        Spot(position(x, x_ends), 1 - position(error, y_ends), shortened(summary.run.name))
        for (summary, x, _), error in zip(known, errors, strict=True)
    ]
    labels = place(spots, width=NARROWEST, height=HEIGHT)
    columns = [
        "run",
        "label",
        "cost",
        "error",
        "label_height",
        "to_the_right",
        "low",
        "high",
        cost.short,
        quality.short,
    ]
    rows = pd.DataFrame(
        [
            (
                summary.run.name,
                spot.text,
                x,
                error,
                y_ends[0] * (y_ends[1] / y_ends[0]) ** (1 - label.y),
                label.to_the_right,
                low,
                high,
                cost.text(summary),
                quality.text(summary),
            )
            for (summary, x, _), error, (low, high), spot, label in zip(
                known, errors, intervals, spots, labels, strict=True
            )
        ],
        columns=columns,
    )
    across = alt.X(
        "cost:Q",
        title=f"{cost.short.lower()}{UNITS.get(cost.key, '')}, logarithmic",
        scale=alt.Scale(type="log", domain=x_ends, nice=False),
        axis=alt.Axis(values=ticks(x_ends), format="~s", grid=True),
    )
    height = alt.Y(
        "error:Q",
        title=f"{quality.short[0].lower()}{quality.short[1:]}; the scale is logarithmic in the mistakes; bars: 95 %",
        scale=alt.Scale(type="log", domain=y_ends, reverse=True, nice=False),
        axis=alt.Axis(labelExpr=ACCURACY_OF_ERROR, values=ticks(y_ends), grid=True),
    )
    colour = colour_of_run(run_styles)
    base = alt.Chart(rows).encode(x=across)
    points = base.mark_point(filled=True, size=110, opacity=1).encode(
        y=height,
        color=colour,
        shape=symbol_of_run(run_styles),
        tooltip=["run:N", alt.Tooltip(f"{cost.short}:N"), alt.Tooltip(f"{quality.short}:N")],
    )
    lines_to_labels = base.mark_rule(strokeWidth=1, opacity=0.5).encode(y=height, y2="label_height:Q", color=colour)
    bars = base.mark_rule(strokeWidth=2, opacity=0.45).encode(y=alt.Y("low:Q"), y2="high:Q", color=colour)
    texts = [
        base.transform_filter(alt.datum.to_the_right == side)
        .mark_text(align="left" if side else "right", dx=9 if side else -9, fontSize=12, baseline="middle")
        .encode(y=alt.Y("label_height:Q"), text="label:N", color=colour)
        for side in (True, False)
    ]
    described = "; ".join(
        f"{summary.run.name} {cost.text(summary)}, {quality.text(summary)}" for summary, _, _ in known
    )
    return alt.layer(lines_to_labels, bars, *texts, points).properties(
        height=HEIGHT,
        usermeta=usermeta(run_styles),
        description=f"{quality.short} against {cost.short.lower()}: {described}.",
    )


def _interval(summary: RunSummary, quality: Metric, *, error: float, smallest: float) -> tuple[float, float]:
    """The 95 % interval of the fraction misclassified; the fraction itself, twice, if there is no interval."""
    accuracy = quality.interval(summary)
    if accuracy is None:
        return error, error
    return max(1 - accuracy.high, smallest), max(1 - accuracy.low, smallest)


def shift_lines(summaries: Sequence[RunSummary], run_styles: Mapping[str, RunStyle]) -> Chart:
    """The accuracy on handwritten digits that are moved by more and more pixels: a line for each run, with intervals.

    Runs that have not been measured are left out.
    """
    measured = [(summary.run.name, summary.measured.shifted) for summary in summaries if summary.measured]
    rows = pd.DataFrame(
        [
            {
                "run": name,
                "pixels": pixels,
                "accuracy": accuracy.fraction,
                "low": accuracy.low,
                "high": accuracy.high,
                "moved by": f"{pixels} pixels",
                "correct": percent(accuracy.fraction, digits=1),
                "95 % interval": f"{percent(accuracy.low, digits=1)} to {percent(accuracy.high, digits=1)}",
            }
            for name, accuracies in measured
            for pixels, accuracy in zip(SHIFTS, accuracies, strict=True)
        ],
        columns=["run", "pixels", "accuracy", "low", "high", "moved by", "correct", "95 % interval"],
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
        y=alt.Y("accuracy:Q", title="fraction correct", axis=percent_axis()), strokeDash=dash_of_run(run_styles)
    )
    points = base.mark_point(filled=True, size=70, opacity=1).encode(
        y="accuracy:Q",
        shape=symbol_of_run(run_styles),
        tooltip=[f"{field}:N" for field in ("run", "moved by", "correct", "95 % interval")],
    )
    intervals = base.mark_rule(strokeWidth=1, opacity=0.6).encode(y="low:Q", y2="high:Q")
    described = "; ".join(
        f"{name} falls from {percent(accuracies[0].fraction, digits=1)} to {percent(accuracies[-1].fraction, digits=1)}"
        for name, accuracies in measured
    )
    return alt.layer(intervals, lines, points).properties(
        height=HEIGHT,
        usermeta=usermeta(run_styles),
        description=f"Fraction of handwritten digits classified correctly when they are moved by 0 to {SHIFTS[-1]} "
        f"pixels: {described}.",
    )

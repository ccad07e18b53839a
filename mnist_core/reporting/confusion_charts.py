"""The charts of the page Confusion: whether runs are as often correct as they are confident."""

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from mnist_core.formatting import percent
from mnist_core.metrics.calibration import Bin
from mnist_core.metrics.selective_accuracy import SelectiveAccuracy, accuracy_at, thinned
from mnist_core.reporting.chart_style import colour_of_run, dash_of_run, symbol_of_run, usermeta
from mnist_core.reporting.run_styles import RunStyle
from mnist_core.reporting.vega import Chart, percent_axis

HEIGHT = 360
"""Pixels."""

LEAST_ANSWERED = 0.8
"""The fraction of answered digits at which the chart ends. With fewer, a good run makes no mistakes."""

FEW = 10
"""Points with fewer predictions are drawn, but no line joins them."""

TOLD = 0.99
"""The fraction of answered digits for which texts tell the accuracy."""


def reliability_chart(
    bins: Mapping[str, Sequence[Bin]], run_styles: Mapping[str, RunStyle], errors: Mapping[str, float]
) -> Chart:
    """Accuracy against confidence, a line for each run. On the diagonal, a run is as often correct as it is confident.

    bins: the points of each run, by its name. errors: the calibration error of each run, 0..1.
    """
    columns = ["run", "confidence", "accuracy", "predictions", "confident", "correct"]
    rows = pd.DataFrame(
        [
            (
                run,
                each.confidence,
                each.accuracy,
                each.count,
                percent(each.confidence, digits=1),
                percent(each.accuracy, digits=1),
            )
            for run, points in bins.items()
            for each in points
        ],
        columns=columns,
    )
    diagonal = alt.Chart(pd.DataFrame({"confidence": [0, 1], "accuracy": [0, 1]})).mark_line(
        strokeDash=[4, 4], color="gray", strokeWidth=1
    )
    base = alt.Chart(rows).encode(
        x=alt.X("confidence:Q", title="confidence", axis=percent_axis(), scale=alt.Scale(domain=[0, 1])),
        y=alt.Y("accuracy:Q", title="fraction correct", axis=percent_axis(), scale=alt.Scale(domain=[0, 1])),
        color=colour_of_run(run_styles),
    )
    points = base.mark_point(filled=True, opacity=0.9).encode(
        shape=symbol_of_run(run_styles),
        size=alt.Size("predictions:Q", scale=alt.Scale(type="log", domain=[1, 10_000], range=[20, 220]), legend=None),
        tooltip=["run:N", "confident:N", "correct:N", alt.Tooltip("predictions:Q", format=",")],
    )
    lines = (
        base.transform_filter(alt.datum.predictions >= FEW)
        .mark_line(strokeWidth=2, opacity=0.7)
        .encode(strokeDash=dash_of_run(run_styles))
    )
    described = "; ".join(f"{run} {percent(error)}" for run, error in errors.items())
    return alt.layer(diagonal.encode(x="confidence:Q", y="accuracy:Q"), lines, points).properties(
        height=HEIGHT,
        usermeta=usermeta(run_styles),
        description="Accuracy against confidence. The calibration error is the mean distance between the two: "
        f"{described}.",
    )


def selective_accuracy_chart(
    curves: Mapping[str, Sequence[SelectiveAccuracy]], run_styles: Mapping[str, RunStyle]
) -> Chart:
    """Accuracy on the answered digits against the fraction answered, a line for each run.

    To the right, more of the digits with the lowest confidence are left out. curves: by the run's name.
    """
    fractions = np.linspace(LEAST_ANSWERED, 1, 101)
    columns = ["run", "answered", "accuracy", "incorrect", "answered digits", "correct", "lowest confidence"]
    rows = pd.DataFrame(
        [
            (
                run,
                point.answered,
                point.accuracy,
                point.incorrect,
                percent(point.answered, digits=1),
                percent(point.accuracy),
                percent(point.confidence, digits=1),
            )
            for run, curve in curves.items()
            for point in thinned(curve, list(fractions))
        ],
        columns=columns,
    )
    base = alt.Chart(rows).encode(
        x=alt.X(
            "answered:Q",
            title="fraction answered",
            axis=percent_axis(tickCount=5),
            scale=alt.Scale(domain=[LEAST_ANSWERED, 1], reverse=True, nice=False),
        ),
        y=alt.Y(
            "accuracy:Q",
            title="fraction of these correct",
            axis=percent_axis(format=".1%"),
            scale=alt.Scale(zero=False, domainMax=1),
        ),
        color=colour_of_run(run_styles),
        tooltip=[
            "run:N",
            "answered digits:N",
            "correct:N",
            alt.Tooltip("incorrect:Q", format=","),
            "lowest confidence:N",
        ],
    )
    lines = base.mark_line(strokeWidth=2, interpolate="step-before").encode(strokeDash=dash_of_run(run_styles))
    described = "; ".join(
        f"{run} {percent(accuracy_at(curve, TOLD).accuracy)}" for run, curve in curves.items() if curve
    )
    return alt.layer(lines, base.mark_point(filled=True, size=60, opacity=0)).properties(
        height=HEIGHT,
        usermeta=usermeta(run_styles),
        description="Accuracy on the answered digits against the fraction of digits answered. The digits with the "
        f"lowest confidence are left out first. With {percent(TOLD, digits=0)} answered: {described}.",
    )

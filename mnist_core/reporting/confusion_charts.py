"""Charts of how sure runs are and how right: plain Altair objects with a `description` for those who do not see them."""

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from mnist_core.metrics.calibration import Bin
from mnist_core.metrics.selective_accuracy import SelectiveAccuracy, accuracy_at, thinned
from mnist_core.reporting.charts import Chart, colour_of_run, dash_of_run, shape_of_run
from mnist_core.reporting.run_styles import RunStyle

HEIGHT = 360

LEAST_ANSWERED = 0.8
"""Where the chart of answered digits begins: below it a good run makes no mistakes any more."""

FEW = 10
"""Points of fewer readings are shown, but no line is drawn through them."""

TOLD = 0.99
"""The share answered of which the words tell."""


def reliability_chart(
    bins: Mapping[str, Sequence[Bin]], run_styles: Mapping[str, RunStyle], errors: Mapping[str, float]
) -> Chart:
    """Accuracy against confidence, a line a run; on the diagonal a run is as often right as it says. errors: each run's calibration error, 0..1."""
    rows = pd.DataFrame(
        [
            {"run": run, "confidence": each.confidence, "accuracy": each.accuracy, "predictions": each.count}
            for run, its in bins.items()
            for each in its
        ],
        columns=["run", "confidence", "accuracy", "predictions"],
    )
    ideal = alt.Chart(pd.DataFrame({"confidence": [0, 1], "accuracy": [0, 1]})).mark_line(
        strokeDash=[4, 4], color="gray", strokeWidth=1
    )
    base = alt.Chart(rows).encode(
        x=alt.X("confidence:Q", title="how sure it was", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
        y=alt.Y(
            "accuracy:Q", title="how often it was right", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])
        ),
        color=colour_of_run(run_styles),
    )
    points = base.mark_point(filled=True, opacity=0.9).encode(
        shape=shape_of_run(run_styles),
        size=alt.Size("readings:Q", scale=alt.Scale(type="log", domain=[1, 10_000], range=[20, 220]), legend=None),
        tooltip=[
            "run:N",
            alt.Tooltip("confidence:Q", title="sure", format=".1%"),
            alt.Tooltip("accuracy:Q", title="right", format=".1%"),
            alt.Tooltip("readings:Q", format=","),
        ],
    )
    joined = (
        base.transform_filter(alt.datum.predictions >= FEW)
        .mark_line(strokeWidth=2, opacity=0.7)
        .encode(strokeDash=dash_of_run(run_styles))
    )
    words = "; ".join(f"{run} {error:.2%}" for run, error in errors.items())
    return alt.layer(ideal.encode(x="confidence:Q", y="accuracy:Q"), joined, points).properties(
        height=HEIGHT,
        description=f"Accuracy against confidence. Mean distance between the two, the calibration error: {words}.",
    )


def selective_accuracy_chart(
    curves: Mapping[str, Sequence[SelectiveAccuracy]], run_styles: Mapping[str, RunStyle]
) -> Chart:
    """Accuracy against the share answered when the unsure digits are left out, a line a run."""
    fractions = np.linspace(LEAST_ANSWERED, 1, 101)
    rows = pd.DataFrame(
        [
            {
                "run": run,
                "answered": point.answered,
                "accuracy": point.accuracy,
                "confidence": point.confidence,
                "incorrect": point.incorrect,
            }
            for run, curve in curves.items()
            for point in thinned(curve, list(fractions))
        ],
        columns=["run", "answered", "accuracy", "confidence", "incorrect"],
    )
    base = alt.Chart(rows).encode(
        x=alt.X(
            "answered:Q",
            title="share answered",
            axis=alt.Axis(format="%", tickCount=5),
            scale=alt.Scale(domain=[LEAST_ANSWERED, 1], reverse=True, nice=False),
        ),
        y=alt.Y(
            "accuracy:Q",
            title="of these, read right",
            axis=alt.Axis(format=".1%"),
            scale=alt.Scale(zero=False, domainMax=1),
        ),
        color=colour_of_run(run_styles),
        tooltip=[
            "run:N",
            alt.Tooltip("answered:Q", format=".1%"),
            alt.Tooltip("accuracy:Q", title="right", format=".2%"),
            alt.Tooltip("wrong:Q", format=","),
            alt.Tooltip("confidence:Q", title="at least so sure", format=".1%"),
        ],
    )
    lines = base.mark_line(strokeWidth=2, interpolate="step-before").encode(strokeDash=dash_of_run(run_styles))
    told = {run: accuracy_at(curve, TOLD) for run, curve in curves.items() if curve}
    words = "; ".join(f"{run} {point.accuracy:.2%}" for run, point in told.items())
    return alt.layer(lines, base.mark_point(filled=True, size=60, opacity=0)).properties(
        height=HEIGHT,
        description=f"Accuracy against the share of digits answered, the unsure left out. With 99 % answered: {words}.",
    )

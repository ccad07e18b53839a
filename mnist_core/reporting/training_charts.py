"""The charts of the page Train: how a training goes while it runs."""

import math
from collections.abc import Iterable
from math import ceil
from typing import Any, Literal, get_args

import altair as alt
import pandas as pd

from mnist_core.jobs.job import Job
from mnist_core.reporting.chart_style import NO_RUN
from mnist_core.reporting.run_styles import PALETTE, RunStyle
from mnist_core.reporting.vega import SVG, percent_axis

Metric = Literal["loss", "accuracy"]

METRICS: tuple[Metric, ...] = get_args(Metric)

CHART_COLUMNS = ["epoch", "value", "series"]
"""The columns of a chart's data, see `training_rows`."""

SERIES = ("training, batches", "training, epoch", "validation, epoch")
"""The three lines of a chart."""

SHORTEST_AXIS = 5
"""Epochs on the axis when a training begins."""

GREYS = (10, 8)
"""The places in PALETTE of the colours of both training lines: batches, epochs."""

STEPS = 10
"""The steps in 1 to which the limits of a shared axis are rounded."""


def training_chart(*, metric: Metric, epochs: int, run_style: RunStyle) -> dict[str, Any]:
    """The loss or the accuracy of a training: on batches, on whole epochs and on the validation digits.

    The result is a Vega-Lite specification without data. It stays the same while data arrive, so that a page can add
    points without drawing the chart again. The data are the rows of `training_rows`.
    metric: 'loss' or 'accuracy'. epochs: the length of the axis, see `axis_end`. run_style: its colour is the
    validation line's; the training lines are grey.
    """
    accuracy = metric == "accuracy"
    text = "format(100 * datum.value, '.2f') + ' %'" if accuracy else "format(datum.value, '.4f')"
    domain, colours = _colour_scale(run_style)

    def by_series(values: list[Any]) -> alt.Scale:
        known = dict(zip(SERIES, values, strict=True))
        return alt.Scale(domain=domain, range=[known.get(series, values[0]) for series in domain])

    empty = pd.DataFrame({"epoch": [0.0], "value": [0.0], "series": [SERIES[0]]})
    values = (
        alt.Chart(empty)
        .transform_calculate(text=text)
        .encode(
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
                axis=percent_axis(tickCount=5) if accuracy else alt.Axis(tickCount=5),
            ),
            color=alt.Color("series:N", scale=colours, legend=None),
            tooltip=[
                alt.Tooltip("series:N"),
                alt.Tooltip("epoch:Q", format=".2f"),
                alt.Tooltip("text:N", title=metric),
            ],
        )
    )
    lines = values.mark_line().encode(
        strokeWidth=alt.StrokeWidth("series:N", scale=by_series([1, 2, 2.5]), legend=None),
        strokeDash=alt.StrokeDash("series:N", scale=by_series([[1, 0], [5, 3], [1, 0]]), legend=None),
        order="epoch:Q",
    )
    # The points show where a line begins, because a single value makes no line yet, and where each epoch ends.
    points = values.transform_filter((alt.datum.series != SERIES[0]) | (alt.datum.epoch == 0)).mark_point(
        filled=True, size=min(24, 480 / epochs), opacity=1
    )
    specification: dict[str, Any] = (
        alt.layer(lines, points)
        .properties(
            height=230,
            title=metric.capitalize(),
            usermeta=SVG,
            description=f"{metric.capitalize()} by epoch on the training and on the validation digits, while the model "
            "learns. The text above the chart tells the best epoch so far.",
        )
        .to_dict()
    )
    for part in (specification, *specification["layer"]):
        for with_data in ("data", "datasets"):
            part.pop(with_data, None)
    return specification


def axis_end(job: Job) -> int:
    """The epoch at which the axis of a training's charts ends. It grows with the training, in steps that double.

    So the beginning of a long training can be read, and the chart is seldom drawn anew.
    """
    passed = max(
        [
            job.progress["fraction"] * job.progress["epochs"] if job.progress else 0.0,
            *(e["epoch"] for e in job.epochs[-1:]),
        ]
    )
    if not job.active:
        return max(1, ceil(passed))
    end = SHORTEST_AXIS
    while end <= passed:
        end *= 2
    return min(end, job.config.epochs)


def _colour_scale(run_style: RunStyle) -> tuple[list[str], alt.Scale]:
    """The domain of all scales, and the scale of colours. See `chart_style.colour_of_run` for the two kinds."""
    if run_style.slot is None:
        greys = [f"light-dark({light}, {dark})" for light, dark in (PALETTE[place] for place in GREYS)]
        return list(SERIES), alt.Scale(domain=list(SERIES), range=[*greys, run_style.colour])
    domain = [f"{NO_RUN}{number}" for number in range(len(PALETTE))]
    for place, series in zip((*GREYS, run_style.slot), SERIES, strict=True):
        domain[place] = series
    return domain, alt.Scale(domain=domain)


def training_rows(job: Job, metric: Metric) -> list[dict[str, float | str]]:
    """The data of a `training_chart`: rows of epoch (how many have passed, a float), value, and series (of SERIES).

    metric: 'loss' or 'accuracy'.
    """
    batches, training, validation = SERIES
    rows: list[dict[str, float | str]] = []
    if job.untrained:
        rows.append({"epoch": 0.0, "value": job.untrained[metric], "series": batches})
    rows += [
        {
            "epoch": round(point["fraction"] * point["epochs"], 4),
            "value": point[metric],
            "series": batches,
        }
        for point in job.points
    ]
    for ended in job.epochs:
        trained = ended[metric]
        validated = ended["val_loss"] if metric == "loss" else ended["val_accuracy"]
        rows.append({"epoch": ended["epoch"], "value": trained, "series": training})
        rows.append({"epoch": ended["epoch"], "value": validated, "series": validation})
    return rows


def shared_range(jobs: Iterable[Job], metric: Metric) -> tuple[float, float]:
    """The lowest and the highest value of all these trainings, rounded outwards so that it seldom changes.

    metric: 'loss' or 'accuracy'. At least one of the jobs has points.
    """
    values = [float(row["value"]) for job in jobs for row in training_rows(job, metric)]
    low = math.floor(min(values) * STEPS)
    return low / STEPS, max(low + 1, math.ceil(max(values) * STEPS)) / STEPS


def with_range(specification: dict[str, Any], limits: tuple[float, float]) -> dict[str, Any]:
    """A `training_chart` whose y axis has these limits, so that two charts can be compared."""
    layers = [
        {**layer, "encoding": {**layer["encoding"], "y": {**layer["encoding"]["y"], "scale": {"domain": list(limits)}}}}
        for layer in specification["layer"]
    ]
    return {**specification, "layer": layers}

"""Tables that compare runs, as HTML for the pages and for the report. Their style is in tables.css.

Each table has a caption and headings, so that screen readers can read it and browsers can print it.
"""

from collections.abc import Callable, Mapping, Sequence
from math import isnan
from typing import NamedTuple

from markupsafe import Markup

from mnist_core.formatting import duration, loss, number, percent
from mnist_core.metrics.significance import McNemar
from mnist_core.reporting.html_templates import render
from mnist_core.reporting.run_styles import RunStyle, swatch
from mnist_core.reporting.setting_labels import label, shown
from mnist_core.runs.learning_curves import LearningCurve
from mnist_core.runs.run import Run
from mnist_core.runs.summaries import METRICS, Metric, RunSummary, best, differing_settings

PENDING = "measuring …"
"""Stands for a figure that is still being measured."""

NOT_RECORDED = "–"

GROUPS = (
    ("stored", "Stored with each model", "computed once and kept with it; arithmetic from its layers"),
    ("measured", "Measured on this machine", "with LiteRT, since the server started; this needs no data set"),
)
"""The parts of the table of all figures: the source of the metrics, a title and an explanation."""

KEPT_COLUMNS = (
    "epoch kept",
    "epochs",
    "training time",
    "validation loss",
    "validation accuracy",
    "training loss",
    "training accuracy",
)
"""The headings of `kept_epochs`."""


class Cell(NamedTuple):
    """A figure of one run. link: an address, or ''. best: whether no other run is as good."""

    text: str
    detail: str
    link: str
    pending: bool
    best: bool


def side_by_side(
    summaries: Sequence[RunSummary],
    run_styles: Mapping[str, RunStyle],
    *,
    caption: str = "All figures",
    to_mistakes: Callable[[Run], str] | None = None,
) -> Markup:
    """The table of all metrics, with a column for each run. The best figure of each row is marked.

    to_mistakes: gives the address of the digits that a run misclassifies, to which the number of them leads.
    """
    groups = []
    for source, title, gloss in GROUPS:
        metrics = [metric for metric in METRICS.values() if metric.source == source]
        groups.append((title, gloss, [(metric, _cells(metric, summaries, to_mistakes)) for metric in metrics]))
    return render(
        "side_by_side.html.j2",
        caption=caption,
        summaries=summaries,
        groups=groups,
        run_styles=run_styles,
        swatch=swatch,
    )


def _cells(metric: Metric, summaries: Sequence[RunSummary], to_mistakes: Callable[[Run], str] | None) -> list[Cell]:
    winner, cells = best(metric, summaries), []
    for summary in summaries:
        value = metric.value(summary)
        pending = value is None and metric.source == "measured" and summary.measurable
        cells.append(
            Cell(
                text=PENDING if pending else metric.text(summary),
                detail=metric.detail(summary) if value is not None else "",
                link=to_mistakes(summary.run) if to_mistakes and metric.key == "incorrect" and value else "",
                pending=pending,
                best=value is not None and value == winner,
            )
        )
    return cells


def settings(
    summaries: Sequence[RunSummary], run_styles: Mapping[str, RunStyle], *, caption: str = "Settings that differ"
) -> Markup:
    """The table of the settings in which these runs differ, in the form's words, or a sentence if there are none."""
    return render(
        "settings.html.j2",
        caption=caption,
        names=[summary.run.name for summary in summaries],
        rows=[
            (label(name), [shown(name, value) for value in values])
            for name, values in differing_settings([summary.run for summary in summaries]).items()
        ],
        run_styles=run_styles,
        swatch=swatch,
    )


def contingency(result: McNemar, left: str, right: str, links: tuple[str, str] | None = None) -> Markup:
    """The four counts behind McNemar's test, as a table.

    left, right: names of the two runs. links: addresses of the digits that only the left run, and only the right run,
    classifies correctly.
    """
    left_link, right_link = links or ("", "")
    return render(
        "contingency.html.j2",
        left=left,
        right=right,
        both=result.both,
        neither=result.neither,
        only_left=(result.only_left, left_link),
        only_right=(result.only_right, right_link),
    )


def kept_epochs(
    curves: Sequence[LearningCurve], run_styles: Mapping[str, RunStyle], *, caption: str = "At the epoch that was kept"
) -> Markup:
    """The figures of the epoch whose weights were kept, with a row for each run."""
    rows = [(curve.run, swatch(run_styles[curve.run]), _kept(curve)) for curve in curves]
    return render("kept_epochs.html.j2", caption=caption, columns=KEPT_COLUMNS, rows=rows)


def _kept(curve: LearningCurve) -> list[str]:
    """The figures under KEPT_COLUMNS."""
    at = min(max(curve.best_epoch, 1), len(curve.epochs)) - 1
    seconds = curve.training_seconds
    figures = [
        number(curve.best_epoch),
        number(len(curve.epochs)),
        NOT_RECORDED if seconds is None else duration(seconds),
    ]
    for field, text in (("val_loss", loss), ("val_accuracy", percent), ("loss", loss), ("accuracy", percent)):
        value = float(curve.values[field][at])
        figures.append(NOT_RECORDED if isnan(value) else text(value))
    return figures

"""The sections that only a report has: pairs of runs, learning curves, confusion matrices, origins, references."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from mnist_core.data.datasets import digit_set_title
from mnist_core.formatting import setting
from mnist_core.metrics.accuracy import confusion_matrix
from mnist_core.metrics.significance import LEVEL, McNemar, p_in_words
from mnist_core.reporting.corruption_table import REFERENCE, corruption_table
from mnist_core.reporting.html_templates import render
from mnist_core.reporting.run_styles import RunStyle, swatch
from mnist_core.reporting.sweep_view import (
    FIGURES,
    ended_early_in_words,
    in_words,
    is_measured,
    setting_title,
    table_rows,
    usual_view,
)
from mnist_core.runs.learning_curves import MEASURES, LearningCurve, View, curves_in_words
from mnist_core.runs.predictions import TestPredictions
from mnist_core.runs.run import Run
from mnist_core.runs.summaries import RunSummary
from mnist_core.sweeps.sweep_points import points_of
from mnist_core.sweeps.sweep_store import Sweep

if TYPE_CHECKING:
    from matplotlib.figure import Figure

VIEW = View(log_values=True, log_axis=True)
"""How a report draws learning curves."""

DIGEST_LETTERS = 16
"""The first letters of a digest are enough to compare two by eye."""

REFERENCES = (
    "MNIST: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to document recognition, "
    "Proceedings of the IEEE 86, 1998.",
    "Interval of an accuracy: E. B. Wilson, Probable inference, the law of succession, and statistical inference, "
    "JASA 22, 1927.",
    "Difference of two runs: Q. McNemar, Note on the sampling error of the difference between correlated proportions "
    "or percentages, Psychometrika 12, 1947; here exact, from the binomial distribution.",
    "Corruptions, after: N. Mu, J. Gilmer, MNIST-C: A robustness benchmark for computer vision, 2019; definitions and "
    "strengths are our own, so figures do not compare with theirs.",
    "Calibration error, over 15 bins: C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, On calibration of modern neural "
    "networks, ICML 2017.",
)


def pairs(results: Mapping[tuple[str, str], McNemar]) -> Markup:
    """McNemar's test of each pair. With several pairs, the level is divided among them (Bonferroni correction)."""
    rows = [
        (left, right, result.only_left, result.only_right, p_in_words(result.p), result.p < LEVEL / len(results))
        for (left, right), result in results.items()
    ]
    return render("report_pairs.html.j2", rows=rows, level=LEVEL, divided=f"{LEVEL / max(len(results), 1):.2g}")


def robustness(summaries: Sequence[RunSummary], run_styles: Mapping[str, RunStyle]) -> Markup:
    """The accuracy on corrupted digits, corruption by corruption. Nothing if no run has been measured on them."""
    results = {summary.run.name: summary.corruptions for summary in summaries}
    if not any(results.values()):
        return Markup()
    return corruption_table(results, run_styles, reference=results.get(REFERENCE))


def learning_curves(curves: Sequence[LearningCurve], run_styles: Mapping[str, RunStyle]) -> Markup:
    """The learning curves of all runs as a picture within the page."""
    from mnist_core.reporting import matplotlib_figures  # Matplotlib takes a second to import

    figure = matplotlib_figures.learning_figure(curves, run_styles, VIEW)
    words = " ".join(curves_in_words(curves, measure, VIEW) for measure in MEASURES)
    return render("report_curves.html.j2", words=words, svg=_inline(figure))


def _inline(figure: "Figure") -> Markup:
    """A figure of Matplotlib as SVG within HTML. Matplotlib escapes the names of runs itself."""
    from mnist_core.reporting import matplotlib_figures

    svg = matplotlib_figures.as_file(figure, "svg").decode()
    return Markup(svg[svg.index("<svg") :])


def confusion_matrices(stored: Mapping[str, TestPredictions], run_styles: Mapping[str, RunStyle]) -> Markup:
    """The confusion matrices with one scale of colours: the darker a cell, the more digits were misclassified so.

    stored: the test predictions by the run's name.
    """
    counts = {name: confusion_matrix(its.predicted, its.labels) for name, its in stored.items()}
    most = max(int((matrix - np.diag(np.diag(matrix))).max()) for matrix in counts.values())
    matrices = [(name, swatch(run_styles[name]), matrix.tolist()) for name, matrix in counts.items()]
    return render("report_matrices.html.j2", matrices=matrices, most=max(most, 1))


def sweep(shown: Sweep) -> Markup:
    """A sweep: its chart as a picture within the page, and its figures."""
    from mnist_core.reporting import sweep_figure  # Matplotlib takes a second to import

    plan, points, svg = shown.plan, points_of(shown), ""
    if points:
        svg = _inline(sweep_figure.sweep_figure(shown))
    return render(
        "report_sweep.html.j2",
        svg=svg,
        words=in_words(plan, points, usual_view(plan)) if points else "",
        titles=[setting_title(varied) for varied in plan.varied],
        rows=table_rows(shown),
        ended_early=ended_early_in_words(shown),
        corrupted=FIGURES["robustness"].title.lower() if is_measured(points) else "",
        finished=len(shown.results),
        planned=plan.count,
    )


def origins(runs: Sequence[Run]) -> Markup:
    """Where each run comes from: its data with their digest, seed, date and versions."""
    rows = []
    for run in runs:
        digits = f"{setting(run.data.get('digits'))} to train with, {setting(run.test.count)} to test with"
        cells = (
            f"{digit_set_title(str(run.data.get('name', '–')))}, {digits}",
            str(run.data.get("digest", "–"))[:DIGEST_LETTERS],
            setting(run.config.get("seed")),
            run.created[:10],
            ", ".join(f"{name} {version}" for name, version in run.versions.items()),
        )
        rows.append((run.name, cells))
    return render("report_origins.html.j2", rows=rows)


def references() -> Markup:
    """The sources of the methods."""
    return render("report_references.html.j2", references=REFERENCES)

"""The view "By digit": precision, recall and F1 of each digit, as a table."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
from markupsafe import Markup

from mnist_core.metrics.accuracy import confusion_matrix
from mnist_core.metrics.confusion_matrix import digit_scores
from mnist_core.reporting.run_styles import RunStyle, swatch
from mnist_core.runs.predictions import TestPredictions
from pages.parts.templates import render

MEASURES = {"precision": "Precision", "recall": "Recall", "f1": "F1"}


def show_scores(stored: Mapping[str, TestPredictions], run_styles: Mapping[str, RunStyle]) -> None:
    """Show three columns for each run and a row for each digit.

    The best figure of each digit is bold, if the runs differ. A wide table scrolls sideways.
    """
    runs: list[dict[str, Any]] = []
    for name, its in stored.items():
        scores = digit_scores(confusion_matrix(its.predicted, its.labels))
        runs.append(
            {
                "name": name,
                "swatch": Markup(swatch(run_styles[name])),
                "supports": [score.support for score in scores],
                "columns": [[getattr(score, measure) for score in scores] for measure in MEASURES],
            }
        )
    best = [
        [_best([run["columns"][measure][digit] for run in runs]) for digit in range(10)]
        for measure in range(len(MEASURES))
    ]
    same_digits = all(run["supports"] == runs[0]["supports"] for run in runs)
    st.html(
        render(
            "confusion/digit_scores.html.j2",
            runs=runs,
            measures=list(MEASURES.values()),
            best=best,
            same_digits=same_digits,
        )
    )
    st.caption(
        "The scores are in %. Precision is the fraction of the digits predicted as 3 that are 3s. Recall is the "
        "fraction of the 3s that are predicted as 3. F1 is their harmonic mean, high only if both are. Digits "
        "is the number of test digits (the support). The best score for each digit is bold."
    )


def _best(figures: Sequence[float]) -> float | None:
    """The highest figure; None if all look the same."""
    shown = {f"{figure:.4f}" for figure in figures}
    return max(figures) if len(shown) > 1 else None

"""Precision, recall and F1 of each digit, as a table."""

from collections.abc import Mapping
from html import escape

import streamlit as st

from mnist_core.metrics.accuracy import confusion_matrix
from mnist_core.metrics.confusion_matrix import digit_scores
from mnist_core.reporting.run_styles import RunStyle, swatch
from mnist_core.runs.predictions import TestPredictions

MEASURES = {"precision": "Precision", "recall": "Recall", "f1": "F1"}


def show_scores(stored: Mapping[str, TestPredictions], run_styles: Mapping[str, RunStyle]) -> None:
    """Three columns a run, a row a digit; each column's lowest figure stands out. It scrolls sideways where it is too wide."""
    scores = {name: digit_scores(confusion_matrix(its.predicted, its.labels)) for name, its in stored.items()}
    lowest = {
        (name, measure): min(getattr(score, measure) for score in its)
        for name, its in scores.items()
        for measure in MEASURES
    }
    supports = {tuple(score.support for score in its) for its in scores.values()}
    same = len(supports) == 1
    heads = "".join(
        f"<th scope='colgroup' colspan='{3 if same else 4}'>{swatch(run_styles[name])} {escape(name)}</th>"
        for name in scores
    )
    subheads = "".join(
        "".join(f"<th scope='col'>{title}</th>" for title in MEASURES.values())
        + ("" if same else "<th scope='col'>Digits</th>")
        for _ in scores
    )
    rows = []
    for digit in range(10):
        cells = []
        for name, its in scores.items():
            for measure in MEASURES:
                value = getattr(its[digit], measure)
                cells.append(f"<td{' class=lowest' if value == lowest[name, measure] else ''}>{value * 100:.2f}</td>")
            cells.append("" if same else f"<td>{its[digit].support:,}</td>")
        support = f"<td>{next(iter(scores.values()))[digit].support:,}</td>" if same else ""
        rows.append(f"<tr><th scope='row'>{digit}</th>{support}{''.join(cells)}</tr>")
    digits = "<th scope='col' rowspan='2'>Digits</th>" if same else ""
    st.html(
        f"<div class='wide' tabindex='0' role='region' aria-label='Precision, recall and F1 of each digit'><table class='scores'><thead><tr>"
        f"<th scope='col' rowspan='2'>Digit</th>{digits}{heads}</tr><tr>{subheads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )
    st.caption(
        "In %. Precision: of all digits read as a 3, the share that are 3s. Recall: of all 3s, the share read as a 3. F1: their harmonic mean, high only "
        "if both are. Digits: how many test digits there are (the support). Each column's lowest figure is bold."
    )

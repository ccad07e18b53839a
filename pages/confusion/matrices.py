"""The view "Matrices": the matrices of all runs on one scale, the difference of two of them, and the digits of one
cell.
"""

from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st

from mnist_core.formatting import number
from mnist_core.metrics import confusion_matrix as metrics
from mnist_core.metrics.accuracy import confusion_matrix
from mnist_core.runs.predictions import TestPredictions
from mnist_core.runs.run import Run
from pages.confusion import digit_detail
from pages.confusion.matrix_table import Matrix, show_tables
from pages.confusion.pair_picker import Pair
from pages.parts.cached_runs import architecture_style

DIGITS = list(range(10))

TONES = ("light-dark(#6d2077, #d79bff)", "light-dark(#1b7a3d, #6fd08c)")
"""Colours of a difference between two runs of one architecture, whose own colours are too alike when they are pale."""


def show_matrices(runs: Mapping[str, Run], stored: Mapping[str, TestPredictions], pair: Pair | None) -> None:
    """Show the matrices, then the pairs that are confused most, then one cell.

    pair: two runs that were tested on the same digits.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", key="confusion_scale_row"):
        scale = st.segmented_control(
            "A cell tells",
            list(metrics.SCALES),
            default=metrics.COUNTS,
            required=True,
            key="confusion_scale",
            bind="query-params",
        )
        diagonal = st.toggle("Show the diagonal", key="confusion_diagonal", bind="query-params")
    above = st.container()
    counts = {name: confusion_matrix(its.predicted, its.labels) for name, its in stored.items()}
    pairs = {f"{each.true} → {each.predicted}": each.count for each in metrics.most_confused(*counts.values())}
    cell = st.container(key="confusion_cell_box")
    with cell:
        by, true, predicted = _pick_cell(list(runs), pair, pairs)
    values = {name: metrics.fractions(each, scale) for name, each in counts.items()}
    coloured = values if diagonal else {name: metrics.without_diagonal(each) for name, each in values.items()}
    largest = max(float(each.max()) for each in coloured.values())
    drawn = [
        Matrix(
            values[name],
            title=name,
            note=f"{number(counts[name].sum() - np.trace(counts[name]))} incorrect of {number(counts[name].sum())}",
            largest=largest,
            selected=(true, predicted) if name == by else None,
            tones=[architecture_style(runs[name].architecture).colour],
        )
        for name in runs
    ]
    if pair:
        difference = coloured[pair[0]] - coloured[pair[1]]
        drawn.append(
            Matrix(
                difference,
                title="Difference",
                note=f"+ more by {pair[0]}, − more by {pair[1]}",
                largest=float(np.abs(difference).max()),
                selected=(true, predicted),
                names=pair,
                tones=_tones(runs[pair[0]], runs[pair[1]]),
            )
        )
    names = [*runs, by]

    def take(matrix: int, true: int, predicted: int) -> None:
        _take_cell(names[matrix], true, predicted)

    with above:
        show_tables(
            drawn,
            shown=_shown(scale),
            hide_diagonal=not diagonal,
            key="confusion_tables",
            leads_to="confusion_cell_box",
            on_pick=take,
        )
    with cell:
        _show_cell(runs, stored, pair, by, true, predicted)


def _tones(left: Run, right: Run) -> list[str]:
    """The colours of their architectures if these differ, and so can be told apart when they are pale; otherwise
    TONES.
    """
    if left.architecture == right.architecture:
        return list(TONES)
    return [architecture_style(run.architecture).colour for run in (left, right)]


def _shown(scale: str) -> Callable[[float], str]:
    """What a cell shows of a value: a count, or a percentage without its sign, which would not fit."""
    if scale == metrics.COUNTS:
        return lambda value: f"{value:.0f}"
    return lambda value: f"{value * 100:.1f}" if abs(value) < 0.0995 else f"{value * 100:.0f}"


def _take_cell(name: str, true: int, predicted: int) -> None:
    st.session_state.update(
        {"confusion_by": name, "confusion_true": true, "confusion_predicted": predicted, digit_detail.KEY: None}
    )


def _pick_cell(names: list[str], pair: Pair | None, pairs: dict[str, int]) -> tuple[str, int, int]:
    """Pick the cell by fields, which are in the address, or by one of the pairs that are confused most."""
    st.header("The digits in a cell", anchor=False)
    with st.container(horizontal=True, key="confusion_cell_row"):
        default = names.index(pair[1]) if pair else 0
        by = st.selectbox("Predicted by", names, default, key="confusion_by", bind="query-params", width=220)
        true = st.selectbox("True digit", DIGITS, 4, key="confusion_true", bind="query-params", width=120)
        predicted = st.selectbox("Predicted as", DIGITS, 9, key="confusion_predicted", bind="query-params", width=120)
    current = f"{true} → {predicted}"
    st.session_state.confusion_pair = current if current in pairs else None

    def take() -> None:
        if chosen := st.session_state.confusion_pair:
            _take_cell(by, int(chosen[0]), int(chosen[-1]))

    if pairs:
        st.pills(
            "Confused most, by these models together",
            list(pairs),
            key="confusion_pair",
            on_change=take,
            format_func=lambda name: f"{name}   {pairs[name]} times",
        )
    return by if by in names else names[0], true, predicted


def _show_cell(
    runs: Mapping[str, Run],
    stored: Mapping[str, TestPredictions],
    pair: Pair | None,
    by: str,
    true: int,
    predicted: int,
) -> None:
    found = metrics.in_cell(stored[by].probabilities, stored[by].labels, true=true, predicted=predicted)
    how = "correctly" if true == predicted else f"as {predicted}"
    many = number(len(found)) if len(found) else "None"
    words = f"{many} of the {true}s {'are' if len(found) > 1 else 'is'} predicted {how} by {by}"
    digest = runs[by].data.get("digest")
    other = next((name for name in (pair or ())[::-1] if name != by and runs[name].data.get("digest") == digest), None)
    below = f" Under each digit: the prediction of {by}, then that of {other}." if other and len(found) else ""
    st.markdown(f"**{words}**{', the most certain first' if len(found) > 1 else ''}.{below}")
    shown = {name: stored[name] for name in (by, other) if name}
    digit_detail.show_digits(found, shown, runs, stored, pair=pair, label=words, key="confusion_cell")

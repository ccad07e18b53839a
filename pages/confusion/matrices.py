"""The matrices of all runs on one scale, the difference of two of them, and the digits of the cell that is looked at."""

from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st

from mnist_core.metrics import confusion_matrix as confusion
from mnist_core.metrics.accuracy import confusion_matrix
from mnist_core.reporting.run_styles import colours_of
from mnist_core.runs.predictions import TestPredictions
from mnist_core.runs.run import Run
from pages.confusion import digit_detail as confusion_digit
from pages.confusion.matrix_table import Matrix
from pages.confusion.matrix_table import show_matrices as draw_matrices

DIGITS = list(range(10))


def show_matrices(runs: Mapping[str, Run], stored: Mapping[str, TestPredictions], pair: tuple[str, str] | None) -> None:
    """All of them, then the pairs that are confused most, then one cell. pair: two runs that were tested on the same digits, if there are any."""
    with st.popover("View", icon=":material/tune:", key="confusion_scale_row"):
        scale = st.segmented_control(
            "A cell tells",
            list(confusion.SCALES),
            default=confusion.COUNTS,
            required=True,
            key="confusion_scale",
            bind="query-params",
        )
        diagonal = st.toggle("Show the diagonal", key="confusion_diagonal", bind="query-params")
    above = st.container()
    counts = {name: confusion_matrix(its.predicted, its.labels) for name, its in stored.items()}
    pairs = {f"{each.true} → {each.predicted}": each.count for each in confusion.most_confused(*counts.values())}
    cell = st.container(key="confusion_cell_box")
    with cell:
        by, true, predicted = _pick_cell(list(runs), pair, pairs)
    values = {name: confusion.fractions(each, scale) for name, each in counts.items()}
    coloured = values if diagonal else {name: confusion.without_diagonal(each) for name, each in values.items()}
    largest = max(float(each.max()) for each in coloured.values())
    drawn = [
        Matrix(
            values[name],
            title=name,
            note=f"{int(counts[name].sum() - np.trace(counts[name])):,} wrong of {counts[name].sum():,}",
            largest=largest,
            selected=(true, predicted) if name == by else None,
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
        draw_matrices(
            drawn,
            shown=_shown(scale),
            hidden=not diagonal,
            key="confusion_tables",
            leads_to="confusion_cell_box",
            on_pick=take,
        )
    with cell:
        _show_cell(runs, stored, pair, by, true, predicted)


def _tones(left: Run, right: Run) -> list[str]:
    """Their own colours if these can be told apart when they are pale, that is, of different families; else two others that can."""
    families = [colours_of(run.architecture) for run in (left, right)]
    colours = (
        [family[0] for family in families]
        if families[0] != families[1]
        else [("#6d2077", "#d79bff"), ("#1b7a3d", "#6fd08c")]
    )
    return [f"light-dark({light}, {dark})" for light, dark in colours]


def _shown(scale: str) -> Callable[[float], str]:
    """A value as a cell shows it: a count, or a percentage without its sign."""
    return (
        (lambda value: f"{value:.0f}")
        if scale == confusion.COUNTS
        else (lambda value: f"{value * 100:.1f}" if abs(value) < 0.0995 else f"{value * 100:.0f}")
    )


def _take_cell(name: str, true: int, predicted: int) -> None:
    st.session_state.update(
        {"confusion_by": name, "confusion_true": true, "confusion_predicted": predicted, confusion_digit.KEY: None}
    )


def _pick_cell(names: list[str], pair: tuple[str, str] | None, pairs: dict[str, int]) -> tuple[str, int, int]:
    """The cell, by fields that are in the URL, or by one of the pairs that are confused most."""
    st.subheader("The digits in a cell", anchor=False)
    with st.popover("Choose a cell", icon=":material/grid_on:", key="confusion_cell_row"):
        by = st.selectbox(
            "Read by", names, index=names.index(pair[1]) if pair else 0, key="confusion_by", bind="query-params"
        )
        true = st.selectbox("True digit", DIGITS, index=4, key="confusion_true", bind="query-params")
        predicted = st.selectbox("Read as", DIGITS, index=9, key="confusion_predicted", bind="query-params")
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
    pair: tuple[str, str] | None,
    by: str,
    true: int,
    predicted: int,
) -> None:
    found = confusion.in_cell(stored[by].probabilities, stored[by].labels, true=true, predicted=predicted)
    how = "right" if true == predicted else f"as {predicted}"
    words = f"{f'{len(found):,}' if len(found) else 'None'} of the {true}s {'are' if len(found) > 1 else 'is'} read {how} by {by}"
    other = next(
        (
            name
            for name in (pair or ())[::-1]
            if name != by and runs[name].data.get("digest") == runs[by].data.get("digest")
        ),
        None,
    )
    below = f" Under each digit: what {by} reads, then {other}." if other and len(found) else ""
    st.markdown(f"**{words}**{', the surest first' if len(found) > 1 else ''}.{below}")
    confusion_digit.show_many(
        found, {name: stored[name] for name in (by, other) if name}, runs, stored, label=words, key="confusion_cell"
    )

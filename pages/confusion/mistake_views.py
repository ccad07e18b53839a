"""Two views of the confusion page: all mistakes of a run, and the digits that only one of two runs predicts
correctly.
"""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.formatting import number
from mnist_core.metrics import confusion_matrix
from mnist_core.runs.predictions import TestPredictions
from mnist_core.runs.run import Run
from pages.confusion.digit_detail import show_digits
from pages.confusion.pair_picker import Pair


def show_mistakes(runs: dict[str, Run], stored: dict[str, TestPredictions], pair: Pair | None) -> None:
    """Show all digits that one of the runs misclassifies."""
    names = list(runs)
    by = names[0]
    if len(names) > 1:
        by = st.segmented_control(
            "Misclassified by", names, default=by, required=True, key="confusion_mistakes_by", bind="query-params"
        )
        by = by if by in runs else names[0]
    found = confusion_matrix.mistakes(stored[by].probabilities, stored[by].labels)
    words = f"{number(len(found))} of {number(runs[by].test.count)} digits are misclassified by {by}"
    st.markdown(f"**{words}**, the most certain mistakes first. Under each digit: what {by} predicts instead.")
    show_digits(found, {by: stored[by]}, runs, stored, pair=pair, label=words, key="confusion_mistakes")


def show_only_one_correct(runs: dict[str, Run], stored: dict[str, TestPredictions], pair: Pair | None) -> None:
    """Show the digits that one of two runs predicts correctly and the other incorrectly."""
    if pair is None:
        st.info("This takes two models that were tested on the same digits: choose them above.", icon=":material/info:")
        return
    left, right = pair
    only = st.segmented_control(
        "Only this one is correct", list(pair), default=right, required=True, key="confusion_only", bind="query-params"
    )
    only = only if only in pair else right
    other = left if only == right else right
    found, others = _only_correct(stored, only, other), _only_correct(stored, other, only)
    words = f"{number(len(found))} digits that {only} predicts correctly and {other} incorrectly"
    st.markdown(
        f"**{words}**, the most certain mistakes first; {number(len(others))} the other way round. "
        f"Under each digit: the prediction of {only}, then that of {other}."
    )
    shown = {name: stored[name] for name in (only, other)}
    show_digits(found, shown, runs, stored, pair=pair, label=words, key="confusion_only_one_correct")


def _only_correct(stored: dict[str, TestPredictions], one: str, other: str) -> NDArray[np.intp]:
    """Indices of the digits that only the one predicts correctly."""
    return confusion_matrix.only_correct(stored[one].probabilities, stored[other].probabilities, stored[one].labels)

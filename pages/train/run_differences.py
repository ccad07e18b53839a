"""The digits for which a run and the run in use differ: one predicts them correctly, the other incorrectly."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.errors import DigitDuelError
from mnist_core.formatting import number
from mnist_core.metrics.significance import mcnemar, p_in_words
from mnist_core.reporting.digit_pictures import digit_strip
from mnist_core.runs.run import Run
from pages.parts import cached_digits
from pages.parts.cached_runs import test_predictions
from pages.parts.messages import show_warning

SHOWN = 16


def show_differences(run: Run, in_use: Run) -> None:
    """Show McNemar's test and the digits themselves, in both directions."""
    if run.data.get("digest") != in_use.data.get("digest"):
        st.caption(
            f"The two cannot be compared digit by digit: {run.name} and {in_use.name} were tested on different digits."
        )
        return
    try:
        its, used = test_predictions(run), test_predictions(in_use)
    except DigitDuelError as error:
        show_warning(error)
        return
    correct, correct_in_use = its.predicted == its.labels, used.predicted == used.labels
    test = mcnemar(correct, correct_in_use)
    words = "The difference is real" if test.differs else "The difference may be chance"
    st.caption(f"{words}: McNemar's test on the digits that only one of them predicts correctly, {p_in_words(test.p)}.")
    gained, lost = correct & ~correct_in_use, ~correct & correct_in_use
    with st.expander(
        f"{number(gained.sum())} that {run.name} predicts correctly and {in_use.name} incorrectly", expanded=True
    ):
        _show_digits(np.flatnonzero(gained), its.labels, used.predicted, run, in_use, only=run)
    with st.expander(
        f"{number(lost.sum())} that {run.name} predicts incorrectly and {in_use.name} correctly", expanded=True
    ):
        _show_digits(np.flatnonzero(lost), its.labels, its.predicted, run, in_use, only=in_use)


def _show_digits(
    indices: NDArray[np.intp],
    labels: NDArray[np.uint8],
    predicted: NDArray[np.intp],
    run: Run,
    in_use: Run,
    *,
    only: Run,
) -> None:
    """Show the first of these digits, and a link to all of them. only: which of the two predicts them correctly."""
    if not len(indices):
        st.caption("None.")
        return
    some = indices[:SHOWN]
    captions = [f"{labels[index]} predicted as {predicted[index]}" for index in some]
    try:
        pictures = cached_digits.digit_set(str(run.data.get("name"))).test.images
    except DigitDuelError:
        st.caption(f"{', '.join(captions)}. {cached_digits.WHY_NOT}")
        return
    st.html(digit_strip([pictures[index] for index in some], captions))
    if len(indices) > SHOWN:
        st.page_link(
            "pages/confusion/confusion.py",
            label=f"and {number(len(indices) - SHOWN)} more",
            icon=":material/arrow_forward:",
            query_params=[
                ("confusion_runs", run.name),
                ("confusion_runs", in_use.name),
                ("confusion_view", "Disagreements"),
                ("confusion_only", only.name),
            ],
        )

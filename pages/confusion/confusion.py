"""What is taken for what: confusion matrices side by side, the digits in their cells, and how far a run's certainty can be trusted."""

from typing import Any

import streamlit as st

from mnist_core.errors import DigitDuelError
from mnist_core.metrics import confusion_matrix as confusion
from mnist_core.metrics.calibration import expected_calibration_error, reliability
from mnist_core.metrics.selective_accuracy import accuracy_at, selective_accuracy_curve
from mnist_core.reporting.confusion_charts import TOLD, reliability_chart, selective_accuracy_chart
from mnist_core.reporting.vega import specification
from mnist_core.runs.predictions import TestPredictions
from mnist_core.runs.promotion import default_pair
from mnist_core.runs.run import Run
from pages.confusion import digit_detail as confusion_digit
from pages.confusion.digit_scores import show_scores
from pages.confusion.matrices import show_matrices
from pages.parts.heading import show_heading
from pages.parts.legend import show_legend
from pages.parts.run_picker import pick_runs, run_styles_of, show_damaged
from pages.parts.stored_predictions import usable

MATRICES, SCORES, MISTAKES, ONE_CORRECT, SURE = VIEWS = (
    "Matrices",
    "By digit",
    "All mistakes",
    "Only one right",
    "How sure",
)
Pair = tuple[str, str]


def pick_pair(runs: dict[str, Run]) -> Pair | None:
    """The two that are compared digit by digit; None if there are none, or they were tested on different digits."""
    names = list(runs)
    if len({run.data.get("digest") for run in runs.values()}) > 1:
        st.info(
            "These models were not all tested on the same digits: compare shares rather than counts, and digit by digit only within one set.",
            icon=":material/info:",
        )
    if len(names) < 2:
        return None
    default = default_pair(names)
    pair = default
    if len(names) > 2:
        with st.popover("Compare digit by digit", icon=":material/compare_arrows:", key="confusion_pair_row"):
            picked = [
                st.selectbox(label, names, index=names.index(name), key=f"confusion_{side}", bind="query-params")
                for label, side, name in zip(
                    ("Compare digit by digit", "with"), ("left", "right"), default, strict=True
                )
            ]
        pair = picked[0], picked[1]
    if pair[0] == pair[1] or runs[pair[0]].data.get("digest") != runs[pair[1]].data.get("digest"):
        st.caption(
            "Choose two different models." if pair[0] == pair[1] else "These two were tested on different digits."
        )
        return None
    return pair


def show_mistakes(runs: dict[str, Run], stored: dict[str, TestPredictions]) -> None:
    """All digits that one of the runs reads wrong."""
    names = list(runs)
    by = names[0]
    if len(names) > 1:
        by = st.segmented_control(
            "Read wrong by", names, default=names[0], required=True, key="confusion_incorrect_by", bind="query-params"
        )
        by = by if by in runs else names[0]
    found = confusion.mistakes(stored[by].probabilities, stored[by].labels)
    words = f"{len(found):,} of {runs[by].test.count:,} digits are read wrong by {by}"
    st.markdown(f"**{words}**, the surest mistakes first. Under each digit: what {by} reads instead.")
    confusion_digit.show_many(found, {by: stored[by]}, runs, stored, label=words, key="confusion_mistakes")


def show_one_correct(runs: dict[str, Run], stored: dict[str, TestPredictions], pair: Pair | None) -> None:
    """The digits that one of two reads right and the other wrong."""
    if pair is None:
        st.info("This takes two models that were tested on the same digits: choose them above.", icon=":material/info:")
        return
    found = {
        right: confusion.only_correct(stored[right].probabilities, stored[incorrect].probabilities, stored[right].labels)
        for right, incorrect in (pair, pair[::-1])
    }  # fmt: skip
    side = st.segmented_control(
        "Only this one reads them right",
        list(pair),
        default=pair[1],
        required=True,
        key="confusion_only",
        bind="query-params",
    )
    side = side if side in found else pair[1]
    other = pair[0] if side == pair[1] else pair[1]
    words = f"{len(found[side]):,} digits that {side} reads right and {other} wrong"
    st.markdown(
        f"**{words}**, the surest mistakes first; {len(found[other]):,} the other way round. Under each digit: what {side} reads, then {other}."
    )
    confusion_digit.show_many(
        found[side],
        {name: stored[name] for name in (side, other)},
        runs,
        stored,
        label=words,
        key="confusion_one_correct",
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def sure_charts(
    names: tuple[tuple[str, str, str], ...], _runs: list[Run], _stored: dict[str, TestPredictions]
) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Both charts and what they say. names: of the runs, when they were made and their folders, by which the cache knows them."""
    run_styles = run_styles_of(_runs)
    errors = {name: expected_calibration_error(its.probabilities, its.labels) for name, its in _stored.items()}
    curves = {name: selective_accuracy_curve(its.probabilities, its.labels) for name, its in _stored.items()}
    told = {name: accuracy_at(curve, TOLD) for name, curve in curves.items() if curve}
    rows = "\n".join(
        f"| {name} | {errors[name] * 100:.2f} % | {told[name].accuracy * 100:.2f} % ({told[name].incorrect:,} wrong) |"
        for name in told
    )
    bins = {name: reliability(its.probabilities, its.labels) for name, its in _stored.items()}
    table = f"| | Calibration error | Right, with the surest 99 % answered |\n|:--|--:|--:|\n{rows}"
    return (
        specification(reliability_chart(bins, run_styles, errors)),
        specification(selective_accuracy_chart(curves, run_styles)),
        table,
    )


def show_sure(runs: dict[str, Run], stored: dict[str, TestPredictions]) -> None:
    """Whether a run is as often right as it says, and what leaving out unsure digits gains."""
    first, second, table = sure_charts(
        tuple((run.name, run.created, str(run.folder)) for run in runs.values()), list(runs.values()), stored
    )
    show_legend(run_styles_of(list(runs.values())))
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("As sure as it should be?", anchor=False)
        st.caption(
            "On the dashed line a model is as often right as it says; below it, too sure. Small points stand for few digits; lines join those of ten or more."
        )
        st.vega_lite_chart(first, key="confusion_reliability")
    with right:
        st.subheader("Leaving out what is unsure", anchor=False)
        st.caption(
            "From left to right more of the least sure digits are left out: how many of the answered ones are right."
        )
        st.vega_lite_chart(second, key="confusion_selective")
    st.markdown(table)
    st.caption("Calibration error: mean distance between how sure and how right, over 15 steps of sureness.")


show_heading("Confusion", "Which digits are taken for which. Every number leads to the digits behind it.")
with st.container(horizontal=True, key="confusion_choices"):
    runs, stored = usable(pick_runs("confusion"))
    pair = pick_pair(runs) if runs else None
if runs:
    tabs = dict(zip(VIEWS, st.tabs(VIEWS, key="confusion_view", bind="query-params", on_change="rerun"), strict=True))
    try:
        if tabs[MATRICES].open:
            with tabs[MATRICES]:
                show_matrices(runs, stored, pair)
        if tabs[SCORES].open:
            with tabs[SCORES]:
                show_scores(stored, run_styles_of(list(runs.values())))
        if tabs[MISTAKES].open:
            with tabs[MISTAKES]:
                show_mistakes(runs, stored)
        if tabs[ONE_CORRECT].open:
            with tabs[ONE_CORRECT]:
                show_one_correct(runs, stored, pair)
        if tabs[SURE].open:
            with tabs[SURE]:
                show_sure(runs, stored)
    except DigitDuelError as error:
        st.error(str(error), icon=":material/error:")
show_damaged()

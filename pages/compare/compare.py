"""Runs side by side: what they cost, what they get right, and whether two of them really differ."""

from typing import Any
from urllib.parse import urlencode

import streamlit as st

from mnist_core.errors import DigitDuelError
from mnist_core.metrics.significance import mcnemar, verdict
from mnist_core.reporting import compare_charts, tables
from mnist_core.reporting.comparison_cards import conclusion, leaders, ratios
from mnist_core.reporting.vega import specification
from mnist_core.runs.measurements import Measured
from mnist_core.runs.promotion import default_pair
from mnist_core.runs.run import Run
from mnist_core.runs.summaries import COSTS, METRICS, QUALITIES, RunSummary, same_digits
from pages.compare.measured_runs import measure_missing, summaries_of
from pages.parts.heading import show_heading
from pages.parts.legend import show_legend
from pages.parts.run_picker import pick_runs, run_styles_of, show_damaged, test_predictions

Known = tuple[tuple[str, str, str, Measured | None], ...]
COST_NAMES = {METRICS[key].short: key for key in COSTS}
QUALITY_NAMES = {METRICS[key].short: key for key in QUALITIES}
OVERVIEW, PAIR, CHARTS, SETTINGS = "Overview", "Two of them", "Cost and quality", "Settings"
OTHER_DIGITS = "These models were not all tested on the same digits, so their accuracies do not compare. The table says how many each was tested on."


def show_overview(summaries: list[RunSummary]) -> None:
    """The answer in a sentence and in four cards, and the table of all figures."""
    pair = default_pair([summary.run.name for summary in summaries])
    by_name = {summary.run.name: summary for summary in summaries}
    pieces = (
        conclusion(by_name[pair[0]], by_name[pair[1]], run_styles),
        leaders(summaries, run_styles),
        "<h2 class='part'>All figures</h2>",
        tables.side_by_side(summaries, run_styles, to_mistakes=mistakes_of),
    )
    st.html("".join(pieces))


def mistakes_of(run: Run) -> str:
    """The address of the digits that it reads wrong."""
    return address(confusion_runs=[run.name], confusion_view="All mistakes")


def address(**query: str | list[str]) -> str:
    """Of a view of the confusion page."""
    return f"confusion?{urlencode(query, doseq=True)}"


def show_pair(summaries: list[RunSummary], runs: dict[str, Run]) -> None:
    """Two of the runs: by how much they differ, and McNemar's test on the digits that only one of them reads right."""
    names = list(runs)
    left_default, right_default = default_pair(names)
    columns = st.columns(2, gap="small")
    left = columns[0].selectbox("One", names, index=names.index(left_default), key="compare_left", bind="query-params")
    right = columns[1].selectbox(
        "The other", names, index=names.index(right_default), key="compare_right", bind="query-params"
    )
    if left == right:
        st.caption("Choose two different models.")
        return
    by_name = {summary.run.name: summary for summary in summaries}
    st.html(ratios(by_name[left], by_name[right], run_styles))
    if not same_digits([by_name[left], by_name[right]]):
        st.caption(f"{left} and {right} were tested on different digits, so they cannot be compared digit by digit.")
        return
    try:
        stored = [test_predictions(runs[name]) for name in (left, right)]
    except DigitDuelError:  # said above already
        return
    result = mcnemar(*((each.predicted == each.labels) for each in stored))
    words, table = st.columns(2, gap="large", vertical_alignment="center")
    words.markdown(f"**{verdict(result, left, right)}**")
    words.caption(
        "McNemar's test looks only at the digits that one of the two reads right and the other wrong: the bold figures. p is the chance of so "
        "uneven a division if both were equally good; below 0.05 is taken for a real difference."
    )
    only_left, only_correct = (
        address(confusion_runs=[left, right], confusion_view="Only one right", confusion_only=name)
        for name in (left, right)
    )
    table.html(tables.contingency(result, left, right, (only_left, only_correct)))


@st.cache_resource(max_entries=64, show_spinner=False)
def scatter(known: Known, cost: str, quality: str, _summaries: list[RunSummary]) -> dict[str, Any]:
    """The chart of these runs, drawn up once. known: which runs, and what has been measured of them."""
    return specification(compare_charts.cost_scatter(_summaries, run_styles, METRICS[cost], METRICS[quality]))


@st.cache_resource(max_entries=64, show_spinner=False)
def shifts(known: Known, _summaries: list[RunSummary]) -> dict[str, Any]:
    """As above."""
    return specification(compare_charts.shift_lines(_summaries, run_styles))


def show_charts(summaries: list[RunSummary]) -> None:
    """Cost against quality, and what becomes of each run when digits move."""
    left, right = st.columns([3, 2], gap="large")
    known = tuple((each.run.name, each.run.created, str(each.run.folder), each.measured) for each in summaries)
    measured = any(summary.measured for summary in summaries)
    with left:
        st.subheader("What it costs, what it gets right", anchor=False)
        with st.container(horizontal=True):
            cost = COST_NAMES[st.selectbox("Cost", list(COST_NAMES), key="compare_cost", bind="query-params")]
            quality = QUALITY_NAMES[
                st.selectbox("Against", list(QUALITY_NAMES), key="compare_quality", bind="query-params")
            ]
        if measured or METRICS[cost].source == METRICS[quality].source == "stored":
            st.vega_lite_chart(scatter(known, cost, quality, summaries))
    with right:
        st.subheader("When digits move", anchor=False)
        st.caption("1,000 digits in other handwriting, moved off the centre. MNIST's own digits are all centred.")
        if measured:
            show_legend(run_styles)
            st.vega_lite_chart(shifts(known, summaries))


show_heading(
    "Compare",
    "Which network is simpler, which is faster, which is right more often and which is harder to fool? Measured, side by side.",
)
picked = pick_runs("compare")
summaries, problems = summaries_of(picked)
run_styles = run_styles_of([summary.run for summary in summaries])
for problem in problems:
    st.warning(problem, icon=":material/error:")
if summaries:
    views = [OVERVIEW, *([PAIR] if len(summaries) > 1 else []), CHARTS, *([SETTINGS] if len(summaries) > 1 else [])]
    tabs = dict(zip(views, st.tabs(views, key="compare_view", bind="query-params", on_change="rerun"), strict=True))
    with next((tab for tab in tabs.values() if tab.open), tabs[OVERVIEW]):
        if not same_digits(summaries):
            st.info(OTHER_DIGITS, icon=":material/info:")
        if PAIR in tabs and tabs[PAIR].open:
            show_pair(summaries, {summary.run.name: summary.run for summary in summaries})
        elif tabs[CHARTS].open:
            show_charts(summaries)
        elif SETTINGS in tabs and tabs[SETTINGS].open:
            st.html(tables.settings(summaries, run_styles))
        else:
            show_overview(summaries)
show_damaged()
measure_missing([summary.run for summary in summaries])

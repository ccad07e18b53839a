"""The compare page: what runs cost, how accurate they are, and whether two of them really differ."""

from typing import Any
from urllib.parse import urlencode

import streamlit as st
from markupsafe import Markup

from mnist_core.errors import DigitDuelError
from mnist_core.metrics.significance import mcnemar, verdict
from mnist_core.reporting import compare_charts, comparison_cards, tables
from mnist_core.reporting.vega import specification
from mnist_core.runs.measurements import Measured
from mnist_core.runs.promotion import default_pair, in_use
from mnist_core.runs.run import Run
from mnist_core.runs.summaries import COSTS, METRICS, QUALITIES, RunSummary, same_digits
from pages.compare.cached_summaries import measure_missing, summaries_of
from pages.compare.robustness_view import show_robustness
from pages.compare.shipped_sweep import show_data_fraction
from pages.parts.cached_runs import RunKey, all_runs, run_key, run_styles_of, test_predictions
from pages.parts.glossary import NETWORKS
from pages.parts.heading import show_heading
from pages.parts.legend import show_legend
from pages.parts.messages import show_warning
from pages.parts.run_picker import fresh_runs, pick_runs, show_damaged

Known = tuple[tuple[RunKey, Measured | None, float | None], ...]
COST_NAMES = {METRICS[key].short: key for key in COSTS}
QUALITY_NAMES = {METRICS[key].short: key for key in QUALITIES}
OVERVIEW, PAIR, ROBUSTNESS, CHARTS, SETTINGS = (
    "Overview",
    "Head to head",
    "Robustness",
    "Cost and quality",
    "Settings",
)
OTHER_DIGITS = (
    "These models were not all tested on the same digits, so their accuracies do not compare. "
    "The table says how many each was tested on."
)


def show_overview(summaries: list[RunSummary]) -> None:
    """The answer in a sentence and in four cards, and the table of all figures."""
    by_name = {summary.run.name: summary for summary in summaries}
    left, right = default_pair(list(by_name))
    measured = sum(not summary.is_pending for summary in summaries)
    st.html(
        comparison_cards.conclusion(
            by_name[left],
            by_name[right],
            run_styles,
            fresh=fresh_pairs(by_name, {left, right}),
            unmeasured="" if measured == len(summaries) else f"{measured} of {len(summaries)} models are measured",
        )
        + Markup("<h2 class='hear'>Who leads in what</h2>")
        + comparison_cards.leaders(summaries, run_styles)
        + Markup("<h2 class='part'>All figures</h2>")
        + tables.side_by_side(summaries, run_styles, to_mistakes=mistakes_of)
    )


def fresh_pairs(by_name: dict[str, RunSummary], compared: set[str]) -> list[tuple[RunSummary, RunSummary]]:
    """The runs that were just trained, each with the run in use in whose place it could be put.

    compared: the names of runs of which the conclusion speaks already.
    """
    pairs = []
    for name in fresh_runs(all_runs()):
        if name in by_name and name not in compared:
            rival = in_use(by_name[name].run.architecture, [other for other in by_name if other != name])
            pairs.append((by_name[name], by_name[rival]))
    return pairs


def mistakes_of(run: Run) -> str:
    """The address of the digits that this run misclassifies."""
    return confusion_address(confusion_runs=[run.name], confusion_view="All mistakes")


def confusion_address(**query: str | list[str]) -> str:
    """The address of a view of the confusion page."""
    return f"confusion?{urlencode(query, doseq=True)}"


def show_pair(summaries: list[RunSummary]) -> None:
    """Two of the runs: by how much they differ, and McNemar's test on the digits that only one of them predicts
    correctly.
    """
    by_name = {summary.run.name: summary for summary in summaries}
    names = list(by_name)
    picked = []
    for column, label, side, default in zip(
        st.columns(2, gap="small"), ("Model A", "Model B"), ("left", "right"), default_pair(names), strict=True
    ):
        key = f"compare_{side}"
        picked.append(column.selectbox(label, names, names.index(default), key=key, bind="query-params"))
    left, right = picked
    if left == right:
        st.caption("Choose two different models.")
        return
    st.html(comparison_cards.ratios(by_name[left], by_name[right], run_styles))
    if not same_digits([by_name[left], by_name[right]]):
        st.caption(f"{left} and {right} were tested on different digits, so they cannot be compared digit by digit.")
        return
    try:
        stored = [test_predictions(by_name[name].run) for name in picked]
    except DigitDuelError:  # the page has said so above
        return
    result = mcnemar(*((each.predicted == each.labels) for each in stored))
    words, table = st.columns(2, gap="large", vertical_alignment="center")
    words.markdown(f"**{verdict(result, left, right)}**")
    words.caption(
        "McNemar's test uses only the digits that one of the two predicts correctly and the other incorrectly: the "
        "bold figures. p is the chance of a division at least as uneven if both were equally good; below 0.05 counts "
        "as a real difference."
    )
    only_left, only_right = (
        confusion_address(confusion_runs=picked, confusion_view="Disagreements", confusion_only=name) for name in picked
    )
    table.html(tables.contingency(result, left, right, (only_left, only_right)))


@st.cache_resource(max_entries=64, show_spinner=False)
def scatter(known: Known, cost: str, quality: str, _summaries: list[RunSummary]) -> dict[str, Any]:
    """The chart of cost against quality, drawn once for all visitors.

    known: the runs, and what has been measured of them.
    """
    return specification(compare_charts.cost_scatter(_summaries, run_styles, METRICS[cost], METRICS[quality]))


@st.cache_resource(max_entries=64, show_spinner=False)
def shifts(known: Known, _summaries: list[RunSummary]) -> dict[str, Any]:
    """The chart of accuracy against the distance by which digits are moved, drawn once for all visitors."""
    return specification(compare_charts.shift_lines(_summaries, run_styles))


def show_charts(summaries: list[RunSummary]) -> None:
    """Cost against quality, and how accurate each run stays when digits move."""
    left, right = st.columns([3, 2], gap="large")
    known = tuple((run_key(each.run), each.measured, METRICS["corruptions"].value(each)) for each in summaries)
    is_measured = any(each.measured for each in summaries) and not any(each.is_pending for each in summaries)
    with left:
        st.header("Cost and accuracy", anchor=False)
        with st.container(horizontal=True):
            cost = COST_NAMES[st.selectbox("Cost", list(COST_NAMES), key="compare_cost", bind="query-params")]
            quality = QUALITY_NAMES[
                st.selectbox("Against", list(QUALITY_NAMES), key="compare_quality", bind="query-params")
            ]
        if is_measured or METRICS[cost].source == METRICS[quality].source == "stored":
            st.vega_lite_chart(scatter(known, cost, quality, summaries))
    with right:
        st.header("When digits move", anchor=False)
        st.caption("1,000 digits in other handwriting, moved off the centre. MNIST's own digits are all centred.")
        if is_measured:
            show_legend(run_styles)
            st.vega_lite_chart(shifts(known, summaries))
    show_data_fraction()


def show_settings(summaries: list[RunSummary]) -> None:
    """The settings in which the runs differ."""
    st.html(tables.settings(summaries, run_styles))


show_heading(
    "Compare",
    "Which network is simpler, which is faster, which is more accurate and which is more robust? All of it is "
    "measured.",
    words=(*NETWORKS, "specified", "robust", "loss"),
)
summaries, problems = summaries_of(pick_runs("compare"))
runs = [summary.run for summary in summaries]
run_styles = run_styles_of(runs)
for problem in problems:
    show_warning(problem)
if summaries:
    views = {
        OVERVIEW: show_overview,
        PAIR: show_pair,
        ROBUSTNESS: lambda summaries: show_robustness(summaries, run_styles),
        CHARTS: show_charts,
        SETTINGS: show_settings,
    }
    if len(summaries) == 1:
        del views[PAIR], views[SETTINGS]
    tabs = dict(
        zip(views, st.tabs(list(views), key="compare_view", bind="query-params", on_change="rerun"), strict=True)
    )
    opened = next((view for view, tab in tabs.items() if tab.open), OVERVIEW)
    with tabs[opened]:
        if not same_digits(summaries):
            st.info(OTHER_DIGITS, icon=":material/info:")
        views[opened](summaries)
show_damaged()
measure_missing(runs)

"""Runs side by side: what they cost, what they get right, and whether two of them really differ."""

from typing import Any
from urllib.parse import urlencode

import streamlit as st

from mnist_core.errors import DigitDuelError
from mnist_core.metrics.significance import mcnemar, verdict
from mnist_core.reporting import charts, markup
from mnist_core.runs.measurements import Measured
from mnist_core.runs.store import Run, default_pair
from mnist_core.runs.summaries import COSTS, CRITERIA, QUALITIES, Standing, same_digits
from pages.compare.measured_runs import measure_missing, standings_of
from pages.parts.heading import show_heading
from pages.parts.legend import show_legend
from pages.parts.run_picker import looks_of, pick_runs, show_damaged, test_predictions

Known = tuple[tuple[str, str, str, Measured | None], ...]
COST_NAMES = {CRITERIA[key].short: key for key in COSTS}
QUALITY_NAMES = {CRITERIA[key].short: key for key in QUALITIES}
OVERVIEW, PAIR, CHARTS, SETTINGS = "Overview", "Two of them", "Cost and quality", "Settings"
OTHER_DIGITS = "These models were not all tested on the same digits, so their accuracies do not compare. The table says how many each was tested on."


def show_overview(standings: list[Standing]) -> None:
    """The answer in a sentence and in four cards, and the table of all figures."""
    pair = default_pair([standing.run.name for standing in standings])
    by_name = {standing.run.name: standing for standing in standings}
    st.html(
        markup.conclusion(by_name[pair[0]], by_name[pair[1]], looks)
        + markup.leaders(standings, looks)
        + "<h2 class='part'>All figures</h2>"
        + markup.side_by_side(standings, looks, to_mistakes=mistakes_of)
    )


def mistakes_of(run: Run) -> str:
    """The address of the digits that it reads wrong."""
    return address(confusion_runs=[run.name], confusion_view="All mistakes")


def address(**query: str | list[str]) -> str:
    """Of a view of the confusion page."""
    return f"confusion?{urlencode(query, doseq=True)}"


def show_pair(standings: list[Standing], runs: dict[str, Run]) -> None:
    """Two of the runs: by how much they differ, and McNemar's test on the digits that only one of them reads right."""
    names = list(runs)
    left_default, right_default = default_pair(names)
    columns = st.columns(2, gap="small")
    left = columns[0].selectbox("One", names, index=names.index(left_default), key="compare_left", bind="query-params")
    right = columns[1].selectbox("The other", names, index=names.index(right_default), key="compare_right", bind="query-params")
    if left == right:
        st.caption("Choose two different models.")
        return
    by_name = {standing.run.name: standing for standing in standings}
    st.html(markup.ratios(by_name[left], by_name[right], looks))
    if not same_digits([by_name[left], by_name[right]]):
        st.caption(f"{left} and {right} were tested on different digits, so they cannot be compared digit by digit.")
        return
    try:
        stored = [test_predictions(runs[name]) for name in (left, right)]
    except DigitDuelError:  # said above already
        return
    result = mcnemar(*((each.read == each.labels) for each in stored))
    words, table = st.columns(2, gap="large", vertical_alignment="center")
    words.markdown(f"**{verdict(result, left, right)}**")
    words.caption(
        "McNemar's test looks only at the digits that one of the two reads right and the other wrong: the bold figures. p is the chance of so "
        "uneven a division if both were equally good; below 0.05 is taken for a real difference."
    )
    only_left, only_right = (address(confusion_runs=[left, right], confusion_view="Only one right", confusion_only=name) for name in (left, right))
    table.html(markup.contingency(result, left, right, (only_left, only_right)))


@st.cache_resource(max_entries=64, show_spinner=False)
def scatter(known: Known, cost: str, quality: str, _standings: list[Standing]) -> dict[str, Any]:
    """The chart of these runs, drawn up once. known: which runs, and what has been measured of them."""
    return charts.specification(charts.cost_scatter(_standings, looks, CRITERIA[cost], CRITERIA[quality]))


@st.cache_resource(max_entries=64, show_spinner=False)
def shifts(known: Known, _standings: list[Standing]) -> dict[str, Any]:
    """As above."""
    return charts.specification(charts.shift_lines(_standings, looks))


def show_charts(standings: list[Standing]) -> None:
    """Cost against quality, and what becomes of each run when digits move."""
    left, right = st.columns([3, 2], gap="large")
    known = tuple((each.run.name, each.run.created, str(each.run.folder), each.measured) for each in standings)
    measured = any(standing.measured for standing in standings)
    with left:
        st.subheader("What it costs, what it gets right", anchor=False)
        with st.container(horizontal=True):
            cost = COST_NAMES[st.selectbox("Cost", list(COST_NAMES), key="compare_cost", bind="query-params")]
            quality = QUALITY_NAMES[st.selectbox("Against", list(QUALITY_NAMES), key="compare_quality", bind="query-params")]
        if measured or CRITERIA[cost].source == CRITERIA[quality].source == "stored":
            st.vega_lite_chart(scatter(known, cost, quality, standings))
    with right:
        st.subheader("When digits move", anchor=False)
        st.caption("1,000 digits in other handwriting, moved off the centre. MNIST's own digits are all centred.")
        if measured:
            show_legend(looks)
            st.vega_lite_chart(shifts(known, standings))


show_heading("Compare", "Which network is simpler, which is faster, which is right more often and which is harder to fool? Measured, side by side.")
picked = pick_runs("compare")
standings, problems = standings_of(picked)
looks = looks_of([standing.run for standing in standings])
for problem in problems:
    st.warning(problem, icon=":material/error:")
if standings:
    views = [OVERVIEW, *([PAIR] if len(standings) > 1 else []), CHARTS, *([SETTINGS] if len(standings) > 1 else [])]
    tabs = dict(zip(views, st.tabs(views, key="compare_view", bind="query-params", on_change="rerun"), strict=True))
    with next((tab for tab in tabs.values() if tab.open), tabs[OVERVIEW]):
        if not same_digits(standings):
            st.info(OTHER_DIGITS, icon=":material/info:")
        if PAIR in tabs and tabs[PAIR].open:
            show_pair(standings, {standing.run.name: standing.run for standing in standings})
        elif tabs[CHARTS].open:
            show_charts(standings)
        elif SETTINGS in tabs and tabs[SETTINGS].open:
            st.html(markup.settings(standings, looks))
        else:
            show_overview(standings)
show_damaged()
measure_missing([standing.run for standing in standings])

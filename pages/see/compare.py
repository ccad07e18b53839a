"""Runs side by side: what they cost, what they get right, and whether two of them really differ."""

from pathlib import Path

import streamlit as st

from mnist_core import charts, markup
from mnist_core.errors import DigitDuelError
from mnist_core.measurements import Measured
from mnist_core.runs import Run, default_pair
from mnist_core.significance import mcnemar, verdict
from mnist_core.standings import COSTS, CRITERIA, QUALITIES, Standing, same_digits
from pages.parts.legend import show_legend
from pages.parts.runs import looks_of, pick_runs, show_damaged, test_predictions
from pages.parts.standings import measure_missing, standings_of

Known = tuple[tuple[str, str, str, Measured | None], ...]
COST_NAMES = {CRITERIA[key].short: key for key in COSTS}
QUALITY_NAMES = {CRITERIA[key].short: key for key in QUALITIES}
OTHER_DIGITS = "These models were not all tested on the same digits, so their accuracies do not compare. The table says how many each was tested on."


def show_pair(standings: list[Standing], runs: dict[str, Run]) -> None:
    """Two of the runs: by how much they differ, and McNemar's test on the digits that only one of them reads right."""
    st.subheader("Do two of them really differ?", anchor=False)
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
    table.html(markup.contingency(result, left, right))
    table.page_link(
        "pages/see/confusion.py",
        label="The digits that only one of them reads right",
        icon=":material/grid_on:",
        query_params={"runs": [left, right], "confusion_view": "Only one right"},
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def scatter(known: Known, cost: str, quality: str, _standings: list[Standing]) -> charts.Chart:
    """The chart of these runs, drawn once. known: which runs, and what has been measured of them."""
    return charts.cost_scatter(_standings, looks, CRITERIA[cost], CRITERIA[quality])


@st.cache_resource(max_entries=64, show_spinner=False)
def shifts(known: Known, _standings: list[Standing]) -> charts.Chart:
    """As above."""
    return charts.shift_lines(_standings, looks)


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
            st.altair_chart(scatter(known, cost, quality, standings))
    with right:
        st.subheader("When digits move", anchor=False)
        st.caption("1,000 digits in other handwriting, moved off the centre. MNIST's own digits are all centred.")
        if measured:
            show_legend(looks)
            st.altair_chart(shifts(known, standings))


st.html(Path(__file__).parent.parent / "parts" / "style.css")
st.html(Path(markup.__file__).with_suffix(".css"))
st.title("Compare", anchor=False)
st.caption("Trained models side by side: what they cost, what they get right, and whether the difference is real.")
picked = pick_runs()
standings, problems = standings_of(picked)
looks = looks_of([standing.run for standing in standings])
for problem in problems:
    st.warning(problem, icon=":material/error:")
if standings:
    st.html(markup.leaders(standings, looks))
    if not same_digits(standings):
        st.info(OTHER_DIGITS, icon=":material/info:")
    st.subheader("All figures", anchor=False)
    st.html(markup.side_by_side(standings, looks))
    if len(standings) > 1:
        show_pair(standings, {standing.run.name: standing.run for standing in standings})
    show_charts(standings)
    if len(standings) > 1:
        st.subheader("What was set differently", anchor=False)
        st.html(markup.settings(standings, looks))
show_damaged()
measure_missing([standing.run for standing in standings])

"""One run after its training: its figures beside those of the run in use, and what can be done with it."""

import streamlit as st

from mnist_core import formatting
from mnist_core.data.datasets import OFFLINE
from mnist_core.runs import promotion
from mnist_core.runs.run import Run
from pages.parts.cached_runs import all_runs, open_sweep_run
from pages.parts.streamlit_seam import scroll_into_view
from pages.parts.templates import render
from pages.train.run_actions import show_actions
from pages.train.run_differences import show_differences


def show_in_card(name: str) -> None:
    """Have the card show this run, and scroll to it, on the next run of the page."""
    open_sweep_run(name)
    st.session_state.train_show = name
    st.session_state.train_times_shown = st.session_state.get("train_times_shown", 0) + 1
    st.session_state.train_scroll = st.session_state.train_times_shown


def show_run() -> None:
    """Show the picker of runs, which is in the address, and the card of the picked run."""
    # Another visitor may have deleted a run since the runs were listed.
    here = {name: run for name, run in all_runs().items() if run.folder.is_dir()}
    if not here:
        return
    newest = max(here.values(), key=lambda run: run.created)
    _follow_requests(here, newest)
    st.header("After training", anchor=False)
    name = st.selectbox("Run", list(here), list(here).index(newest.name), key="train_run", bind="query-params")
    run = here.get(name or newest.name, newest)
    in_use = run_in_use(run.architecture, here)
    with st.container(border=True, key="train_card"):
        # The messages have a place of their own. What stands below would otherwise move, and appear twice for a moment.
        messages = st.container()
        if message := st.session_state.pop("train_message", None):
            messages.success(message, icon=":material/check:")
        if error := st.session_state.pop("train_error", None):
            messages.error(error, icon=":material/error:")
        _show_figures(run, in_use)
        show_actions(run, in_use)
        if times := st.session_state.pop("train_scroll", 0):
            scroll_into_view("train_card", key=f"train_into_view_{times}")
    if run.name != in_use.name:
        show_differences(run, in_use)


def _follow_requests(here: dict[str, Run], newest: Run) -> None:
    """Turn to the run that was asked for, and away from one that was renamed or deleted."""
    wanted = st.session_state.pop("train_show", None)
    if wanted in here:
        st.session_state.train_run = wanted
    elif wanted:
        st.session_state.train_error = (
            f"There is no run {wanted} any more: it was renamed or deleted. This is another one."
        )
    if st.session_state.get("train_run", newest.name) not in here:
        st.session_state.train_run = newest.name


def run_in_use(architecture: str, here: dict[str, Run]) -> Run:
    """The run that the draw page uses for this architecture; of an architecture that it does not show, its best
    known run.
    """
    candidates = (promotion.promoted().get(architecture, ""), f"{architecture}-robust", f"{architecture}-specified")
    names = [name for name in (*promotion.default_pair(here), *candidates) if name in here]
    alike = [name for name in names if here[name].architecture == architecture]
    return here[alike[0] if alike else names[0]]


def _show_figures(run: Run, in_use: Run) -> None:
    """A column of figures for this run, and one for the run in use."""
    st.html(
        render(
            "train/run_figures.html.j2",
            runs=[run] if run.name == in_use.name else [run, in_use],
            in_use=in_use.name,
            digit_set_of=digit_set_of,
            percent_range=formatting.percent_range,
            size=formatting.size,
            duration=formatting.duration,
        )
    )


def digit_set_of(run: Run) -> str:
    """The digits that the run was tested on, in words."""
    name = str(run.data.get("name", "?"))
    return "the small offline set" if name == OFFLINE else name

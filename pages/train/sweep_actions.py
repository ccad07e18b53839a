"""What can be done with a sweep: stop, continue, extend and delete it, and go to one of its runs."""

from collections.abc import Callable

import streamlit as st

from mnist_core.access.roles import Action
from mnist_core.errors import DigitDuelError
from mnist_core.formatting import count, duration, plural
from mnist_core.reporting.sweep_view import setting_title
from mnist_core.sweeps.sweep_store import Sweep
from mnist_core.sweeps.varied_setting import parse_varied
from pages.parts.access import allowed
from pages.parts.cached_runs import all_runs, open_sweep_run
from pages.parts.messages import visitor_text
from pages.train import shared_sweeps
from pages.train.sweep_form import MOST_SEEDS


def show_picked_run(sweep: Sweep, run: str) -> None:
    """The figures of the run that was clicked, and the ways to it. Nothing appears if none was."""
    if not run:
        return
    result = sweep.results[run]
    with st.container(border=True, key="train_sweep_run"):
        st.markdown(
            f"**{run}**: test accuracy {result.accuracy}; {count(result.parameters)} parameters, "
            f"{duration(result.seconds)} of training, best epoch {result.best_epoch}."
        )
        if sweep.is_shipped:
            return
        address = sweep.address(run)
        others = [sweep.address(each) for each in sweep.results if each != run] + list(all_runs())
        with st.container(horizontal=True, vertical_alignment="bottom"):
            other = st.selectbox("Compare with", list(dict.fromkeys(others)), key="train_sweep_other", width=280)
            if st.button("Compare", icon=":material/compare_arrows:", key="train_sweep_compare"):
                open_sweep_run(address, other)
                st.switch_page("pages/compare/compare.py", query_params={"compare_runs": [address, other]})
            if st.button("Curves", icon=":material/show_chart:", key="train_sweep_curves"):
                open_sweep_run(address)
                st.switch_page("pages/curves/curves.py", query_params={"curves_runs": [address]})
            if st.button("Draw with it", icon=":material/draw:", key="train_sweep_draw"):
                open_sweep_run(address)
                st.switch_page("pages/draw/draw.py", query_params={"draw_left": address})


def show_sweep_actions(sweep: Sweep) -> None:
    """The buttons. What went wrong stands in the form, as st.session_state.train_refused."""
    if sweep.is_shipped:
        return
    is_worked_on = sweep.worked_on or shared_sweeps.background().works_on(sweep.name)
    with st.container(horizontal=True, key="train_sweep_actions"):
        if is_worked_on:
            if allowed(Action.STOP, started_by=sweep.started_by):
                st.button(
                    "Stop the sweep",
                    icon=":material/stop_circle:",
                    key="train_sweep_stop",
                    disabled=sweep.stopping or shared_sweeps.background().is_stopping(sweep.name),
                    help="Finished runs stay. The training that runs is discarded.",
                    on_click=_try,
                    args=(lambda: shared_sweeps.acts().stop(sweep.name),),
                )
            return
        may_go_on = allowed(Action.TRAIN) and allowed(Action.STOP, started_by=sweep.started_by)
        if sweep.missing and may_go_on:
            st.button(
                f"Continue, {plural(len(sweep.missing), 'training')}",
                icon=":material/play_arrow:",
                key="train_sweep_resume",
                on_click=_try,
                args=(lambda: shared_sweeps.acts().resume(sweep.name),),
            )
        if may_go_on:
            _show_extension(sweep)
        if allowed(Action.DELETE, started_by=sweep.started_by):
            with st.popover("Delete", icon=":material/delete:", key="train_sweep_delete_box"):
                st.markdown(f"Delete **{sweep.name}** with its {plural(len(sweep.runs), 'run')} for good?")
                st.button(
                    "Delete it",
                    key="train_sweep_delete",
                    on_click=_try,
                    args=(lambda: shared_sweeps.acts().delete(sweep.name),),
                )


def _show_extension(sweep: Sweep) -> None:
    """Further values and seeds. What exists is not trained again."""
    with st.popover("Extend", icon=":material/add:", key="train_sweep_extend_box"):
        for varied in sweep.plan.varied:
            st.text_input(
                f"Further values: {setting_title(varied)}", key=f"train_sweep_more_{varied.setting}", max_chars=300
            )
        present = len(sweep.plan.seeds)  # the command line takes more than the form
        st.number_input("Seeds", present, max(present, MOST_SEEDS), key="train_sweep_more_seeds")
        st.button("Extend and train", key="train_sweep_extend", on_click=_try, args=(lambda: _extend(sweep),))


def _extend(sweep: Sweep) -> None:
    further = {
        varied.setting: parse_varied(f"{varied.setting}={typed}").values
        for varied in sweep.plan.varied
        if (typed := str(st.session_state.get(f"train_sweep_more_{varied.setting}", "")).strip())
    }
    seeds = range(1, int(st.session_state.get("train_sweep_more_seeds", 1)) + 1)
    missing = max(0, len(seeds) - len(sweep.plan.seeds))
    new = [seed for seed in seeds if seed not in sweep.plan.seeds][:missing]
    shared_sweeps.acts().extend(sweep.name, further, new)


def _try(change: Callable[[], object]) -> None:
    try:
        change()
    except DigitDuelError as error:
        st.session_state.train_refused = visitor_text(error)

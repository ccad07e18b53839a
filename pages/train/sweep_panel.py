"""One sweep beside the form: how far it is, its chart, the run that was clicked, and what can be done with it."""

from typing import Any

import pandas as pd
import streamlit as st

from mnist_core.access.roles import Action
from mnist_core.errors import DigitDuelError
from mnist_core.formatting import number, plural
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.reporting.sweep_chart import PICKED, heat_chart, styles_of, sweep_chart
from mnist_core.reporting.sweep_view import (
    FIGURES,
    SETTING,
    TABLE_TITLES,
    SweepView,
    ended_early_each,
    ended_early_in_words,
    is_measured,
    setting_title,
    table_rows,
    usual_view,
)
from mnist_core.reporting.vega import specification
from mnist_core.sweeps.sweep_points import SweepPoint, points_of
from mnist_core.sweeps.sweep_store import Sweep, list_sweeps, load_sweep
from pages.parts.access import allowed
from pages.parts.legend import show_legend
from pages.parts.messages import as_markdown, show_error, show_warning, visitor_text
from pages.train import shared_sweeps
from pages.train.sweep_actions import show_picked_run, show_sweep_actions

EVERY = "2s"
"""How often a sweep that is worked on is looked at."""

HOW_TO_READ = (
    "Bars are the 95 % interval over the test digits: other digits might give another accuracy. The shaded band is the "
    "range over the seeds, with a dot for each run: how much the luck of a training matters. Click a dot for its run."
)


def show_sweep() -> None:
    """Show the picker of sweeps, which is in the address, and the picked sweep."""
    sweeps, damaged = list_sweeps()
    names = [sweep.name for sweep in sweeps]
    for message in damaged:
        show_warning(message)
    if not sweeps:
        st.info("There is no sweep yet. Choose what to vary and press Start.", icon=":material/stacked_line_chart:")
        return
    if st.session_state.get("train_sweep") not in (None, *names):  # it was deleted
        st.session_state.train_sweep = None
    latest = max(sweeps, key=lambda sweep: (not sweep.is_shipped, sweep.created))
    # Without an index, the address names the sweep whichever it is.
    name = st.selectbox("Sweep", names, None, key="train_sweep", bind="query-params", placeholder=latest.name)
    sweep = next((each for each in sweeps if each.name == name), latest)
    with st.container(border=True, key="train_sweep_card"):
        _show_progress(sweep)
        points = points_of(sweep)
        if points:
            _show_chart(sweep, points)
            show_picked_run(sweep, _pick_run(sweep))
            _show_table(sweep, points)
        _show_ended_early(sweep)
        _show_failures(sweep)
        show_sweep_actions(sweep)


def _show_progress(sweep: Sweep) -> None:
    """How far it is. While it is worked on, the whole page is drawn again when a training has ended."""
    done, count = len(sweep.runs), sweep.plan.count
    finished = f"{number(len(sweep.results))} of {plural(count, 'training')} finished"
    if sweep.ended_early:
        finished += f", {number(len(sweep.ended_early))} ended early"
    varied = " and ".join(setting_title(each).lower() for each in sweep.plan.varied)
    models = " and ".join(ARCHITECTURES[name].title for name in sweep.plan.architectures)
    st.markdown(f"**{sweep.name}**: {models} by {varied}, {plural(len(sweep.plan.seeds), 'seed')}.")
    if sweep.is_shipped:
        st.caption(
            "This sweep comes with the project, as figures without the models. It was trained on a busy machine, so "
            "its times are no measure."
        )
        return
    is_here = shared_sweeps.background().works_on(sweep.name)
    if sweep.worked_on or is_here:
        stopping = sweep.stopping or shared_sweeps.background().is_stopping(sweep.name)
        doing = "the next one runs, or waits for its turn in the queue"
        if sweep.on_cluster:
            doing = "the others run, or wait for their turn"
        doing = "stopping …" if stopping else doing
        st.progress(done / count, f"{finished}; {doing}")
        st.fragment(_watch, run_every=EVERY)(sweep.name, _state(sweep.name))
    elif sweep.missing:
        st.progress(done / count, f"{finished}; not worked on now")
    else:
        all_finished = f"All {plural(count, 'training')} finished"
        st.caption(f":material/check: {finished if sweep.ended_early else all_finished}.")
    if message := shared_sweeps.background().message(sweep.name):
        show_error(message)


def _state(name: str) -> tuple[int, int, bool, bool]:
    """What the page is drawn anew for."""
    try:
        sweep = load_sweep(name)
    except DigitDuelError:
        return 0, 0, False, False
    background = shared_sweeps.background()
    is_worked_on = sweep.worked_on or background.works_on(name)
    return len(sweep.runs), len(sweep.failures), is_worked_on, sweep.stopping or background.is_stopping(name)


def _watch(name: str, drawn: tuple[int, int, bool, bool]) -> None:
    if _state(name) != drawn:
        st.rerun()


def _show_chart(sweep: Sweep, points: list[SweepPoint]) -> None:
    plan = sweep.plan
    if len(plan.varied) > 1:
        for architecture in plan.architectures:
            _show_pressable(specification(heat_chart(plan, points, architecture)), f"train_sweep_heat_{architecture}")
        st.caption(f"The mean over the seeds. Click a cell to see a run. {ended_early_in_words(sweep)}")
        return
    view = _pick_view(sweep, points)
    show_legend(styles_of(plan))
    _show_pressable(specification(sweep_chart(plan, points, view)), "train_sweep_chart")
    st.caption(f"{HOW_TO_READ} {ended_early_in_words(sweep)}")


def _show_pressable(spec: dict[str, Any], key: str) -> None:
    """A chart in which a run can be clicked."""
    st.vega_lite_chart(spec, key=key, on_select=lambda: _take_from(key), selection_mode=PICKED, width="stretch")


def _pick_view(sweep: Sweep, points: list[SweepPoint]) -> SweepView:
    """The controls of the chart. Every choice is in the address."""
    titles = {each.title: key for key, each in FIGURES.items() if key != "robustness" or is_measured(points)}
    usual = usual_view(sweep.plan)
    here = setting_title(sweep.plan.varied[0])
    with st.container(horizontal=True, vertical_alignment="bottom", key="train_sweep_controls"):
        up = st.selectbox(
            "Show",
            list(titles),
            key="train_sweep_up",
            bind="query-params",
            width=175,
            help=_how_to_measure(sweep, points),
        )
        across = st.selectbox(
            "Against", [SETTING, *titles], format_func=lambda name: here if name == SETTING else name,
            key="train_sweep_across", bind="query-params", width=200,
        )  # fmt: skip
        logarithmic = st.segmented_control(
            "Axis",
            ["linear", "log"],
            default="log" if usual.logarithmic else "linear",
            key=f"train_sweep_axis_{usual.logarithmic:d}",
            bind="query-params",
            required=True,
        )
    return SweepView(titles.get(up, "accuracy"), titles.get(across, SETTING), logarithmic == "log")


def _how_to_measure(sweep: Sweep, points: list[SweepPoint]) -> str | None:
    """What brings the corrupted digits into the chart. None if they are there, or if this visitor cannot do it."""
    if sweep.is_shipped or is_measured(points) or not allowed(Action.MEASURE):
        return None
    command = f"digit-duel evaluate {sweep.name} --data corruptions"
    return f"Accuracy on corrupted digits can be shown once all runs are measured with `{command}`. It takes minutes."


def _pick_run(sweep: Sweep) -> str:
    """The run that was clicked in a chart, or chosen in the field that serves a keyboard; empty for none."""
    if st.session_state.get("train_sweep_pick") not in (None, *sweep.results):  # of the sweep that was shown before
        st.session_state.train_sweep_pick = None
    runs = list(sweep.results)
    name = st.selectbox("Run", runs, None, key="train_sweep_pick", bind="query-params", placeholder="None chosen yet")
    return name if name in sweep.results else ""


def _take_from(key: str) -> None:
    """Choose the run whose dot or cell was clicked in the chart of that key."""
    picked = st.session_state[key].selection.get(PICKED)
    first = picked[0] if isinstance(picked, list) and picked else None  # a browser may send anything
    if isinstance(first, dict) and isinstance(name := first.get("name"), str):
        st.session_state.train_sweep_pick = name


def _show_table(sweep: Sweep, points: list[SweepPoint]) -> None:
    titles = ["Model", *(setting_title(varied) for varied in sweep.plan.varied), *TABLE_TITLES]
    titles += [FIGURES["robustness"].title] if is_measured(points) else []
    rows = [[model, *cells] for model, cells in table_rows(sweep)]
    with st.expander("All figures"):
        st.dataframe(pd.DataFrame(rows, columns=titles), hide_index=True, width="stretch", key="train_sweep_table")


def _show_ended_early(sweep: Sweep) -> None:
    if not sweep.ended_early:
        return
    with st.expander(f"{plural(len(sweep.ended_early), 'training')} ended early", icon=":material/stop_circle:"):
        st.markdown("\n".join(f"- **{run}**: {how}" for run, how in ended_early_each(sweep).items()))


def _show_failures(sweep: Sweep) -> None:
    if not sweep.failures:
        return
    with st.expander(f"{plural(len(sweep.failures), 'training')} failed", icon=":material/error:"):
        for run, reason in sweep.failures.items():
            st.markdown(f"**{run}**: {as_markdown(visitor_text(reason))}")

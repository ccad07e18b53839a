"""The cards of trainings: one that runs, those that wait, and one that has ended."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from mnist_core.access.roles import Action
from mnist_core.errors import DigitDuelError
from mnist_core.formatting import number, percent
from mnist_core.jobs.job import FAILED, FINISHED, STOPPED, Job
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.reporting.training_charts import CHART_COLUMNS, METRICS, axis_end, training_chart, training_rows
from mnist_core.reporting.training_text import headline, mistakes_strip, summary
from mnist_core.runs.names import sweep_of
from pages.parts.access import allowed
from pages.parts.cached_runs import architecture_style
from pages.parts.messages import show_error, visitor_text
from pages.parts.run_picker import add_own_run
from pages.parts.templates import render
from pages.train import shared_jobs
from pages.train.job_names import is_gone, name_of
from pages.train.run_card import show_in_card
from pages.train.side_by_side import pick_beside, show_side_by_side


def show_running(job: Job) -> None:
    """Progress, curves, mistakes and the stop buttons of the training that runs."""
    with st.container(border=True, key="train_running"):
        st.html(headline(job))
        progress = job.progress
        if job.stopping:
            text = "Stopping …"
        elif job.doing:
            text = f"{job.doing} …"
        else:
            text = f"Epoch {progress['epoch']} of {progress['epochs']}" if progress else "Starting …"
        st.progress(progress["fraction"] if progress else 0.0, text)
        st.html(summary(job))
        _show_curves(job)
        if job.epochs:
            st.html(mistakes_strip(job.epochs[-1]))
        _show_stop_buttons(job)


def _show_curves(job: Job) -> None:
    if other := pick_beside(job):
        show_side_by_side(job, other)
        return
    run_style = architecture_style(job.config.architecture)
    st.html(render("train/curves_legend.html.j2", colour=run_style.colour))
    for column, metric in zip(st.columns(2, gap="small"), METRICS, strict=True):
        column.vega_lite_chart(
            pd.DataFrame(training_rows(job, metric), columns=CHART_COLUMNS),
            training_chart(metric=metric, epochs=axis_end(job), run_style=run_style),
            key=f"train_{metric}_{job.number}",
            width="stretch",
        )


def _show_stop_buttons(job: Job) -> None:
    if not allowed(Action.STOP, started_by=job.started_by):
        return
    keep, discard = st.columns(2, gap="small")
    if not sweep_of(job.name):  # a sweep compares whole trainings
        keep.button(
            "Stop, keep the best epoch",
            icon=":material/stop_circle:",
            key=f"train_keep_{job.number}",
            disabled=not job.epochs or job.stopping or bool(job.doing),
            width="stretch",
            on_click=_stop,
            args=(job.number,),
            kwargs={"keep": True},
            help=None if job.epochs else "There is something to keep after the first epoch.",
        )
    discard.button(
        "Discard",
        icon=":material/delete:",
        key=f"train_discard_{job.number}",
        width="stretch",
        on_click=_stop,
        args=(job.number,),
        kwargs={"keep": False},
    )


def show_waiting(jobs: list[Job]) -> None:
    """The trainings that wait, in their order. Nothing appears if there are none."""
    if not jobs:
        return
    with st.container(border=True, key="train_queue"):
        st.caption(f"Waiting, first come first served ({len(jobs)})")
        for place, job in enumerate(jobs, start=1):
            text, button = st.columns([4, 1], vertical_alignment="center")
            text.markdown(
                f"{place}. **{job.name}**, {ARCHITECTURES[job.config.architecture].title}, {job.config.recipe}, "
                f"{number(job.config.epochs)} epochs"
            )
            if not allowed(Action.STOP, started_by=job.started_by):
                continue
            button.button(
                "Remove",
                key=f"train_remove_{job.number}",
                width="stretch",
                on_click=_stop,
                args=(job.number,),
                kwargs={"keep": False},
            )


def show_ended(job: Job) -> None:
    """The result of a training, its curves, and what can be done next."""
    is_deleted = is_gone(job)
    with st.container(border=True, key=f"train_ended_{job.number}"):
        st.html(headline(replace(job, name=name_of(job))))
        if is_deleted:
            st.caption("This run has been deleted since.")
        if job.state == FAILED:
            show_error(job.message)
        elif job.state == STOPPED:
            st.caption(job.message)
        elif job.result:
            early = " It was stopped, and its best epoch kept." if job.result.get("stopped") else ""
            st.markdown(
                f"Test accuracy **{percent(job.result['accuracy'])}**: {number(job.result['incorrect'])} incorrect of "
                f"{number(job.result['count'])}.{early}"
            )
        if job.epochs:
            with st.expander("Curves"):
                _show_curves(job)
        left, right = st.columns(2, gap="small")
        if job.state != FINISHED and allowed(Action.TRAIN) and not sweep_of(job.name):  # a sweep is continued instead
            left.button(
                "Start again",
                icon=":material/replay:",
                key=f"train_again_{job.number}",
                width="stretch",
                on_click=_start_again,
                args=(job,),
            )
        elif (
            job.state == FINISHED
            and not is_deleted
            and left.button(
                "View results", icon=":material/arrow_downward:", key=f"train_show_{job.number}", width="stretch"
            )
        ):
            show_in_card(name_of(job))
            st.rerun()  # the card stands outside this fragment
        if allowed(Action.DISMISS, started_by=job.started_by):
            right.button(
                "Dismiss",
                key=f"train_dismiss_{job.number}",
                width="stretch",
                on_click=_dismiss,
                args=(job.number,),
            )


def _stop(number: int, *, keep: bool) -> None:
    try:
        shared_jobs.acts().stop(number, keep=keep)
    except DigitDuelError as error:
        st.session_state.train_refused = visitor_text(error)


def _dismiss(number: int) -> None:
    try:
        shared_jobs.acts().dismiss(number)
    except DigitDuelError as error:
        st.session_state.train_refused = visitor_text(error)


def _start_again(job: Job) -> None:
    try:
        again = shared_jobs.acts().submit(job.config, shared_jobs.queue().free_name(job.name))
        if allowed(Action.DISMISS, started_by=job.started_by):
            shared_jobs.acts().dismiss(job.number)
        st.session_state.train_mine = (*st.session_state.get("train_mine", ()), again.number)
        add_own_run(again.name)
    except DigitDuelError as error:
        st.session_state.train_refused = visitor_text(error)

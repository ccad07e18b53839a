"""The trainings of this server as they stand: the one that runs, live; those that wait; those that have ended.

While anything waits or runs this is drawn anew once a second, by itself; when nothing does, nothing polls.
"""

import pandas as pd
import streamlit as st

from mnist_core.errors import DigitDuelError
from mnist_core.jobs.job import FAILED, FINISHED, RUNNING, STOPPED, WAITING, Job
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.reporting.run_styles import run_styles
from mnist_core.reporting.training_charts import training_chart, training_rows
from mnist_core.reporting.training_text import headline, mistakes_strip, summary
from pages.parts.run_picker import listed
from pages.train import shared_queue as shared

States = tuple[tuple[int, str, bool], ...]
"""Of all jobs: number, state, whether it is being stopped."""

RUN_STYLES = run_styles({name: name for name in ARCHITECTURES})
EVERY = "1s"
WHILE_STOPPING = "0.3s"
"""Whoever has pressed stop waits for it."""


def show_trainings() -> None:
    """The panel beside the form."""
    jobs = shared.queue().jobs()
    active = any(job.active for job in jobs)
    every = WHILE_STOPPING if any(job.stopping and job.active for job in jobs) else EVERY
    st.fragment(_panel, run_every=every if active else None)(_states(jobs))


def _states(jobs: tuple[Job, ...]) -> States:
    return tuple((job.number, job.state, job.stopping) for job in jobs)


def _panel(drawn: States) -> None:
    """drawn: the states for which the whole page was drawn; when they have changed, it is drawn anew."""
    jobs = shared.queue().jobs()
    if _states(jobs) != drawn:
        # The card below turns to a run of this visitor's own; another's must not change under somebody's hands.
        mine = st.session_state.get("train_mine", ())
        were_running = {number for number, state, _ in drawn if state == RUNNING}
        ended = [job for job in jobs if job.number in mine and job.state == FINISHED and job.number in were_running]
        listed.clear()
        if ended:
            st.session_state.train_show = ended[-1].name
        st.rerun()
    running = [job for job in jobs if job.state == RUNNING]
    ended = [job for job in reversed(jobs) if not job.active]
    if not jobs:
        _nothing_yet()
    for job in running:
        _running(job)
    _waiting([job for job in jobs if job.state == WAITING])
    for job in ended[: 1 if running else 3]:
        _ended(job)


def _nothing_yet() -> None:
    st.html(
        "<div class='nothing'><p><b>Nothing is being trained.</b></p><p class='gloss'>Choose a model and a recipe and press Start: its curves, and the "
        "digits that it still gets wrong, appear here while it learns. The MLP needs seconds, the CNN minutes. The rest of the app goes on meanwhile, "
        "and so does the training when this page is left.</p></div>"
    )


def _running(job: Job) -> None:
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
        if job.points:
            _curves(job)
        if job.epochs:
            st.html(mistakes_strip(job.epochs[-1]))
        _stop_buttons(job)


def _curves(job: Job) -> None:
    st.html(
        f"<ul class='legend learning' style='--ink:{RUN_STYLES[job.config.architecture].colour}'><li><i class='batches'></i>training, batches</li>"
        "<li><i class='training'></i>training, whole epoch</li><li><i class='validation'></i>validation</li></ul>"
    )
    for column, metric in zip(st.columns(2, gap="small"), ("loss", "accuracy"), strict=True):
        specification = training_chart(
            metric=metric, epochs=job.config.epochs, run_style=RUN_STYLES[job.config.architecture]
        )
        column.vega_lite_chart(
            pd.DataFrame(training_rows(job, metric)), specification, key=f"train_{metric}_{job.number}", width="stretch"
        )


def _stop_buttons(job: Job) -> None:
    keep, discard = st.columns(2, gap="small")
    keep.button(
        "Stop, keep the best epoch",
        icon=":material/stop_circle:",
        key=f"train_keep_{job.number}",
        disabled=not job.epochs or job.stopping or bool(job.doing),
        width="stretch",
        on_click=shared.queue().stop,
        args=(job.number,),
        kwargs={"keep": True},
        help=None if job.epochs else "There is something to keep after the first epoch.",
    )
    discard.button(
        "Stop, throw away",
        icon=":material/delete:",
        key=f"train_discard_{job.number}",
        width="stretch",
        on_click=shared.queue().stop,
        args=(job.number,),
        kwargs={"keep": False},
    )


def _waiting(jobs: list[Job]) -> None:
    if not jobs:
        return
    with st.container(border=True, key="train_queue"):
        st.html(f"<p class='gloss'>Waiting, first come first served ({len(jobs)})</p>")
        for place, job in enumerate(jobs, start=1):
            text, button = st.columns([4, 1], vertical_alignment="center")
            text.markdown(
                f"{place}. **{job.name}**, {job.config.architecture.upper()}, {job.config.recipe}, {job.config.epochs:,} epochs"
            )
            button.button(
                "Remove",
                key=f"train_remove_{job.number}",
                width="stretch",
                on_click=shared.queue().stop,
                args=(job.number,),
                kwargs={"keep": False},
            )


def _ended(job: Job) -> None:
    with st.container(border=True, key=f"train_ended_{job.number}"):
        st.html(headline(job))
        if job.state == FAILED:
            st.error(job.message, icon=":material/error:")
        elif job.state == STOPPED:
            st.caption(job.message)
        elif job.result:
            early = " It was stopped, and its best epoch kept." if job.result.get("stopped") else ""
            st.markdown(
                f"**{job.result['accuracy'] * 100:.2f} %** of the test digits read right, {job.result['incorrect']:,} of {job.result['count']:,} wrong.{early}"
            )
        if job.epochs:
            with st.expander("Curves"):
                _curves(job)
        left, right = st.columns(2, gap="small")
        if job.state != FINISHED:
            left.button(
                "Start again",
                icon=":material/replay:",
                key=f"train_again_{job.number}",
                width="stretch",
                on_click=_again,
                args=(job,),
            )
        else:
            if left.button(
                "Look at this run", icon=":material/arrow_downward:", key=f"train_look_{job.number}", width="stretch"
            ):
                _run_style(job.name)
                st.rerun()  # the card stands outside of this fragment
        right.button(
            "Dismiss",
            key=f"train_dismiss_{job.number}",
            width="stretch",
            on_click=shared.queue().forget,
            args=(job.number,),
        )


def _again(job: Job) -> None:
    try:
        again = shared.queue().submit(job.config, shared.queue().free_name(job.name))
        shared.queue().forget(job.number)
        st.session_state.train_mine = (*st.session_state.get("train_mine", ()), again.number)
    except DigitDuelError as error:
        st.session_state.train_refused = str(error)


def _run_style(name: str) -> None:
    st.session_state.train_show = name
    st.session_state.train_run_styles = st.session_state.train_into_view = (
        st.session_state.get("train_run_styles", 0) + 1
    )

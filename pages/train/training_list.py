"""The trainings of this server beside the form: the one that runs, live; those that wait; and those that have ended.

While any training waits or runs, this is drawn again each second by itself. Otherwise nothing polls the server.
"""

import streamlit as st

from mnist_core.access.roles import Action
from mnist_core.errors import DatabaseError
from mnist_core.jobs.job import FINISHED, RUNNING, WAITING, Job
from mnist_core.runs.folders import can_be_written, runs_folder
from pages.parts.access import allowed
from pages.parts.cached_runs import listed
from pages.parts.messages import show_error
from pages.parts.templates import render
from pages.train import shared_jobs
from pages.train.job_cards import show_ended, show_running, show_waiting

States = tuple[tuple[int, str, bool, bool], ...]
"""Of all jobs: the number, the state, whether the job is being stopped, and whether it has points to show."""

EVERY = "1s"
WHILE_SOMEBODY_WAITS = "0.3s"
"""Whoever has pressed Start waits for the first point, and whoever has pressed a stop button for the end."""

ENDED_SHOWN = 3


def show_trainings() -> None:
    """Show the panel beside the form."""
    jobs = shared_jobs.queue().jobs()
    active = [job for job in jobs if job.active]
    is_awaited = any(job.stopping for job in active) or not any(job.points for job in active)
    every = WHILE_SOMEBODY_WAITS if is_awaited else EVERY
    st.fragment(_panel, run_every=every if active else None)(_states(jobs))


def _states(jobs: tuple[Job, ...]) -> States:
    return tuple((job.number, job.state, job.stopping, bool(job.points)) for job in jobs)


def _panel(drawn: States) -> None:
    """drawn: the states for which the whole page was drawn. When they have changed, the whole page is drawn again."""
    try:
        _show_jobs(shared_jobs.queue().jobs(), drawn)
    except DatabaseError as error:
        show_error(error)


def _show_jobs(jobs: tuple[Job, ...], drawn: States) -> None:
    if _states(jobs) != drawn:
        _turn_to_own_run(jobs, drawn)
        listed.clear()
        st.rerun()
    if not jobs:
        may_train = allowed(Action.TRAIN) and can_be_written(runs_folder())
        st.html(render("train/nothing_yet.html.j2", may_train=may_train))
    running = [job for job in jobs if job.state == RUNNING]
    for job in running:
        show_running(job)
    show_waiting([job for job in jobs if job.state == WAITING])
    ended = [job for job in reversed(jobs) if not job.active]
    for job in ended[: 1 if running else ENDED_SHOWN]:
        show_ended(job)


def _turn_to_own_run(jobs: tuple[Job, ...], drawn: States) -> None:
    """Show a run of this visitor's own in the card below, if it has just finished.

    Another visitor's run must not replace what is shown.
    """
    mine = st.session_state.get("train_mine", ())
    were_running = {number for number, state, *_ in drawn if state == RUNNING}
    ended = [job for job in jobs if job.number in mine and job.state == FINISHED and job.number in were_running]
    if ended:
        st.session_state.train_show = ended[-1].name

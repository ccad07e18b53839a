"""The queue of trainings and the estimates of their duration. All visitors of this server share them."""

import sys
from contextlib import suppress
from importlib import import_module
from threading import Thread

import streamlit as st

from mnist_core.access.acts import Acts
from mnist_core.access.audit import DatabaseAuditLog
from mnist_core.access.quotas import Quotas, remove_expired
from mnist_core.access.roles import SERVER
from mnist_core.database.opening import check_database, database_exists
from mnist_core.errors import DatabaseError
from mnist_core.jobs.estimates import Estimates
from mnist_core.jobs.job import Job
from mnist_core.jobs.prepared_launcher import PreparedLauncher
from mnist_core.jobs.queue import JobQueue
from mnist_core.runs.folders import runs_folder
from mnist_core.sweeps.queued_training import check_wanted
from pages.parts import access
from pages.parts.made_once import made_once


@made_once
def launcher() -> PreparedLauncher:
    """What starts trainings. Once somebody has opened the page, a process is ready for the next one."""
    return PreparedLauncher()


@made_once
def queue() -> JobQueue:
    """The queue: each training runs in a process of its own, one at a time."""
    # Whoever presses Start later does not wait for this import.
    Thread(target=import_module, args=("mnist_core.jobs.job_records",), name="import", daemon=True).start()
    return JobQueue(launcher(), on_time_up=_record_time_up, check_wanted=check_wanted)


def _record_time_up(job: Job) -> None:
    """Called in a thread, outside of any visitor's session. Only a public server limits the time of a training."""
    DatabaseAuditLog().record(SERVER, "stop, time is up", subject=job.name)


@st.cache_resource(ttl="1h", max_entries=1, show_spinner=False)
def remove_expired_runs() -> None:
    """Delete the trainers' runs whose time is up. On a public server it happens once an hour, if somebody calls it."""
    if log := access.audit_log():
        for name in remove_expired(Quotas.from_environment()):
            log.record(SERVER, "expire", subject=name)


def acts() -> Acts:
    """What this visitor does to trainings and runs. To be called at the moment of doing it."""
    return access.acts(queue(), estimates())


@made_once
def estimates() -> Estimates:
    """How long trainings take on this machine. This is measured while none runs."""
    return Estimates(is_queue_active)


def is_queue_active() -> bool:
    """Whether a training runs or waits, or perhaps does, because the database is away. It is called in threads."""
    try:
        return queue().active
    except DatabaseError:
        return True


def resume() -> None:
    """Go on with the trainings that wait. To be called when the server starts.

    Ends the server if its database cannot be used.
    """
    try:
        check_database(runs_folder())
        is_there = database_exists(runs_folder())
    except DatabaseError as error:
        sys.exit(f"error: {error}")
    if is_there:
        Thread(target=_look_once, name="resume", daemon=True).start()  # nobody has to wait for that


def _look_once() -> None:
    with suppress(DatabaseError):
        queue().jobs()

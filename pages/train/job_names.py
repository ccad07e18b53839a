"""What the runs of ended trainings are called today: they may have been renamed or deleted since."""

import streamlit as st

from mnist_core.jobs.job import FINISHED, Job
from mnist_core.runs.folders import find_run_folder
from mnist_core.runs.names import sweep_of
from pages.parts.cached_runs import all_runs
from pages.train import shared_jobs


@st.cache_resource(max_entries=1, show_spinner=False)
def _new_names() -> dict[int, str]:
    """The new name of a renamed run, by the number of its training."""
    return {}


def name_of(job: Job) -> str:
    """The name of the training's run."""
    return _new_names().get(job.number, job.name)


def note_new_name(name: str, new_name: str) -> None:
    """Have the card of a training follow its run, which was renamed."""
    for job in shared_jobs.queue().jobs():
        if job.state == FINISHED and name_of(job) == name:
            _new_names()[job.number] = new_name


def is_gone(job: Job) -> bool:
    """Whether the run of a finished training is not there any more."""
    if sweep_of(job.name):
        return job.state == FINISHED and find_run_folder(job.name) is None
    return job.state == FINISHED and name_of(job) not in all_runs()

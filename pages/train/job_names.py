"""What the runs of ended trainings are called today: they may have been renamed or deleted since."""

from mnist_core.jobs.job import FINISHED, Job
from mnist_core.runs.folders import find_run_folder
from mnist_core.runs.names import sweep_of
from pages.parts.cached_runs import all_runs


def name_of(job: Job) -> str:
    """The name of the training's run."""
    return job.run_name or job.name


def is_gone(job: Job) -> bool:
    """Whether the run of a finished training is not there any more."""
    if sweep_of(job.name):
        return job.state == FINISHED and find_run_folder(job.name) is None
    return job.state == FINISHED and name_of(job) not in all_runs()

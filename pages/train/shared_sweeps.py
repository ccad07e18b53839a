"""The sweeps that this server works through. All visitors share them."""

from mnist_core.access.sweep_acts import SweepActs
from mnist_core.jobs.cluster_survey import ClusterSurvey
from mnist_core.jobs.estimates import Estimate, Estimates
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.sweeps.background_sweeps import BackgroundSweeps
from pages.parts import access
from pages.parts.made_once import made_once
from pages.train import shared_jobs


@made_once
def background() -> BackgroundSweeps:
    """The sweeps that are worked through now. Their trainings go through the queue, one after the other."""
    return BackgroundSweeps()


@made_once
def survey() -> ClusterSurvey:
    """What the cluster of this server has."""
    return ClusterSurvey()


@made_once
def estimates_of_one_core() -> Estimates:
    """How long trainings take on the cluster, which gives each of them one core. It is measured on this machine."""
    return Estimates(shared_jobs.is_queue_active, cores=1)


def estimate_of_one_core(config: TrainingConfig) -> Estimate:
    """What this visitor is told of the time of a training on one core."""
    return access.acts(shared_jobs.queue(), estimates_of_one_core()).estimate(config)


def acts() -> SweepActs:
    """What this visitor does to sweeps. To be called at the moment of doing it."""
    return SweepActs(
        access.person(),
        shared_jobs.acts(),
        queue=shared_jobs.queue(),
        background=background(),
        log=access.audit_log(),
    )

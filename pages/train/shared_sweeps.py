"""The sweeps that this server works through. All visitors share them."""

from mnist_core.access.sweep_acts import SweepActs
from mnist_core.sweeps.background_sweeps import BackgroundSweeps
from pages.parts import access
from pages.parts.made_once import made_once
from pages.train import shared_jobs


@made_once
def background() -> BackgroundSweeps:
    """The sweeps that are worked through now. Their trainings go through the queue, one after the other."""
    return BackgroundSweeps()


def acts() -> SweepActs:
    """What this visitor does to sweeps. To be called at the moment of doing it."""
    return SweepActs(
        access.person(),
        shared_jobs.acts(),
        queue=shared_jobs.queue(),
        background=background(),
        log=access.audit_log(),
    )

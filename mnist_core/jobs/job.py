"""A training that somebody asked for, and what is known of it.

>>> from mnist_core.runs.recipes import recipe_config
>>> job = Job(1, "mine", recipe_config("specified", "mlp"), state=RUNNING)
>>> job.after({"event": "preparing", "what": "writing digits"}).doing
'writing digits'
"""

from dataclasses import dataclass, replace

from mnist_core.events import EpochEnd, Event, Finished, Progress, Untrained
from mnist_core.runs.recipes import TrainingConfig

WAITING, RUNNING, FINISHED, STOPPED, FAILED = "waiting", "running", "finished", "stopped", "failed"
ACTIVE = (WAITING, RUNNING)

KEEP, DISCARD = "keep", "discard"
"""What somebody asks for who stops a training."""

MOST_POINTS = 600
"""Progress events that a job keeps for its curves, at most. Beyond that, every second one of the older half is
dropped."""


@dataclass(frozen=True)
class Job:
    """A snapshot of one training.

    state: waiting, running, finished, stopped (nothing was kept) or failed. message: why it failed or was stopped.
    doing: the work of a running training outside its epochs, in words. It is empty within them.
    parameters: of the network; 0 until the network is built. untrained: how it predicted before the first batch.
    points: the progress events, thinned out. epochs: the epoch events. result: the finished event.
    stopping: whether somebody asked a running training to end.
    started_by: the identity of who asked for it, see `access.roles.Person`. Empty where nobody has one.
    most_seconds: how long it may run, None for as long as it takes.
    run_name: of its run, if that was renamed since. Otherwise empty.
    """

    number: int
    name: str
    config: TrainingConfig
    state: str = WAITING
    message: str = ""
    doing: str = ""
    parameters: int = 0
    untrained: Untrained | None = None
    points: tuple[Progress, ...] = ()
    epochs: tuple[EpochEnd, ...] = ()
    result: Finished | None = None
    stopping: bool = False
    started_by: str = ""
    most_seconds: float | None = None
    run_name: str = ""

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ACTIVE

    @property
    def progress(self) -> Progress | None:
        """The last progress event."""
        return self.points[-1] if self.points else None

    def after(self, event: Event) -> "Job":
        """The job after one more event of its training."""
        if event["event"] == "preparing":
            return replace(self, doing=event["what"])
        if event["event"] == "started":
            return replace(self, doing="First batches", parameters=event["parameters"])
        if event["event"] == "untrained":
            return replace(self, untrained=event)
        if event["event"] == "progress":
            return replace(self, doing="", points=(*_thinned(self.points), event))
        if event["event"] == "epoch":
            # Only the last epoch's mistakes are shown, and their pixels need the most memory.
            earlier = tuple(_without_mistakes(epoch) for epoch in self.epochs[-1:])
            return replace(self, epochs=(*self.epochs[:-1], *earlier, event))
        if event["event"] == "measuring":
            return replace(self, doing="Predicting the test digits and writing the run")
        if event["event"] == "finished":  # the process needs a moment more to end, but nobody has to wait for that
            return replace(self, state=FINISHED, doing="", result=event)
        return self


def _thinned(points: tuple[Progress, ...]) -> tuple[Progress, ...]:
    if len(points) < MOST_POINTS:
        return points
    return (*points[: MOST_POINTS // 2 : 2], *points[MOST_POINTS // 2 :])


def _without_mistakes(epoch: EpochEnd) -> EpochEnd:
    return {**epoch, "mistakes": []}

"""The rule that ends trainings of a sweep early because others are better: asynchronous successive halving (ASHA).

It comes from Ray Tune (Li et al., "A system for massively parallel hyperparameter tuning", 2020,
https://arxiv.org/abs/1810.05934). After a quarter of its epochs, and again each time their number has doubled, a
training is compared with the others that have come so far before it, finished ones included. It goes on only if it is
not below their median. No training waits for another one, so the first to come so far always goes on.

The best validation accuracy so far is compared, because a run keeps its best epoch. Trainings of different
architectures are not compared: a sweep that trains both asks how they differ, and a CNN is ahead from the first epoch.

Of Ray Tune, only the scheduler is used. Its class is public. The methods by which it is told of trials, and the class
`Trial`, are Ray's interface for developers; what they need here is the trial's name.
"""

from typing import Any

from mnist_core.errors import ClusterError, DigitDuelError
from mnist_core.events import EpochEnd
from mnist_core.runs.file_format import load_history
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.runs.store import load_run
from mnist_core.sweeps.sweep_store import Sweep

FIRST_LOOK = 4
"""The first comparison comes after one in so many of the epochs, rounded up."""

FACTOR = 2
"""The best one in so many goes on, and the next comparison comes after so many times as many epochs."""


class EndingRule:
    """Decides for the trainings of one sweep. One thread may use it."""

    def __init__(self, sweep: Sweep) -> None:
        """sweep: its runs count as trainings that have come as far as they did.

        Raises ClusterError if Ray Tune is not installed.
        """
        try:
            from ray.tune.experiment import Trial
            from ray.tune.schedulers import AsyncHyperBandScheduler, TrialScheduler
        except ImportError as error:
            raise ClusterError(
                f"To end worse trainings early takes Ray Tune, which is not complete here ({error}). Install it with: "
                "pip install 'digit-duel[cluster]' (in a checkout: pip install '.[cluster]')"
            ) from error
        self._new_trial, self._new_scheduler, self._stop = Trial, AsyncHyperBandScheduler, TrialScheduler.STOP
        self._schedulers: dict[str, Any] = {}
        self._trials: dict[str, Any] = {}
        self._best: dict[str, float] = {}
        configs = {training.run: training.config for training in sweep.plan.trainings()}
        for run in sweep.runs:
            self._recall(sweep.address(run), configs[run])

    def _recall(self, name: str, config: TrainingConfig) -> None:
        """Let a run count that is there already. A damaged one does not."""
        try:
            accuracies = load_history(load_run(name)).get("val_accuracy", [])
        except DigitDuelError:
            return
        for epoch, accuracy in enumerate(accuracies, start=1):
            self._told(name, config, epoch, accuracy)

    def ends(self, name: str, config: TrainingConfig, event: EpochEnd) -> bool:
        """Whether this training is to end now. It is to be asked after each epoch.

        name: of the run. event: of the epoch. After its last epoch, and once it was told to end, nothing is to end.
        """
        decision = self._told(name, config, event["epoch"], event["val_accuracy"])
        return bool(decision == self._stop) and event["epoch"] < config.epochs

    def _told(self, name: str, config: TrainingConfig, epoch: int, accuracy: float) -> str:
        """Tell the scheduler of an epoch. Returns what it decides."""
        scheduler = self._schedulers.get(config.architecture)
        if scheduler is None:
            scheduler = self._schedulers[config.architecture] = self._new_scheduler(
                time_attr="epoch",
                metric="val_accuracy",
                mode="max",
                grace_period=-(-config.epochs // FIRST_LOOK),
                max_t=config.epochs,
                reduction_factor=FACTOR,
                stop_last_trials=False,
            )
        if name not in self._trials:
            trial = self._trials[name] = self._new_trial(name, trial_id=name, stub=True)
            scheduler.on_trial_add(None, trial)
        best = self._best[name] = max(accuracy, self._best.get(name, 0.0))
        return str(scheduler.on_trial_result(None, self._trials[name], {"epoch": epoch, "val_accuracy": best}))

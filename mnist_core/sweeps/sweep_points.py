"""The points of a sweep's chart: the results of one architecture with one combination of values, over all seeds.

>>> from mnist_core.sweeps.training_result import TrainingResult
>>> one, two = (TrainingResult(wrong, 10_000, 407_050, 5.0, 11, 0.98) for wrong in (180, 220))
>>> point = SweepPoint("mlp", (64,), {"mlp-width-64-seed-1": one, "mlp-width-64-seed-2": two})
>>> point.accuracy.fraction, point.lowest, point.highest
(0.98, 0.978, 0.982)

Two kinds of uncertainty belong to a point, and both are shown. The interval says how far other test digits might give
another accuracy; it does not shrink with more seeds, because all runs predict the same digits. The range over the seeds
says how much the luck of a training matters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from mnist_core.metrics.accuracy import Accuracy
from mnist_core.sweeps.sweep_plan import PlannedTraining
from mnist_core.sweeps.sweep_store import Sweep
from mnist_core.sweeps.training_result import TrainingResult
from mnist_core.sweeps.varied_setting import Value


@dataclass(frozen=True)
class SweepPoint:
    """values: of the varied settings. results: at least one, by the run's name."""

    architecture: str
    values: tuple[Value, ...]
    results: dict[str, TrainingResult]

    @property
    def accuracy(self) -> Accuracy:
        """The mean over the seeds, with the 95 % interval over the test digits that one run of that accuracy has."""
        count = next(iter(self.results.values())).count
        return Accuracy.from_counts(round(fmean(result.incorrect for result in self.results.values())), count)

    @property
    def lowest(self) -> float:
        """The lowest test accuracy of a seed, 0..1."""
        return min(result.accuracy.fraction for result in self.results.values())

    @property
    def highest(self) -> float:
        """The highest test accuracy of a seed, 0..1."""
        return max(result.accuracy.fraction for result in self.results.values())

    @property
    def parameters(self) -> int:
        """Of the network, which all seeds share."""
        return next(iter(self.results.values())).parameters

    @property
    def seconds(self) -> float:
        """The mean time of a training."""
        return fmean(result.seconds for result in self.results.values())

    @property
    def robustness(self) -> float | None:
        """The mean accuracy on corrupted digits, over the seeds; None unless it was measured for all of them."""
        measured = [result.robustness for result in self.results.values()]
        known = [each for each in measured if each is not None]
        return fmean(known) if len(known) == len(measured) else None


def points_of(sweep: Sweep) -> list[SweepPoint]:
    """The points with at least one finished training, by architecture, then value."""
    trainings: dict[tuple[str, tuple[Value, ...]], list[PlannedTraining]] = {}
    for training in sweep.plan.trainings():
        trainings.setdefault((training.config.architecture, training.values), []).append(training)
    points = []
    for architecture in sweep.plan.architectures:
        for values in sweep.plan.combinations():
            of_point: Sequence[PlannedTraining] = trainings[architecture, values]
            results = {each.run: sweep.results[each.run] for each in of_point if each.run in sweep.results}
            if results:
                points.append(SweepPoint(architecture, values, results))
    return points

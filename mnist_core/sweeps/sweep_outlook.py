"""What a sweep will take before it starts: time and disk space."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mnist_core.errors import DatasetError
from mnist_core.formatting import duration, plural, size
from mnist_core.jobs.estimates import Estimate, digit_counts
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.folders import runs_folder
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.sweeps.sweep_plan import PlannedTraining

BYTES_A_PARAMETER = 2.0
"""Of model.tflite, whose weights are float16. model.keras has as many."""

BYTES_A_TEST_DIGIT = 38.0
"""Of test_predictions.npz: ten probabilities of 4 bytes, which pack badly."""

OTHER_BYTES = 25_000
"""Of run.json, history.json and the logs, and the format around the weights."""

EstimateOf = Callable[[TrainingConfig], Estimate]
"""Says what is known of the time of a training."""


@dataclass(frozen=True)
class SweepOutlook:
    """seconds: of all trainings together, None if it is not known. measuring: whether it will be known in a moment.

    message: why it cannot be known; otherwise empty. size_bytes: of the runs. free_bytes: on the disk; None if unknown.
    longest: seconds of the longest training, as far as it is known.
    """

    trainings: int
    seconds: float | None
    measuring: bool
    message: str
    size_bytes: int
    free_bytes: int | None
    longest: float = 0.0


def sweep_outlook(
    trainings: tuple[PlannedTraining, ...], estimate: EstimateOf, *, keep_models: bool, folder: Path | None = None
) -> SweepOutlook:
    """The outlook for these trainings.

    estimate: what is known of the time of one, such as `Estimates.of`. It is asked in turn, and no further than the
    first that is still to be measured. folder: where runs lie, None for the usual place.
    """
    seconds: float | None = 0.0
    longest = 0.0
    measuring, message = False, ""
    for training in trainings:
        known = estimate(training.config)
        measuring, message = known.measuring, known.message
        if known.seconds is None or seconds is None:
            seconds = None
            break
        seconds += known.seconds
        longest = max(longest, known.seconds)
    return SweepOutlook(
        trainings=len(trainings),
        seconds=seconds,
        measuring=measuring,
        message=message,
        size_bytes=sum(run_bytes(training.config, keep_models=keep_models) for training in trainings),
        free_bytes=_free_bytes(folder or runs_folder()),
        longest=longest,
    )


def run_bytes(config: TrainingConfig, *, keep_models: bool) -> int:
    """The bytes that a run of that config takes, about."""
    try:
        test_digits = digit_counts(config.data)[1]
    except DatasetError:  # the training says so
        test_digits = 0
    weights = BYTES_A_PARAMETER * ARCHITECTURES[config.architecture].parameters(config.width)
    return round(weights * (2 if keep_models else 1) + BYTES_A_TEST_DIGIT * test_digits + OTHER_BYTES)


def _free_bytes(folder: Path) -> int | None:
    """On the disk that holds the folder, or the nearest folder above it that exists."""
    for place in (folder, *folder.absolute().parents):
        if place.is_dir():
            return shutil.disk_usage(place).free
    return None


def outlook_in_words(outlook: SweepOutlook, *, at_once: int | None = None, end_worse: bool = False) -> str:
    """How many trainings, how long, how large.

    at_once: how many of them run at the same time on a cluster, 0 if that is not known; None without a cluster.
    end_worse: whether some may be ended early, so that the time is the longest that it can be.

    >>> outlook_in_words(SweepOutlook(24, 3000.0, False, "", 17_000_000, 70_000_000_000))
    '24 trainings, about 50 min on this machine, 17.0 MB on disk, where 70 GB are free.'
    >>> outlook_in_words(SweepOutlook(24, 3000.0, False, "", 17_000_000, None), at_once=5)
    '24 trainings, about 10 min on the cluster if its cores are as fast as those here, 17.0 MB on disk.'
    >>> outlook_in_words(SweepOutlook(24, 3000.0, False, "", 17_000_000, None), at_once=0)
    '24 trainings, about 50 min on one core of this machine, less on a cluster with more, 17.0 MB on disk.'
    >>> outlook_in_words(SweepOutlook(24, 3000.0, False, "", 17_000_000, None, longest=1200.0), at_once=5)
    '24 trainings, about 20 min on the cluster if its cores are as fast as those here, 17.0 MB on disk.'
    """
    if outlook.measuring:
        time = "the time is being measured"
    elif outlook.seconds is None:
        time = f"the time is not known{': ' + outlook.message if outlook.message else ''}"
    elif at_once is None:
        time = f"about {duration(outlook.seconds)} on this machine"
    elif not at_once:
        time = f"about {duration(outlook.seconds)} on one core of this machine, less on a cluster with more"
    else:
        seconds = max(outlook.longest, outlook.seconds / max(1, min(at_once, outlook.trainings)))
        time = f"about {duration(seconds)} on the cluster if its cores are as fast as those here"
    less = ""
    if end_worse and outlook.seconds is not None:
        time, less = f"at most {time}", " Worse trainings end early, so it may take less time."
    free = outlook.free_bytes
    of_free = (
        ""
        if free is None
        else f", where {free / 1e9:.0f} GB are free"
        if free > 1e9
        else f", where {size(free)} are free"
    )
    return f"{plural(outlook.trainings, 'training')}, {time}, {size(outlook.size_bytes)} on disk{of_free}.{less}"

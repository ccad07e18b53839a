"""How long a training will take on this machine, computed from speeds that were measured here.

    >>> estimates = Estimates()                                                 # doctest: +SKIP
    >>> estimates.of(recipe_config("specified", "cnn"))                         # doctest: +SKIP
    Estimate(seconds=None, measuring=True, message='')
    >>> estimates.of(recipe_config("specified", "cnn")).seconds                 # doctest: +SKIP
    132.0

The first call starts a process that times a few batches, and later calls have the result. A measured speed holds for
every config whose batches take the same time, so another number of epochs needs no new measurement.
"""

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from threading import Lock, Thread

from mnist_core.data.datasets import MNIST, OFFLINE, load_digit_set
from mnist_core.data.pen_sources import UCI_PENS
from mnist_core.errors import DatasetError
from mnist_core.jobs.command_process import CommandProcess
from mnist_core.jobs.cores import THREADS
from mnist_core.jobs.speed import Speed
from mnist_core.runs.recipes import TrainingConfig

BUILT_IN_COUNTS = {MNIST: (60_000, 10_000), OFFLINE: (1437, 360)}
"""Training digits and test digits of the data sets that may not be on this machine yet."""

GENERATED = 52_000
"""Digits and pictures of no digit that the generator makes before a training that uses it: those of
`training.sources`."""

DRAWN_BY_PENS = 80_000
"""Digits that the generator makes in the time in which those of pen strokes are drawn: 40,000, each twice as long."""

VALIDATION_MULTIPLE = 3
"""How many times larger the validation set is with augmentation or handwriting, about."""

GIVEN_UP_AFTER = 180
"""Seconds after which a measurement is ended."""

TRIED_AGAIN_AFTER = 60
"""Seconds for which a failure counts. Then the speed is measured again."""

SECONDS_BETWEEN_CHECKS = 0.2
"""How often a measurement checks whether a training has begun."""

KEPT = 200
"""How many measurements are remembered."""


@dataclass(frozen=True)
class Estimate:
    """The time of a training.

    seconds: for the whole training, None if it is not known. measuring: whether it will be known in a moment.
    message: why it cannot be known, in words for the user; otherwise empty.
    """

    seconds: float | None = None
    measuring: bool = False
    message: str = ""


@dataclass(frozen=True)
class _Failure:
    """A measurement that failed.

    message: why. until: the moment, on the monotonic clock, when the failure no longer counts.
    """

    message: str
    until: float


class Estimates:
    """Measures one config at a time, the one that was asked for last.

    One object serves all visitors of a server, from any thread.
    """

    def __init__(self, training_runs: Callable[[], bool] = lambda: False, *, cores: int | None = None) -> None:
        """training_runs: whether a training runs at this moment.

        Then nothing is measured, and a measurement that has begun is dropped, because each would slow the other down.
        cores: how many cores of this machine a training is given; None for those that it takes otherwise.
        """
        self._training_runs = training_runs
        self._variables = dict.fromkeys(THREADS, str(cores)) if cores else {}
        self._lock = Lock()
        self._known: dict[TrainingConfig, Speed | _Failure] = {}
        self._wanted: TrainingConfig | None = None
        self._busy = False

    def of(self, config: TrainingConfig) -> Estimate:
        """What is known of that config. If nothing is known, a measurement starts, unless a training runs."""
        key = same_speed(config)
        with self._lock:
            known = self._up_to_date(key)
        if isinstance(known, _Failure):
            return Estimate(message=known.message)
        if isinstance(known, Speed):
            try:
                return Estimate(seconds=duration(config, known))
            except DatasetError as error:
                return Estimate(message=str(error))
        if self._training_runs():
            return Estimate()
        with self._lock:
            self._wanted = key
            if not self._busy:
                self._busy = True
                Thread(target=self._work, name="estimates", daemon=True).start()
        return Estimate(measuring=True)

    def _up_to_date(self, config: TrainingConfig) -> Speed | _Failure | None:
        """The result for that config, unless there is none or it is a failure of long ago."""
        known = self._known.get(config)
        return None if isinstance(known, _Failure) and known.until < time.monotonic() else known

    def _work(self) -> None:
        """Measure what is wanted, until it is known."""
        while True:
            with self._lock:
                config = self._wanted
                if config is None or self._up_to_date(config) is not None:
                    self._busy, self._wanted = False, None
                    return
            measured = _measured(config, self._training_runs, self._variables)
            with self._lock:
                if measured is None:
                    self._wanted = None
                    continue
                if isinstance(measured, str):
                    self._known[config] = _Failure(measured, until=time.monotonic() + TRIED_AGAIN_AFTER)
                else:
                    self._known[config] = measured
                while len(self._known) > KEPT:
                    self._known.pop(next(iter(self._known)))


def same_speed(config: TrainingConfig) -> TrainingConfig:
    """The config with a fixed value for each setting that does not change the time of a batch.

    >>> config = TrainingConfig("mlp", "adam", 0.005, batch_size=1000, epochs=12)
    >>> same_speed(config) == same_speed(replace(config, epochs=3, seed=8))
    True
    """
    return replace(
        config,
        recipe="",
        epochs=1,
        ema_epochs=0.0,
        seed=1,
        validation_digits=1,
        learning_rate=0.001,
        schedule="constant",
        repeats=1,
        distillation_temperature=1.0,
        calibrated=False,
        data=MNIST,
        fraction=1.0,
        early_stopping=0,
        weight_decay=0.0,
        augmentation=float(config.augmentation > 0),
        handwriting=0.1 * (config.handwriting > 0),
        pen_fraction=0.1 * (config.pen_fraction > 0),
        pens=UCI_PENS,
        initial_run="",
        initial_fraction=0.0,
        out_of_distribution=0.1 * (config.out_of_distribution > 0),
        label_smoothing=0.1 * (config.label_smoothing > 0),
        dropout=0.1 * (config.dropout > 0),
    )


def duration(config: TrainingConfig, speed: Speed) -> float:
    """The seconds from the start of a training until its run is written, at that speed.

    The next epoch is prepared while the network learns from this one, so the slower of the two counts.
    Raises DatasetError if the config names a file of digits that cannot be read.
    """
    training_digits, test_digits = digit_counts(config.data)
    digits = config.fraction * (training_digits - config.validation_digits)
    multiple = VALIDATION_MULTIPLE if config.augmentation or config.handwriting else 1
    epoch = digits / speed.training + multiple * config.validation_digits / speed.validation
    prepared_epoch = digits / speed.preparing
    before = prepared_epoch + (GENERATED + DRAWN_BY_PENS * (config.pen_fraction > 0)) / speed.writing
    around = speed.startup + speed.once + test_digits / speed.testing
    return around + before + config.epochs * max(epoch, prepared_epoch / config.repeats)


def digit_counts(data: str) -> tuple[int, int]:
    """How many training digits and test digits a data set has. data: as in a config.

    Raises DatasetError if it names a file that is missing or damaged.

    >>> digit_counts("MNIST")
    (60000, 10000)
    """
    if data in BUILT_IN_COUNTS:
        return BUILT_IN_COUNTS[data]
    try:
        changed = Path(data).stat().st_mtime
    except (OSError, ValueError):
        changed = math.nan  # `load_digit_set` says what is missing
    return _counts_in_file(data, changed)


@lru_cache(maxsize=20)
def _counts_in_file(data: str, changed: float) -> tuple[int, int]:
    """changed: when the file was last changed, so that a new version is counted again."""
    digit_set = load_digit_set(data)
    return len(digit_set.train), len(digit_set.test)


def _measured(
    config: TrainingConfig, training_runs: Callable[[], bool], variables: Mapping[str, str]
) -> Speed | str | None:
    """The speed with that config, or a message why it cannot be measured. None if a training has begun meanwhile.

    variables: of the environment of the process that measures.
    """
    start = time.perf_counter()
    try:
        process = CommandProcess("estimate", config, variables=variables)
    except OSError as error:
        return f"The time could not be measured: no process could be started ({error})."
    Thread(target=_end_in_time, args=(process, training_runs), daemon=True).start()
    output = "".join(process.lines())
    elapsed = time.perf_counter() - start
    if training_runs():
        return None
    try:
        figures = json.loads(output)
        return Speed.from_json({**figures, "startup": elapsed - figures["measuring"]})
    except (ValueError, KeyError, TypeError):
        errors = [line for line in process.error_lines if line.startswith("error: ")]
        if errors:
            return errors[-1].removeprefix("error: ")
        return "The time could not be measured: the process that times a few batches ended without a result."


def _end_in_time(process: CommandProcess, training_runs: Callable[[], bool]) -> None:
    """Kill the process when a training begins, or when it takes far too long."""
    end = time.monotonic() + GIVEN_UP_AFTER
    while not process.wait(SECONDS_BETWEEN_CHECKS):
        if training_runs() or time.monotonic() > end:
            process.kill()

"""How fast this machine trains with a config, measured on a few batches.

    >>> measure_speed(recipe_config("specified", "mlp"))           # doctest: +SKIP
    Speed(training=94000.0, validation=310000.0, testing=250000.0, once=1.9, preparing=inf, writing=inf)

`mnist_core.jobs.estimates` turns these figures into the time of a training. It starts a process for them, because
TensorFlow is needed here.
"""

import math
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_core.handwriting.generator import write
from mnist_core.jobs.cores import given_cores
from mnist_core.jobs.speed import Speed
from mnist_core.models.classifier import Classifier
from mnist_core.runs.recipes import TrainingConfig, on_this_machine
from mnist_core.training.backend import keras
from mnist_core.training.batches import shuffled
from mnist_core.training.epochs import TrainingSources, prepare
from mnist_core.training.fitting import compile_model, plain_model, precision, steps_per_execution, training_model
from mnist_core.training.saving import save_model
from mnist_core.training.sources import load_teacher
from mnist_core.training.stopping import Stop
from mnist_core.training.validation import BATCH, ValidationSet, Validator

SECONDS = 1.0
"""How long each kind of work is timed, at least twice."""

BATCHES = 1000
"""Batches in the epoch that is assumed here. No real data set is needed."""

EPOCH_DIGITS = 1000
"""Digits in the epoch whose preparation is timed."""

WRITTEN_DIGITS = 100
"""Digits that the handwriting generator writes to be timed."""


def measure_speed(config: TrainingConfig) -> Speed:
    """Train on noise for a moment. The time that a network needs does not depend on what the pictures show.

    Raises RunError if the config names a teacher that does not exist.
    """
    config = on_this_machine(config)
    teacher = load_teacher(config, None)
    random = np.random.default_rng(0)
    group = steps_per_execution(config, BATCHES) * config.batch_size
    groups = max(2, math.ceil(2 * BATCH / group))
    images = random.integers(0, 255, (groups * group, 28, 28), dtype=np.uint8)
    labels = random.integers(0, 10, len(images), dtype=np.uint8)
    digits = images.astype(np.float32) / np.float32(255)
    with precision(config.precision):
        model = training_model(config)
    compile_model(model, config, BATCHES)
    training, building = _training_rate(model, config, TrainingSources(images, labels), group)
    validator = Validator(plain_model(config), ValidationSet(digits, labels, len(labels)), Stop())
    validation, building_validator = _rate(lambda: validator.predict(validator.model.get_weights()), len(digits))
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        save_model(validator.model, Path(folder))
        saving = time.perf_counter() - start
        testing = _testing_rate(Path(folder) / "model.tflite", digits)
    preparing = writing = math.inf
    if config.prepares_digits:
        few, few_labels = images[:EPOCH_DIGITS], labels[:EPOCH_DIGITS]
        sources = TrainingSources(few, few_labels, few, few_labels, few, few, few_labels)
        preparing, _ = _rate(lambda: prepare(sources, config, 0, teacher), len(sources))
    if config.handwriting or config.out_of_distribution or config.pen_fraction:
        writing, _ = _rate(lambda: write(WRITTEN_DIGITS, seed=0), WRITTEN_DIGITS)
    once = building + building_validator + saving
    return Speed(training, validation, testing, once=once, preparing=preparing, writing=writing)


class _Clock(keras.callbacks.Callback):  # type: ignore[misc]
    """Notes the time after each group of batches, and ends the training after SECONDS."""

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.times = [time.perf_counter()]

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self.times.append(time.perf_counter())
        self.model.stop_training = len(self.times) > 3 and self.times[-1] - self.times[1] > SECONDS


def _training_rate(
    model: keras.Model, config: TrainingConfig, sources: TrainingSources, group: int
) -> tuple[float, float]:
    """Digits a second in training, and how many seconds longer the first group of batches took.

    The first group also builds the network.

    group: the digits in a group of batches.
    """
    clock, endless = _Clock(), 10_000
    stream = shuffled(sources, batch_size=config.batch_size, epochs=endless, seed=config.seed)
    model.fit(stream, steps_per_epoch=endless * len(sources) // config.batch_size, callbacks=[clock], verbose=0)
    spans = np.diff(clock.times)
    usual = float(np.median(spans[1:]))
    return group / usual, max(0.0, float(spans[0]) - usual)


def _testing_rate(model_path: Path, digits: NDArray[np.float32]) -> float:
    """Digits a second with LiteRT. The model is closed at the end, because Windows does not delete a file in use."""
    classifier = Classifier(model_path, threads=given_cores())
    rate, _ = _rate(lambda: classifier.probabilities(digits), len(digits))
    return rate


def _rate(work: Callable[[], object], digits: int) -> tuple[float, float]:
    """Digits a second, and how many seconds longer the first time took, which may also build something.

    work: called as often as fits into SECONDS; the median counts. digits: how many it handles each time.
    """
    start = time.perf_counter()
    work()
    first = time.perf_counter() - start
    times: list[float] = []
    while sum(times) < SECONDS or len(times) < 2:
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    usual = float(np.median(times))
    return digits / usual, max(0.0, first - usual)

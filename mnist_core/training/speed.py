"""How fast this machine trains by a config, from a few timed batches.

    >>> measure_speed(recipe_config("specified", "mlp"))           # doctest: +SKIP
    Speed(training=94000.0, validation=310000.0, testing=250000.0, once=1.9, preparing=inf, writing=inf)

Only a process of its own imports this module: Keras comes with it. What is made of the figures is in `estimates.py`.
"""

import math
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from mnist_core.handwriting.generator import write
from mnist_core.models.classifier import Classifier
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.recipes import TrainingConfig, on_this_machine
from mnist_core.training.batches import shuffled
from mnist_core.training.epochs import TrainingSources, prepare
from mnist_core.training.saving import save_model
from mnist_core.training.stopping import Stop
from mnist_core.training.trainer import compile_model, plain_network, precision, steps_per_execution, teacher_of
from mnist_core.training.validation import BATCH, ValidationSet, Validator

SECONDS = 1.0
"""Batches are timed for so long, and at least two groups of them."""

EPOCH_DIGITS = 1000
WRITTEN_DIGITS = 100


@dataclass(frozen=True)
class Speed:
    """Digits a second: in training, on validation and test digits, in preparing a lesson and in writing handwriting; infinite for what is not done.

    once: seconds that a training takes besides, to build its network and to write the run.
    """

    training: float
    validation: float
    testing: float
    once: float
    preparing: float = math.inf
    writing: float = math.inf

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values, None for infinite."""
        return {name: None if math.isinf(value) else round(value, 2) for name, value in asdict(self).items()}


def measure_speed(config: TrainingConfig) -> Speed:
    """Train on noise for a moment: how fast a network learns does not depend on what it is shown.

    Raises RunError if the config names a teacher that is not here.
    """
    config = on_this_machine(config)
    teacher = teacher_of(config, None)
    random = np.random.default_rng(0)
    group = steps_per_execution(config, 1000) * config.batch_size
    groups = max(2, math.ceil(2 * BATCH / group))
    images = random.integers(0, 255, (groups * group, 28, 28), dtype=np.uint8)
    labels = random.integers(0, 10, len(images), dtype=np.uint8)
    digits = images.astype(np.float32) / np.float32(255)
    with precision(config.precision):
        model = ARCHITECTURES[config.architecture].build(
            width=config.width, normalisation=config.normalisation, dropout=config.dropout
        )
    compile_model(model, config, 1000)
    training, building = _learning_rate(model, config, TrainingSources(images, labels), group)
    validator = Validator(plain_network(config), ValidationSet(digits, labels, len(labels)), Stop())
    validation, building_validator = _rate(lambda: validator.predict(validator.plain.get_weights()), len(digits))
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        save_model(validator.plain, Path(folder))
        saving = time.perf_counter() - start
        classifier = Classifier(Path(folder) / "model.tflite", threads=os.cpu_count() or 1)
        testing, _ = _rate(lambda: classifier.probabilities(digits), len(digits))
    preparing = writing = math.inf
    if config.prepares_digits:
        few = TrainingSources(
            images[:EPOCH_DIGITS],
            labels[:EPOCH_DIGITS],
            images[:EPOCH_DIGITS],
            labels[:EPOCH_DIGITS],
            images[:EPOCH_DIGITS],
        )
        preparing, _ = _rate(lambda: prepare(few, config, 0, teacher), len(few))
    if config.handwriting or config.out_of_distribution:
        writing, _ = _rate(lambda: write(WRITTEN_DIGITS, seed=0), WRITTEN_DIGITS)
    return Speed(training, validation, testing, building + building_validator + saving, preparing, writing)


class _Clock(keras.callbacks.Callback):  # type: ignore[misc]
    """Notes when each group of batches was learned, and ends the learning after SECONDS."""

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.times = [time.perf_counter()]

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self.times.append(time.perf_counter())
        self.model.stop_training = len(self.times) > 3 and self.times[-1] - self.times[1] > SECONDS


def _learning_rate(
    model: keras.Model, config: TrainingConfig, sources: TrainingSources, group: int
) -> tuple[float, float]:
    """Digits a second in training; and the seconds that the first group of batches, which also builds the network, took longer. group: its digits."""
    clock, endless = _Clock(), 10_000
    stream = shuffled(sources, batch_size=config.batch_size, epochs=endless, seed=config.seed)
    model.fit(stream, steps_per_epoch=endless * len(sources) // config.batch_size, callbacks=[clock], verbose=0)
    spans = np.diff(clock.times)
    usual = float(np.median(spans[1:]))
    return group / usual, max(0.0, float(spans[0]) - usual)


def _rate(work: Callable[[], object], digits: int) -> tuple[float, float]:
    """Digits a second, the median of the turns that fit into SECONDS; and the seconds that the first turn, which also builds, took longer."""
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

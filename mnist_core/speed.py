"""How fast this machine trains by a config, from a few timed batches.

    >>> measure_speed(recipe_config("specified", "mlp"))           # doctest: +SKIP
    Speed(training=94000.0, validation=310000.0, preparing=inf, writing=inf)

Only a process of its own imports this module: Keras comes with it. What is made of the figures is in `estimates.py`.
"""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mnist_core.architectures import ARCHITECTURES
from mnist_core.handwriting import write
from mnist_core.lessons import Sources, prepare
from mnist_core.recipes import TrainingConfig, on_this_machine
from mnist_core.training import VALIDATION_BATCH, compile_model, precision, steps_per_execution, teacher_of

SECONDS = 1.0
"""Batches are timed for so long, and at least two groups of them."""

LESSON_DIGITS = 1000
WRITTEN_DIGITS = 100


@dataclass(frozen=True)
class Speed:
    """Digits a second in training, on validation digits, in preparing a lesson and in writing handwriting; infinite for what is not done."""

    training: float
    validation: float
    preparing: float = math.inf
    writing: float = math.inf

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values, None for infinite."""
        return {name: None if math.isinf(value) else round(value, 1) for name, value in asdict(self).items()}


def measure_speed(config: TrainingConfig) -> Speed:
    """Train on noise for a moment: how fast a network learns does not depend on what it is shown.

    Raises RunError if the config names a teacher that is not here.
    """
    config = on_this_machine(config)
    teacher = teacher_of(config, None)
    random = np.random.default_rng(0)
    group = steps_per_execution(config, 1000) * config.batch_size
    images = random.integers(0, 255, (max(2 * group, 2 * VALIDATION_BATCH), 28, 28), dtype=np.uint8)
    labels = random.integers(0, 10, len(images), dtype=np.uint8)
    digits, targets = images[..., np.newaxis].astype(np.float32) / 255, np.eye(10, dtype=np.float32)[labels]
    with precision(config.precision):
        model = ARCHITECTURES[config.architecture].build(width=config.width, normalisation=config.normalisation, dropout=config.dropout)
    compile_model(model, config, 1000)
    training = _rate(lambda: model.fit(digits, targets, batch_size=config.batch_size, verbose=0), len(digits))
    validation = _rate(lambda: model.evaluate(digits, targets, batch_size=VALIDATION_BATCH, verbose=0), len(digits))
    preparing = writing = math.inf
    if config.prepares_digits:
        few = Sources(images[:LESSON_DIGITS], labels[:LESSON_DIGITS], images[:LESSON_DIGITS], labels[:LESSON_DIGITS], images[:LESSON_DIGITS])
        preparing = _rate(lambda: prepare(few, config, 0, teacher), len(few))
    if config.handwriting or config.scribbles:
        writing = _rate(lambda: write(WRITTEN_DIGITS, seed=0), WRITTEN_DIGITS)
    return Speed(training, validation, preparing, writing)


def _rate(work: Callable[[], object], digits: int) -> float:
    """Digits a second, the median of the turns that fit into SECONDS; the first, which also builds, does not count."""
    work()
    times: list[float] = []
    while sum(times) < SECONDS or len(times) < 2:
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return digits / float(np.median(times))

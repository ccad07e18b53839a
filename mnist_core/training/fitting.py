"""The fitting of a network to its digits: precision, optimizer, and the size of the groups of batches."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core.errors import ConfigError
from mnist_core.metrics.calibration import fold_temperature
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.runs.store import load_run
from mnist_core.training.backend import keras
from mnist_core.training.batches import of_prepared_epochs, shuffled
from mnist_core.training.ema import EMA
from mnist_core.training.epochs import Teacher, TrainingSources, prepared_epochs
from mnist_core.training.progress_reporter import ProgressReporter
from mnist_core.training.stopping import Stop, StoppedError

STEPS_PER_EXECUTION = 20
"""Batches that TensorFlow runs before it returns to Python. About 20 is fastest, and Python still gets several turns a
second."""

LARGEST_GROUP = 6000
"""Digits that TensorFlow learns before it returns to Python, at most."""

MOST_WORK = 15_000_000_000
"""Multiply-adds of one forward pass over such a group, at most. A request to stop must not wait long for a large
network."""


def training_model(config: TrainingConfig) -> keras.Model:
    """The network as it is trained, with the layers that act in training only."""
    return ARCHITECTURES[config.architecture].build(
        width=config.width, normalisation=config.normalisation, dropout=config.dropout
    )


def load_initial_weights(model: keras.Model, config: TrainingConfig, folder: Path | None) -> None:
    """Give the network the weights of the run that the config names as initial run. None leaves it as it is.

    folder: where runs are, None for the usual place. Raises RunError if there is no such run, ConfigError if its
    network has another shape.
    """
    if not config.initial_run:
        return
    run = load_run(config.initial_run, folder)
    if not run.keras_model:
        raise ConfigError(
            f"The run {run.name!r} has no model.keras, so a training cannot begin with its weights. Runs of a sweep "
            "keep it with --keep-models only. Train its settings as a run of its own, and name that one instead."
        )
    weights = keras.models.load_model(run.folder / "model.keras", compile=False).get_weights()
    expected = [weight.shape for weight in model.get_weights()]
    if run.architecture != config.architecture or [weight.shape for weight in weights] != expected:
        raise ConfigError(
            f"The run {run.name!r} is a {run.title} with {run.parameters:,} parameters, expected a network of the same "
            f"architecture and width as the one to train ({model.count_params():,}). Set architecture and width to its."
        )
    # The run's temperature was folded into its last layer after its training, and is taken out again.
    model.set_weights(fold_temperature(weights, 1 / run.temperature))


def plain_model(config: TrainingConfig) -> keras.Model:
    """The network as it is written to disk: in float32, without the layers that act in training only."""
    with precision("float32"):
        return ARCHITECTURES[config.architecture].build(width=config.width)


@contextmanager
def precision(name: str) -> Iterator[None]:
    """Keras layers that are built inside the block compute in this precision. Their weights are float32 in any case."""
    before = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.mixed_precision.set_dtype_policy(before)


def fit(
    model: keras.Model,
    config: TrainingConfig,
    *,
    sources: TrainingSources,
    teacher: Teacher | None,
    reporter: ProgressReporter,
    stop: Stop,
) -> None:
    """Train to the last epoch, or until somebody asks to stop.

    Raises StoppedError on a request to throw the training away, and on any request before the first epoch has ended.
    """
    batches = -(-len(sources) // config.batch_size)
    compile_model(model, config, batches)
    callbacks = [EMA(config.ema_epochs * batches), reporter] if config.ema_epochs else [reporter]
    if config.prepares_digits:
        stream = of_prepared_epochs(prepared_epochs(sources, config, teacher, stop), batch_size=config.batch_size)
    else:
        stream = shuffled(sources, batch_size=config.batch_size, epochs=config.epochs, seed=config.seed)
    try:
        model.fit(stream, steps_per_epoch=batches, epochs=config.epochs, callbacks=callbacks, shuffle=False, verbose=0)
    except StoppedError:
        if not stop.keep or not reporter.best.epoch:
            raise


def compile_model(model: keras.Model, config: TrainingConfig, batches: int) -> None:
    """Compile with the config's optimizer. batches: how many make an epoch."""
    model.compile(
        optimizer=_optimizer(config, batches),
        loss=keras.losses.CategoricalCrossentropy(),
        metrics=["accuracy"],
        steps_per_execution=steps_per_execution(config, batches),
        jit_compile=False,
    )
    _create_variables(model)


def _create_variables(model: keras.Model) -> None:
    """Create the variables of the optimizer and of the metrics. If the first batch does so, all is compiled twice."""
    model.optimizer.build(model.trainable_variables)
    nothing = np.zeros((1, 10), np.float32)
    model.compute_metrics(None, nothing, nothing)
    model.reset_metrics()


def steps_per_execution(config: TrainingConfig, batches: int) -> int:
    """The size of a group of batches: the largest that the three constants above allow, and at least 1.

    It divides the number of batches in an epoch. Otherwise Keras would take some batches of the next epoch.
    """
    work = ARCHITECTURES[config.architecture].multiply_adds(config.width)
    digits = min(LARGEST_GROUP, MOST_WORK // work)
    most = max(1, min(STEPS_PER_EXECUTION, batches, digits // config.batch_size))
    return max(steps for steps in range(1, most + 1) if batches % steps == 0)


def _optimizer(config: TrainingConfig, batches: int) -> keras.optimizers.Optimizer:
    rate: Any = config.learning_rate
    if config.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(config.learning_rate, batches * config.epochs, alpha=0.01)
    optimizer = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop}[config.optimizer]
    return optimizer(rate, weight_decay=config.weight_decay or None)

"""A config becomes a trained, measured run on disk.

    >>> run = train(recipe_config("specified", "mlp"), "mlp-specified", load_mnist())   # doctest: +SKIP
    >>> print(run.test)                                                                 # doctest: +SKIP
    98.13% (187 wrong of 10,000, 95 % interval 97.85% to 98.38%)

Only the training process imports this module: Keras and TensorFlow come with it. What happens is told as plain events,
dictionaries that go through a pipe as one line of JSON each:

    {"event": "preparing", "what"}                          what takes long before the first epoch, in words
    {"event": "started",  "name", "architecture", "parameters", "epochs", "digits", "validation_digits"}
    {"event": "progress", "epoch", "epochs", "batch", "batches", "share", "loss", "accuracy", "digits_per_second", "seconds_left"}
    {"event": "epoch",    "epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds", "best", "mistakes"}
    {"event": "measuring", "epoch"}                         the best epoch is read on the test digits and written
    {"event": "finished", "name", "wrong", "count", "accuracy", "interval_95", "seconds", "stopped"}

loss and accuracy are those of the batches since the last event of that kind; share is of the whole training, 0..1; mistakes are validation
digits that are still read wrongly. A training that is stopped and keeps nothing, or fails, has no 'finished'.
"""

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from mnist_core.data.datasets import DigitSet, Split, as_bytes
from mnist_core.errors import ConfigError
from mnist_core.handwriting.generator import out_of_distribution, write
from mnist_core.metrics.accuracy import Accuracy, log_loss
from mnist_core.metrics.calibration import at_temperature, fitted_temperature, fold_temperature
from mnist_core.metrics.entropy import fitted_threshold
from mnist_core.models.classifier import Classifier
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.file_format import describe
from mnist_core.runs.recipes import TrainingConfig, on_this_machine
from mnist_core.runs.run import Run
from mnist_core.runs.store import load_run, writing
from mnist_core.training.augmentation import augment
from mnist_core.training.batches import of_prepared_epochs, shuffled
from mnist_core.training.callbacks import EMA, OnEvent, ProgressReporter
from mnist_core.training.epochs import Teacher, TrainingSources, prepared_epochs
from mnist_core.training.saving import save_model, write_json, write_logs
from mnist_core.training.stopping import Stop, StoppedError
from mnist_core.training.validation import Best, ValidationSet, Validator, round_to_float16

STEPS_PER_EXECUTION = 20
"""Batches that TensorFlow runs between two looks from Python: fastest near 20, and still several looks a second."""

LARGEST_GROUP = 6000
"""Digits between two looks, at most."""

MOST_WORK = 15_000_000_000
"""Multiply-adds between two looks, counted as for reading, unless one batch has more: a request to stop must not wait long for a large network."""

VALIDATION_SEED = 20_000
"""The digits held out are the same in every training, whatever its seed, so that validation figures compare."""

WRITTEN_DIGITS = 40_000
"""Digits that the generator writes before a training; each epoch takes some and bends them anew."""

OUT_OF_DISTRIBUTION_SAMPLES = 12_000
"""Marks that are no digits, likewise."""

VALIDATION_HANDWRITING = 3000
"""Digits of the generator's, with a seed of their own, that join the validation digits where a network learned from the generator."""


def train(
    config: TrainingConfig,
    name: str,
    digit_set: DigitSet,
    *,
    folder: Path | None = None,
    replace: bool = False,
    on_event: OnEvent = lambda event: None,
    stop: Stop | None = None,
) -> Run:
    """Train, keep the epoch that reads the validation digits best, measure it once on the test digits, write the run.

    The same config on the same machine and versions gives the same weights. A run is written whole or not at all;
    an exception, KeyboardInterrupt included, leaves nothing behind.

    stop: asked to keep, the best epoch so far becomes the run; asked to throw away, or before the first epoch's end, StoppedError is raised.
    """
    stop, config = stop or Stop(), on_this_machine(config)
    fitted, held_out = split_validation(digit_set.train, config.validation_digits, fraction=config.fraction)
    with writing(name, folder, replace=replace) as beside, precision(config.precision):
        validator = Validator(plain_network(config), _validation_digits(config, held_out), stop)
        keras.utils.set_random_seed(config.seed)
        tf.config.experimental.enable_op_determinism()
        model = ARCHITECTURES[config.architecture].build(
            width=config.width, normalisation=config.normalisation, dropout=config.dropout
        )
        sources, teacher = _sources(config, fitted, on_event), teacher_of(config, folder)
        on_event(
            {
                "event": "started",
                "name": name,
                "architecture": config.architecture,
                "parameters": validator.plain.count_params(),
                "epochs": config.epochs,
                "digits": len(fitted),
                "validation_digits": len(held_out),
            }
        )
        reporter = ProgressReporter(
            config, validator, on_event, stop, digits=len(sources), test_digits=len(digit_set.test)
        )
        start = time.perf_counter()
        _fit(model, config, sources, teacher, reporter, stop)
        seconds = time.perf_counter() - start
        on_event({"event": "measuring", "epoch": reporter.best.epoch})
        run = _write_best(
            reporter.best, validator, config, digit_set, beside, name=name, digits=len(fitted), seconds=seconds
        )
        write_json(beside / "history.json", reporter.history)
        write_logs(beside / "logs", reporter.history)
        write_json(beside / "run.json", describe(run))
        if stop.requested and not stop.keep:
            raise StoppedError
    on_event(
        {
            "event": "finished",
            "name": name,
            "seconds": round(seconds, 2),
            "stopped": stop.requested and len(reporter.history["loss"]) < config.epochs,
            **describe(run)["test"],
        }
    )
    return load_run(name, folder)


def _write_best(
    best: Best,
    validator: Validator,
    config: TrainingConfig,
    digit_set: DigitSet,
    beside: Path,
    *,
    name: str,
    digits: int,
    seconds: float,
) -> Run:
    """Write the best epoch's network, and what it reads on the test digits; all that is known of it."""
    validation_set, plain = validator.validation_set, validator.plain
    temperature = fitted_temperature(best.probabilities, validation_set.labels) if config.calibrated else 1.0
    threshold = (
        fitted_threshold(at_temperature(best.probabilities, temperature)) if config.out_of_distribution else None
    )
    plain.set_weights(round_to_float16(fold_temperature(best.weights, temperature)))
    save_model(plain, beside)
    classifier = Classifier(beside / "model.tflite", threads=os.cpu_count() or 1)
    probabilities = classifier.probabilities(digit_set.test.pixels())
    np.savez_compressed(beside / "test_predictions.npz", probabilities=probabilities, labels=digit_set.test.labels)
    right = (
        best.probabilities[: validation_set.held_out].argmax(axis=1) == validation_set.labels[: validation_set.held_out]
    )
    return Run(
        folder=beside,
        name=name,
        architecture=config.architecture,
        recipe=config.recipe,
        title=f"{ARCHITECTURES[config.architecture].title}, {config.recipe}",
        parameters=plain.count_params(),
        config=config.to_json(),
        versions=_versions(),
        data={
            "name": digit_set.name,
            "digest": digit_set.digest,
            "digits": digits,
            "validation_digits": validation_set.held_out,
        },
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        duration_seconds=seconds,
        best_epoch=best.epoch,
        validation_accuracy=float(right.mean()),
        temperature=temperature,
        entropy_threshold=threshold,
        test=Accuracy.of(probabilities.argmax(axis=1), digit_set.test.labels),
        test_loss=log_loss(probabilities, digit_set.test.labels),
    )


def split_validation(train: Split, validation_digits: int, *, fraction: float = 1.0) -> tuple[Split, Split]:
    """The share that is used of the training digits without the held-out ones, and the held-out ones."""
    if not 0 < validation_digits < len(train):
        raise ConfigError(
            f"validation_digits is {validation_digits:,}, expected 1 to {len(train) - 1:,}: there are {len(train):,} training digits."
        )
    order = np.random.default_rng(VALIDATION_SEED).permutation(len(train))
    used = max(1, round(fraction * (len(train) - validation_digits)))
    held_out, fitted = np.sort(order[:validation_digits]), np.sort(order[validation_digits:][:used])
    return Split(train.images[fitted], train.labels[fitted]), Split(train.images[held_out], train.labels[held_out])


def _validation_digits(config: TrainingConfig, held_out: Split) -> ValidationSet:
    """The held-out digits as they are; also bent as in training, and with the generator's handwriting, where these were learned from.

    People draw neither just like MNIST nor quite unlike it, and the choice between two good epochs needs many digits.
    """
    digits, labels = [held_out.pixels()], [held_out.labels]
    if config.augmentation:
        digits.append(
            augment(held_out.images, random=np.random.default_rng(VALIDATION_SEED), strength=config.augmentation)
        )
        labels.append(held_out.labels)
    if config.handwriting:
        written = write(VALIDATION_HANDWRITING, seed=VALIDATION_SEED)
        digits.append(written.digits)
        labels.append(written.labels)
    return ValidationSet(np.concatenate(digits), np.concatenate(labels), len(held_out))


def _sources(config: TrainingConfig, fitted: Split, on_event: OnEvent) -> TrainingSources:
    """What lessons are made from; the generator writes here, once."""
    if not config.handwriting and not config.out_of_distribution:
        return TrainingSources(fitted.images, fitted.labels)
    on_event({"event": "preparing", "what": "writing digits in styles that MNIST lacks"})
    written = write(WRITTEN_DIGITS if config.handwriting else 0, seed=config.seed)
    strange = out_of_distribution(OUT_OF_DISTRIBUTION_SAMPLES if config.out_of_distribution else 0, seed=config.seed)
    return TrainingSources(
        fitted.images, fitted.labels, as_bytes(written.digits), written.labels, as_bytes(strange.pictures)
    )


def teacher_of(config: TrainingConfig, folder: Path | None) -> Teacher | None:
    """What the run named as teacher thinks of digits. Raises RunError if there is no such run."""
    return Classifier(load_run(config.teacher, folder).model_path).probabilities if config.teacher else None


def _fit(
    model: keras.Model,
    config: TrainingConfig,
    sources: TrainingSources,
    teacher: Teacher | None,
    reporter: ProgressReporter,
    stop: Stop,
) -> None:
    """Fit to the end, or until somebody stops it with an epoch to keep."""
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


def plain_network(config: TrainingConfig) -> keras.Model:
    """What becomes the run: in float32, without what only acts in training."""
    with precision("float32"):
        return ARCHITECTURES[config.architecture].build(width=config.width)


def compile_model(model: keras.Model, config: TrainingConfig, batches: int) -> None:
    """With the config's optimizer. batches: of an epoch."""
    model.compile(
        optimizer=_optimizer(config, batches),
        loss=keras.losses.CategoricalCrossentropy(),
        metrics=["accuracy"],
        steps_per_execution=steps_per_execution(config, batches),
        jit_compile=False,
    )


def steps_per_execution(config: TrainingConfig, batches: int) -> int:
    """As many as STEPS_PER_EXECUTION, LARGEST_GROUP and MOST_WORK allow, and at least one.

    It divides an epoch's batches, or Keras would take some of the next epoch's.
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


@contextmanager
def precision(name: str) -> Iterator[None]:
    """Keras layers built in here compute in that precision; their weights are float32 whatever it is."""
    before = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.mixed_precision.set_dtype_policy(before)


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version(), "keras": keras.version(), "tensorflow": tf.__version__}
    for package in ("numpy", "ai-edge-litert"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:  # a distribution may carry it under another name
            versions[package] = "unknown"
    return versions

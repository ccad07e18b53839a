"""A config becomes a trained, measured run on disk.

    >>> run = train(recipe_config("specified", "mlp"), "mlp-specified", load_mnist())   # doctest: +SKIP
    >>> print(run.test)                                                                 # doctest: +SKIP
    98.09% (191 wrong of 10,000, 95 % interval 97.80% to 98.34%)

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

import json
import os
import platform
import shutil
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from mnist_core.architectures import ARCHITECTURES, Architecture, plain_weights
from mnist_core.augmentation import augment
from mnist_core.calibration import at_temperature, fitted_temperature, tempered
from mnist_core.callbacks import Averager, Best, OnEvent, Teller
from mnist_core.classifier import Classifier
from mnist_core.datasets import DigitSet, Split, as_bytes
from mnist_core.doubt import fitted_threshold
from mnist_core.errors import ConfigError
from mnist_core.handwriting import scribbles, write
from mnist_core.lessons import Lesson, Sources, Teacher, lessons
from mnist_core.metrics import Accuracy, log_loss
from mnist_core.recipes import TrainingConfig, on_this_machine
from mnist_core.runs import Run, describe, load_run, writing
from mnist_core.stopping import Stop, StoppedError

STEPS_PER_EXECUTION = 20
"""Batches that TensorFlow runs between two looks from Python: fastest near 20, and still several looks a second."""

LARGEST_GROUP = 6000
"""Digits between two looks, at most: a request to stop must not wait long."""

VALIDATION_BATCH = 250
"""Validation digits in a batch; STEPS_PER_EXECUTION batches are read between two looks there as well."""

VALIDATION_SEED = 20_000
"""The digits held out are the same in every training, whatever its seed, so that validation figures compare."""

WRITTEN_DIGITS = 40_000
"""Digits that the generator writes before a training; each epoch takes some and bends them anew."""

WRITTEN_SCRIBBLES = 12_000
"""Marks that are no digits, likewise."""

JUDGED_HANDWRITING = 3000
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
    fitted, held_out = split_validation(digit_set.train, config.validation_digits, share=config.share)
    with writing(name, folder, replace=replace) as beside, precision(config.precision):
        keras.utils.set_random_seed(config.seed)
        tf.config.experimental.enable_op_determinism()
        architecture = ARCHITECTURES[config.architecture]
        model = architecture.build(width=config.width, normalisation=config.normalisation, dropout=config.dropout)
        sources, teacher = _sources(config, fitted, on_event), teacher_of(config, folder)
        on_event(
            {
                "event": "started",
                "name": name,
                "architecture": config.architecture,
                "parameters": sum(int(np.prod(weight.shape)) for weight in model.trainable_weights),
                "epochs": config.epochs,
                "digits": len(fitted),
                "validation_digits": len(held_out),
            }
        )
        start = time.perf_counter()
        judged = _judged(config, held_out)
        history, best = _fit(model, config, sources, teacher, judged, _Telling(held_out, on_event, stop))
        seconds = time.perf_counter() - start

        on_event({"event": "measuring", "epoch": best.epoch})
        plain = _plain(architecture, config, model, best)
        temperature, threshold, validation_accuracy = 1.0, None, best.accuracy
        if len(judged.labels) > len(held_out) or config.calibrated or config.scribbles:
            validated = plain.predict(judged.digits[..., np.newaxis], batch_size=1000, verbose=0)
            validation_accuracy = float((validated[: len(held_out)].argmax(axis=1) == held_out.labels).mean())
            temperature = fitted_temperature(validated, judged.labels) if config.calibrated else 1.0
            threshold = fitted_threshold(at_temperature(validated, temperature)) if config.scribbles else None
        plain.set_weights([_halved(weight) for weight in tempered(plain.get_weights(), temperature)])
        _save_model(plain, beside)
        classifier = Classifier(beside / "model.tflite")
        probabilities = classifier.probabilities(digit_set.test.pixels())
        test = Accuracy.of(probabilities.argmax(axis=1), digit_set.test.labels)
        run = Run(
            folder=beside,
            name=name,
            architecture=config.architecture,
            recipe=config.recipe,
            title=f"{architecture.title}, {config.recipe}",
            parameters=plain.count_params(),
            config=config.to_json(),
            versions=_versions(),
            data={"name": digit_set.name, "digest": digit_set.digest, "digits": len(fitted), "validation_digits": len(held_out)},
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            duration_seconds=seconds,
            best_epoch=best.epoch,
            validation_accuracy=validation_accuracy,
            temperature=temperature,
            doubt_threshold=threshold,
            test=test,
            test_loss=log_loss(probabilities, digit_set.test.labels),
        )
        np.savez_compressed(beside / "test_predictions.npz", probabilities=probabilities, labels=digit_set.test.labels)
        _write_json(beside / "history.json", history)
        _write_logs(beside / "logs", history)
        _write_json(beside / "run.json", describe(run))
        if stop.requested and not stop.keep:
            raise StoppedError
    on_event(
        {
            "event": "finished",
            "name": name,
            "seconds": round(seconds, 2),
            "stopped": stop.requested and len(history["loss"]) < config.epochs,
            **describe(run)["test"],
        }
    )
    return load_run(name, folder)


def split_validation(train: Split, validation_digits: int, *, share: float = 1.0) -> tuple[Split, Split]:
    """The share that is used of the training digits without the held-out ones, and the held-out ones."""
    if not 0 < validation_digits < len(train):
        raise ConfigError(f"validation_digits is {validation_digits:,}, expected 1 to {len(train) - 1:,}: there are {len(train):,} training digits.")
    order = np.random.default_rng(VALIDATION_SEED).permutation(len(train))
    used = max(1, round(share * (len(train) - validation_digits)))
    held_out, fitted = np.sort(order[:validation_digits]), np.sort(order[validation_digits:][:used])
    return Split(train.images[fitted], train.labels[fitted]), Split(train.images[held_out], train.labels[held_out])


@dataclass(frozen=True)
class _Judged:
    """What the best epoch and the temperature are judged on. digits: (n, 28, 28) float32 in 0..1, the held-out ones first. labels: (n,) uint8."""

    digits: NDArray[np.float32]
    labels: NDArray[np.uint8]


def _judged(config: TrainingConfig, held_out: Split) -> _Judged:
    """The held-out digits as they are; also bent as in training, and with the generator's handwriting, where these were learned from.

    People draw neither just like MNIST nor quite unlike it, and the choice between two good epochs needs many digits.
    """
    digits, labels = [held_out.pixels()], [held_out.labels]
    if config.augmentation:
        digits.append(augment(held_out.images, random=np.random.default_rng(VALIDATION_SEED), strength=config.augmentation))
        labels.append(held_out.labels)
    if config.handwriting:
        written = write(JUDGED_HANDWRITING, seed=VALIDATION_SEED)
        digits.append(written.digits)
        labels.append(written.labels)
    return _Judged(np.concatenate(digits), np.concatenate(labels))


def _sources(config: TrainingConfig, fitted: Split, on_event: OnEvent) -> Sources:
    """What lessons are made from; the generator writes here, once."""
    if not config.handwriting and not config.scribbles:
        return Sources(fitted.images, fitted.labels)
    on_event({"event": "preparing", "what": "writing digits in styles that MNIST lacks"})
    written = write(WRITTEN_DIGITS if config.handwriting else 0, seed=config.seed)
    strange = scribbles(WRITTEN_SCRIBBLES if config.scribbles else 0, seed=config.seed)
    return Sources(fitted.images, fitted.labels, as_bytes(written.digits), written.labels, as_bytes(strange.pictures))


def teacher_of(config: TrainingConfig, folder: Path | None) -> Teacher | None:
    """What the run named as teacher thinks of digits. Raises RunError if there is no such run."""
    return Classifier(load_run(config.teacher, folder).model_path).probabilities if config.teacher else None


@dataclass(frozen=True)
class _Telling:
    """What a training needs to be followed: the validation digits for its mistakes, where to tell of it, and whether to stop."""

    held_out: Split
    on_event: OnEvent
    stop: Stop


def _fit(
    model: keras.Model, config: TrainingConfig, sources: Sources, teacher: Teacher | None, judged: _Judged, telling: _Telling
) -> tuple[dict[str, list[float]], Best]:
    """Fit to the end, or until somebody stops it with an epoch to keep."""
    batches = -(-len(sources) // config.batch_size)
    compile_model(model, config, batches)
    best = Best()
    teller = Teller(config, len(sources), telling.held_out, best, telling.on_event, telling.stop)
    callbacks = [teller, Averager(config.averaging * batches)] if config.averaging else [teller]
    settings = {
        "epochs": config.epochs,
        "validation_data": _inputs(judged.digits, judged.labels),
        "validation_batch_size": VALIDATION_BATCH,
        "callbacks": callbacks,
        "verbose": 0,
    }
    try:
        if config.prepares_digits:
            prepared = lessons(sources, config, teacher, telling.stop)
            model.fit(_batches(prepared, config.batch_size), steps_per_epoch=batches, shuffle=False, **settings)
        else:
            model.fit(*_inputs(Split(sources.images, sources.labels).pixels(), sources.labels), batch_size=config.batch_size, **settings)
    except StoppedError:
        if not telling.stop.keep or not best.epoch:
            raise
    return teller.history, best


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
    """At most STEPS_PER_EXECUTION and LARGEST_GROUP digits.

    Where lessons are prepared, it divides an epoch's batches, or Keras would take some of the next epoch's.
    """
    most = max(1, min(STEPS_PER_EXECUTION, batches, LARGEST_GROUP // config.batch_size))
    if not config.prepares_digits:
        return most
    return max(steps for steps in range(1, most + 1) if batches % steps == 0)


def _batches(prepared: Iterator[Lesson], batch_size: int) -> tf.data.Dataset:
    """Batches of digits (batch, 28, 28, 1) float32 in 0..1 and targets (batch, 10) float32, lesson after lesson."""

    def cut() -> Iterator[tuple[NDArray[np.uint8], NDArray[np.float32]]]:
        for lesson in prepared:
            for start in range(0, len(lesson.images), batch_size):
                yield lesson.images[start : start + batch_size, ..., np.newaxis], lesson.targets[start : start + batch_size]

    signature = (tf.TensorSpec((None, 28, 28, 1), tf.uint8), tf.TensorSpec((None, 10), tf.float32))
    as_inputs = tf.data.Dataset.from_generator(cut, output_signature=signature).map(lambda images, targets: (tf.cast(images, tf.float32) / 255, targets))
    return as_inputs.prefetch(2)


def _optimizer(config: TrainingConfig, batches: int) -> keras.optimizers.Optimizer:
    rate: Any = config.learning_rate
    if config.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(config.learning_rate, batches * config.epochs, alpha=0.01)
    optimizer = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop}[config.optimizer]
    return optimizer(rate, weight_decay=config.weight_decay or None)


def _inputs(digits: NDArray[np.float32], labels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Digits (n, 28, 28, 1) in 0..1 and one-hot labels (n, 10), from digits (n, 28, 28) and labels (n,)."""
    return digits[..., np.newaxis], np.eye(10, dtype=np.float32)[labels]


@contextmanager
def precision(name: str) -> Iterator[None]:
    """Keras layers built in here compute in that precision; their weights are float32 whatever it is."""
    before = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.mixed_precision.set_dtype_policy(before)


def _plain(architecture: Architecture, config: TrainingConfig, model: keras.Model, best: Best) -> keras.Model:
    """The best epoch's network in float32, without what only acted in training."""
    model.set_weights(best.weights)
    with precision("float32"):
        plain = architecture.build(width=config.width)
    plain.set_weights(plain_weights(model))
    return plain


def _halved(weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rounded to half precision, as float32."""
    return weight.astype(np.float16).astype(np.float32)


def _save_model(model: keras.Model, folder: Path) -> None:
    """Both files hold the same numbers: weights that were rounded to half precision before.

    That halves either file, and LiteRT and Keras agree to rounding, since neither holds a digit that the other lacks.
    What is measured afterwards is the rounded network. The model was never compiled: no optimizer state is saved.
    """
    model.save(folder / "model.keras")
    _compress(folder / "model.keras")
    model.export(
        folder / "model.tflite",
        format="litert",
        verbose=False,
        optimizations=[tf.lite.Optimize.DEFAULT],
        target_spec={"supported_types": [tf.float16]},
    )


def _compress(path: Path) -> None:
    """Keras stores its zip unpacked; packed, zeros at the end of each weight cost nothing."""
    packed = path.with_suffix(".packed")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for entry in source.infolist():
            target.writestr(entry.filename, source.read(entry))
    shutil.move(packed, path)


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version(), "keras": keras.version(), "tensorflow": tf.__version__}
    for package in ("numpy", "ai-edge-litert"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:  # a distribution may carry it under another name
            versions[package] = "unknown"
    return versions


def _write_logs(folder: Path, history: dict[str, list[float]]) -> None:
    """What TensorBoard shows, where it is installed: `tensorboard --logdir trained_models`. Tags are those of Keras' own callback.

    An event file is a TFRecord file of Event messages; TensorFlow's own writer would need TensorBoard installed to write them.
    """
    ends = np.cumsum(history["seconds"]) - sum(history["seconds"]) + time.time()
    for split, prefix in (("train", ""), ("validation", "val_")):
        (folder / split).mkdir(parents=True)
        with tf.io.TFRecordWriter(str(folder / split / "events.out.tfevents.digit-duel")) as writer:
            writer.write(tf.compat.v1.Event(wall_time=ends[0], file_version="brain.Event:2").SerializeToString())
            for epoch, end in enumerate(ends):
                values = [tf.compat.v1.Summary.Value(tag=f"epoch_{metric}", simple_value=history[prefix + metric][epoch]) for metric in ("loss", "accuracy")]
                writer.write(tf.compat.v1.Event(wall_time=end, step=epoch, summary=tf.compat.v1.Summary(value=values)).SerializeToString())


def _write_json(path: Path, values: object) -> None:
    path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")

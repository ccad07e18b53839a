"""A config becomes a trained, measured run on disk.

    >>> run = train(recipe_config("specified", "mlp"), "mlp-specified", load_mnist())   # doctest: +SKIP
    >>> print(run.test)                                                                 # doctest: +SKIP
    98.09% (191 wrong of 10,000, 95 % interval 97.80% to 98.34%)

Only the training process imports this module: Keras and TensorFlow come with it. What happens is told as plain events,
dictionaries that go through a pipe as one line of JSON each:

    {"event": "preparing", "what"}                          what takes long before the first epoch, in words
    {"event": "started",  "name", "architecture", "parameters", "epochs", "digits", "validation_digits"}
    {"event": "progress", "epoch", "epochs", "share", "loss", "accuracy", "digits_per_second", "seconds_left"}
    {"event": "epoch",    "epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds", "best"}
    {"event": "finished", "name", "wrong", "count", "accuracy", "interval_95", "seconds"}
"""

import json
import os
import platform
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
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
from mnist_core.classifier import Classifier
from mnist_core.datasets import Mnist, Split, as_bytes
from mnist_core.doubt import fitted_threshold
from mnist_core.errors import ConfigError
from mnist_core.handwriting import scribbles, write
from mnist_core.lessons import Lesson, Sources, Teacher, lessons
from mnist_core.metrics import Accuracy, log_loss
from mnist_core.recipes import TrainingConfig
from mnist_core.runs import Run, describe, load_run, writing

Event = dict[str, Any]
OnEvent = Callable[[Event], None]

STEPS_PER_EXECUTION = 20
"""Batches that TensorFlow runs between two looks from Python: fastest near 20, and still several looks a second."""

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
    mnist: Mnist,
    *,
    folder: Path | None = None,
    replace: bool = False,
    on_event: OnEvent = lambda event: None,
) -> Run:
    """Train, keep the epoch that reads the validation digits best, measure it once on the test digits, write the run.

    The same config on the same machine and versions gives the same weights. A run is written whole or not at all;
    an exception, KeyboardInterrupt included, leaves nothing behind.
    """
    fitted, held_out = split_validation(mnist.train, config.validation_digits)
    with writing(name, folder, replace=replace) as beside, _precision(config.precision):
        keras.utils.set_random_seed(config.seed)
        tf.config.experimental.enable_op_determinism()
        architecture = ARCHITECTURES[config.architecture]
        model = architecture.build(width=config.width, normalisation=config.normalisation, dropout=config.dropout)
        sources, teacher = _sources(config, fitted, on_event), _teacher(config, folder)
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
        history, best = _fit(model, config, sources, teacher, judged, on_event)
        seconds = time.perf_counter() - start

        plain = _plain(architecture, config, model, best)
        validated = plain.predict(judged.digits[..., np.newaxis], batch_size=1000, verbose=0)
        temperature = fitted_temperature(validated, judged.labels) if config.calibrated else 1.0
        plain.set_weights([_halved(weight) for weight in tempered(plain.get_weights(), temperature)])
        _save_model(plain, beside)
        classifier = Classifier(beside / "model.tflite")
        probabilities = classifier.probabilities(mnist.test.pixels())
        test = Accuracy.of(probabilities.argmax(axis=1), mnist.test.labels)
        run = Run(
            folder=beside,
            name=name,
            architecture=config.architecture,
            recipe=config.recipe,
            title=f"{architecture.title}, {config.recipe}",
            parameters=plain.count_params(),
            config=config.to_json(),
            versions=_versions(),
            data={"name": "MNIST", "digest": mnist.digest, "digits": len(fitted), "validation_digits": len(held_out)},
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            duration_seconds=seconds,
            best_epoch=best.epoch,
            validation_accuracy=float((validated[: len(held_out)].argmax(axis=1) == held_out.labels).mean()),
            temperature=temperature,
            doubt_threshold=fitted_threshold(at_temperature(validated, temperature)) if config.scribbles else None,
            test=test,
            test_loss=log_loss(probabilities, mnist.test.labels),
        )
        np.savez_compressed(beside / "test_predictions.npz", probabilities=probabilities, labels=mnist.test.labels)
        _write_json(beside / "history.json", history)
        _write_json(beside / "run.json", describe(run))
    on_event({"event": "finished", "name": name, "seconds": round(seconds, 2), **describe(run)["test"]})
    return load_run(name, folder)


def split_validation(train: Split, validation_digits: int) -> tuple[Split, Split]:
    """The training digits without the held-out ones, and the held-out ones."""
    if not 0 < validation_digits < len(train):
        raise ConfigError(f"validation_digits is {validation_digits:,}, expected 1 to {len(train) - 1:,}: there are {len(train):,} training digits.")
    order = np.random.default_rng(VALIDATION_SEED).permutation(len(train))
    held_out, fitted = np.sort(order[:validation_digits]), np.sort(order[validation_digits:])
    return Split(train.images[fitted], train.labels[fitted]), Split(train.images[held_out], train.labels[held_out])


@dataclass
class _Best:
    """The best epoch so far, by validation accuracy, then by validation loss."""

    epoch: int = 0
    accuracy: float = -1.0
    loss: float = float("inf")
    weights: list[NDArray[np.float32]] = field(default_factory=list)

    def take(self, epoch: int, logs: dict[str, float], weights: list[NDArray[np.float32]]) -> bool:
        better = (logs["val_accuracy"], -logs["val_loss"]) > (self.accuracy, -self.loss)
        if better:
            self.epoch, self.accuracy, self.loss = epoch, float(logs["val_accuracy"]), float(logs["val_loss"])
            self.weights = weights
        return better


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


def _teacher(config: TrainingConfig, folder: Path | None) -> Teacher | None:
    """What the run named as teacher thinks of digits. Raises RunError if there is no such run."""
    return Classifier(load_run(config.teacher, folder).model_path).probabilities if config.teacher else None


def _fit(
    model: keras.Model, config: TrainingConfig, sources: Sources, teacher: Teacher | None, judged: _Judged, on_event: OnEvent
) -> tuple[dict[str, list[float]], _Best]:
    batches = -(-len(sources) // config.batch_size)
    model.compile(
        optimizer=_optimizer(config, batches),
        loss=keras.losses.CategoricalCrossentropy(),
        metrics=["accuracy"],
        steps_per_execution=_steps_per_execution(config, batches),
        jit_compile=False,
    )
    best = _Best()
    teller = _Teller(config, len(sources), best, on_event)
    callbacks = [teller, _Averager(config.averaging * batches)] if config.averaging else [teller]
    settings = {
        "epochs": config.epochs,
        "validation_data": _inputs(judged.digits, judged.labels),
        "validation_batch_size": 1000,
        "callbacks": callbacks,
        "verbose": 0,
    }
    if config.prepares_digits:
        prepared = lessons(sources, config, teacher)
        try:
            model.fit(_batches(prepared, config.batch_size), steps_per_epoch=batches, shuffle=False, **settings)
        finally:
            # A training that is stopped may leave TensorFlow's thread waiting inside of the iterator; it then closes when that thread lets go.
            with suppress(ValueError):
                prepared.close()
    else:
        model.fit(*_inputs(Split(sources.images, sources.labels).pixels(), sources.labels), batch_size=config.batch_size, **settings)
    return teller.history, best


def _steps_per_execution(config: TrainingConfig, batches: int) -> int:
    """At most STEPS_PER_EXECUTION. Where lessons are prepared, it divides an epoch's batches, or Keras would take some of the next epoch's."""
    if not config.prepares_digits:
        return min(STEPS_PER_EXECUTION, batches)
    return max(steps for steps in range(1, STEPS_PER_EXECUTION + 1) if batches % steps == 0)


def _batches(prepared: Iterator[Lesson], batch_size: int) -> tf.data.Dataset:
    """Batches of digits (batch, 28, 28, 1) float32 in 0..1 and targets (batch, 10) float32, lesson after lesson."""

    def cut() -> Iterator[tuple[NDArray[np.uint8], NDArray[np.float32]]]:
        for lesson in prepared:
            for start in range(0, len(lesson.images), batch_size):
                yield lesson.images[start : start + batch_size, ..., np.newaxis], lesson.targets[start : start + batch_size]

    signature = (tf.TensorSpec((None, 28, 28, 1), tf.uint8), tf.TensorSpec((None, 10), tf.float32))
    as_inputs = tf.data.Dataset.from_generator(cut, output_signature=signature).map(lambda images, targets: (tf.cast(images, tf.float32) / 255, targets))
    return as_inputs.prefetch(2)


class _Averager(keras.callbacks.Callback):  # type: ignore[misc]
    """The weights' moving average, which is what is measured and kept: it reads better than the weights at any one batch (Polyak, Juditsky, 1992).

    Taken whenever Keras comes back from its batches, which is often enough. batches: those over which the average fades by a factor of e.
    """

    def __init__(self, batches: float) -> None:
        super().__init__()
        self._fading = batches
        self._seen = 0
        self._average: list[NDArray[np.float32]] = []
        self._current: list[NDArray[np.float32]] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._last = -1

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        passed, self._last = batch - self._last, batch
        self._seen += passed
        # At first the mean of all so far, so that the random beginning is soon forgotten.
        share = max(1 - np.exp(-passed / self._fading), min(1.0, 2 * passed / self._seen))
        weights = self.model.get_weights()
        self._average = [old + np.float32(share) * (new - old) for old, new in zip(self._average or weights, weights, strict=True)]

    def on_test_begin(self, logs: dict[str, float] | None = None) -> None:
        self._current = self.model.get_weights()
        self.model.set_weights(self._average)

    def on_test_end(self, logs: dict[str, float] | None = None) -> None:
        self.model.set_weights(self._current)


class _Teller(keras.callbacks.Callback):  # type: ignore[misc]
    """Keras' calls become events, a history and the best weights."""

    def __init__(self, config: TrainingConfig, digits: int, best: _Best, on_event: OnEvent) -> None:
        super().__init__()
        self._config, self._digits, self._best, self._on_event = config, digits, best, on_event
        self.history: dict[str, list[float]] = {}
        self._start = time.perf_counter()
        self._measured: list[NDArray[np.float32]] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._epoch, self._epoch_start = epoch + 1, time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        now = time.perf_counter()
        done = min((batch + 1) * self._config.batch_size, self._digits)
        share = (self._epoch - 1 + done / self._digits) / self._config.epochs
        self._on_event(
            {
                "event": "progress",
                "epoch": self._epoch,
                "epochs": self._config.epochs,
                "share": round(share, 4),
                "loss": float((logs or {})["loss"]),
                "accuracy": float((logs or {})["accuracy"]),
                "digits_per_second": round(done / (now - self._epoch_start)),
                "seconds_left": round((now - self._start) * (1 - share) / share, 1),
            }
        )

    def on_test_end(self, logs: dict[str, float] | None = None) -> None:
        # Called before the averager puts the unaveraged weights back: these are the ones that were measured.
        self._measured = [weight.copy() for weight in self.model.get_weights()]

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        values = {key: float(value) for key, value in (logs or {}).items()}
        values["learning_rate"] = float(self.model.optimizer.learning_rate)
        values["seconds"] = round(time.perf_counter() - self._epoch_start, 3)
        for key, value in values.items():
            self.history.setdefault(key, []).append(value)
        better = self._best.take(epoch + 1, values, self._measured)
        self._on_event({"event": "epoch", "epoch": epoch + 1, **values, "best": better})


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
def _precision(name: str) -> Iterator[None]:
    """Keras layers built in here compute in that precision; their weights are float32 whatever it is."""
    before = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.mixed_precision.set_dtype_policy(before)


def _plain(architecture: Architecture, config: TrainingConfig, model: keras.Model, best: _Best) -> keras.Model:
    """The best epoch's network in float32, without what only acted in training."""
    model.set_weights(best.weights)
    with _precision("float32"):
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


def _write_json(path: Path, values: object) -> None:
    path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")

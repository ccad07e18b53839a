"""A config becomes a trained, measured run on disk.

    >>> run = train(recipe_config("specified", "mlp"), "mlp-specified", load_mnist())   # doctest: +SKIP
    >>> print(run.test)                                                                 # doctest: +SKIP
    98.10% (190 wrong of 10,000, 95 % interval 97.81% to 98.35%)

Only the training process imports this module: Keras and TensorFlow come with it. What happens is told as plain events,
dictionaries that go through a pipe as one line of JSON each:

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
from collections.abc import Callable
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

from mnist_core.architectures import ARCHITECTURES, Architecture
from mnist_core.classifier import Classifier
from mnist_core.datasets import Mnist, Split
from mnist_core.errors import ConfigError
from mnist_core.metrics import Accuracy, log_loss
from mnist_core.recipes import TrainingConfig
from mnist_core.runs import Run, describe, load_run, writing

Event = dict[str, Any]
OnEvent = Callable[[Event], None]

STEPS_PER_EXECUTION = 20
"""Batches that TensorFlow runs between two looks from Python: fastest near 20, and still several looks a second."""

VALIDATION_SEED = 20_000
"""The digits held out are the same in every training, whatever its seed, so that validation figures compare."""


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
    with writing(name, folder, replace=replace) as beside:
        keras.utils.set_random_seed(config.seed)
        tf.config.experimental.enable_op_determinism()
        architecture = ARCHITECTURES[config.architecture]
        model = architecture.build()
        on_event(
            {
                "event": "started",
                "name": name,
                "architecture": config.architecture,
                "parameters": model.count_params(),
                "epochs": config.epochs,
                "digits": len(fitted),
                "validation_digits": len(held_out),
            }
        )
        start = time.perf_counter()
        history, best = _fit(model, config, fitted, held_out, on_event)
        seconds = time.perf_counter() - start

        _save_model(architecture, best.weights, beside)
        classifier = Classifier(beside / "model.tflite")
        probabilities = classifier.probabilities(mnist.test.pixels())
        test = Accuracy.of(probabilities.argmax(axis=1), mnist.test.labels)
        run = Run(
            folder=beside,
            name=name,
            architecture=config.architecture,
            recipe=config.recipe,
            title=f"{architecture.title}, {config.recipe}",
            parameters=model.count_params(),
            config=config.to_json(),
            versions=_versions(),
            data={"name": "MNIST", "digest": mnist.digest, "digits": len(fitted), "validation_digits": len(held_out)},
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            duration_seconds=seconds,
            best_epoch=best.epoch,
            validation_accuracy=best.accuracy,
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

    def take(self, epoch: int, logs: dict[str, float], model: keras.Model) -> bool:
        better = (logs["val_accuracy"], -logs["val_loss"]) > (self.accuracy, -self.loss)
        if better:
            self.epoch, self.accuracy, self.loss = epoch, float(logs["val_accuracy"]), float(logs["val_loss"])
            self.weights = [weight.copy() for weight in model.get_weights()]
        return better


def _fit(model: keras.Model, config: TrainingConfig, fitted: Split, held_out: Split, on_event: OnEvent) -> tuple[dict[str, list[float]], _Best]:
    batches = -(-len(fitted) // config.batch_size)
    model.compile(
        optimizer=_optimizer(config, batches),
        loss=keras.losses.CategoricalCrossentropy(),
        metrics=["accuracy"],
        steps_per_execution=min(STEPS_PER_EXECUTION, batches),
        jit_compile=False,
    )
    best = _Best()
    teller = _Teller(config, len(fitted), best, on_event)
    model.fit(
        *_inputs(fitted),
        batch_size=config.batch_size,
        epochs=config.epochs,
        validation_data=_inputs(held_out),
        validation_batch_size=1000,
        callbacks=[teller],
        verbose=0,
    )
    return teller.history, best


class _Teller(keras.callbacks.Callback):  # type: ignore[misc]
    """Keras' calls become events, a history and the best weights."""

    def __init__(self, config: TrainingConfig, digits: int, best: _Best, on_event: OnEvent) -> None:
        super().__init__()
        self._config, self._digits, self._best, self._on_event = config, digits, best, on_event
        self.history: dict[str, list[float]] = {}
        self._start = time.perf_counter()

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

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        values = {key: float(value) for key, value in (logs or {}).items()}
        values["learning_rate"] = float(self.model.optimizer.learning_rate)
        values["seconds"] = round(time.perf_counter() - self._epoch_start, 3)
        for key, value in values.items():
            self.history.setdefault(key, []).append(value)
        better = self._best.take(epoch + 1, values, self.model)
        self._on_event({"event": "epoch", "epoch": epoch + 1, **values, "best": better})


def _optimizer(config: TrainingConfig, batches: int) -> keras.optimizers.Optimizer:
    rate: Any = config.learning_rate
    if config.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(config.learning_rate, batches * config.epochs, alpha=0.01)
    return {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop}[config.optimizer](rate)


def _inputs(split: Split) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Pixels (n, 28, 28, 1) in 0..1 and one-hot labels (n, 10)."""
    return split.pixels()[..., np.newaxis], np.eye(10, dtype=np.float32)[split.labels]


def _save_model(architecture: Architecture, weights: list[NDArray[np.float32]], folder: Path) -> None:
    """Both files hold the same numbers: weights rounded to half precision first.

    That halves either file, and LiteRT and Keras agree to rounding, since neither holds a digit that the other lacks.
    What is measured afterwards is the rounded network. The model is a fresh one, never compiled: no optimizer state is saved.
    """
    trained = architecture.build()
    trained.set_weights([weight.astype(np.float16).astype(np.float32) for weight in weights])
    trained.save(folder / "model.keras")
    _compress(folder / "model.keras")
    trained.export(
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

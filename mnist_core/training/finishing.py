"""The end of a training: the best epoch is calibrated, written, and evaluated once on the test digits."""

import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core.data.datasets import DigitSet
from mnist_core.data.pen_files import PenDigits
from mnist_core.jobs.cores import given_cores
from mnist_core.metrics.accuracy import Accuracy, log_loss
from mnist_core.metrics.calibration import at_temperature, fitted_temperature, fold_temperature
from mnist_core.metrics.entropy import fitted_threshold
from mnist_core.models.classifier import Classifier
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.runs.run import Run
from mnist_core.training.backend import keras, tf
from mnist_core.training.saving import save_model
from mnist_core.training.validation import BestEpoch, Validator, round_to_float16


def write_best_epoch(
    best: BestEpoch,
    validator: Validator,
    *,
    config: TrainingConfig,
    digit_set: DigitSet,
    folder: Path,
    name: str,
    training_digits: int,
    seconds: float,
    pens: PenDigits | None = None,
    keras_model: bool = True,
) -> Run:
    """Write the best epoch's network and its predictions on the test digits to `folder`, and describe the run.

    name: the run's. training_digits: how many digits of the data set an epoch was made from. seconds: how long the
    training took. pens: the pen strokes that it learned from, None if there were none. keras_model: whether to write
    model.keras.
    """
    labels, model = validator.validation_set.labels, validator.model
    temperature = fitted_temperature(best.probabilities, labels) if config.calibrated else 1.0
    threshold = None
    if config.out_of_distribution:
        threshold = fitted_threshold(at_temperature(best.probabilities, temperature))
    model.set_weights(round_to_float16(fold_temperature(best.weights, temperature)))
    save_model(model, folder, keras_model=keras_model)
    test = digit_set.test
    classifier = Classifier(folder / "model.tflite", threads=given_cores())
    probabilities = classifier.probabilities(test.pixels())
    np.savez_compressed(folder / "test_predictions.npz", probabilities=probabilities, labels=test.labels)
    return Run(
        folder=folder,
        name=name,
        architecture=config.architecture,
        recipe=config.recipe,
        title=f"{ARCHITECTURES[config.architecture].title}, {config.recipe}",
        parameters=model.count_params(),
        config=config.to_json(),
        versions=_versions(),
        data={
            "name": digit_set.name,
            "digest": digit_set.digest,
            "digits": training_digits,
            "validation_digits": validator.validation_set.original_count,
            "test_digits": len(test),
            **({"pens": _described(pens)} if config.pen_fraction else {}),
        },
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        duration_seconds=seconds,
        best_epoch=best.epoch,
        validation_accuracy=validator.original_accuracy(best.probabilities),
        temperature=temperature,
        entropy_threshold=threshold,
        keras_model=keras_model,
        test=Accuracy.of(probabilities.argmax(axis=1), test.labels),
        test_loss=log_loss(probabilities, test.labels),
    )


def _described(pens: PenDigits | None) -> dict[str, Any] | None:
    """What a run says about the pen strokes that it learned from."""
    if pens is None:
        return None
    return {"digest": pens.digest(), "digits": len(pens), "writers": len(np.unique(pens.donors))}


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version(), "keras": keras.version(), "tensorflow": tf.__version__}
    for package in ("numpy", "ai-edge-litert"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:  # the package may come from a distribution of another name
            versions[package] = "unknown"
    return versions

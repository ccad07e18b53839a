"""The files of a run, and run.json as it is written and read.

    trained_models/cnn-specified/
        model.keras           the network, float32, without optimizer state
        model.tflite          the same network for LiteRT, with the same weights
        run.json              settings, seed, versions, digest of the data, duration, results
        history.json          loss and accuracy of each epoch, training and validation
        test_predictions.npz  probabilities (10000, 10) float32 for MNIST's test digits, and their labels

Runs of a sweep have no model.keras unless somebody asks for it. Their run.json says so: "keras_model" is false.

`FORMAT` is the version of run.json. Version 1 has other names for some fields. `upgraded` gives them today's, so that
runs of that version can still be opened.
"""

import json
from pathlib import Path
from typing import Any

from mnist_core.data.datasets import canonical_name
from mnist_core.errors import RunError
from mnist_core.metrics.accuracy import Accuracy
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.folders import name_of
from mnist_core.runs.run import Run

FORMAT = 2
"""Version of run.json that is written. A reader refuses a newer one."""

MOST_TEXT = 5_000_000
"""Bytes of a JSON file of a run, at most. One with a thousand epochs has a tenth of that."""

KERAS_MODEL = "model.keras"
FILES = (KERAS_MODEL, "model.tflite", "run.json", "history.json", "test_predictions.npz")

RENAMED_SETTINGS = {
    "share": "fraction",
    "scribbles": "out_of_distribution",
    "softening": "distillation_temperature",
    "averaging": "ema_epochs",
}
"""Settings of a training by their names in version 1, with today's."""


def read_text(path: Path) -> str:
    """The content of a JSON file of a run. Raises ValueError if it is larger than such a file can be, or OSError."""
    if (size := path.stat().st_size) > MOST_TEXT:
        raise ValueError(f"{size:,} bytes, expected at most {MOST_TEXT:,}")
    return path.read_text(encoding="utf-8")


def upgraded_config(values: dict[str, Any]) -> dict[str, Any]:
    """The settings of a training, of any known version, with today's names. Unknown settings stay as they are.

    >>> upgraded_config({"epochs": 12, "share": 0.5})
    {'epochs': 12, 'fraction': 0.5}
    """
    return {RENAMED_SETTINGS.get(name, name): value for name, value in values.items()}


def upgraded(facts: dict[str, Any]) -> dict[str, Any]:
    """The content of a run.json of version 1 as version 2 has it. The content of any other version stays as it is."""
    if facts["format"] != 1:
        return facts
    return {
        **facts,
        "format": FORMAT,
        "config": upgraded_config(dict(facts["config"])),
        "entropy_threshold": facts.get("doubt_threshold"),
        "test": {**facts["test"], "incorrect": facts["test"]["wrong"]},
    }


def describe(run: Run) -> dict[str, Any]:
    """The content of run.json for a run, as plain JSON values. `parse` makes the run from it again."""
    return {
        "format": FORMAT,
        "architecture": run.architecture,
        "recipe": run.recipe,
        "title": run.title,
        "parameters": run.parameters,
        "config": run.config,
        "versions": run.versions,
        "data": run.data,
        "created": run.created,
        "duration_seconds": round(run.duration_seconds, 2),
        "best_epoch": run.best_epoch,
        "validation_accuracy": run.validation_accuracy,
        "temperature": run.temperature,
        "entropy_threshold": run.entropy_threshold,
        "test": {**run.test.to_json(), "loss": run.test_loss},
        **({} if run.keras_model else {"keras_model": False}),
    }


def parse(path: Path, facts: dict[str, Any]) -> Run:
    """The run that the content of a run.json describes. path: the run's folder.

    Raises ValueError, KeyError, TypeError, AttributeError or OverflowError for any other content; `store.load_run` puts
    that into words.
    """
    facts = upgraded(facts)
    if facts["format"] != FORMAT:
        raise ValueError(f"format {facts['format']!r}, this version reads 1 to {FORMAT}")
    if facts["architecture"] not in ARCHITECTURES:
        raise ValueError(f"architecture {facts['architecture']!r}, this version knows {', '.join(ARCHITECTURES)}")
    test = facts["test"]
    return Run(
        folder=path,
        name=name_of(path),
        architecture=str(facts["architecture"]),
        recipe=str(facts["recipe"]),
        title=str(facts["title"]),
        parameters=int(facts["parameters"]),
        config=_with_canonical_name(facts["config"], "data"),
        versions=dict(facts["versions"]),
        data=_with_canonical_name(facts["data"], "name"),
        created=str(facts["created"]),
        duration_seconds=float(facts["duration_seconds"]),
        best_epoch=int(facts["best_epoch"]),
        validation_accuracy=float(facts["validation_accuracy"]),
        test=Accuracy.from_counts(int(test["incorrect"]), int(test["count"])),
        test_loss=float(test["loss"]),
        temperature=float(facts.get("temperature", 1.0)),
        entropy_threshold=None if facts.get("entropy_threshold") is None else float(facts["entropy_threshold"]),
        keras_model=facts.get("keras_model", True) is not False,
    )


def _with_canonical_name(section: dict[str, Any], key: str) -> dict[str, Any]:
    """A part of run.json with today's name of its data set. Older runs say "MNIST"."""
    return {**section, key: canonical_name(str(section[key]))} if key in section else dict(section)


def load_history(run: Run) -> dict[str, list[float]]:
    """The history of a run: loss, accuracy, val_loss, val_accuracy, learning_rate and seconds, with a value per epoch.

    Raises RunError if history.json is damaged.
    """
    try:
        history = json.loads(read_text(run.folder / "history.json"))
        return {str(key): [float(value) for value in values] for key, values in history.items()}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise RunError(
            f"history.json of the run {run.name!r} is damaged ({error}). Delete {run.folder} and train it again."
        ) from error

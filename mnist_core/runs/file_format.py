"""The files of a run, and run.json as it is written and read.

    trained_models/cnn-specified/
        model.keras           the network, float32, without optimizer state
        model.tflite          the same network for LiteRT, with the same weights
        run.json              config, seed, versions, data digest, duration, figures
        history.json          loss and accuracy of each epoch, training and validation
        test_predictions.npz  probabilities (10000, 10) float32 for MNIST's test digits, and their labels

`FORMAT` is the version of run.json. Version 1 had other names for some fields; `upgraded` gives them today's, so that runs of that version
can still be opened.
"""

import json
from pathlib import Path
from typing import Any

from mnist_core.data.datasets import canonical_name
from mnist_core.errors import RunError
from mnist_core.metrics.accuracy import Accuracy
from mnist_core.models.architectures import ARCHITECTURES
from mnist_core.runs.run import Run

FORMAT = 2
"""Version of run.json that is written. A reader refuses a newer one."""

FILES = ("model.keras", "model.tflite", "run.json", "history.json", "test_predictions.npz")


RENAMED_SETTINGS = {
    "share": "fraction",
    "scribbles": "out_of_distribution",
    "softening": "distillation_temperature",
    "averaging": "ema_epochs",
}
"""Settings of a training by their names in version 1, with today's."""


def upgraded(facts: dict[str, Any]) -> dict[str, Any]:
    """The content of a run.json of any known version, as version 2 has it. Anything else comes back as it is."""
    if facts["format"] != 1:
        return facts
    test, config = dict(facts["test"]), dict(facts["config"])
    return {
        **facts,
        "format": 2,
        "config": {RENAMED_SETTINGS.get(name, name): value for name, value in config.items()},
        "entropy_threshold": facts.get("doubt_threshold"),
        "test": {**test, "incorrect": test["wrong"]},
    }


def describe(run: Run) -> dict[str, Any]:
    """A run as plain JSON values: what run.json holds. `load_run` reads it back."""
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
    }


def parse(path: Path, facts: dict[str, Any]) -> Run:
    """The run that the content of a run.json describes. path: the run's folder.

    Raises ValueError, KeyError, TypeError, AttributeError or OverflowError for content that is no run's; `store.load_run` says so in words.
    """
    facts = upgraded(facts)
    if facts["format"] != FORMAT:
        raise ValueError(f"format {facts['format']!r}, this version reads {FORMAT}")
    if facts["architecture"] not in ARCHITECTURES:
        raise ValueError(f"architecture {facts['architecture']!r}, this version knows {', '.join(ARCHITECTURES)}")
    test = facts["test"]
    return Run(
        folder=path,
        name=path.name,
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
    )


def _with_canonical_name(section: dict[str, Any], key: str) -> dict[str, Any]:
    """A part of run.json with today's name of its data set. Older runs say "MNIST"."""
    return {**section, key: canonical_name(str(section[key]))} if key in section else dict(section)


def load_history(run: Run) -> dict[str, list[float]]:
    """loss, accuracy, val_loss, val_accuracy, learning_rate and seconds, a value an epoch each."""
    try:
        history = json.loads((run.folder / "history.json").read_text(encoding="utf-8"))
        return {str(key): [float(value) for value in values] for key, values in history.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise RunError(
            f"history.json of the run {run.name!r} is damaged ({error}). Delete {run.folder} and train it again."
        ) from error

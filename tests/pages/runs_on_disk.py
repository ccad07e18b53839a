"""Folders of runs for tests of pages: as many as wanted, whole, damaged or of other digits."""

import json
import shutil
from pathlib import Path

import numpy as np

from tests.conftest import ROOT

SHIPPED = ROOT / "trained_models"


def copies(folder: Path, count: int) -> list[str]:
    """That many runs, copies of the shipped MLP and CNN in turn; their names."""
    names = []
    for number in range(count):
        source = SHIPPED / ("mlp-specified" if number % 2 == 0 else "cnn-specified")
        names.append(source.name if number < 2 else f"{source.name}-{number}")
        shutil.copytree(source, folder / names[-1])
    return names


def foreign(folder: Path, name: str = "elsewhere", *, count: int = 200) -> str:
    """A run that was tested on digits that this machine has not."""
    shutil.copytree(SHIPPED / "mlp-specified", folder / name)
    facts = json.loads((folder / name / "run.json").read_text())
    facts["data"] = {"name": "somebody's", "digest": "0" * 64}
    facts["test"].update(count=count, incorrect=count // 2)
    (folder / name / "run.json").write_text(json.dumps(facts))
    labels = (np.arange(count) % 10).astype(np.uint8)
    probabilities = np.full((count, 10), 0.05, np.float32)
    probabilities[np.arange(count), np.where(np.arange(count) % 2, labels, (labels + 1) % 10)] = 0.55
    np.savez(folder / name / "test_predictions.npz", probabilities=probabilities, labels=labels)
    return name


def damage(folder: Path, name: str, file: str) -> None:
    """Half of that file is lost."""
    path = folder / name / file
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

"""What the tests of the commands share: a picture, a folder of runs, files of digits, and the program as a process."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_core.data.preprocessing import from_strokes
from tests.conftest import ROOT, three


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture of a 3."""
    path = tmp_path / "three.png"
    Image.fromarray((255 - from_strokes(three()) * 255).astype(np.uint8)).resize((280, 280)).save(path)
    return path


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of runs of one's own: copies of the specified ones."""
    folder = tmp_path / "runs"
    for name in ("mlp-specified", "cnn-specified"):
        shutil.copytree(ROOT / "trained_models" / name, folder / name)
    monkeypatch.setenv("TRAINED_MODELS", str(folder))
    return folder


@pytest.fixture
def threes(tmp_path: Path) -> Callable[..., Path]:
    """Makes a file of pictures of a 3 with the given labels."""

    def made(*labels: int) -> Path:
        path = tmp_path / "some.npz"
        np.savez(path, x=np.stack([from_strokes(three())] * len(labels)), y=np.array(labels))
        return path

    return made


def digit_duel(*arguments: object, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own, as a shell starts it; all that it writes is captured."""
    command = [sys.executable, "-m", "mnist_core", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=timeout, check=False)

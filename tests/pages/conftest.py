"""What the tests of pages share: a folder of runs, a machine without MNIST, and a stand-in for the canvas package.

Outside of a server the canvas package cannot be imported, because its assets are registered there.
"""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from mnist_core.metrics.accuracy import Accuracy
from mnist_core.runs import measurements
from mnist_core.runs.measurements import SHIFTS, Measured

stand_in = ModuleType("streamlit_drawable_canvas")
stand_in.st_canvas = lambda **options: None  # type: ignore[attr-defined]
sys.modules["streamlit_drawable_canvas"] = stand_in


@pytest.fixture(autouse=True)
def runs_are_listed_anew() -> None:
    """Pages keep the list of runs for some seconds, longer than a test takes with a folder of its own."""
    from pages.parts.cached_runs import listed

    listed.clear()


@pytest.fixture(autouse=True)
def shared_objects_are_made_anew() -> None:
    """A server has one queue of trainings and one set of running sweeps, and each test is a server of its own."""
    from pages.train import shared_jobs, shared_sweeps

    for shared in (shared_jobs.queue, shared_jobs.launcher, shared_jobs.estimates, shared_sweeps.background):
        shared.forget()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty trained_models/. Measuring a run takes no time: the figures are made up."""
    from pages.compare import cached_summaries

    cached_summaries._measurements.forget()
    made_up = Measured(50.0, tuple(Accuracy.from_counts(by * 10, 1000) for by in SHIFTS))
    monkeypatch.setattr(measurements, "measure", lambda classifier: made_up)
    monkeypatch.setenv("TRAINED_MODELS", str(tmp_path / "runs"))
    (tmp_path / "runs").mkdir()
    return tmp_path / "runs"


@pytest.fixture
def without_mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which MNIST is not."""
    monkeypatch.delenv("MNIST_NPZ", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))

"""Runs, their models and what is stored with them, loaded once for all visitors.

What is cached is shared and never changed. The keys of the caches hold the run's folder and when the run was made, so
that a run that is trained again under the same name is loaded again.
"""

from functools import lru_cache
from pathlib import Path

import streamlit as st

from mnist_core.data.preprocessing import blank
from mnist_core.models.classifier import Classifier
from mnist_core.models.network import Network
from mnist_core.models.weights import read_network
from mnist_core.reporting.run_styles import RunStyle, run_styles
from mnist_core.runs import file_format, predictions, store
from mnist_core.runs.corruption_results import FILE, CorruptionResults, load_corruption_results
from mnist_core.runs.predictions import TestPredictions
from mnist_core.runs.run import DamagedRun, Run

RunKey = tuple[str, str, str]


@st.cache_resource(ttl="5s", max_entries=1, show_spinner=False)
def listed() -> tuple[dict[str, Run], list[DamagedRun]]:
    """All usable runs by name, and the folders that hold none.

    After `listed.clear()` the folder is listed again at once.
    """
    found, damaged = store.list_runs()
    return {run.name: run for run in found}, damaged


def all_runs() -> dict[str, Run]:
    """Every usable run, by name. A new one appears within seconds, or at once after `listed.clear()`."""
    return dict(listed()[0])


def run_key(run: Run) -> RunKey:
    """What tells this run from all others, also from an older one of the same name: its name, when it was made,
    and its folder.
    """
    return run.name, run.created, str(run.folder)


def run_styles_of(picked: list[Run]) -> dict[str, RunStyle]:
    """The colour, line and symbol of each of these runs in the charts, by name."""
    return run_styles({run.name: run.architecture for run in picked})


def architecture_style(architecture: str) -> RunStyle:
    """The colour, line and symbol of an architecture."""
    return run_styles({architecture: architecture})[architecture]


def history(run: Run) -> dict[str, list[float]]:
    """The run's figures after each epoch, see file_format.load_history. Raises RunError."""
    return _history(run_key(run), run)


def test_predictions(run: Run) -> TestPredictions:
    """The run's predictions for the test digits, see predictions.load_test_predictions. Raises RunError."""
    return _test_predictions(run_key(run), run)


def corruption_results(run: Run) -> CorruptionResults | None:
    """How well the run predicts corrupted digits, see load_corruption_results. Raises RunError.

    A measurement that is made while the server runs counts at once.
    """
    try:
        written = (run.folder / FILE).stat().st_mtime_ns
    except OSError:
        return None
    return _corruption_results(run_key(run), written, run)


def classifier(run: Run) -> Classifier:
    """The run's model, ready to predict. Raises RunError."""
    return _classifier(run_key(run), run.model_path)


def network(run: Run) -> Network:
    """The layers of the run's network with their weights. Raises RunError."""
    return _network(run_key(run), run)


@st.cache_resource(max_entries=64, show_spinner=False)
def _history(key: RunKey, _run: Run) -> dict[str, list[float]]:
    return file_format.load_history(_run)


@st.cache_resource(max_entries=32, show_spinner=False)  # half a megabyte each
def _test_predictions(key: RunKey, _run: Run) -> TestPredictions:
    return predictions.load_test_predictions(_run)


@st.cache_resource(max_entries=32, show_spinner=False)  # 0.8 megabytes each
def _corruption_results(key: RunKey, written: int, _run: Run) -> CorruptionResults | None:
    return load_corruption_results(_run)


@lru_cache(maxsize=32)  # Streamlit's cache takes longer to find a model than some models take to predict.
def _classifier(key: RunKey, path: Path) -> Classifier:
    model = Classifier(path)
    model.predict(blank())  # the first prediction sets up buffers; no visitor should wait for it or see its time
    return model


@st.cache_resource(max_entries=16, show_spinner=False)  # up to two megabytes each
def _network(key: RunKey, _run: Run) -> Network:
    return read_network(_run.model_path)

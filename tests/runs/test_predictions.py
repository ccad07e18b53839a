"""What is stored with a run is loaded again, or refused with a reason."""

import dataclasses
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from mnist_core.errors import RunError
from mnist_core.runs.predictions import load_test_predictions
from mnist_core.runs.run import Run
from mnist_core.runs.store import load_run
from tests.conftest import ROOT


@pytest.fixture
def run(tmp_path: Path) -> Run:
    shutil.copytree(ROOT / "trained_models" / "mlp-specified", tmp_path / "mlp-specified")
    return load_run("mlp-specified", tmp_path)


def test_the_stored_predictions_give_the_figures_of_run_json(run: Run) -> None:
    stored = load_test_predictions(run)
    assert stored.probabilities.shape == (10_000, 10)
    assert stored.probabilities.dtype == np.float32
    assert int((stored.predicted != stored.labels).sum()) == run.test.incorrect


def test_a_damaged_file_is_refused_with_the_run_s_name(run: Run) -> None:
    path = run.folder / "test_predictions.npz"
    good = path.read_bytes()
    for content in (b"", b"no archive", good[:5000], good[:200_000] + bytes(100) + good[200_100:]):
        path.write_bytes(content)
        with pytest.raises(RunError, match="of the run 'mlp-specified' is damaged"):
            load_test_predictions(run)


def test_an_array_whose_header_is_cut_is_refused(run: Run) -> None:
    with zipfile.ZipFile(run.folder / "test_predictions.npz", "w") as archive:
        for name in ("probabilities.npy", "labels.npy"):
            header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (10000, 10"
            archive.writestr(name, b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    with pytest.raises(RunError, match="of the run 'mlp-specified' is damaged"):
        load_test_predictions(run)


def test_a_file_that_unpacks_to_far_more_than_predictions_is_refused_before_it_is_unpacked(run: Run) -> None:
    np.savez_compressed(run.folder / "test_predictions.npz", probabilities=np.zeros((2_000_000, 10), np.float32))
    with pytest.raises(RunError, match="bytes unpacked, expected at most"):
        load_test_predictions(run)


@pytest.mark.parametrize(
    "arrays",
    [
        {"labels": np.zeros(10_000, np.uint8)},
        {"probabilities": np.zeros((10_000, 9), np.float32), "labels": np.zeros(10_000, np.uint8)},
        {"probabilities": np.zeros((10_000, 10), np.float32), "labels": np.full(10_000, 10, np.uint8)},
        {"probabilities": np.full((10_000, 10), np.nan, np.float32), "labels": np.zeros(10_000, np.uint8)},
        {"probabilities": np.zeros((10_000, 10), int), "labels": np.zeros(10_000, np.uint8)},
        {"probabilities": np.array([None]), "labels": np.zeros(10_000, np.uint8)},
    ],
)
def test_arrays_of_another_kind_are_refused(run: Run, arrays: dict[str, np.ndarray]) -> None:
    np.savez(run.folder / "test_predictions.npz", **arrays)
    with pytest.raises(RunError, match="damaged"):
        load_test_predictions(run)


def test_predictions_of_another_test_set_are_refused(run: Run) -> None:
    other = dataclasses.replace(run, test=dataclasses.replace(run.test, count=360))
    with pytest.raises(RunError, match="360"):
        load_test_predictions(other)

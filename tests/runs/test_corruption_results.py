"""What is stored of a run's predictions for corrupted digits, and when it counts."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from mnist_core.distortions import corruptions
from mnist_core.errors import RunError
from mnist_core.runs.corruption_results import (
    FILE,
    CorruptionResults,
    load_corruption_results,
    write_corruption_results,
)
from mnist_core.runs.run import Run
from mnist_core.runs.store import load_run, rename
from tests.conftest import ROOT
from tests.runs.made_up_results import made_up_results


@pytest.fixture
def run(tmp_path: Path) -> Run:
    shutil.copytree(ROOT / "trained_models" / "mlp-specified", tmp_path / "mine")
    (tmp_path / "mine" / FILE).unlink(missing_ok=True)
    return load_run("mine", tmp_path)


@pytest.fixture
def results() -> CorruptionResults:
    return made_up_results(203)


def edited(run: Run, **changes: object) -> None:
    path = run.folder / FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_what_is_stored_is_read_again(run: Run, results: CorruptionResults) -> None:
    assert load_corruption_results(run) is None
    write_corruption_results(run, results)
    found = load_corruption_results(run)
    assert found is not None
    np.testing.assert_array_equal(found.incorrect, results.incorrect)
    assert [path.name for path in run.folder.iterdir() if path.suffix == ".partial"] == []


def test_a_renamed_run_keeps_its_measurement(run: Run, results: CorruptionResults, tmp_path: Path) -> None:
    write_corruption_results(run, results)
    assert load_corruption_results(rename("mine", "yours", tmp_path)) is not None


def test_the_means_are_those_of_the_bits(results: CorruptionResults) -> None:
    fog = list(corruptions.CORRUPTIONS).index("fog")
    assert results.fraction("fog", 2) == pytest.approx(1 - results.incorrect[fog, 1].mean())
    assert results.fraction("fog") == pytest.approx(1 - results.incorrect[fog].mean())
    assert results.mean.fraction == pytest.approx(1 - results.incorrect.mean())
    assert results.mean.incorrect == results.incorrect.sum()
    assert results.mean.count == results.incorrect.size
    assert results.accuracy("fog", 2).incorrect == results.incorrect_digits("fog", 2).sum()


def test_the_interval_takes_digits_and_not_their_versions_as_the_sample(results: CorruptionResults) -> None:
    """All versions of a digit alike: then 75 versions tell no more than one."""
    alike = CorruptionResults(np.broadcast_to(results.incorrect[0, 0], results.incorrect.shape))
    fraction = alike.mean.fraction
    spread = 1.96 * np.sqrt(fraction * (1 - fraction) / alike.count)
    assert alike.mean.high - alike.mean.low == pytest.approx(2 * spread, rel=0.01)


def test_it_does_not_count_for_another_model(run: Run, results: CorruptionResults) -> None:
    write_corruption_results(run, results)
    shutil.copy(ROOT / "trained_models" / "mlp-robust" / "model.tflite", run.model_path)
    assert load_corruption_results(run) is None


def test_it_does_not_count_under_another_description(
    run: Run, results: CorruptionResults, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_corruption_results(run, results)
    monkeypatch.setattr(corruptions, "VERSION", corruptions.VERSION + 1)
    assert load_corruption_results(run) is None


def test_it_does_not_count_for_other_digits(run: Run, results: CorruptionResults) -> None:
    write_corruption_results(run, results)
    edited(run, digits="0" * 64)
    assert load_corruption_results(run) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 2},
        {"count": 0},
        {"count": 10**9},
        {"count": 300},
        {"incorrect": {}},
        {"incorrect_digits": {"fog": ["!"]}},
        {"incorrect_digits": 7},
    ],
    ids=str,
)
def test_a_damaged_file_is_refused_with_the_command_that_helps(
    run: Run, results: CorruptionResults, changes: dict[str, object]
) -> None:
    write_corruption_results(run, results)
    edited(run, **changes)
    with pytest.raises(RunError, match="evaluate mine --data corruptions"):
        load_corruption_results(run)


def test_a_count_that_does_not_fit_its_digits_is_refused(run: Run, results: CorruptionResults) -> None:
    write_corruption_results(run, results)
    counts = json.loads((run.folder / FILE).read_text())["incorrect"]
    counts["fog"][2] += 1
    edited(run, incorrect=counts)
    with pytest.raises(RunError, match="fog has"):
        load_corruption_results(run)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1', "null"])
def test_a_file_that_is_something_else_is_refused(run: Run, text: str) -> None:
    (run.folder / FILE).write_text(text)
    with pytest.raises(RunError, match="is damaged"):
        load_corruption_results(run)


def test_a_measurement_that_cannot_be_written_leaves_nothing(
    run: Run, results: CorruptionResults, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(RunError, match="No space left on device"):
        write_corruption_results(run, results)
    assert not [path for path in run.folder.iterdir() if path.suffix == ".partial" or path.name == FILE]

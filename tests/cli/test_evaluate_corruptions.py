"""`digit-duel evaluate --data corruptions`."""

import json
from pathlib import Path

import numpy as np
import pytest

from mnist_core.cli import evaluate_corruptions, sweep_command
from mnist_core.cli.main import main
from mnist_core.data.datasets import DigitSet
from mnist_core.distortions.corruptions import CORRUPTIONS, corrupted
from mnist_core.formatting import percent
from mnist_core.models.classifier import Classifier
from mnist_core.reporting import report_sections
from mnist_core.runs.corruption_results import FILE, CorruptionResults, load_corruption_results
from mnist_core.runs.run import Run
from mnist_core.runs.store import load_run
from mnist_core.sweeps.sweep_store import load_sweep
from tests.sweeps.sweeps_on_disk import Launches


@pytest.fixture
def few(small_mnist: DigitSet, monkeypatch: pytest.MonkeyPatch) -> DigitSet:
    """Ten test digits in the place of MNIST's 10,000."""
    from mnist_core.data.datasets import Split

    test = Split(small_mnist.test.images[:10], small_mnist.test.labels[:10])
    digits = DigitSet(train=small_mnist.train, test=test, digest="few")
    monkeypatch.setattr(evaluate_corruptions, "load_digits", lambda data, *, quiet: digits)
    return digits


@pytest.fixture
def unmeasured(runs: Path) -> Path:
    for path in runs.glob(f"*/{FILE}"):
        path.unlink()
    return runs


def test_runs_are_measured_and_the_result_is_stored_with_each(
    unmeasured: Path, few: DigitSet, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "mlp-specified", "cnn-specified", "--data", "corruptions", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["results"]
    assert [each["run"] for each in told] == ["mlp-specified", "cnn-specified"]
    for each in told:
        run = load_run(each["run"], unmeasured)
        stored = load_corruption_results(run)
        assert stored is not None
        assert each["incorrect"] == dict(zip(CORRUPTIONS, stored.counts.tolist(), strict=True))
        foggy = corrupted(few.test.images, range(10), CORRUPTIONS["fog"], strength=2).astype(np.float32) / 255
        predicted = Classifier(run.model_path).probabilities(foggy).argmax(axis=1)
        np.testing.assert_array_equal(stored.incorrect_digits("fog", 2), predicted != few.test.labels)


def test_a_measurement_that_is_interrupted_leaves_the_runs_as_they_were(
    unmeasured: Path, few: DigitSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.stat().st_mtime_ns for path in unmeasured.rglob("*")}

    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Classifier, "probabilities", interrupted)
    assert main(["evaluate", "mlp-specified", "--data", "corruptions"]) == 130
    assert {path: path.stat().st_mtime_ns for path in unmeasured.rglob("*")} == before


def test_a_sweep_is_measured_in_one_step_and_only_where_it_is_not_yet(
    unmeasured: Path, few: DigitSet, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate_corruptions, "AT_ONCE", 2)
    launches = Launches(unmeasured)
    monkeypatch.setattr(sweep_command, "LocalTraining", launches)
    assert main(["sweep", "mlp", "--vary", "epochs=1,2,3", "--name", "mine", "--data", "offline"]) == 0
    assert "corrupted" not in capsys.readouterr().out
    wanted, write = [], evaluate_corruptions.write_corruption_results

    def interrupted(run: Run, results: CorruptionResults) -> None:
        if len(wanted) == 2:
            raise KeyboardInterrupt
        wanted.append(run.name)
        write(run, results)

    monkeypatch.setattr(evaluate_corruptions, "write_corruption_results", interrupted)
    assert main(["evaluate", "mine", "--data", "corruptions"]) == 130
    assert "stopped; 2 of 3 runs are measured and stored" in capsys.readouterr().err
    monkeypatch.setattr(evaluate_corruptions, "write_corruption_results", write)
    assert main(["evaluate", "mine", "--data", "corruptions", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["results"]
    assert {told["run"], *wanted} == {f"mine/mlp-epochs-{epochs}-seed-1" for epochs in (1, 2, 3)}
    assert main(["evaluate", "mine", "--data", "corruptions"]) == 0
    assert "measured already" in capsys.readouterr().err
    results = load_sweep("mine").results.values()
    assert [result.robustness for result in results] == [told["mean_accuracy"]] * 3  # copies of one model
    assert main(["sweep", "--extend", "mine", "--vary", "epochs=4", "--corruptions"]) == 0
    header, *rows = (line.split() for line in capsys.readouterr().out.splitlines()[:5])
    assert header[-1] == "corrupted"
    assert {" ".join(row[-2:]) for row in rows} == {percent(told["mean_accuracy"])}
    assert "<th scope='col'>corrupted digits</th>" in report_sections.sweep(load_sweep("mine"))
    assert main(["evaluate", "mine", "--data", "offline", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["results"]) == 4
    assert main(["evaluate", "data-fraction", "--data", "corruptions"]) == 1
    assert "as figures without models" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--as-drawn"], ["--seed", "3"], ["--mistakes", "some.png"]], ids=lambda o: o[0])
def test_options_that_change_the_digits_are_refused(
    unmeasured: Path, option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "mlp-specified", "--data", "corruptions", *option]) == 1
    assert "do not go with --data corruptions" in capsys.readouterr().err

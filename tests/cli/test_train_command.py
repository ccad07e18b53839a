"""`digit-duel train` and `digit-duel estimate`."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from mnist_core.cli import main as cli
from mnist_core.data import datasets
from mnist_core.data.datasets import DigitSet, arrays_digest
from mnist_core.runs import recipes
from mnist_core.runs.recipes import SETTINGS
from tests.conftest import ROOT

WITHOUT_SIGNALS = sys.platform == "win32"
OFFLINE = ("mlp", "--data", "offline", "--epochs", "1000", "--batch-size", "50")


def small_file(path: Path, mnist: DigitSet) -> Path:
    """The small data set as an mnist.npz."""
    np.savez(
        path, x_train=mnist.train.images, y_train=mnist.train.labels, x_test=mnist.test.images, y_test=mnist.test.labels
    )
    return path


@pytest.mark.slow
@pytest.mark.parametrize("spoken", [True, False])
def test_train_writes_a_run_and_tells_of_it(
    spoken: bool,
    small_mnist: DigitSet,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    runs: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = small_file(tmp_path / "small.npz", small_mnist)
    monkeypatch.setenv("MNIST_NPZ", str(path))
    monkeypatch.setattr(
        "mnist_core.data.mnist.MNIST_DIGEST", arrays_digest(datasets.read_npz(path, tuple(datasets.IDX_FILES)))
    )
    monkeypatch.setattr(
        "mnist_core.runs.recipes.RECIPES",
        {"specified": {"mlp": recipes.TrainingConfig("mlp", "adam", 0.005, 50, 1, validation_digits=100)}},
    )
    assert cli.main(["train", "mlp", *(["--json"] if spoken else [])]) == 0
    output = capsys.readouterr().out
    assert (runs / "mlp-custom").is_dir() or (runs / "mlp-specified-2").is_dir()
    if spoken:
        events = [json.loads(line) for line in output.splitlines()]
        assert [events[0]["event"], events[-1]["event"]] == ["started", "finished"]
    else:
        assert "incorrect of 200" in output
    assert cli.main(["train", "mlp", "--name", "mlp-specified"]) == 1
    assert "--replace" in capsys.readouterr().err


@pytest.mark.slow
def test_train_learns_from_digits_of_ones_own(
    small_mnist: DigitSet, tmp_path: Path, runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.npz"
    np.savez(path, images=small_mnist.train.images, labels=small_mnist.train.labels)
    options = ["--data", str(path), "--validation-digits", "100", "--epochs", "2", "--batch-size", "50"]
    assert cli.main(["train", "mlp", *options, "--name", "own"]) == 0
    output = capsys.readouterr().out
    assert "Test digits of mine.npz: " in output
    assert "incorrect of 160" in output
    kept = json.loads((runs / "own" / "run.json").read_text())
    assert (kept["config"]["data"], kept["data"]["name"], kept["recipe"]) == (str(path), str(path), "custom")
    assert cli.main(["train", "--config", str(runs / "own" / "run.json"), "--name", "again", "--json"]) == 0
    again = json.loads((runs / "again" / "run.json").read_text())
    assert again["test"] == kept["test"]


def test_too_few_digits_are_a_message_with_the_numbers(
    small_mnist: DigitSet, tmp_path: Path, runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = small_file(tmp_path / "mine.npz", small_mnist)
    assert cli.main(["train", "mlp", "--data", str(path), "--validation-digits", "800"]) == 1
    assert "validation_digits is 800, expected 1 to 799" in capsys.readouterr().err


@pytest.mark.slow
def test_of_few_digits_a_fifth_is_held_out_unless_somebody_says_how_many(
    small_mnist: DigitSet, tmp_path: Path, runs: Path
) -> None:
    path = tmp_path / "mine.npz"
    np.savez(path, images=small_mnist.train.images[:300], labels=small_mnist.train.labels[:300])
    assert cli.main(["train", "mlp", "--data", str(path), "--epochs", "1", "--name", "few"]) == 0
    kept = json.loads((runs / "few" / "run.json").read_text())
    assert (kept["data"]["digits"], kept["data"]["validation_digits"], kept["data"]["test_digits"]) == (192, 48, 60)
    assert kept["config"]["validation_digits"] == 48


def test_every_setting_has_an_option_with_its_meaning_range_and_default(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("train", "estimate"):
        with pytest.raises(SystemExit):
            cli.main([command, "--help"])
        text = " ".join(capsys.readouterr().out.split())
        for name in recipes.TrainingConfig.__dataclass_fields__:
            if name != "architecture":
                assert "--" + name.replace("_", "-") in text, name
        assert "(above 0 and at most 1; default: 0.005; specified cnn 0.001;" in text
        assert "(one of adam, rmsprop; default: adam; specified cnn rmsprop)" in text
        assert SETTINGS["dropout"].help.rstrip(".") in text


def test_settings_that_are_yes_or_no_can_be_switched(runs: Path) -> None:
    parser = cli.build_parser("train")
    from mnist_core.cli.training_options import config_of

    plain = config_of(parser.parse_args(["train", "cnn", "--recipe", "robust"]))
    assert (plain.normalisation, plain.calibrated, plain.recipe) == (True, True, "robust")
    changed = config_of(
        parser.parse_args(["train", "cnn", "--recipe", "robust", "--no-normalisation", "--data", "Offline"])
    )
    assert (changed.normalisation, changed.calibrated, changed.recipe) == (False, True, "custom")
    assert changed.data == "offline"


@pytest.mark.slow
@pytest.mark.skipif(WITHOUT_SIGNALS, reason="Windows sends no SIGINT to one process")
def test_ctrl_c_during_training_is_a_clean_stop(mnist: DigitSet, runs: Path) -> None:
    command = [sys.executable, "-m", "mnist_core", "train", "mlp", "--epochs", "500", "--name", "never", "--json"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=dict(os.environ)
    )
    assert process.stdout
    for line in process.stdout:
        if json.loads(line)["event"] == "progress":
            break
    process.send_signal(signal.SIGINT)
    start = time.monotonic()
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "stopped" in errors
    assert "Traceback" not in errors
    assert time.monotonic() - start < 10
    assert sorted(path.name for path in runs.iterdir()) == ["cnn-specified", "mlp-specified"]


def training(*options: str) -> subprocess.Popen[str]:
    """A training of the offline set in a process of its own, as a shell starts it."""
    command = [sys.executable, "-m", "mnist_core", "train", *options, "--json"]
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=dict(os.environ),
    )


def after_an_epoch(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    assert any(json.loads(line)["event"] == "epoch" for line in process.stdout)


@pytest.mark.slow
@pytest.mark.skipif(WITHOUT_SIGNALS, reason="Windows sends no SIGINT to one process")
def test_ctrl_c_with_keep_writes_the_best_epoch_so_far(runs: Path) -> None:
    process = training(*OFFLINE, "--name", "kept", "--keep")
    after_an_epoch(process)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    finished = json.loads(output.splitlines()[-1])
    assert (finished["event"], finished["stopped"]) == ("finished", True)
    assert (runs / "kept" / "run.json").is_file()


@pytest.mark.slow
def test_a_training_that_obeys_a_pipe_ends_when_the_pipe_closes(runs: Path) -> None:
    process = training("--config", "-", "--commands", "--name", "orphan")
    assert process.stdin
    config = recipes.recipe_config("specified", "mlp", data="offline", epochs=1000, batch_size=50)
    process.stdin.write(json.dumps(config.to_json()) + "\n")
    process.stdin.flush()
    after_an_epoch(process)
    process.stdin.close()
    assert process.wait(10) == 130
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    process.stderr.close()
    assert not list(runs.glob("*orphan*"))


def test_a_training_that_the_app_starts_yields_to_other_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    from mnist_core.cli import standard_input

    asked: list[int] = []

    class Process:
        def nice(self, value: int | None = None) -> int | None:
            return asked.append(value) if value is not None else 0

    monkeypatch.setattr(standard_input.psutil, "Process", Process)
    standard_input.yield_to_others()
    assert asked == [
        standard_input.NICENESS if sys.platform != "win32" else standard_input.psutil.BELOW_NORMAL_PRIORITY_CLASS
    ]


def test_a_run_json_is_a_config_to_train_by_again(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", "--config", str(runs / "mlp-specified" / "run.json"), "--name", "mlp-specified"]) == 1
    assert "already" in capsys.readouterr().err  # it was read, and only the name is taken


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--config", "absent.json"], "cannot be read as a config"),
        (["--config", str(ROOT / "README.md")], "cannot be read as a config"),
        (["mlp", "--config", "absent.json"], "one or the other"),
        (["--config", "absent.json", "--epochs", "3"], "--config together with --epochs; expected one or the other"),
        ([], "Nothing says what to train"),
        (["mlp", "--epochs", "0"], "epochs is 0"),
        (["mlp", "--data", "kmnist"], "mnist, offline"),
        (["mlp", "--name", "a/b"], "cannot name a run"),
    ],
)
def test_a_training_that_makes_no_sense_is_a_message_before_anything_is_loaded(
    runs: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    assert cli.main(["train", *options]) == 1
    assert message in capsys.readouterr().err


def test_a_prepared_training_that_nobody_needs_ends_without_a_word(runs: Path) -> None:
    process = training("--config", "-", "--commands", "--prepare")
    output, errors = process.communicate("", timeout=60)
    assert (process.returncode, output, errors) == (0, "", "")
    assert sorted(path.name for path in runs.iterdir()) == ["cnn-specified", "mlp-specified"]

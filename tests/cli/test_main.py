"""The command line: what people and scripts may rely on."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_core.cli import main as cli
from mnist_core.data import datasets, mnist_sources
from mnist_core.data.datasets import DigitSet, arrays_digest
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


def small_file(path: Path, mnist: DigitSet) -> Path:
    """The small data set as an mnist.npz."""
    np.savez(
        path, x_train=mnist.train.images, y_train=mnist.train.labels, x_test=mnist.test.images, y_test=mnist.test.labels
    )
    return path


def test_predict_reads_a_picture_with_both_models(picture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["predict", str(picture)]) == 0
    output = capsys.readouterr().out
    assert "mlp-robust reads 3" in output
    assert "cnn-robust reads 3" in output


def test_predict_speaks_json_and_goes_on_after_a_bad_picture(picture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["predict", "--json", "nowhere.png", str(picture), "--run", "cnn-specified"]) == 1
    captured = capsys.readouterr()
    bad, good = json.loads(captured.out)
    assert "cannot be read" in bad["error"]
    assert "nowhere.png" in captured.err
    assert good["predictions"]["cnn-specified"]["digit"] == 3
    assert sum(good["predictions"]["cnn-specified"]["probabilities"]) == pytest.approx(1, abs=1e-4)


def test_predict_reads_standard_input(
    picture: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(picture.read_bytes())))
    assert cli.main(["predict", "-"]) == 0
    assert "reads 3" in capsys.readouterr().out


def test_evaluate_measures_labelled_images(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    digit = from_strokes(three())
    np.savez(tmp_path / "some.npz", x=np.stack([digit] * 4), y=np.array([3, 3, 3, 5]))
    assert cli.main(["evaluate", "mlp-specified", "cnn-specified", "--data", str(tmp_path / "some.npz"), "--json"]) == 0
    results = json.loads(capsys.readouterr().out)["results"]
    assert [result["run"] for result in results] == ["mlp-specified", "cnn-specified"]
    for result in results:
        assert (result["incorrect"], result["count"]) == (1, 4)
        assert result["confusion"][5][3] == 1
        assert result["per_digit"]["3"]["accuracy"] == 1


def test_evaluate_draws_pen_digits_and_tells_donors_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stroke = (three(1000, 0, 0)[0]).round().astype(np.int16)
    np.savez(
        tmp_path / "pen.npz",
        points=np.concatenate([stroke, stroke]),
        stroke_offsets=np.array([0, len(stroke), 2 * len(stroke)]),
        digit_offsets=np.array([0, 1, 2]),
        labels=np.array([3, 3], np.uint8),
        donors=np.array(["ann", "bob"]),
    )
    command = ["evaluate", "cnn-specified", "--data", str(tmp_path / "pen.npz"), "--json"]
    assert cli.main(command) == 0
    first = capsys.readouterr().out
    assert set(json.loads(first)["results"][0]["per_donor"]) == {"ann", "bob"}
    assert json.loads(first)["results"][0]["incorrect"] == 0
    assert cli.main(command) == 0
    assert capsys.readouterr().out == first


def test_digits_that_do_not_occur_have_no_accuracy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez(tmp_path / "some.npz", x=np.stack([from_strokes(three())]), y=np.array([3]))
    assert cli.main(["evaluate", "cnn-specified", "--data", str(tmp_path / "some.npz"), "--json"]) == 0
    assert list(json.loads(capsys.readouterr().out)["results"][0]["per_digit"]) == ["3"]


def test_nothing_but_the_answer_is_printed(picture: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "mnist_core", "predict", str(picture)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert ended.stderr == ""
    assert ended.stdout.count("\n") == 1


def test_evaluate_prints_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez(tmp_path / "some.npz", x=np.stack([from_strokes(three())]), y=np.array([3]))
    assert cli.main(["evaluate", "cnn-specified", "--data", str(tmp_path / "some.npz")]) == 0
    output = capsys.readouterr().out
    assert "100.00% (0 wrong of 1, 95 % interval" in output
    assert "Accuracy by digit" in output


def test_evaluate_draws_the_surest_mistakes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez(tmp_path / "some.npz", x=np.stack([from_strokes(three())] * 3), y=np.array([3, 5, 8]))
    command = ["evaluate", "cnn-specified", "--data", str(tmp_path / "some.npz"), "--mistakes"]
    assert cli.main([*command, str(tmp_path / "mistakes.png")]) == 0
    with Image.open(tmp_path / "mistakes.png") as mistakes:
        assert mistakes.width == 1000
    assert cli.main([*command, str(tmp_path / "nowhere" / "mistakes.png")]) == 1
    assert cli.main([*command, str(tmp_path / "mistakes.xyz")]) == 1
    assert capsys.readouterr().err.count("cannot be written") == 2


def test_models_lists_what_is_there_and_what_is_damaged(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (runs / "broken").mkdir()
    assert cli.main(["models", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [run["name"] for run in listed["runs"]] == ["cnn-specified", "mlp-specified"]
    assert listed["runs"][1]["parameters"] == 407_050
    assert listed["damaged"][0]["name"] == "broken"
    assert cli.main(["models"]) == 0
    captured = capsys.readouterr()
    assert "407,050" in captured.out
    assert "broken" in captured.err


def test_models_without_any_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRAINED_MODELS", str(tmp_path / "none"))
    assert cli.main(["models"]) == 0
    assert "train cnn" in capsys.readouterr().out


@pytest.mark.parametrize(
    "command",
    [
        ["predict", "x.png", "--run", "nope"],
        ["evaluate", "nope"],
        ["evaluate", "mlp-specified", "--data", "nowhere.npz"],
    ],
)
def test_what_can_not_be_done_is_one_line_and_exit_code_1(
    command: list[str], capsys: pytest.CaptureFixture[str], mnist: DigitSet
) -> None:
    assert cli.main(command) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize(
    "command", [[], ["fly"], ["train", "rnn"], ["predict"], ["evaluate"], ["train", "mlp", "--epochs", "many"]]
)
def test_what_is_not_understood_is_usage_and_exit_code_2(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(command)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_without_mnist_and_network_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, picture: Path, runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MNIST_NPZ", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "empty"))
    monkeypatch.setattr(
        mnist_sources, "_fetch", lambda url, folder, progress: (_ for _ in ()).throw(OSError("no route to host"))
    )
    for command in (["train", "mlp"], ["evaluate", "mlp-specified"], ["download"]):
        assert cli.main(command) == 1
        message = capsys.readouterr().err
        assert "Check the network" in message
        assert "MNIST_NPZ" in message
    assert cli.main(["predict", str(picture)]) == 0
    assert cli.main(["models"]) == 0


def test_a_named_file_that_is_absent_is_not_replaced_by_a_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MNIST_NPZ", str(tmp_path / "gone.npz"))
    monkeypatch.setattr(mnist_sources, "_fetch", lambda url, folder, progress: pytest.fail("something was downloaded"))
    assert cli.main(["evaluate", "mlp-specified"]) == 1
    assert "gone.npz" in capsys.readouterr().err


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
        {"specified": {"mlp": cli.recipes.TrainingConfig("mlp", "adam", 0.005, 50, 1, validation_digits=100)}},
    )
    assert cli.main(["train", "mlp", *(["--json"] if spoken else [])]) == 0
    output = capsys.readouterr().out
    assert (runs / "mlp-custom").is_dir() or (runs / "mlp-specified-2").is_dir()
    if spoken:
        events = [json.loads(line) for line in output.splitlines()]
        assert [events[0]["event"], events[-1]["event"]] == ["started", "finished"]
    else:
        assert "wrong of 200" in output
    assert cli.main(["train", "mlp", "--name", "mlp-specified"]) == 1
    assert "--replace" in capsys.readouterr().err


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


OFFLINE = ("mlp", "--data", "offline", "--epochs", "1000", "--batch-size", "50")


def after_an_epoch(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    assert any(json.loads(line)["event"] == "epoch" for line in process.stdout)


def test_ctrl_c_with_keep_writes_the_best_epoch_so_far(runs: Path) -> None:
    process = training(*OFFLINE, "--name", "kept", "--keep")
    after_an_epoch(process)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    finished = json.loads(output.splitlines()[-1])
    assert (finished["event"], finished["stopped"]) == ("finished", True)
    assert (runs / "kept" / "run.json").is_file()


def test_a_training_that_obeys_a_pipe_ends_when_the_pipe_closes(runs: Path) -> None:
    process = training("--config", "-", "--commands", "--name", "orphan")
    assert process.stdin
    config = cli.recipes.recipe_config("specified", "mlp", data="offline", epochs=1000, batch_size=50)
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


def test_a_run_json_is_a_config_to_train_by_again(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", "--config", str(runs / "mlp-specified" / "run.json"), "--name", "mlp-specified"]) == 1
    assert "already" in capsys.readouterr().err  # it was read, and only the name is taken


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--config", "absent.json"], "cannot be read as a config"),
        (["--config", str(ROOT / "README.md")], "cannot be read as a config"),
        (["mlp", "--config", "absent.json"], "one or the other"),
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


def test_runs_are_promoted_renamed_listed_and_deleted_from_the_shell(
    runs: Path, capsys: pytest.CaptureFixture[str], picture: Path
) -> None:
    shutil.copytree(runs / "mlp-specified", runs / "mine")
    assert cli.main(["runs", "promote", "mine"]) == 0
    assert cli.main(["predict", str(picture)]) == 0
    assert "mine reads" in capsys.readouterr().out  # what is in use reads, here as on the draw page
    assert cli.main(["runs", "rename", "mine", "yours", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"action": "rename", "runs": ["mine", "yours"]}
    assert cli.main(["runs"]) == 0
    assert "yours" in capsys.readouterr().out
    assert cli.main(["runs", "delete", "yours"]) == 1  # nobody at a terminal says yes
    assert (runs / "yours").is_dir()
    assert cli.main(["runs", "delete", "yours", "--yes"]) == 0
    assert not (runs / "yours").exists()


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["rename", "mlp-specified", "mine"], "part of the project"),
        (["delete", "cnn-specified", "--yes"], "part of the project"),
        (["promote", "nobody"], "no run 'nobody'"),
        (["rename", "one"], "takes 2 names"),
    ],
)
def test_what_must_not_happen_to_a_run_is_a_message(
    runs: Path, capsys: pytest.CaptureFixture[str], command: list[str], message: str
) -> None:
    assert cli.main(["runs", *command]) == 1
    assert message in capsys.readouterr().err
    assert sorted(path.name for path in runs.iterdir()) == ["cnn-specified", "mlp-specified"]

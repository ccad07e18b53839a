"""The program as a whole: its help, its exit codes, its messages."""

import json
import os
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path

import pytest

from mnist_core.cli import main as cli
from mnist_core.cli.training_options import add_training_options, config_of
from mnist_core.data import datasets, mnist_sources, pen_sources
from mnist_core.data.datasets import DigitSet
from mnist_core.data.unipen import parse_unipen
from mnist_core.errors import ConfigError
from mnist_core.runs.recipes import USUAL_PEN_FRACTION
from tests.conftest import ROOT
from tests.data.pen_stand_in import TEXT, write_zip
from tests.data.unix_compress import compressed

WITHOUT_SERVER = [name for name, command in cli.COMMANDS.items() if not command.serves]


@pytest.mark.parametrize(
    "command",
    [
        ["predict", "x.png", "--run", "nope"],
        ["evaluate", "nope"],
        ["evaluate", "mlp-specified", "--data", "nowhere.npz"],
        ["evaluate", "mlp-specified", "--data", "kmnist"],
        ["train", "mlp", "--data", "nowhere.npz"],
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


@pytest.mark.parametrize("command", [["models"], ["train", "--help"], ["run"]])
def test_an_unusable_architecture_file_is_one_line_and_exit_code_1(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("1 / 0")
    ended = subprocess.run(
        [sys.executable, "-m", "mnist_core", *command],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "DIGIT_DUEL_ARCHITECTURES": str(tmp_path / "mine.py")},
        timeout=60,
    )
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1)
    assert "mine.py, which cannot be imported (ZeroDivisionError: division by zero)" in ended.stderr


@pytest.mark.parametrize(
    "command", [[], ["fly"], ["train", "rnn"], ["predict"], ["evaluate"], ["train", "mlp", "--epochs", "many"]]
)
def test_what_is_not_understood_is_usage_and_exit_code_2(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(command)
    assert ended.value.code == 2
    assert "usage: digit-duel" in capsys.readouterr().err


def test_the_help_names_every_command_in_its_group(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "usage: digit-duel [-h] [--version] COMMAND ..."
    for title, group in cli.GROUPS.items():
        start = lines.index(f"{title}:") + 1
        shown = lines[start : start + len(group)]
        assert [line.split()[0] for line in shown] == [command.name for command in group]


@pytest.mark.parametrize("name", WITHOUT_SERVER)
def test_the_help_of_a_command_has_a_description_examples_and_text_for_every_option(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        cli.main([name, "--help"])
    output = capsys.readouterr().out
    assert f"examples:\n  digit-duel {name}" in output
    parser = cli.build_parser(name)._subparsers._group_actions[0].choices[name]  # type: ignore[union-attr, index]
    assert parser.description
    for action in parser._actions:
        assert len(action.help or "") > 10, action.option_strings or action.dest


def test_a_command_imports_neither_the_others_nor_what_it_does_not_use() -> None:
    code = (
        "import sys; from mnist_core.cli.main import main; main(['models']); "
        "print(sorted({'keras', 'tensorflow', 'streamlit', 'matplotlib', 'altair', 'mnist_core.cli.train_command'} "
        "& set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"


def test_without_mnist_and_network_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, picture: Path, runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MNIST_NPZ", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "empty"))
    monkeypatch.setattr(
        mnist_sources, "fetch", lambda url, folder, progress: (_ for _ in ()).throw(OSError("no route to host"))
    )
    for command in (["train", "mlp"], ["evaluate", "mlp-specified"], ["download"]):
        assert cli.main(command) == 1
        message = capsys.readouterr().err
        assert "Check the network" in message
        assert "MNIST_NPZ" in message
    assert cli.main(["predict", str(picture)]) == 0
    assert cli.main(["models"]) == 0
    assert cli.main(["evaluate", "mlp-specified", "--data", "offline"]) == 0


def test_a_named_file_that_is_absent_is_not_replaced_by_a_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MNIST_NPZ", str(tmp_path / "gone.npz"))
    monkeypatch.setattr(mnist_sources, "fetch", lambda url, folder, progress: pytest.fail("something was downloaded"))
    assert cli.main(["evaluate", "mlp-specified"]) == 1
    assert "gone.npz" in capsys.readouterr().err


def test_download_checks_what_is_there(mnist: DigitSet, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["download"]) == 0
    assert f"MNIST is at {datasets.mnist_path()}, complete and checked." in capsys.readouterr().out


def test_download_fetches_the_pen_strokes_on_request_and_only_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    archive, fetched = tmp_path / "pens.zip", []
    write_zip(archive, compressed(TEXT.encode()))

    def fetch(url: str, folder: Path, progress: datasets.Progress) -> Path:
        fetched.append(url)
        progress(5, 10)
        return archive

    monkeypatch.setattr(datasets, "has_mnist", lambda: True)
    monkeypatch.setattr(datasets, "load_mnist", lambda: None)
    monkeypatch.setattr(pen_sources, "fetch", fetch)
    monkeypatch.setattr(pen_sources, "UCI_DIGEST", parse_unipen(TEXT).digest())
    monkeypatch.setenv("UCI_PENS_NPZ", str(tmp_path / "pens.npz"))
    assert cli.main(["download"]) == 0
    assert fetched == []
    assert cli.main(["download", "--pens"]) == 0
    assert f"The pen strokes are at {tmp_path / 'pens.npz'}, complete and checked." in capsys.readouterr().out
    assert cli.main(["download", "--pens", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pens"]["path"] == str(tmp_path / "pens.npz")
    assert fetched == [pen_sources.UCI_URL]


def test_train_takes_a_pen_file_by_name_and_then_learns_from_it() -> None:
    parser = ArgumentParser()
    add_training_options(parser)
    mine = config_of(parser.parse_args(["mlp", "--pens", "mine.npz"]))
    assert (mine.pens, mine.pen_fraction, mine.recipe) == ("mine.npz", USUAL_PEN_FRACTION, "custom")
    few = config_of(parser.parse_args(["mlp", "--recipe", "robust", "--pens", "mine.npz", "--pen-fraction", "0.05"]))
    assert few.pen_fraction == 0.05
    with pytest.raises(ConfigError, match=r"pens is 'mine.txt', expected one of uci, or a path that ends in \.npz"):
        config_of(parser.parse_args(["mlp", "--pens", "mine.txt"]))

"""`digit-duel models` and `digit-duel runs`."""

import json
import shutil
from pathlib import Path

import pytest

from mnist_core.cli import main as cli


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
    assert "98.13 %" in captured.out
    assert "187/10,000" in captured.out
    assert "97.85 to 98.38 %" in captured.out
    assert "broken" in captured.err


def test_models_without_any_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRAINED_MODELS", str(tmp_path / "none"))
    assert cli.main(["models"]) == 0
    assert "digit-duel train cnn" in capsys.readouterr().out


def test_runs_are_promoted_renamed_listed_and_deleted_from_the_shell(
    runs: Path, capsys: pytest.CaptureFixture[str], picture: Path
) -> None:
    shutil.copytree(runs / "mlp-specified", runs / "mine")
    assert cli.main(["runs", "promote", "mine"]) == 0
    assert cli.main(["predict", str(picture)]) == 0
    assert "mine predicts" in capsys.readouterr().out  # the promoted run predicts, here as on the draw page
    assert cli.main(["runs", "rename", "mine", "yours", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"action": "rename", "runs": ["mine", "yours"]}
    assert cli.main(["runs"]) == 0
    assert "yours" in capsys.readouterr().out
    assert cli.main(["runs", "delete", "yours"]) == 1  # nobody at a terminal answers yes
    assert (runs / "yours").is_dir()
    assert cli.main(["runs", "delete", "yours", "--yes"]) == 0
    assert not (runs / "yours").exists()


@pytest.mark.parametrize(("answer", "left"), [("y\n", False), ("Yes\n", False), ("\n", True), ("no\n", True)])
def test_at_a_terminal_deleting_asks_first(
    answer: str, left: bool, runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            return answer

    shutil.copytree(runs / "mlp-specified", runs / "mine")
    monkeypatch.setattr("sys.stdin", Terminal())
    assert cli.main(["runs", "delete", "mine"]) == int(left)
    assert "Delete the run 'mine' for good? [y/N]" in capsys.readouterr().err
    assert (runs / "mine").is_dir() == left


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

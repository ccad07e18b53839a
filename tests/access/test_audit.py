"""The audit log: in order, bounded, and never in the way of what is done."""

import json
import stat
import sys
from pathlib import Path

import pytest

from mnist_core.access import audit
from mnist_core.access.audit import FileAuditLog
from mnist_core.access.roles import Person, Role
from mnist_core.cli.main import main

ANNA = Person(Role.TRAINER, "anna@example.org")


def subjects(log: FileAuditLog) -> list[str]:
    return [entry.subject for entry in log.last()]


def test_entries_are_lines_of_json_and_the_newest_comes_first(tmp_path: Path) -> None:
    log = FileAuditLog(tmp_path)
    log.record(ANNA, "start", subject="a\nb")
    log.record(ANNA, "delete", subject="c")
    assert subjects(log) == ["c", "a\nb"]
    lines = (tmp_path / ".audit.jsonl").read_text().splitlines()
    assert [json.loads(line)["action"] for line in lines] == ["start", "delete"]
    assert json.loads(lines[0])["at"].endswith("+00:00")


def test_the_log_is_bounded_and_the_last_hundred_survive_the_change_of_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "MOST_BYTES", 15_000)
    log = FileAuditLog(tmp_path)
    for number in range(400):
        log.record(ANNA, "start", subject=f"{number}")
    assert subjects(log) == [str(number) for number in range(399, 299, -1)]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 30_000
    log.record(ANNA, "x" * 10_000, subject="y" * 10_000)
    assert len(log.last(1)[0].subject) == 200


def test_a_cut_line_and_foreign_lines_are_passed_over(tmp_path: Path) -> None:
    log = FileAuditLog(tmp_path)
    log.record(ANNA, "start", subject="a")
    with (tmp_path / ".audit.jsonl").open("a") as file:
        file.write('[1]\n{"at": 1}\n{"at": "2026-')  # the disk was full
    log.record(ANNA, "start", subject="b")
    assert subjects(log) == ["b", "a"]


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    log = FileAuditLog(tmp_path / "file")  # no folder can be made here
    log.record(ANNA, "start", subject="a")
    assert log.last() == []
    assert "anna@example.org" in caplog.text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_only_the_server_s_user_reads_the_log(tmp_path: Path) -> None:
    FileAuditLog(tmp_path).record(ANNA, "start")
    assert stat.S_IMODE((tmp_path / ".audit.jsonl").stat().st_mode) == 0o600


def test_the_command_shows_the_log_of_the_runs_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRAINED_MODELS", str(tmp_path))
    assert main(["audit"]) == 0
    assert "empty" in capsys.readouterr().out
    FileAuditLog().record(ANNA, "delete", subject="[red]mine")
    assert main(["audit"]) == 0
    assert "trainer anna@example.org  delete  [red]mine" in capsys.readouterr().out
    assert main(["audit", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["subject"] == "[red]mine"

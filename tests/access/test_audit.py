"""The audit log: in order, bounded, and never in the way of what is done."""

import json
import stat
import sys
from pathlib import Path

import pytest

from mnist_core.access import audit
from mnist_core.access.audit import DatabaseAuditLog
from mnist_core.access.roles import Person, Role
from mnist_core.cli.main import main

ANNA = Person(Role.TRAINER, "anna@example.org")


def subjects(log: DatabaseAuditLog) -> list[str]:
    return [entry.subject for entry in log.last()]


def line(subject: str) -> str:
    """A line of a file in which versions without a database kept the log."""
    entry = {"at": "2026-11-01T10:00:00+00:00", "role": "owner", "name": "key", "action": "start", "subject": subject}
    return json.dumps(entry) + "\n"


def test_the_newest_entry_comes_first_and_says_who_did_what_and_when(tmp_path: Path, database: str) -> None:
    log = DatabaseAuditLog(tmp_path)
    log.record(ANNA, "start", subject="a\nb")
    DatabaseAuditLog(tmp_path).record(ANNA, "delete", subject="c")
    newest, oldest = log.last()
    assert (newest.subject, oldest.subject) == ("c", "a\nb")
    assert (newest.role, newest.name, newest.action) == ("trainer", "anna@example.org", "delete")
    assert newest.at.endswith("+00:00")


def test_the_log_is_bounded_and_its_texts_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str) -> None:
    monkeypatch.setattr(audit, "MOST_ENTRIES", 50)
    log = DatabaseAuditLog(tmp_path)
    for number in range(100):
        log.record(ANNA, "start", subject=f"{number}")
    assert subjects(log) == [str(number) for number in range(99, 49, -1)]
    log.record(ANNA, "x" * 10_000, subject="y" * 10_000)
    assert len(log.last(1)[0].subject) == 200


def test_text_that_is_no_text_is_kept_as_far_as_it_is(tmp_path: Path, database: str) -> None:
    log = DatabaseAuditLog(tmp_path)
    log.record(ANNA, "sign-in refused", subject="a\0b\ud800")
    assert subjects(log) == ["a b?"]


def test_what_older_versions_wrote_into_files_is_shown_and_taken_over_once(tmp_path: Path, database: str) -> None:
    (tmp_path / ".audit.older.jsonl").write_text(line("1"))
    (tmp_path / ".audit.jsonl").write_text(line("2") + '[1]\n{"at": 1}\n' + line("3") + '{"at": "2026-')
    log = DatabaseAuditLog(tmp_path)
    assert subjects(log) == ["3", "2", "1"]
    log.record(ANNA, "start", subject="4")
    assert subjects(log) == subjects(DatabaseAuditLog(tmp_path)) == ["4", "3", "2", "1"]
    assert (tmp_path / ".audit.jsonl").exists()


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    log = DatabaseAuditLog(tmp_path / "file")  # no folder can be made here
    log.record(ANNA, "start", subject="a")
    assert log.last() == []
    assert "anna@example.org" in caplog.text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_only_the_server_s_user_reads_the_log(tmp_path: Path) -> None:
    DatabaseAuditLog(tmp_path).record(ANNA, "start")
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_command_shows_the_log_of_the_runs_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], database: str
) -> None:
    monkeypatch.setenv("TRAINED_MODELS", str(tmp_path))
    assert main(["audit"]) == 0
    assert "empty" in capsys.readouterr().out
    DatabaseAuditLog().record(ANNA, "delete", subject="[red]mine")
    assert main(["audit"]) == 0
    assert "trainer anna@example.org  delete  [red]mine" in capsys.readouterr().out
    assert main(["audit", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["subject"] == "[red]mine"

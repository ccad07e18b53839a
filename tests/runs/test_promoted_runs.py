"""Which runs are promoted is the same for all processes, and known without asking the database at each stroke."""

import errno
import json
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mnist_core.database.database import Database
from mnist_core.errors import DatabaseError
from mnist_core.runs import promoted_runs
from mnist_core.runs.promoted_runs import change_promoted, promoted
from mnist_core.runs.started_by import write_starter
from tests.conftest import ROOT


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A word for each connection to a database from now on."""
    opened: list[str] = []
    original = Database.reading
    monkeypatch.setattr(Database, "reading", lambda self: opened.append("read") or original(self))
    return opened


def put(folder: Path, **chosen: str) -> None:
    change_promoted(folder, lambda before: {**before, **chosen})


def test_what_an_older_version_kept_in_a_file_counts_and_is_taken_over_once(tmp_path: Path, database: str) -> None:
    (tmp_path / ".promoted.json").write_text(json.dumps({"mlp": "good"}))
    assert promoted(tmp_path) == {"mlp": "good"}
    put(tmp_path, cnn="other")
    assert promoted(tmp_path) == {"cnn": "other", "mlp": "good"}
    change_promoted(tmp_path, lambda before: {})
    assert promoted(tmp_path) == {}
    assert (tmp_path / ".promoted.json").exists()


def test_looking_makes_no_file(tmp_path: Path) -> None:
    assert promoted(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []


def test_the_database_is_asked_once_and_again_after_another_process_has_promoted(
    tmp_path: Path, database: str, connections: list[str]
) -> None:
    put(tmp_path, mlp="one")
    promoted(tmp_path)
    del connections[:]
    for _ in range(50):
        assert promoted(tmp_path) == {"mlp": "one"}
    assert connections == []
    change = "import sys; from pathlib import Path; from mnist_core.runs.promoted_runs import change_promoted\n"
    change += "change_promoted(Path(sys.argv[1]), lambda before: {'mlp': 'two'})"
    subprocess.run([sys.executable, "-c", change, str(tmp_path)], cwd=ROOT, check=True)
    assert promoted(tmp_path) == {"mlp": "two"}
    assert len(connections) == 1


def test_without_the_sign_that_something_changed_the_database_is_asked_by_a_thread_after_a_while(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, mlp="one")
    monkeypatch.setattr(promoted_runs, "SECONDS_UNTIL_REFRESH", 0.0)
    promoted(tmp_path)
    monkeypatch.setattr(promoted_runs, "_replace_stamp", lambda folder: None)
    key = next(key for key in promoted_runs._known if key[0] == tmp_path)
    known = promoted_runs._known[key]
    put(tmp_path, mlp="two")
    promoted_runs._known[key] = known  # as another process knows it
    assert promoted(tmp_path) == {"mlp": "one"}
    for thread in threading.enumerate():
        if thread.name == "promotions":
            thread.join(60)
    monkeypatch.setattr(promoted_runs, "SECONDS_UNTIL_REFRESH", 60.0)
    promoted_runs._known[key] = replace(promoted_runs._known[key], until=time.monotonic() + 60)
    assert promoted(tmp_path) == {"mlp": "two"}


def test_a_database_that_cannot_be_read_leaves_what_was_known_and_is_not_asked_at_each_stroke(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    put(tmp_path, mlp="one")
    promoted(tmp_path)
    asked: list[str] = []

    def broken(self: Database) -> None:
        asked.append("read")
        raise DatabaseError("it is away")

    monkeypatch.setattr(Database, "reading", broken)
    promoted_runs._replace_stamp(tmp_path)
    for _ in range(20):
        assert promoted(tmp_path) == {"mlp": "one"}
    assert asked == ["read"]
    assert "it is away" in caplog.text


def test_a_promotion_that_cannot_be_written_says_so_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseError, match="The runs in use are as they were"):
        put(tmp_path / "file", mlp="one")


def test_a_folder_in_which_nothing_can_be_written_is_no_failure_of_a_sign_that_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(self: Path, *_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")  # Linux says so even of a file that is not there

    for method in ("touch", "write_text", "unlink"):
        monkeypatch.setattr(Path, method, read_only)
    promoted_runs._replace_stamp(tmp_path)
    write_starter(tmp_path, "trainer anna")
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []

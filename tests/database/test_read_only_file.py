"""A SQLite file in a folder to which this user may not write: what is in it is read, and nothing is changed."""

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

from mnist_core.access.audit import DatabaseAuditLog
from mnist_core.access.roles import SERVER
from mnist_core.jobs.job import WAITING, Job
from mnist_core.jobs.queue import JobQueue
from mnist_core.runs.promoted_runs import change_promoted
from mnist_core.runs.recipes import recipe_config
from tests.conftest import ROOT
from tests.scripted import Script
from tests.unprivileged import read_only, unprivileged

READER = """
import json, sys
from pathlib import Path
from mnist_core.access.announcement import without_writing
from mnist_core.access.audit import DatabaseAuditLog
from mnist_core.database.opening import check_database
from mnist_core.errors import DigitDuelError
from mnist_core.jobs.queue import JobQueue
from mnist_core.runs.promoted_runs import change_promoted, promoted
from mnist_core.runs.recipes import recipe_config

def outcome(act):
    try:
        return act()
    except DigitDuelError as error:
        return f"{type(error).__name__}: {error}"

def read(folder):
    jobs = JobQueue(None, folder)
    return {
        "check": outcome(lambda: check_database(folder)),
        "promoted": promoted(folder),
        "audit": outcome(lambda: [entry.subject for entry in DatabaseAuditLog(folder).last()]),
        "jobs": outcome(lambda: [(job.name, job.state) for job in jobs.jobs()]),
        "promote": outcome(lambda: change_promoted(folder, lambda chosen: {})),
        "submit": outcome(lambda: jobs.submit(recipe_config("specified", "mlp"), "b")),
        "note": without_writing(folder),
    }

print(json.dumps({folder: read(Path(folder)) for folder in sys.argv[1:]}))
"""


def filled(folder: Path) -> Path:
    """A folder with a database that holds one of each thing."""
    folder.mkdir()
    change_promoted(folder, lambda chosen: {"mlp": "mine"})
    DatabaseAuditLog(folder).record(SERVER, "expire", subject="old")
    JobQueue(Script, folder)._records.add(Job(0, "a", recipe_config("specified", "mlp")), most=20)
    return folder


def read(*folders: Path) -> list[dict[str, Any]]:
    """What a process reads there that has only the rights which the files give it."""
    command = unprivileged([sys.executable, "-c", READER, *map(str, folders)])
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return list(json.loads(done.stdout).values())


def test_what_is_in_the_database_is_read_and_a_change_is_refused_with_a_reason(tmp_path: Path) -> None:
    folders = [filled(tmp_path / name) for name in ("folder", "file", "both")]
    files = [folder / ".digit-duel.db" for folder in folders]
    before = [sorted(path.name for path in folder.iterdir()) for folder in folders]
    content = [file.read_bytes() for file in files]
    with read_only(folders[0], files[1], folders[2], files[2]):
        found = read(*folders)
    for said in found:
        assert said["check"] is None
        assert (said["promoted"], said["audit"], said["jobs"]) == ({"mlp": "mine"}, ["old"], [["a", WAITING]])
        for change in ("promote", "submit"):
            assert said[change].startswith("ReadOnlyError: The database"), said[change]
            assert "can only be read by this user" in said[change]
    assert [bool(said["note"]) for said in found] == [True, False, True]
    assert [sorted(path.name for path in folder.iterdir()) for folder in folders] == before
    assert [file.read_bytes() for file in files] == content


def test_a_folder_without_a_database_is_read_as_one_without_promotions_and_trainings(tmp_path: Path) -> None:
    with read_only(tmp_path):
        (said,) = read(tmp_path)
    assert (said["check"], said["promoted"], said["audit"], said["jobs"]) == (None, {}, [], [])
    assert said["submit"].startswith("ReadOnlyError: The database")
    assert list(tmp_path.iterdir()) == []


def test_the_changes_of_a_program_that_writes_or_was_killed_are_read_or_said_to_be_missing(tmp_path: Path) -> None:
    source = filled(tmp_path / "source")
    with_index, without_index = tmp_path / "with", tmp_path / "without"
    writer = sqlite3.connect(source / ".digit-duel.db")
    writer.execute("UPDATE promotions SET run = 'newer'")
    writer.commit()
    shutil.copytree(source, with_index)  # as it is at this moment: the change is in the log beside the file
    writer.close()
    shutil.copytree(with_index, without_index)
    (without_index / ".digit-duel.db-shm").unlink()
    assert (with_index / ".digit-duel.db-wal").stat().st_size > 0
    with read_only(with_index, without_index):
        whole, cut = read(with_index, without_index)
    assert (whole["check"], whole["promoted"]) == (None, {"mlp": "newer"})
    assert cut["check"].startswith("ReadOnlyError: The database")
    assert "did not end in order" in cut["check"]
    assert cut["promoted"] == {}

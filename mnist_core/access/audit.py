"""A log of what was done on a public server: who, what, when.

`AuditLog` is all that others know of it. `FileAuditLog` keeps it as lines of JSON beside the runs, in two files of
bounded size, of which the older one is dropped when the newer one is full.
"""

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Protocol

from mnist_core.access.roles import Person
from mnist_core.runs.folders import runs_folder

NEWER, OLDER = ".audit.jsonl", ".audit.older.jsonl"

MOST_BYTES = 1_000_000
"""Size of a file, at most. Two of them hold some ten thousand lines."""

LONGEST_TEXT = 200
"""Characters of a text in an entry, at most."""

SHOWN = 100
"""Entries that the owner sees."""

_lock = Lock()


@dataclass(frozen=True)
class Entry:
    """One line. at: ISO 8601, UTC. role, name: of the person. action: in a word. subject: a run's name, for example."""

    at: str
    role: str
    name: str
    action: str
    subject: str = ""


class AuditLog(Protocol):
    """Where entries are kept."""

    def record(self, person: Person, action: str, *, subject: str = "") -> None:
        """Keep an entry with the present moment. Never fails: what was done is done."""

    def last(self, count: int = SHOWN) -> list[Entry]:
        """The latest entries, the newest first."""


class FileAuditLog:
    """An `AuditLog` in files. Several objects on the same folder are one log."""

    def __init__(self, folder: Path | None = None) -> None:
        """folder: where the files lie, that of new runs unless given."""
        self._folder = folder or runs_folder()

    def record(self, person: Person, action: str, *, subject: str = "") -> None:
        """See `AuditLog`. An entry that cannot be written, because the disk is full for example, goes to the server's
        own log.
        """
        at = datetime.now(UTC).isoformat(timespec="seconds")
        texts = [text[:LONGEST_TEXT] for text in (person.name, action, subject)]
        line = json.dumps(asdict(Entry(at, person.role, *texts))) + "\n"
        try:
            with _lock:
                self._write(line)
        except OSError as error:
            logging.getLogger(__name__).warning("The audit log could not be written (%s): %s", error, line.strip())

    def last(self, count: int = SHOWN) -> list[Entry]:
        """See `AuditLog`. Lines that are no entries are left out."""
        found: list[Entry] = []
        for file in (NEWER, OLDER):
            found += reversed(list(_entries(self._folder / file)))
            if len(found) >= count:
                break
        return found[:count]

    def _write(self, line: str) -> None:
        path = self._folder / NEWER
        self._folder.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size + len(line) > MOST_BYTES:
            path.replace(self._folder / OLDER)
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)  # it holds e-mail addresses
        try:
            if _ends_within_a_line(path):
                line = "\n" + line
            os.write(file, line.encode())
        finally:
            os.close(file)


def _ends_within_a_line(path: Path) -> bool:
    """Whether the last line was cut, as it is when a disk becomes full."""
    with path.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def _entries(path: Path) -> Iterator[Entry]:
    """The entries of a file, oldest first. A file that is missing has none."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        try:
            values = json.loads(line)
            yield Entry(**{name: str(values[name]) for name in Entry.__dataclass_fields__})
        except (ValueError, KeyError, TypeError):
            continue

"""A log of what was done on a public server: who, what, when.

`AuditLog` is all that others know of it. `DatabaseAuditLog` keeps it in the database that all processes of the server
share, and drops the oldest entries when there are too many.
"""

import json
import logging
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from mnist_core.access.roles import Person
from mnist_core.database.opening import database_exists
from mnist_core.errors import DatabaseError
from mnist_core.runs.folders import runs_folder

MOST_ENTRIES = 10_000
"""How many entries are kept, about."""

LONGEST_TEXT = 200
"""Characters of a text in an entry, at most."""

SHOWN = 100
"""Entries that the owner sees."""


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


class DatabaseAuditLog:
    """An `AuditLog` in the database of a folder of runs. All objects on the same folder are one log."""

    def __init__(self, folder: Path | None = None) -> None:
        """folder: of the runs, that of new runs unless given."""
        self._folder = folder or runs_folder()

    def record(self, person: Person, action: str, *, subject: str = "") -> None:
        """See `AuditLog`. An entry that cannot be written, because the disk is full for example, goes to the server's
        own log.
        """
        from mnist_core.access import audit_records  # Only here and below: importing SQLAlchemy takes long.

        at = datetime.now(UTC).isoformat(timespec="seconds")
        entry = Entry(at, person.role, *(text[:LONGEST_TEXT] for text in (person.name, action, subject)))
        try:
            audit_records.add(self._folder, entry, most=MOST_ENTRIES)
        except DatabaseError as error:
            line = json.dumps(asdict(entry))
            logging.getLogger(__name__).warning("The audit log could not be written (%s): %s", error, line)

    def last(self, count: int = SHOWN) -> list[Entry]:
        """See `AuditLog`. Raises DatabaseError if the database cannot be read."""
        if not database_exists(self._folder):
            from mnist_core.access.older_audit_files import read_older_files

            return read_older_files(self._folder)[::-1][:count]
        from mnist_core.access import audit_records

        return audit_records.last(self._folder, count)

"""The entries of the audit log, as the database keeps them."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from mnist_core.access.audit import Entry
from mnist_core.access.older_audit_files import read_older_files
from mnist_core.database.database import Database, storable
from mnist_core.database.opening import open_database
from mnist_core.database.shared_tables import audit_events

SHORTENED_EVERY = 100
"""After so many entries, the oldest of them are dropped."""


def add(folder: Path, entry: Entry, *, most: int) -> None:
    """Keep an entry, and drop the oldest ones beyond `most`, about. Raises DatabaseError."""
    database = open_database(folder)
    _import(database, folder)
    with database.writing() as connection:
        (number,) = connection.execute(audit_events.insert(), _row(entry)).inserted_primary_key or (0,)
        if number % SHORTENED_EVERY == 0:
            connection.execute(audit_events.delete().where(audit_events.c.number <= number - most))


def last(folder: Path, count: int) -> list[Entry]:
    """The latest entries, the newest first. Raises DatabaseError."""
    columns = [audit_events.c[name] for name in Entry.__dataclass_fields__]
    newest = select(*columns).order_by(audit_events.c.number.desc()).limit(count)
    database = open_database(folder)
    if not _import(database, folder):
        return read_older_files(folder)[::-1][:count]
    with database.reading() as connection:
        return [Entry(*row) for row in connection.execute(newest)]


def _import(database: Database, folder: Path) -> bool:
    return database.import_once("audit log", partial(_take_over, folder))


def _take_over(folder: Path, connection: Connection) -> None:
    if rows := [_row(entry) for entry in read_older_files(folder)]:
        connection.execute(audit_events.insert(), rows)


def _row(entry: Entry) -> dict[str, Any]:
    row = {name: storable(value) for name, value in asdict(entry).items()}
    return {**row, "at": row["at"][:40]}

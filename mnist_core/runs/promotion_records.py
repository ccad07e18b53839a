"""Which runs are promoted, as the database knows it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, select

from mnist_core.database.database import Database, storable
from mnist_core.database.opening import open_database
from mnist_core.database.shared_tables import promotions
from mnist_core.runs.promoted_runs import read_older_file


def read(folder: Path) -> dict[str, str]:
    """The names of the promoted runs, by architecture. Raises DatabaseError."""
    database = open_database(folder)
    if not _import(database, folder):
        return read_older_file(folder)
    with database.reading() as connection:
        return _read(connection)


def change(folder: Path, decide: Callable[[dict[str, str]], dict[str, str]]) -> None:
    """Replace what is promoted, in one step. Raises DatabaseError, and then all is as it was.

    decide: gets what is promoted, and returns what is to be. Nobody else changes it meanwhile.
    """
    database = open_database(folder)
    _import(database, folder)
    with database.writing() as connection:
        _write(connection, decide(_read(connection)))


def _import(database: Database, folder: Path) -> bool:
    return database.import_once("promotions", partial(_take_over, folder))


def _take_over(folder: Path, connection: Connection) -> None:
    _write(connection, read_older_file(folder))


def _read(connection: Connection) -> dict[str, str]:
    found = connection.execute(select(promotions).order_by(promotions.c.architecture))
    return {row.architecture: row.run for row in found}


def _write(connection: Connection, chosen: dict[str, str]) -> None:
    connection.execute(promotions.delete())
    if chosen:
        rows = [{"architecture": storable(name)[:100], "run": storable(run)} for name, run in chosen.items()]
        connection.execute(promotions.insert(), rows)

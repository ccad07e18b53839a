"""The database of a folder of runs, opened once in a process.

>>> open_database(runs_folder()).reading()  # a connection, see `database.Database`     # doctest: +SKIP
"""

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from mnist_core.database.location import Location, location_for

if TYPE_CHECKING:
    from mnist_core.database.database import Database

MOST_OPEN = 8
"""Databases that a process remembers. A server has one."""

_lock = Lock()
_open: dict[str, "Database"] = {}


def database_exists(folder: Path) -> bool:
    """Whether there is anything to read. A file comes into being when something is written first.

    Raises DatabaseError if the environment names no database that can be used.
    """
    return is_there(location_for(folder))


def is_there(location: Location) -> bool:
    """The same for a place that is known."""
    return location.path is None or location.path.is_file()


def open_database(folder: Path) -> "Database":
    """The database of that folder of runs. Nothing is read or written yet. Raises DatabaseError as `location_for`."""
    return open_location(location_for(folder))


def open_location(location: Location) -> "Database":
    """The same for a place that is known."""
    from mnist_core.database.database import Database  # Only here: importing SQLAlchemy takes long.

    with _lock:
        if location.url not in _open:
            while len(_open) >= MOST_OPEN:
                _open.pop(next(iter(_open))).close()
            _open[location.url] = Database(location)
        return _open[location.url]


def close_all() -> None:
    """Forget all databases, and close what is not in use."""
    with _lock:
        while _open:
            _open.popitem()[1].close()


def check_database(folder: Path) -> None:
    """Raise DatabaseError, which says what to do, if there is a database and it cannot be used."""
    location = location_for(folder)
    if is_there(location):
        with open_location(location).reading():
            pass

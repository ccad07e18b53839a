"""A SQLite file that this user may only read: on a file system without writing, or beside other people's runs.

SQLite makes files beside a database that has a write-ahead log, even to read it. Where it cannot, it has to be told
that there is nothing to wait for.
"""

import os
import sqlite3
from pathlib import Path

from mnist_core.errors import ReadOnlyError

_WRITE_AHEAD = b"\x02\x02"
"""At the bytes 18 and 19 of a database that has a write-ahead log (https://sqlite.org/fileformat.html)."""


def can_only_be_read(path: Path) -> bool:
    """Whether the file is there, and this user may not write to it or not to its folder. Changes need both."""
    return os.access(path, os.F_OK) and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))


def connect_to_read(path: Path, *, seconds: float) -> sqlite3.Connection:
    """A connection that cannot write, and makes no file. path: absolute. seconds: to wait for others, at most.

    Raises ReadOnlyError if a program has left changes beside the file that only who may write can take over.
    """
    log, index = (path.with_name(path.name + end) for end in ("-wal", "-shm"))
    if log.exists() and not index.exists():
        raise ReadOnlyError(
            f"The database {path} can only be read by this user, and the program that wrote to it last did not end in "
            f"order: its last changes are still in {log.name}. Let a user who may write there start the server once."
        )
    # Without a log, nobody writes at this moment. Should somebody begin to, the next look sees the change.
    is_settled = not log.exists() and _has_write_ahead_log(path)
    how = "immutable=1" if is_settled else "mode=ro"
    return sqlite3.connect(f"{path.as_uri()}?{how}", uri=True, timeout=seconds, check_same_thread=False)


def _has_write_ahead_log(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(20)[18:] == _WRITE_AHEAD
    except OSError:  # SQLite says what is wrong
        return False

"""Which runs are promoted: kept in the database, and known here without asking it again.

The draw page needs this at each stroke. So a process remembers it until the file `STAMP` beside the runs has changed,
which every change of a promotion replaces. In case that file could not be written, the database is asked again now and
then, by a thread that nobody waits for.
"""

import json
import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread

from mnist_core.database.location import VARIABLE
from mnist_core.database.opening import database_exists
from mnist_core.errors import DatabaseError
from mnist_core.runs.folders import runs_folder
from mnist_core.runs.processes import mark

STAMP = ".promoted.stamp"
OLDER_FILE = ".promoted.json"
"""Where versions without a database kept it."""

SECONDS_UNTIL_REFRESH = 30.0
SECONDS_AFTER_FAILURE = 5.0

Promoted = dict[str, str]
"""The names of the promoted runs, by architecture."""


@dataclass(frozen=True)
class _Known:
    """stamp: of the file when the database was asked. until: when to ask again, on the monotonic clock."""

    promoted: Promoted
    stamp: tuple[int, int] | None
    until: float


_lock = Lock()
_known: dict[tuple[Path, str], _Known] = {}
_refreshing: set[tuple[Path, str]] = set()
MOST_KNOWN = 20
"""Folders whose promotions are remembered. A server has one."""


def promoted(folder: Path | None = None) -> Promoted:
    """The promoted runs. If the database cannot be read, they are those that were known last, or none."""
    folder = folder or runs_folder()
    key, stamp = (folder, os.environ.get(VARIABLE, "")), _stamp(folder)
    with _lock:
        known = _known.get(key)
    if known is None or known.stamp != stamp:
        known = _ask(folder, stamp, known)
    elif known.until < time.monotonic():
        _refresh_later(folder, stamp, known)
    return dict(known.promoted)


def read_promoted(folder: Path) -> Promoted:
    """The promoted runs as they are at this moment, for what cannot be undone. Raises DatabaseError."""
    if not database_exists(folder):
        return read_older_file(folder)
    from mnist_core.runs import promotion_records  # Only here: importing SQLAlchemy takes long.

    return promotion_records.read(folder)


def change_promoted(folder: Path, decide: Callable[[Promoted], Promoted]) -> None:
    """Replace what is promoted, in one step. Raises DatabaseError if that is impossible, and then all is as it was.

    decide: gets what is promoted, and returns what is to be. Nobody else changes it meanwhile.
    """
    from mnist_core.runs import promotion_records  # Only here: importing SQLAlchemy takes long.

    try:
        promotion_records.change(folder, decide)
    except DatabaseError as error:
        raise type(error)(f"{error} The runs in use are as they were.") from error
    _replace_stamp(folder)
    with _lock:
        _known.pop((folder, os.environ.get(VARIABLE, "")), None)


def read_older_file(folder: Path) -> Promoted:
    """What a version without a database has written. Empty if the file is absent or damaged."""
    try:
        chosen = json.loads((folder / OLDER_FILE).read_text(encoding="utf-8"))
        return {str(architecture): str(name) for architecture, name in chosen.items()}
    except (OSError, ValueError, AttributeError, RecursionError):
        return {}


def _ask(folder: Path, stamp: tuple[int, int] | None, before: _Known | None) -> _Known:
    """What the database says; without one, what the older file says. before: what was known."""
    try:
        if not database_exists(folder):
            return _Known(read_older_file(folder), stamp, 0.0)  # that is fast, and need not be remembered
        known = _Known(read_promoted(folder), stamp, time.monotonic() + SECONDS_UNTIL_REFRESH)
    except DatabaseError as error:
        logging.getLogger(__name__).warning("The promoted runs could not be read: %s", error)
        last = before.promoted if before else read_older_file(folder)
        known = _Known(last, stamp, time.monotonic() + SECONDS_AFTER_FAILURE)
    with _lock:
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[folder, os.environ.get(VARIABLE, "")] = known
    return known


def _refresh_later(folder: Path, stamp: tuple[int, int] | None, known: _Known) -> None:
    """Ask the database in a thread, unless one does so already."""
    key = folder, os.environ.get(VARIABLE, "")
    with _lock:
        if key in _refreshing:
            return
        _refreshing.add(key)

    def refresh() -> None:
        try:
            _ask(folder, stamp, known)
        finally:
            with _lock:
                _refreshing.discard(key)

    Thread(target=refresh, name="promotions", daemon=True).start()


def _stamp(folder: Path) -> tuple[int, int] | None:
    """What tells one version of the file from the next one. None if there is no such file."""
    try:
        found = (folder / STAMP).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def _replace_stamp(folder: Path) -> None:
    partial = folder / f"{STAMP}.{mark()}"
    try:
        partial.touch()
        partial.replace(folder / STAMP)
    except OSError:  # the others learn of it a little later
        with suppress(OSError):  # a folder that cannot be written says so even of a file that is not there
            partial.unlink(missing_ok=True)

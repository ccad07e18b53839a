"""Which process works through a sweep, and whether somebody wants it to stop. Files in the sweep's folder say so.

.worked-on      the mark of the process that works through the sweep, while it does, see `runs.processes`
.stop           somebody, in whichever process, wants that one to stop
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from mnist_core.errors import RunError
from mnist_core.runs.processes import is_alive, mark

WORKED_ON, STOP = ".worked-on", ".stop"

SECONDS_TO_WRITE = 10.0
"""An empty file is a mark that is being written, unless it is older than this."""


def is_worked_on(folder: Path) -> bool:
    """Whether a living process works through the sweep in that folder."""
    return _is_living(folder / WORKED_ON)


def show_life(folder: Path) -> None:
    """To be called now and then by the process that works through the sweep.

    In another container, its mark counts as that of a living process only as long as it is not too old.
    """
    with suppress(OSError):
        os.utime(folder / WORKED_ON)


def is_asked_to_stop(folder: Path) -> bool:
    """Whether somebody wants the process to stop that works through the sweep."""
    return (folder / STOP).exists()


def ask_to_stop(folder: Path) -> None:
    """Tell the process that works through the sweep, whichever it is. Raises RunError if that cannot be written."""
    try:
        (folder / STOP).touch()
    except OSError as error:
        raise RunError(f"The sweep {folder.name!r} cannot be stopped from here ({error}). Check its folder.") from error


@contextmanager
def working_on(folder: Path) -> Iterator[None]:
    """In the block, this process works through the sweep in that folder, and no other may.

    Raises RunError if one does already, or if the folder cannot be written.
    """
    path = folder / WORKED_ON
    try:
        if not _make_room(path):
            raise FileExistsError
        with path.open("x", encoding="utf-8") as file:
            file.write(mark())
        (folder / STOP).unlink(missing_ok=True)  # it was meant for one that has ended
    except FileExistsError:
        raise RunError(f"The sweep {folder.name!r} is worked on already. Watch that one, or stop it first.") from None
    except OSError as error:
        raise RunError(
            f"The sweep {folder.name!r} cannot be continued: {error}. Free some space, or check it."
        ) from error
    try:
        yield
    finally:
        for left in (folder / STOP, path):
            with suppress(OSError):
                left.unlink(missing_ok=True)


def _make_room(path: Path) -> bool:
    """Take away the mark of a process that has ended. Returns False if the process lives."""
    if _is_living(path):
        return False
    # Another process may do the same and already have put its own mark there. So the mark is looked at once more when
    # nobody else can take it away.
    aside = path.with_name(f"{path.name}.{uuid4().hex}")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return True
    if _is_living(aside):
        aside.rename(path)
        return False
    aside.unlink()
    return True


def _is_living(path: Path) -> bool:
    try:
        written = path.read_text(encoding="utf-8")
        return is_alive(written, file=path) if written else time.time() - path.stat().st_mtime < SECONDS_TO_WRITE
    except (OSError, ValueError):
        return False

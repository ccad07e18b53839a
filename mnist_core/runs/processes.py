"""Processes that leave files behind, and whether the process that made a file is still alive.

>>> is_alive(mark())
True
>>> is_alive("999999999-1")
False

A mark is the process' number and the moment of its start. The number alone is not enough, because systems give the
numbers of ended processes to new ones.
"""

import os
import sys

TOLERANCE = 2
"""By how many hundredths of a second two statements of one moment may differ."""

_own = ""
"""The mark of this process, once it is known. It must stay the same, because it finds files again."""


def mark() -> str:
    """The mark of this process, for the end of a file's name."""
    global _own
    if not _own.startswith(f"{os.getpid()}-"):  # The first call, or a copy of the process that made it.
        _own = f"{os.getpid()}-{_started(os.getpid())}"
    return _own


def is_alive(marked: str) -> bool:
    """Whether the process with that mark is alive. False for a text that is no mark."""
    from psutil import AccessDenied, NoSuchProcess

    number, _, started = marked.partition("-")
    if not number.isdecimal() or not started.isdecimal():
        return False
    try:
        return abs(_started(int(number)) - int(started)) <= TOLERANCE
    except AccessDenied:  # It exists and belongs to another user.
        return True
    except (NoSuchProcess, OverflowError):
        return False


def _started(number: int) -> int:
    """The moment when a process started, in hundredths of a second.

    Counted from the start of the system, because there a later change of the clock also changes what psutil says. On
    Windows the moment is stored with the process, and the start of the system is not known exactly.

    Raises psutil.NoSuchProcess if there is no such process, or only its remains.
    """
    import psutil  # Only here: it takes a hundredth of a second, and most commands never need it.

    process = psutil.Process(number)
    if process.status() == psutil.STATUS_ZOMBIE:
        raise psutil.NoSuchProcess(number)
    started: float = process.create_time()
    return round((started if sys.platform == "win32" else started - psutil.boot_time()) * 100)

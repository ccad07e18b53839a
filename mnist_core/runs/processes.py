"""Processes that leave files behind: is the one that made this still alive?

>>> lives(mark())
True
>>> lives("999999999-1")
False

A number alone does not say, since systems give the numbers of dead processes to new ones, in a container often the very same; number and moment
of start do. Where the system does not tell the moment (there is no /proc), the number has to do.
"""

import os
from pathlib import Path


def mark() -> str:
    """This process, as the end of a file's name: its number and, where known, the moment of its start."""
    return f"{os.getpid()}-{_started(os.getpid())}"


def is_alive(marked: str) -> bool:
    """Whether the process with that mark is alive. What is no mark belongs to none."""
    number, _, started = marked.partition("-")
    if not number.isdigit() or not started.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # it lives, and is somebody else's
        pass
    return int(started) == _started(int(number))


def _started(number: int) -> int:
    """When that process started, in the system's ticks since it was switched on; 0 where it is not told."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return int(fields[19])  # the 22nd field, see proc(5); the second, a name in brackets, is cut off here
    except (OSError, ValueError, IndexError):
        return 0

"""Processes that leave files behind, and whether the process that made a file is still alive.

>>> is_alive(mark())
True
>>> is_alive("999999999-1")
False

A mark is the process' number, the moment of its start, and its place. The number alone is not enough, because systems
give the numbers of ended processes to new ones. And it means nothing in another place, which is another machine or
container: nobody sees from here whether a process there has ended, so it counts as alive. A mark of an older version
has no place and counts as one of this place.
"""

import hashlib
import os
import platform
import re
import sys
import time
from pathlib import Path

TOLERANCE = 2
"""By how many hundredths of a second two statements of one moment may differ."""

HOURS_OF_SILENCE = 24.0
"""After so many hours, a file that a process of another place has left unchanged is taken for one of a dead process."""

_MARK = re.compile(r"(\d{1,12})-(\d{1,12})(?:-([0-9a-f]{8}))?")

_own = ""
"""The mark of this process, once it is known. It must stay the same, because it finds files again."""


def mark() -> str:
    """The mark of this process, for the end of a file's name. It has no dots."""
    global _own
    if not _own.startswith(f"{os.getpid()}-"):  # The first call, or a copy of the process that made it.
        _own = f"{os.getpid()}-{_started(os.getpid())}-{_place()}"
    return _own


def is_alive(marked: str, *, file: Path | None = None) -> bool:
    """Whether the process with that mark is alive, as far as can be known here. False for a text that is no mark.

    file: what the process has left. One of another place counts as dead once that was unchanged for a day.
    """
    from psutil import AccessDenied, NoSuchProcess

    found = _MARK.fullmatch(marked)
    if not found:
        return False
    number, started, place = found.groups()
    if place not in (None, _place()):
        return file is None or not _is_older(file, HOURS_OF_SILENCE)
    try:
        return abs(_started(int(number)) - int(started)) <= TOLERANCE
    except AccessDenied:  # It exists and belongs to another user.
        return True
    except (NoSuchProcess, OverflowError):
        return False


def is_of_place(marked: str, place: str) -> bool:
    """Whether the process with that mark was one of that place. place: as `here` says it there."""
    found = _MARK.fullmatch(marked)
    return found is not None and found.group(3) == _in_letters(place)


def here() -> str:
    """This place: the machine, or the container on it. Outside a container it is the same after a restart."""
    return f"{platform.node().replace(' ', '-')[:80]}{_machine_id()}{_process_namespace()}"


def _place() -> str:
    """This place in a few letters, for a mark."""
    return _in_letters(here())


def _in_letters(place: str) -> str:
    return hashlib.sha256(place.encode()).hexdigest()[:8]


def _machine_id() -> str:
    """What tells apart two machines of one name, where the system has it. A hash, because the id itself is a secret."""
    try:
        text = Path("/etc/machine-id").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""
    return f"-{hashlib.sha256(f'digit-duel {text}'.encode()).hexdigest()[:8]}" if text else ""


def _process_namespace() -> str:
    """What tells containers apart: each of them numbers its processes by itself."""
    try:
        return f"-{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:  # there are no containers of this kind
        return ""


def _is_older(file: Path, hours: float) -> bool:
    try:
        found = file.stat()
        return time.time() - max(found.st_mtime, found.st_ctime) > hours * 3600  # a rename changes the latter alone
    except OSError:  # It has gone meanwhile.
        return True


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

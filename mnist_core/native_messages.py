"""Silence for the messages that C++ libraries print.

TensorFlow prints a line about oneDNN when it is imported, and LiteRT prints one about XNNPACK at its first model. Both
write to file descriptor 2 directly, and no setting of theirs turns these lines off. So the descriptor leads nowhere
meanwhile:

>>> import os
>>> with without_native_messages():
...     os.write(2, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.")
55

Errors are not lost, because these libraries raise them as exceptions.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_users = 0
_standard_error = -1


@contextmanager
def without_native_messages() -> Iterator[None]:
    """Send nothing to standard error inside the block, whoever writes to it.

    Blocks may be nested and may run in several threads.
    """
    try:
        _silence()
    except OSError:  # there is no standard error, as in a Windows program without a console
        yield
        return
    try:
        yield
    finally:
        _restore()


def _silence() -> None:
    global _users, _standard_error
    with _lock:
        if _users == 0:
            if sys.stderr:
                sys.stderr.flush()
            _standard_error = os.dup(2)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)
            os.close(nowhere)
        _users += 1


def _restore() -> None:
    global _users
    with _lock:
        _users -= 1
        if _users == 0:
            if sys.stderr:
                sys.stderr.flush()
            os.dup2(_standard_error, 2)
            os.close(_standard_error)

"""Ctrl-C where ending in good order may take long: the first says so, and the second ends at once."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer
from types import FrameType

INTERRUPTED = 130
"""The exit code after Ctrl-C."""

SECONDS_OF_PATIENCE = 1.0
"""After Ctrl-C. What has not ended by then says what is waited for."""


@contextmanager
def second_ends_at_once(end: Callable[[], object], *, say: Callable[[], object]) -> Iterator[None]:
    """In the block, Ctrl-C raises KeyboardInterrupt as ever, and a second one calls `end` instead.

    end: makes what the block waits for end at once. say: called, by a thread, if the block has not ended soon after the
    first one. Nothing changes if this process ignores Ctrl-C, or if somebody else handles it.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    count = 0
    later = Timer(SECONDS_OF_PATIENCE, say)
    later.daemon = True

    def interrupted(number: int, frame: FrameType | None) -> None:
        nonlocal count
        count += 1
        if count == 2:
            end()
            return  # what is waited for has ended, so the block does by itself
        if count == 1:
            later.start()
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        later.cancel()
        signal.signal(signal.SIGINT, signal.default_int_handler)

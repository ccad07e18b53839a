"""How long one visitor's script may run before another thread of the server gets its turn."""

import sys

SECONDS = 0.0005
"""Python's own is 0.005. A script run takes about 10 ms of processor time, and the thread that talks to the browsers
wants a few turns for each answer. With long turns, it waits at every one of them behind all scripts that run just now.
"""


def shorten() -> None:
    """Let the server's threads take short turns."""
    sys.setswitchinterval(SECONDS)

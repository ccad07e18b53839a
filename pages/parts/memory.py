"""The server's memory: garbage is collected now and then, not after every stroke.

Streamlit can collect all garbage after each run of a script, and does so by default. With this app's modules that took
more than half of the server's time, so `.streamlit/config.toml` turns it off. Two things keep the memory bounded
instead: what is loaded when the server starts is set aside, so that no collection looks through it again, and a thread
collects the rest at intervals.
"""

import gc
import threading
import time

from pages.parts.made_once import made_once

SECONDS_BETWEEN_COLLECTIONS = 20.0
"""A visitor leaves up to a few megabytes behind, and a collection takes some milliseconds."""


@made_once
def keep_memory_bounded() -> threading.Thread:
    """Start the thread that collects garbage, once a server."""
    gc.collect()
    gc.freeze()
    thread = threading.Thread(target=_collect_now_and_then, name="garbage collection", daemon=True)
    thread.start()
    return thread


def _collect_now_and_then() -> None:
    while True:
        time.sleep(SECONDS_BETWEEN_COLLECTIONS)
        gc.collect()

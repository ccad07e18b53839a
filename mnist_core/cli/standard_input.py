"""Lines on standard input, `stop keep` and `stop discard`, by which another program controls a training."""

import os
import sys
from threading import Thread

import psutil

from mnist_core.runs.store import abandon
from mnist_core.training.stopping import Stop

NICENESS = 10
"""How much a training that the app has started yields to the pages, from 0 for not at all to 19."""

INTERRUPTED = 130
"""The exit code of a program that was interrupted."""


def obey_standard_input(stop: Stop, run_name: str = "") -> None:
    """Follow the lines on standard input from now on, in a thread, and yield the processor to other programs.

    `stop keep` ends the training with its best epoch. `stop discard`, or the end of standard input, ends this process
    at once. So it never outlives the program that started it. What was written of the run is removed.

    stop: the request that the training obeys. run_name: the run that this process writes, '' for none.
    """
    yield_to_others()
    Thread(target=_obey, args=(stop, run_name), daemon=True).start()


def yield_to_others() -> None:
    """Lower the priority of this process: the program that started it serves pages, and they come first."""
    process = psutil.Process()
    if sys.platform == "win32":
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        process.nice(max(process.nice(), NICENESS))


def _obey(stop: Stop, run_name: str) -> None:
    for line in sys.stdin:
        if line.strip() == "stop keep":
            stop.request(keep=True)
        elif line.strip() == "stop discard":
            break
    if run_name:
        abandon(run_name)
    os._exit(INTERRUPTED)

"""How many processor cores a training may use."""

import os

THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
"""The environment variables by which TensorFlow is told how many cores to use. It reads them when it starts."""


def given_cores() -> int:
    """The cores that TensorFlow was told to use, else all of this machine."""
    told = os.environ.get(THREADS[0], "")
    return int(told) if told.isdecimal() and int(told) else os.cpu_count() or 1

"""Linear algebra on one core.

The matrices of these networks are small. NumPy shares them among threads all the same, and on a busy server threads
that wait for each other take several times as long as one alone.

    >>> import numpy as np
    >>> with one_core():
    ...     np.ones((2, 3)) @ np.ones(3)
    array([3., 3.])
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController


@contextmanager
def one_core() -> Iterator[None]:
    """What NumPy's linear algebra computes inside, it computes without further threads.

    The limit is one of the process: what other threads compute meanwhile runs on one core as well.
    """
    with _thread_pools().limit(limits=1, user_api="blas"):
        yield


@cache
def _thread_pools() -> ThreadpoolController:
    """The threads of NumPy's linear algebra. Finding them takes milliseconds."""
    return ThreadpoolController()

"""Objects that all visitors of a server share, and that live until it ends.

>>> @made_once
... def counts() -> list[int]:
...     return []
>>> counts().append(7)
>>> counts()
[7]

Streamlit's caches are no place for them: any browser may ask the server to clear those. A queue or a lock that is made
a second time beside the first one does harm; what is only slow to make may stay in a cache.
"""

from collections.abc import Callable
from threading import RLock
from typing import Generic, TypeVar

Made = TypeVar("Made")


class made_once(Generic[Made]):  # noqa: N801  a decorator
    """The first call makes the object, and all others, from any thread, return the same one."""

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make, self._lock, self._made = make, RLock(), list[Made]()
        self.__doc__ = make.__doc__

    def __call__(self) -> Made:
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]

    def forget(self) -> None:
        """Make it anew at the next call. For tests."""
        with self._lock:
            self._made.clear()

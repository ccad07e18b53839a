"""MNIST is fetched beside everything else, once for all who wait for it.

    >>> desk = Downloads(fetch)               # doctest: +SKIP
    >>> download = desk.start()               # doctest: +SKIP
    >>> desk.start() is download              # doctest: +SKIP
    True
    >>> download.progress.share               # doctest: +SKIP
    0.42

A download runs in a thread of its own, which knows nothing of who looks at it: pages ask for its progress when they like.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock, Thread

from mnist_core.data import datasets
from mnist_core.data.datasets import Progress
from mnist_core.errors import DatasetError

RUNNING, DONE, STOPPED, FAILED = "running", "done", "stopped", "failed"

UNEXPECTED = "The download ended unexpectedly; the server's log says why. Try again."


@dataclass(frozen=True)
class DownloadProgress:
    """How far a download is. received, total: bytes of the file that is being fetched; total is 0 while unknown.

    state: 'running', 'done', 'stopped' or 'failed'. message: why it failed, else empty.
    """

    state: str = RUNNING
    received: int = 0
    total: int = 0
    message: str = ""

    @property
    def fraction(self) -> float:
        """0..1; 0 while the size is unknown."""
        return min(1.0, self.received / self.total) if self.total else 0.0


class Download:
    """One attempt. It begins at once. Stopping it counts at once, though its thread may need until the network's next sign of life."""

    def __init__(self, fetch: Callable[[Progress], object]) -> None:
        self.progress = DownloadProgress()
        self._fetch = fetch
        self._stop = Event()
        self._lock = Lock()
        self._thread = Thread(target=self._run, name="mnist-download", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return self.progress.state == RUNNING

    def stop(self) -> None:
        """Give up. What was received is thrown away. Does nothing to a download that has ended."""
        self._stop.set()
        self._become(DownloadProgress(STOPPED))

    def wait(self, seconds: float) -> None:
        """Until its thread has ended, at most that long."""
        self._thread.join(seconds)

    def _run(self) -> None:
        outcome = DownloadProgress(FAILED, message=UNEXPECTED)
        try:
            self._fetch(self._received)
            outcome = DownloadProgress(DONE)
        except DatasetError as error:
            outcome = DownloadProgress(FAILED, message=str(error))
        except _StoppedError:
            outcome = DownloadProgress(STOPPED)
        finally:  # anything else is a defect: it ends this thread, is logged, and those who wait are told
            self._become(outcome)

    def _received(self, received: int, total: int) -> None:
        if self._stop.is_set():
            raise _StoppedError
        self._become(DownloadProgress(RUNNING, received, total))

    def _become(self, progress: DownloadProgress) -> None:
        with self._lock:
            if self.running:
                self.progress = progress


class Downloads:
    """Where downloads are asked for: there is at most one at a time, and who asks meanwhile gets that one."""

    def __init__(self, fetch: Callable[[Progress], object] = datasets.download_mnist) -> None:
        """fetch: fetches and stores; it calls back with (bytes received, bytes in all) and lets through what that raises."""
        self._fetch = fetch
        self._lock = Lock()
        self._current: Download | None = None

    @property
    def current(self) -> Download | None:
        """The download that goes on just now."""
        return self._current if self._current is not None and self._current.running else None

    def start(self) -> Download:
        """The download that goes on already, or a new one."""
        with self._lock:
            if (current := self.current) is not None:
                return current
            self._current = Download(self._fetch)
            return self._current


class _StoppedError(Exception):
    """Not a DigitDuelError and no OSError: it passes through everything that handles a failing source."""

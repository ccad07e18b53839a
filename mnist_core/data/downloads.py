"""Download MNIST in the background, once for all who wait for it.

    >>> downloads = Downloads(lambda progress: progress(42, 100))
    >>> download = downloads.start()
    >>> download.wait(10)
    >>> download.progress.state, downloads.current is None
    ('done', True)

A download runs in a thread of its own and does not know who waits for it. Pages ask for its progress when they like.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock, Thread

from mnist_core.data.downloading import Progress
from mnist_core.data.mnist_sources import download_mnist
from mnist_core.errors import DatasetError

RUNNING, DONE, STOPPED, FAILED = "running", "done", "stopped", "failed"

UNEXPECTED = "The download ended unexpectedly; the server's log says why. Try again."


@dataclass(frozen=True)
class DownloadProgress:
    """How far a download is.

    state: 'running', 'done', 'stopped' or 'failed'.
    received, total: bytes of the current file; total is 0 while it is unknown.
    message: why the download failed, else empty.
    """

    state: str = RUNNING
    received: int = 0
    total: int = 0
    message: str = ""

    @property
    def fraction(self) -> float:
        """0..1, or 0 while the size is unknown."""
        return min(1.0, self.received / self.total) if self.total else 0.0


class Download:
    """One attempt. It begins at once.

    A stop takes effect at once for those who wait, though the thread may run until the network answers or times out.
    """

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
        """End the download and throw away what was received. Does nothing to a download that has ended."""
        self._stop.set()
        self._become(DownloadProgress(STOPPED))

    def wait(self, seconds: float) -> None:
        """Wait until its thread has ended, at most that long."""
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
        finally:  # any other error is a defect: it ends this thread and is logged, and those who wait are told
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
    """Starts downloads. There is at most one at a time; whoever asks for another meanwhile gets that one."""

    def __init__(self, fetch: Callable[[Progress], object] = download_mnist) -> None:
        """fetch: downloads and stores. It must call back with (bytes received, bytes in all) and let errors through."""
        self._fetch = fetch
        self._lock = Lock()
        self._current: Download | None = None

    @property
    def current(self) -> Download | None:
        """The download that is running, if there is one."""
        return self._current if self._current is not None and self._current.running else None

    def start(self) -> Download:
        """The download that is running already, or a new one."""
        with self._lock:
            if (current := self.current) is not None:
                return current
            self._current = Download(self._fetch)
            return self._current


class _StoppedError(Exception):
    """A stop. It is neither a DigitDuelError nor an OSError, so it passes through the handling of failed sources."""

"""Download one file, with progress, and put failures into words.

    >>> fetch("https://example.org/digits.zip", Path("/tmp"), lambda received, total: None)    # doctest: +SKIP
    PosixPath('/tmp/digits.zip')

pooch downloads. What a file holds is checked by whoever asked for it.
"""

import http.client
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from mnist_core.errors import DatasetError

TIMEOUT_SECONDS = 20
CHUNK_BYTES = 1 << 16
"""Bytes between two reports of progress."""

Progress = Callable[[int, int], None]
"""Called with (bytes received, bytes in all or 0 if unknown). If it raises, the download ends and leaves no file."""


FAILURES = (
    OSError,
    http.client.HTTPException,
    ValueError,
    DatasetError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
)
"""What a download and the reading of its file may raise. `reason` puts each into words."""


class _ProgressBar:
    """What pooch calls while it downloads: it sets `total` and adds up bytes with `update`."""

    def __init__(self, progress: Progress) -> None:
        self.total = 0
        self._received = 0
        self._progress = progress

    def update(self, count: int) -> None:
        """Count more bytes. pooch passes the size of a full chunk even for the last one, which is shorter."""
        self._received += count
        if self.total:
            self._received = min(self._received, self.total)
        self._progress(self._received, self.total)

    def reset(self) -> None:
        """Start again at 0: pooch does so at the end, before it reports the whole file."""
        self._received = 0

    def close(self) -> None:
        """Nothing to close."""


def fetch(url: str, folder: Path, progress: Progress) -> Path:
    """Download one file into a folder. Raises OSError, ValueError or what `progress` raises."""
    import pooch  # with requests it takes 0.1 s to import, and only a download needs it

    pooch.get_logger().setLevel("WARNING")
    bar = _ProgressBar(progress)
    downloader = pooch.HTTPDownloader(progressbar=bar, chunk_size=CHUNK_BYTES, timeout=TIMEOUT_SECONDS)
    # No hash of the file: the digest of the arrays is checked, which is the same for both sources.
    name = url.rsplit("/", 1)[-1]
    return Path(pooch.retrieve(url, known_hash=None, fname=name, path=folder, downloader=downloader))


def reason(error: Exception) -> str:
    """An error in words for a user: without the addresses of objects that requests puts into its messages."""
    import requests

    if isinstance(error, requests.Timeout):
        return f"no answer within {TIMEOUT_SECONDS} s"
    if isinstance(error, requests.ConnectionError) and not isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "no connection to the server"
    return str(error)

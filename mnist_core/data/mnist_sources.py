"""Download MNIST from one of two sources, check it and put it in place.

    >>> download_mnist()                      # doctest: +SKIP
    PosixPath('/home/ann/.keras/datasets/mnist.npz')

The first source is the .npz file that Keras loads. The second one, the mirror, has the four original files in the IDX
format (http://yann.lecun.com/exdb/mnist). Only arrays with MNIST's digest are kept, whichever source they came from.
"""

import gzip
import math
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_core.data import mnist
from mnist_core.data.digit_set import ARRAYS, arrays_digest
from mnist_core.data.downloading import FAILURES, Progress, fetch, reason
from mnist_core.data.npz_files import read_npz, write_npz
from mnist_core.errors import DatasetError

MNIST_NPZ_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
"""The file that `keras.datasets.mnist` loads: 11.5 MB."""

MNIST_IDX_URL = "https://ossci-datasets.s3.amazonaws.com/mnist/"
"""The mirror: the four original files, as PyTorch's torchvision uses them."""

IDX_FILES = {
    "x_train": "train-images-idx3-ubyte.gz",
    "y_train": "train-labels-idx1-ubyte.gz",
    "x_test": "t10k-images-idx3-ubyte.gz",
    "y_test": "t10k-labels-idx1-ubyte.gz",
}


def download_mnist(
    progress: Progress | None = None,
    *,
    npz_url: str = MNIST_NPZ_URL,
    idx_url: str = MNIST_IDX_URL,
) -> Path:
    """Download MNIST from Keras' source or else from the mirror, check it, and put it in place in one step.

    progress: told about every 64 kB. What it raises passes through and ends the download.

    Returns the file's path. Raises DatasetError, which names the remedies, if neither source delivers MNIST's arrays or
    the file cannot be written.
    """
    path = mnist.mnist_path()
    failures = []
    for fetch_from, url in ((_fetch_npz, npz_url), (_fetch_idx, idx_url)):
        try:
            arrays = fetch_from(url, progress or (lambda received, total: None))
        except FAILURES as error:
            failures.append(f"{url}: {reason(error)}")
            continue
        if (digest := arrays_digest(arrays)) == mnist.MNIST_DIGEST:
            _store(path, arrays)
            return path
        failures.append(f"{url}: its arrays have the digest {digest[:12]}…, expected {mnist.MNIST_DIGEST[:12]}…")
    raise DatasetError(
        f"MNIST could not be downloaded. {'; '.join(failures)}. "
        f"Check the network and try again, or put a copy of mnist.npz at {path} (or set MNIST_NPZ to it)."
    )


def _fetch_npz(url: str, progress: Progress) -> dict[str, NDArray[np.uint8]]:
    with tempfile.TemporaryDirectory() as folder:
        return read_npz(fetch(url, Path(folder), progress), ARRAYS)


def _fetch_idx(url: str, progress: Progress) -> dict[str, NDArray[np.uint8]]:
    with tempfile.TemporaryDirectory() as folder:
        files = {name: fetch(url + file, Path(folder), progress) for name, file in IDX_FILES.items()}
        return {name: _parse_idx(gzip.decompress(file.read_bytes()), file.name) for name, file in files.items()}


def _parse_idx(data: bytes, name: str) -> NDArray[np.uint8]:
    """Parse MNIST's original format. name: of the file, for messages.

    Two zero bytes, type 8 (uint8), the number of axes, each size as big-endian int32, the values.
    """
    if len(data) < 4 or data[:3] != b"\x00\x00\x08":
        raise DatasetError(f"{name} does not begin like an IDX file of bytes")
    axes = data[3]
    header = 4 + 4 * axes
    if len(data) <= header:
        raise DatasetError(f"{name} ends within its header")
    shape = tuple(int(size) for size in np.frombuffer(data, ">i4", count=axes, offset=4))
    values = np.frombuffer(data, np.uint8, offset=header)
    if min(shape, default=0) < 0 or values.size != math.prod(shape):
        raise DatasetError(f"{name} holds {values.size:,} values, expected shape {shape}")
    return values.reshape(shape)


def _store(path: Path, arrays: dict[str, NDArray[np.uint8]]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_npz(path, arrays)
    except OSError as error:
        raise DatasetError(
            f"MNIST could not be written to {path} ({error}). "
            "Free some space, or set MNIST_NPZ to a place that can be written."
        ) from error

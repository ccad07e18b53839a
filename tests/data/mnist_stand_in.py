"""A very small data set in place of MNIST, in the formats of MNIST's files."""

import gzip
from pathlib import Path

import numpy as np

from mnist_core.data.mnist_sources import IDX_FILES

ARRAYS = {
    "x_train": np.arange(6 * 784, dtype=np.uint64).astype(np.uint8).reshape(6, 28, 28),
    "y_train": np.arange(6, dtype=np.uint8),
    "x_test": np.ones((2, 28, 28), np.uint8),
    "y_test": np.array([3, 4], np.uint8),
}


def write_idx(folder: Path) -> None:
    """Write the four files of the mirror into a folder."""
    for name, file in IDX_FILES.items():
        array = ARRAYS[name]
        header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes()
        (folder / file).write_bytes(gzip.compress(header + array.tobytes()))

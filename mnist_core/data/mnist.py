"""MNIST on this machine's disk: where it is, and whether it is really MNIST.

    >>> mnist = load_mnist()                             # doctest: +SKIP
    >>> mnist.train.images.shape, mnist.test.labels[:3]  # doctest: +SKIP
    ((60000, 28, 28), array([7, 2, 1], dtype=uint8))

The file is the one that the environment variable MNIST_NPZ names. If the variable is unset, it is Keras' own copy
(~/.keras/datasets/mnist.npz, or below KERAS_HOME). Its arrays are always checked against one digest.
"""

import os
from pathlib import Path

from mnist_core.data.digit_set import ARRAYS, DigitSet
from mnist_core.data.npz_files import read_npz
from mnist_core.errors import DatasetError

MNIST = "mnist"
"""The name of the data set in settings and in runs."""

MNIST_DIGEST = "a01671389766172d0fe3c6ce94e27aea68db16480c3e1dda5bb946a18204cf3b"
"""SHA-256 of MNIST's four arrays, see `arrays_digest`. The digest of a file would differ with every zip program."""


def mnist_is_named() -> bool:
    """Whether MNIST_NPZ names the file to use. Then no download takes its place."""
    return bool(os.environ.get("MNIST_NPZ"))


def mnist_path() -> Path:
    """The file of MNIST, whether or not it exists yet."""
    if mnist_is_named():
        return Path(os.path.expanduser(os.environ["MNIST_NPZ"]))
    return keras_datasets_folder() / "mnist.npz"


def keras_datasets_folder() -> Path:
    """Where Keras keeps data sets, whether or not the folder exists yet."""
    keras_home = os.environ.get("KERAS_HOME") or "~/.keras"
    return Path(os.path.expanduser(keras_home)) / "datasets"


def has_mnist() -> bool:
    """Whether MNIST is on this machine, so that `load_mnist` needs no network."""
    return os.path.isfile(mnist_path())


def load_mnist() -> DigitSet:
    """Load MNIST from this machine's disk and check it. Raises DatasetError if it is absent, damaged or not MNIST."""
    path = mnist_path()
    if not has_mnist():
        if mnist_is_named():
            raise DatasetError(
                f"MNIST_NPZ names {path}, where there is no file. Correct it, or unset it to have MNIST downloaded."
            )
        raise DatasetError(
            f"MNIST is not on this machine: there is no file {path}. "
            "Either run `digit-duel download` once with a network, or set MNIST_NPZ to a copy of mnist.npz."
        )
    digits = DigitSet.from_arrays(read_npz(path, ARRAYS), name=MNIST)
    if digits.digest != MNIST_DIGEST:
        raise DatasetError(
            f"{path} is not MNIST: its arrays have the digest {digits.digest[:12]}…, expected {MNIST_DIGEST[:12]}…. "
            "Delete the file and download it again, or set MNIST_NPZ to a good copy."
        )
    return digits

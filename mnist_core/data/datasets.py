"""The data sets that there are, and one function that loads each of them by its name.

>>> load_digit_set("offline").train.images.shape
(1437, 28, 28)
>>> digit_set_title("mnist"), digit_set_title("offline"), digit_set_title("~/digits/mine.npz")
('MNIST', 'small offline set', 'mine.npz')

A name is "mnist", "offline" (scikit-learn's digits) or the path of an .npz file, see labelled_files.py. Settings, runs,
the command line and the pages all use these names.
"""

import os
from pathlib import Path

from mnist_core.data.digit_set import DigitSet, Split, arrays_digest, as_bytes
from mnist_core.data.downloading import Progress
from mnist_core.data.labelled_files import load_file_set, load_labelled
from mnist_core.data.mnist import MNIST, MNIST_DIGEST, has_mnist, load_mnist, mnist_is_named, mnist_path
from mnist_core.data.mnist_sources import IDX_FILES, download_mnist
from mnist_core.data.npz_files import array_names, read_npz
from mnist_core.data.offline_digits import OFFLINE, load_offline
from mnist_core.errors import DatasetError

__all__ = [
    "DIGIT_SETS",
    "IDX_FILES",
    "MNIST",
    "MNIST_DIGEST",
    "OFFLINE",
    "OWN_ARRAYS",
    "DigitSet",
    "Progress",
    "Split",
    "array_names",
    "arrays_digest",
    "as_bytes",
    "canonical_name",
    "digit_set_title",
    "download_mnist",
    "has_mnist",
    "is_digit_set_name",
    "load_digit_set",
    "load_file_set",
    "load_labelled",
    "load_mnist",
    "load_offline",
    "mnist_is_named",
    "mnist_path",
    "read_npz",
]

DIGIT_SETS = {
    MNIST: "MNIST: 60,000 digits to train with, 10,000 to test with",
    OFFLINE: "small offline set: 1,437 digits to train with, 360 to test with",
}
"""The built-in data sets by their names, each with a description."""

OWN_ARRAYS = "own arrays"
"""The name of a data set that somebody passed to `mnist_core.train` as arrays. It cannot be loaded again."""

TITLES = {MNIST: "MNIST", OFFLINE: "small offline set"}


def load_digit_set(name: str | os.PathLike[str]) -> DigitSet:
    """Load a data set from this machine's disk.

    name: "mnist", "offline", or the path of an .npz file with images and labels (see labelled_files.py), from which a
    random fifth is kept for testing unless the file is split itself.

    Raises DatasetError if the set is unknown, absent or damaged. Nothing is downloaded, see `download_mnist`.
    """
    known = canonical_name(os.fspath(name))
    if known == MNIST:
        return load_mnist()
    if known == OFFLINE:
        return load_offline()
    if is_digit_set_name(known):
        return load_file_set(Path(os.path.expanduser(known)))
    if known == OWN_ARRAYS:
        raise DatasetError(
            "These digits were arrays in somebody's Python program, and no run keeps them. Save them as an .npz file "
            "with images and labels, and name that file as the data."
        )
    raise DatasetError(
        f"There is no digit set {known[:80]!r}, expected {', '.join(DIGIT_SETS)} or the path of an .npz file."
    )


def is_digit_set_name(name: str) -> bool:
    """Whether a name is one of DIGIT_SETS or the path of an .npz file. The file need not exist.

    >>> is_digit_set_name("mnist"), is_digit_set_name("digits/mine.npz"), is_digit_set_name("kmnist")
    (True, True, False)
    """
    return name in DIGIT_SETS or Path(name).suffix.lower() == ".npz"


def canonical_name(name: str) -> str:
    """The one spelling of a data set's name. Older runs say "MNIST".

    >>> canonical_name("MNIST"), canonical_name("digits/MNIST.npz")
    ('mnist', 'digits/MNIST.npz')
    """
    return name.lower() if name.lower() in DIGIT_SETS else name


def digit_set_title(name: str) -> str:
    """A data set's name in a sentence: "MNIST", "small offline set", or the file's name without its folder."""
    return TITLES.get(canonical_name(name), Path(name).name)

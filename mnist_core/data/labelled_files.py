"""Labelled digits of one's own, from an .npz file.

>>> import tempfile
>>> path = Path(tempfile.mkdtemp()) / "mine.npz"
>>> np.savez(path, images=np.zeros((50, 28, 28), np.uint8), labels=np.arange(50) % 10)
>>> digits = load_file_set(path)
>>> len(digits.train), len(digits.test), digits.name == str(path)
(40, 10, True)
>>> len(load_labelled(path))
50

The arrays of a file have one of these sets of names:

    images, labels (or x, y)            digits that are not split
    x_train, y_train, x_test, y_test    digits that are split, as in Keras' mnist.npz

Images are (n, 28, 28) or (n, 28, 28, 1): uint8 with 255 for full ink, or floats in 0..1. Labels are (n,) whole numbers
0..9. Digits should be white on black and prepared the way MNIST was made, see preprocessing.py.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.checks import checked_digits, checked_labels
from mnist_core.data.digit_set import ARRAYS, DigitSet, Split, as_bytes
from mnist_core.data.npz_files import array_names, read_npz
from mnist_core.errors import DatasetError, PictureError

UNSPLIT_NAMES = (("images", "labels"), ("x", "y"))
"""Names of the images and the labels in a file that is not split."""

TEST_FRACTION = 0.2
"""Fraction of an unsplit file's digits that are kept for testing."""

SPLIT_SEED = 0
"""Seed of that division, so that a file gives the same test digits every time."""


def load_file_set(path: Path) -> DigitSet:
    """The digits of a file, to train and to test with. The set's name is the path as it was given.

    A file that is split keeps its split. Of other files, a random fifth (seed 0, the same every time) is for testing.
    Raises DatasetError, which names the file, if the file cannot be used or has fewer than 5 digits.
    """
    if set(ARRAYS) <= set(names := array_names(path)):
        train, test = (_split(path, (f"x_{part}", f"y_{part}")) for part in ("train", "test"))
    else:
        whole = _split(path, _unsplit_names(path, names))
        count = round(len(whole) * TEST_FRACTION)
        if not count:
            raise DatasetError(f"{path} holds {len(whole):,} digits, expected at least 5 to train and to test with.")
        order = np.random.default_rng(SPLIT_SEED).permutation(len(whole))
        # Sorted, so that the digits keep the order of the file.
        chosen, rest = np.sort(order[:count]), np.sort(order[count:])
        train, test = (Split(whole.images[part], whole.labels[part]) for part in (rest, chosen))
    arrays = dict(zip(ARRAYS, (train.images, train.labels, test.images, test.labels), strict=True))
    return DigitSet.from_arrays(arrays, name=str(path))


def load_labelled(path: Path) -> Split:
    """Digits to evaluate with: all digits of a file, or its test digits if it is split.

    Raises DatasetError, which names the file, if the file cannot be used.
    """
    names = array_names(path)
    return _split(path, ("x_test", "y_test") if "x_test" in names else _unsplit_names(path, names))


def _unsplit_names(path: Path, names: list[str]) -> tuple[str, str]:
    for pair in UNSPLIT_NAMES:
        if set(pair) <= set(names):
            return pair
    raise DatasetError(
        f"{path} contains {', '.join(names) or 'no arrays'}; expected images and labels, or x and y, "
        f"or {', '.join(ARRAYS)}. Save it with np.savez(path, images=..., labels=...)."
    )


def _split(path: Path, names: tuple[str, str]) -> Split:
    """Two arrays of a file as a checked split with at least one digit."""
    images, labels = read_npz(path, names).values()
    try:
        images, labels = _as_bytes(images), checked_labels(labels, len(images))
    except (PictureError, DatasetError) as error:
        raise DatasetError(f"{path}, arrays {names[0]} and {names[1]}: {error}") from error
    if not len(labels):
        raise DatasetError(f"{path}: {names[0]} is empty, expected at least one digit. Name another file.")
    return Split(images, labels)


def _as_bytes(images: NDArray[Any]) -> NDArray[np.uint8]:
    if images.ndim == 2:
        raise PictureError(
            f"Received one digit of shape {images.shape}, expected (n, 28, 28). Pass images[np.newaxis]."
        )
    return as_bytes(checked_digits(images))

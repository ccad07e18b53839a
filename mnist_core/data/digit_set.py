"""Labelled digits in memory: a split, and a set that consists of a training split and a test split.

>>> split = Split(np.full((2, 28, 28), 255, np.uint8), np.array([7, 2], np.uint8))
>>> len(split), float(split.pixels().max()), split.pixels_of(1).shape
(2, 1.0, (28, 28))
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ARRAYS = ("x_train", "y_train", "x_test", "y_test")
"""The arrays of a digit set by the names that Keras' mnist.npz uses."""


@dataclass(frozen=True)
class Split:
    """Labelled digits. images: (n, 28, 28) uint8, 255 is full ink. labels: (n,) uint8, 0..9."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.labels)

    def pixels(self) -> NDArray[np.float32]:
        """The images in the form that the models take: (n, 28, 28) float32 in 0..1."""
        return self.images.astype(np.float32) / np.float32(255)

    def pixels_of(self, index: int) -> NDArray[np.float32]:
        """One image in the form that the models take: (28, 28) float32 in 0..1."""
        pixels: NDArray[np.float32] = self.images[index].astype(np.float32) / np.float32(255)
        return pixels


@dataclass(frozen=True)
class DigitSet:
    """Digits to train with and digits to test with.

    digest: SHA-256 of the arrays, see `arrays_digest`. name: "mnist", "offline" or the path of a file.
    """

    train: Split
    test: Split
    digest: str
    name: str = "mnist"

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.uint8]], *, name: str) -> "DigitSet":
        """The set of four arrays called x_train, y_train, x_test and y_test, with their digest."""
        return cls(
            train=Split(arrays["x_train"], arrays["y_train"]),
            test=Split(arrays["x_test"], arrays["y_test"]),
            digest=arrays_digest(arrays),
            name=name,
        )


def as_bytes(pixels: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    """Pixels in 0..1 as uint8 in 0..255, the way MNIST is stored. This is the inverse of `Split.pixels`. Any shape."""
    rounded: NDArray[np.uint8] = np.rint(pixels * np.float32(255)).astype(np.uint8)
    return rounded


def arrays_digest(arrays: Mapping[str, NDArray[np.uint8]]) -> str:
    """SHA-256 over x_train, y_train, x_test, y_test: name, dtype, shape and bytes of each, in this order."""
    digest = hashlib.sha256()
    for name in ARRAYS:
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()

"""Find the digits that are most similar to a given digit, pixel by pixel.

    >>> images = np.zeros((3, 28, 28), np.uint8); images[2, 5, 5] = 255
    >>> nearest(np.zeros((28, 28), np.float32), images, count=2)
    [(0, 0.0), (1, 0.0)]

The distance is Euclidean on the pixels, as in the oldest comparison on MNIST. A classifier that only uses the three
nearest training digits misclassifies 5 % of the test digits (LeCun, Bottou, Bengio, Haffner, 1998, table of K-nearest
neighbours).
"""

import numpy as np
from numpy.typing import NDArray

CHUNK = 10_000
"""Number of images that are compared at once. They take 31 MB."""


def nearest(digit: NDArray[np.float32], images: NDArray[np.uint8], *, count: int) -> list[tuple[int, float]]:
    """The index and the distance of each of the `count` nearest images, nearest first.

    digit: (28, 28) in 0..1. images: (n, 28, 28), 255 is full ink. A pixel with full ink counts 1 in the distance.
    """
    flat = digit.reshape(-1).astype(np.float32)
    distances = np.empty(len(images), np.float32)
    for start in range(0, len(images), CHUNK):
        part = images[start : start + CHUNK].reshape(-1, flat.size).astype(np.float32) / np.float32(255)
        part -= flat
        distances[start : start + len(part)] = np.sqrt(np.einsum("np,np->n", part, part))
    order = np.argsort(distances, kind="stable")[:count]
    return [(int(index), float(distances[index])) for index in order]

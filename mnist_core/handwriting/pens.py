"""Draw real pen strokes anew, as their writers might have written them another time.

    >>> pen = PenDigits.of([[[[0, 0], [5, 20], [0, 50]]]], labels=[1], donors=["ann"])
    >>> redrawn = redraw(pen, 3, seed=1)
    >>> redrawn.digits.shape, redrawn.labels.tolist(), redrawn.sources.tolist()
    ((3, 28, 28), [1, 1, 1], [0, 0, 0])

The strokes are varied before they become pixels, with the same means as the generator's (variation.py) but less: real
strokes hold the carelessness of a hand already. What is added is mostly the whole character's shape.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.pen_files import PenDigits
from mnist_core.data.preprocessing import SIDE
from mnist_core.handwriting.generator import rendered
from mnist_core.handwriting.variation import varied_strokes


@dataclass(frozen=True)
class Redrawn:
    """Digits drawn from varied pen strokes.

    digits: (n, 28, 28) float32, 0 paper to 1 ink. labels: (n,) uint8, 0..9. sources: (n,), the place in the pen digits
    of the one that was varied.
    """

    digits: NDArray[np.float32]
    labels: NDArray[np.uint8]
    sources: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)


def redraw(pen: PenDigits, count: int, *, seed: int) -> Redrawn:
    """Draw `count` digits in random order, each pen digit equally often as far as that is possible.

    seed: the same seed gives the same digits.
    """
    random = np.random.default_rng(seed)
    sources = np.resize(random.permutation(len(pen)), count)
    digits = np.empty((count, SIDE, SIDE), np.float32)
    for source in np.unique(sources):
        places = np.flatnonzero(sources == source)
        digits[places] = rendered(varied_strokes(pen.strokes(int(source)), len(places), random), random)
    order = random.permutation(count)
    return Redrawn(digits[order], pen.labels[sources[order]], sources[order])

"""What is measured on this machine, when it is asked for: how long a run takes over a digit, and how many it still reads when digits are moved.

    >>> measured = measure(Classifier(load_run("mlp-specified").model_path))    # doctest: +SKIP
    >>> measured.microseconds, measured.shifted[3].share                        # doctest: +SKIP
    (20.1, 0.489)

Neither needs a data set. The digits are our own generator's (handwriting.py), in styles that MNIST lacks and by a seed that no training can have,
so they are new to every run; but runs of the robust recipe learned from the same generator, so that only runs of one recipe compare fairly. Moving
them is what MNIST's centred digits never show: how far a network depends on each stroke being where it was.
"""

import time
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.handwriting.generator import Handwritten, write
from mnist_core.metrics.accuracy import Accuracy
from mnist_core.models.classifier import Classifier

SEED = 2**40
"""Above any that a training can be given."""

COUNT = 1000
SHIFTS = (0, 1, 2, 3, 4)
"""By how many of the 28 pixels the digits are moved."""

SHOWN_SHIFT = 3
"""The one that tables show."""

TIMED = 200
"""Single readings, of which the median is told."""

DIRECTIONS = ((0, 1), (0, -1), (1, 0), (-1, 0))


@dataclass(frozen=True)
class Measured:
    """microseconds: of one reading, one thread, the median of 200. shifted: the accuracy on 1,000 handwritten digits moved by 0, 1 ... 4 pixels."""

    microseconds: float
    shifted: tuple[Accuracy, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "microseconds": self.microseconds,
            "shifted": {str(by): accuracy.to_json() for by, accuracy in zip(SHIFTS, self.shifted, strict=True)},
        }


def measure(classifier: Classifier) -> Measured:
    """Both, which takes 0.1 to 1 s; the first call in a process also writes the digits, 2 s."""
    written = digits()
    return Measured(
        microseconds(classifier, written.digits[:1]), tuple(shift_accuracy(classifier, written, by) for by in SHIFTS)
    )


def microseconds(classifier: Classifier, digit: NDArray[np.float32]) -> float:
    """Median of many single readings of digit (1, 28, 28), after a few that warm up."""
    times = []
    for _ in range(TIMED + TIMED // 10):
        start = time.perf_counter()
        classifier.probabilities(digit)
        times.append(time.perf_counter() - start)
    return median(times[TIMED // 10 :]) * 1e6


def shift_accuracy(classifier: Classifier, written: Handwritten, by: int) -> Accuracy:
    """How many are read rightly when a quarter each is moved right, left, down and up by that many pixels."""
    moved = np.empty_like(written.digits)
    for place, (down, right) in enumerate(DIRECTIONS):
        moved[place::4] = shifted(written.digits[place::4], down * by, right * by)
    return Accuracy.of(classifier.probabilities(moved).argmax(axis=1), written.labels)


def shifted(pictures: NDArray[np.float32], down: int, right: int) -> NDArray[np.float32]:
    """Pictures (n, height, width) moved by whole pixels; paper comes in, and what goes over the edge is lost."""
    height, width = pictures.shape[1:]
    result = np.zeros_like(pictures)
    result[:, max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)] = pictures[
        :, max(-down, 0) : height + min(-down, 0), max(-right, 0) : width + min(-right, 0)
    ]
    return result


@cache
def digits() -> Handwritten:
    """The digits that all runs are measured on."""
    return write(COUNT, seed=SEED)

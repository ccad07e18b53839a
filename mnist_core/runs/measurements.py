"""Measurements on this machine: the time of a prediction, and the accuracy on digits that are moved.

    >>> measured = measure(Classifier(load_run("mlp-specified").model_path))    # doctest: +SKIP
    >>> measured.microseconds, measured.shifted[3].fraction                     # doctest: +SKIP
    (20.1, 0.489)

No data set is needed. The digits come from our own generator (`mnist_core.handwriting`), in styles that MNIST lacks and
from a seed that no training can have, so they are new to every run. But runs of the robust recipe learned from the same
generator, so only runs of one recipe can be compared fairly. MNIST's digits are centred. Moving digits shows how far a
network depends on that.
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
"""It is above the highest seed of a training."""

COUNT = 1000
SHIFTS = (0, 1, 2, 3, 4)
"""The distances, in pixels, by which the digits are moved."""

SHOWN_SHIFT = 3
"""The distance that tables show."""

TIMED = 200
"""The number of predictions whose median time is taken."""

DIRECTIONS = ((0, 1), (0, -1), (1, 0), (-1, 0))


@dataclass(frozen=True)
class Measured:
    """The measurements of one run.

    microseconds: the median time of one prediction on one thread.
    shifted: the accuracy on 1,000 generated digits, moved by each of SHIFTS.
    """

    microseconds: float
    shifted: tuple[Accuracy, ...]

    def to_json(self) -> dict[str, Any]:
        """The measurements as plain JSON values."""
        return {
            "microseconds": self.microseconds,
            "shifted": {str(by): accuracy.to_json() for by, accuracy in zip(SHIFTS, self.shifted, strict=True)},
        }


def measure(classifier: Classifier) -> Measured:
    """Measure both, which takes 0.1 to 1 s. The first call in a process also generates the digits, which takes 2 s."""
    written = digits()
    return Measured(
        microseconds(classifier, written.digits[:1]), tuple(shift_accuracy(classifier, written, by) for by in SHIFTS)
    )


def microseconds(classifier: Classifier, digit: NDArray[np.float32]) -> float:
    """The median time of a prediction of digit (1, 28, 28), in microseconds, after some predictions to warm up."""
    times = []
    for _ in range(TIMED + TIMED // 10):
        start = time.perf_counter()
        classifier.probabilities(digit)
        times.append(time.perf_counter() - start)
    return median(times[TIMED // 10 :]) * 1e6


def shift_accuracy(classifier: Classifier, written: Handwritten, by: int) -> Accuracy:
    """The accuracy if a quarter of the digits each is moved right, left, down and up by that many pixels."""
    moved = np.empty_like(written.digits)
    for place, (down, right) in enumerate(DIRECTIONS):
        moved[place::4] = shifted(written.digits[place::4], down * by, right * by)
    return Accuracy.of(classifier.probabilities(moved).argmax(axis=1), written.labels)


def shifted(pictures: NDArray[np.float32], down: int, right: int) -> NDArray[np.float32]:
    """Pictures (n, height, width) moved by whole pixels. Zeros come in, and what goes over the edge is lost."""
    height, width = pictures.shape[1:]
    result = np.zeros_like(pictures)
    result[:, max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)] = pictures[
        :, max(-down, 0) : height + min(-down, 0), max(-right, 0) : width + min(-right, 0)
    ]
    return result


@cache
def digits() -> Handwritten:
    """The digits on which all runs are measured."""
    return write(COUNT, seed=SEED)

"""Tests of evidence maps: do they name the pixels that matter, and do they depend on what the network learned?

- Deletion and insertion (Petsiuk, Das, Saenko 2018): the ink that speaks most for the answer is erased first, or put
  first on empty paper, and the probability of the answer is followed. A faithful map makes it fall, or rise, early.
- Inking: the same for empty paper. The empty pixels that speak most for the answer are inked first.
- The sanity check of Adebayo et al. (2018): with randomised weights, the map must look different.

The area under a curve is the mean of its points, 0..1. docs/why.md has the figures.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.random import Generator
from scipy import stats

from mnist_core.data.preprocessing import Digit
from mnist_core.explanations.evidence import Predict
from mnist_core.models.network import Array, Convolution, Dense, Layer, Network

POINTS = 21
"""Points of a curve, its two ends included."""

INKED = 40
"""Pixels of empty paper that are inked at the end of an inking curve: a twentieth of the picture."""


def deletion_curve(predict: Predict, digit: Digit, evidence: Array, answer: int) -> Array:
    """The probability of the answer while the ink is erased, the pixel with the highest evidence first: (POINTS,)."""
    order = ink_order(digit, evidence)
    return _curve(predict, digit, np.zeros_like(digit), order, len(order), answer)


def insertion_curve(predict: Predict, digit: Digit, evidence: Array, answer: int) -> Array:
    """The probability of the answer while the ink is put on empty paper, in the same order: (POINTS,)."""
    order = ink_order(digit, evidence)
    return _curve(predict, np.zeros_like(digit), digit, order, len(order), answer)


def inking_curve(predict: Predict, digit: Digit, evidence: Array, answer: int) -> Array:
    """The probability of the answer while INKED empty pixels are inked, those with the highest evidence first."""
    paper = np.flatnonzero(digit.ravel() == 0)
    order = paper[np.argsort(-evidence.ravel()[paper], kind="stable")]
    return _curve(predict, digit, np.ones_like(digit), order, min(INKED, len(order)), answer)


def ink_order(digit: Digit, evidence: Array) -> np.ndarray:
    """The flat places of all pixels with ink, those with the highest evidence first."""
    inked = np.flatnonzero(digit.ravel() > 0)
    order: np.ndarray = inked[np.argsort(-evidence.ravel()[inked], kind="stable")]
    return order


def _curve(predict: Predict, start: Digit, end: Digit, order: np.ndarray, count: int, answer: int) -> Array:
    """Probabilities of the answer while the first `count` places of the order turn from `start` to `end`."""
    steps = np.repeat(start.reshape(1, -1), POINTS, axis=0)
    for step, done in zip(steps, np.rint(np.linspace(0, count, POINTS)).astype(int), strict=True):
        step[order[:done]] = end.ravel()[order[:done]]
    probabilities: Array = predict(steps.reshape(-1, *start.shape))[:, answer]
    return probabilities


def randomised(network: Sequence[Layer], random: Generator, *, last_only: bool = False) -> Network:
    """The same network with the weights of each kernel and bias shuffled. last_only: those of the last layer alone."""
    return tuple(
        replace(layer, kernel=_shuffled(layer.kernel, random), bias=_shuffled(layer.bias, random))
        if isinstance(layer, Convolution | Dense) and (layer is network[-1] or not last_only)
        else layer
        for layer in network
    )


def _shuffled(weights: Array, random: Generator) -> Array:
    return random.permutation(weights.ravel()).reshape(weights.shape)


def similarity(one: Array, other: Array, where: np.ndarray) -> float:
    """Spearman's rank correlation of two maps at the pixels where `where` is true, -1..1; 0 for a map without ranks."""
    first, second = one[where], other[where]
    if len(first) < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return float(stats.spearmanr(first, second).statistic)

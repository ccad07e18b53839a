"""Evidence maps: which pixels of a digit speak for a network's answer, and which against it.

A map is (28, 28) float32. It explains a margin, the logit of the answer minus that of a rival, most often of the
runner-up. A pixel above 0 speaks for the answer, below 0 for the rival. Inked pixels count by their ink, and pixels of
empty paper by being empty: a gap can be what tells a 3 from an 8.

The methods are in METHODS by name. docs/why.md says how they were tested, and which were dropped.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mnist_core.data.preprocessing import SIDE, Digit
from mnist_core.explanations.gradients import gradients, margin_weights
from mnist_core.handwriting.generator import write
from mnist_core.models.network import Array, Network

Predict = Callable[[Array], Array]
"""Probabilities (n, 10) float32 for digits (n, 28, 28) float32 in 0..1."""

SMALLEST_PROBABILITY = 1e-30
"""Margins are computed from probabilities at least this high, because the logarithm of 0 is infinite."""

STEPS = 16
"""Points of each path that integrated gradients averages over."""

PATCH = 3
"""Side of the patches that occlusion changes, in pixels."""

BASELINE_DIGITS = 400
"""Generated digits whose mean is the second baseline of integrated gradients."""


@dataclass(frozen=True, eq=False)
class Model:
    """A network that is asked why. network: its layers, for gradients. predict: the same network, fast."""

    network: Network
    predict: Predict


@dataclass(frozen=True)
class Question:
    """Why this answer rather than that rival? Both are digits, 0..9."""

    answer: int
    rival: int


@dataclass(frozen=True)
class Method:
    """One way to make a map.

    name: in addresses. title: on buttons. line: what it does, as a sentence or two. evidence: computes the map.
    """

    name: str
    title: str
    line: str
    evidence: Callable[[Model, Digit, Question], Array]


def question_of(probabilities: Array) -> Question:
    """Why the most probable digit rather than the second? probabilities: (10,)."""
    order = np.argsort(-np.asarray(probabilities), kind="stable")
    return Question(int(order[0]), int(order[1]))


def margins(probabilities: Array, question: Question) -> Array:
    """How far the answer is ahead of the rival, as a difference of logits: (n,) for probabilities (n, 10)."""
    logarithms: Array = np.log(np.maximum(probabilities, SMALLEST_PROBABILITY))
    return logarithms[:, question.answer] - logarithms[:, question.rival]


def integrated_gradients(model: Model, digit: Digit, question: Question) -> Array:
    """Integrated gradients (Sundararajan, Taly, Yan 2017), the mean of two paths to this digit: from empty paper and
    from the mean of generated digits.

    The map sums to the margin of the digit minus the mean margin of both baselines, up to the error of STEPS points.
    From empty paper alone, every empty pixel would get exactly 0. The mean digit has some ink wherever digits have it.
    """
    return along_paths(model.network, digit, question, baselines=np.stack([np.zeros_like(digit), mean_digit()]))


def along_paths(network: Network, digit: Digit, question: Question, *, baselines: Array, steps: int = STEPS) -> Array:
    """Integrated gradients from any baselines (n, 28, 28), with the midpoint rule; the mean of their maps."""
    fractions = (np.arange(steps, dtype=np.float32) + 0.5) / steps
    differences = digit - baselines
    paths = baselines[:, None] + fractions[:, None, None] * differences[:, None]
    weights = margin_weights(question.answer, question.rival)
    slopes = gradients(network, paths.reshape(-1, SIDE, SIDE), weights).pixels.reshape(paths.shape)
    result: Array = (differences * slopes.mean(axis=1)).mean(axis=0)
    return result


def gradient_times_input(model: Model, digit: Digit, question: Question) -> Array:
    """Pixels times gradients. With the share of the biases, they sum exactly to the margin, see `gradients`.

    For the MLP, this is the exact sum of the ways from a pixel through the active hidden units.
    """
    weights = margin_weights(question.answer, question.rival)
    result: Array = digit * gradients(model.network, digit[None], weights).pixels[0]
    return result


def occlusion(model: Model, digit: Digit, question: Question) -> Array:
    """How much the margin shrinks if a patch is changed: inked patches are erased, empty ones inked.

    A pixel's value is the mean over all patches that contain it, times its share of ink (or of emptiness). Each patch
    is 3 x 3. Zeiler and Fergus (2014) erase only; inking shows what the empty paper counts.
    """
    erased, inked = _patched(digit, 0.0), _patched(digit, 1.0)
    by_erasing = _mean_over_patches(*erased, model, digit, question)
    by_inking = _mean_over_patches(*inked, model, digit, question)
    result: Array = by_erasing * digit + by_inking * (1 - digit)
    return result


def _patched(digit: Digit, ink: float) -> tuple[Array, Array]:
    """The digit with one patch set to `ink`, for each place where that makes a difference: (n, 28, 28) digits and the
    patches themselves, (n, 28, 28) of 0 and 1. Inking is tried where the patch has no ink and the pen can reach.
    """
    count = SIDE - PATCH + 1
    totals = sliding_window_view(digit, (PATCH, PATCH)).sum(axis=(2, 3))
    if ink:
        near = slice(2, SIDE - PATCH - 1)  # MNIST's digits leave the outer four pixels empty, or nearly so
        wanted = np.zeros((count, count), bool)
        wanted[near, near] = totals[near, near] < 0.5
        wanted[::2, :] = wanted[:, ::2] = False
    else:
        wanted = totals > 0
    places = np.argwhere(wanted)
    patches = np.zeros((len(places), SIDE, SIDE), np.float32)
    for patch, (row, column) in zip(patches, places, strict=True):
        patch[row : row + PATCH, column : column + PATCH] = 1
    return np.where(patches > 0, np.float32(ink), digit), patches


def _mean_over_patches(changed: Array, patches: Array, model: Model, digit: Digit, question: Question) -> Array:
    if not len(changed):
        return np.zeros((SIDE, SIDE), np.float32)
    before = margins(model.predict(digit[None]), question)
    drops = before - margins(model.predict(changed), question)
    covered = patches.sum(axis=0)
    result: Array = np.tensordot(drops, patches, axes=1) / np.maximum(covered, 1)
    return result


@cache
def mean_digit() -> Digit:
    """The mean of generated digits of all kinds, (28, 28) float32 in 0..1. It is the same on every machine."""
    mean: Digit = write(BASELINE_DIGITS, seed=0).digits.mean(axis=0).astype(np.float32)
    mean.setflags(write=False)
    return mean


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method(
            "gradients",
            "Integrated gradients",
            "Empty paper, and then the average digit, is turned into this digit in small steps. Every pixel gets the "
            "credit for what its change does to the answer.",
            integrated_gradients,
        ),
        Method(
            "occlusion",
            "Occlusion",
            "Every little patch of ink is erased once, and every empty patch inked once; a pixel counts as much as "
            "that moves the answer.",
            occlusion,
        ),
    )
}
"""The methods that passed the tests in docs/why.md. The first is the one that the page begins with."""

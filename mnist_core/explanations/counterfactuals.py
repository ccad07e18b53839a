"""What would change a model's mind: the fewest pixels, or the shortest added stroke, that make it predict a target.

Both searches ask the model itself at every step, and what they return is what it predicts. They find a small change,
not provably the smallest: the pixels are chosen one by one, and the strokes are straight lines from a grid of points.
Within their budgets they may find nothing; then `found` is false and the closest attempt is returned.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mnist_core.data.preprocessing import PEN_WIDTH, SIDE, Digit
from mnist_core.explanations.evidence import SMALLEST_PROBABILITY, Model
from mnist_core.explanations.gradients import gradients, margin_weights
from mnist_core.models.network import Array

MOST_PIXELS = 40
"""Budget of `fewest_pixels`."""

TRIED_PIXELS = 24
"""Pixels that are tried at every step: those with the largest effect by the gradient."""

LONGEST_STROKE = 16.0
"""Budget of `shortest_stroke`, in pixels."""

GRID = tuple(range(4, 25, 2))
"""Rows and columns at which a stroke may begin and end. MNIST's digits leave the outer four pixels empty."""

STROKE_FRAMES = 8
"""Pictures of the stroke while it is drawn."""

BATCH = 200
"""Strokes that are tried at once."""


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """A change of a digit, step by step.

    target: the digit that the model shall predict. found: whether it predicts it in the end. steps: (n, 28, 28), from
    the unchanged digit to the changed one. predicted: what the model predicts at each step. probabilities: (n, 10).
    size: changed pixels, or the length of the stroke in pixels.
    """

    target: int
    found: bool
    steps: Array
    probabilities: Array
    size: float

    @property
    def predicted(self) -> tuple[int, ...]:
        """What the model predicts at each step."""
        return tuple(int(digit) for digit in self.probabilities.argmax(axis=1))


def fewest_pixels(model: Model, digit: Digit, target: int, *, budget: int = MOST_PIXELS) -> Counterfactual:
    """Turn single pixels into full ink or empty paper until the model predicts the target.

    At each step, the pixels with the largest effect by the gradient are tried, and the best one is changed. In the end
    every change that is not needed is taken back.
    """
    current, changed = digit.copy(), list[int]()
    while int(_probabilities(model, current).argmax()) != target and len(changed) < budget:
        leading = _leading_rival(model, current, target)
        slopes = gradients(model.network, current[None], margin_weights(target, leading)).pixels[0].ravel()
        opposite = np.where(current.ravel() < 0.5, np.float32(1), np.float32(0))
        gains = slopes * (opposite - current.ravel())
        gains[changed] = -np.inf
        candidates = np.argsort(-gains)[:TRIED_PIXELS]
        attempts = np.repeat(current.reshape(1, -1), len(candidates), axis=0)
        attempts[np.arange(len(candidates)), candidates] = opposite[candidates]
        ahead = _ahead(model.predict(attempts.reshape(-1, SIDE, SIDE)), target)
        best = int(ahead.argmax())
        changed.append(int(candidates[best]))
        current = attempts[best].reshape(SIDE, SIDE)
    if int(_probabilities(model, current).argmax()) == target:
        changed = _needed(model, digit, current, changed, target)
    steps = [digit]
    for place in changed:
        step = steps[-1].copy()
        step.flat[place] = current.flat[place]
        steps.append(step)
    return _result(model, np.stack(steps), target, size=len(changed))


def shortest_stroke(model: Model, digit: Digit, target: int, *, budget: float = LONGEST_STROKE) -> Counterfactual:
    """Add the shortest straight stroke of MNIST's pen width that makes the model predict the target.

    All strokes between two points of GRID are tried, shorter ones first.
    """
    probabilities = _probabilities(model, digit)
    if int(probabilities.argmax()) == target:
        return _result(model, digit[None], target, size=0)
    closest, most_ahead = digit[None], -np.inf
    size = 0.0
    for lines, lengths in _strokes(budget):
        attempts = np.maximum(digit, drawn(lines))
        predicted = model.predict(attempts)
        ahead = _ahead(predicted, target)
        hits = np.flatnonzero(predicted.argmax(axis=1) == target)
        # Of the shortest strokes that do it, the one that convinces the model most.
        best = int(hits[np.lexsort((-ahead[hits], lengths[hits].round(3)))[0]]) if len(hits) else int(ahead.argmax())
        if len(hits) or ahead[best] > most_ahead:
            closest, most_ahead, size = _while_drawn(digit, lines[best]), float(ahead[best]), float(lengths[best])
        if len(hits):
            break
    return _result(model, closest, target, size=size)


def drawn(lines: Array) -> Array:
    """Straight strokes with round ends on empty paper, (n, 28, 28) in 0..1.

    lines: (n, 2, 2), both ends of each as (row, column) in pixels.
    """
    places = np.moveaxis(np.indices((SIDE, SIDE)), 0, -1).reshape(1, -1, 2).astype(np.float32)
    start, along = lines[:, :1], lines[:, 1:] - lines[:, :1]
    squared = np.maximum((along**2).sum(axis=2), 1e-9)
    share = np.clip(((places - start) * along).sum(axis=2) / squared, 0, 1)
    distance = np.linalg.norm(places - start - share[:, :, None] * along, axis=2)
    ink: Array = np.clip(PEN_WIDTH / 2 + 0.5 - distance, 0, 1).astype(np.float32).reshape(-1, SIDE, SIDE)
    return ink


def _strokes(budget: float) -> Iterator[tuple[Array, Array]]:
    """All strokes within the budget, shorter ones first, in batches: lines (n, 2, 2) and their lengths (n,)."""
    points = np.array([(row, column) for row in GRID for column in GRID], np.float32)
    first, second = np.triu_indices(len(points))
    lines = np.stack([points[first], points[second]], axis=1)
    lengths = np.linalg.norm(lines[:, 1] - lines[:, 0], axis=1)
    order = np.argsort(lengths, kind="stable")
    order = order[lengths[order] <= budget]
    for start in range(0, len(order), BATCH):
        part = order[start : start + BATCH]
        yield lines[part], lengths[part]


def _while_drawn(digit: Digit, line: Array) -> Array:
    """The digit while the stroke is drawn onto it: (STROKE_FRAMES + 1, 28, 28), the first without the stroke."""
    fractions = np.linspace(0, 1, STROKE_FRAMES, dtype=np.float32)
    growing = np.stack([np.stack([line[0], line[0] + fraction * (line[1] - line[0])]) for fraction in fractions])
    steps: Array = np.concatenate([digit[None], np.maximum(digit, drawn(growing))])
    return steps


def _needed(model: Model, digit: Digit, final: Digit, changed: list[int], target: int) -> list[int]:
    """The changes without those that can be taken back one after another while the model still predicts the target."""
    kept, current = list(changed), final.copy()
    for place in changed:
        without = current.copy()
        without.flat[place] = digit.flat[place]
        if int(_probabilities(model, without).argmax()) == target:
            current = without
            kept.remove(place)
    return kept


def _probabilities(model: Model, digit: Digit) -> Array:
    probabilities: Array = model.predict(digit[None])[0]
    return probabilities


def _leading_rival(model: Model, digit: Digit, target: int) -> int:
    """The most probable digit apart from the target."""
    probabilities = _probabilities(model, digit).copy()
    probabilities[target] = -1
    return int(probabilities.argmax())


def _ahead(probabilities: Array, target: int) -> Array:
    """How far the target is ahead of the most probable other digit, as a difference of logits: (n,)."""
    logarithms = np.log(np.maximum(probabilities, SMALLEST_PROBABILITY))
    ahead: Array = logarithms[:, target] - np.delete(logarithms, target, axis=1).max(axis=1)
    return ahead


def _result(model: Model, steps: Array, target: int, *, size: float) -> Counterfactual:
    """The counterfactual with what the model really predicts at each step."""
    probabilities = model.predict(steps)
    return Counterfactual(target, int(probabilities[-1].argmax()) == target, steps, probabilities, size)

"""What models predict while one amount of a nudge goes through its whole range."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.preprocessing import Digit
from mnist_core.distortions.nudges import RANGES, Nudge, nudged
from mnist_core.models.classifier import Classifier

PATCH_PLACES = tuple(float(place) for place in range(5, 24, 3))
"""Where the search for the smallest missing patch puts its middle, in each direction: 49 places in all."""

SEARCHED = tuple(name for name in RANGES if not name.startswith("patch_"))
"""The amounts that `weakest_spots` goes through from end to end."""


@dataclass(frozen=True)
class Sweep:
    """amount: its name in RANGES. values: of the amount, low to high. probabilities: of each model, (values, 10)."""

    amount: str
    values: tuple[float, ...]
    probabilities: tuple[NDArray[np.float32], ...]


@dataclass(frozen=True)
class WeakestSpot:
    """The smallest amount at which a model does not predict the target.

    amount: its name in RANGES. nudge: this amount alone. fraction: of the way to the end of its range, 0..1; 0 if the
    model fails without a nudge. answer: what the model predicts there.
    """

    amount: str
    nudge: Nudge
    fraction: float
    answer: int


def sweep(digit: Digit, nudge: Nudge, amount: str, models: Sequence[Classifier]) -> Sweep:
    """Predict the digit at every value of one amount, all others as in the nudge. digit: (28, 28), not yet nudged.

    amount: a name in RANGES; KeyError for another one.
    """
    values = RANGES[amount].values()
    digits = np.stack([nudged(digit, nudge.with_amount(amount, value)) for value in values])
    return Sweep(amount, values, tuple(model.probabilities(digits) for model in models))


def weakest_spots(
    digit: Digit, models: Sequence[Classifier], targets: Sequence[int], *, noise_seed: int = 1
) -> tuple[dict[str, WeakestSpot], ...]:
    """For each model, the smallest nudge of each kind that breaks it, by the name of the amount. What does not break it
    is left out.

    digit: (28, 28), not nudged. targets: for each model the digit that it should predict. The missing patch is searched
    in 49 places.
    """
    found: tuple[dict[str, WeakestSpot], ...] = tuple({} for _ in models)
    for name in SEARCHED:
        swept = sweep(digit, Nudge(noise_seed=noise_seed), name, models)
        limits = RANGES[name]
        for spots, probabilities, target in zip(found, swept.probabilities, targets, strict=True):
            answers = probabilities.argmax(axis=1)
            failed = [
                WeakestSpot(
                    name, Nudge(noise_seed=noise_seed).with_amount(name, value), limits.fraction(value), int(answer)
                )
                for value, answer in zip(swept.values, answers, strict=True)
                if answer != target
            ]
            if failed:
                spots[name] = min(failed, key=lambda spot: spot.fraction)
    _add_patches(found, digit, models, targets)
    return found


def _add_patches(
    found: tuple[dict[str, WeakestSpot], ...], digit: Digit, models: Sequence[Classifier], targets: Sequence[int]
) -> None:
    """Add the smallest missing patch that breaks each model: all places of one size, then the next size."""
    limits = RANGES["patch_size"]
    for size in limits.values():
        left = [number for number, spots in enumerate(found) if "patch_size" not in spots]
        if not left:
            return
        nudges = [
            Nudge(patch_size=size, patch_right=right, patch_down=down)
            for right in PATCH_PLACES
            for down in PATCH_PLACES
            if size or (right, down) == (PATCH_PLACES[0], PATCH_PLACES[0])
        ]
        digits = np.stack([nudged(digit, nudge) for nudge in nudges])
        for number in left:
            probabilities = models[number].probabilities(digits)
            answers = probabilities.argmax(axis=1)
            failed = np.flatnonzero(answers != targets[number])
            if len(failed):  # of several places of this size, the one where the target has the least probability
                at = int(failed[probabilities[failed, targets[number]].argmin()])
                spot = WeakestSpot("patch_size", nudges[at], limits.fraction(size), int(answers[at]))
                found[number]["patch_size"] = spot

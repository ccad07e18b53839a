"""Digits on which two models disagree: test digits, drawings that were prepared, and generated handwriting.

>>> drawings = prepared_drawings()
>>> drawings[0].label in range(10), drawings[0].digit().shape
(True, (28, 28))

Only the test digits need a data set, and only to show them: which of them two runs predict differently is stored with
the runs.
"""

import itertools
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.preprocessing import Digit, Stroke, from_strokes
from mnist_core.handwriting.generator import pen_strokes
from mnist_core.handwriting.styles import STYLES
from mnist_core.models.classifier import Classifier
from mnist_core.runs.predictions import TestPredictions

PREPARED = Path(__file__).with_name("prepared_drawings.json")
"""Generated drawings that mlp-specified and cnn-specified predict differently; some divide mlp-robust and cnn-robust as
well. Tests check them.
"""

ENOUGH = 6
"""The search in generated handwriting ends when it has found so many digits."""

LONGEST_SEARCH = 1.5
"""Seconds after which the search in generated handwriting ends. It tries about 300 digits in that time."""


ROUNDS = 2
"""How often the bends of a stroke are rounded."""


@dataclass(frozen=True)
class Drawing:
    """A digit as pen strokes.

    strokes: (points, 2) each, in hundredths of the digit's height, x to the right and y down. label: the digit that is
    written, 0..9. style: its name in `mnist_core.handwriting.styles.STYLES`.
    """

    strokes: tuple[Stroke, ...]
    label: int
    style: str

    def digit(self) -> Digit:
        """The drawing as the models get it: (28, 28) float32, 0..1."""
        return from_strokes(self.strokes)


def among_test_digits(left: TestPredictions, right: TestPredictions) -> NDArray[np.intp]:
    """The numbers of the test digits that two runs predict differently, the clearest first. Both must be predictions
    for the same digits.
    """
    return _clearest_first(left.probabilities, right.probabilities, left.labels)


def among_drawings(drawings: Sequence[Drawing], left: Classifier, right: Classifier) -> list[Drawing]:
    """Those of the drawings that two models predict differently, the clearest first."""
    if not drawings:
        return []
    digits = np.stack([drawing.digit() for drawing in drawings])
    labels = np.array([drawing.label for drawing in drawings], np.uint8)
    order = _clearest_first(left.probabilities(digits), right.probabilities(digits), labels)
    return [drawings[index] for index in order]


def in_handwriting(
    left: Classifier, right: Classifier, *, enough: int = ENOUGH, seconds: float = LONGEST_SEARCH, seed: int = 1
) -> list[Drawing]:
    """Generated digits that two models predict differently, the clearest first. Possibly none.

    The search ends with the batch in which it has found `enough`, or after so many seconds. A batch is one digit in
    every style. The same seed gives the same digits in the same order.
    """
    ends = time.monotonic() + seconds
    found: list[Drawing] = []
    for batch in _handwriting(seed):
        found += among_drawings(batch, left, right)
        if len(found) >= enough or time.monotonic() > ends:
            break
    return among_drawings(found, left, right)


@cache
def prepared_drawings() -> tuple[Drawing, ...]:
    """The drawings that come with the project."""
    return tuple(
        Drawing(tuple(_smooth(np.array(stroke, float)) for stroke in each["strokes"]), each["label"], each["style"])
        for each in json.loads(PREPARED.read_text(encoding="utf-8"))
    )


def _handwriting(seed: int) -> Iterator[list[Drawing]]:
    """Batches of generated digits without an end."""
    for batch in itertools.count():
        yield [
            Drawing(tuple(map(_smooth, strokes)), style.digit, style.name)
            for style in STYLES.values()
            if style.digit is not None
            for strokes in pen_strokes(style.name, 1, seed=seed * 100_000 + batch)
        ]


def _smooth(stroke: Stroke) -> Stroke:
    """The stroke with its bends rounded (G. Chaikin, 1974), because the canvas shows it larger than digits are."""
    for _ in range(ROUNDS):
        before, after = stroke[:-1], stroke[1:]
        cut = np.stack([0.75 * before + 0.25 * after, 0.25 * before + 0.75 * after], axis=1).reshape(-1, 2)
        stroke = np.concatenate([stroke[:1], cut, stroke[-1:]])
    return stroke


def _clearest_first(
    left: NDArray[np.float32], right: NDArray[np.float32], labels: NDArray[np.uint8]
) -> NDArray[np.intp]:
    """Where two models disagree, (m,). First come the digits that one of them predicts correctly, and among these the
    ones on which the less confident of the two is most confident.

    left, right: probabilities, (n, 10). labels: (n,), the true digits.
    """
    predicted = np.stack([left.argmax(axis=1), right.argmax(axis=1)])
    differs = np.flatnonzero(predicted[0] != predicted[1])
    is_any_correct = (predicted == labels).any(axis=0)
    confidence = np.minimum(left.max(axis=1), right.max(axis=1))
    order: NDArray[np.intp] = differs[np.lexsort((-confidence[differs], ~is_any_correct[differs]))]
    return order

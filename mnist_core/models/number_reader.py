"""Read a number: split a drawing or a picture into digits, and predict each with all models.

    reading = read_strokes(strokes, [mlp, cnn], brush_width=28)                # doctest: +SKIP
    [digit.predictions[0].digit for digit in reading]                          # doctest: +SKIP

Where it is open which marks belong to one digit, the models decide together, so all of them get the same digits. See
mnist_core/data/segmentation.py. A drawing that is not split is read exactly as without this module.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core.data import segmentation
from mnist_core.data.number_pictures import FoundMarks
from mnist_core.data.preprocessing import SIDE, Digit, Stroke, digit_count, from_strokes
from mnist_core.data.segmentation import Box
from mnist_core.models.classifier import Classifier, Prediction


@dataclass(frozen=True)
class NumberDigit:
    """One digit of a number.

    digit: (28, 28) float32 in 0..1, as the models get it. marks: the indices of its strokes, or of its spots of ink.
    box: around them, in their unit. predictions: of each model.
    """

    digit: Digit
    marks: tuple[int, ...]
    box: Box
    predictions: tuple[Prediction, ...]

    @property
    def may_be_two(self) -> bool:
        """Whether it may be two digits that touch."""
        return segmentation.may_be_two(self.box, [each.confidence for each in self.predictions])


def as_text(number: Sequence[NumberDigit], model: int) -> str:
    """What a model reads, as digits from left to right. model: its index in the predictions."""
    return "".join(str(each.predictions[model].digit) for each in number)


def read_strokes(
    strokes: Sequence[Stroke], classifiers: Sequence[Classifier], *, brush_width: float = 0.0
) -> list[NumberDigit]:
    """The digits of a drawing from left to right; none if there are no strokes.

    strokes: (points, 2) each. brush_width: of the canvas, in their unit. Raises DrawingError as `from_strokes` does.
    """
    drawn = [number for number, stroke in enumerate(strokes) if len(stroke)]

    def digit_of(marks: Sequence[int]) -> Digit:
        return from_strokes([strokes[drawn[mark]] for mark in marks], brush_width=brush_width)

    read = _read([stroke_box(strokes[number]) for number in drawn], digit_of, classifiers)
    return [_renumbered(each, drawn) for each in read]


def read_marks(found: FoundMarks, classifiers: Sequence[Classifier]) -> list[NumberDigit]:
    """The digits on a picture from left to right; at least one. found: its marks."""
    return _read(found.boxes, found.digit_of, classifiers)


def read_digits(pixels: Digit, classifiers: Sequence[Classifier]) -> list[NumberDigit]:
    """The predictions for finished digits that lie side by side, as `side_by_side` gives them. pixels: (28, 28 n)."""
    digits = np.stack(np.hsplit(pixels, digit_count(pixels)))
    answers = [_predictions(classifier, digits) for classifier in classifiers]
    return [
        NumberDigit(
            digit,
            (place,),
            (float(place * SIDE), 0.0, float((place + 1) * SIDE), float(SIDE)),
            tuple(each[place] for each in answers),
        )
        for place, digit in enumerate(digits)
    ]


def side_by_side(number: Sequence[NumberDigit]) -> Digit:
    """The digits of a number in one array, (28, 28 n) float32."""
    return np.hstack([each.digit for each in number])


def stroke_box(stroke: Stroke) -> Box:
    """The box around the points of a stroke."""
    (left, top), (right, bottom) = stroke.min(axis=0).tolist(), stroke.max(axis=0).tolist()
    return left, top, right, bottom


def _renumbered(read: NumberDigit, numbers: Sequence[int]) -> NumberDigit:
    return NumberDigit(read.digit, tuple(numbers[mark] for mark in read.marks), read.box, read.predictions)


def _read(
    boxes: Sequence[Box], digit_of: Callable[[Sequence[int]], Digit], classifiers: Sequence[Classifier]
) -> list[NumberDigit]:
    """boxes: of the marks. digit_of: the digit that some marks make, by their indices."""
    read: dict[tuple[int, ...], NumberDigit] = {}

    def read_all(found: list[list[int]]) -> None:
        """Predict those that are not predicted yet, all at once."""
        missing = [marks for marks in found if tuple(marks) not in read]
        if not missing:
            return
        digits = np.stack([digit_of(marks) for marks in missing])
        answers = [_predictions(classifier, digits) for classifier in classifiers]
        for index, marks in enumerate(missing):
            box = segmentation.hull([boxes[mark] for mark in marks])
            predictions = tuple(each[index] for each in answers)
            read[tuple(marks)] = NumberDigit(digits[index], tuple(marks), box, predictions)

    def confidences_of(found: list[list[int]]) -> list[list[float]]:
        read_all(found)
        return [[each.confidence for each in read[tuple(marks)].predictions] for marks in found]

    split = segmentation.split_marks(boxes, confidences_of)
    read_all(split)
    return [read[tuple(marks)] for marks in split]


def _predictions(classifier: Classifier, digits: NDArray[np.float32]) -> list[Prediction]:
    """One digit is timed by itself; several are predicted at once, and each gets its part of the time."""
    if len(digits) == 1:
        return [classifier.predict(digits[0])]
    start = time.perf_counter()
    probabilities = classifier.probabilities(digits)
    milliseconds = (time.perf_counter() - start) * 1000 / len(digits)
    return [Prediction(tuple(float(value) for value in row), milliseconds) for row in probabilities]

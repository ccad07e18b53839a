"""Numbers are read: each digit gets its own strokes, and one digit is read as ever."""

import numpy as np
import pytest

from mnist_core.data.preprocessing import from_strokes
from mnist_core.handwriting.generator import STYLES, pen_strokes
from mnist_core.models.classifier import Classifier
from mnist_core.models.number_reader import as_text, read_digits, read_strokes, side_by_side
from mnist_core.runs.store import load_run
from tests.conftest import three


@pytest.fixture(scope="module")
def pair() -> list[Classifier]:
    return [Classifier(load_run(name).model_path) for name in ("mlp-robust", "cnn-robust")]


def beside(*digits: list[np.ndarray], gap: float = 20.0) -> list[np.ndarray]:
    """The digits beside each other, all 100 high."""
    left, strokes = 0.0, []
    for digit in digits:
        points = np.concatenate(digit)
        low, span = points.min(axis=0), np.ptp(points, axis=0)
        strokes += [(stroke - low) * (100 / span[1]) + [left, 0] for stroke in digit]
        left += float(span[0] * 100 / span[1]) + gap
    return strokes


def test_one_digit_is_the_special_case_of_a_number(pair: list[Classifier]) -> None:
    (read,) = read_strokes(three(), pair, brush_width=28)
    np.testing.assert_array_equal(read.digit, from_strokes(three(), brush_width=28))
    assert [each.digit for each in read.predictions] == [3, 3]
    assert read_strokes([], pair) == []


def test_a_number_is_read_from_left_to_right_in_whatever_order_it_was_written(pair: list[Classifier]) -> None:
    digits = [pen_strokes(style, 1, seed=1)[0] for style in STYLES if style.split()[0] in "140"][:3]
    labels = [style.split()[0] for style in STYLES if style.split()[0] in "140"][:3]
    strokes = beside(*digits)
    for order in (range(len(strokes)), reversed(range(len(strokes)))):
        read = read_strokes([strokes[index] for index in order], pair)
        assert as_text(read, 1) == "".join(labels)


def test_digits_of_several_strokes_do_not_fall_apart(pair: list[Classifier]) -> None:
    drawings = [each for style in STYLES for each in pen_strokes(style, 6, seed=4) if len(each) > 1]
    assert len(drawings) > 100
    assert sum(len(read_strokes(each, pair)) != 1 for each in drawings) <= len(drawings) // 100


def test_finished_digits_side_by_side_are_predicted_as_each_by_itself(pair: list[Classifier]) -> None:
    read = read_strokes(beside(three(), three(), three()), pair)
    assert [as_text(read, model) for model in (0, 1)] == ["333", "333"]
    again = read_digits(side_by_side(read), pair)
    for one, other in zip(read, again, strict=True):
        np.testing.assert_allclose(one.predictions[0].probabilities, other.predictions[0].probabilities, atol=1e-5)


def test_two_digits_in_one_stroke_are_said_and_one_wide_digit_is_not(pair: list[Classifier]) -> None:
    (pair_in_one,) = read_strokes([np.concatenate(beside(three(), three(), gap=0))], pair)
    assert pair_in_one.may_be_two
    (one,) = read_strokes(three(), pair)
    assert not one.may_be_two

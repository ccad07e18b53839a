"""Changes that make a model predict something else, checked with the model, and the parts of a digit."""

from functools import partial

import numpy as np
import pytest

from mnist_core.data.preprocessing import SIDE, blank
from mnist_core.explanations.counterfactuals import drawn, fewest_pixels, shortest_stroke
from mnist_core.explanations.evidence import Model, question_of
from mnist_core.explanations.parts import parts_of, without_parts
from mnist_core.handwriting.generator import write
from mnist_core.models.classifier import Classifier
from mnist_core.models.network import Dense, Flatten, Network, predict
from mnist_core.models.weights import read_network
from tests.conftest import ROOT


def shipped(name: str) -> Model:
    path = ROOT / "trained_models" / name / "model.tflite"
    return Model(read_network(path), Classifier(path).probabilities)


@pytest.fixture(scope="module", params=["mlp-specified", "cnn-specified"])
def model(request: pytest.FixtureRequest) -> Model:
    return shipped(request.param)


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    return write(4, seed=5).digits


def stubborn() -> Model:
    """It predicts 3, whatever it sees; 8 is second."""
    bias = np.zeros(10, np.float32)
    bias[3], bias[8] = 9, 8
    network: Network = (
        Flatten("flatten", (28, 28, 1), (784,)),
        Dense("probabilities", (784,), (10,), np.zeros((784, 10), np.float32), bias, "softmax"),
    )
    return Model(network, partial(predict, network))


@pytest.mark.parametrize(
    ("search", "name"),
    [(fewest_pixels, "mlp-specified"), (fewest_pixels, "cnn-specified"), (shortest_stroke, "mlp-specified")],
)
def test_the_model_itself_predicts_the_target_after_a_change_that_was_found(search, name: str, digits) -> None:  # type: ignore[no-untyped-def]
    model, found = shipped(name), 0
    for digit in digits[:3]:
        question = question_of(model.predict(digit[None])[0])
        change = search(model, digit, question.rival)
        assert np.array_equal(change.steps[0], digit)
        assert change.predicted[0] == question.answer
        assert change.predicted == tuple(model.predict(change.steps).argmax(axis=1))
        assert change.found == (model.predict(change.steps[-1:]).argmax() == question.rival)
        found += change.found
    assert found >= 2


def test_every_step_changes_one_pixel_and_every_one_is_needed(model: Model, digits: np.ndarray) -> None:
    digit = digits[0]
    rival = question_of(model.predict(digit[None])[0]).rival
    change = fewest_pixels(model, digit, rival)
    assert change.found
    assert change.size == len(change.steps) - 1 == np.count_nonzero(change.steps[-1] != digit)
    for before, after in zip(change.steps, change.steps[1:], strict=False):
        assert np.count_nonzero(before != after) == 1
    for place in np.argwhere(change.steps[-1] != digit):
        without = change.steps[-1].copy()
        without[tuple(place)] = digit[tuple(place)]
        assert model.predict(without[None]).argmax() != rival


def test_a_stroke_only_adds_ink_and_grows_step_by_step(digits: np.ndarray) -> None:
    model = shipped("mlp-specified")
    change = shortest_stroke(model, digits[1], question_of(model.predict(digits[1:2])[0]).rival)
    assert len(change.steps) > 2
    assert (np.diff(change.steps, axis=0) >= -1e-6).all()
    assert change.steps[-1].max() <= 1


def test_nothing_is_claimed_when_the_budget_is_too_small() -> None:
    digit = write(1, seed=0).digits[0]
    pixels, stroke = fewest_pixels(stubborn(), digit, 8, budget=3), shortest_stroke(stubborn(), digit, 8, budget=4)
    for change in (pixels, stroke):
        assert not change.found
        assert set(change.predicted) == {3}
    assert pixels.size == 3
    assert 0 <= stroke.size <= 4


def test_a_target_that_is_predicted_already_needs_no_change() -> None:
    digit = write(1, seed=0).digits[0]
    for search in (fewest_pixels, shortest_stroke):
        change = search(stubborn(), digit, 3)
        assert (change.found, change.size, len(change.steps)) == (True, 0, 1)


def test_a_drawn_stroke_has_the_pen_s_width_and_its_ends() -> None:
    line = drawn(np.array([[[10, 5], [10, 20]]], np.float32))[0]
    assert line[10, 5:21].min() == 1
    assert line[:, 12].sum() == pytest.approx(2.5, abs=0.6)
    assert not line[:8].any()
    assert not line[10, 23:].any()


def seven() -> np.ndarray:
    digit = np.zeros((SIDE, SIDE), np.float32)
    digit[5:8, 7:21] = 1
    digit[8:24, 18:21] = 1
    return digit


def test_the_parts_of_a_seven_are_its_bar_and_its_upright() -> None:
    parts = parts_of(seven())
    assert [part.name for part in parts] == ["the bar at the top", "the upright on the right"]
    assert np.array_equal(sum(part.inked.astype(int) for part in parts), seven() > 0)


def test_every_inked_pixel_belongs_to_one_part() -> None:
    for digit in write(40, seed=2).digits:
        parts = parts_of(digit)
        assert parts
        assert np.array_equal(sum(part.inked.astype(int) for part in parts), (digit > 0).astype(int))


def test_a_digit_of_one_stroke_is_cut_in_two() -> None:
    one = np.zeros((SIDE, SIDE), np.float32)
    one[4:24, 13:16] = 1
    assert [part.name for part in parts_of(one)] == ["the upright at the top", "the upright at the bottom"]


def test_empty_paper_has_no_parts() -> None:
    assert parts_of(blank()) == []
    assert without_parts(stubborn().predict, blank()) is None


def test_what_is_said_without_a_part_is_what_the_model_predicts_without_it(model: Model, digits: np.ndarray) -> None:
    for digit in digits:
        without = without_parts(model.predict, digit)
        assert without is not None
        rest = np.where(without.part.inked, np.float32(0), digit)
        assert np.array_equal(rest, without.digit)
        predicted = model.predict(np.stack([digit, rest]))
        assert (without.answer, without.rest) == tuple(predicted.argmax(axis=1))
        assert without.after == pytest.approx(predicted[1, without.answer], abs=1e-6)
        others = [np.where(part.inked, np.float32(0), digit) for part in parts_of(digit)]
        assert without.changes == any(model.predict(np.stack(others)).argmax(axis=1) != without.answer)


def test_a_model_that_no_part_sways_is_reported_as_such() -> None:
    without = without_parts(stubborn().predict, seven())
    assert without is not None
    assert not without.changes
    assert without.rest == 3

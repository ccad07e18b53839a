"""Digits on which two models disagree."""

import numpy as np
import pytest

from mnist_core.handwriting.styles import STYLES
from mnist_core.models.classifier import Classifier
from mnist_core.runs import disagreements
from mnist_core.runs.disagreements import Drawing, among_drawings, among_test_digits, in_handwriting, prepared_drawings
from mnist_core.runs.predictions import TestPredictions, load_test_predictions
from mnist_core.runs.store import load_run


@pytest.fixture(scope="module")
def mlp() -> Classifier:
    return Classifier(load_run("mlp-specified").model_path)


@pytest.fixture(scope="module")
def cnn() -> Classifier:
    return Classifier(load_run("cnn-specified").model_path)


def predictions(*confident: tuple[int, float], labels: list[int]) -> TestPredictions:
    """Predictions of these digits with these confidences."""
    probabilities = np.zeros((len(confident), 10), np.float32)
    for row, (digit, confidence) in zip(probabilities, confident, strict=True):
        row[:] = (1 - confidence) / 9
        row[digit] = confidence
    return TestPredictions(probabilities, np.array(labels, np.uint8))


def test_test_digits_on_which_one_is_correct_come_first_and_the_clearest_of_them_before_the_others() -> None:
    labels = [1, 2, 3, 4, 5]
    left = predictions((1, 0.9), (2, 0.6), (0, 0.99), (4, 0.9), (5, 0.95), labels=labels)
    right = predictions((1, 0.9), (7, 0.9), (8, 0.99), (9, 0.8), (6, 0.7), labels=labels)
    assert among_test_digits(left, right).tolist() == [3, 4, 1, 2]


def test_the_shipped_runs_disagree_on_test_digits() -> None:
    left, right = (load_test_predictions(load_run(name)) for name in ("mlp-specified", "cnn-specified"))
    found = among_test_digits(left, right)
    assert len(found) == int((left.predicted != right.predicted).sum()) > 100
    first = found[0]
    assert left.labels[first] in (left.predicted[first], right.predicted[first])


@pytest.mark.parametrize("drawing", prepared_drawings(), ids=lambda drawing: drawing.style)
def test_every_prepared_drawing_divides_the_specified_pair(drawing: Drawing, mlp: Classifier, cnn: Classifier) -> None:
    predicted = {mlp.predict(drawing.digit()).digit, cnn.predict(drawing.digit()).digit}
    assert len(predicted) == 2
    assert drawing.label in predicted
    assert STYLES[drawing.style].digit == drawing.label


def test_the_prepared_drawings_are_of_every_digit_and_each_model_is_correct_on_some(
    mlp: Classifier, cnn: Classifier
) -> None:
    drawings = prepared_drawings()
    assert {drawing.label for drawing in drawings} == set(range(10))
    for model in (mlp, cnn):
        assert any(model.predict(drawing.digit()).digit == drawing.label for drawing in drawings)


def test_several_prepared_drawings_divide_the_robust_pair_as_well() -> None:
    mlp, cnn = (Classifier(load_run(name).model_path) for name in ("mlp-robust", "cnn-robust"))
    assert len(among_drawings(prepared_drawings(), mlp, cnn)) >= 4


def test_handwriting_that_divides_two_models_is_found_and_is_the_same_each_time(
    mlp: Classifier, cnn: Classifier
) -> None:
    found = in_handwriting(mlp, cnn, enough=3, seconds=60)
    assert len(found) >= 3
    for drawing in found:
        assert mlp.predict(drawing.digit()).digit != cnn.predict(drawing.digit()).digit
    again = in_handwriting(mlp, cnn, enough=3, seconds=60)
    assert [drawing.style for drawing in again] == [drawing.style for drawing in found]


def test_a_model_never_disagrees_with_itself_and_the_search_ends(cnn: Classifier) -> None:
    assert in_handwriting(cnn, cnn, seconds=0) == []
    assert among_drawings(prepared_drawings(), cnn, cnn) == []
    assert among_drawings([], cnn, cnn) == []


def test_the_search_ends_with_the_batch_in_which_its_time_is_up(
    mlp: Classifier, cnn: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(100))
    monkeypatch.setattr(disagreements.time, "monotonic", lambda: float(next(clock)))
    batches: list[int] = []
    monkeypatch.setattr(disagreements, "among_drawings", lambda drawings, *pair: batches.append(len(drawings)) or [])
    assert in_handwriting(mlp, cnn, seconds=2.5) == []
    assert batches == [len(STYLES)] * 3 + [0]

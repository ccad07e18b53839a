"""Accuracy against the fraction answered."""

import numpy as np
import pytest

from mnist_core.metrics.selective_accuracy import accuracy_at, selective_accuracy_curve, thinned


def test_the_curve_is_what_answering_only_the_sure_ones_gives() -> None:
    random = np.random.default_rng(3)
    probabilities = random.dirichlet(np.full(10, 0.4), 500)
    labels = random.integers(0, 10, 500)
    labels[:400] = probabilities[:400].argmax(axis=1)
    for point in selective_accuracy_curve(probabilities, labels)[::37]:
        answered = probabilities.max(axis=1) >= point.confidence
        assert point.answered == answered.mean()
        assert point.accuracy == pytest.approx((probabilities.argmax(axis=1) == labels)[answered].mean())
        assert point.incorrect == (probabilities.argmax(axis=1) != labels)[answered].sum()


def test_all_answered_is_the_plain_accuracy() -> None:
    probabilities = np.eye(10)[[1, 2, 3, 4]] * 0.7 + 0.03
    curve = selective_accuracy_curve(probabilities, np.array([1, 2, 3, 5]))
    assert [(point.answered, point.accuracy) for point in curve] == [(1.0, 0.75)], (
        "equally confident predictions are answered together"
    )


def test_no_predictions_give_no_curve() -> None:
    assert selective_accuracy_curve(np.zeros((0, 10)), np.zeros(0, int)) == []
    assert thinned([], [0.5, 1.0]) == []


def test_at_least_the_given_fraction_is_answered() -> None:
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]])
    curve = selective_accuracy_curve(probabilities, np.array([0, 0, 0, 1]))
    assert accuracy_at(curve, 0.6).answered == 0.75
    assert [point.answered for point in thinned(curve, [0.1, 0.5, 1.0])] == [0.25, 0.5, 1.0]

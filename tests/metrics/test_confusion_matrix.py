"""Fractions and scores from the confusion matrix, against scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from mnist_core.metrics.accuracy import confusion_matrix
from mnist_core.metrics.confusion_matrix import (
    COUNTS,
    PER_PREDICTED,
    PER_TRUE,
    Pair,
    digit_scores,
    fractions,
    in_cell,
    most_confused,
    only_correct,
    without_diagonal,
)

LABELS = np.random.default_rng(5).integers(0, 10, 4000)
PROBABILITIES = np.random.default_rng(6).dirichlet(np.full(10, 0.3), 4000)
PROBABILITIES[np.arange(4000), LABELS] += np.random.default_rng(7).random(4000)
PROBABILITIES /= PROBABILITIES.sum(axis=1, keepdims=True)
PREDICTED = PROBABILITIES.argmax(axis=1)
MATRIX = confusion_matrix(PREDICTED, LABELS)


@pytest.mark.parametrize(("scale", "theirs"), [(COUNTS, None), (PER_TRUE, "true"), (PER_PREDICTED, "pred")])
def test_the_matrix_and_its_fractions_are_scikit_learn_s(scale: str, theirs: str | None) -> None:
    assert 0 < (PREDICTED != LABELS).sum() < 4000
    np.testing.assert_allclose(
        fractions(MATRIX, scale), sklearn_metrics.confusion_matrix(LABELS, PREDICTED, normalize=theirs), rtol=1e-12
    )


def test_precision_recall_f1_and_support_are_scikit_learn_s() -> None:
    expected = sklearn_metrics.precision_recall_fscore_support(LABELS, PREDICTED)
    found = digit_scores(MATRIX)
    for column, name in enumerate(("precision", "recall", "f1", "support")):
        np.testing.assert_allclose([getattr(score, name) for score in found], expected[column], rtol=1e-12)


def test_a_digit_that_never_occurs_or_is_never_predicted_scores_0_as_in_scikit_learn() -> None:
    labels, predicted = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1])
    expected = sklearn_metrics.precision_recall_fscore_support(labels, predicted, labels=range(10), zero_division=0)
    found = digit_scores(confusion_matrix(predicted, labels))
    for column, name in enumerate(("precision", "recall", "f1", "support")):
        np.testing.assert_allclose([getattr(score, name) for score in found], expected[column])
    assert np.isfinite(fractions(confusion_matrix(predicted, labels), PER_PREDICTED)).all()


def test_mistakes_alone_have_an_empty_diagonal_and_nothing_else_changes() -> None:
    mistakes = without_diagonal(fractions(MATRIX, COUNTS))
    assert np.trace(mistakes) == 0
    assert mistakes.sum() == (PREDICTED != LABELS).sum()


def test_the_most_confused_pairs_are_those_of_all_matrices_together() -> None:
    first, second = np.zeros((10, 10), np.int64), np.zeros((10, 10), np.int64)
    first[4, 9], second[4, 9], first[7, 1], first[3, 3] = 2, 3, 4, 900
    assert most_confused(first, second) == [Pair(4, 9, 5), Pair(7, 1, 4)]
    assert most_confused(np.zeros((10, 10), np.int64)) == []
    assert len(most_confused(MATRIX, largest=3)) == 3


def test_a_cell_holds_its_digits_the_surest_first() -> None:
    for true, predicted in ((4, 9), (8, 8)):
        found = in_cell(PROBABILITIES, LABELS, true=true, predicted=predicted)
        assert len(found) == MATRIX[true, predicted] > 0
        assert (LABELS[found] == true).all()
        assert (np.diff(PROBABILITIES[found, predicted]) <= 0).all()


def test_digits_that_only_one_classifies_correctly_are_those_that_mcnemar_counts() -> None:
    other = np.roll(PROBABILITIES, 1, axis=1)
    found = only_correct(PROBABILITIES, other, LABELS)
    assert len(found) == ((PREDICTED == LABELS) & (other.argmax(axis=1) != LABELS)).sum() > 0
    assert (np.diff(other[found].max(axis=1)) <= 0).all()
    assert len(only_correct(PROBABILITIES, PROBABILITIES, LABELS)) == 0

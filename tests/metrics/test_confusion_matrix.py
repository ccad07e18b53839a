"""What is taken for what, against scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from mnist_core.metrics.accuracy import confusion_matrix
from mnist_core.metrics.confusion_matrix import COUNTS, PER_READ, PER_TRUE, Pair, digit_scores, in_cell, most_confused, only_right, shares, without_diagonal

LABELS = np.random.default_rng(5).integers(0, 10, 4000)
PROBABILITIES = np.random.default_rng(6).dirichlet(np.full(10, 0.3), 4000)
PROBABILITIES[np.arange(4000), LABELS] += np.random.default_rng(7).random(4000)
PROBABILITIES /= PROBABILITIES.sum(axis=1, keepdims=True)
READ = PROBABILITIES.argmax(axis=1)
MATRIX = confusion_matrix(READ, LABELS)


@pytest.mark.parametrize(("scale", "theirs"), [(COUNTS, None), (PER_TRUE, "true"), (PER_READ, "pred")])
def test_the_matrix_and_its_shares_are_scikit_learn_s(scale: str, theirs: str | None) -> None:
    assert 0 < (READ != LABELS).sum() < 4000
    np.testing.assert_allclose(shares(MATRIX, scale), sklearn_metrics.confusion_matrix(LABELS, READ, normalize=theirs), rtol=1e-12)


def test_precision_recall_f1_and_support_are_scikit_learn_s() -> None:
    expected = sklearn_metrics.precision_recall_fscore_support(LABELS, READ)
    found = digit_scores(MATRIX)
    for column, name in enumerate(("precision", "recall", "f1", "support")):
        np.testing.assert_allclose([getattr(score, name) for score in found], expected[column], rtol=1e-12)


def test_a_digit_that_never_occurs_or_is_never_read_scores_nought_as_in_scikit_learn() -> None:
    labels, read = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1])
    expected = sklearn_metrics.precision_recall_fscore_support(labels, read, labels=range(10), zero_division=0)
    found = digit_scores(confusion_matrix(read, labels))
    for column, name in enumerate(("precision", "recall", "f1", "support")):
        np.testing.assert_allclose([getattr(score, name) for score in found], expected[column])
    assert np.isfinite(shares(confusion_matrix(read, labels), PER_READ)).all()


def test_mistakes_alone_have_an_empty_diagonal_and_nothing_else_changes() -> None:
    mistakes = without_diagonal(shares(MATRIX, COUNTS))
    assert np.trace(mistakes) == 0
    assert mistakes.sum() == (READ != LABELS).sum()


def test_the_most_confused_pairs_are_those_of_all_matrices_together() -> None:
    first, second = np.zeros((10, 10), np.int64), np.zeros((10, 10), np.int64)
    first[4, 9], second[4, 9], first[7, 1], first[3, 3] = 2, 3, 4, 900
    assert most_confused(first, second) == [Pair(4, 9, 5), Pair(7, 1, 4)]
    assert most_confused(np.zeros((10, 10), np.int64)) == []
    assert len(most_confused(MATRIX, largest=3)) == 3


def test_a_cell_holds_its_digits_the_surest_first() -> None:
    for true, read in ((4, 9), (8, 8)):
        found = in_cell(PROBABILITIES, LABELS, true=true, read=read)
        assert len(found) == MATRIX[true, read] > 0
        assert (LABELS[found] == true).all()
        assert (np.diff(PROBABILITIES[found, read]) <= 0).all()


def test_what_only_one_reads_right_is_what_mcnemar_counts() -> None:
    other = np.roll(PROBABILITIES, 1, axis=1)
    found = only_right(PROBABILITIES, other, LABELS)
    assert len(found) == ((READ == LABELS) & (other.argmax(axis=1) != LABELS)).sum() > 0
    assert (np.diff(other[found].max(axis=1)) <= 0).all()
    assert len(only_right(PROBABILITIES, PROBABILITIES, LABELS)) == 0

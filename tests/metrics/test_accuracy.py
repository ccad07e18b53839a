"""Figures, against other people's implementations and against counting by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from mnist_core.errors import DatasetError
from mnist_core.metrics.accuracy import Accuracy, confusion_matrix, log_loss


@given(count=st.integers(1, 20_000), fraction=st.floats(0, 1))
def test_the_interval_is_wilson_s_as_scipy_has_it(count: int, fraction: float) -> None:
    incorrect = round(count * fraction)
    ours = Accuracy.from_counts(incorrect, count)
    theirs = binomtest(count - incorrect, count).proportion_ci(0.95, method="wilson")
    assert ours.low == pytest.approx(theirs.low, abs=1e-9)
    assert ours.high == pytest.approx(theirs.high, abs=1e-9)


def test_accuracy_counts_the_incorrect_ones() -> None:
    accuracy = Accuracy.of(np.array([1, 2, 3, 3]), np.array([1, 2, 3, 4]))
    assert (accuracy.incorrect, accuracy.count, accuracy.fraction) == (1, 4, 0.75)
    assert str(accuracy).startswith("75.00 % (1 incorrect of 4, 95 % interval ")


def test_nothing_measured_says_nothing() -> None:
    assert Accuracy.from_counts(0, 0) == Accuracy(0, 0, 0.0, 0.0, 1.0)


def test_confusion_has_true_digits_in_rows() -> None:
    matrix = confusion_matrix(np.array([7, 7, 1]), np.array([1, 7, 1]))
    assert matrix[1, 7] == matrix[7, 7] == matrix[1, 1] == 1
    assert matrix.sum() == 3


@pytest.mark.parametrize("nonsense", [[1, 10], [1, -1], [1.0, 2.0]])
def test_confusion_of_what_is_no_digit_is_refused(nonsense: list[float]) -> None:
    with pytest.raises(DatasetError, match="labels"):
        confusion_matrix(np.array([1, 2]), np.array(nonsense))
    with pytest.raises(DatasetError, match="predictions"):
        confusion_matrix(np.array(nonsense), np.array([1, 2]))


def test_confusion_needs_a_label_for_each_prediction() -> None:
    with pytest.raises(DatasetError, match="3 predictions for 2 digits"):
        confusion_matrix(np.array([1, 2, 3]), np.array([1, 2]))


def test_log_loss_is_the_mean_surprise_and_finite() -> None:
    probabilities = np.full((2, 10), 0.1)
    assert log_loss(probabilities, np.array([0, 9])) == pytest.approx(np.log(10))
    assert log_loss(np.eye(10)[:1], np.array([5])) == pytest.approx(-np.log(1e-7))

"""May this be no digit at all?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mnist_core.metrics.entropy import common_threshold, fitted_threshold, normalised_entropy


@given(arrays(np.float32, (4, 10), elements=st.floats(0.0, 1.0, width=32)))
def test_the_entropy_lies_between_0_and_1(weights: np.ndarray) -> None:
    weights = weights + np.float32(1e-6)
    entropies = normalised_entropy(weights / weights.sum(axis=1, keepdims=True))
    assert entropies.shape == (4,)
    assert entropies.min() >= -1e-6
    assert entropies.max() <= 1 + 1e-6


def test_a_certain_prediction_has_no_entropy_and_ten_equal_probabilities_have_all() -> None:
    assert normalised_entropy(np.eye(10)[3]) == 0
    assert normalised_entropy(np.full(10, 0.1)) == pytest.approx(1)


def test_two_networks_that_are_certain_of_different_digits_are_uncertain_together() -> None:
    three, eight = np.eye(10)[3], np.eye(10)[8]
    assert normalised_entropy(three, three) == 0
    assert normalised_entropy(three, eight) == pytest.approx(np.log(2) / np.log(10))


def test_the_threshold_is_exceeded_by_its_fraction_of_the_validation_digits() -> None:
    predictions = np.random.default_rng(0).dirichlet(np.full(10, 0.1), 20_000)
    threshold = fitted_threshold(predictions, high_entropy_fraction=0.03)
    assert (normalised_entropy(predictions) > threshold).mean() == pytest.approx(0.03, abs=0.001)


def test_networks_asked_together_share_a_threshold_only_if_all_have_one() -> None:
    assert common_threshold([0.4, 0.6]) == pytest.approx(0.5)
    assert common_threshold([0.4]) == 0.4
    assert common_threshold([0.4, None]) is None
    assert common_threshold([]) is None

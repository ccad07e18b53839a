"""Calibration: the probabilities agree with the accuracy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from mnist_core.metrics.calibration import (
    BINS,
    at_temperature,
    expected_calibration_error,
    fitted_temperature,
    fold_temperature,
    reliability,
)


def softmax(logits: np.ndarray) -> np.ndarray:
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def drawn(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits (count, 10) and labels that follow their softmax exactly: perfectly calibrated predictions."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 2.5, (count, 10))
    labels = (softmax(logits).cumsum(axis=1) < random.random((count, 1))).sum(axis=1).clip(max=9)
    return logits, labels


def test_predictions_that_are_as_accurate_as_they_are_confident_have_no_error() -> None:
    probabilities = np.array([[0.75, 0.25]] * 4)
    assert expected_calibration_error(probabilities, np.array([0, 0, 0, 1])) == pytest.approx(0)


def test_the_error_is_the_gap_between_confidence_and_accuracy_weighted_by_the_predictions() -> None:
    sure, unsure = [[1.0, 0.0]] * 3, [[0.4, 0.6]]
    probabilities, labels = np.array(sure + unsure), np.array([0, 0, 1, 1])
    assert expected_calibration_error(probabilities, labels) == pytest.approx(3 / 4 * (1 - 2 / 3) + 1 / 4 * (1 - 0.6))


def test_no_predictions_have_no_error() -> None:
    assert expected_calibration_error(np.zeros((0, 10)), np.zeros(0, int)) == 0


def test_calibrated_predictions_get_a_temperature_near_one() -> None:
    logits, labels = drawn(20_000)
    assert fitted_temperature(softmax(logits), labels) == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_the_temperature_undoes_a_factor_on_the_logits_and_calibrates(factor: float) -> None:
    logits, labels = drawn(20_000)
    uncalibrated = softmax(logits * factor)
    temperature = fitted_temperature(uncalibrated, labels)
    assert temperature == pytest.approx(factor, rel=0.04)
    calibrated = at_temperature(uncalibrated, temperature)
    assert np.allclose(calibrated, softmax(logits * factor / temperature), atol=1e-6)
    assert expected_calibration_error(calibrated, labels) < 0.015 < expected_calibration_error(uncalibrated, labels)


def test_probabilities_of_exactly_zero_do_no_harm() -> None:
    probabilities = np.tile(np.eye(10), (5, 1))
    labels = np.arange(50) % 10
    labels[0] = 3
    assert 1 < fitted_temperature(probabilities, labels) <= 10


@settings(max_examples=20, deadline=None)
@given(temperature=st.floats(0.1, 10), seed=st.integers(0, 1000))
def test_weights_with_a_folded_temperature_divide_the_logits_and_leave_the_layers_before_alone(
    temperature: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    weights = [random.normal(size=shape).astype(np.float32) for shape in ((784, 4), (4,), (4, 10), (10,))]
    cooler = fold_temperature(weights, temperature)
    assert all(np.array_equal(a, b) for a, b in zip(weights[:2], cooler[:2], strict=True))
    features = random.normal(size=(3, 4)).astype(np.float32)
    assert np.allclose(
        features @ cooler[2] + cooler[3], (features @ weights[2] + weights[3]) / temperature, rtol=1e-4, atol=1e-4
    )


def test_reliability_is_scikit_learn_s_calibration_curve() -> None:
    random = np.random.default_rng(11)
    probabilities = random.dirichlet(np.full(10, 0.2), 3000)
    labels = np.where(
        random.random(3000) < probabilities.max(axis=1), probabilities.argmax(axis=1), random.integers(0, 10, 3000)
    )
    accuracies, confidences = calibration_curve(
        probabilities.argmax(axis=1) == labels, probabilities.max(axis=1), n_bins=BINS
    )
    found = reliability(probabilities, labels)
    np.testing.assert_allclose([each.accuracy for each in found], accuracies)
    np.testing.assert_allclose([each.confidence for each in found], confidences)
    assert sum(each.count for each in found) == 3000


def test_the_calibration_error_is_the_mean_gap_of_the_reliability_bins() -> None:
    random = np.random.default_rng(12)
    probabilities, labels = random.dirichlet(np.full(10, 0.2), 1000), random.integers(0, 10, 1000)
    gaps = sum(each.count * abs(each.accuracy - each.confidence) for each in reliability(probabilities, labels)) / 1000
    assert gaps == pytest.approx(expected_calibration_error(probabilities, labels))
    assert gaps > 0.1

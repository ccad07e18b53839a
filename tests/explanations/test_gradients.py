"""Gradients in NumPy against finite differences, Keras, and the exact sum through the MLP's active units."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mnist_core.explanations.gradients import gradients, logits, margin_weights
from mnist_core.handwriting.generator import write
from mnist_core.models.network import Network, predict, softmax
from mnist_core.models.weights import read_network
from tests.conftest import ROOT
from tests.models.model_files import random_cnn, random_mlp

SHIPPED = ["mlp-specified", "mlp-robust", "cnn-specified", "cnn-robust"]

KERAS_GRADIENTS = """
import sys
from pathlib import Path
import keras
import numpy as np
import tensorflow as tf

folder, runs = Path(sys.argv[1]), sys.argv[2:]
for run in runs:
    model = keras.saving.load_model(f"trained_models/{run}/model.keras")
    last = model.layers[-1]
    below = keras.Model(model.inputs, last.input)
    digits = tf.constant(np.load(folder / "digits.npy")[..., None])
    with tf.GradientTape() as tape:
        tape.watch(digits)
        logits = below(digits) @ last.kernel + last.bias
        margin = logits[:, 7] - logits[:, 2]
    np.save(folder / f"{run}.npy", tape.gradient(margin, digits).numpy()[..., 0])
"""


@pytest.fixture(params=["mlp", "cnn"])
def small(request: pytest.FixtureRequest, tmp_path: Path) -> Network:
    """A small network with random weights, of each kind."""
    path = tmp_path / "model.tflite"
    if request.param == "mlp":
        return read_network(random_mlp(path, hidden=17, half=False))
    return read_network(random_cnn(path, widths=(5, 6, 7), hidden=11, half=False))


def noise(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((count, 28, 28), dtype=np.float32)


def test_the_logits_are_those_of_the_probabilities(small: Network) -> None:
    digits = noise(5)
    assert softmax(logits(small, digits)) == pytest.approx(predict(small, digits), abs=1e-6)


def test_a_gradient_says_how_much_the_margin_changes_with_a_pixel(small: Network) -> None:
    digit, weights = noise(1)[0].astype(np.float64), margin_weights(7, 2)
    slopes = gradients(small, digit[None].astype(np.float32), weights).pixels[0]
    step = 2e-3
    places = np.random.default_rng(1).choice(784, 60, replace=False)
    moved = np.repeat(digit.reshape(1, -1), 120, axis=0)
    moved[np.arange(60), places] += step
    moved[np.arange(60, 120), places] -= step
    values = (logits(small, moved.reshape(-1, 28, 28).astype(np.float32)) @ weights).astype(np.float64)
    differences = (values[:60] - values[60:]) / (2 * step)
    scale = np.abs(slopes).max()
    # Where a unit starts or stops being active within the step, the two differ; that is so for few pixels.
    off = np.abs(differences - slopes.ravel()[places]) / scale
    assert np.median(off) < 0.002
    assert np.mean(off < 0.02) > 0.9


def test_each_digit_has_weights_and_gradients_of_its_own(small: Network) -> None:
    digits = noise(3)
    weights = np.stack([margin_weights(answer, 0) for answer in (3, 5, 8)])
    together = gradients(small, digits, weights)
    for index in range(3):
        alone = gradients(small, digits[index : index + 1], weights[index])
        assert together.values[index] == pytest.approx(alone.values[0], rel=1e-4)
        assert together.pixels[index] == pytest.approx(alone.pixels[0], abs=1e-5)


def test_pixels_and_biases_add_up_to_the_margin_exactly(small: Network) -> None:
    digits = noise(6)
    found = gradients(small, digits, margin_weights(4, 9))
    sums = (found.pixels * digits).sum(axis=(1, 2)) + found.bias_share
    assert sums == pytest.approx(found.values, rel=1e-4, abs=1e-4)
    assert np.abs(found.bias_share).min() > 1e-4


def test_the_mlp_s_gradient_is_the_sum_of_the_ways_through_its_active_units(tmp_path: Path) -> None:
    network = read_network(random_mlp(tmp_path / "model.tflite", hidden=17, half=False))
    hidden, output = network[1], network[2]
    digit = noise(1)
    active = (digit.reshape(1, -1) @ hidden.kernel + hidden.bias)[0] > 0
    assert 0 < active.sum() < 17
    ways = hidden.kernel[:, active] @ (output.kernel[active, 7] - output.kernel[active, 2])
    assert gradients(network, digit, margin_weights(7, 2)).pixels.ravel() == pytest.approx(ways, abs=1e-5)


def test_pixels_that_share_a_maximum_share_its_gradient(tmp_path: Path) -> None:
    network = read_network(random_cnn(tmp_path / "model.tflite", widths=(4,), hidden=8, half=False))
    even = np.full((1, 28, 28), 0.5, np.float32)
    weights = margin_weights(1, 0)
    slopes = gradients(network, even, weights).pixels[0]
    # All pixels rise together: the value changes by the sum of the gradients.
    step = 1e-3
    up, down = (logits(network, even + sign * step) @ weights for sign in (1, -1))
    assert float((up - down)[0]) / (2 * step) == pytest.approx(float(slopes.sum()), rel=0.02)


@pytest.mark.slow
def test_gradients_of_the_shipped_runs_are_those_of_keras(tmp_path: Path) -> None:
    # Noise on the paper, because Keras gives the whole gradient of a shared maximum to one of the pixels.
    digits = (0.9 * write(12, seed=3).digits + 0.1 * noise(12)).astype(np.float32)
    np.save(tmp_path / "digits.npy", digits)
    # In a process of its own: tests of the pages check that nothing has imported TensorFlow.
    subprocess.run([sys.executable, "-c", KERAS_GRADIENTS, str(tmp_path), *SHIPPED], cwd=ROOT, check=True)
    for name in SHIPPED:
        expected = np.load(tmp_path / f"{name}.npy")
        network = read_network(ROOT / "trained_models" / name / "model.tflite")
        found = gradients(network, digits, margin_weights(7, 2)).pixels
        # The model file has the weights in half precision.
        assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.999
        assert np.abs(found - expected).mean() < 0.01 * np.abs(expected).mean()

"""Evidence maps against brute force, their sums, and the tests of faithfulness on networks whose answer is known."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from mnist_core.explanations import faithfulness
from mnist_core.explanations.evidence import (
    METHODS,
    Model,
    Question,
    along_paths,
    gradient_times_input,
    integrated_gradients,
    margins,
    mean_digit,
    occlusion,
    question_of,
)
from mnist_core.explanations.gradients import gradients, logits, margin_weights
from mnist_core.handwriting.generator import write
from mnist_core.models.classifier import Classifier
from mnist_core.models.network import Dense, Flatten, Network, predict
from mnist_core.models.weights import read_network
from tests.conftest import ROOT
from tests.models.model_files import random_cnn, random_mlp

QUESTION = Question(7, 2)


def linear(kernel: np.ndarray) -> Model:
    """A network without hidden layers. kernel: (784, 10)."""
    network: Network = (
        Flatten("flatten", (28, 28, 1), (784,)),
        Dense("probabilities", (784,), (10,), kernel.astype(np.float32), np.zeros(10, np.float32), "softmax"),
    )
    return Model(network, partial(predict, network))


@pytest.fixture(params=["mlp", "cnn"])
def small(request: pytest.FixtureRequest, tmp_path: Path) -> Model:
    path = tmp_path / "model.tflite"
    if request.param == "mlp":
        random_mlp(path, hidden=17)
    else:
        random_cnn(path, widths=(5, 6), hidden=11)
    return Model(read_network(path), Classifier(path).probabilities)


@pytest.fixture(scope="module")
def seven() -> np.ndarray:
    written = write(20, seed=4)
    return np.asarray(written.digits[np.flatnonzero(written.labels == 7)[0]])


def test_the_question_is_the_answer_against_the_runner_up() -> None:
    assert question_of(np.array([0, 0, 0.3, 0, 0, 0, 0, 0.6, 0.1, 0])) == Question(7, 2)


def test_integrated_gradients_sum_to_the_difference_of_the_logits(small: Model, seven: np.ndarray) -> None:
    ends = logits(small.network, np.stack([seven, np.zeros_like(seven), mean_digit()]))
    margin = ends[:, 7] - ends[:, 2]
    fine = along_paths(small.network, seven, QUESTION, baselines=np.zeros((1, 28, 28), np.float32), steps=300)
    assert fine.sum() == pytest.approx(margin[0] - margin[1], abs=0.01 * float(np.abs(fine).sum()))
    shown = integrated_gradients(small, seven, QUESTION)
    assert shown.sum() == pytest.approx(margin[0] - margin[1:].mean(), abs=0.05 * float(np.abs(shown).sum()))


def test_empty_paper_counts_where_the_mean_digit_has_ink(small: Model, seven: np.ndarray) -> None:
    found = integrated_gradients(small, seven, QUESTION)
    assert np.abs(found[(seven == 0) & (mean_digit() > 0.2)]).max() > 0
    assert not found[mean_digit() + seven == 0].any()


def test_pixels_times_gradients_and_biases_are_the_whole_margin(small: Model, seven: np.ndarray) -> None:
    rest = gradients(small.network, seven[None], margin_weights(7, 2))
    total = gradient_times_input(small, seven, QUESTION).sum() + rest.bias_share[0]
    assert total == pytest.approx(rest.values[0], rel=1e-3, abs=1e-4)


def test_occlusion_is_what_brute_force_gives(small: Model, seven: np.ndarray) -> None:
    def margin(digit: np.ndarray) -> float:
        return float(margins(small.predict(digit[None]), QUESTION)[0])

    sums, counts = np.zeros((2, 28, 28)), np.zeros((2, 28, 28))
    for row in range(26):
        for column in range(26):
            patch = slice(row, row + 3), slice(column, column + 3)
            ink = seven[patch].sum()
            is_tried = ink > 0, ink < 0.5 and row % 2 and column % 2 and 2 <= row < 24 and 2 <= column < 24
            for kind in np.flatnonzero(is_tried):
                changed = seven.copy()
                changed[patch] = kind
                sums[kind][patch] += margin(seven) - margin(changed)
                counts[kind][patch] += 1
    means = sums / np.maximum(counts, 1)
    expected = means[0] * seven + means[1] * (1 - seven)
    assert occlusion(small, seven, QUESTION) == pytest.approx(expected, abs=1e-3 * np.abs(expected).max())


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS.keys())
def test_each_method_finds_the_ink_that_a_linear_network_reads(method, seven: np.ndarray) -> None:  # type: ignore[no-untyped-def]
    rows, columns = np.nonzero(seven > 0.9)
    decisive = np.zeros((28, 28), bool)
    decisive[rows[:12], columns[:12]] = True
    kernel = np.zeros((784, 10))
    kernel[decisive.ravel(), 7] = 1
    kernel[:, 2] = 0.001
    model = linear(kernel)
    found = method.evidence(model, seven, QUESTION)
    assert found[decisive].min() > 0
    assert found[decisive].mean() > 3 * np.abs(found[~decisive & (seven > 0)]).mean()
    best = faithfulness.deletion_curve(model.predict, seven, found, 7).mean()
    worst = faithfulness.deletion_curve(model.predict, seven, -found, 7).mean()
    assert best < worst


def test_insertion_rises_early_and_inking_falls_early_for_the_true_weights() -> None:
    kernel = np.random.default_rng(0).normal(0, 0.4, (784, 10))
    model = linear(kernel)
    digit = write(10, seed=1).digits[7]
    weights = (kernel[:, 7] - kernel[:, 2]).reshape(28, 28).astype(np.float32)
    true_map = weights * (2 * digit - 1)
    for curve, sign in ((faithfulness.insertion_curve, 1), (faithfulness.inking_curve, -1)):
        good, bad = (curve(model.predict, digit, each, 7) for each in (true_map, -true_map))
        assert good.shape == (faithfulness.POINTS,)
        assert sign * (good.mean() - bad.mean()) > 0
    curve = faithfulness.insertion_curve(model.predict, digit, true_map, 7)
    assert curve[-1] == pytest.approx(model.predict(digit[None])[0, 7], abs=1e-5)


@pytest.mark.parametrize("name", ["mlp-specified", "cnn-specified"])
def test_shuffled_weights_give_another_map(name: str, seven: np.ndarray) -> None:
    network = read_network(ROOT / "trained_models" / name / "model.tflite")
    model = Model(network, partial(predict, network))
    question = question_of(model.predict(seven[None])[0])
    shuffled = faithfulness.randomised(network, np.random.default_rng(0))
    one = integrated_gradients(model, seven, question)
    other = integrated_gradients(Model(shuffled, partial(predict, shuffled)), seven, question)
    assert faithfulness.similarity(one, one, seven > 0) == pytest.approx(1)
    assert abs(faithfulness.similarity(one, other, seven > 0)) < 0.5


def test_shuffling_the_last_layer_alone_leaves_the_others() -> None:
    network = read_network(ROOT / "trained_models" / "cnn-specified" / "model.tflite")
    shuffled = faithfulness.randomised(network, np.random.default_rng(0), last_only=True)
    changed = [
        not np.array_equal(before.weights["kernel"], after.weights["kernel"])
        for before, after in zip(network, shuffled, strict=True)
        if before.weights
    ]
    assert changed == [False, False, False, False, True]

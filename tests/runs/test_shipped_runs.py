"""The runs that ship are what run.json says, and good enough."""

import numpy as np
import pytest

from mnist_core.data.datasets import MNIST_DIGEST, DigitSet, Split
from mnist_core.data.pen_sources import UCI_DIGEST
from mnist_core.models.classifier import Classifier
from mnist_core.runs.corruption_results import load_corruption_results
from mnist_core.runs.file_format import load_history
from mnist_core.runs.robustness import measure_robustness
from mnist_core.runs.run import Run
from mnist_core.runs.store import list_runs
from tests.conftest import ROOT

RUNS = list_runs(ROOT / "trained_models")[0]
LEAST = {"mlp-specified": 0.980, "cnn-specified": 0.992, "mlp-robust": 0.990, "cnn-robust": 0.995}


@pytest.fixture(params=RUNS, ids=lambda run: run.name)
def run(request: pytest.FixtureRequest) -> Run:
    return request.param  # type: ignore[no-any-return]


def test_the_four_runs_ship_and_nothing_is_damaged() -> None:
    assert set(LEAST) <= {run.name for run in RUNS}
    assert list_runs(ROOT / "trained_models")[1] == []


def test_a_shipped_run_is_small(run: Run) -> None:
    assert run.size_bytes < 3_000_000


def test_a_shipped_run_names_its_data_versions_and_duration(run: Run) -> None:
    assert run.data["digest"] == MNIST_DIGEST
    assert run.duration_seconds > 0
    assert run.versions["keras"].startswith("3.")
    assert len(load_history(run)["loss"]) == run.config["epochs"]


@pytest.mark.parametrize("name", ["mlp-robust", "cnn-robust"])
def test_a_robust_run_names_the_pen_strokes_that_it_learned_from(name: str) -> None:
    run = next(run for run in RUNS if run.name == name)
    assert run.data["pens"] == {"digest": UCI_DIGEST, "digits": 7494, "writers": 30}
    assert run.recipe == "robust"


@pytest.mark.slow
def test_a_shipped_run_predicts_the_test_digits_as_its_run_json_says(run: Run, mnist: DigitSet) -> None:
    probabilities = Classifier(run.model_path).probabilities(mnist.test.pixels())
    incorrect = int((probabilities.argmax(axis=1) != mnist.test.labels).sum())
    # Another processor may round differently; a digit or two at the very border may turn.
    assert abs(incorrect - run.test.incorrect) <= 2
    assert 1 - incorrect / 10_000 >= LEAST.get(run.name, 0.98)
    with np.load(run.folder / "test_predictions.npz") as stored:
        assert np.abs(stored["probabilities"] - probabilities).max() < 1e-3
        assert np.array_equal(stored["labels"], mnist.test.labels)


@pytest.mark.slow
def test_litert_and_keras_agree_within_1e_4_on_1000_digits(run: Run, mnist: DigitSet) -> None:
    import keras

    digits = mnist.test.pixels()[:1000]
    expected = keras.models.load_model(run.folder / "model.keras").predict(digits[..., None], verbose=0)
    assert np.abs(Classifier(run.model_path).probabilities(digits) - expected).max() < 1e-4


def test_a_shipped_run_s_robustness_is_stored_and_its_digits_are_predicted_so(run: Run, mnist: DigitSet) -> None:
    """After another training or with other corruptions, measure again: `digit-duel evaluate RUN --data corruptions`."""
    stored = load_corruption_results(run)
    assert stored is not None
    assert stored.count == len(mnist.test)
    few = Split(mnist.test.images[:25], mnist.test.labels[:25])
    (measured,) = measure_robustness([run], few)
    # Another processor may round differently; a few digits at the very border may turn.
    assert (measured.incorrect != stored.incorrect[:, :, :25]).sum() <= 4

"""Predictions through LiteRT."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from mnist_core.data import preprocessing as digits
from mnist_core.errors import PictureError, RunError
from mnist_core.models.classifier import Classifier
from tests.conftest import ROOT, three

RUNS = sorted(path.name for path in (ROOT / "trained_models").iterdir() if not path.name.startswith("."))


@pytest.fixture(params=RUNS)
def classifier(request: pytest.FixtureRequest) -> Classifier:
    return Classifier(ROOT / "trained_models" / request.param / "model.tflite")


def test_a_three_is_predicted_with_ten_probabilities_and_a_time(classifier: Classifier) -> None:
    prediction = classifier.predict(digits.from_strokes(three()))
    assert prediction.digit == 3
    assert prediction.confidence > 0.5
    assert len(prediction.probabilities) == 10
    assert sum(prediction.probabilities) == pytest.approx(1, abs=1e-5)
    assert 0 < prediction.milliseconds < 1000


def test_one_by_one_and_all_at_once_are_the_same(classifier: Classifier) -> None:
    batch = np.random.default_rng(0).random((257, 28, 28), dtype=np.float32)
    together = classifier.probabilities(batch)
    single = np.array([classifier.predict(digit).probabilities for digit in batch[:20]])
    assert together.shape == (257, 10)
    assert together[:20] == pytest.approx(single, abs=1e-5)
    assert classifier.probabilities(batch[:0]).shape == (0, 10)


def test_visitors_at_the_same_time_get_their_own_answers(classifier: Classifier) -> None:
    pictures = np.random.default_rng(1).random((64, 28, 28), dtype=np.float32)
    alone = [classifier.predict(picture).probabilities for picture in pictures]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda picture: classifier.predict(picture).probabilities, pictures))
    assert np.array(together) == pytest.approx(np.array(alone), abs=1e-6)


@pytest.mark.parametrize("content", [None, b"", b"no model", b"\x00" * 100])
def test_a_file_that_is_no_model_is_refused_by_name(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "model.tflite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RunError, match=r"model\.tflite"):
        Classifier(path)


@pytest.mark.parametrize(
    ("digits", "message"),
    [
        (np.zeros((28, 28, 1), np.float32), r"shape \(28, 28, 1\), expected \(28, 28\)"),
        (np.zeros(784, np.float32), r"shape \(784,\)"),
        (np.zeros((28, 28), np.uint8), "uint8, expected floats in 0..1. Divide bytes by 255"),
        (np.zeros((28, 28), bool), "bool, expected floats"),
        (np.full((28, 28), 255.0), "to 255, expected 0..1"),
        (np.full((28, 28), -0.5, np.float32), "values from -0.5 to"),
        (np.full((28, 28), np.nan, np.float32), "values from nan"),
    ],
)
def test_arrays_that_are_no_digits_are_refused_with_what_was_received(digits: np.ndarray, message: str) -> None:
    classifier = Classifier(ROOT / "trained_models" / "mlp-specified" / "model.tflite")
    with pytest.raises(PictureError, match=message):
        classifier.predict(digits)
    if digits.shape == (28, 28):
        with pytest.raises(PictureError, match=message):
            classifier.probabilities(np.stack([np.zeros((28, 28), digits.dtype), digits]))


@pytest.mark.parametrize("shape", [(28, 28), (3, 28, 28, 1), (3, 784), ()])
def test_many_digits_of_another_shape_are_refused_with_the_shape(shape: tuple[int, ...]) -> None:
    classifier = Classifier(ROOT / "trained_models" / "mlp-specified" / "model.tflite")
    with pytest.raises(PictureError, match=rf"shape {re.escape(str(shape))}, expected \(n, 28, 28\)"):
        classifier.probabilities(np.zeros(shape, np.float32))


@pytest.mark.parametrize("kind", [np.float16, np.float64])
def test_every_floating_point_type_gives_the_same_prediction(classifier: Classifier, kind: type) -> None:
    digit = digits.from_strokes(three())
    expected = classifier.predict(digit).probabilities
    assert classifier.predict(digit.astype(kind)).probabilities == pytest.approx(expected, abs=1e-2)


def test_a_prediction_needs_neither_keras_nor_tensorflow_nor_streamlit() -> None:
    code = (
        "import sys, mnist_core.cli.main, mnist_core.reporting.agreement\n"
        "print(sorted({'keras', 'tensorflow', 'streamlit'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ended.stdout.strip() == "[]"


def test_the_first_model_of_a_process_prints_nothing() -> None:
    program = "import mnist_core, numpy as np\nmnist_core.predict('mlp-specified', np.zeros((28, 28)))"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")

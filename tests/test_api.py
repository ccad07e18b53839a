"""What `import mnist_core` offers."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mnist_core
from mnist_core import api
from mnist_core.data.datasets import DigitSet, load_file_set
from mnist_core.data.preprocessing import from_strokes
from tests.conftest import ROOT, three

PUBLIC = [
    "Accuracy",
    "DigitDuelError",
    "Prediction",
    "Run",
    "TrainingConfig",
    "__version__",
    "evaluate",
    "list_runs",
    "load_run",
    "predict",
    "predict_picture",
    "recipe_config",
    "train",
]


def test_the_public_names_are_these_and_each_is_described() -> None:
    assert sorted(mnist_core.__all__) == PUBLIC
    assert set(PUBLIC) <= set(dir(mnist_core))
    for name in PUBLIC:
        if name != "__version__":
            assert getattr(mnist_core, name).__doc__, name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = mnist_core.nothing  # type: ignore[attr-defined]


def test_importing_is_light_until_something_is_used() -> None:
    code = (
        "import sys, time; start = time.perf_counter(); import mnist_core; seconds = time.perf_counter() - start; "
        "heavy = {'numpy', 'scipy', 'keras', 'tensorflow', 'streamlit', 'ai_edge_litert', 'mnist_core.api'}; "
        "print(sorted(heavy & set(sys.modules)), seconds < 0.1); "
        "mnist_core.predict; print(sorted({'scipy', 'keras', 'tensorflow', 'streamlit'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ended.stdout.splitlines() == ["[] True", "[]"]


@pytest.mark.parametrize("run", ["mlp-specified", "cnn-robust"])
def test_every_accepted_form_of_a_digit_gives_the_same_prediction(run: str) -> None:
    digit = (from_strokes(three()) * 255).round().astype(np.uint8)
    expected = mnist_core.predict(run, digit)
    assert (expected.shape, expected.dtype, int(expected.argmax())) == ((1, 10), np.float32, 3)
    scaled = digit / 255
    forms = (digit[None], digit[None, ..., None], scaled, scaled.astype(np.float32)[None], scaled.tolist())
    for form in forms:
        np.testing.assert_allclose(mnist_core.predict(mnist_core.load_run(run), form), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("digits", "message"),
    [
        (np.full((28, 28), 255.0), r"255.*expected 0.*divide by 255"),
        (np.full((1, 28, 28), -0.5), r"-0\.5.*expected 0"),
        (np.full((28, 28), np.nan), "NaN"),
        (np.zeros((28, 27)), r"\(28, 27\)"),
        (np.zeros((2, 784)), r"\(2, 784\)"),
        (np.zeros((28, 28), np.int64), "int64"),
    ],
)
def test_wrong_digits_raise_with_what_was_received(digits: np.ndarray, message: str) -> None:
    for ask in (
        lambda: mnist_core.predict("mlp-specified", digits),
        lambda: mnist_core.evaluate("mlp-specified", digits, [3] * len(digits)),
    ):
        with pytest.raises(mnist_core.DigitDuelError, match=message):
            ask()


@pytest.mark.slow
def test_evaluate_counts_like_the_run_itself(mnist: DigitSet) -> None:
    run = mnist_core.load_run("cnn-robust")
    assert mnist_core.evaluate(run, mnist.test.images, mnist.test.labels) == run.test
    with pytest.raises(mnist_core.DigitDuelError, match="9,999 labels for 10,000 digits"):
        mnist_core.evaluate(run, mnist.test.images, mnist.test.labels[1:])
    with pytest.raises(mnist_core.DigitDuelError, match="0 to 11, expected 0 to 9"):
        mnist_core.evaluate(run, mnist.test.images[:2], [0, 11])


def test_drawn_prepares_digits_like_drawings() -> None:
    small = np.zeros((1, 28, 28), np.float32)
    small[0, :14, :14] = from_strokes(three()).reshape(14, 2, 14, 2).mean(axis=(1, 3))
    assert mnist_core.evaluate("mlp-specified", small, [3]).incorrect == 1
    assert mnist_core.evaluate("mlp-specified", small, [3], drawn=True).incorrect == 0
    assert mnist_core.predict("mlp-specified", np.zeros((0, 28, 28)), drawn=True).shape == (0, 10)


def test_a_picture_is_predicted_from_its_path_and_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "three.png"
    Image.fromarray((255 - from_strokes(three()) * 255).astype(np.uint8)).resize((280, 280)).save(path)
    prediction = mnist_core.predict_picture("cnn-robust", path)
    assert isinstance(prediction, mnist_core.Prediction)
    assert prediction.digit == mnist_core.predict_picture("cnn-robust", path.read_bytes()).digit == 3
    for unusable, message in ((tmp_path / "no.png", "cannot be read"), (b"text", "expected PNG, JPEG or WebP")):
        with pytest.raises(mnist_core.DigitDuelError, match=message):
            mnist_core.predict_picture("cnn-robust", unusable)


def test_a_run_that_was_replaced_is_opened_anew(tmp_path: Path) -> None:
    for name in ("mlp-specified", "cnn-specified"):
        shutil.copytree(ROOT / "trained_models" / name, tmp_path / name)
    run, digit = mnist_core.load_run("mlp-specified", folder=tmp_path), from_strokes(three())
    before = mnist_core.predict(run, digit)
    (tmp_path / "mlp-specified" / "model.tflite").unlink()
    shutil.copyfile(tmp_path / "cnn-specified" / "model.tflite", tmp_path / "mlp-specified" / "model.tflite")
    np.testing.assert_array_equal(mnist_core.predict(run, digit), mnist_core.predict("cnn-specified", digit))
    assert (mnist_core.predict(run, digit) != before).any()
    assert [run.name for run in mnist_core.list_runs(folder=tmp_path)] == ["cnn-specified", "mlp-specified"]


@pytest.mark.slow
def test_training_with_arrays_gives_a_run_like_any_other(small_mnist: DigitSet, tmp_path: Path) -> None:
    config = mnist_core.recipe_config("specified", "mlp", epochs=2, batch_size=50, validation_digits=100)
    events: list[str] = []
    images, labels = small_mnist.train.pixels(), small_mnist.train.labels
    run = mnist_core.train(
        config, "mine", images, labels, folder=tmp_path, on_event=lambda event: events.append(event["event"])
    )
    assert (run.data["name"], run.data["digits"], run.test.count) == ("own arrays", 540, 160)
    assert (run.config["data"], run.recipe) == ("own arrays", "custom")
    assert (events[0], events[-1]) == ("started", "finished")
    assert mnist_core.load_run("mine", folder=tmp_path) == run
    accuracy = mnist_core.evaluate(run, small_mnist.test.images, small_mnist.test.labels)
    assert accuracy.fraction > 0.5
    with pytest.raises(mnist_core.DigitDuelError, match="There is a run 'mine' already"):
        mnist_core.train(config, "mine", images, labels, folder=tmp_path)


def test_arrays_are_divided_as_a_file_is(small_mnist: DigitSet, tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    np.savez(path, images=small_mnist.train.images, labels=small_mnist.train.labels)
    config = mnist_core.recipe_config("specified", "mlp")
    divided = api._digit_set(config, small_mnist.train.images, small_mnist.train.labels, None, None)
    assert divided.digest == load_file_set(path).digest
    whole = api._digit_set(
        config, small_mnist.train.pixels(), small_mnist.train.labels, small_mnist.test.images, small_mnist.test.labels
    )
    np.testing.assert_array_equal(whole.train.images, small_mnist.train.images)
    np.testing.assert_array_equal(whole.test.images, small_mnist.test.images)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": np.zeros((9, 28, 28))}, "images without labels"),
        ({"test_images": np.zeros((9, 28, 28)), "test_labels": [0] * 9}, "test images without training images"),
        ({"images": np.zeros((9, 28, 28)), "labels": [0] * 8}, "8 labels for 9 digits"),
        ({"images": np.full((9, 28, 28), 9.0), "labels": [0] * 9}, "9, expected 0"),
        ({"images": np.zeros((2, 28, 28)), "labels": [0, 1]}, "Pass at least 5 images"),
    ],
)
def test_arrays_to_train_with_are_checked_before_tensorflow_is_imported(
    arrays: dict[str, np.ndarray], message: str, tmp_path: Path
) -> None:
    config = mnist_core.recipe_config("specified", "mlp")
    with pytest.raises(mnist_core.DigitDuelError, match=message):
        mnist_core.train(config, "mine", folder=tmp_path, **arrays)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_what_is_neither_a_run_nor_a_name_is_refused() -> None:
    with pytest.raises(mnist_core.DigitDuelError, match="Received None as a run, expected the name"):
        mnist_core.predict(None, np.zeros((28, 28)))  # type: ignore[arg-type]

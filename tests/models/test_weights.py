"""The layers of a model file, their forward pass in NumPy, and their bytes for the browser."""

import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mnist_core.data.preprocessing import from_strokes
from mnist_core.errors import RunError
from mnist_core.models.browser_format import to_browser
from mnist_core.models.classifier import Classifier
from mnist_core.models.network import Convolution, Dense, Network, outputs, predict
from mnist_core.models.weights import read_network
from tests.conftest import ROOT, three
from tests.models.model_files import ModelFile, random_cnn, random_mlp

SHIPPED = ["mlp-specified", "mlp-robust", "cnn-specified", "cnn-robust"]

TOLERANCE = 5e-6
"""LiteRT itself is up to 1.2e-6 away from the same forward pass in float64 for digits, and 2.6e-6 for noise."""


@pytest.fixture(params=SHIPPED)
def shipped(request: pytest.FixtureRequest) -> Path:
    return ROOT / "trained_models" / request.param / "model.tflite"


def digits(count: int) -> np.ndarray:
    """Threes of many shapes, and noise."""
    random = np.random.default_rng(0)
    drawn = [from_strokes([stroke @ random.normal(np.eye(2), 0.4) for stroke in three()]) for _ in range(count // 2)]
    return np.stack([*drawn, *random.random((count - count // 2, 28, 28), np.float32)])


def test_the_forward_pass_of_a_shipped_run_is_litert_s(shipped: Path) -> None:
    pictures = digits(200)
    expected = Classifier(shipped).probabilities(pictures)
    assert len(set(expected.argmax(axis=1))) > 3
    assert np.abs(predict(read_network(shipped), pictures) - expected).max() <= TOLERANCE


@pytest.mark.parametrize("half", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_the_forward_pass_of_random_networks_of_any_width_is_litert_s(tmp_path: Path, half: bool, seed: int) -> None:
    random = np.random.default_rng(seed)
    widths = tuple(int(width) for width in random.integers(1, 70, random.integers(1, 5)))
    hidden = int(random.integers(1, 100))
    pictures = digits(30)
    for path in (
        random_cnn(tmp_path / "cnn.tflite", widths=widths, hidden=hidden, half=half, seed=seed),
        random_mlp(tmp_path / "mlp.tflite", hidden=hidden, half=half, seed=seed),
    ):
        expected = Classifier(path).probabilities(pictures)
        assert np.ptp(expected, axis=0).max() > 0.01
        assert np.abs(predict(read_network(path), pictures) - expected).max() <= TOLERANCE


def test_the_layers_of_a_cnn_have_keras_names_and_their_shapes() -> None:
    network = read_network(ROOT / "trained_models" / "cnn-robust" / "model.tflite")
    assert [(layer.name, layer.kind, layer.input_shape, layer.output_shape) for layer in network] == [
        ("convolution_1", "convolution", (28, 28, 1), (28, 28, 48)),
        ("pooling_1", "pooling", (28, 28, 48), (14, 14, 48)),
        ("convolution_2", "convolution", (14, 14, 48), (14, 14, 96)),
        ("pooling_2", "pooling", (14, 14, 96), (7, 7, 96)),
        ("convolution_3", "convolution", (7, 7, 96), (7, 7, 192)),
        ("pooling_3", "pooling", (7, 7, 192), (3, 3, 192)),
        ("flatten", "flatten", (3, 3, 192), (1728,)),
        ("hidden", "dense", (1728,), (192,)),
        ("probabilities", "dense", (192,), (10,)),
    ]
    assert sum(array.size for layer in network for array in layer.weights.values()) == 542026
    assert all(array.dtype == np.float32 for layer in network for array in layer.weights.values())


def test_every_layer_s_output_is_given_by_name(shipped: Path) -> None:
    network = read_network(shipped)
    pictures = digits(4)
    given = outputs(network, pictures)
    assert list(given) == [layer.name for layer in network]
    assert all(given[layer.name].shape == (4, *layer.output_shape) for layer in network)
    assert np.array_equal(given["probabilities"], predict(network, pictures))
    assert given["probabilities"].sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_a_convolution_sees_zeros_outside_of_the_picture() -> None:
    kernel = np.zeros((3, 3, 1, 1), np.float32)
    kernel[0, 0] = 1  # the upper left neighbour
    layer = Convolution("convolution_1", (2, 2, 1), (2, 2, 1), kernel, np.zeros(1, np.float32))
    moved = layer.forward(np.array([[[[1], [2]], [[3], [4]]]], np.float32))
    assert moved[0, :, :, 0].tolist() == [[0, 0], [0, 1]]


REFUSED = {
    "stride 2": (lambda: ModelFile().convolution(4, stride=2).flatten(), "stride"),
    "padding valid": (lambda: ModelFile().convolution(4, same=False).flatten(), "padding"),
    "a kernel of 5x5": (lambda: ModelFile().convolution(4, size=5).flatten(), "kernel"),
    "no ReLU": (lambda: ModelFile().convolution(4, activation=None).flatten(), "without ReLU"),
    "average pooling": (lambda: ModelFile().pooling(average=True).flatten(), "AVERAGE_POOL_2D"),
    "pooling of 4x4": (lambda: ModelFile().pooling(size=4).flatten(), "2x2"),
    "no activation": (lambda: ModelFile().flatten().dense(8, activation=None), "neither ReLU nor softmax"),
    "tanh": (lambda: ModelFile().flatten().dense(8, activation="tanh"), "neither ReLU nor softmax"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_layer_that_does_not_exist_here_is_refused_by_name(tmp_path: Path, name: str) -> None:
    begin, message = REFUSED[name]
    path = begin().dense(10, activation=None).softmax().write(tmp_path / "model.tflite")
    with pytest.raises(RunError, match=rf"model\.tflite cannot be read layer by layer.*{message}"):
        read_network(path)


def test_a_network_that_does_not_end_in_ten_probabilities_is_refused(tmp_path: Path) -> None:
    for file, message in (
        (ModelFile().flatten().dense(10), "end with softmax"),
        (ModelFile().flatten().dense(9, activation=None).softmax(), r"gives \(9,\)"),
        (ModelFile().flatten().dense(10, activation=None).softmax(beta=2.0), "factor"),
        (ModelFile().flatten().dense(10).softmax(), "softmax does not follow"),
    ):
        with pytest.raises(RunError, match=message):
            read_network(file.write(tmp_path / "model.tflite"))


@pytest.mark.parametrize("content", [None, b"", b"no model", b"\x00" * 100, "cut"])
def test_a_file_that_is_no_model_is_refused_by_name(tmp_path: Path, content: bytes | str | None) -> None:
    path = tmp_path / "model.tflite"
    if content == "cut":
        whole = (ROOT / "trained_models" / "mlp-specified" / "model.tflite").read_bytes()
        content = whole[: len(whole) // 2]
    if isinstance(content, bytes):
        path.write_bytes(content)
    with pytest.raises(RunError, match=r"model\.tflite"):
        read_network(path)


def from_browser(content: bytes) -> dict[str, np.ndarray]:
    """The arrays of the format by 'layer.name'."""
    assert content[:4] == b"DDN1"
    start = 8 + struct.unpack("<I", content[4:8])[0]
    arrays = {}
    for layer in json.loads(content[8:start])["layers"]:
        for name, entry in layer.get("weights", {}).items():
            count = int(np.prod(entry["shape"]))
            assert entry["offset"] % 4 == start % 4 == 0
            numbers = np.frombuffer(content, np.dtype(entry["type"]), count, start + entry["offset"])
            arrays[f"{layer['name']}.{name}"] = numbers.reshape(entry["shape"])
    return arrays


def arrays_of(network: Network) -> dict[str, np.ndarray]:
    return {f"{layer.name}.{name}": array for layer in network for name, array in layer.weights.items()}


def test_a_shipped_run_s_weights_reach_the_browser_unchanged_and_in_half_precision(shipped: Path) -> None:
    network = read_network(shipped)
    content = to_browser(network)
    sent, own = from_browser(content), arrays_of(network)
    assert sent.keys() == own.keys()
    assert all(np.array_equal(sent[name], own[name]) for name in own)
    assert len(content) < shipped.stat().st_size
    assert content == to_browser(network)


def test_weights_that_half_precision_would_change_reach_the_browser_as_float32(tmp_path: Path) -> None:
    network = read_network(random_mlp(tmp_path / "model.tflite", hidden=7, half=False))
    sent, own = from_browser(to_browser(network)), arrays_of(network)
    assert all(array.dtype == np.float32 and np.array_equal(array, own[name]) for name, array in sent.items())


def test_softmax_of_large_sums_does_not_overflow() -> None:
    kernel = np.eye(10, dtype=np.float32)
    layer = Dense("probabilities", (10,), (10,), kernel, np.zeros(10, np.float32), "softmax")
    assert layer.forward(np.full((1, 10), 1e4, np.float32)) == pytest.approx(0.1)


def test_reading_weights_needs_neither_keras_nor_tensorflow() -> None:
    code = (
        "import sys, mnist_core.models.weights; print(sorted({'keras', 'tensorflow', 'streamlit'} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"

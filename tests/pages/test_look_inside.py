"""The section *Look inside*: what it sends to the browser, for runs of several layouts, without TensorFlow."""

import json
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.explanations.layer_views import view_of
from mnist_core.models.network import Network
from mnist_core.models.weights import read_network
from mnist_core.runs.store import load_run
from pages.why.layer_payload import payload
from pages.why.sides import Side
from tests.conftest import ROOT
from tests.explanations.test_activations import seven
from tests.models.model_files import ModelFile, random_cnn, random_mlp

SCRIPT = """
import numpy as np
from mnist_core.models.weights import read_network
from mnist_core.runs.store import load_run
from pages.why.look_inside import show_inside
from pages.why.sides import Side

def side(name):
    run = load_run(name)
    return Side(run, run.architecture.upper(), "#123456", read_network(run.model_path))

digit = np.zeros((28, 28), np.float32)
digit[4:24, 13:16] = {ink}
left, right = side("mlp-specified"), side("cnn-specified")
{more}
show_inside(digit, (left, right))
"""


def opened(*, ink: float = 1.0, more: str = "", nudge: str | None = None) -> AppTest:
    page = AppTest.from_string(SCRIPT.format(ink=ink, more=more), default_timeout=60)
    if nudge:
        page.query_params["why_layers_nudge"] = nudge
    page.run()
    assert not page.exception, page.exception
    return page


def read(message: bytes) -> tuple[str, dict[str, Any], bytes]:
    """The script's address, the header and the arrays of a message."""
    script, rest = message.split(b"\n", 1)
    content = zlib.decompress(rest)
    (length,) = struct.unpack_from("<I", content)
    return script.decode(), json.loads(content[4 : 4 + length]), content[4 + length :]


def numbers(array: dict[str, Any], arrays: bytes) -> np.ndarray:
    kind, steps = ("i1", 127) if array["signed"] else ("u1", 255)
    count = int(np.prod(array["shape"]))
    stored = np.frombuffer(arrays, kind, count, array["offset"]).reshape(array["shape"])
    return stored / steps * array["largest"]


def sent(page: AppTest) -> tuple[str, dict[str, Any], bytes]:
    (element,) = [each for each in page.get("bidi_component") if each.proto.component_name == "digit_duel_layer_figure"]
    return read(element.proto.bytes)


def message_of(network: Network, *, nudge: int = 0) -> tuple[str, dict[str, Any], bytes]:
    side = Side(load_run("mlp-specified"), "Net", "#123456", network)
    return read(payload([side], [view_of(network, seven(), nudge=nudge)], script="live/x.js", nudge=nudge))


def test_both_models_are_sent_in_one_message() -> None:
    script, header, _ = sent(opened())
    assert script.endswith("/why/layers/figure.js")
    assert [side["title"] for side in header["sides"]] == ["MLP", "CNN"]
    assert [(len(side["blocks"]), len(side["units"])) for side in header["sides"]] == [(0, 1), (3, 1)]
    assert [side["predictions"] for side in header["sides"]] == [[1], [1]]
    assert header["nudge"] == 0


def test_a_nudge_is_in_the_link_and_adds_a_second_pass() -> None:
    page = opened(nudge="4 px right")
    _, header, arrays = sent(page)
    assert header["nudge"] == 4
    before, after = (numbers(digit, arrays)[0] for digit in header["digits"])
    np.testing.assert_allclose(after[:, 4:], before[:, :-4])
    for side in header["sides"]:
        assert len(side["predictions"]) == len(side["decisions"]) == 2
        assert {"digit", "hidden", "probabilities"} <= set(side["alike"])


def test_a_nudge_that_no_page_offers_is_none() -> None:
    assert sent(opened(nudge="900 px up"))[1]["nudge"] == 0


def test_a_blank_digit_is_answered_by_a_sentence() -> None:
    page = opened(ink=0.0)
    assert not page.get("bidi_component")
    assert "Put a digit on the canvas" in page.info[0].value


def test_a_network_that_cannot_be_read_is_a_sentence_beside_the_other_one() -> None:
    page = opened(more="right = Side(right.run, right.title, right.colour, ())")
    assert "cnn-specified" in page.info[0].value
    assert [side["title"] for side in sent(page)[1]["sides"]] == ["MLP"]


LAYOUTS = {
    "narrow MLP": lambda path: random_mlp(path, hidden=4),
    "wide MLP": lambda path: random_mlp(path, hidden=1024),
    "narrow CNN": lambda path: random_cnn(path, widths=(8, 16, 32), hidden=32),
    "wide CNN": lambda path: random_cnn(path, widths=(64, 128, 256), hidden=256),
    "two blocks": lambda path: random_cnn(path, widths=(5, 6), hidden=7),
    "linear": lambda path: ModelFile().flatten().dense(10, activation=None).softmax().write(path),
    "no hidden layer": lambda path: (
        ModelFile().convolution(3).pooling().flatten().dense(10, activation=None).softmax().write(path)
    ),
    "pooling first": lambda path: (
        ModelFile().pooling().flatten().dense(9).dense(10, activation=None).softmax().write(path)
    ),
    "two hidden layers": lambda path: (
        ModelFile().flatten().dense(9).dense(8).dense(10, activation=None).softmax().write(path)
    ),
    "convolutions in a row": lambda path: (
        ModelFile().convolution(3).convolution(4).flatten().dense(5).dense(10, activation=None).softmax().write(path)
    ),
}


@pytest.mark.parametrize("nudge", [0, 3])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_layout_that_can_be_read_can_be_sent(tmp_path: Path, layout: str, nudge: int) -> None:
    network = read_network(LAYOUTS[layout](tmp_path / "model.tflite"))
    _, header, arrays = message_of(network, nudge=nudge)
    (side,) = header["sides"]
    convolutions = sum(layer.kind == "convolution" for layer in network)
    assert len(side["blocks"]) == convolutions + (layout == "pooling first")
    for block in side["blocks"]:
        for array in block["maps"]:
            assert numbers(array, arrays).shape[0] == len(block["channels"])


def test_the_numbers_in_the_message_are_those_of_the_network() -> None:
    network = read_network(ROOT / "trained_models" / "cnn-specified" / "model.tflite")
    view = view_of(network, seven())
    _, header, arrays = message_of(network)
    for block, found in zip(view.blocks, header["sides"][0]["blocks"], strict=True):
        maps = block.maps[0].transpose(2, 0, 1)[block.channels]
        np.testing.assert_allclose(numbers(found["maps"][0], arrays), maps, atol=maps.max() / 500)
    first = header["sides"][0]["blocks"][0]
    filters = network[0].weights["kernel"][:, :, 0].transpose(2, 0, 1)[first["channels"]]
    np.testing.assert_allclose(numbers(first["filters"], arrays), filters, atol=np.abs(filters).max() / 250)


def test_the_message_is_small() -> None:
    sides, views = [], []
    for name in ("mlp-robust", "cnn-robust"):
        run = load_run(name)
        sides.append(Side(run, run.architecture, "#123456", read_network(run.model_path)))
        views.append(view_of(sides[-1].network, seven(), nudge=3))
    assert len(payload(sides, views, script="live/x.js", nudge=3)) < 80_000


@pytest.mark.slow
def test_the_section_imports_no_tensorflow() -> None:
    code = "import sys, pages.why.look_inside; sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras')))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0

"""The browser's predictions are the server's, in a real Chromium: the same digits, the same probabilities.

The modules run on a bare page of a local web server, without Streamlit.
"""

import functools
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Error, Page

from mnist_core.data.rasterizer import draw_digit
from mnist_core.data.segmentation import split_marks
from mnist_core.distortions.nudges import RANGES, Nudge, nudged
from mnist_core.handwriting.generator import MARKS, STYLES, pen_strokes
from mnist_core.models.browser_format import to_browser
from mnist_core.models.classifier import Classifier
from mnist_core.models.network import outputs
from mnist_core.models.number_reader import read_strokes
from mnist_core.models.weights import read_network
from mnist_core.runs.store import load_run
from tests.browser import harness
from tests.conftest import ROOT
from tests.models.model_files import random_cnn, random_mlp

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        harness.chromium_path() is None,
        reason="there is no Chromium; install it (Debian: apt install chromium) or name one in CHROMIUM",
    ),
    pytest.mark.timeout(300),
]

MODULES = ROOT / "pages" / "parts" / "browser_predictor"
BRUSH = 17.5
PAIR = {"mlp": "mlp-robust", "cnn": "cnn-robust"}
KERNELS = ["JavaScript", "WebAssembly"]

HELPERS = """
window.fetched = async (name) => await (await fetch(name)).arrayBuffer();
window.floats = async (name) => new Float32Array(await fetched(name));
window.largest = (given, expected) => given.reduce((most, value, k) => {
  const difference = Math.abs(value - expected[k]);
  return difference <= most ? most : difference;      // NaN stays
}, given.length === expected.length ? 0 : NaN);
window.makeKernel = async (name) => {
  const { plainKernel, fastestKernel } = await import("/modules/kernel.js");
  return name === "JavaScript" ? plainKernel : await fastestKernel();
};
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the page may fetch besides the modules."""
    return tmp_path_factory.mktemp("browser_predictor")


@pytest.fixture(scope="module")
def page(folder: Path) -> Iterator[Page]:
    """A bare page with the modules in reach."""

    class Handler(SimpleHTTPRequestHandler):
        def translate_path(self, path: str) -> str:
            if path.startswith("/modules/"):
                return str(MODULES / Path(path).name)
            return super().translate_path(path)

        def end_headers(self) -> None:
            self.send_header("Cache-Control", "no-store")  # tests write new content to the same names
            if self.path == "/strict.html":
                self.send_header("Content-Security-Policy", "default-src 'self'")
            super().end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    for name in ("index.html", "strict.html"):
        (folder / name).write_text("<!doctype html><title>Predictor</title>")
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with harness.browser() as chromium:
                page = chromium.new_page()
                page.goto(f"http://127.0.0.1:{server.server_port}/")
                page.evaluate(HELPERS)
                yield page
        finally:
            server.shutdown()
            thread.join()


def handwritten(count: int, *, seed: int) -> list[list[np.ndarray]]:
    """Drawings in every style of the generator, digits and other marks."""
    styles = [*STYLES, *MARKS]
    each = -(-count // len(styles))
    drawings = [strokes for style in styles for strokes in pen_strokes(style, each, seed=seed)]
    return drawings[:count]


def irregular(count: int, *, seed: int) -> list[list[np.ndarray]]:
    """Strokes that nobody writes: single points, points that repeat, long jumps, dots, tiny and huge ones."""
    random = np.random.default_rng(seed)
    drawings = []
    for number in range(count):
        size = 10.0 ** random.uniform(-3, 5)
        strokes = [
            random.normal(0, size, 2)
            + random.normal(0, size, (random.integers(1, 30), 2)) * random.integers(0, 2, (1, 2))
            for _ in range(random.integers(1, 5))
        ]
        if number % 3 == 0:
            strokes[0] = np.repeat(strokes[0], 2, axis=0)
        drawings.append(strokes)
    return drawings


def put(folder: Path, drawings: list[list[np.ndarray]], digits: np.ndarray) -> None:
    listed = [[stroke.tolist() for stroke in strokes] for strokes in drawings]
    (folder / "drawings.json").write_text(json.dumps(listed))
    (folder / "digits.bin").write_bytes(digits.astype("<f4").tobytes())


@pytest.mark.parametrize("pen_width", [2.5, 1.6, 4.0])
def test_3000_drawings_become_the_same_digits_as_on_the_server(page: Page, folder: Path, pen_width: float) -> None:
    drawings = [*handwritten(2000, seed=1), *irregular(1000, seed=2)]
    digits = np.stack([draw_digit(strokes, brush_width=BRUSH, pen_width=pen_width) for strokes in drawings])
    assert len(digits) == 3000
    assert (digits.max(axis=(1, 2)) > 0.5).all()
    put(folder, drawings, digits)
    difference = page.evaluate(
        """async ([brushWidth, penWidth]) => {
             const { drawDigit } = await import("/modules/preprocessing.js");
             const drawings = JSON.parse(new TextDecoder().decode(await fetched("drawings.json")));
             const expected = await floats("digits.bin");
             return largest(new Float32Array(drawings.flatMap(
               (strokes) => [...drawDigit(strokes, { brushWidth, penWidth })])), expected);
           }""",
        [BRUSH, pen_width],
    )
    assert 0 <= difference <= 1e-6


def confidences(marks: Sequence[int]) -> list[float]:
    """Stand-ins for what two models say of some marks, the same in both languages."""
    return [(7 * sum(marks) + 3 * len(marks)) % 11 / 10, (5 * sum(marks) + len(marks)) % 7 / 6]


def test_3000_drawings_are_split_into_the_same_digits_as_on_the_server(page: Page, folder: Path) -> None:
    random = np.random.default_rng(8)
    drawings = []
    for count in random.integers(1, 16, 3000):
        corners = random.uniform(0, 60 * count, (count, 2)) * [1, 0.2]
        drawings.append(np.hstack([corners, corners + random.uniform(0, 90, (count, 2))]).tolist())
    split = [split_marks(boxes, lambda found: [confidences(marks) for marks in found]) for boxes in drawings]
    assert len({len(digits) for digits in split}) > 8
    (folder / "boxes.json").write_text(json.dumps(drawings))
    there = page.evaluate(
        """async () => {
             const { splitDrawing } = await import("/modules/segmentation.js");
             const confidences = (marks) => {
               const sum = marks.reduce((a, b) => a + b, 0);
               return [((7 * sum + 3 * marks.length) % 11) / 10, ((5 * sum + marks.length) % 7) / 6];
             };
             const drawings = JSON.parse(new TextDecoder().decode(await fetched("boxes.json")));
             return drawings.map((boxes) => splitDrawing(boxes, confidences));
           }"""
    )
    assert there == split


def test_a_number_is_read_in_the_browser_as_on_the_server(page: Page, folder: Path) -> None:
    for name, run in PAIR.items():
        (folder / f"{name}.network").write_bytes(to_browser(read_network(load_run(run).model_path)))
    digits = [strokes for strokes in handwritten(60, seed=9) if np.ptp(np.concatenate(strokes), axis=0).min() > 0]
    numbers = []
    for start in range(0, 48, 4):
        left, strokes = 0.0, []
        for digit in digits[start : start + 4]:
            low, high = np.concatenate(digit).min(axis=0), np.concatenate(digit).max(axis=0)
            strokes += [(stroke - low) / (high - low)[1] * 100 + [left, 0] for stroke in digit]
            left += float((high - low)[0] / (high - low)[1] * 100) + 12
        numbers.append(strokes)
    pair = [Classifier(load_run(run).model_path) for run in PAIR.values()]
    here = [[list(digit.marks) for digit in read_strokes(strokes, pair, brush_width=BRUSH)] for strokes in numbers]
    (folder / "numbers.json").write_text(json.dumps([[stroke.tolist() for stroke in each] for each in numbers]))
    there = page.evaluate(
        """async (brushWidth) => {
             const { Predictor } = await import("/modules/predictor.js");
             const predictor = await Predictor.load({ mlp: "mlp.network", cnn: "cnn.network" });
             const numbers = JSON.parse(new TextDecoder().decode(await fetched("numbers.json")));
             const read = (strokes) => predictor.predictNumber(strokes, { brushWidth });
             return numbers.map((strokes) => read(strokes).map(({ marks }) => marks));
           }""",
        BRUSH,
    )
    assert there == here
    assert sum(len(number) > 2 for number in here) > len(here) / 2


def test_two_strokes_with_the_same_ends_and_as_many_points_are_read_apart(page: Page, folder: Path) -> None:
    (folder / "mlp.network").write_bytes(to_browser(read_network(load_run(PAIR["mlp"]).model_path)))
    outward, inward = page.evaluate(
        """async () => {
             const { Predictor } = await import("/modules/predictor.js");
             const predictor = await Predictor.load({ mlp: "mlp.network" });
             const bent = (x) => [[[100, 0], [x, 50], [100, 100]]];
             return [60, 140].map((x) => [...predictor.predictNumber(bent(x))[0].digit]);
           }"""
    )
    assert outward != inward


def some_nudges(count: int, *, seed: int) -> list[Nudge]:
    """One amount alone, at both ends of its range and between, and any of them together."""
    random = np.random.default_rng(seed)
    alone = [
        Nudge(noise_seed=3).with_amount(name, value)
        for name, limits in RANGES.items()
        for value in limits.values()[:: max(len(limits.values()) // 4, 1)]
    ]
    together = [
        Nudge(
            **{name: float(random.choice(limits.values())) for name, limits in RANGES.items() if random.random() < 0.5},
            noise_seed=int(random.integers(0, 9999)),
        )
        for _ in range(count)
    ]
    return [*alone, *together]


def test_1000_nudged_digits_are_the_same_as_on_the_server(page: Page, folder: Path) -> None:
    digits = np.stack([draw_digit(strokes) for strokes in handwritten(40, seed=5)])
    nudges = some_nudges(1000, seed=6)
    (folder / "digits.bin").write_bytes(digits.astype("<f4").tobytes())
    (folder / "nudges.json").write_text(json.dumps([asdict(nudge) for nudge in nudges]))
    expected = np.stack([nudged(digits[number % len(digits)], nudge) for number, nudge in enumerate(nudges)])
    assert np.abs(expected - digits[np.arange(len(nudges)) % len(digits)]).max(axis=(1, 2)).mean() > 0.3
    (folder / "nudged.bin").write_bytes(expected.astype("<f4").tobytes())
    differences = page.evaluate(
        """async () => {
             const { nudgeDigit, NEUTRAL } = await import("/modules/nudge.js");
             const [digits, expected] = [await floats("digits.bin"), await floats("nudged.bin")];
             const nudges = JSON.parse(new TextDecoder().decode(await fetched("nudges.json")));
             const count = digits.length / 784;
             const given = new Float32Array(nudges.flatMap((nudge, number) => {
               const start = 784 * (number % count);
               return [...nudgeDigit(digits.subarray(start, start + 784), nudge)];
             }));
             const kept = largest(nudgeDigit(digits.subarray(0, 784), NEUTRAL), digits.subarray(0, 784));
             return [largest(given, expected), kept];
           }"""
    )
    assert 0 <= differences[0] <= 1e-6
    assert differences[1] == 0


def test_no_strokes_are_an_empty_digit(page: Page) -> None:
    sums = page.evaluate(
        """async () => {
             const { drawDigit } = await import("/modules/preprocessing.js");
             return [[], [[]], [[], []]].map((strokes) => drawDigit(strokes).reduce((sum, value) => sum + value, 0));
           }"""
    )
    assert sums == [0, 0, 0]


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("seed", range(3))
def test_every_layer_of_random_networks_is_computed_as_on_the_server(
    page: Page, folder: Path, seed: int, kernel: str
) -> None:
    random = np.random.default_rng(seed)
    widths = tuple(int(width) for width in random.integers(1, 80, 3))
    hidden, half = int(random.integers(1, 200)), bool(seed % 2)
    digits = random.random((5, 28, 28), np.float32) * (random.random((5, 28, 28)) < 0.3)
    (folder / "digits.bin").write_bytes(digits.astype("<f4").tobytes())
    for path in (
        random_cnn(folder / "cnn.tflite", widths=widths, hidden=hidden, half=half, seed=seed),
        random_mlp(folder / "mlp.tflite", hidden=hidden, half=half, seed=seed),
    ):
        network = read_network(path)
        (folder / "random.network").write_bytes(to_browser(network))
        layers = outputs(network, digits)
        for name, expected in layers.items():
            (folder / f"{name}.bin").write_bytes(expected.astype("<f4").tobytes())
        (folder / "litert.bin").write_bytes(Classifier(path).probabilities(digits).tobytes())
        used, differences = page.evaluate(
            """async ([kernel, names]) => {
                 const { Network } = await import("/modules/network.js");
                 const network = await Network.load("random.network", await makeKernel(kernel));
                 const digits = await floats("digits.bin");
                 const given = Object.fromEntries([...names, "litert"].map((name) => [name, []]));
                 for (let start = 0; start < digits.length; start += 784) {
                   given.litert.push(...network.predict(digits.subarray(start, start + 784)));
                   for (const name of names) given[name].push(...network.output(name));
                 }
                 const differences = {};
                 for (const name of Object.keys(given)) {
                   const expected = await floats(`${name}.bin`);
                   const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
                   differences[name] = largest(given[name], expected) / scale;
                 }
                 return [network.kernelName, differences];
               }""",
            [kernel, list(layers)],
        )
        assert used == kernel
        assert differences.keys() == {*layers, "litert"}
        assert all(0 <= difference <= 1e-5 for difference in differences.values()), differences


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_shipped_pair_predicts_drawings_as_the_server_does(page: Page, folder: Path, kernel: str) -> None:
    drawings = [*handwritten(450, seed=3), *irregular(50, seed=4)]
    digits = np.stack([draw_digit(strokes, brush_width=BRUSH) for strokes in drawings])
    put(folder, drawings, digits)
    for run in PAIR.values():
        content = to_browser(read_network(ROOT / "trained_models" / run / "model.tflite"))
        (folder / f"{run}.network").write_bytes(content)
    given = page.evaluate(
        """async ([kernel, names, brushWidth]) => {
             const { Predictor } = await import("/modules/predictor.js");
             const urls = Object.fromEntries(names.map((name) => [name, `${name}.network`]));
             const predictor = await Predictor.load(urls, { webAssembly: kernel === "WebAssembly" });
             const drawings = JSON.parse(new TextDecoder().decode(await fetched("drawings.json")));
             const rows = Object.fromEntries(names.map((name) => [name, []]));
             for (const strokes of drawings) {
               const { probabilities } = predictor.predictStrokes(strokes, { brushWidth });
               for (const name of names) rows[name].push([...probabilities[name]]);
             }
             return rows;
           }""",
        [kernel, list(PAIR.values()), BRUSH],
    )
    for run in PAIR.values():
        expected = Classifier(ROOT / "trained_models" / run / "model.tflite").probabilities(digits)
        probabilities = np.array(given[run])
        assert np.abs(probabilities - expected).max() <= 5e-6
        assert (probabilities.argmax(axis=1) == expected.argmax(axis=1)).all()
        assert len(set(expected.argmax(axis=1).tolist())) == 10


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("bytes[0] = 0", "no network"),
        ('header.layers[1].kind = "attention"', "kind attention"),
        ('header.layers[1].activation = "tanh"', "hidden does not fit"),
        ("header.layers[1].inputShape = [783]", "hidden does not fit"),
        ("header.layers[0].inputShape = [28, 0, 1]; header.layers[0].outputShape = [0]", "flatten does not fit"),
        ("header.layers[1].weights.kernel.shape = [784, 99]", "hidden does not fit"),
        (
            "header.layers.shift(); header.layers[0].inputShape = [28, 28, 1];"
            "header.layers[0].weights.kernel.shape = [28, 5]",
            "hidden does not fit",
        ),
        ('header.layers[1].weights.kernel.type = "int8"', "type int8"),
        ("header.layers[1].weights.kernel.offset = 99999999", "ends before"),
        ("header.layers.pop()", "ten probabilities"),
    ],
)
def test_a_network_that_is_not_understood_is_refused(page: Page, folder: Path, change: str, message: str) -> None:
    content = to_browser(read_network(random_mlp(folder / "small.tflite", hidden=5)))
    (folder / "small.network").write_bytes(content)
    with pytest.raises(Error, match=message):
        page.evaluate(
            """async (change) => {
                 const { Network } = await import("/modules/network.js");
                 const bytes = new Uint8Array(await fetched("small.network"));
                 const end = 8 + new DataView(bytes.buffer).getUint32(4, true);
                 const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, end)));
                 new Function("bytes", "header", change)(bytes, header);
                 const text = new TextEncoder().encode(JSON.stringify(header));
                 const changed = new Uint8Array(8 + text.length + bytes.length - end);
                 changed.set(bytes.subarray(0, 8));
                 new DataView(changed.buffer).setUint32(4, text.length, true);
                 changed.set(text, 8);
                 changed.set(bytes.subarray(end), 8 + text.length);
                 Network.parse(changed.buffer);
               }""",
            change,
        )


def test_a_network_that_cannot_be_fetched_is_an_error(page: Page) -> None:
    with pytest.raises(Error, match=r"none\.network could not be fetched: status 404"):
        page.evaluate(
            """async () => (await import("/modules/network.js")).Network.load("none.network")""",
        )


def test_without_web_assembly_plain_javascript_predicts(page: Page) -> None:
    name = page.evaluate(
        """async () => {
             const { fastestKernel } = await import("/modules/kernel.js");
             return (await fastestKernel("none.wasm"))(8, 8).name;
           }"""
    )
    assert name == "JavaScript"


def test_where_the_page_s_policy_forbids_web_assembly_plain_javascript_predicts(page: Page) -> None:
    chromium = page.context.browser
    assert chromium
    strict = chromium.new_page()
    strict.goto(page.url + "strict.html")
    name = strict.evaluate(
        """async () => {
             const { fastestKernel } = await import("/modules/kernel.js");
             return (await fastestKernel())(8, 8).name;
           }"""
    )
    strict.close()
    assert name == "JavaScript"


def test_the_compiled_kernel_is_made_from_its_source() -> None:
    wasmtime = pytest.importorskip("wasmtime", reason="wasmtime is not installed: pip install wasmtime")
    made = bytes(wasmtime.wat2wasm((MODULES / "kernel.wat").read_text()))
    assert made.startswith(
        (MODULES / "kernel.wasm").read_bytes()
    )  # wasmtime adds the names of the variables at the end

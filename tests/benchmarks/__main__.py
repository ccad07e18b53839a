"""`make bench`: measure this machine, and print each figure beside the one it is compared with, from the same run.

Nothing else should run meanwhile. The browser part needs Chromium, and the training part needs MNIST.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from mnist_core.data.datasets import has_mnist
from tests.benchmarks import clusters, layers, maps, training
from tests.benchmarks.live import live_prediction
from tests.benchmarks.load import cost_of_a_stroke, memory_of_visitors, server_load
from tests.benchmarks.nudge import nudges
from tests.benchmarks.opening import OPENINGS, RUNS, opening_times, pages
from tests.benchmarks.rows import REPAINT_TIMER, add, line
from tests.browser import harness

STROKES = 30
DRAWINGS = 100
EMPTY_APP = Path(__file__).with_name("empty_app.py")
APPS = {"this app": harness.ROOT / "app.py", "empty": EMPTY_APP}


def main() -> None:
    """Measure everything and print the table."""
    table = Table("figure", "this app", "compared with", "ratio", "goal")
    if harness.chromium_path():
        repaint_and_memory(table)
        live_prediction(table)
        nudges(table)
        openings(table)
    else:
        print("No Chromium: repaint, live prediction, nudges, start and memory are not measured.")
    cost_of_a_stroke(table)
    server_load(table, (1, 25, 50, 100))
    memory_of_visitors(table, 300)
    inference(table)
    maps.maps(table)
    layers.layers(table)
    if not has_mnist():
        print("MNIST is not on this machine: training is not measured.")
    else:
        training.against_bare_fit(table)
        training.against_torch(table)
        training.stopping(table)
        if harness.chromium_path():
            training.starting(table)
            training.drawing_while_training(table)
        if find_spec("ray"):
            clusters.clusters(table)
        else:
            print("Ray is not installed: a sweep on a cluster is not measured (pip install '.[cluster]').")
    Console(width=140).print(table)


def repaint_and_memory(table: Table) -> None:
    """Measure pen-up to repaint, process start to first prediction, and memory, in turn with the empty app."""
    repaint: dict[str, list[float]] = {name: [] for name in APPS}
    first: dict[str, list[float]] = {name: [] for name in APPS}
    memory: dict[str, float] = {}
    with harness.browser() as chromium:
        for _ in range(3):
            for name, script in APPS.items():
                start = time.perf_counter()
                with harness.served(script) as (address, _process):
                    page = chromium.new_page()
                    page.goto(address)
                    page.locator("canvas.upper-canvas").wait_for()
                    page.locator(".duel").wait_for()
                    harness.draw(page, [line(0)], side=280)
                    harness.settle(page, 1)
                    first[name].append(time.perf_counter() - start)
                    page.close()
        with (
            harness.served(APPS["this app"]) as (app, app_process),
            harness.served(APPS["empty"]) as (empty, empty_process),
        ):
            pages = {"this app": harness.open_page(chromium, app), "empty": harness.open_page(chromium, empty)}
            for stroke in range(DRAWINGS):
                for name, page in pages.items():
                    page.bring_to_front()
                    page.evaluate(REPAINT_TIMER)
                    harness.draw(page, [line(stroke)], side=280)
                    milliseconds = page.evaluate("window.repaint")
                    if stroke < STROKES:
                        repaint[name].append(milliseconds)
            memory = {
                "this app": harness.resident_megabytes(app_process),
                "empty": harness.resident_megabytes(empty_process),
            }
    add(
        table,
        "pen-up to repaint of both panels, ms (median of 30)",
        statistics.median(repaint["this app"]),
        "empty canvas fragment",
        statistics.median(repaint["empty"]),
        "at most 1.25",
    )
    add(
        table,
        "process start to first prediction, s (median of 3)",
        statistics.median(first["this app"]),
        "empty app, first stroke",
        statistics.median(first["empty"]),
        "-",
    )
    add(
        table,
        f"server memory after {DRAWINGS} drawings, MB",
        memory["this app"],
        "empty app with the canvas",
        memory["empty"],
        "at most 1.5",
    )


def openings(table: Table) -> None:
    """Measure how long each page takes to open with twenty runs on disk, in turn with an empty page."""
    found = opening_times(pages())
    first, below = found.pop("empty")[0], found.pop("empty, below the root")[0]
    alone = found.pop("the canvas alone")[0]
    add(table, f"opening / with {RUNS} runs, ms (median of {OPENINGS})", found[""][0], "the canvas alone", alone, "-")
    for name, (milliseconds, _) in found.items():
        empty = below if name else first
        add(
            table,
            f"opening /{name} with {RUNS} runs, ms (median of {OPENINGS})",
            milliseconds,
            "empty page",
            empty,
            "-",
        )


def inference(table: Table) -> None:
    """Measure microseconds per digit: LiteRT in this process, Keras in a process of its own."""
    from mnist_core.models.classifier import Classifier
    from mnist_core.runs.store import load_run

    digit = np.random.default_rng(0).random((28, 28), dtype=np.float32)
    for name in ("mlp-specified", "cnn-specified", "cnn-robust"):
        run = load_run(name)
        classifier = Classifier(run.model_path)
        litert = microseconds(lambda classifier=classifier: classifier.probabilities(digit), 2000)
        keras = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks", "--keras", str(run.folder)],
            capture_output=True,
            text=True,
            check=True,
            cwd=harness.ROOT,
        )
        predict, call = (float(value) for value in keras.stdout.split()[-2:])
        add(table, f"one prediction, {name}, µs (LiteRT)", litert, "model.predict", predict, "-")
        add(table, "", litert, "model(x)", call, "-")


def keras_inference(folder: str) -> None:
    """Print the microseconds that model.predict and model(x) take for one digit."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras

    model = keras.models.load_model(Path(folder) / "model.keras")
    digit = np.random.default_rng(0).random((1, 28, 28, 1), dtype=np.float32)
    print(
        microseconds(lambda: model.predict(digit, verbose=0), 50), microseconds(lambda: np.asarray(model(digit)), 200)
    )


def microseconds(call: Callable[[], object], times: int) -> float:
    """The median of that many calls, after a warm-up of a tenth as many."""
    for _ in range(times // 10):
        call()
    spans = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        spans.append((time.perf_counter() - start) * 1e6)
    return statistics.median(spans)


if __name__ == "__main__":
    if "--keras" in sys.argv:
        keras_inference(sys.argv[-1])
    else:
        main()

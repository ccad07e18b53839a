"""The evidence maps of both models on the page Why: the server's work, and the time until the page shows them.

    python -m tests.benchmarks.maps

The work is what a new digit costs: both predictions, both maps and both sentences. The other figure runs, by the
browser's clock, from letting go of the digit to the first frame with other maps. The way to the server, the nudge
bench and its chart are part of it.
"""

import statistics
import time

from playwright.sync_api import Page
from rich.console import Console
from rich.table import Table

from mnist_core.explanations.evidence import METHODS, Model, question_of
from mnist_core.explanations.parts import without_parts
from mnist_core.models.classifier import Classifier
from mnist_core.models.weights import read_network
from mnist_core.runs.disagreements import prepared_drawings
from mnist_core.runs.store import load_run
from tests.benchmarks.rows import add
from tests.browser import harness

PAIRS = (("mlp-specified", "cnn-specified"), ("mlp-robust", "cnn-robust"))
DIGITS = 10
RELEASES = 20
GOAL = 300
"""Largest time from a new digit to the maps of both models, in milliseconds."""

SHOWN = """() => {
  const shown = () => [...document.querySelectorAll('.counted .map')].map((each) => each.src).join();
  const before = shown();
  window.maps = new Promise((done) => {
    document.addEventListener('pointerup', () => {
      const start = performance.now();
      const check = () => {
        const now = shown();
        if (now && now !== before) requestAnimationFrame(() => done(performance.now() - start));
        else requestAnimationFrame(check);
      };
      requestAnimationFrame(check);
    }, { once: true, capture: true });
  });
}"""


def maps(table: Table) -> None:
    """Measure the server's work for each pair and method, and the way to the page for the robust pair."""
    digits = [drawing.digit() for drawing in prepared_drawings()[:DIGITS]]
    for pair in PAIRS:
        paths = [load_run(name).model_path for name in pair]
        models = [Model(read_network(path), Classifier(path).probabilities) for path in paths]
        for method in METHODS.values():
            times = []
            for digit in digits:
                start = time.perf_counter()
                for model in models:
                    method.evidence(model, digit, question_of(model.predict(digit[None])[0]))
                    without_parts(model.predict, digit)
                times.append(1000 * (time.perf_counter() - start))
            figure = f"maps of {' and '.join(pair)}, {method.title.lower()}: server, ms (median of {len(times)})"
            add(table, figure, statistics.median(times), "to reach", GOAL, "at most 1")
    if harness.chromium_path():
        with harness.browser() as chromium, harness.served() as (address, _):
            page = _opened(chromium.new_context(viewport={"width": 1440, "height": 900}).new_page(), address)
            times = [_shown(page, number) for number in range(RELEASES)]
            figure = f"letting go of the digit to both maps, ms (median of {RELEASES})"
            add(table, figure, statistics.median(times), "to reach", GOAL, "at most 1")


def _opened(page: Page, address: str) -> Page:
    page.add_init_script(harness.TOUR_SEEN)
    page.goto(f"{address}/why?why_digit=drawing-9")
    page.locator(".bench[data-from=server][data-predicts=browser]").wait_for()
    page.locator(".figure .sides").wait_for()
    harness.until_run(page)
    return page


def _shown(page: Page, number: int) -> float:
    """Move the digit to a place of its own, so that no map is in the cache, and let it go."""
    box = page.locator(".pad").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    pixel = box["width"] / 28
    page.evaluate(SHOWN)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + pixel * (1 if number % 2 else -1), y + pixel * (0.25 if number % 4 < 2 else -0.5))
    page.wait_for_timeout(300)
    page.mouse.up()
    milliseconds: float = page.evaluate("window.maps")
    harness.until_run(page)
    return milliseconds


if __name__ == "__main__":
    rows = Table("figure", "this app", "compared with", "ratio", "goal")
    maps(rows)
    Console(width=140).print(rows)

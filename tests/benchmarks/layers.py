"""The figure of the layers on the page Why: the server's work, the size of its message, and the time until it is drawn.

    python -m tests.benchmarks.layers

The last two figures run by the browser's clock: from the press on the link *Why* on the draw page to the first frame
with the figure of both models, and from the press on a nudge to the first frame with the figure of both passes. The
server's work, the way of the message, and the drawing are all part of both.
"""

import statistics
import time

import numpy as np
from playwright.sync_api import Page
from rich.console import Console
from rich.table import Table

from mnist_core.explanations.layer_views import view_of
from mnist_core.models.weights import read_network
from mnist_core.runs.store import load_run
from pages.why.layer_payload import payload
from pages.why.sides import Side
from tests.benchmarks.rows import line
from tests.browser import harness

REPEATS = 20
PAIRS = (("mlp-specified", "cnn-specified"), ("mlp-robust", "cnn-robust"))

DRAWN = """async ({ label, nudge }) => {
  const figure = () => {
    for (const each of document.querySelectorAll("div")) {
      const found = each.shadowRoot?.querySelector(".figure");
      if (found) return found;
    }
  };
  const button = [...document.querySelectorAll("button")].find((each) => each.textContent.trim() === label);
  const start = performance.now();
  button.click();
  while (figure()?.dataset.nudge !== nudge) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - start;
}"""


OPENED = """async () => {
  const figure = () => [...document.querySelectorAll("div")]
    .map((each) => each.shadowRoot?.querySelector(".figure .sides")).find(Boolean);
  const start = performance.now();
  document.querySelector("a[href$='/why']").click();
  while (!figure()) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - start;
}"""
OPENINGS = 7


def layers(table: Table) -> None:
    """Measure all of it."""
    digit = np.zeros((28, 28), np.float32)
    digit[4:24, 13:16] = 1
    digit[4:7, 8:16] = 0.8
    for pair in PAIRS:
        runs = [load_run(name) for name in pair]
        sides = [Side(run, run.architecture, "#123456", read_network(run.model_path)) for run in runs]
        for nudge in (0, 3):
            milliseconds, processor, size = [], [], 0
            for _ in range(REPEATS):
                start, started = time.perf_counter(), time.process_time()
                views = [view_of(side.network, digit, nudge=nudge) for side in sides]
                size = len(payload(sides, views, script="live/x.js", nudge=nudge))
                milliseconds.append(1000 * (time.perf_counter() - start))
                processor.append(1000 * (time.process_time() - started))
            name = f"layers of {' and '.join(pair)}{', with a nudge' if nudge else ''}"
            told = f"{statistics.median(milliseconds):.0f}"
            table.add_row(f"{name}: server, ms (median of {REPEATS})", told, "", "", "-")
            table.add_row(f"{name}: processor, ms", f"{statistics.median(processor):.0f}", "", "", "-")
            table.add_row(f"{name}: message, KB", f"{size / 1000:.0f}", "", "", "-")
    if harness.chromium_path():
        with harness.served() as (address, _), harness.browser() as chromium:
            page = harness.open_page(chromium, address)
            openings = _opened(page)
            times = _drawn(page)
        name = f"from the press on Why to the figure of the layers, ms (median of {OPENINGS})"
        table.add_row(name, f"{statistics.median(openings):.0f}", "", "", "500")
        table.add_row(
            "from the press on a nudge to its figure, ms (median of 12)",
            f"{statistics.median(times):.0f}",
            "",
            "",
            "500",
        )


def _opened(page: Page) -> list[float]:
    """Open the page Why from the draw page again and again, with another stroke each time."""
    times = []
    for turn in range(OPENINGS):
        harness.draw(page, [line(turn)], side=280)
        harness.settle(page, turn + 1)
        times.append(page.evaluate(OPENED))
        harness.until_run(page)
        if turn < OPENINGS - 1:
            page.locator("a[href]").filter(has_text="Draw").first.click()
            page.locator("canvas.upper-canvas").wait_for()
            harness.until_run(page)
            page.wait_for_timeout(500)
    return times


def _drawn(page: Page) -> list[float]:
    choices = [("2 px right", "2"), ("3 px right", "3"), ("4 px right", "4")] * 4
    return [page.evaluate(DRAWN, {"label": label, "nudge": nudge}) for label, nudge in choices]


if __name__ == "__main__":
    found = Table("figure", "this app", "compared with", "ratio", "goal")
    layers(found)
    Console(width=140).print(found)

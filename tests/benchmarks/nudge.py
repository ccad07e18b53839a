"""The page Why while its digit is dragged: how soon the bars follow, and how soon the server's record stands.

    python -m tests.benchmarks.nudge

The first time runs from a move of the pointer, by the browser's own clock, to the first moment after the bars were
changed and the frame was painted. The second runs from letting go to the server's answer on the page, with the two
sections below.
"""

import statistics

import numpy as np
from playwright.sync_api import Page
from rich.console import Console
from rich.table import Table

from tests.benchmarks.rows import add
from tests.browser import harness

MOVES = 100
RELEASES = 20
THROTTLING = (1, 4)
GOAL = 33
"""Largest 95th percentile from a move to the paint, in milliseconds."""

PAINT_TIMER = """(bench) => {
  window.painted = [];
  let moved = null;
  bench.addEventListener("pointermove", (event) => { moved ??= event.timeStamp; }, { capture: true });
  new MutationObserver(() => {
    if (moved === null) return;
    const start = moved;
    moved = null;
    const channel = new MessageChannel();
    channel.port1.onmessage = () => painted.push(performance.now() - start);
    channel.port2.postMessage(null); // arrives when the frame has been painted
  }).observe(bench.querySelector(".rows"), { subtree: true, attributeFilter: ["style"] });
}"""

RECORD_TIMER = """(bench) => {
  window.record = new Promise((done) => {
    bench.addEventListener("pointerup", () => {
      const start = performance.now();
      const check = () => bench.dataset.from === "server"
        ? done(performance.now() - start) : requestAnimationFrame(check);
      requestAnimationFrame(check);
    }, { once: true, capture: true });
  });
}"""


def nudges(table: Table) -> None:
    """Measure the way from a move of the digit to the paint, and from letting go to the record."""
    with harness.browser() as chromium, harness.served() as (address, _):
        for throttling in THROTTLING:
            page = _opened(chromium.new_context(viewport={"width": 1440, "height": 900}).new_page(), address)
            times = _paint_times(page, throttling)
            slowed = f", processor slowed {throttling} times" if throttling > 1 else ""
            figure = f"nudge to paint{slowed}, ms"
            add(table, f"{figure} (median of {len(times)})", statistics.median(times), "to reach", GOAL, "at most 1")
            add(table, f"{figure} (95th percentile)", float(np.percentile(times, 95)), "to reach", GOAL, "at most 1")
            if throttling == 1:
                records = [_record_time(page, number) for number in range(RELEASES)]
                name = f"letting go to the record, ms (median of {RELEASES})"
                add(table, name, statistics.median(records), "no goal", statistics.median(records), "-")
            page.context.close()


def _opened(page: Page, address: str) -> Page:
    page.add_init_script(harness.TOUR_SEEN)
    page.goto(f"{address}/why?why_digit=drawing-9")
    page.locator(".bench[data-from=server][data-predicts=browser]").wait_for()
    page.wait_for_timeout(1000)
    return page


def _paint_times(page: Page, throttling: int) -> list[float]:
    """Milliseconds from each of the moves of one long drag to its paint."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": throttling})
    box = page.locator(".pad").bounding_box()
    assert box
    middle = np.array([box["x"], box["y"]]) + box["width"] / 2
    angle = np.linspace(0, 6 * np.pi, MOVES + 20)
    path = middle + np.stack([np.cos(angle) - 1, np.sin(angle)], axis=1) * box["width"] / 10
    page.mouse.move(*path[0])
    page.mouse.down()
    for number, (x, y) in enumerate(path[1:]):
        if number == 19:
            page.locator(".bench").evaluate(PAINT_TIMER)
        page.mouse.move(x, y)
        page.wait_for_timeout(30)
    times: list[float] = page.evaluate("painted")
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    page.mouse.up()
    page.locator(".bench[data-from=server]").wait_for()
    harness.until_run(page)
    return times


def _record_time(page: Page, number: int) -> float:
    box = page.locator(".pad").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.locator(".bench").evaluate(RECORD_TIMER)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + (25 if number % 2 else -25), y)
    page.wait_for_timeout(300)
    page.mouse.up()
    milliseconds: float = page.evaluate("window.record")
    harness.until_run(page)
    return milliseconds


if __name__ == "__main__":
    rows = Table("figure", "this app", "compared with", "ratio", "goal")
    nudges(rows)
    Console(width=140).print(rows)

"""The prediction while the pen is down: how soon it appears, what it costs a visitor, and whether it is the server's.

    python -m tests.benchmarks.live                                  speed and bytes
    python -m tests.benchmarks.live ../shared/data/pen_digits.npz    500 pen digits too, each pair; takes half an hour

The time runs from a move of the pen, by the browser's own clock, to the first moment after the panel was changed and
the frame was painted. Chromium slows itself down four times for the second figure.
"""

import re
import statistics
import sys
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page
from rich.console import Console
from rich.table import Table

from mnist_core.data.strokes import drawn_anywhere, load_pen_digits
from tests.benchmarks.rows import add
from tests.browser import harness
from tests.browser.test_live import ROBUST, SPECIFIED, clear, draw_live, open_live

MOVES = 100
THROTTLING = 4
GOALS = {1: (17, 33), THROTTLING: (35, 60)}
"""Largest median and 95th percentile, in milliseconds, by how many times the browser is slowed down."""

DIGITS = 500
PAINT_TIMER = """() => {
  window.painted = [];
  let moved = null;
  document.addEventListener("mousemove", (event) => { moved ??= event.timeStamp; }, { capture: true });
  new MutationObserver(() => {
    if (moved === null) return;
    const start = moved;
    moved = null;
    const channel = new MessageChannel();
    channel.port1.onmessage = () => painted.push(performance.now() - start);
    channel.port2.postMessage(null); // arrives when the frame has been painted
  }).observe(document.body, { subtree: true, childList: true, characterData: true, attributeFilter: ["style"] });
}"""


def paint_times(page: Page, throttling: int) -> list[float]:
    """Milliseconds from each of the moves of one long stroke to its paint."""
    box = page.locator("canvas.upper-canvas").bounding_box()
    assert box
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": throttling})
    angle = np.linspace(0, 4.5 * np.pi, MOVES + 20)
    radius = np.linspace(0.1, 0.35, MOVES + 20)
    path = np.stack([0.5 + radius * np.cos(angle), 0.5 + radius * np.sin(angle)], axis=1) * box["width"]
    path += [box["x"], box["y"]]
    page.mouse.move(*path[0])
    page.mouse.down()
    for x, y in path[1:20]:
        page.mouse.move(x, y)
        page.wait_for_timeout(30)
    page.evaluate(PAINT_TIMER)
    for x, y in path[20:]:
        page.mouse.move(x, y)
        page.wait_for_timeout(30)
    times: list[float] = page.evaluate("painted")
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    page.mouse.up()
    harness.settle(page, 1)
    return times


def live_prediction(table: Table) -> None:
    """Measure the way from the pen to the paint, what a visitor fetches, and what is sent while drawing."""
    with harness.browser() as chromium, harness.served() as (address, _):
        for throttling, (median, percentile) in GOALS.items():
            page = open_live(chromium, f"{address}/{ROBUST}")
            times = paint_times(page, throttling)
            page.context.close()
            slowed = f", processor slowed {throttling} times" if throttling > 1 else ""
            figure = f"pen's move to paint{slowed}, ms"
            for name, value, goal in (
                (f"median of {len(times)}", statistics.median(times), median),
                ("95th percentile", float(np.percentile(times, 95)), percentile),
            ):
                add(table, f"{figure} ({name})", value, "to reach", goal, "at most 1")
        fetched, sent = costs(chromium, address)
        add(table, "bytes fetched once to predict in the browser, kB", fetched / 1000, "networks as float16", 1900, "-")
        table.add_row("websocket messages while the pen is down", str(sent), "0  to reach", "-", "0")


def costs(chromium: Browser, address: str) -> tuple[int, int]:
    """The bytes that a visitor fetches for predictions in the browser, and the messages sent while the pen is down."""
    page = chromium.new_context(viewport={"width": 1440, "height": 900}).new_page()
    fetched: list[int] = []
    sent: list[object] = []
    page.on(
        "requestfinished",
        lambda request: fetched.append(request.sizes()["responseBodySize"]) if "/live/" in request.url else None,
    )
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    with page.expect_response(re.compile("/live/networks/cnn-")) as response:
        page.goto(f"{address}/{ROBUST}")
    response.value.finished()
    page.locator("canvas.upper-canvas").wait_for()
    page.wait_for_timeout(2000)
    box = page.locator("canvas.upper-canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 100, box["y"] + 60)
    page.mouse.down()
    before = len(sent)
    for step in range(MOVES):
        page.mouse.move(box["x"] + 100 + step, box["y"] + 60 + 2 * step)
    page.wait_for_timeout(500)
    while_drawing = len(sent) - before
    page.mouse.up()
    page.context.close()
    return sum(fetched), while_drawing


def agreement(path: Path) -> None:
    """Draw pen digits with both pairs, and print how far the browser and the server are apart."""
    pen = load_pen_digits(path)
    picked = set(np.random.default_rng(13).choice(len(pen), DIGITS, replace=False).tolist())
    with harness.browser() as chromium, harness.served() as (address, _):
        for pair in (ROBUST, SPECIFIED):
            page = open_live(chromium, f"{address}/{pair}")
            largest, different, strokes_drawn = 0.0, 0, 0
            for index, strokes in enumerate(drawn_anywhere(pen, seed=13)):
                if index not in picked:
                    continue
                for number, stroke in enumerate(strokes, start=1):
                    live, record = draw_live(page, stroke, number=number)
                    if record["answers"][0] == "–":
                        continue  # a dot is no digit yet
                    strokes_drawn += 1
                    apart = np.abs(np.array(live["probabilities"]) - np.array(record["probabilities"])).max()
                    largest = max(largest, float(apart))
                    different += live["answers"] != record["answers"]
                clear(page)
            page.context.close()
            print(
                f"{pair}: {DIGITS} pen digits, {strokes_drawn} strokes; "
                f"largest difference of a probability {largest:.1e}, {different} different digits"
            )


if __name__ == "__main__":
    rows = Table("figure", "this app", "compared with", "ratio", "goal")
    live_prediction(rows)
    Console(width=140).print(rows)
    for each in sys.argv[1:]:
        agreement(Path(each))

"""The prediction while the pen is down: how soon it appears, what it costs a visitor, and whether it is the server's.

    python -m tests.benchmarks.live                                  speed and bytes
    python -m tests.benchmarks.live ../shared/data/pen_digits.npz    500 pen digits too, each pair; takes half an hour

The time runs from a move of the pen, by the browser's own clock, to the first moment after the panel was changed and
the frame was painted. Chromium slows itself down four times for the second figure.
"""

import itertools
import re
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
GROUP = 25
"""Digits that are drawn before the kind of screen changes."""

SCREENS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "zoomed to 150 %": {"viewport": {"width": 960, "height": 640}, "device_scale_factor": 1.5},
    "phone, by finger": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 3,
        "has_touch": True,
        "is_mobile": True,
    },
}
"""The kinds of screens on which the digits are drawn, a quarter on each."""

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


@dataclass
class Apart:
    """How far the browser and the server were apart over a number of digits."""

    digits: int = 0
    strokes: int = 0
    numbers: int = 0
    outdated: int = 0
    undone: int = 0
    largest: float = 0.0
    different: int = 0

    def compare(self, live: dict[str, Any], record: dict[str, Any]) -> None:
        """Take in what the panel showed before pen-up, and what the server says."""
        if record["answers"][0] == "–":
            return  # a dot is no digit yet
        self.strokes += 1
        self.numbers += len(record["answers"][0]) > 1  # two strokes that lie apart are read as two digits
        if live["isOutdated"]:  # the stroke has joined digits that the server had told apart, and the panel says so
            self.outdated += 1
        elif not live["isLive"] or live["answers"] != record["answers"]:
            self.different += 1
        else:
            difference = np.abs(np.array(live["probabilities"]) - np.array(record["probabilities"])).max()
            self.largest = max(self.largest, float(difference))


def agreement(path: Path, digits: int, pairs: Sequence[str] = (ROBUST, SPECIFIED)) -> None:
    """Draw pen digits with each pair on each kind of screen, and print how far the browser and the server are apart.

    Every fifth digit gets a stroke too many first, which is undone. The totals so far are printed after each group.
    """
    pen = load_pen_digits(path)
    drawn = list(drawn_anywhere(pen, seed=13))
    picked = np.random.default_rng(13).choice(len(pen), digits, replace=False).tolist()
    groups = np.array_split(picked, max(len(SCREENS), digits // GROUP))
    found = {pair: Apart() for pair in pairs}
    with harness.browser() as chromium, harness.served() as (address, _):
        for group, (screen, context) in zip(groups, itertools.cycle(SCREENS.items()), strict=False):
            for pair, apart in found.items():
                page = open_live(chromium, f"{address}/{pair}", **context)
                for number, index in enumerate(group):
                    draw_and_compare(page, drawn[index], apart, finger="has_touch" in context, undo=number % 5 == 0)
                page.context.close()
                print(f"{pair}, after {screen}: {apart}", flush=True)


def draw_and_compare(page: Page, strokes: list[np.ndarray], apart: Apart, *, finger: bool, undo: bool) -> None:
    """Draw a digit stroke by stroke, and empty the canvas. undo: begin with a stroke that is taken back."""
    if undo:
        apart.compare(*draw_live(page, strokes[0], number=1, finger=finger))
        page.get_by_role("button", name="Undo").click(no_wait_after=True)
        harness.settle(page, 0)
        page.wait_for_timeout(300)
        apart.undone += 1
    for number, stroke in enumerate(strokes, start=1):
        apart.compare(*draw_live(page, stroke, number=number, finger=finger))
    apart.digits += 1
    clear(page)


if __name__ == "__main__":
    rows = Table("figure", "this app", "compared with", "ratio", "goal")
    live_prediction(rows)
    Console(width=140).print(rows)
    for each in sys.argv[1:]:
        agreement(Path(each), DIGITS)

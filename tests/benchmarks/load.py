"""How many visitors can draw at once: drawers speak Streamlit's websocket protocol to a server on this machine.

Each drawer opens the draw page and sends a stroke about every two seconds, as the canvas in a browser does. It checks
every answer against the models' own predictions. The figures are the time from a stroke to the answer, the server's
processor time for each run of the page's script, and its resident memory.

Before that, one drawer sends strokes without a pause, in turn to the draw page and to an empty app with the same
canvas: the processor time of a stroke, and how many messages the server sends for it.

    python -m tests.benchmarks.load --drawers 1 25 50 100
    python -m tests.benchmarks.load --drawers 1 --sessions 300      memory after that many visitors too
"""

import argparse
import asyncio
import itertools
import json
import random
import re
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from mnist_core.data.strokes import BRUSH_FRACTION, from_canvas
from mnist_core.models.classifier import Classifier
from mnist_core.models.number_reader import read_strokes
from mnist_core.runs.promotion import default_pair
from mnist_core.runs.store import list_runs, load_run
from tests.benchmarks.rows import add
from tests.browser import harness

EMPTY_APP = Path(__file__).with_name("empty_app.py")

SIDE = 448
"""Side of the canvas in pixels."""

PAUSE = 2.0
"""Mean seconds between two strokes of a drawer."""

STROKES = 4
"""Strokes on the canvas before the drawer clears it."""

TOGETHER = 10
"""Visitors at a time where many come and go."""

GOALS = {50: 50, 100: 150}
"""Largest 95th percentile in milliseconds, by the number of drawers."""

CPU = 8
"""Most milliseconds of processor time that a stroke may take the server."""

WARM_UP = 4.0
"""Seconds of drawing before the measurement begins."""

ROUNDS = 8
"""How often the two apps take turns while the processor time of a stroke is measured."""

DRAWINGS_A_ROUND = 10
"""Drawings in each turn. The system counts processor time in steps of 10 ms, so a turn must take many of them."""


@dataclass(frozen=True)
class Drawing:
    """The canvas' JSON after each stroke of a drawing, and the two digits that the page must then show."""

    states: tuple[list[dict[str, Any]], ...]
    digits: tuple[tuple[str, str], ...]


@dataclass
class Measured:
    """Seconds from stroke to answer, how many answers showed other digits than the models predict, and the number of
    script runs while the processor time was counted. Clear takes two."""

    seconds: list[float] = field(default_factory=list)
    incorrect: int = 0
    runs: int = 0


def drawings(count: int, seed: int = 0) -> list[Drawing]:
    """Random curves that cross, so that they count as one digit, as the canvas sends them. The same seed gives the same
    drawings.
    """
    generator = np.random.default_rng(seed)
    classifiers = [Classifier(load_run(name).model_path) for name in default_pair([run.name for run in list_runs()[0]])]
    found: list[Drawing] = []
    while len(found) < count:
        objects = [fabric_path(generator) for _ in range(STROKES)]
        states = tuple(objects[: number + 1] for number in range(STROKES))
        read = [
            read_strokes(from_canvas({"objects": state}), classifiers, brush_width=round(SIDE * BRUSH_FRACTION))
            for state in states
        ]
        if all(len(digits) == 1 for digits in read):
            answers = tuple(tuple(str(each.digit) for each in digits[0].predictions) for digits in read)
            found.append(Drawing(states, answers))
    return found


def fabric_path(generator: np.random.Generator) -> dict[str, Any]:
    """A smooth random stroke of 40 points as Fabric writes it: quadratic curves between the middles of the points."""
    start, bend, end = generator.uniform(0.15 * SIDE, 0.85 * SIDE, (3, 2))
    t = np.linspace(0, 1, 40)[:, np.newaxis]
    points = (1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t**2 * end
    path: list[list[float | str]] = [["M", *points[0].tolist()]]
    for here, following in itertools.pairwise(points):
        path.append(["Q", *here.tolist(), *((here + following) / 2).tolist()])
    path.append(["L", *points[-1].tolist()])
    return {
        "type": "Path",
        "path": path,
        "originX": "center",
        "originY": "center",
        "scaleX": 1,
        "scaleY": 1,
        "angle": 0,
    }


class Drawer:
    """One visitor on the draw page, or on another page with a canvas."""

    def __init__(self, address: str, *, canvas: str = "draw_canvas", clear: str = "draw_clear") -> None:
        """address: of the server, http://... canvas, clear: the keys of the canvas and of the button Clear; the latter
        is empty if the page has none.
        """
        self._address = address.replace("http", "ws") + "/_stcore/stream"
        self._keys = (canvas, clear)
        self._ids: dict[str, str] = {}
        self._fragments: dict[str, str] = {}
        self._page = ""
        self.messages = 0

    async def open(self) -> None:
        """Open the page and wait until it is whole."""
        await self._connect()
        await self._ask()
        await self._answer()
        if absent := [key for key in self._keys if key and key not in self._ids]:
            raise RuntimeError(f"The page has no {' and no '.join(absent)}; the benchmark must follow the page.")

    async def _connect(self) -> None:
        self._socket: ClientConnection = await connect(
            self._address,
            subprotocols=["streamlit"],
            max_size=None,
            compression=None,
            ssl=unsigned() if self._address.startswith("wss") else None,
        )

    async def reopen(self, objects: list[dict[str, Any]]) -> tuple[str, ...]:
        """Connect again after the server is gone, with what is on the canvas, as the browser does. The digits shown."""
        await self._connect()
        message = BackMsg()
        message.rerun_script.widget_states.widgets.add(id=self._ids[self._keys[0]], json_value=_state(objects))
        await self._socket.send(message.SerializeToString())
        return await self._answer(strokes=len(objects))

    async def close(self) -> None:
        """Leave the page."""
        await self._socket.close()

    async def draw(self, objects: list[dict[str, Any]]) -> tuple[float, tuple[str, ...]]:
        """Send what is on the canvas. The seconds until the page shows the answer, and the digits that it shows."""
        start = time.perf_counter()
        await self._report(objects)
        shown = await self._answer(strokes=len(objects))
        return time.perf_counter() - start, shown

    async def clear(self) -> None:
        """Press Clear, and report the empty canvas as the browser does."""
        await self._ask(self._keys[1], trigger_value=True)
        await self._answer()
        await self._report([])
        await self._answer()

    async def _report(self, objects: list[dict[str, Any]]) -> None:
        await self._ask(self._keys[0], json_value=_state(objects))

    async def _ask(self, key: str = "", **value: str | bool) -> None:
        """Have the script run, or the fragment of the widget with that key, which has this value now."""
        message = BackMsg()
        message.rerun_script.SetInParent()  # it counts as set even when it is empty
        if key:
            rerun = message.rerun_script
            rerun.widget_states.widgets.add(id=self._ids[key], **value)
            rerun.fragment_id, rerun.page_script_hash = self._fragments[key], self._page
        await self._socket.send(message.SerializeToString())

    async def _answer(self, *, strokes: int | None = None) -> tuple[str, ...]:
        """Take messages in until the script has ended and does not begin again. Returns the digits shown for a drawing
        of that many strokes.
        """
        shown: tuple[str, ...] = ()
        async for data in self._socket:
            self.messages += 1
            message = ForwardMsg()
            message.ParseFromString(data if isinstance(data, bytes) else data.encode())
            match message.WhichOneof("type"):
                case "new_session":
                    self._page = message.new_session.page_script_hash or self._page
                case "delta" if message.delta.WhichOneof("type") == "new_element":
                    element = message.delta.new_element
                    kind = element.WhichOneof("type")
                    widget = getattr(getattr(element, kind), "id", "") if kind else ""
                    if key := next((key for key in self._keys if key and widget.endswith(f"-{key}")), None):
                        self._ids[key], self._fragments[key] = widget, message.delta.fragment_id
                    elif (
                        kind == "html"
                        and strokes is not None
                        and f"data-strokes='{strokes}'" in element.html.body.replace('"', "'")
                    ):
                        shown = tuple(re.findall(r"class='answer'><b>([0-9–])<", element.html.body))
                case "script_finished" if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return shown
        raise ConnectionError("The server closed the connection.")


def _state(objects: list[dict[str, Any]]) -> str:
    """What the canvas reports of these strokes."""
    return json.dumps({"drawing": {"raw": {"version": "7.4.0", "objects": objects}, "data": None}})


def unsigned() -> ssl.SSLContext:
    """For a server on this machine whose certificate nobody has signed."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def visit(
    address: str, measured: Measured, until: float, measure_from: float, choice: random.Random, drawn: list[Drawing]
) -> None:
    """Draw until that time, on the clock of time.perf_counter, and measure from `measure_from` on."""
    drawer = Drawer(address)
    await drawer.open()
    await asyncio.sleep(choice.uniform(0, PAUSE))
    while time.perf_counter() < until:
        drawing = choice.choice(drawn)
        for objects, digits in zip(drawing.states, drawing.digits, strict=True):
            started = time.perf_counter()
            seconds, shown = await drawer.draw(objects)
            if started >= measure_from:
                measured.seconds.append(seconds)
                measured.incorrect += shown != digits
                measured.runs += started < until
            await asyncio.sleep(max(0.0, choice.uniform(0.75, 1.25) * PAUSE - seconds))
        cleared = time.perf_counter()
        await drawer.clear()
        measured.runs += 2 * (measure_from <= cleared < until)
    await drawer.close()


async def many(
    address: str, count: int, seconds: float, drawn: list[Drawing], *processes: psutil.Process
) -> tuple[Measured, float, float]:
    """That many drawers for that long. What they measured, the processor seconds of the server's processes, and their
    megabytes.
    """
    measured = Measured()
    now = time.perf_counter()
    measure_from = now + WARM_UP + count * 0.05
    until = measure_from + seconds
    visitors = []
    for number in range(count):
        visitors.append(
            asyncio.create_task(visit(address, measured, until, measure_from, random.Random(number), drawn))
        )
        await asyncio.sleep(0.05)
    await asyncio.sleep(max(0.0, measure_from - time.perf_counter()))
    before = _processor_seconds(processes)
    await asyncio.sleep(max(0.0, until - time.perf_counter()))
    busy = _processor_seconds(processes) - before
    await asyncio.gather(*visitors)
    return measured, busy, sum(process.memory_info().rss for process in processes) / 1e6


def _processor_seconds(processes: Sequence[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)  # of the user and of the system


async def come_and_go(
    address: str, sessions: int, drawn: list[Drawing], process: psutil.Process
) -> tuple[dict[int, float], int]:
    """Visitors who open the page, draw and leave, ten at a time. The server's megabytes after so many of them, and how
    many answers were incorrect.
    """

    async def draw_and_leave(drawing: Drawing) -> int:
        drawer = Drawer(address)
        await drawer.open()
        incorrect = 0
        for objects, digits in zip(drawing.states, drawing.digits, strict=True):
            incorrect += (await drawer.draw(objects))[1] != digits
        await drawer.clear()
        await drawer.close()
        return incorrect

    memory, incorrect = {}, 0
    for batch in range(sessions // TOGETHER):
        visitors = [draw_and_leave(drawn[(batch + number) % len(drawn)]) for number in range(TOGETHER)]
        incorrect += sum(await asyncio.gather(*visitors))
        memory[(batch + 1) * TOGETHER] = process.memory_info().rss / 1e6
    return memory, incorrect


def server_load(table: Table, counts: Sequence[int], *, seconds: float = 20.0, **environment: str) -> None:
    """Measure the answers for each number of drawers at once. environment: of the server."""
    drawn = drawings(20)
    for count in counts:
        with harness.served(harness.ROOT / "app.py", **environment) as (address, server):
            measured, busy, megabytes = asyncio.run(many(address, count, seconds, drawn, psutil.Process(server.pid)))
        milliseconds = np.array(measured.seconds) * 1000
        p50, p95, p99 = np.percentile(milliseconds, (50, 95, 99))
        drawers = f"{count} drawers" if count > 1 else "1 drawer"
        figure = f"stroke to answer, {drawers}, ms (95th percentile)"
        if goal := GOALS.get(count):
            add(table, figure, p95, "to reach", goal, "at most 1")
        else:
            table.add_row(figure, f"{p95:,.1f}", "-", "-", "-")
        table.add_row("    (median, 99th percentile)", f"{p50:,.1f}, {p99:,.1f}", "-", "-", "-")
        add(table, "    processor time of a script run, ms", busy * 1000 / measured.runs, "to reach", CPU, "at most 1")
        table.add_row("    memory, MB", f"{megabytes:.0f}", "-", "-", "-")
        table.add_row("    answers; incorrect ones", f"{len(milliseconds)}; {measured.incorrect}", "-", "-", "0")


async def draw_in_turns(drawers: Sequence[Drawer], processes: Sequence[psutil.Process]) -> list[tuple[float, float]]:
    """The drawers draw in turns, without pauses. For each, the seconds of its server's processor time and the messages
    that it got, for a stroke.
    """
    drawn = drawings(DRAWINGS_A_ROUND)
    busy, messages = [0.0] * len(drawers), [0] * len(drawers)
    for drawer in drawers:
        await drawer.open()
    for turn in range(ROUNDS + 1):
        for number, (drawer, process) in enumerate(zip(drawers, processes, strict=True)):
            messages_before, before = drawer.messages, process.cpu_times()
            for drawing in drawn:
                for objects in drawing.states:
                    await drawer.draw(objects)
            after = process.cpu_times()
            if turn:  # the first one warms up
                busy[number] += after.user + after.system - before.user - before.system
                messages[number] += drawer.messages - messages_before
    for drawer in drawers:
        await drawer.close()
    strokes = ROUNDS * DRAWINGS_A_ROUND * STROKES
    return [(seconds / strokes, count / strokes) for seconds, count in zip(busy, messages, strict=True)]


def cost_of_a_stroke(table: Table, **environment: str) -> None:
    """Measure the processor time and the messages of a stroke, beside those of an empty app with the same canvas."""
    with (
        harness.served(harness.ROOT / "app.py", **environment) as (address, server),
        harness.served(EMPTY_APP, **environment) as (empty_address, empty_server),
    ):
        drawers = (Drawer(address), Drawer(empty_address, canvas="canvas", clear=""))
        processes = [psutil.Process(each.pid) for each in (server, empty_server)]
        (seconds, messages), (least_seconds, least_messages) = asyncio.run(draw_in_turns(drawers, processes))
    empty = f"empty app with the canvas: {least_seconds * 1000:.1f}; to reach"
    add(table, "server's processor time of a stroke, ms", seconds * 1000, empty, CPU, "at most 1")
    table.add_row("    messages to the browser", f"{messages:.0f}", f"empty app: {least_messages:.0f}", "-", "-")


def memory_of_visitors(table: Table, sessions: int, **environment: str) -> None:
    """Measure the server's memory after so many visitors have opened the page, drawn and left."""
    with harness.served(harness.ROOT / "app.py", **environment) as (address, server):
        memory, incorrect = asyncio.run(come_and_go(address, sessions, drawings(20), psutil.Process(server.pid)))
    figure = f"server memory after {sessions} visitors, MB (at most {max(memory.values()):.0f})"
    add(table, figure, memory[sessions], f"after {TOGETHER}", memory[TOGETHER], "at most 1.25")
    table.add_row("    answers; incorrect ones", f"{sessions * STROKES}; {incorrect}", "-", "-", "0")


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drawers", type=int, nargs="*", default=[1, 25, 50, 100])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--sessions", type=int, default=0, help="visitors after whom the memory is measured")
    parser.add_argument("--option", nargs=2, action="append", default=[], help="a setting of Streamlit and its value")
    options = parser.parse_args()
    environment = {
        "STREAMLIT_" + re.sub("([A-Z]+)", r"_\1", name).replace(".", "_").upper(): value
        for name, value in options.option
    }
    table = Table("figure", "this app", "compared with", "ratio", "goal")
    cost_of_a_stroke(table, **environment)
    server_load(table, options.drawers, seconds=options.seconds, **environment)
    if options.sessions:
        memory_of_visitors(table, options.sessions, **environment)
    Console(width=140).print(table)


if __name__ == "__main__":
    main()

"""How the app does behind nginx: visitors drawing at once, a process that ends while they draw, bytes of a first visit.

    python -m tests.benchmarks.hosting --drawers 50 100 --processes 1 2
    python -m tests.benchmarks.hosting --restart 50
    python -m tests.benchmarks.hosting --bytes
    python -m tests.benchmarks.load --drawers --sessions 1000        memory after a thousand visitors, for one process

The drawers are those of tests/benchmarks/load.py. They run on the same machine and take processor time, too.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
from playwright.sync_api import Browser
from rich.console import Console
from rich.table import Table
from websockets.exceptions import ConnectionClosed, WebSocketException

from tests import nginx_front
from tests.benchmarks.load import PAUSE, Drawer, Drawing, drawings, many
from tests.benchmarks.rows import add
from tests.browser import harness
from tests.nginx_front import Front

GOAL = 200
"""Largest 95th percentile in milliseconds, from a stroke to its answer."""

BYTES = 1_100_000
"""Most bytes that a first visit to Draw may send, without the networks that predict in the browser."""

PATIENCE = 30.0
"""Seconds within which a drawer must be connected again."""

SETTINGS = {"DIGIT_DUEL_ACCESS": "public", "DIGIT_DUEL_PREPARED_TRAINER": "0"}


@contextmanager
def front(count: int = 2) -> Iterator[Front]:
    """That many processes of the app behind nginx."""
    with (
        tempfile.TemporaryDirectory() as folder,
        nginx_front.served_behind_nginx(Path(folder), count=count, **SETTINGS) as running,
    ):
        yield running


def load_behind_nginx(table: Table, counts: Sequence[int], processes: Sequence[int], *, seconds: float) -> None:
    """Measure the answers for each number of drawers and of processes."""
    drawn = drawings(20)
    for number in processes:
        for count in counts:
            with front(number) as running:
                served = [psutil.Process(process.pid) for process in running.processes]
                measured, busy, megabytes = asyncio.run(many(running.address, count, seconds, drawn, *served))
            p50, p95, p99 = np.percentile(np.array(measured.seconds) * 1000, (50, 95, 99))
            name = f"{count} drawers, {number} {'processes' if number > 1 else 'process'}, ms (95th percentile)"
            add(table, name, p95, "to reach", GOAL, "at most 1")
            table.add_row("    (median, 99th percentile)", f"{p50:,.1f}, {p99:,.1f}", "-", "-", "-")
            table.add_row("    processors busy; memory, MB", f"{busy / seconds:.2f}; {megabytes:.0f}", "-", "-", "-")
            answers = f"{len(measured.seconds)}; {measured.incorrect}"
            table.add_row("    answers; incorrect ones", answers, "-", "-", "0")


@dataclass
class Restarted:
    """What one drawer saw while a process ended. seconds: of its answers. moves: how often it had to connect again, and
    away: for how many seconds at most. lost: drawings of which the next process showed other digits.
    """

    seconds: list[float] = field(default_factory=list)
    incorrect: int = 0
    moves: int = 0
    away: float = 0.0
    lost: int = 0


async def draw_through_it(address: str, until: float, choice: random.Random, drawn: Sequence[Drawing]) -> Restarted:
    """Draw until that time, and go on with the same drawing where the connection breaks."""
    seen, drawer = Restarted(), Drawer(address)
    await drawer.open()
    while time.perf_counter() < until:
        drawing = choice.choice(drawn)
        for objects, digits in zip(drawing.states, drawing.digits, strict=True):
            await asyncio.sleep(choice.uniform(0.75, 1.25) * PAUSE)
            try:
                seconds, shown = await drawer.draw(objects)
                seen.seconds.append(seconds)
                seen.incorrect += shown != digits
            except (ConnectionClosed, ConnectionError):
                gone = time.perf_counter()
                shown = await _again(drawer, objects)
                seen.moves += 1
                seen.away = max(seen.away, time.perf_counter() - gone)
                seen.lost += shown != digits
        try:
            await drawer.clear()
        except (ConnectionClosed, ConnectionError):
            await _again(drawer, [])
            seen.moves += 1
    await drawer.close()
    return seen


async def _again(drawer: Drawer, objects: list[dict[str, object]]) -> tuple[str, ...]:
    """Try to connect until it succeeds, twice a second, as the browser does at first."""
    until = time.perf_counter() + PATIENCE
    while True:
        try:
            return await drawer.reopen(objects)
        except (WebSocketException, OSError):
            if time.perf_counter() > until:
                raise
            await asyncio.sleep(0.5)


async def restart_while_drawing(running: Front, count: int, seconds: float, restarts: ExitStack) -> list[Restarted]:
    """That many drawers; after a third of the time the first process is killed, and starts again two seconds later."""
    drawn = drawings(20)
    until = time.perf_counter() + seconds + count * 0.05
    drawers = []
    for number in range(count):
        drawers.append(asyncio.create_task(draw_through_it(running.address, until, random.Random(number), drawn)))
        await asyncio.sleep(0.05)
    await asyncio.sleep(seconds / 3)
    running.processes[0].kill()
    await asyncio.to_thread(running.processes[0].wait)
    await asyncio.sleep(2)
    await asyncio.to_thread(restarts.enter_context, harness.served(port=running.ports[0], **SETTINGS))
    return await asyncio.gather(*drawers)


def restart(table: Table, count: int, *, seconds: float) -> None:
    """Measure what drawers lose when a process ends, and whether those of the other process notice."""
    with front() as running, ExitStack() as restarts:
        seen = asyncio.run(restart_while_drawing(running, count, seconds, restarts))
    moved, stayed = [each for each in seen if each.moves], [each for each in seen if not each.moves]
    table.add_row(f"{count} drawers, one of two processes restarts: moved", f"{len(moved)}", "-", "-", "-")
    table.add_row("    drawings lost", f"{sum(each.lost for each in seen)}", "-", "-", "0")
    table.add_row("    incorrect answers", f"{sum(each.incorrect for each in seen)}", "-", "-", "0")
    if moved:
        table.add_row("    longest time without an answer, s", f"{max(each.away for each in moved):.1f}", "-", "-", "-")
    others = [seconds * 1000 for each in stayed for seconds in each.seconds]
    if others:
        add(
            table,
            "    the others, ms (95th percentile)",
            float(np.percentile(others, 95)),
            "to reach",
            GOAL,
            "at most 1",
        )


def bytes_of_a_visit(chromium: Browser, address: str) -> tuple[int, int]:
    """The bytes of all answers of a first visit to Draw, headers included: the page's, and the two networks'."""
    context = chromium.new_context(ignore_https_errors=True)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    addresses: dict[str, str] = {}
    sizes: dict[str, int] = {}
    devtools.on("Network.responseReceived", lambda got: addresses.update({got["requestId"]: got["response"]["url"]}))
    devtools.on("Network.loadingFinished", lambda got: sizes.update({got["requestId"]: got["encodedDataLength"]}))
    page.goto(address)
    page.locator("canvas.upper-canvas").wait_for()
    harness.until_run(page)
    page.wait_for_timeout(3000)
    context.close()
    networks = sum(size for request, size in sizes.items() if "/live/networks/" in addresses.get(request, ""))
    return int(sum(sizes.values()) - networks), int(networks)


def transferred(table: Table) -> None:
    """Measure the bytes of a first visit, straight and through nginx."""
    with front() as running, harness.browser() as chromium:
        plain, networks = bytes_of_a_visit(chromium, f"http://127.0.0.1:{running.ports[0]}/")
        behind, _ = bytes_of_a_visit(chromium, running.address + "/")
    table.add_row("first visit to Draw without nginx, MB", f"{plain / 1e6:.2f}", "-", "-", "-")
    add(table, "    through nginx, MB", behind / 1e6, "to reach", BYTES / 1e6, "at most 1")
    table.add_row("    and the two networks, either way, MB", f"{networks / 1e6:.2f}", "-", "-", "-")


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drawers", type=int, nargs="*", default=[])
    parser.add_argument("--processes", type=int, nargs="*", default=[1, 2], choices=[1, 2])
    parser.add_argument("--restart", type=int, default=0, help="drawers while a process restarts")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--bytes", action="store_true")
    options = parser.parse_args()
    table = Table("figure", "this app", "compared with", "ratio", "goal")
    load_behind_nginx(table, options.drawers, options.processes, seconds=options.seconds)
    if options.restart:
        restart(table, options.restart, seconds=options.seconds)
    if options.bytes:
        transferred(table)
    Console(width=140).print(table)


if __name__ == "__main__":
    main()

"""A served app and a real Chromium in front of it, for the browser tests and the benchmarks."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.unprivileged import unprivileged

TOUR_SEEN = "localStorage.setItem('digit-duel-tour', 'seen')"
"""A script for a visitor who knows the tour: its bar would lie over what a test presses."""

ROOT = Path(__file__).resolve().parent.parent.parent
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium_path() -> str | None:
    """The installed Chromium, if there is one."""
    return (
        os.environ.get("CHROMIUM")
        or shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )


NEEDS_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.skipif(
        chromium_path() is None,
        reason="there is no Chromium; install it (Debian: apt install chromium) or name one in CHROMIUM",
    ),
]
"""Marks of a module of browser tests."""


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=SWITCHES)
        yield chromium
        chromium.close()


@contextmanager
def served(
    script: Path = ROOT / "app.py",
    *,
    base_path: str = "",
    port: int | None = None,
    is_unprivileged: bool = False,
    **environment: str,
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The app on a port of this machine, else a free one: its address, base path included, and its process.

    is_unprivileged: whether it may write only where the rights of the files say so, also if the tests run as root.
    """
    if port is None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(script),
        "--server.address",
        "127.0.0.1",
        "--server.port",
        str(port),
        "--server.headless",
        "true",
        "--server.baseUrlPath",
        base_path,
    ]
    if is_unprivileged:
        command = unprivileged(command)
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}{base_path}"
    try:
        _wait_for(address + "/_stcore/health", process)
        yield address, process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def open_page(chromium: Browser, address: str, **context: object) -> Page:
    """A page of a fresh visitor, with the canvas ready."""
    page = chromium.new_context(**{"viewport": {"width": 1440, "height": 900}, **context}).new_page()
    page.add_init_script(TOUR_SEEN)
    page.goto(address)
    page.locator("canvas.upper-canvas").wait_for()
    page.wait_for_timeout(500)
    return page


def go(page: Page, address: str, link: str) -> None:
    """Open that link of the app and wait for the page's heading."""
    page.set_default_timeout(15_000)
    page.goto(f"{address}/{link}")
    page.get_by_role("heading", level=1).wait_for()


def two_charts(page: Page) -> None:
    """Wait until the page shows two charts."""
    charts(page, 2)


def charts(page: Page, count: int) -> None:
    """Wait until the page shows so many charts."""
    expect(page.locator("[data-testid=stVegaLiteChart] svg.marks")).to_have_count(count, timeout=60_000)


def picked_runs(page: Page) -> Locator:
    """The names in the picker of runs."""
    return page.get_by_role("group", name="Selected values").locator("[data-tag]")


def until_run(page: Page) -> None:
    """Wait until the page's script has ended."""
    page.locator(".stApp[data-test-script-state=notRunning]").wait_for()


def draw(page: Page, strokes: Sequence[np.ndarray], *, side: float) -> None:
    """Draw with the mouse; strokes are in pixels of a canvas with that side."""
    box = page.locator("canvas.upper-canvas").bounding_box()
    assert box
    for stroke in strokes:
        path = np.asarray(stroke) * (box["width"] / side) + [box["x"], box["y"]]
        page.mouse.move(*path[0])
        page.mouse.down()
        for point in path[1:]:
            page.mouse.move(*point)
        page.mouse.up()


def touch(page: Page, strokes: Sequence[np.ndarray], *, side: float) -> None:
    """Draw with one finger, through the browser's own touch input."""
    box = page.locator("canvas.upper-canvas").bounding_box()
    assert box
    devtools = page.context.new_cdp_session(page)
    for stroke in strokes:
        path = np.asarray(stroke) * (box["width"] / side) + [box["x"], box["y"]]
        for index, (x, y) in enumerate(path):
            devtools.send(
                "Input.dispatchTouchEvent",
                {"type": "touchMove" if index else "touchStart", "touchPoints": [{"x": float(x), "y": float(y)}]},
            )
        devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    devtools.detach()


def settle(page: Page, strokes: int) -> None:
    """Wait until the panel shows what the models say of a drawing of that many strokes."""
    page.locator(f".duel[data-strokes='{strokes}']").wait_for()


def read_off(page: Page) -> tuple[str, str]:
    """The digits that the two panels show, left and right."""
    left, right = page.locator(".duel .side .answer").all_inner_texts()
    return left, right


def resident_megabytes(process: subprocess.Popen[bytes]) -> float:
    """Resident memory of a process, Linux."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1024


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"{address} did not answer in 60 s")

"""Firefox over WebDriver BiDi, the standard protocol of browsers for tests: https://w3c.github.io/webdriver-bidi/

Playwright drives a Firefox of its own making only, so this speaks to an installed one. It does what one test needs.

    with firefox() as page:
        page.open("http://localhost:8501")
        page.evaluate("document.title")
"""

import contextlib
import json
import queue
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from typing import IO, Any

import numpy as np
from websockets.sync.client import ClientConnection, connect

START = 60.0
"""Seconds within which Firefox must start."""

ANSWER = 60.0
"""Seconds within which Firefox must answer a command."""


def firefox_path() -> str | None:
    """The installed Firefox, if there is one."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


class FirefoxPage:
    """The one tab of a Firefox."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._commands = 0
        self._ask("session.new", capabilities={})
        (tab,) = self._ask("browsingContext.getTree")["contexts"]
        self._tab = tab["context"]
        self._ask("browsingContext.setViewport", context=self._tab, viewport={"width": 1440, "height": 900})

    def open(self, address: str) -> None:
        """Open an address and wait for its load event."""
        self._ask("browsingContext.navigate", context=self._tab, url=address, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, which JSON must be able to hold."""
        answer = self._ask(
            "script.evaluate",
            expression=f"Promise.resolve({expression}).then((value) => JSON.stringify(value ?? null))",
            target={"context": self._tab},
            awaitPromise=True,
        )
        if answer["type"] != "success":
            raise RuntimeError(f"Firefox could not evaluate {expression!r}: {answer['exceptionDetails']['text']}")
        return json.loads(answer["result"]["value"])

    def wait_for(self, condition: str, *, seconds: float = 60.0) -> None:
        """Wait until a JavaScript expression is true. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while not self.evaluate(condition):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{condition} did not become true in {seconds:.0f} s.")
            time.sleep(0.1)

    def press_and_move(self, path: Sequence[Sequence[float]]) -> None:
        """Press the mouse's left button at the first point, and move over the others. In pixels of the viewport."""
        (x, y), *others = np.asarray(path).tolist()
        self._mouse(_move(x, y, 0), {"type": "pointerDown", "button": 0}, *(_move(x, y, 20) for x, y in others))

    def release(self) -> None:
        """Let go of the left button."""
        self._mouse({"type": "pointerUp", "button": 0})

    def _mouse(self, *actions: dict[str, Any]) -> None:
        source = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": list(actions)}
        self._ask("input.performActions", context=self._tab, actions=[source])

    def _ask(self, method: str, **parameters: Any) -> Any:
        self._commands += 1
        self._socket.send(json.dumps({"id": self._commands, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv(timeout=ANSWER))
            if answer.get("id") != self._commands:
                continue  # an event
            if answer["type"] == "error":
                raise RuntimeError(f"Firefox refused {method}: {answer['error']}, {answer['message']}")
            return answer["result"]


@contextlib.contextmanager
def firefox() -> Iterator[FirefoxPage]:
    """A headless Firefox with a fresh profile."""
    path = firefox_path()
    if path is None:
        raise RuntimeError("There is no Firefox; install it (Debian: apt install firefox-esr).")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [path, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            assert process.stderr
            with connect(_address(process.stderr) + "/session", max_size=None) as socket:
                yield FirefoxPage(socket)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _address(output: IO[str]) -> str:
    """Where Firefox listens, which is among the first lines that it writes. The rest is read away, so that it never
    waits for a reader.
    """
    found: queue.Queue[str] = queue.Queue()

    def read() -> None:
        for line in output:
            if match := re.search(r"WebDriver BiDi listening on (ws://\S+)", line):
                found.put(match[1])
        output.close()

    threading.Thread(target=read, daemon=True).start()
    try:
        return found.get(timeout=START)
    except queue.Empty:
        raise TimeoutError(f"Firefox did not start in {START:.0f} s.") from None


def _move(x: float, y: float, milliseconds: int) -> dict[str, Any]:
    return {"type": "pointerMove", "x": round(x), "y": round(y), "duration": milliseconds}

"""A Ray cluster of two nodes on this machine, with one core each, whose nodes can be lost."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

TRIES = 4
SECONDS = 120
"""How long a busy machine may need for anything."""

PARTS = ("dashboard-agent-grpc", "dashboard-agent-listen", "runtime-env-agent", "metrics-export")
"""The parts of a node that have a port."""


class TwoNodes:
    """A cluster. `start` starts what is missing of it. No process is left after `close`.

    address: of the head, as RAY_ADDRESS names it. folder: of its sockets, logs and whatever else Ray writes.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ray-"))  # sockets need a short path
        self._away = self.folder / "away"  # the nodes start here, where a misleading module lies
        self._away.mkdir()
        (self._away / "mnist_core.py").write_text("raise SystemExit('the code of the node, not that of the sweep')")
        self.address = ""
        self._secret = secrets.token_hex(32)
        self._nodes: list[subprocess.Popen[bytes]] = []

    @property
    def variables(self) -> dict[str, str]:
        """Variables of the environment by which Ray finds the cluster and is let in."""
        return {"RAY_ADDRESS": self.address, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": self._secret}

    def start(self) -> None:
        """Start the nodes that are missing. A cluster without a head starts anew, at another address."""
        if not self._nodes:
            self._try_to(self._start_head)
        if len(self._nodes) == 1:
            self._try_to(lambda: self._add(f"--address={self.address}"))

    def _start_head(self) -> bool:
        self.address = f"127.0.0.1:{_free_port()}"
        return self._add(
            "--head",
            f"--port={self.address.split(':')[1]}",
            f"--temp-dir={self.folder}",
            f"--ray-client-server-port={_free_port()}",
            "--include-dashboard=false",
        )

    @staticmethod
    def _try_to(start: Callable[[], bool]) -> None:
        """Start a node. Ray gives it half a minute, and a busy machine may need a second or third try."""
        assert any(start() for _ in range(TRIES))

    def lose_second(self) -> None:
        """Kill the node without the head, with all that runs there."""
        self._kill(self._nodes.pop())

    def lose_head(self) -> None:
        """Kill the head node, with all that runs there. What is left of the cluster goes with it."""
        for node in self._nodes:
            self._kill(node)
        self._nodes.clear()

    def close(self) -> None:
        """End everything."""
        self.lose_head()
        shutil.rmtree(self.folder, ignore_errors=True)

    def workers(self, task: str) -> list[psutil.Process]:
        """The processes that do a task of that name at this moment."""
        return [process for process in psutil.process_iter() if f"ray::{task}" in _title(process)]

    def is_on_second(self, worker: psutil.Process) -> bool:
        """Whether a process belongs to the node without the head."""
        try:
            return self._nodes[1].pid in [parent.pid for parent in worker.parents()]
        except psutil.NoSuchProcess:  # it has ended just now
            return False

    def _add(self, *options: str) -> bool:
        """Start a node, and say whether it has started."""
        command = [sys.executable, "-P", "-m", "ray.scripts.scripts", "start", "--block", "--num-cpus=1", *options]
        command += ["--node-ip-address=127.0.0.1", "--object-store-memory=100000000", "--disable-usage-stats"]
        # On a busy machine, a node ends when its parts do not tell each other their ports within 15 seconds.
        command += [f"--{part}-port={_free_port()}" for part in PARTS]
        environment = {name: value for name, value in (os.environ | self.variables).items() if name != "RAY_ADDRESS"}
        node = subprocess.Popen(
            command,
            cwd=self._away,
            env={**environment, "PYTHONPATH": str(self._away), "RAY_USAGE_STATS_ENABLED": "0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert node.stdout
        os.set_blocking(node.stdout.fileno(), False)
        output, until = b"", time.monotonic() + SECONDS
        while b"--block" not in output:
            if node.poll() is not None or time.monotonic() > until:
                print(output.decode())
                self._kill(node)
                return False
            output += node.stdout.read() or b""
            time.sleep(0.05)
        self._nodes.append(node)
        return True

    @staticmethod
    def _kill(node: subprocess.Popen[bytes]) -> None:
        processes = []
        with suppress(psutil.NoSuchProcess):
            processes = psutil.Process(node.pid).children(recursive=True)
        for process in [*processes, node]:
            with suppress(psutil.NoSuchProcess, ProcessLookupError):
                process.send_signal(signal.SIGKILL)
        node.wait(SECONDS)
        if node.stdout:
            node.stdout.close()
        psutil.wait_procs(processes, timeout=SECONDS)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""

"""The seam between who wants a training and where it runs: a config in, events out, a stop request.

Today a training runs in a process on this machine. Whatever else can take a config, tell its events and be stopped (a cluster's job
service, say) can stand here instead: it needs the three methods of `Training`, and a `Launcher` that starts one.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from mnist_core.runs import folders
from mnist_core.runs import store as runs
from mnist_core.runs.recipes import TrainingConfig

Event = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]


class Training(Protocol):
    """A training that was started."""

    def events(self) -> Iterator[Event]:
        """What happens, as it happens (see training.py for the kinds), until the training has ended."""

    def stop(self, *, keep: bool) -> None:
        """Ask it to end: with its best epoch as a run, or with nothing. Does not wait. May be asked again, also after the end."""

    def failure(self) -> str:
        """After the end, for a training without a 'finished' event: why, in words for the visitor."""


Launcher = Callable[[TrainingConfig, str], Training]
"""Starts a training of that config as a run of that name."""


class LocalTraining:
    """`python -m mnist_core train` in a process of its own. It reads its config and 'stop' from its standard input, and ends when that
    closes: so it never outlives the process that started it, however that ended."""

    def __init__(self, config: TrainingConfig, name: str) -> None:
        self._name = name
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 closed at the end of `events`
        self._said: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mnist_core", "train", "--config", "-", "--commands", "--json", "--name", name],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "TRAINED_MODELS": str(folders.runs_folder())},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # Ctrl-C in the server's terminal is the server's
        )
        self._send(json.dumps(config.to_json()))

    @property
    def process_id(self) -> int:
        """The process' number."""
        return self._process.pid

    def events(self) -> Iterator[Event]:
        """See `Training`."""
        assert self._process.stdout
        for line in self._process.stdout:
            try:
                event = json.loads(line)
            except ValueError:  # something below Python that prints
                continue
            if isinstance(event, dict) and "event" in event:
                yield event
        self._process.wait()
        self._process.stdout.close()
        if self._process.stdin:
            self._close_input()
        self._errors.seek(0)
        self._said = [line for line in self._errors.read().decode("utf-8", "replace").splitlines() if line.strip()]
        self._errors.close()
        runs.sweep()

    def stop(self, *, keep: bool) -> None:
        """See `Training`. To throw all away there is nothing to wait for: the process is killed, and what it had begun to write is swept away."""
        if keep:
            self._send("stop keep")
        else:
            self._process.kill()

    def failure(self) -> str:
        """See `Training`."""
        code, said = self._process.returncode, self._said
        written = (folders.runs_folder() / self._name).is_dir()  # the name was free, so it is this training's
        left = "Its run was already whole and is in the list." if written else "Nothing was written."
        if code == -signal.SIGKILL:
            return (
                f"The training process was killed: by the system, which does so when memory runs out, or by somebody. {left}"
                f"{'' if written else ' Where it was memory, a smaller network or batch size needs less.'}"
            )
        if said and said[-1].startswith("error: "):
            return said[-1].removeprefix("error: ")
        reason = f"signal {-code}" if code < 0 else f"exit code {code}"
        return f"The training process ended unexpectedly ({reason}{': ' + said[-1][:300] if said else ''}). {left}"

    def _send(self, line: str) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except (OSError, ValueError):  # it has ended; `events` and `failure` tell how
            return

    def _close_input(self) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.close()
        except OSError:
            return

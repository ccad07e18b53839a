"""Parts of this program in processes of their own, which take a config and requests through their standard input."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mnist_core.runs.folders import runs_folder
from mnist_core.runs.recipes import TrainingConfig

PACKAGE_PARENT = Path(__file__).resolve().parents[2]
"""The folder that holds the package: a checkout, or site-packages."""


class ModuleProcess:
    """`python -m MODULE`, which reads lines from standard input and writes lines to standard output.

    It is expected to end when its standard input closes. So it never outlives the process that started it, however that
    process ended.
    """

    def __init__(
        self, module: str, arguments: Sequence[str] = (), *, variables: Mapping[str, str] | None = None
    ) -> None:
        """Start it. variables: of its environment, beside those of this process.

        Raises OSError if no process can be started.
        """
        self.environment = environment() | dict(variables or {})
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 closed at the end of `lines`
        self.error_lines: list[str] = []
        try:
            self._process = subprocess.Popen(
                # -P keeps the current folder off the import path: it may hold anything.
                [sys.executable, "-P", "-m", module, *arguments],
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                text=True,
                encoding="utf-8",
                errors="replace",
                **_apart_from_the_terminal(),
            )
        except OSError:
            self._errors.close()
            raise

    @property
    def process_id(self) -> int:
        """The number that the system gave the process."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while the process runs.

        Below 0, it is the number of the signal that ended the process; Windows has no such codes.
        """
        return self._process.poll()

    def lines(self) -> Iterator[str]:
        """The lines of standard output as they come, until the process has ended.

        Then `error_lines` holds those of standard error.
        """
        assert self._process.stdout
        yield from self._process.stdout
        self._process.wait()
        self._process.stdout.close()
        self.close_input()
        self._errors.seek(0)
        text = self._errors.read().decode("utf-8", "replace")
        self.error_lines = [line for line in text.splitlines() if line.strip()]
        self._errors.close()

    def send(self, line: str) -> None:
        """Write a line to the process. Nothing happens if it has ended."""
        assert self._process.stdin
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except (OSError, ValueError):
            return

    def kill(self) -> None:
        """End the process at once. It may have ended already."""
        self._process.kill()

    def discard(self) -> None:
        """End the process at once, and close what leads to it. To be called if nobody reads its `lines`."""
        self.kill()
        for _ in self.lines():
            pass

    def wait(self, seconds: float) -> bool:
        """Wait for the end. Returns whether the process has ended within so many seconds."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def close_input(self) -> None:
        """Let the process know that nothing more will be asked of it."""
        assert self._process.stdin
        try:
            self._process.stdin.close()
        except OSError:  # what was written last never arrived
            return


class CommandProcess(ModuleProcess):
    """`python -m mnist_core COMMAND --config - --commands --json`, which reads its config from standard input."""

    def __init__(
        self,
        command: str,
        config: TrainingConfig | None,
        options: Sequence[str] = (),
        *,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """command, options: of the command line. config: None if `send_config` follows later. variables: of its
        environment, beside those of this process.

        Raises OSError if no process can be started.
        """
        arguments = [command, "--config", "-", "--commands", "--json", *options]
        super().__init__("mnist_core", arguments, variables=variables)
        if config is not None:
            self.send_config(config)

    def send_config(self, config: TrainingConfig) -> None:
        """Write the config to the process, as the line that it waits for."""
        self.send(json.dumps(config.to_json()))


def environment() -> dict[str, str]:
    """This process' environment, with what makes the package and the runs be found from any folder."""
    paths = [str(PACKAGE_PARENT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "TRAINED_MODELS": str(runs_folder().absolute()),
    }


def _apart_from_the_terminal() -> dict[str, Any]:
    """Settings for Popen, so that Ctrl-C in the terminal reaches this process alone."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}

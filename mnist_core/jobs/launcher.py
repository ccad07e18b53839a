"""How a training is started, followed and stopped. A queue knows no more of a training than this.

Today each training runs in a process on this machine. Something else can take its place, such as the job service of a
cluster. It needs an object with the three methods of `Training`, and a function that starts one, a `Launcher`.
"""

import signal
from collections.abc import Callable, Generator, Iterator
from threading import Lock, Timer
from typing import Protocol

from mnist_core.events import Event, parse_event
from mnist_core.jobs.command_process import CommandProcess
from mnist_core.jobs.memory_kills import memory_kills
from mnist_core.runs import folders
from mnist_core.runs import store as runs
from mnist_core.runs.recipes import TrainingConfig

LONGEST_ERROR = 300
"""Characters of an unexpected error that a message quotes, at most."""


class Training(Protocol):
    """A training that was started."""

    def events(self) -> Iterator[Event]:
        """The events as they happen, until the training has ended. Only one caller may follow a training."""

    def stop(self, *, keep: bool) -> None:
        """Ask the training to end, and return at once. It may be asked again, also after its end.

        keep: whether its best epoch becomes a run. Otherwise nothing is kept.
        """

    def failure(self) -> str:
        """Why a training ended without a finished event, in words for the user. To be called after its end."""


Launcher = Callable[[TrainingConfig, str], Training]
"""Starts a training with this config, which becomes a run of this name."""


class LocalTraining:
    """A training in a process of its own, on this machine. See `Training` for its methods."""

    def __init__(
        self,
        config: TrainingConfig,
        name: str,
        *,
        prepared: CommandProcess | None = None,
        answers_within: float = 10.0,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        """Start the training. Raises OSError if no process can be started.

        prepared: a process of `train --prepare` that waits for a training. If it has ended or does not answer, a new
        process takes its place. answers_within: the seconds that it has for its answer. on_end: called after the end.
        """
        self._config, self._name, self._on_end = config, name, on_end
        self._failed_because = ""
        self._memory_kills_before = memory_kills()
        self._lock, self._stopped = Lock(), False
        self._prepared, self._answers_within = prepared, answers_within
        if prepared:
            self._process = prepared
            prepared.send(name)
            prepared.send_config(config)
        else:
            self._process = self._new_process()

    def _new_process(self) -> CommandProcess:
        return CommandProcess("train", self._config, ["--name", self._name])

    @property
    def process_id(self) -> int:
        """The number that the system gave the process."""
        return self._process.process_id

    def events(self) -> Iterator[Event]:
        """See `Training`.

        A line of output that is no event is ignored: libraries below Python may print what they like.
        """
        try:
            if not self._prepared or not (yield from self._answer_of(self._prepared)):
                yield from self._events()
            runs.sweep()
        finally:
            self._on_end()

    def _answer_of(self, prepared: CommandProcess) -> Generator[Event, None, bool]:
        """The events of a prepared process. Returns False if it gave none and a new process has taken its place."""
        too_late = Timer(self._answers_within, prepared.kill)
        too_late.daemon = True
        too_late.start()
        answered = False
        try:
            for event in self._events():
                answered = True
                too_late.cancel()
                yield event
        finally:
            too_late.cancel()
        with self._lock:
            if answered or self._stopped:
                return True
            self._process = self._new_process()
        return False

    def _events(self) -> Iterator[Event]:
        """The events of the present process."""
        for line in self._process.lines():
            event = parse_event(line)
            if event is None:
                continue
            if event["event"] == "failed":
                self._failed_because = event["message"]
            yield event

    def stop(self, *, keep: bool) -> None:
        """See `Training`.

        If nothing is to be kept, the process is killed, and `events` removes what it had begun to write.
        """
        with self._lock:
            self._stopped = True
            if keep:
                self._process.send("stop keep")
            else:
                self._process.kill()

    def failure(self) -> str:
        """See `Training`."""
        if self._failed_because:
            return self._failed_because
        code, errors = self._process.exit_code or 0, self._process.error_lines
        if errors and errors[-1].startswith("error: "):
            return errors[-1].removeprefix("error: ")
        written = folders.run_path(folders.runs_folder(), self._name).is_dir()  # the name was free before
        remains = "Its run was already complete and is in the list." if written else "Nothing was written."
        if _signal_name(code) == "SIGKILL":
            return f"{kill_reason(self._memory_kills_before, memory_kills())} {remains}"
        reason = _signal_name(code) or f"exit code {code}"
        error = f": {errors[-1][:LONGEST_ERROR]}" if errors else ""
        return f"The training process ended unexpectedly ({reason}{error}). {remains}"


def kill_reason(before: int | None, after: int | None) -> str:
    """Why a process may have been killed, in words for the user.

    before, after: what `memory_kills` said when the process started and after its end.

    >>> kill_reason(2, 3)
    'Memory ran out, and the system killed the training process. A smaller network or batch size needs less.'
    >>> kill_reason(2, 2)
    'The training process was killed, by a user or another program. The system has not reported a lack of memory.'
    >>> kill_reason(None, None)  # doctest: +ELLIPSIS
    'The training process was killed: by a user, by another program, or by the system because memory ran out. ...'
    """
    if before is None or after is None:
        return (
            "The training process was killed: by a user, by another program, or by the system because memory ran out. "
            "If it was memory, a smaller network or batch size needs less."
        )
    if after > before:
        return "Memory ran out, and the system killed the training process. A smaller network or batch size needs less."
    return (
        "The training process was killed, by a user or another program. The system has not reported a lack of memory."
    )


def _signal_name(exit_code: int) -> str:
    """Such as 'SIGKILL'; empty if no signal ended the process. Windows knows no signals."""
    try:
        return signal.Signals(-exit_code).name if exit_code < 0 else ""
    except ValueError:
        return f"signal {-exit_code}"

"""A launcher whose trainings run on a Ray cluster. Ray itself is imported by another process, see `mnist_core.cluster`.

    >>> with ClusterLauncher(cores=2) as launch:                              # doctest: +SKIP
    ...     training = launch(recipe_config("specified", "mlp"), "mine")
    ...     [event["event"] for event in training.events()][-1]
    'finished'

Ray ends the process that uses it when the cluster is lost. So that process is none in which anything else happens, and
its end becomes a message here.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from types import TracebackType
from typing import Any

from mnist_core.errors import ClusterError
from mnist_core.events import Event, parse_event
from mnist_core.jobs.command_process import ModuleProcess
from mnist_core.runs.recipes import TrainingConfig

MODULE = "mnist_core.cluster"

ADDRESS = "RAY_ADDRESS"
"""The environment variable that names the cluster to join, as HOST:PORT. Ray uses the same one."""

CONNECTS_WITHIN = 120.0
"""Seconds until a process that has not joined a cluster is given up."""

ENDS_WITHIN = 20.0
"""Seconds that the process has to end its trainings and to leave the cluster."""

LONGEST_ERROR = 300
"""Characters of an unexpected error that a message quotes, at most."""


def cluster_address() -> str:
    """Where the cluster is that trainings can run on; empty if none is named."""
    return os.environ.get(ADDRESS, "")


@dataclass(frozen=True)
class ClusterFacts:
    """What a cluster has at the moment it is joined. address: HOST:PORT of its head. cores: of all nodes together."""

    address: str
    nodes: int
    cores: int


class ClusterLauncher:
    """A `launcher.Launcher` that takes any number of trainings at once. Ray decides where and when each one runs.

    In a `with` block, it has joined the cluster that RAY_ADDRESS names, or else started Ray on this machine.

    facts: of the cluster, within the block.
    """

    facts: ClusterFacts

    def __init__(self, *, cores: int = 1, started_by: str = "") -> None:
        """cores: how many processor cores each training is given. started_by: the identity of who asks for trainings,
        which is written with each run, see `runs.started_by`. Empty where nobody has one.
        """
        self._cores, self._started_by = cores, started_by
        self._lock = Lock()
        self._inboxes: dict[str, SimpleQueue[dict[str, Any]]] = {}
        self._is_lost = False
        self._answer = SimpleQueue[dict[str, Any]]()

    def __enter__(self) -> "ClusterLauncher":
        """Join the cluster, or start one.

        Raises ClusterError if there is no cluster at that address, if none of its nodes has so many cores, or if Ray is
        not installed.
        """
        try:
            self._process = ModuleProcess(MODULE, ["--cores", str(self._cores)])
        except OSError as error:
            raise ClusterError(f"No process can be started that uses the cluster ({error}).") from error
        self._reader = Thread(target=self._read, name="cluster", daemon=True)
        self._reader.start()
        try:
            answer = self._answer.get(timeout=CONNECTS_WITHIN)
        except Empty:
            answer = {"refused": f"Ray did not answer within {CONNECTS_WITHIN:.0f} seconds. Check `ray status`."}
        except BaseException:  # Ctrl-C
            self.close()
            raise
        if "ready" not in answer:
            self.close()
            raise ClusterError(str(answer.get("refused") or self._unexpected_end()))
        self.facts = ClusterFacts(**answer["ready"])
        return self

    def __call__(self, config: TrainingConfig, name: str) -> "ClusterTraining":
        """Hand a training to the cluster. Raises ClusterError if the cluster was lost."""
        with self._lock:
            inbox = self._inboxes[name] = SimpleQueue()
            if self._is_lost:
                raise ClusterError(self._lost())
            request = {"train": name, "config": config.to_json(), "started_by": self._started_by}
            self._process.send(json.dumps(request))
        return ClusterTraining(self, name, inbox)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End what still trains, and leave the cluster. A cluster that was started here ends."""
        self._process.close_input()
        if not self._process.wait(ENDS_WITHIN):
            self._process.kill()
        self._reader.join(ENDS_WITHIN)

    def kill(self) -> None:
        """End the process that uses Ray at once, and thereby what still trains. Nothing happens if there is none."""
        if hasattr(self, "_process"):
            self._process.kill()

    @property
    def process_id(self) -> int:
        """The number that the system gave to the process that uses Ray."""
        return self._process.process_id

    def stop(self, name: str, *, keep: bool) -> None:
        """Ask a training to end, see `launcher.Training`."""
        with self._lock:
            self._process.send(json.dumps({"stop": name, "keep": keep}))

    def _read(self) -> None:
        """Hand the lines of the process to the trainings that they are about."""
        for line in self._process.lines():
            try:
                message = json.loads(line)
            except ValueError:
                continue
            if not isinstance(message, dict):
                continue
            if "run" not in message:
                self._answer.put(message)
                continue
            with self._lock:
                inbox = self._inboxes.get(message["run"])
            if inbox:
                inbox.put(message)
        with self._lock:
            self._is_lost = True
            inboxes = list(self._inboxes.values())
        self._answer.put({})
        for inbox in inboxes:
            inbox.put({"lost": self._lost()})

    def _lost(self) -> str:
        return (
            f"The Ray cluster at {self.facts.address} was lost: its head node has ended or cannot be reached, or Ray "
            "has ended on this machine. What is finished is kept. Start the cluster again, and continue then."
        )

    def _unexpected_end(self) -> str:
        """Why a process has ended that has not even joined a cluster."""
        error = "; ".join(self._process.error_lines[-2:])[:LONGEST_ERROR]
        return f"Ray ended unexpectedly (exit code {self._process.exit_code}). {error}"


class ClusterTraining:
    """A training that the cluster was handed. See `launcher.Training` for its methods."""

    def __init__(self, launcher: ClusterLauncher, name: str, inbox: SimpleQueue[dict[str, Any]]) -> None:
        self._launcher, self._name, self._inbox = launcher, name, inbox
        self._failed_because = ""

    def events(self) -> Iterator[Event]:
        """See `launcher.Training`. Raises ClusterError if the cluster is lost.

        If a worker is lost, Ray starts the training again on another one. Then its events begin anew.
        """
        while True:
            message = self._inbox.get()
            if "lost" in message:
                raise ClusterError(message["lost"])
            if "ended" in message:
                self._failed_because = message["ended"]
                return
            event = parse_event(json.dumps(message["event"]))
            if event is not None:
                yield event

    def stop(self, *, keep: bool) -> None:
        """See `launcher.Training`."""
        self._launcher.stop(self._name, keep=keep)

    def failure(self) -> str:
        """See `launcher.Training`."""
        return self._failed_because or "It was stopped."

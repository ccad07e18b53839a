"""A launcher that keeps one process ready, so that a training starts at once instead of waiting for TensorFlow.

    >>> launch = PreparedLauncher()                                       # doctest: +SKIP
    >>> launch.prepare()  # somebody has opened the training page         # doctest: +SKIP
    >>> launch(recipe_config("specified", "mlp"), "mine").process_id      # doctest: +SKIP
    4711

The process has imported TensorFlow and loaded MNIST. It waits for the line that names its training, and uses no
processor time meanwhile. A process serves one training. It ends when its standard input closes, so it never outlives
the server.
"""

import os
import time
from threading import Condition, Thread

import psutil

from mnist_core.jobs.command_process import CommandProcess, environment
from mnist_core.jobs.launcher import LocalTraining
from mnist_core.runs.recipes import TrainingConfig

SWITCH = "DIGIT_DUEL_PREPARED_TRAINER"
"""The environment variable that turns this off when it is 0."""

IDLE_SECONDS = 600.0
"""How long a process waits after somebody last used the training page."""

NEEDED_MEMORY = 2 * 1024**3
"""Bytes that must be free on the machine, or nothing is prepared. A waiting process needs about a third of them."""

READY_WITHIN = 60.0
"""Seconds after its start within which a process answers, on a busy machine too."""

ANSWERS_WITHIN = 10.0
"""Seconds within which a process that is ready answers."""

SECONDS_BETWEEN_CHECKS = 15.0
"""How often a waiting process is looked after. It is ended when its time is up, and forgotten if it has died."""


class PreparedLauncher:
    """A `launcher.Launcher`. At most one process waits, and none is prepared while a training runs.

    All methods may be called from any thread, and none waits for a process.
    """

    def __init__(self, idle_seconds: float = IDLE_SECONDS) -> None:
        """idle_seconds: how long a process waits after the last call of `prepare`."""
        self._idle_seconds = idle_seconds
        self._changed = Condition()
        self._waiting: CommandProcess | None = None
        self._started = 0.0
        self._wanted_until = self._not_before = 0.0
        self._running = 0

    @property
    def waiting_process_id(self) -> int | None:
        """The number of the process that waits, None if there is none."""
        with self._changed:
            return self._waiting.process_id if self._waiting else None

    def prepare(self) -> None:
        """A training is likely soon: have a process ready, and keep the one that waits for longer.

        If a training runs, its end is awaited first, because both would slow each other down. Nothing happens if this
        is turned off, if the machine has little free memory, or if such a process has died by itself lately.
        """
        if os.environ.get(SWITCH) == "0":
            return
        with self._changed:
            now = time.monotonic()
            self._wanted_until = now + self._idle_seconds
            if self._running or self._waiting or now < self._not_before:
                return
            if psutil.virtual_memory().available < NEEDED_MEMORY:
                return
            try:
                self._waiting = CommandProcess("train", None, ["--prepare"])
            except OSError:  # the training will say so
                return
            self._started = now
            Thread(target=self._keep, args=(self._waiting,), name="prepared training", daemon=True).start()

    def close(self) -> None:
        """End the process that waits, if there is one."""
        with self._changed:
            process, self._waiting = self._waiting, None
            self._changed.notify_all()
        if process:
            process.discard()

    def __call__(self, config: TrainingConfig, name: str) -> LocalTraining:
        """Start a training, in the process that waits if there is one. Raises OSError if no process can be started."""
        with self._changed:
            process, self._waiting = self._waiting, None
            self._running += 1
            self._changed.notify_all()
            age = time.monotonic() - self._started
        if process and (process.exit_code is not None or process.environment != environment()):
            process.discard()
            process = None
        try:
            return LocalTraining(
                config,
                name,
                prepared=process,
                answers_within=max(ANSWERS_WITHIN, READY_WITHIN - age),
                on_end=self._ended,
            )
        except OSError:
            self._ended()
            raise

    def _ended(self) -> None:
        """A training has ended. If somebody has used the page meanwhile, the next one is prepared for."""
        with self._changed:
            self._running -= 1
            is_wanted = time.monotonic() < self._wanted_until
        if is_wanted:
            self.prepare()

    def _keep(self, process: CommandProcess) -> None:
        """Look after a waiting process until it is taken, has died, or nobody has wanted it for long enough."""
        with self._changed:
            while self._waiting is process and process.exit_code is None:
                left = self._wanted_until - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(min(left, SECONDS_BETWEEN_CHECKS))
            if self._waiting is not process:
                return
            self._waiting = None
            if process.exit_code is not None:  # memory may be short, so that the next one would die as well
                self._not_before = time.monotonic() + self._idle_seconds
        process.discard()

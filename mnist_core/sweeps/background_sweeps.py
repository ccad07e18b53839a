"""The sweeps that a server works through, each in a thread, and how each one ended.

    >>> background = BackgroundSweeps()                                      # doctest: +SKIP
    >>> background.start("how-wide", launch)                                 # doctest: +SKIP
    >>> background.stop("how-wide")                                          # doctest: +SKIP

One object serves all visitors. When the server ends, its sweeps end with it. What is finished is on disk, so the next
server finds it and can continue.
"""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from threading import Lock, Thread

from mnist_core.errors import ClusterError, DatabaseError, DigitDuelError, RunError
from mnist_core.jobs.launcher import Launcher
from mnist_core.sweeps.sweep_runner import SweepRunner


class BackgroundSweeps:
    """All methods may be called from any thread, and none waits for a training."""

    def __init__(self, folder: Path | None = None) -> None:
        """folder: where runs lie, None for the usual place."""
        self._folder = folder
        self._lock = Lock()
        self._runners: dict[str, SweepRunner] = {}
        self._messages: dict[str, str] = {}

    def start(
        self, name: str, launch: Launcher, *, before: Callable[[], object] = lambda: None, at_once: int = 1
    ) -> None:
        """Work through a sweep from now on.

        launch: starts a training. A launcher of a cluster, which is a context manager, is entered by the sweep's thread
        for as long as the sweep is worked on. before: what writes the sweep first; it may raise an error. at_once: how
        many trainings the launcher is given at the same time.
        Raises RunError if this server works through it already.
        """
        with self._lock:
            if name in self._runners:
                raise RunError(f"The sweep {name!r} is worked on already. Watch that one, or stop it first.")
            before()
            runner = self._runners[name] = SweepRunner(name, launch, folder=self._folder, at_once=at_once)
            self._messages.pop(name, None)
        Thread(target=self._work, args=(name, runner, launch), name=f"sweep {name}", daemon=True).start()

    def stop(self, name: str) -> None:
        """End the training that runs, and start no other. Nothing happens if the sweep is not worked on here."""
        with self._lock:
            runner = self._runners.get(name)
        if runner:
            runner.stop()

    def works_on(self, name: str) -> bool:
        """Whether this server works through the sweep."""
        with self._lock:
            return name in self._runners

    def is_stopping(self, name: str) -> bool:
        """Whether the sweep was asked to stop and has not ended yet."""
        with self._lock:
            return name in self._runners and self._runners[name].stopped

    def message(self, name: str) -> str:
        """Why the sweep ended before it was complete, in words for the user. Empty if nothing went wrong."""
        with self._lock:
            return self._messages.get(name, "")

    def _work(self, name: str, runner: SweepRunner, launch: Launcher) -> None:
        message = ""
        try:
            with launch if isinstance(launch, AbstractContextManager) else nullcontext():
                runner.run()
        except DatabaseError as error:  # what it says of itself is for the log, not for visitors
            logging.getLogger(__name__).warning("The sweep %s has ended: %s", name, error)
            message = "The sweep ended because the database of this server could not be used. Continue it later."
        except ClusterError as error:  # as well: it names the cluster's address
            logging.getLogger(__name__).warning("The sweep %s has ended: %s", name, error)
            message = (
                "The sweep ended because the cluster was lost or could not be used; the log says why. Continue later."
            )
        except DigitDuelError as error:
            message = str(error)
        except Exception as error:  # whatever it is, the user is told
            message = f"The sweep could not be followed ({type(error).__name__}: {error})."
        with self._lock:
            del self._runners[name]
            if message:
                self._messages[name] = message

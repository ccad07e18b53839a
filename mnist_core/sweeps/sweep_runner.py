"""The loop that works through a sweep: it asks a launcher for each training that is not finished yet.

    >>> runner = SweepRunner("how-wide", LocalTraining)         # doctest: +SKIP
    >>> sweep = runner.run()                                    # doctest: +SKIP
    >>> len(sweep.results), len(sweep.missing)                  # doctest: +SKIP
    (24, 0)

It knows no more of a training than `mnist_core.jobs.launcher` says: a config and a name in, events out, stop. So the
same loop serves the command line, the queue of a server, a cluster, and whatever else starts trainings. One training
runs at a time, unless the launcher takes several. Each lands as a complete run in the folder of the sweep, or not at
all, so the loop may end at any moment and be started again.
"""

import logging
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Lock, Thread

from mnist_core.errors import AccessError, ClusterError, DatabaseError, DigitDuelError, RunError
from mnist_core.events import Event
from mnist_core.jobs.launcher import Launcher, Training
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.runs.store import delete
from mnist_core.sweeps.sweep_marks import is_asked_to_stop, show_life
from mnist_core.sweeps.sweep_plan import PlannedTraining
from mnist_core.sweeps.sweep_store import Sweep, load_sweep, note_failure, working_on

MOST_FAILURES = 3
"""Trainings that may fail one after the other. Then something is wrong with the machine, such as a full disk."""

SECONDS_BETWEEN_TRIES = 2.0
"""To start a training while the database is away."""

SECONDS_BETWEEN_LOOKS = 0.5
"""At whether somebody wants the sweep to stop, while nothing happens."""

SECONDS_TO_END = 10.0
"""How long trainings that were told to end are waited for, all together."""

CUT_SHORT = (
    "It was ended before its last epoch, by somebody or because its time was up. A sweep compares whole trainings, so "
    "this run was not kept."
)

OnSweepEvent = Callable[[PlannedTraining, Event], None]
"""A function that listens to a sweep. It hears every event of every training."""


class SweepRunner:
    """Works through one sweep. `run` is to be called once; `stop` may be called from any thread."""

    def __init__(
        self,
        name: str,
        launch: Launcher,
        *,
        folder: Path | None = None,
        on_event: OnSweepEvent = lambda training, event: None,
        at_once: int = 1,
    ) -> None:
        """name: of a sweep that exists. launch: starts a training. folder: where runs lie, None for the usual place.

        on_event: is called by one thread at a time. at_once: how many trainings the launcher is given at the same time.
        """
        self._name, self._launch, self._folder, self._on_event = name, launch, folder, on_event
        self._at_once = at_once
        self._lock, self._event_lock = Lock(), Lock()
        self._trainings: list[Training] = []
        self._stop = Flag()

    @property
    def stopped(self) -> bool:
        """Whether somebody in this process asked it to stop."""
        return self._stop.is_set()

    def run(self) -> Sweep:
        """Train what is missing, and return the sweep as it is then.

        A training that fails is noted with its reason and tried again only when the sweep is continued later.
        Raises RunError if the sweep is absent, is worked on already, or if several trainings in a row have failed;
        AccessError if this person may not start a training, or has no quota left; ClusterError if the cluster is lost.
        """
        sweep = load_sweep(self._name, self._folder)
        with working_on(sweep):
            self._work_through(sweep)
        return load_sweep(self._name, self._folder)

    def stop(self) -> None:
        """End the trainings that run without keeping them, and start no other. Finished runs stay."""
        with self._lock:
            if self.stopped:
                return
            self._stop.set()
            for training in self._trainings:
                training.stop(keep=False)

    def _work_through(self, sweep: Sweep) -> None:
        """Have every missing training started, each followed by a thread, and note how they end."""
        waiting = deque(sweep.plan.in_order_of_work(sweep.missing))
        ended = SimpleQueue[tuple[PlannedTraining, str | BaseException]]()
        threads: dict[str, Thread] = {}
        in_a_row = 0
        try:
            while waiting or threads:
                while waiting and len(threads) < self._at_once and not self._is_to_stop(sweep):
                    training = waiting.popleft()
                    threads[training.run] = Thread(
                        target=self._follow, args=(sweep, training, ended), name=f"training {training.run}", daemon=True
                    )
                    threads[training.run].start()
                if not threads:
                    break
                try:
                    training, outcome = ended.get(timeout=SECONDS_BETWEEN_LOOKS)
                except Empty:
                    if self._is_to_stop(sweep):
                        self.stop()
                    continue
                threads.pop(training.run).join()
                if isinstance(outcome, BaseException):
                    raise outcome
                if sweep.folder is not None:
                    show_life(sweep.folder)
                if not self._is_to_stop(sweep):
                    note_failure(sweep, training.run, outcome)
                in_a_row = in_a_row + 1 if outcome else 0
                if in_a_row == MOST_FAILURES:
                    raise RunError(
                        f"{MOST_FAILURES} trainings of the sweep {self._name!r} failed one after the other, the last "
                        f"because: {outcome} What is finished is kept. Continue with --resume {self._name} when this "
                        "is put right."
                    )
        except BaseException:  # nothing must go on training unseen
            self.stop()
            until = time.monotonic() + SECONDS_TO_END
            for thread in threads.values():
                thread.join(max(0.0, until - time.monotonic()))
            raise

    def _follow(
        self, sweep: Sweep, training: PlannedTraining, ended: SimpleQueue[tuple[PlannedTraining, str | BaseException]]
    ) -> None:
        """In a thread: have one run trained, and tell how that ended."""
        try:
            ended.put((training, self._train(sweep, training)))
        except BaseException as error:  # raised again by `_work_through`
            ended.put((training, error))

    def _is_to_stop(self, sweep: Sweep) -> bool:
        """Whether anybody wants it to stop, in this process or another one."""
        return self.stopped or (sweep.folder is not None and is_asked_to_stop(sweep.folder))

    def _train(self, sweep: Sweep, planned: PlannedTraining) -> str:
        """Train one run. Returns why it failed, or an empty text."""
        try:
            training = self._started(planned.config, sweep.address(planned.run))
        except (AccessError, ClusterError):
            raise
        except (DigitDuelError, OSError) as error:
            return str(error)
        if training is None:
            return ""
        if self._is_to_stop(sweep):  # since it was looked at last
            self.stop()
        is_finished = is_cut_short = False
        try:
            for event in training.events():
                if not self.stopped and self._is_to_stop(sweep):
                    self.stop()
                if event["event"] == "finished":
                    is_finished = True
                    is_cut_short = bool(event.get("stopped")) and not event.get("ended_early")
                with self._event_lock:
                    self._on_event(planned, event)
        except BaseException:  # the listener has failed, for example: nothing must go on training unseen
            training.stop(keep=False)
            raise
        finally:
            with self._lock:
                self._trainings.remove(training)
        if is_cut_short:
            with suppress(DigitDuelError):
                delete(sweep.address(planned.run), self._folder)
            return CUT_SHORT
        return "" if is_finished or self._is_to_stop(sweep) else training.failure()

    def _started(self, config: TrainingConfig, name: str) -> Training | None:
        """The training, once it could be started; None if the sweep was stopped before.

        A database that is away is no failure of a training, so this waits for it.
        """
        is_away = False
        while True:
            try:
                with self._lock:
                    if self.stopped:
                        return None
                    training = self._launch(config, name)
                    self._trainings.append(training)
                    return training
            except DatabaseError as error:
                if not is_away:
                    logging.getLogger(__name__).warning("The sweep %s waits for the database: %s", self._name, error)
                is_away = True
            self._stop.wait(SECONDS_BETWEEN_TRIES)

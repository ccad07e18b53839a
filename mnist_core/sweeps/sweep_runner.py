"""The loop that works through a sweep: it asks a launcher for each training that is not finished yet.

    >>> runner = SweepRunner("how-wide", LocalTraining)         # doctest: +SKIP
    >>> sweep = runner.run()                                    # doctest: +SKIP
    >>> len(sweep.results), len(sweep.missing)                  # doctest: +SKIP
    (24, 0)

It knows no more of a training than `mnist_core.jobs.launcher` says: a config and a name in, events out, stop. So the
same loop serves the command line, the queue of a server, and whatever else starts trainings. One training runs at a
time. Each lands as a complete run in the folder of the sweep, or not at all, so the loop may end at any moment and be
started again.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event as Flag
from threading import Lock

from mnist_core.errors import AccessError, DatabaseError, DigitDuelError, RunError
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
    ) -> None:
        """name: of a sweep that exists. launch: starts a training. folder: where runs lie, None for the usual place."""
        self._name, self._launch, self._folder, self._on_event = name, launch, folder, on_event
        self._lock = Lock()
        self._training: Training | None = None
        self._stop = Flag()

    @property
    def stopped(self) -> bool:
        """Whether somebody in this process asked it to stop."""
        return self._stop.is_set()

    def run(self) -> Sweep:
        """Train what is missing, one after the other, and return the sweep as it is then.

        A training that fails is noted with its reason and tried again only when the sweep is continued later.
        Raises RunError if the sweep is absent, is worked on already, or if several trainings in a row have failed;
        AccessError if this person may not start a training, or has no quota left.
        """
        sweep = load_sweep(self._name, self._folder)
        with working_on(sweep):
            in_a_row = 0
            for training in sweep.missing:
                if self._is_to_stop(sweep):
                    break
                if sweep.folder is not None:
                    show_life(sweep.folder)
                reason = self._train(sweep, training)
                if not self._is_to_stop(sweep):
                    note_failure(sweep, training.run, reason)
                in_a_row = in_a_row + 1 if reason else 0
                if in_a_row == MOST_FAILURES:
                    raise RunError(
                        f"{MOST_FAILURES} trainings of the sweep {self._name!r} failed one after the other, the last "
                        f"because: {reason} What is finished is kept. Continue with --resume {self._name} when this is "
                        "put right."
                    )
        return load_sweep(self._name, self._folder)

    def stop(self) -> None:
        """End the training that runs without keeping it, and start no other. Finished runs stay."""
        with self._lock:
            self._stop.set()
            if self._training:
                self._training.stop(keep=False)

    def _is_to_stop(self, sweep: Sweep) -> bool:
        """Whether anybody wants it to stop, in this process or another one."""
        return self.stopped or (sweep.folder is not None and is_asked_to_stop(sweep.folder))

    def _train(self, sweep: Sweep, planned: PlannedTraining) -> str:
        """Train one run. Returns why it failed, or an empty text."""
        try:
            training = self._started(planned.config, sweep.address(planned.run))
        except AccessError:
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
                    is_finished, is_cut_short = True, bool(event.get("stopped"))
                self._on_event(planned, event)
        except BaseException:  # the listener has failed, or Ctrl-C: nothing must go on training unseen
            training.stop(keep=False)
            raise
        finally:
            with self._lock:
                self._training = None
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
                    if not self.stopped:
                        self._training = self._launch(config, name)
                    return self._training
            except DatabaseError as error:
                if not is_away:
                    logging.getLogger(__name__).warning("The sweep %s waits for the database: %s", self._name, error)
                is_away = True
            self._stop.wait(SECONDS_BETWEEN_TRIES)

"""The training that this process runs for the queue: it is followed, stopped, and reported on to the database.

What it tells is on the pages of this process at once, and with the next report on those of all others. While the
database is away, the training goes on, and the reports that were not heard are repeated.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Condition, Event, Lock, Thread, Timer
from typing import Any

from mnist_core.errors import DatabaseError, RunError
from mnist_core.events import Event as TrainingEvent
from mnist_core.formatting import duration
from mnist_core.jobs import job_records
from mnist_core.jobs.job import DISCARD, FAILED, KEEP, RUNNING, STOPPED, Job
from mnist_core.jobs.job_records import JobRecords
from mnist_core.jobs.launcher import Launcher, Training
from mnist_core.runs import folders
from mnist_core.runs.started_by import write_starter

SECONDS_TO_END = 120.0
"""For writing its best epoch, after its time was up. Then the training is discarded."""


class RunningJob:
    """One job from its start to its end. All methods may be called from any thread. `run` is to be called once."""

    def __init__(
        self,
        job: Job,
        *,
        owner: str,
        records: JobRecords,
        folder: Path,
        changed: Condition,
        on_answer: Callable[[DatabaseError | None], None],
    ) -> None:
        """owner: of the job, as the database knows it. folder: of the runs. changed: notified of each change.

        on_answer: called with what the database answered to a report: an error, or None if it took the report.
        """
        self._owner, self._records, self._folder = owner, records, folder
        self._changed, self._on_answer = changed, on_answer
        self._job = replace(job, doing="Starting TensorFlow")
        self._training: Training | None = None
        self._obeyed = ""
        # The events that the database does not have yet, how many it has, and how many of these are in its snapshot.
        self._unreported: list[TrainingEvent] = []
        self._reported = self._in_snapshot = 0
        self._reporting = Lock()

    @property
    def job(self) -> Job:
        """The present snapshot."""
        return self._job

    def run(
        self,
        launch: Launcher,
        *,
        report_every: float,
        try_every: float,
        check_wanted: Callable[[str], None],
        on_time_up: Callable[[Job], None],
    ) -> None:
        """Start the training, and write down how it has ended, however long the database is away.

        report_every: seconds between reports. try_every: seconds until the end is written down once more, where the
        database did not answer. check_wanted, on_time_up: as of the queue.
        """
        has_ended = Event()
        reports = Thread(
            target=self._report_until, args=(has_ended, report_every), name="training reports", daemon=True
        )
        try:
            reports.start()
            self._run(launch, check_wanted=check_wanted, on_time_up=on_time_up)
        except Exception as error:  # whatever it is, the queue continues and the user is told
            with self._changed:
                if self._training:
                    self._training.stop(keep=False)
                self._training = None
                message = f"The training could not be followed ({type(error).__name__}: {error})."
                self._update(state=FAILED, doing="", message=message)
        has_ended.set()
        if reports.ident is not None:  # it was started
            reports.join()
        while not self._is_end_written():
            time.sleep(try_every)

    def obey(self, stop: str) -> None:
        """Stop the training, once for each thing that is asked for. stop: `KEEP` or `DISCARD`."""
        with self._changed:
            if not self._job.active or self._obeyed in (stop, DISCARD):
                return
            self._obeyed = stop
            self._update(stopping=True)
            if self._training:
                self._training.stop(keep=stop == KEEP and bool(self._job.epochs))

    def _is_end_written(self) -> bool:
        try:
            self._records.end(self._job, self._owner, position=self._reported + len(self._unreported))
        except DatabaseError as error:
            self._on_answer(error)
            return False
        return True

    def _run(self, launch: Launcher, *, check_wanted: Callable[[str], None], on_time_up: Callable[[Job], None]) -> None:
        try:
            check_wanted(self._job.name)
        except RunError as error:
            self._update(state=STOPPED, doing="", message=str(error))
            return
        training = launch(self._job.config, self._job.name)
        with self._changed:
            self._training = training
            if self._job.stopping:
                training.stop(keep=False)
        timers = self._end_in_time(on_time_up)
        try:
            self._follow(training)
        finally:
            for timer in timers:
                timer.cancel()

    def _follow(self, training: Training) -> None:
        """Take over the events of the training until its end, and say how it ended."""
        for event in training.events():
            is_finished = event["event"] == "finished"
            if is_finished and self._job.started_by:
                write_starter(folders.run_path(self._folder, self._job.name), self._job.started_by)
            with self._changed:
                self._job = self._job.after(event)
                self._unreported.append(event)
                self._changed.notify_all()
            if is_finished:
                self._report()
        with self._changed:
            self._training = None
            if not self._job.active:
                return
            if self._job.stopping:
                message = self._job.message or "Stopped. Nothing was kept."
                self._update(state=STOPPED, doing="", message=message)
            else:
                self._update(state=FAILED, doing="", message=training.failure())

    def _report_until(self, has_ended: Event, every: float) -> None:
        while not has_ended.wait(every):
            self._report()

    def _report(self) -> None:
        """Write down what is new, and learn what others ask for. If the database is away, the next report does it."""
        with self._reporting:
            with self._changed:
                job, events, before = self._job, tuple(self._unreported), self._reported
            after = before + len(events)
            is_snapshot = after - self._in_snapshot >= job_records.SNAPSHOT_EVERY
            try:
                stop = self._records.report(job, self._owner, events, before=before, is_snapshot=is_snapshot)
            except DatabaseError as error:
                self._on_answer(error)
                return
            self._on_answer(None)
            with self._changed:
                del self._unreported[: len(events)]
                self._reported = after
                self._in_snapshot = after if is_snapshot else self._in_snapshot
        # Without an answer, the job was taken for lost, and another one may run by now.
        if wanted := DISCARD if stop is None else stop:
            self.obey(wanted)

    def _end_in_time(self, on_time_up: Callable[[Job], None]) -> list[Timer]:
        """Have the training stopped when its time is up, and discarded if it has not ended soon after."""
        seconds = self._job.most_seconds
        if seconds is None:
            return []
        timers = [
            Timer(seconds, self._time_is_up, (KEEP, on_time_up)),
            Timer(seconds + SECONDS_TO_END, self._time_is_up, (DISCARD, on_time_up)),
        ]
        for timer in timers:
            timer.daemon = True
            timer.start()
        return timers

    def _time_is_up(self, stop: str, on_time_up: Callable[[Job], None]) -> None:
        with self._changed:
            job = self._job
            if job.state != RUNNING:
                return
            self._update(message=f"Stopped after {duration(job.most_seconds or 0.0)}, the longest it may run.")
        try:
            self._records.ask_to_stop(job.number, stop, message="")
        except DatabaseError as error:
            self._on_answer(error)
        self.obey(stop)
        if stop == KEEP:
            on_time_up(job)

    def _update(self, **changes: Any) -> None:
        """Put a newer snapshot of the job in the place of the older one."""
        with self._changed:
            self._job = replace(self._job, **changes)
            self._changed.notify_all()

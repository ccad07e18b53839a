"""The queue of trainings. One runs, and the others wait in the order in which they were asked for.

    >>> jobs = JobQueue(LocalTraining)                                          # doctest: +SKIP
    >>> job = jobs.submit(recipe_config("specified", "mlp", epochs=2), "mine")  # doctest: +SKIP
    >>> jobs.job(job.number).state                                              # doctest: +SKIP
    'running'

The queue lies in the database of the folder of runs, see `job_records`. All processes on that folder have the same one,
and one of them at a time runs a training. A `Job` is a snapshot that anybody may keep; the queue has newer ones.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from threading import Condition, Event, Lock, Thread, Timer
from typing import TYPE_CHECKING, Any

from mnist_core.database.location import location_for
from mnist_core.database.opening import is_there, open_location
from mnist_core.errors import DatabaseError, RunError
from mnist_core.events import Event as TrainingEvent
from mnist_core.formatting import duration
from mnist_core.jobs.job import FAILED, RUNNING, STOPPED, WAITING, Job
from mnist_core.jobs.job_owner import SECONDS_OF_SILENCE, Owner, Watch, is_gone, new_owner
from mnist_core.jobs.launcher import Launcher, Training
from mnist_core.jobs.notes import take_interrupted_jobs
from mnist_core.runs import folders
from mnist_core.runs import store as runs
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.runs.started_by import starter_of, write_starter

if TYPE_CHECKING:
    from mnist_core.jobs.job_records import JobRecords, Trainer

KEPT = 20
"""How many jobs that have ended are remembered."""

SECONDS_TO_END = 120.0
"""For writing its best epoch, after its time was up. Then the training is discarded."""

MOST_WAITING = 20
"""How many jobs may wait. More are a mistake or an attack."""

SECONDS_FRESH = 0.1
"""For which what was read counts. A page asks several times while it is drawn."""

SECONDS_BETWEEN_LOOKS = 0.5
"""How often a process looks after the queue while any job is active, and reports on its own training."""

SECONDS_BETWEEN_TRIES = 2.0
"""After the database did not answer."""

KEEP, DISCARD = "keep", "discard"
"""What somebody asks for who stops a training."""


class JobQueue:
    """Runs one job at a time, in the order in which they came.

    All methods may be called from any thread, and none waits for a training. All raise DatabaseError if the database
    cannot be used.
    """

    def __init__(
        self, launch: Launcher, folder: Path | None = None, *, on_time_up: Callable[[Job], None] = lambda job: None
    ) -> None:
        """launch: starts a training. folder: where runs are written, None for the usual place.

        on_time_up: called with a training that is stopped because its time is up.
        """
        self._launch, self._on_time_up = launch, on_time_up
        self._folder = folder
        self._place = folder or folders.runs_folder()
        self._location = location_for(self._place)
        self._owner = new_owner().to_text()
        self._watch = Watch()
        self._changed = Condition()
        self._read: dict[int, Job] | None = None
        self._read_until = 0.0
        self._changes = 0
        self._worker: Thread | None = None
        self._is_wanted = False
        self._is_away = False
        # The training of this very queue: its job, and the events that the database does not have yet.
        self._own: Job | None = None
        self._training: Training | None = None
        self._obeyed = ""
        self._unreported: list[TrainingEvent] = []
        self._reported = self._in_snapshot = 0
        self._reporting = Lock()
        try:
            self._take_over()
        except DatabaseError as error:  # whoever asks for the jobs is told
            self._note_failure(error)

    def jobs(self) -> tuple[Job, ...]:
        """All jobs, in the order in which they came."""
        return tuple(self._present().values())

    def job(self, number: int) -> Job:
        """The present snapshot of a job. Raises RunError if the queue has forgotten it."""
        found = self._present()
        if number not in found:
            raise RunError(
                f"There is no training number {number} any more. If it became a run, it is in the list of runs."
            )
        return found[number]

    @property
    def active(self) -> bool:
        """Whether any job waits or runs."""
        return any(job.active for job in self.jobs())

    @property
    def runs_elsewhere(self) -> bool:
        """Whether another process runs a training at this moment."""
        return any(job.state == RUNNING and not self._is_own(job.number) for job in self.jobs())

    def free_name(self, stem: str) -> str:
        """The stem, or the stem with a number, that no run and no active job has.

        Raises RunError if it cannot be a name.
        """
        names = runs.numbered(runs.checked_name(stem))
        taken = {job.name for job in self.jobs() if job.active}
        return next(name for name in names if name not in taken and runs.free_name(name, self._folder) == name)

    def submit(
        self,
        config: TrainingConfig,
        name: str,
        *,
        started_by: str = "",
        most_seconds: float | None = None,
        check: Callable[[Sequence[Job]], None] = lambda active: None,
    ) -> Job:
        """Ask for a training. started_by, most_seconds: as in `Job`. When its time is up, its best epoch is kept.

        check: is given the active jobs, and may refuse by raising. Nobody else, in any process, adds one meanwhile.
        Raises RunError if the name cannot be a name, if a run or an active job has it, or if too many jobs wait.
        """

        def check_all(active: Sequence[Job]) -> None:
            # What has ended here counts no more, even if the database learns it in a moment only.
            active = [job for job in active if not self._has_ended_here(job.number)]
            runs.check_free(name, self._folder)
            if any(job.name == name for job in active):
                raise RunError(
                    f"A training named {name!r} is in the queue already. Choose another name, or watch that one."
                )
            if len(active) > MOST_WAITING:
                raise RunError(
                    f"{MOST_WAITING} trainings are waiting already. Wait for one to end, or take one off the queue."
                )
            check(active)

        runs.check_free(name, self._folder)
        job = Job(0, name, config, started_by=started_by, most_seconds=most_seconds)
        job = replace(job, number=self._records.add(job, most=KEPT, check=check_all))
        self._look_after()
        return job

    def stop(self, number: int, *, keep: bool) -> None:
        """End a job, whichever process runs it. A waiting job leaves the queue. A job that has ended stays as it is.

        keep: whether the best epoch of a running job becomes a run. Before its first epoch has ended there is nothing
        to keep.
        """
        stop = KEEP if keep else DISCARD
        try:
            self._records.ask_to_stop(number, stop, message="Taken off the queue before it began.")
        except DatabaseError:
            if not self._is_own(number):
                raise
        self._forget_what_was_read()
        self._obey(number, stop)

    def forget(self, number: int) -> None:
        """Remove a job that has ended from the list. Its run stays."""
        self._records.forget(number)
        self._forget_what_was_read()

    def run_renamed(self, name: str, new_name: str) -> None:
        """To be called when a run was renamed, so that its job knows. Never fails: the run has its new name."""
        try:
            if is_there(self._location):
                self._records.run_renamed(name, new_name)
        except DatabaseError as error:
            self._note_failure(error)
        self._forget_what_was_read()

    def wait(self, number: int, seconds: float) -> Job:
        """Wait until the job has ended, so many seconds at most, and return it.

        Raises RunError if the queue has forgotten it.
        """
        end = time.monotonic() + seconds
        while (job := self.job(number)).active and (left := end - time.monotonic()) > 0:
            with self._changed:
                self._changed.wait(min(left, SECONDS_FRESH))
        return job

    @cached_property
    def _records(self) -> "JobRecords":
        from mnist_core.jobs.job_records import JobRecords  # Only here: importing SQLAlchemy takes long.

        return JobRecords(open_location(self._location))

    def _take_over(self) -> None:
        """Tidy up after servers that have died."""
        for job in take_interrupted_jobs(self._place):
            self._records.add(job, most=KEPT)
        self._look()
        runs.sweep(self._folder)

    # What all processes know

    def _present(self) -> dict[int, Job]:
        """All jobs by number. Of the job that runs here, what is not in the database yet is known too."""
        while True:
            with self._changed:
                changes = self._changes
                is_fresh = time.monotonic() < self._read_until
                found = dict(self._read) if self._read is not None and is_fresh else None
            if found is None:
                found = dict(self._look()[0])
            with self._changed:
                if changes != self._changes:  # something has changed here while the database was read
                    continue
                if self._own and self._own.number in found:
                    found[self._own.number] = replace(self._own, run_name=found[self._own.number].run_name)
                ended = [number for number, job in found.items() if not job.active]
                return {number: job for number, job in found.items() if number not in ended[:-KEPT]}

    def _look(self) -> tuple[dict[int, Job], "Trainer | None"]:
        """Read all jobs, and find the one whose owner has died. While any is active, this queue looks after them."""
        if not is_there(self._location):
            return {}, None
        changes = self._changes
        try:
            found, trainer = self._records.jobs()
            if trainer and self._is_lost(trainer):
                self._end_lost(trainer)
                found, trainer = self._records.jobs()
        except DatabaseError:
            self._watch.start_again()
            raise
        self._is_away = False
        with self._changed:
            if changes == self._changes:
                self._read, self._read_until = found, time.monotonic() + SECONDS_FRESH
        if any(job.active for job in found.values()):
            self._start_worker()
        return found, trainer

    def _is_lost(self, trainer: "Trainer") -> bool:
        owner = Owner.from_text(trainer.owner)
        if owner.is_here:
            return is_gone(owner)
        return self._watch.is_silent(trainer.job.number, trainer.owner, trainer.beat)

    def _end_lost(self, trainer: "Trainer", why: str = "") -> None:
        """Tell what became of a training whose owner has died."""
        job, folder = trainer.job, folders.run_path(self._place, trainer.job.name)
        is_written = folder.is_dir()  # the name was free, so this training has written it
        remains = (
            "Its run was complete and is in the list."
            if is_written
            else "Nothing was written; it can be started again."
        )
        if not why and not Owner.from_text(trainer.owner).is_here:
            silence = duration(SECONDS_OF_SILENCE)
            why = f"The server process that ran this training, on another machine, gave no sign of life for {silence}."
        why = why or "The app was stopped while this training ran."
        is_ended = self._records.end_lost(trainer, f"{why} {remains}")
        if is_ended and is_written and job.started_by and not starter_of(folder).identity:
            write_starter(folder, job.started_by)

    def _forget_what_was_read(self) -> None:
        with self._changed:
            self._read = None
            self._changes += 1
            self._changed.notify_all()

    # The thread that looks after the queue while any job is active

    def _look_after(self) -> None:
        """There is a new job."""
        self._forget_what_was_read()
        self._start_worker()

    def _start_worker(self) -> None:
        with self._changed:
            self._is_wanted = True
            if not self._worker or not self._worker.is_alive():
                self._worker = Thread(target=self._work, name="training jobs", daemon=True)
                self._worker.start()

    def _work(self) -> None:
        """Run the waiting jobs, one after the other, whenever no other process does, until none is active."""
        while True:
            self._is_wanted = False
            pause = SECONDS_BETWEEN_LOOKS
            try:
                if job := self._claimed():
                    self._run_to_its_end(job)
                    continue
            except DatabaseError as error:
                self._note_failure(error)
                self._is_wanted, pause = True, SECONDS_BETWEEN_TRIES
            except Exception:  # a defect; the trainings of all processes would wait for ever for this thread
                logging.getLogger(__name__).exception("The queue of trainings goes on after an error.")
                self._is_wanted, pause = True, SECONDS_BETWEEN_TRIES
            with self._changed:
                if not self._is_wanted:
                    self._worker = None
                    return
                self._changed.wait(pause)

    def _claimed(self) -> Job | None:
        """The next job, if this queue may run it now."""
        found, trainer = self._look()
        if trainer and trainer.owner == self._owner:  # it was claimed, but the answer of the database was lost
            self._end_lost(trainer, "The connection to the database was lost when this training was to begin.")
            trainer = None
        if trainer or not any(job.state == WAITING for job in found.values()):
            return None
        return self._records.claim(self._owner)

    def _note_failure(self, error: DatabaseError) -> None:
        """Say once in the server's log that the database cannot be used."""
        if not self._is_away:
            logging.getLogger(__name__).warning("The queue of trainings waits for its database: %s", error)
        self._is_away = True

    # The training that runs here

    def _run_to_its_end(self, job: Job) -> None:
        """Run a job, report on it meanwhile, and write down how it has ended, however long the database is away."""
        with self._changed:
            self._own = replace(job, doing="Starting TensorFlow")
            self._obeyed, self._unreported, self._reported, self._in_snapshot = "", [], 0, 0
            self._forget_what_was_read()
        has_ended = Event()
        reports = Thread(target=self._report_until, args=(has_ended,), name="training reports", daemon=True)
        try:
            reports.start()
            self._run(job)
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
            time.sleep(SECONDS_BETWEEN_TRIES)
        with self._changed:
            self._own = None
            self._forget_what_was_read()

    def _is_end_written(self) -> bool:
        assert self._own
        try:
            self._records.end(self._own, self._owner, position=self._reported + len(self._unreported))
        except DatabaseError as error:
            self._note_failure(error)
            return False
        return True

    def _run(self, job: Job) -> None:
        training = self._launch(job.config, job.name)
        with self._changed:
            self._training = training
            if self._own and self._own.stopping:
                training.stop(keep=False)
        timers = [] if job.most_seconds is None else self._end_in_time(job.number, job.most_seconds)
        try:
            self._follow(job, training)
        finally:
            for timer in timers:
                timer.cancel()

    def _follow(self, job: Job, training: Training) -> None:
        """Take over the events of a training until its end, and say how it ended."""
        for event in training.events():
            is_finished = event["event"] == "finished"
            if is_finished and job.started_by:
                write_starter(folders.run_path(self._place, job.name), job.started_by)
            with self._changed:
                assert self._own
                self._own = self._own.after(event)
                self._unreported.append(event)
                self._changed.notify_all()
            if is_finished:
                self._report()
        with self._changed:
            self._training = None
            latest = self._own
            if latest is None or not latest.active:
                return
            if latest.stopping:
                self._update(state=STOPPED, doing="", message=latest.message or "Stopped. Nothing was kept.")
            else:
                self._update(state=FAILED, doing="", message=training.failure())

    def _report_until(self, has_ended: Event) -> None:
        while not has_ended.wait(SECONDS_BETWEEN_LOOKS):
            self._report()

    def _report(self) -> None:
        """Write down what is new, and learn what others ask for. If the database is away, the next report does it."""
        from mnist_core.jobs.job_records import SNAPSHOT_EVERY

        with self._reporting:
            with self._changed:
                own, events, before = self._own, tuple(self._unreported), self._reported
            if own is None:
                return
            after = before + len(events)
            is_snapshot = after - self._in_snapshot >= SNAPSHOT_EVERY
            try:
                stop = self._records.report(own, self._owner, events, before=before, is_snapshot=is_snapshot)
            except DatabaseError as error:
                self._note_failure(error)
                return
            self._is_away = False
            with self._changed:
                del self._unreported[: len(events)]
                self._reported = after
                self._in_snapshot = after if is_snapshot else self._in_snapshot
        # Without an answer, the job was taken for lost, and another one may run by now.
        if wanted := DISCARD if stop is None else stop:
            self._obey(own.number, wanted)

    def _is_own(self, number: int) -> bool:
        with self._changed:
            return self._own is not None and self._own.number == number

    def _has_ended_here(self, number: int) -> bool:
        with self._changed:
            return self._own is not None and self._own.number == number and not self._own.active

    def _obey(self, number: int, stop: str) -> None:
        """Stop the training of this queue, once for each thing that is asked for. Nothing happens for other jobs."""
        with self._changed:
            own = self._own
            if own is None or own.number != number or not own.active or self._obeyed in (stop, DISCARD):
                return
            self._obeyed = stop
            self._update(stopping=True)
            if self._training:
                self._training.stop(keep=stop == KEEP and bool(own.epochs))

    def _end_in_time(self, number: int, seconds: float) -> list[Timer]:
        """Have a training stopped when its time is up, and discarded if it has not ended soon after."""
        timers = [
            Timer(seconds, self._time_is_up, (number,), {"keep": True}),
            Timer(seconds + SECONDS_TO_END, self._time_is_up, (number,), {"keep": False}),
        ]
        for timer in timers:
            timer.daemon = True
            timer.start()
        return timers

    def _time_is_up(self, number: int, *, keep: bool) -> None:
        with self._changed:
            job = self._own
            if job is None or job.number != number or job.state != RUNNING:
                return
            self._update(message=f"Stopped after {duration(job.most_seconds or 0.0)}, the longest it may run.")
        self.stop(number, keep=keep)
        if keep:
            self._on_time_up(job)

    def _update(self, **changes: Any) -> None:
        """Put a newer snapshot of the job that runs here in the place of the older one."""
        with self._changed:
            assert self._own
            self._own = replace(self._own, **changes)
            self._changed.notify_all()

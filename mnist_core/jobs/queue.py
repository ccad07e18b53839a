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
from threading import Condition, Thread
from typing import TYPE_CHECKING

from mnist_core.database.location import location_for
from mnist_core.database.opening import is_there, open_location
from mnist_core.errors import DatabaseError, RunError
from mnist_core.formatting import duration
from mnist_core.jobs.job import DISCARD, KEEP, RUNNING, WAITING, Job
from mnist_core.jobs.job_owner import SECONDS_OF_SILENCE, Owner, Watch, is_gone, new_owner
from mnist_core.jobs.launcher import Launcher
from mnist_core.jobs.notes import take_interrupted_jobs
from mnist_core.runs import folders
from mnist_core.runs import store as runs
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.runs.started_by import starter_of, write_starter

if TYPE_CHECKING:
    from mnist_core.jobs.job_records import JobRecords, Trainer
    from mnist_core.jobs.running_job import RunningJob

KEPT = 20
"""How many jobs that have ended are remembered."""

MOST_WAITING = 20
"""How many jobs may wait. More are a mistake or an attack."""

SECONDS_FRESH = 0.1
"""For which what was read counts. A page asks several times while it is drawn."""

SECONDS_BETWEEN_LOOKS = 0.5
"""How often a process looks after the queue while any job is active, and reports on its own training."""

SECONDS_BETWEEN_TRIES = 2.0
"""After the database did not answer."""


class JobQueue:
    """Runs one job at a time, in the order in which they came.

    All methods may be called from any thread, and none waits for a training. All raise DatabaseError if the database
    cannot be used.
    """

    def __init__(
        self,
        launch: Launcher,
        folder: Path | None = None,
        *,
        on_time_up: Callable[[Job], None] = lambda job: None,
        check_wanted: Callable[[str], None] = lambda name: None,
    ) -> None:
        """launch: starts a training. folder: where runs are written, None for the usual place.

        on_time_up: called with a training that is stopped because its time is up. check_wanted: called with the name of
        the run before a training begins, and raises RunError if nobody wants it any more.
        """
        self._launch, self._on_time_up, self._check_wanted = launch, on_time_up, check_wanted
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
        self._own: RunningJob | None = None
        try:
            self._take_over()
        except DatabaseError as error:  # whoever asks for the jobs is told
            self._note_answer(error)

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
        return any(job.state == RUNNING and not self._own_job(job.number) for job in self.jobs())

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
            active = [job for job in active if not (own := self._own_job(job.number)) or own.job.active]
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
        own = self._own_job(number)
        try:
            self._records.ask_to_stop(number, stop, message="Taken off the queue before it began.")
        except DatabaseError:
            if not own:
                raise
        self._forget_what_was_read()
        if own := own or self._own_job(number):  # it may have begun meanwhile
            own.obey(stop)

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
            self._note_answer(error)
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
                if self._own and (number := self._own.job.number) in found:
                    found[number] = replace(self._own.job, run_name=found[number].run_name)
                ended = [number for number, job in found.items() if not job.active]
                return {number: job for number, job in found.items() if number not in ended[:-KEPT]}

    def _look(self) -> tuple[dict[int, Job], "Trainer | None"]:
        """Read all jobs, and find the one whose owner has died. While any is active, this queue looks after them."""
        if not is_there(self._location):
            return {}, None
        changes = self._changes
        try:
            found, trainer = self._records.jobs()
            may_write = not self._records.is_read_only  # otherwise it is for another process to look after them
            if trainer and may_write and self._is_lost(trainer):
                self._end_lost(trainer)
                found, trainer = self._records.jobs()
        except DatabaseError:
            self._watch.start_again()
            raise
        self._note_answer(None)
        with self._changed:
            if changes == self._changes:
                self._read, self._read_until = found, time.monotonic() + SECONDS_FRESH
        if may_write and any(job.active for job in found.values()):
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
        owner = Owner.from_text(trainer.owner)
        is_written = folder.is_dir()  # the name was free, so this training has written it
        remains = (
            "Its run was complete and is in the list."
            if is_written
            else "Nothing was written; it can be started again."
        )
        if not why and not owner.is_here:
            silence = duration(SECONDS_OF_SILENCE)
            why = f"The server process that ran this training, on another machine, gave no sign of life for {silence}."
        why = why or "The app was stopped while this training ran."
        if not self._records.end_lost(trainer, f"{why} {remains}"):
            return
        if not owner.is_here:  # what a process of this machine left is removed as soon as its name is wanted
            runs.discard(job.name, self._folder, place=owner.place)
        if is_written and job.started_by and not starter_of(folder).identity:
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
                self._note_answer(error)
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

    def _note_answer(self, error: DatabaseError | None) -> None:
        """Say once in the server's log that the database cannot be used. error: None if it can be used."""
        if error and not self._is_away:
            logging.getLogger(__name__).warning("The queue of trainings waits for its database: %s", error)
        self._is_away = error is not None

    # The training that runs here

    def _run_to_its_end(self, job: Job) -> None:
        from mnist_core.jobs.running_job import RunningJob  # Only here: importing SQLAlchemy takes long.

        own = RunningJob(
            job,
            owner=self._owner,
            records=self._records,
            folder=self._place,
            changed=self._changed,
            on_answer=self._note_answer,
        )
        self._have(own)
        own.run(
            self._launch,
            report_every=SECONDS_BETWEEN_LOOKS,
            try_every=SECONDS_BETWEEN_TRIES,
            check_wanted=self._check_wanted,
            on_time_up=self._on_time_up,
        )
        self._have(None)

    def _have(self, own: "RunningJob | None") -> None:
        with self._changed:
            self._own = own
            self._forget_what_was_read()

    def _own_job(self, number: int) -> "RunningJob | None":
        """The job of that number, if it runs here."""
        with self._changed:
            return self._own if self._own and self._own.job.number == number else None

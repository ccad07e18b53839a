"""The queue of trainings. One runs, and the others wait in the order in which they were asked for.

    >>> jobs = JobQueue(LocalTraining)                                          # doctest: +SKIP
    >>> job = jobs.submit(recipe_config("specified", "mlp", epochs=2), "mine")  # doctest: +SKIP
    >>> jobs.job(job.number).state                                              # doctest: +SKIP
    'running'

One queue serves all visitors of a server. A `Job` is a snapshot that anybody may keep, and the queue replaces it by a
newer one.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Condition, Thread, Timer
from typing import Any

from mnist_core.errors import RunError
from mnist_core.formatting import duration
from mnist_core.jobs.job import FAILED, RUNNING, STOPPED, WAITING, Job
from mnist_core.jobs.launcher import Launcher, Training
from mnist_core.jobs.notes import take_interrupted_jobs, write_note
from mnist_core.runs import folders
from mnist_core.runs import store as runs
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.runs.started_by import write_starter

KEPT = 20
"""How many jobs that have ended are remembered."""

SECONDS_TO_END = 120.0
"""For writing its best epoch, after its time was up. Then the training is discarded."""

MOST_WAITING = 20
"""How many jobs may wait. More are a mistake or an attack."""


class JobQueue:
    """Runs one job at a time, in the order in which they came.

    All methods may be called from any thread, and none waits for a training.
    """

    def __init__(
        self, launch: Launcher, folder: Path | None = None, *, on_time_up: Callable[[Job], None] = lambda job: None
    ) -> None:
        """launch: starts a training. folder: where runs are written, None for the usual place.

        on_time_up: called with a training that is stopped because its time is up.
        """
        self._launch, self._on_time_up = launch, on_time_up
        self._folder = folder
        self._changed = Condition()
        self._jobs: dict[int, Job] = {}
        self._training: Training | None = None
        self._worker: Thread | None = None
        runs.sweep(folder)
        for job in take_interrupted_jobs(folder or folders.runs_folder()):
            self._add(job)

    def jobs(self) -> tuple[Job, ...]:
        """All jobs, in the order in which they came."""
        with self._changed:
            return tuple(self._jobs.values())

    def job(self, number: int) -> Job:
        """The present snapshot of a job. Raises RunError if the queue has forgotten it."""
        with self._changed:
            if number not in self._jobs:
                raise RunError(
                    f"There is no training number {number} any more. If it became a run, it is in the list of runs."
                )
            return self._jobs[number]

    @property
    def active(self) -> bool:
        """Whether any job waits or runs."""
        return any(job.active for job in self.jobs())

    def free_name(self, stem: str) -> str:
        """The stem, or the stem with a number, that no run and no active job has.

        Raises RunError if it cannot be a name.
        """
        with self._changed:
            taken = {job.name for job in self._jobs.values() if job.active}
            names = runs.numbered(runs.checked_name(stem))
            return next(name for name in names if name not in taken and runs.free_name(name, self._folder) == name)

    def submit(
        self, config: TrainingConfig, name: str, *, started_by: str = "", most_seconds: float | None = None
    ) -> Job:
        """Ask for a training. started_by, most_seconds: as in `Job`. When its time is up, its best epoch is kept.

        Raises RunError if the name cannot be a name, if a run or an active job has it, or if too many jobs wait.
        """
        with self._changed:
            runs.check_free(name, self._folder)
            if any(job.active and job.name == name for job in self._jobs.values()):
                raise RunError(
                    f"A training named {name!r} is in the queue already. Choose another name, or watch that one."
                )
            if sum(job.active for job in self._jobs.values()) > MOST_WAITING:
                raise RunError(
                    f"{MOST_WAITING} trainings are waiting already. Wait for one to end, or take one off the queue."
                )
            job = self._add(Job(0, name, config, started_by=started_by, most_seconds=most_seconds))
            if not self._worker:
                self._worker = Thread(target=self._work, name="training jobs", daemon=True)
                self._worker.start()
            return job

    def stop(self, number: int, *, keep: bool) -> None:
        """End a job. A waiting job leaves the queue. A job that has ended stays as it is.

        keep: whether the best epoch of a running job becomes a run. Before its first epoch has ended there is nothing
        to keep.
        """
        with self._changed:
            job = self._jobs.get(number)
            if job is None or not job.active:
                return
            if job.state == WAITING:
                self._update(number, state=STOPPED, message="Taken off the queue before it began.")
                return
            self._update(number, stopping=True)
            if self._training:
                self._training.stop(keep=keep and bool(job.epochs))

    def forget(self, number: int) -> None:
        """Remove a job that has ended from the list. Its run stays."""
        with self._changed:
            if number in self._jobs and not self._jobs[number].active:
                del self._jobs[number]
                self._note()

    def wait(self, number: int, seconds: float) -> Job:
        """Wait until the job has ended, so many seconds at most, and return it.

        Raises RunError if the queue has forgotten it.
        """
        with self._changed:
            self._changed.wait_for(lambda: number not in self._jobs or not self._jobs[number].active, seconds)
        return self.job(number)

    def _work(self) -> None:
        """Run the waiting jobs, one after the other, until there is none."""
        while True:
            with self._changed:
                job = next((job for job in self._jobs.values() if job.state == WAITING), None)
                if job is None:
                    self._worker = None
                    return
                self._update(job.number, state=RUNNING, doing="Starting TensorFlow")
            try:
                self._run(job)
            except Exception as error:  # whatever it is, the queue continues and the user is told
                with self._changed:
                    if self._training:
                        self._training.stop(keep=False)
                    self._training = None
                    message = f"The training could not be followed ({type(error).__name__}: {error})."
                    self._update(job.number, state=FAILED, doing="", message=message)

    def _run(self, job: Job) -> None:
        training = self._launch(job.config, job.name)
        with self._changed:
            self._training = training
            if self._jobs[job.number].stopping:
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
            if event["event"] == "finished" and job.started_by:
                write_starter(folders.run_path(self._folder or folders.runs_folder(), job.name), job.started_by)
            with self._changed:
                self._replace(self._jobs[job.number].after(event))
        with self._changed:
            self._training = None
            latest = self._jobs.get(job.number)
            if latest is None or not latest.active:  # it is finished, and the user may have removed it already
                return
            if latest.stopping:
                message = latest.message or "Stopped. Nothing was kept."
                self._update(job.number, state=STOPPED, doing="", message=message)
            else:
                self._update(job.number, state=FAILED, doing="", message=training.failure())

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
            job = self._jobs.get(number)
            if job is None or job.state != RUNNING:
                return
            self._update(number, message=f"Stopped after {duration(job.most_seconds or 0.0)}, the longest it may run.")
            self.stop(number, keep=keep)
        if keep:
            self._on_time_up(job)

    def _add(self, job: Job) -> Job:
        """Number the job and put it at the end. The oldest of the ended jobs are forgotten."""
        with self._changed:
            job = replace(job, number=max(self._jobs, default=0) + 1)
            self._jobs[job.number] = job
            ended = [number for number, job in self._jobs.items() if not job.active]
            for number in ended[:-KEPT]:
                del self._jobs[number]
            self._note()
            return job

    def _update(self, number: int, **changes: Any) -> None:
        self._replace(replace(self._jobs[number], **changes))

    def _replace(self, job: Job) -> None:
        """Put a newer snapshot in the place of the older one."""
        before = self._jobs[job.number]
        self._jobs[job.number] = job
        if job.state != before.state:
            self._note()
        self._changed.notify_all()

    def _note(self) -> None:
        write_note(self._jobs.values(), self._folder or folders.runs_folder())

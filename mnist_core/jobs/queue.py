"""Trainings that were asked for: one runs, the others wait, first come first served.

    >>> jobs = JobQueue(LocalTraining)                                          # doctest: +SKIP
    >>> job = jobs.submit(recipe_config("specified", "mlp", epochs=2), "mine")   # doctest: +SKIP
    >>> jobs.job(job.number).state                                              # doctest: +SKIP
    'running'

One queue serves all visitors of a server. A `Job` is a snapshot that anybody may keep; the queue replaces it by a newer one. Waiting
and running jobs are also noted on disk, so that a server that was killed can say, started again, what became of them.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Condition, Thread
from typing import Any

from mnist_core.errors import ConfigError, RunError
from mnist_core.jobs.launcher import Event, Launcher, Training
from mnist_core.runs import folders
from mnist_core.runs import store as runs
from mnist_core.runs.processes import mark
from mnist_core.runs.recipes import TrainingConfig

WAITING, RUNNING, FINISHED, STOPPED, FAILED = "waiting", "running", "finished", "stopped", "failed"
ACTIVE = (WAITING, RUNNING)

KEPT = 20
"""Jobs that have ended are remembered, so many of them."""

MOST_WAITING = 20
"""Jobs that may wait; more is a mistake or mischief."""

MOST_POINTS = 600
"""Progress events that a job keeps for its curves; beyond, every second of the older half goes."""


@dataclass(frozen=True)
class Job:
    """One training that was asked for, as it stands.

    state: waiting, running, finished, stopped (nothing was kept), failed. message: why it failed or was stopped, in words.
    doing: what a running one is at besides its epochs, in words; empty within them. parameters: of the network, once it is built.
    points: progress events, thinned. epochs: epoch events. result: the finished event. stopping: whether an end was asked for.
    """

    number: int
    name: str
    config: TrainingConfig
    state: str = WAITING
    message: str = ""
    doing: str = ""
    parameters: int = 0
    points: tuple[Event, ...] = ()
    epochs: tuple[Event, ...] = ()
    result: Event | None = None
    stopping: bool = False

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ACTIVE

    @property
    def progress(self) -> Event | None:
        """The last progress event."""
        return self.points[-1] if self.points else None


class JobQueue:
    """Runs one job at a time, in the order of asking. All methods may be called from any thread, and none waits for a training."""

    def __init__(self, launch: Launcher, folder: Path | None = None) -> None:
        """launch: starts a training. folder: where runs are written, trained_models/ unless named."""
        self._launch = launch
        self._folder = folder
        self._changed = Condition()
        self._jobs: dict[int, Job] = {}
        self._training: Training | None = None
        self._worker: Thread | None = None
        runs.sweep(folder)
        for job in _interrupted(folder or folders.runs_folder()):
            self._add(job)

    def jobs(self) -> tuple[Job, ...]:
        """All jobs, in the order of asking."""
        with self._changed:
            return tuple(self._jobs.values())

    def job(self, number: int) -> Job:
        """The job as it stands. Raises RunError for one that was forgotten."""
        with self._changed:
            if number not in self._jobs:
                raise RunError(
                    f"There is no training number {number} any more. Its run, if it became one, is in the list of runs."
                )
            return self._jobs[number]

    @property
    def active(self) -> bool:
        """Whether anything waits or runs."""
        return any(job.active for job in self.jobs())

    def free_name(self, stem: str) -> str:
        """The stem, or with a number behind it, that no run and no job has. Raises RunError if it cannot be a name."""
        with self._changed:
            taken = {job.name for job in self._jobs.values() if job.active}
            names = runs.numbered(runs.checked_name(stem))
            return next(name for name in names if name not in taken and runs.free_name(name, self._folder) == name)

    def submit(self, config: TrainingConfig, name: str) -> Job:
        """Ask for a training. Raises RunError if the name is none or taken, by a run or by a job, or if too many wait."""
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
            job = self._add(Job(0, name, config))
            if not self._worker:
                self._worker = Thread(target=self._work, name="training jobs", daemon=True)
                self._worker.start()
            return job

    def stop(self, number: int, *, keep: bool) -> None:
        """End a job: one that waits leaves the queue; one that runs ends with its best epoch as a run, or with nothing.

        Where no epoch has ended yet there is nothing to keep. A job that has ended stays as it is.
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
        """Take a job that has ended off the list. Its run stays."""
        with self._changed:
            if number in self._jobs and not self._jobs[number].active:
                del self._jobs[number]
                self._note()

    def wait(self, number: int, seconds: float) -> Job:
        """The job, once it has ended or so many seconds have passed."""
        with self._changed:
            self._changed.wait_for(lambda: number not in self._jobs or not self._jobs[number].active, seconds)
        return self.job(number)

    def _work(self) -> None:
        while True:
            with self._changed:
                job = next((job for job in self._jobs.values() if job.state == WAITING), None)
                if job is None:
                    self._worker = None
                    return
                self._update(job.number, state=RUNNING, doing="Starting TensorFlow")
            try:
                self._run(job)
            except Exception as error:  # whatever it is, the queue goes on and the visitor is told
                with self._changed:
                    if self._training:
                        self._training.stop(keep=False)
                    self._training = None
                    self._update(
                        job.number,
                        state=FAILED,
                        doing="",
                        message=f"The training could not be followed ({type(error).__name__}: {error}).",
                    )

    def _run(self, job: Job) -> None:
        training = self._launch(job.config, job.name)
        with self._changed:
            self._training = training
            if self._jobs[job.number].stopping:
                training.stop(keep=False)
        for event in training.events():
            with self._changed:
                self._take(job.number, event)
        with self._changed:
            self._training = None
            now = self._jobs.get(job.number)
            if now is None or not now.active:  # finished, and perhaps already forgotten
                return
            if now.stopping:
                self._update(job.number, state=STOPPED, doing="", message="Stopped. Nothing was kept.")
            else:
                self._update(job.number, state=FAILED, doing="", message=training.failure())

    def _take(self, number: int, event: Event) -> None:
        job = self._jobs[number]
        match event["event"]:
            case "preparing":
                self._update(number, doing=event["what"])
            case "started":
                self._update(number, doing="First batches", parameters=event["parameters"])
            case "progress":
                points = (
                    job.points
                    if len(job.points) < MOST_POINTS
                    else (*job.points[: MOST_POINTS // 2 : 2], *job.points[MOST_POINTS // 2 :])
                )
                self._update(number, doing="", points=(*points, event))
            case "epoch":
                # Only the last epoch's mistakes are shown; with their pixels they are what weighs.
                older = tuple({**epoch, "mistakes": []} for epoch in job.epochs[-1:])
                self._update(number, epochs=(*job.epochs[:-1], *older, event))
            case "measuring":
                self._update(number, doing="Reading the test digits, writing the run")
            case "finished":  # the process that trained needs a moment more to end; nobody has to wait for that
                self._update(number, state=FINISHED, doing="", result=event)

    def _add(self, job: Job) -> Job:
        with self._changed:
            job = replace(job, number=max(self._jobs, default=0) + 1)
            self._jobs[job.number] = job
            ended = [number for number, job in self._jobs.items() if not job.active]
            for number in ended[:-KEPT]:
                del self._jobs[number]
            self._note()
            return job

    def _update(self, number: int, **changes: Any) -> None:
        before = self._jobs[number]
        self._jobs[number] = replace(before, **changes)
        if "state" in changes:
            self._note()
        self._changed.notify_all()

    def _note(self) -> None:
        """Note on disk what waits and runs. That it cannot be noted (a full disk) must not stop a training."""
        folder = self._folder or folders.runs_folder()
        path = folder / f".jobs.{mark()}"
        active = [
            {"name": job.name, "config": job.config.to_json(), "state": job.state}
            for job in self._jobs.values()
            if job.active
        ]
        beside = path.with_name(f".jobs-partial.{mark()}")
        try:
            if active:
                beside.write_text(json.dumps(active), encoding="utf-8")
                beside.replace(path)
            else:
                path.unlink(missing_ok=True)
        except OSError:
            beside.unlink(missing_ok=True)


def _interrupted(folder: Path) -> Iterable[Job]:
    """The jobs that servers which have died left waiting or running, as failed. Their notes are removed."""
    for path in sorted(folder.glob(".jobs*.*")):
        if runs.is_alive_by_suffix(path):
            continue
        try:
            noted = json.loads(path.read_text(encoding="utf-8"))
            jobs = [(str(job["name"]), TrainingConfig.from_json(job["config"]), job["state"]) for job in noted]
        except (OSError, ValueError, KeyError, TypeError, AttributeError, ConfigError):
            jobs = []
        path.unlink(missing_ok=True)
        for name, config, state in jobs:
            what = "while this training ran" if state == RUNNING else "before this training began"
            yield Job(
                0, name, config, FAILED, f"The app was stopped {what}. Nothing was written; it can be started again."
            )

"""What one person does to sweeps on a server: checked, done, and written into the audit log, see `acts`.

Each training of a sweep is started by `Acts.submit`, so the role and the quotas of whoever started the sweep hold for
every one of them.
"""

from collections.abc import Callable, Mapping, Sequence

from mnist_core.access.acts import Acts, do
from mnist_core.access.audit import AuditLog
from mnist_core.access.roles import Action, Person, Role, check
from mnist_core.errors import AccessError, DatabaseError, RunError
from mnist_core.jobs.cluster_launcher import ClusterLauncher, cluster_address
from mnist_core.jobs.launcher import Launcher
from mnist_core.jobs.queue import JobQueue
from mnist_core.runs.names import sweep_of
from mnist_core.runs.started_by import starter_of
from mnist_core.sweeps import sweep_store
from mnist_core.sweeps.background_sweeps import BackgroundSweeps
from mnist_core.sweeps.queued_training import QueuedTraining
from mnist_core.sweeps.sweep_marks import ask_to_stop
from mnist_core.sweeps.sweep_plan import MOST_TRAININGS, SweepPlan
from mnist_core.sweeps.varied_setting import Value

MOST_SWEEPS = 10
"""Of one trainer. A sweep without a run counts as well, so that nobody can fill the list with them."""


class SweepActs:
    """All methods raise AccessError if this person may not, and RunError if it is impossible. Then nothing changed."""

    def __init__(
        self, person: Person, acts: Acts, *, queue: JobQueue, background: BackgroundSweeps, log: AuditLog | None = None
    ) -> None:
        """acts: of the same person. background: the sweeps of this server."""
        self._person, self._acts, self._queue, self._background, self._log = person, acts, queue, background, log

    def may_use_cluster(self) -> bool:
        """Whether this server has a cluster and this person may use it.

        The quotas of trainers hold for the queue alone, so only an owner may.
        """
        return bool(cluster_address()) and self._person.role is Role.OWNER

    def start(self, name: str, plan: SweepPlan, *, on_cluster: bool = False) -> None:
        """Write a new sweep and work through it. A trainer whose quotas are used up writes nothing.

        on_cluster: whether its trainings run on the cluster instead of going through the queue.
        """
        self._acts.check_room()
        if on_cluster and not self.may_use_cluster():
            raise AccessError("Only the owner of this server can use its cluster, and RAY_ADDRESS must name one.")

        def write() -> None:
            self._check_number()
            sweep_store.create_sweep(name, plan, started_by=self._person.identity, on_cluster=on_cluster)

        change = lambda: self._start(name, on_cluster=on_cluster, before=write)  # noqa: E731
        do(self._person, Action.TRAIN, change, subject=f"sweep {name}", log=self._log)

    def resume(self, name: str) -> None:
        """Work through what is missing of a sweep. A trainer may continue what the same trainer started."""
        self._check_own(name)
        on_cluster = sweep_store.load_sweep(name).on_cluster
        change = lambda: self._start(name, on_cluster=on_cluster)  # noqa: E731
        do(self._person, Action.TRAIN, change, subject=f"sweep {name}", log=self._log)

    def extend(self, name: str, further: Mapping[str, Sequence[Value]], seeds: Sequence[int] = ()) -> None:
        """Give a sweep further values and seeds, see `SweepPlan.extended`, and work through what is new.

        What somebody else has added meanwhile stays. For a trainer, as `resume`. Raises ConfigError as well.
        """
        self._check_own(name)
        self._acts.check_room()

        def write() -> None:
            sweep = sweep_store.load_sweep(name)
            sweep_store.extend_sweep(sweep, sweep.plan.extended(further, seeds))

        on_cluster = sweep_store.load_sweep(name).on_cluster
        change = lambda: self._start(name, on_cluster=on_cluster, before=write)  # noqa: E731
        do(self._person, Action.TRAIN, change, subject=f"sweep {name}", log=self._log)

    def stop(self, name: str) -> None:
        """End a sweep, whichever process works through it. Its finished runs stay.

        Raises RunError if none does.
        """
        self._change(name, Action.STOP, lambda: self._stop(name))

    def delete(self, name: str) -> None:
        """Delete a sweep with all its runs, and end the trainings that an ended server left of it.

        A trainer may, if the same trainer started all of its runs: the owner may have continued the sweep.
        """
        self._change(name, Action.DELETE, lambda: self._delete(name))

    def _check_number(self) -> None:
        if self._person.role is not Role.TRAINER:
            return
        own = [sweep for sweep in sweep_store.list_sweeps()[0] if sweep.started_by == self._person.identity]
        if len(own) >= MOST_SWEEPS:
            raise AccessError(
                f"You have {len(own)} sweeps here, and a trainer may have {MOST_SWEEPS}. Delete one first."
            )

    def _check_own(self, name: str) -> None:
        check(self._person, Action.STOP, started_by=sweep_store.load_sweep(name).started_by)

    def _change(self, name: str, action: Action, change: Callable[[], object]) -> None:
        started_by = sweep_store.load_sweep(name).started_by
        do(self._person, action, change, subject=f"sweep {name}", started_by=started_by, log=self._log)

    def _stop(self, name: str) -> None:
        sweep, is_here = sweep_store.load_sweep(name), self._background.works_on(name)
        if sweep.worked_on and sweep.folder:
            ask_to_stop(sweep.folder)
        self._background.stop(name)
        try:
            ended = self._end_trainings(name)
        except DatabaseError:
            if not is_here:  # otherwise the sweep's own thread asks again
                raise
            return
        if not (sweep.worked_on or is_here or ended):
            raise RunError(f"The sweep {name!r} is not worked on any more, so there is nothing to stop.")

    def _delete(self, name: str) -> None:
        sweep = sweep_store.load_sweep(name)
        folders = [sweep.folder / run for run in sweep.runs] if sweep.folder else []
        for folder in folders:
            check(self._person, Action.DELETE, started_by=starter_of(folder).identity)
        if not sweep.worked_on:  # otherwise the next line refuses
            self._end_trainings(name)
        sweep_store.delete_sweep(name)

    def _end_trainings(self, name: str) -> int:
        """End the trainings of a sweep that wait or run, also those that an ended server left. Returns how many."""
        own = [job for job in self._queue.jobs() if job.active and sweep_of(job.name) == name]
        for job in own:
            self._queue.stop(job.number, keep=False)
        return len(own)

    def _start(self, name: str, *, on_cluster: bool, before: Callable[[], object] = lambda: None) -> None:
        """Work through a sweep. One of a cluster goes on in the queue if the server has no cluster for this person."""
        if on_cluster and self.may_use_cluster():
            launcher = ClusterLauncher(started_by=self._person.identity)
            self._background.start(name, launcher, before=before, at_once=MOST_TRAININGS)
        else:
            self._background.start(name, self._launcher(), before=before)

    def _launcher(self) -> Launcher:
        queue, submit = self._queue, self._acts.submit
        return lambda config, name: QueuedTraining(config, name, queue=queue, submit=submit)

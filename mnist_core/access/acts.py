"""Everything on a server that changes something for others: checked, done, and written into the audit log.

    >>> acts = Acts(person, queue, estimates, log=DatabaseAuditLog())               # doctest: +SKIP
    >>> acts.delete("mine")                                                     # doctest: +SKIP
    mnist_core.errors.AccessError: This server is public. Its owner can delete models; ...

Pages call these functions and no others for it, so a button that should not be there does nothing.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from mnist_core.access.audit import AuditLog
from mnist_core.access.quotas import FolderLedger, Ledger, Quotas, check_start
from mnist_core.access.roles import Action, Person, Role, check
from mnist_core.errors import RunError
from mnist_core.jobs.estimates import Estimate, Estimates
from mnist_core.jobs.job import Job
from mnist_core.jobs.queue import JobQueue
from mnist_core.runs import promotion, store
from mnist_core.runs.folders import find_run_folder
from mnist_core.runs.names import sweep_of
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.runs.started_by import starter_of

Result = TypeVar("Result")


def do(
    person: Person,
    action: Action,
    change: Callable[[], Result],
    *,
    subject: str,
    log: AuditLog | None,
    started_by: str = "",
) -> Result:
    """Make a change that this person may make, and record it once it is made. Raises AccessError otherwise.

    subject: of the change, for the log. started_by: the identity of who started the training or run in question.
    """
    check(person, action, started_by=started_by)
    result = change()
    if log:
        log.record(person, str(action), subject=subject)
    return result


class Acts:
    """What one person does. All methods raise AccessError if this person may not, and then nothing has changed."""

    def __init__(
        self,
        person: Person,
        queue: JobQueue,
        estimates: Estimates,
        *,
        log: AuditLog | None = None,
        quotas: Quotas | None = None,
        ledger: Ledger | None = None,
    ) -> None:
        """log: None for none. quotas: of trainers, by default those of the environment. ledger: what trainers have."""
        self._person, self._queue, self._estimates, self._log = person, queue, estimates, log
        self._quotas = quotas
        self._ledger = ledger or FolderLedger()

    def estimate(self, config: TrainingConfig) -> Estimate:
        """What is known of the time of a training, see `Estimates.of`. It may start a process that measures."""
        check(self._person, Action.ESTIMATE)
        return self._estimates.of(config)

    def check_room(self) -> None:
        """Raise AccessError if this person may not train, or is a trainer whose quotas are used up already."""
        check(self._person, Action.TRAIN)
        if self._person.role is Role.TRAINER:
            active = [job for job in self._queue.jobs() if job.active]
            usage = self._ledger.usage(self._person.identity, active)
            check_start(self._quotas or Quotas.from_environment(), usage, estimated_seconds=None)

    def submit(self, config: TrainingConfig, name: str) -> Job:
        """Ask for a training. Raises RunError as `JobQueue.submit` does, and AccessError if a quota is used up."""
        check(self._person, Action.TRAIN)
        identity = self._person.identity
        if self._person.role is Role.TRAINER:
            quotas = self._quotas or Quotas.from_environment()
            estimated = self._estimates.of(config).seconds

            def check_quotas(active: Sequence[Job]) -> None:
                check_start(quotas, self._ledger.usage(identity, active), estimated_seconds=estimated)

            most_seconds = quotas.minutes * 60.0
            job = self._queue.submit(config, name, started_by=identity, most_seconds=most_seconds, check=check_quotas)
        else:
            job = self._queue.submit(config, name, started_by=identity)
        self._record(Action.TRAIN, name)
        return job

    def stop(self, number: int, *, keep: bool) -> None:
        """End a training, see `JobQueue.stop`. Nothing happens if the queue has forgotten it.

        A training of a sweep is never kept: a sweep compares whole trainings.
        """
        job = self._job(number)
        check(self._person, Action.STOP, started_by=job.started_by if job else "")
        if job and job.active:
            keep = keep and not sweep_of(job.name)
            self._queue.stop(number, keep=keep)
            self._record("stop" if keep else "discard", job.name)

    def dismiss(self, number: int) -> None:
        """Remove a training that has ended from the list. Nothing happens if the queue has forgotten it."""
        job = self._job(number)
        check(self._person, Action.DISMISS, started_by=job.started_by if job else "")
        if job and not job.active:
            self._queue.forget(number)
            self._record(Action.DISMISS, job.name)

    def promote(self, name: str) -> None:
        """Put a run in use. Raises RunError or DatabaseError if that is impossible."""
        self._do(Action.PROMOTE, name, lambda: promotion.promote(store.load_run(name)))

    def restore(self, architecture: str) -> None:
        """Put the original run in use on the side of an architecture. Raises DatabaseError if that is impossible."""
        self._do(Action.PROMOTE, f"the original {architecture}", lambda: promotion.restore(architecture))

    def rename(self, name: str, new_name: str) -> None:
        """Rename a run. Raises RunError or DatabaseError if that is impossible."""
        rename = lambda: store.rename(name, new_name)  # noqa: E731
        self._do(Action.RENAME, f"{name} to {new_name}", rename, started_by=self._starter_of(name))
        self._queue.run_renamed(name, new_name)

    def delete(self, name: str) -> None:
        """Delete a run. Raises RunError or DatabaseError if that is impossible."""
        self._do(Action.DELETE, name, lambda: store.delete(name), started_by=self._starter_of(name))

    def _do(self, action: Action, subject: str, change: Callable[[], object], *, started_by: str = "") -> None:
        do(self._person, action, change, subject=subject, started_by=started_by, log=self._log)

    def _job(self, number: int) -> Job | None:
        return next((job for job in self._queue.jobs() if job.number == number), None)

    def _record(self, action: str, subject: str) -> None:
        if self._log:
            self._log.record(self._person, str(action), subject=subject)

    def _starter_of(self, name: str) -> str:
        """The identity of who started the training of a run; empty if it is not known."""
        try:
            path = find_run_folder(store.checked_address(name))
        except RunError:
            return ""
        return starter_of(path).identity if path else ""

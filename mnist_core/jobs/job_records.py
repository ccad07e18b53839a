"""The jobs in the database: who waits, who has the trainer, and what a training has reported.

The events of a training are rows that every process reads and applies to its own snapshot of the job, see `Job.after`.
At the end, and now and then, they are replaced by one snapshot.

One job has the trainer: its column `trainer` is 1. No other row can have that value, so no second training can run,
whatever the processes do.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, cast

from sqlalchemy import Connection, RowMapping, func, select

from mnist_core.database.database import Database, storable
from mnist_core.database.shared_tables import job_events, jobs
from mnist_core.errors import ConfigError
from mnist_core.events import Event
from mnist_core.jobs.job import ACTIVE, DISCARD, FAILED, RUNNING, STOPPED, WAITING, Job
from mnist_core.runs.recipes import TrainingConfig

SNAPSHOT_EVERY = 500
"""Events after which a snapshot replaces them, about."""

_REPORTED = ("doing", "parameters", "untrained", "points", "epochs", "result")
"""The fields of a job that its events make. A snapshot holds them."""

_COLUMNS = [column for column in jobs.c if column.name != "snapshot"]


@dataclass(frozen=True)
class Trainer:
    """Who has the trainer. beat: goes up as long as the owner lives."""

    job: Job
    owner: str
    beat: int


@dataclass(frozen=True)
class _Known:
    """A job as it was read. position: how many of its events are in it."""

    version: int
    position: int
    job: Job


class JobRecords:
    """The jobs of one folder of runs. Its methods may be called from any thread, and raise DatabaseError."""

    def __init__(self, database: Database) -> None:
        """database: of that folder."""
        self._database = database
        self._lock = Lock()
        self._known: dict[int, _Known] = {}

    @property
    def is_read_only(self) -> bool:
        """Whether this process may only read the jobs."""
        return self._database.is_read_only

    def jobs(self) -> tuple[dict[int, Job], Trainer | None]:
        """All jobs by number, in the order in which they came, and who has the trainer."""
        with self._database.reading() as connection, self._lock:
            rows = connection.execute(select(*_COLUMNS).order_by(jobs.c.number)).mappings().all()
            known = {row["number"]: each for row in rows if (each := self._read(connection, row))}
            self._known = known
        found = {number: each.job for number, each in known.items()}
        row = next((row for row in rows if row["trainer"] and row["number"] in found), None)
        return found, Trainer(found[row["number"]], row["owner"], row["beat"]) if row else None

    def add(self, job: Job, *, most: int, check: Callable[[Sequence[Job]], None] = lambda active: None) -> int:
        """Put a job at the end. Returns its number. The oldest of the ended jobs beyond `most` are forgotten.

        check: is given all active jobs, without what they reported, and may refuse by raising. Nobody adds meanwhile.
        """
        with self._writing() as connection:
            rows = connection.execute(select(*_COLUMNS).order_by(jobs.c.number)).mappings().all()
            check([_job(row) for row in rows if row["state"] in ACTIVE and _config(row)])
            new = connection.execute(
                jobs.insert(),
                {
                    "name": storable(job.name),
                    "config": json.dumps(job.config.to_json()),
                    "state": job.state,
                    "message": storable(job.message),
                    "started_by": storable(job.started_by),
                    "most_seconds": job.most_seconds,
                },
            )
            (number,) = new.inserted_primary_key or (0,)
            ended = [row["number"] for row in rows if row["state"] not in ACTIVE and not row["trainer"]]
            ended += [] if job.active else [number]
            connection.execute(jobs.delete().where(jobs.c.number.in_(ended[:-most])))
            return int(number)

    def claim(self, owner: str) -> Job | None:
        """Take the trainer for the job that has waited longest. None if another job has it, or none waits."""
        with self._writing() as connection:
            if connection.scalar(select(jobs.c.number).where(jobs.c.trainer == 1)) is not None:
                return None
            waiting = select(*_COLUMNS).where(jobs.c.state == WAITING).order_by(jobs.c.number)
            for row in connection.execute(waiting).mappings().all():
                if not _config(row):
                    message = "This version of the app cannot read the settings of this training. Start it anew."
                    _update(connection, row["number"], state=FAILED, message=message)
                    continue
                _update(connection, row["number"], state=RUNNING, trainer=1, owner=owner, beat=0)
                return replace(_job(row), state=RUNNING)
            return None

    def report(self, job: Job, owner: str, events: Sequence[Event], *, before: int, is_snapshot: bool) -> str | None:
        """Give a sign of life, and write down what has happened since the last one.

        job: as it is now. events: the new ones. before: how many there were. is_snapshot: whether a snapshot replaces
        all events. Returns what somebody has asked for, `KEEP`, `DISCARD` or nothing; None if this owner no longer has
        the job, and then nothing was written.
        """
        with self._writing() as connection:
            mine = (jobs.c.number == job.number) & (jobs.c.owner == owner) & (jobs.c.trainer == 1)
            row = connection.execute(select(jobs.c.stop, jobs.c.message, jobs.c.state).where(mine)).mappings().first()
            if row is None:
                return None
            changes: dict[str, Any] = {"beat": jobs.c.beat + 1}
            if events or is_snapshot or (row["state"], row["message"]) != (job.state, storable(job.message)):
                changes |= {"state": job.state, "message": storable(job.message), "version": jobs.c.version + 1}
            if is_snapshot:
                changes |= {"snapshot": _snapshot(job), "snapshot_position": before + len(events)}
                connection.execute(job_events.delete().where(job_events.c.job == job.number))
            elif events:
                again = (job_events.c.job == job.number) & (job_events.c.position > before)
                connection.execute(job_events.delete().where(again))  # a report of which no answer came
                rows = [
                    {"job": job.number, "position": before + count, "event": json.dumps(event)}
                    for count, event in enumerate(events, start=1)
                ]
                connection.execute(job_events.insert(), rows)
            connection.execute(jobs.update().where(jobs.c.number == job.number).values(**changes))
            return str(row["stop"])

    def end(self, job: Job, owner: str, *, position: int) -> None:
        """Write down how a job has ended, and give the trainer back. Nothing happens if this owner has lost it.

        position: how many events there were.
        """
        with self._writing() as connection:
            if self._has(connection, job.number, owner):
                self._end(connection, job, position=position)

    def end_lost(self, trainer: Trainer, message: str) -> bool:
        """End a job whose owner has died, unless the owner gave a sign of life meanwhile. Returns whether it was ended.

        trainer: as it was read. message: for the user.
        """
        number = trainer.job.number
        with self._writing() as connection:
            row = connection.execute(select(*_COLUMNS).where(jobs.c.number == number)).mappings().first()
            if row is None or (row["trainer"], row["owner"], row["beat"]) != (1, trainer.owner, trainer.beat):
                return False
            with self._lock:
                known = self._read(connection, row)
            job = known.job if known else trainer.job
            if job.active:
                state = STOPPED if row["stop"] == DISCARD else FAILED
                job = replace(job, state=state, message=message)
            self._end(connection, job, position=known.position if known else row["snapshot_position"])
            return True

    def ask_to_stop(self, number: int, stop: str, *, message: str) -> str:
        """Ask for the end of a job. stop: `KEEP` or `DISCARD`, which counts for more. Returns its state before.

        A waiting job ends at once, with that message. Empty if the job is forgotten.
        """
        with self._writing() as connection:
            row = connection.execute(select(jobs.c.state, jobs.c.stop).where(jobs.c.number == number)).first()
            if row is None:
                return ""
            if row.state == WAITING:
                _update(connection, number, state=STOPPED, message=message)
            elif row.state == RUNNING and row.stop != DISCARD:
                _update(connection, number, stop=stop)
            return str(row.state)

    def forget(self, number: int) -> None:
        """Remove a job that has ended."""
        with self._writing() as connection:
            connection.execute(jobs.delete().where(jobs.c.number == number, jobs.c.state.not_in(ACTIVE)))

    def run_renamed(self, name: str, new_name: str) -> None:
        """Have the finished jobs whose run had that name know the new one."""
        present = func.coalesce(func.nullif(jobs.c.run_name, ""), jobs.c.name)
        with self._writing() as connection:
            renamed = jobs.update().where(present == name, jobs.c.state.not_in(ACTIVE))
            connection.execute(renamed.values(run_name=storable(new_name), version=jobs.c.version + 1))

    def _writing(self) -> AbstractContextManager[Connection]:
        return self._database.writing()

    def _has(self, connection: Connection, number: int, owner: str) -> bool:
        mine = select(jobs.c.number).where(jobs.c.number == number, jobs.c.owner == owner, jobs.c.trainer == 1)
        return connection.scalar(mine) is not None

    def _end(self, connection: Connection, job: Job, *, position: int) -> None:
        connection.execute(job_events.delete().where(job_events.c.job == job.number))
        snapshot = _snapshot(replace(job, doing=""))
        ended = {"state": job.state, "message": storable(job.message), "trainer": None, "owner": ""}
        _update(connection, job.number, **ended, snapshot=snapshot, snapshot_position=position)

    def _read(self, connection: Connection, row: RowMapping) -> _Known | None:
        """The job of a row, with what it has reported. None if this version cannot read it."""
        number, known = row["number"], self._known.get(row["number"])
        if known and known.version == row["version"]:
            return known
        if not _config(row):
            return None
        job, position = _job(row), row["snapshot_position"]
        if known and known.position >= position:
            position = known.position
            job = replace(job, **{name: getattr(known.job, name) for name in _REPORTED})
        elif snapshot := connection.scalar(select(jobs.c.snapshot).where(jobs.c.number == number)):
            job = _with_snapshot(job, snapshot)
        newer = select(job_events.c.position, job_events.c.event).where(job_events.c.job == number)
        for place, event in connection.execute(
            newer.where(job_events.c.position > position).order_by(job_events.c.position)
        ):
            job, position = job.after(cast(Event, json.loads(event))), place
        doing = job.doing if row["state"] == RUNNING else ""
        return _Known(row["version"], position, replace(job, state=row["state"], doing=doing))


def _update(connection: Connection, number: int, **changes: Any) -> None:
    values = {**changes, "version": jobs.c.version + 1}
    connection.execute(jobs.update().where(jobs.c.number == number).values(**values))


def _config(row: RowMapping) -> TrainingConfig | None:
    """The settings in a row. None if this version cannot read them."""
    try:
        return TrainingConfig.from_json(json.loads(row["config"]))
    except (ConfigError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _job(row: RowMapping) -> Job:
    """The job of a row, without what it has reported."""
    config = _config(row)
    assert config
    return Job(
        row["number"],
        row["name"],
        config,
        state=row["state"],
        message=row["message"],
        stopping=bool(row["stop"]) and row["state"] == RUNNING,
        started_by=row["started_by"],
        most_seconds=row["most_seconds"],
        run_name=row["run_name"],
    )


def _snapshot(job: Job) -> str:
    return json.dumps({name: getattr(job, name) for name in _REPORTED})


def _with_snapshot(job: Job, snapshot: str) -> Job:
    reported = json.loads(snapshot)
    reported |= {name: tuple(reported[name]) for name in ("points", "epochs")}
    return replace(job, **reported)

"""Quotas: what a trainer may use of a public server.

>>> check_start(Quotas(runs=3), Usage(active=0, runs=3, size_bytes=0), estimated_seconds=None)
Traceback (most recent call last):
mnist_core.errors.AccessError: You have 3 runs here, and a trainer may have 3. Delete one first.
"""

import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from mnist_core.access.roles import Role
from mnist_core.errors import AccessError, ConfigError, DatabaseError, DigitDuelError
from mnist_core.formatting import duration, number, size
from mnist_core.jobs.job import Job
from mnist_core.runs import store
from mnist_core.runs.folders import SWEEPS, name_of, runs_folder
from mnist_core.runs.names import SHIPPED
from mnist_core.runs.promoted_runs import read_promoted
from mnist_core.runs.started_by import starter_of

PREFIX = "DIGIT_DUEL_TRAINER_"
"""The environment variables are this and the name of a quota in capitals, such as DIGIT_DUEL_TRAINER_MINUTES."""


@dataclass(frozen=True)
class Quotas:
    """What one trainer may have.

    trainings: that wait or run at a time. estimated_minutes: of a training, as estimated before it starts.
    minutes: for which a training may really run. runs, megabytes: of finished runs, all together.
    days: after which a run that is not promoted is removed.
    """

    trainings: int = 1
    estimated_minutes: int = 30
    minutes: int = 60
    runs: int = 10
    megabytes: int = 200
    days: int = 30

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Quotas":
        """The quotas that the environment states, and the defaults. Raises ConfigError for what is no whole number."""
        stated = {}
        for name in (field.name for field in fields(cls)):
            variable = PREFIX + name.upper()
            text = environment.get(variable, "").strip()
            if text and (not text.isdecimal() or not 1 <= int(text) <= 1_000_000):
                raise ConfigError(f"{variable} is {text!r}, expected a whole number from 1 to 1,000,000.")
            if text:
                stated[name] = int(text)
        return cls(**stated)


@dataclass(frozen=True)
class Usage:
    """What one trainer has: active trainings, finished runs, and the bytes of those runs."""

    active: int
    runs: int
    size_bytes: int


class Ledger(Protocol):
    """Where it stands what each trainer has."""

    def usage(self, identity: str, active: Sequence[Job]) -> Usage:
        """What the trainer of that identity has. active: all jobs that wait or run."""


class FolderLedger:
    """A `Ledger` that looks at the folder of runs."""

    def __init__(self, folder: Path | None = None) -> None:
        """folder: of the runs, None for the usual place."""
        self._folder = folder

    def usage(self, identity: str, active: Sequence[Job]) -> Usage:
        """See `Ledger`."""
        own = [path for path in run_folders(self._folder) if starter_of(path).identity == identity]
        return Usage(
            active=sum(job.started_by == identity for job in active),
            runs=len(own),
            size_bytes=sum(_size_of(path) for path in own),
        )


def _size_of(folder: Path) -> int:
    """The bytes of the files in a folder. What another process deletes meanwhile counts nothing."""
    try:
        files = list(folder.iterdir())
    except OSError:
        return 0
    size_bytes = 0
    for file in files:
        with suppress(OSError):
            size_bytes += file.stat().st_size if file.is_file() else 0
    return size_bytes


def check_start(quotas: Quotas, usage: Usage, *, estimated_seconds: float | None) -> None:
    """Raise AccessError unless a trainer who has this much may start a training.

    estimated_seconds: how long it takes, None if that is not known. Then only the ceiling on the real minutes holds.
    """
    if usage.active >= quotas.trainings:
        have = "a training" if usage.active == 1 else f"{number(usage.active)} trainings"
        raise AccessError(
            f"You have {have} in the queue, and a trainer may have {number(quotas.trainings)} at a time. Wait for "
            "its end, or stop it."
        )
    if usage.runs >= quotas.runs:
        raise AccessError(
            f"You have {number(usage.runs)} runs here, and a trainer may have {number(quotas.runs)}. Delete one first."
        )
    if usage.size_bytes >= quotas.megabytes * 1_000_000:
        raise AccessError(
            f"Your runs have {size(usage.size_bytes)}, and a trainer may have {number(quotas.megabytes)} MB. Delete "
            "one first."
        )
    if estimated_seconds is not None and estimated_seconds > quotas.estimated_minutes * 60:
        raise AccessError(
            f"This training would take {duration(estimated_seconds)}, and a trainer may have "
            f"{number(quotas.estimated_minutes)} min. Choose fewer epochs or a smaller network."
        )


def expired_runs(quotas: Quotas, folder: Path | None = None, *, now: datetime | None = None) -> list[str]:
    """The names of runs whose time is up: a trainer started them, they are not promoted, and they are old enough.

    A run of which it is not known who started it, or when, never expires. Raises DatabaseError if it cannot be read
    which runs are promoted.
    """
    oldest = (now or datetime.now(UTC)) - timedelta(days=quotas.days)
    in_use = set(read_promoted(folder or runs_folder()).values())
    names = []
    for path in run_folders(folder):
        starter = starter_of(path)
        is_trainers = starter.identity.startswith(f"{Role.TRAINER} ")
        if is_trainers and starter.at and starter.at < oldest and name_of(path) not in in_use:
            names.append(name_of(path))
    return names


def remove_expired(quotas: Quotas, folder: Path | None = None) -> list[str]:
    """Delete the runs whose time is up. Returns their names. One that cannot be deleted stays until the next time.

    While the database is away, all stay.
    """
    try:
        expired = expired_runs(quotas, folder)
    except DatabaseError as error:
        logging.getLogger(__name__).warning("No expired run was removed: %s", error)
        return []
    removed = []
    for name in expired:
        try:
            store.delete(name, folder)
        except DigitDuelError:
            continue
        removed.append(name)
    return removed


def run_folders(folder: Path | None = None) -> list[Path]:
    """The folders of the runs that do not come with the project, whole or damaged, by name, and those of sweeps."""
    place = folder or runs_folder()
    if not place.is_dir():
        return []
    entries = [*sorted(place.iterdir()), *sorted((place / SWEEPS).glob("[!.]*/*"))]
    return [path for path in entries if path.is_dir() and path.name not in SHIPPED and not path.name.startswith(".")]

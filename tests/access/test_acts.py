"""What visitors, trainers and owners may do to trainings and runs, and that nothing changes when they may not."""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mnist_core.access import quotas
from mnist_core.access.acts import Acts
from mnist_core.access.audit import DatabaseAuditLog
from mnist_core.access.quotas import FolderLedger, Quotas, Usage, expired_runs, remove_expired
from mnist_core.access.roles import VISITOR, Action, Person, Role, may
from mnist_core.database.database import Database
from mnist_core.database.location import FILE
from mnist_core.database.opening import open_database
from mnist_core.database.shared_tables import jobs as jobs_table
from mnist_core.errors import AccessError, DatabaseError
from mnist_core.jobs import running_job
from mnist_core.jobs.estimates import Estimate
from mnist_core.jobs.job import FAILED, FINISHED, RUNNING, STOPPED
from mnist_core.jobs.job_owner import Owner
from mnist_core.jobs.queue import JobQueue
from mnist_core.runs import promoted_runs
from mnist_core.runs.processes import here
from mnist_core.runs.promotion import promote, promoted, restore
from mnist_core.runs.recipes import TrainingConfig, recipe_config
from mnist_core.runs.started_by import Starter, starter_of, write_starter
from mnist_core.runs.store import load_run
from tests.conftest import ROOT
from tests.jobs.test_queue import EPOCH
from tests.scripted import DONE, SECONDS, Script

OWNER = Person(Role.OWNER, "owner key")
ANNA = Person(Role.TRAINER, "anna@example.org")
BEN = Person(Role.TRAINER, "ben@example.org")
CONFIG = recipe_config("specified", "mlp")


class Known:
    """Estimates that are there at once. asked: for which trainings."""

    def __init__(self, seconds: float = 60.0) -> None:
        self.seconds = seconds
        self.asked: list[TrainingConfig] = []

    def of(self, config: TrainingConfig) -> Estimate:
        self.asked.append(config)
        return Estimate(seconds=self.seconds)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "trained_models" / "mlp-specified", tmp_path / "mine")
    monkeypatch.setenv("TRAINED_MODELS", str(tmp_path))
    return tmp_path


@pytest.fixture
def started() -> list[Script]:
    return []


@pytest.fixture
def queue(folder: Path, started: list[Script]) -> Iterator[JobQueue]:
    def launch(config: TrainingConfig, name: str) -> Script:
        started.append(Script(config, name))
        return started[-1]

    jobs = JobQueue(launch)
    yield jobs
    for job in jobs.jobs():
        jobs.stop(job.number, keep=False)
        jobs.wait(job.number, SECONDS)


def acts(person: Person, queue: JobQueue, **options: object) -> Acts:
    return Acts(person, queue, options.pop("estimates", Known()), log=DatabaseAuditLog(), **options)  # type: ignore[arg-type]


def files(folder: Path) -> dict[str, object]:
    """The content of all files; of the database, which also holds signs of life, what it says of runs and people."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(FILE)]
    found: dict[str, object] = {str(path.relative_to(folder)): path.read_bytes() for path in paths}
    return {**found, "promoted": promoted(), "audit": DatabaseAuditLog().last()}


ACTS: dict[str, Callable[[Acts, int], object]] = {
    "train": lambda acts, number: acts.submit(CONFIG, "another"),
    "estimate": lambda acts, number: acts.estimate(CONFIG),
    "stop and keep": lambda acts, number: acts.stop(number, keep=True),
    "discard": lambda acts, number: acts.stop(number, keep=False),
    "dismiss": lambda acts, number: acts.dismiss(number),
    "promote": lambda acts, number: acts.promote("mine"),
    "restore": lambda acts, number: acts.restore("mlp"),
    "rename": lambda acts, number: acts.rename("mine", "yours"),
    "delete": lambda acts, number: acts.delete("mine"),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_visitor_is_refused_and_nothing_has_changed(
    act: Callable[[Acts, int], object], folder: Path, queue: JobQueue
) -> None:
    number = acts(OWNER, queue).submit(CONFIG, "first").number
    queue.stop(number, keep=False)
    queue.wait(number, SECONDS)
    before, jobs = files(folder), queue.jobs()
    estimates = Known()
    with pytest.raises(AccessError, match="public"):
        act(acts(VISITOR, queue, estimates=estimates), number)
    assert (files(folder), queue.jobs(), estimates.asked) == (before, jobs, [])


def test_a_visitor_may_do_nothing_of_all_this() -> None:
    assert not any(may(VISITOR, action, started_by=identity) for action in Action for identity in ("", "visitor "))
    assert all(may(OWNER, action) for action in Action)


@pytest.mark.parametrize("name", ["promote", "restore", "rename", "delete", "discard", "dismiss"])
def test_a_trainer_is_refused_what_belongs_to_others(name: str, folder: Path, queue: JobQueue) -> None:
    write_starter(folder / "mine", BEN.identity)
    number = acts(BEN, queue).submit(CONFIG, "first").number
    while queue.job(number).state != RUNNING:
        time.sleep(0.01)
    before, jobs = files(folder), queue.jobs()
    with pytest.raises(AccessError):
        ACTS[name](acts(ANNA, queue), number)
    assert files(folder) == before
    assert [job.stopping for job in queue.jobs()] == [job.stopping for job in jobs] == [False]


def test_a_trainer_manages_the_run_of_the_own_training(folder: Path, queue: JobQueue, started: list[Script]) -> None:
    number = acts(ANNA, queue).submit(CONFIG, "annas").number
    while not started:
        time.sleep(0.01)
    shutil.copytree(folder / "mine", folder / "annas")  # what the training process writes
    started[0].tell(DONE, None)
    assert queue.wait(number, SECONDS).state == FINISHED
    assert starter_of(folder / "annas").identity == "trainer anna@example.org"
    with pytest.raises(AccessError, match="somebody else"):
        acts(BEN, queue).delete("annas")
    acts(ANNA, queue).rename("annas", "better")
    acts(ANNA, queue).delete("better")
    acts(ANNA, queue).dismiss(number)
    assert (not (folder / "better").exists(), queue.jobs()) == (True, ())
    with pytest.raises(AccessError, match="Only the owner"):
        acts(ANNA, queue).promote("mine")


def test_the_owner_promotes_and_every_act_is_in_the_log(folder: Path, queue: JobQueue) -> None:
    owner = acts(OWNER, queue)
    owner.promote("mine")
    owner.rename("mine", "yours")
    assert promoted() == {"mlp": "yours"}
    owner.restore("mlp")
    owner.delete("yours")
    number = owner.submit(CONFIG, "new").number
    owner.stop(number, keep=False)
    queue.wait(number, SECONDS)
    owner.dismiss(number)
    entries = [(entry.role, entry.name, entry.action, entry.subject) for entry in reversed(DatabaseAuditLog().last())]
    assert entries == [
        ("owner", "owner key", "promote", "mine"),
        ("owner", "owner key", "rename", "mine to yours"),
        ("owner", "owner key", "promote", "the original mlp"),
        ("owner", "owner key", "delete", "yours"),
        ("owner", "owner key", "start", "new"),
        ("owner", "owner key", "discard", "new"),
        ("owner", "owner key", "dismiss", "new"),
    ]


def test_a_trainer_has_one_active_training_at_a_time_and_others_are_not_held_up(queue: JobQueue) -> None:
    acts(ANNA, queue).submit(CONFIG, "one")
    with pytest.raises(AccessError, match="a training in the queue"):
        acts(ANNA, queue).submit(CONFIG, "two")
    acts(BEN, queue).submit(CONFIG, "bens")
    for name in ("owners", "owners-2"):
        acts(OWNER, queue).submit(CONFIG, name)


@pytest.mark.parametrize(
    ("quotas", "message"),
    [
        (Quotas(estimated_minutes=1), "would take 2 min"),
        (Quotas(runs=1), "1 runs here|1 run here"),
        (Quotas(megabytes=1), "Your runs have"),
    ],
)
def test_a_used_up_quota_is_told_and_nothing_starts(
    quotas: Quotas, message: str, folder: Path, queue: JobQueue
) -> None:
    write_starter(folder / "mine", ANNA.identity)
    with pytest.raises(AccessError, match=message):
        acts(ANNA, queue, quotas=quotas, estimates=Known(120)).submit(CONFIG, "one")
    assert queue.jobs() == ()
    acts(BEN, queue, quotas=quotas, estimates=Known(50)).submit(CONFIG, "one")


def test_a_training_that_takes_too_long_is_stopped_and_discarded_if_it_does_not_end(
    queue: JobQueue, started: list[Script], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running_job, "SECONDS_TO_END", 0.05)
    number = queue.submit(CONFIG, "long", started_by=ANNA.identity, most_seconds=0.05).number
    job = queue.wait(number, SECONDS)
    assert (job.state, job.message) == (STOPPED, "Stopped after 0.1 s, the longest it may run.")
    assert started[0].stops[0] is False  # there was no epoch to keep


def test_a_training_whose_time_is_up_keeps_its_best_epoch_and_the_server_is_told(folder: Path) -> None:
    scripts: list[Script] = []
    told: list[str] = []

    def launch(config: TrainingConfig, name: str) -> Script:
        scripts.append(Script(config, name))
        scripts[0].tell(EPOCH)
        return scripts[0]

    jobs = JobQueue(launch, on_time_up=lambda job: told.append(job.name))
    number = jobs.submit(CONFIG, "long", started_by=ANNA.identity, most_seconds=1.0).number
    assert jobs.wait(number, SECONDS).state == FINISHED
    assert scripts[0].stops == [True]
    while not told:
        time.sleep(0.01)
    assert told == ["long"]


def test_a_training_within_its_time_is_left_alone(queue: JobQueue, started: list[Script]) -> None:
    number = queue.submit(CONFIG, "short", started_by=ANNA.identity, most_seconds=60.0).number
    while not started:
        time.sleep(0.01)
    assert queue.job(number).state == RUNNING
    started[0].tell(DONE, None)
    assert queue.wait(number, SECONDS).state == FINISHED
    assert started[0].stops == []


def test_runs_of_trainers_expire_unless_promoted_and_no_others_do(folder: Path) -> None:
    for name, identity in {"old": "trainer anna@example.org", "used": "trainer ben", "owners": "owner key"}.items():
        shutil.copytree(folder / "mine", folder / name)
        write_starter(folder / name, identity)
        file = folder / name / "started_by.json"
        file.write_text(re.sub(r"20\d\d-\d\d-\d\d", "2020-01-01", file.read_text()))
    shutil.copytree(folder / "mine", folder / "new")
    write_starter(folder / "new", ANNA.identity)
    (folder / ".promoted.json").write_text('{"mlp": "used"}')
    assert expired_runs(Quotas()) == ["old"]
    assert remove_expired(Quotas()) == ["old"]
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == ["mine", "new", "owners", "used"]


def test_a_run_that_is_deleted_while_the_runs_are_counted_takes_no_space(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("kept", "deleted"):
        shutil.copytree(folder / "mine", folder / name)
        write_starter(folder / name, ANNA.identity)
    kept = sum(file.stat().st_size for file in (folder / "kept").iterdir())
    original = quotas.starter_of

    def starter_before_the_end(path: Path) -> Starter:
        found = original(path)
        if path.name == "deleted":
            shutil.rmtree(path)
        return found

    monkeypatch.setattr(quotas, "starter_of", starter_before_the_end)
    assert FolderLedger().usage(ANNA.identity, ()) == Usage(active=0, runs=2, size_bytes=kept)


def test_while_the_database_is_away_no_run_expires(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(folder / "mine", folder / "old")
    write_starter(folder / "old", ANNA.identity)
    promote(load_run("old"))
    file = folder / "old" / "started_by.json"
    file.write_text(re.sub(r"20\d\d-\d\d-\d\d", "2020-01-01", file.read_text()))
    assert remove_expired(Quotas()) == []

    def away(self: Database) -> None:
        raise DatabaseError("it is away")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(Database, "reading", away)
        promoted_runs._known.clear()  # a server that has just started
        assert remove_expired(Quotas()) == []
    restore("mlp")
    assert remove_expired(Quotas()) == ["old"]


def test_after_a_restart_it_is_known_who_started_a_lost_training(folder: Path, queue: JobQueue) -> None:
    number = queue.submit(CONFIG, "lost", started_by=ANNA.identity).number
    while queue.job(number).state != RUNNING:
        time.sleep(0.01)
    dead = {"owner": Owner(here(), "999999999-1", "x").to_text()}
    with open_database(folder).writing() as connection:
        connection.execute(jobs_table.update().values(dead))
    (job,) = JobQueue(Script).jobs()
    assert (job.state, job.started_by) == (FAILED, ANNA.identity)

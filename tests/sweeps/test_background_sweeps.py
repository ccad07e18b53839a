"""Sweeps on a server: worked through in a thread, each training through the shared queue, by who may do it."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mnist_core.access import sweep_acts
from mnist_core.access.acts import Acts
from mnist_core.access.audit import DatabaseAuditLog
from mnist_core.access.quotas import FolderLedger, Quotas, expired_runs
from mnist_core.access.roles import VISITOR, Person, Role
from mnist_core.access.sweep_acts import MOST_SWEEPS, SweepActs
from mnist_core.errors import AccessError, ConfigError, RunError
from mnist_core.jobs.estimates import Estimate
from mnist_core.jobs.launcher import Launcher
from mnist_core.jobs.queue import JobQueue
from mnist_core.runs.recipes import TrainingConfig, recipe_config
from mnist_core.runs.started_by import starter_of
from mnist_core.sweeps import sweep_store
from mnist_core.sweeps.background_sweeps import BackgroundSweeps
from mnist_core.sweeps.sweep_plan import SweepPlan
from tests.scripted import SECONDS, Script
from tests.sweeps.sweeps_on_disk import CopiedTraining, plan

OWNER = Person(Role.OWNER, "owner key")
ANNA = Person(Role.TRAINER, "anna@example.org")
BEN = Person(Role.TRAINER, "ben@example.org")


class Known:
    """Estimates that are there at once."""

    def of(self, config: TrainingConfig) -> Estimate:
        return Estimate(seconds=60.0)


class Server:
    """A queue and its sweeps. `held` are trainings that wait for the test; all others end at once."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.started, self.held = folder, list[str](), list[Script]()
        self.holds: Callable[[str], bool] = lambda name: False
        self.queue = JobQueue(self.launch)
        self.background = BackgroundSweeps()

    def launch(self, config: TrainingConfig, name: str) -> Script | CopiedTraining:
        self.started.append(name)
        if self.holds(name):
            self.held.append(Script(config, name))
            return self.held[-1]
        return CopiedTraining(config, name, self.folder)

    def acts(self, person: Person, **quotas: int) -> SweepActs:
        acts = Acts(person, self.queue, Known(), quotas=Quotas(**quotas))  # type: ignore[arg-type]
        log = DatabaseAuditLog()
        return SweepActs(person, acts, queue=self.queue, background=self.background, log=log)

    def until(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < end
            time.sleep(0.01)

    def until_ended(self, name: str) -> sweep_store.Sweep:
        self.until(lambda: not self.background.works_on(name))
        return sweep_store.load_sweep(name)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("TRAINED_MODELS", str(tmp_path))
    server = Server(tmp_path)
    yield server
    server.background.stop("mine")
    for job in server.queue.jobs():
        server.queue.stop(job.number, keep=False)


def three() -> SweepPlan:
    return plan("epochs=1,2,3")


def test_single_trainings_of_others_come_in_between(server: Server) -> None:
    server.holds = lambda name: name == "mine/mlp-epochs-1-seed-1"
    server.acts(OWNER).start("mine", three())
    server.until(lambda: server.held)
    assert len(server.queue.jobs()) == 1  # the sweep has one training in the queue, not all of them
    server.queue.submit(recipe_config("specified", "mlp"), "single")
    server.held[0].tell(None)
    sweep = server.until_ended("mine")
    assert server.started == [
        "mine/mlp-epochs-1-seed-1",
        "single",
        "mine/mlp-epochs-2-seed-1",
        "mine/mlp-epochs-3-seed-1",
    ]
    assert sweep.failures == {"mlp-epochs-1-seed-1": "memory ran out"}


def test_a_stopped_sweep_keeps_its_runs_and_is_continued_by_the_next_server(server: Server) -> None:
    server.holds = lambda name: name.endswith("epochs-2-seed-1")
    server.acts(OWNER).start("mine", three())
    server.until(lambda: server.held)
    with pytest.raises(RunError, match="worked on"):
        server.acts(OWNER).resume("mine")
    with pytest.raises(RunError, match="worked on just now"):
        server.acts(OWNER).delete("mine")
    server.acts(OWNER).stop("mine")
    sweep = server.until_ended("mine")
    assert server.held[0].stops == [False]
    assert (list(sweep.results), sweep.failures, sweep.worked_on) == (["mlp-epochs-1-seed-1"], {}, False)
    following = Server(server.folder)
    following.acts(OWNER).resume("mine")
    assert not following.until_ended("mine").missing
    assert following.started == ["mine/mlp-epochs-2-seed-1", "mine/mlp-epochs-3-seed-1"]
    following.acts(OWNER).extend("mine", {"epochs": (4,)})
    assert len(following.until_ended("mine").results) == 4
    following.acts(OWNER).delete("mine")
    assert "mine" not in sweep_store.sweep_names()
    subjects = [
        (entry.action, entry.subject) for entry in DatabaseAuditLog().last() if entry.subject.startswith("sweep")
    ]
    assert subjects == [
        ("delete", "sweep mine"),
        ("start", "sweep mine"),
        ("start", "sweep mine"),
        ("stop", "sweep mine"),
        ("start", "sweep mine"),
    ]


def test_of_two_extensions_neither_loses_what_the_other_adds(server: Server) -> None:
    server.acts(OWNER).start("mine", plan("epochs=1"))
    server.until_ended("mine")
    for values, seeds in (((2,), (2,)), ((3,), ())):  # as from two pages that show the first plan
        server.acts(OWNER).extend("mine", {"epochs": values}, seeds)
        server.until_ended("mine")
    sweep = sweep_store.load_sweep("mine")
    assert (sweep.plan.varied[0].values, sweep.plan.seeds, len(sweep.results)) == ((1, 2, 3), (1, 2), 6)
    with pytest.raises(ConfigError, match="epochs"):
        server.acts(OWNER).extend("mine", {"epochs": (0,)})
    assert not server.background.works_on("mine")


def test_a_sweep_of_another_process_is_stopped_too(server: Server) -> None:
    server.holds = lambda name: name.endswith("epochs-2-seed-1")
    server.acts(OWNER).start("mine", three())
    server.until(lambda: server.held)
    other = Server(server.folder)
    assert not other.background.works_on("mine")
    other.acts(OWNER).stop("mine")
    server.until_ended("mine")
    server.until(lambda: not other.queue.active)
    sweep = sweep_store.load_sweep("mine")
    assert (server.held[0].stops, len(server.started)) == ([False], 2)
    assert (list(sweep.results), sweep.failures, sweep.stopping) == (["mlp-epochs-1-seed-1"], {}, False)
    with pytest.raises(RunError, match="not worked on any more"):
        other.acts(OWNER).stop("mine")
    assert [entry.action for entry in DatabaseAuditLog().last() if entry.subject == "sweep mine"] == ["stop", "start"]
    other.acts(OWNER).resume("mine")  # nobody wants this one to stop
    assert not other.until_ended("mine").missing


def test_a_training_that_an_ended_server_left_goes_with_its_sweep_and_no_other(server: Server) -> None:
    for name in ("mine", "mine-2"):
        sweep_store.create_sweep(name, three())
    server.holds = lambda name: True
    server.queue.submit(recipe_config("specified", "mlp"), "single")
    left, other = (
        server.queue.submit(three().trainings()[0].config, f"{name}/a").number for name in ("mine", "mine-2")
    )
    server.acts(OWNER).delete("mine")
    assert [server.queue.job(number).active for number in (left, other)] == [False, True]
    assert "mine" not in sweep_store.sweep_names()


def test_a_visitor_of_a_public_server_can_do_nothing_with_sweeps(server: Server) -> None:
    with pytest.raises(AccessError, match="This server is public"):
        server.acts(VISITOR).start("mine", three())
    assert "mine" not in sweep_store.sweep_names()
    server.acts(OWNER).start("mine", three())
    server.until_ended("mine")
    acts = server.acts(VISITOR)
    for attempt in (acts.stop, acts.delete, acts.resume, lambda name: acts.extend(name, {"epochs": (4,)})):
        with pytest.raises(AccessError):
            attempt("mine")
    assert len(sweep_store.load_sweep("mine").results) == 3


def test_the_quotas_of_a_trainer_hold_for_every_training_of_a_sweep(server: Server) -> None:
    server.acts(ANNA, runs=2).start("mine", three())
    sweep = server.until_ended("mine")
    assert len(sweep.results) == 2
    assert "You have 2 runs here" in server.background.message("mine")
    assert sweep.folder
    assert starter_of(sweep.folder / "mlp-epochs-1-seed-1").identity == ANNA.identity
    assert FolderLedger().usage(ANNA.identity, ()).runs == 2
    ben = server.acts(BEN)
    for attempt in (ben.delete, ben.resume, lambda name: ben.extend(name, {"epochs": (4,)})):
        with pytest.raises(AccessError, match="somebody else"):
            attempt("mine")
    later = datetime.now(UTC) + timedelta(days=40)
    assert expired_runs(Quotas(days=30), now=later) == ["mine/mlp-epochs-1-seed-1", "mine/mlp-epochs-2-seed-1"]
    server.acts(ANNA).delete("mine")


def test_a_trainer_without_room_writes_no_sweep_and_nobody_fills_the_list(server: Server) -> None:
    server.acts(ANNA).start("mine", plan("epochs=1"))
    server.until_ended("mine")
    before = sweep_store.load_sweep("mine").plan
    with pytest.raises(AccessError, match="You have 1 run"):
        server.acts(ANNA, runs=1).start("more", three())
    with pytest.raises(AccessError, match="You have 1 run"):
        server.acts(ANNA, runs=1).extend("mine", {"epochs": (2,)})
    assert "more" not in sweep_store.sweep_names()
    assert sweep_store.load_sweep("mine").plan == before
    for number in range(MOST_SWEEPS - 1):
        sweep_store.create_sweep(f"empty-{number}", three(), started_by=ANNA.identity)
    with pytest.raises(AccessError, match="You have 10 sweeps here"):
        server.acts(ANNA).start("more", three())
    server.acts(BEN).start("more", plan("epochs=1"))
    server.until_ended("more")


def test_a_trainer_cannot_delete_a_sweep_that_holds_runs_of_the_owner(server: Server) -> None:
    server.acts(ANNA, runs=1).start("mine", three())
    server.until_ended("mine")
    server.acts(OWNER).resume("mine")
    assert len(server.until_ended("mine").results) == 3
    with pytest.raises(AccessError, match="somebody else"):
        server.acts(ANNA).delete("mine")
    assert len(sweep_store.load_sweep("mine").results) == 3
    server.acts(OWNER).delete("mine")


def test_what_cannot_be_written_starts_nothing(server: Server) -> None:
    with pytest.raises(RunError, match="cannot name a run"):
        server.acts(OWNER).start("../x", three())
    assert not server.background.works_on("../x")
    assert server.started == []


def test_only_an_owner_may_use_the_cluster_because_quotas_hold_for_the_queue(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not server.acts(OWNER).may_use_cluster()
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    assert server.acts(OWNER).may_use_cluster()
    assert not server.acts(ANNA).may_use_cluster()
    with pytest.raises(AccessError, match="Only the owner of this server can use its cluster"):
        server.acts(ANNA).start("anna-s", plan("epochs=1"), on_cluster=True)
    assert "anna-s" not in sweep_store.sweep_names()
    starters: list[str] = []

    def launcher(*, started_by: str) -> Launcher:
        starters.append(started_by)
        return server.launch

    monkeypatch.setattr(sweep_acts, "ClusterLauncher", launcher)
    server.acts(OWNER).start("mine", plan("epochs=1"), on_cluster=True)
    assert not server.until_ended("mine").missing
    assert (starters, len(server.queue.jobs())) == ([OWNER.identity], 0)

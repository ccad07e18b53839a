"""Several server processes on one folder of runs: one queue, one training at a time, nothing lost with a process."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mnist_core.access.acts import Acts
from mnist_core.access.quotas import Quotas
from mnist_core.access.roles import Person, Role
from mnist_core.database.database import Database
from mnist_core.errors import AccessError, RunError
from mnist_core.events import Event
from mnist_core.jobs import job_owner, job_records
from mnist_core.jobs import queue as jobs_queue
from mnist_core.jobs.estimates import Estimate
from mnist_core.jobs.job import FAILED, FINISHED, RUNNING, STOPPED, WAITING
from mnist_core.jobs.job_owner import Owner
from mnist_core.jobs.queue import JobQueue
from mnist_core.runs.processes import mark
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.runs.started_by import starter_of
from tests.conftest import ROOT
from tests.jobs.test_queue import CONFIG, EPOCH, STARTED, UNTRAINED, progress, until
from tests.scripted import DONE, SECONDS, Script, end_all, names_in

pytestmark = pytest.mark.usefixtures("quick")

SERVER = """
import sys, time
from pathlib import Path
from mnist_core.jobs import queue
from tests.jobs.test_queue import CONFIG, EPOCH, STARTED, progress
from tests.scripted import Script
queue.SECONDS_BETWEEN_LOOKS = 0.05
scripts = []
def launch(config, name):
    scripts.append(Script(config, name))
    scripts[-1].tell(STARTED, progress(0.25), EPOCH)
    return scripts[-1]
jobs = queue.JobQueue(launch, Path(sys.argv[1]))
for name in sys.argv[2:]:
    jobs.submit(CONFIG, name, started_by="trainer anna")
while jobs.jobs() and jobs.jobs()[0].state == "waiting":
    time.sleep(0.01)
print("ready", flush=True)
sys.stdin.read()
"""
"""A server process that puts trainings into the queue, whose trainings report an epoch and then go on without end."""


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_queue, "SECONDS_BETWEEN_LOOKS", 0.05)
    monkeypatch.setattr(jobs_queue, "SECONDS_FRESH", 0.01)


class Queues:
    """Two queues on one folder, as two processes have them, and the trainings that each has started."""

    def __init__(self, folder: Path) -> None:
        self.started: tuple[list[Script], list[Script]] = ([], [])
        self.one, self.two = (JobQueue(self._launcher(scripts), folder) for scripts in self.started)

    def _launcher(self, scripts: list[Script]) -> Callable[[TrainingConfig, str], Script]:
        return lambda config, name: scripts.append(Script(config, name)) or scripts[-1]

    @property
    def scripts(self) -> list[Script]:
        return [*self.started[0], *self.started[1]]


@pytest.fixture
def queues(tmp_path: Path, database: str) -> Iterator[Queues]:
    both = Queues(tmp_path)
    yield both
    for each in (both.one, both.two):
        end_all(each, both.scripts)


@pytest.fixture
def server(tmp_path: Path, database: str) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts server processes on the folder, with the names of trainings for their queue."""
    processes: list[subprocess.Popen[str]] = []

    def start(*names: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", SERVER, str(tmp_path), *names]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait(SECONDS)
        for stream in (process.stdin, process.stdout):
            assert stream
            stream.close()


def states(jobs: JobQueue) -> dict[str, str]:
    return {job.name: job.state for job in jobs.jobs()}


def test_both_see_all_jobs_and_one_training_runs_at_a_time_in_order(queues: Queues) -> None:
    names = [f"n{number}" for number in range(6)]
    for number, name in enumerate(names):
        (queues.one, queues.two)[number % 2].submit(CONFIG, name)
    for position in range(6):
        until(lambda position=position: len(queues.scripts) == position + 1)
        expected = [FINISHED] * position + [RUNNING] + [WAITING] * (5 - position)
        for jobs in (queues.one, queues.two):
            until(lambda jobs=jobs, expected=expected: list(states(jobs).values()) == expected)
        running = next(script for script in queues.scripts if script.name == names[position])
        running.tell(DONE, None)
    for jobs in (queues.one, queues.two):
        until(lambda jobs=jobs: set(states(jobs).values()) == {FINISHED})
        assert not jobs.active


def test_the_other_process_sees_what_a_training_reports_and_stops_it(
    queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_records, "SNAPSHOT_EVERY", 5)
    number = queues.one.submit(CONFIG, "a").number
    script = until(lambda: queues.scripts)[0]
    seen_by = queues.two if queues.started[0] else queues.one
    script.tell({"event": "preparing", "what": "writing digits"})
    until(lambda: seen_by.job(number).doing == "writing digits")
    script.tell(STARTED, UNTRAINED, *(progress(count / 10) for count in range(9)), EPOCH)
    until(lambda: seen_by.job(number).epochs)
    own = (queues.one if queues.started[0] else queues.two).job(number)
    assert seen_by.job(number) == own
    late = JobQueue(Script, seen_by._place)  # a process that was not there when it happened
    assert late.job(number) == own
    seen_by.stop(number, keep=True)
    until(lambda: script.stops)
    assert script.stops == [True]
    assert seen_by.wait(number, SECONDS).state == FINISHED
    assert seen_by.job(number).result == DONE


def test_what_two_ask_for_at_once_is_given_once(queues: Queues) -> None:
    queues.one.submit(CONFIG, "wanted")
    with pytest.raises(RunError, match="in the queue already"):
        queues.two.submit(CONFIG, "wanted")
    assert queues.two.free_name("wanted") == "wanted-2"

    class Known:
        def of(self, config: TrainingConfig) -> Estimate:
            return Estimate(seconds=1.0)

    anna = Person(Role.TRAINER, "anna")
    one, two = (Acts(anna, jobs, Known(), quotas=Quotas()) for jobs in (queues.one, queues.two))  # type: ignore[arg-type]
    one.submit(CONFIG, "first")
    with pytest.raises(AccessError, match="a training in the queue"):
        two.submit(CONFIG, "second")


def test_a_waiting_training_can_be_removed_and_an_ended_one_dismissed_by_the_other_process(queues: Queues) -> None:
    first, second = queues.one.submit(CONFIG, "a"), queues.one.submit(CONFIG, "b")
    queues.two.stop(second.number, keep=False)
    until(lambda: states(queues.one)["b"] == STOPPED)
    queues.two.forget(second.number)
    until(lambda: list(states(queues.one)) == ["a"])
    until(lambda: queues.scripts)[0].tell(DONE, None)
    assert queues.one.wait(first.number, SECONDS).state == FINISHED
    assert len(queues.scripts) == 1


def test_a_renamed_run_is_known_to_the_other_process(queues: Queues) -> None:
    number = queues.one.submit(CONFIG, "a").number
    until(lambda: queues.scripts)[0].tell(DONE, None)
    until(lambda: queues.one._worker is None and queues.two._worker is None)
    queues.one.run_renamed("a", "b")
    queues.one.run_renamed("b", "c")
    until(lambda: queues.two.job(number).run_name == "c")


def test_a_killed_process_loses_the_training_that_ran_and_the_other_one_tells_it_and_goes_on(
    tmp_path: Path, server: Callable[..., subprocess.Popen[str]]
) -> None:
    process = server("running", "waiting")
    started: list[Script] = []
    jobs = JobQueue(lambda config, name: started.append(Script(config, name)) or started[-1], tmp_path)
    until(lambda: jobs.jobs()[0].epochs)
    assert states(jobs) == {"running": RUNNING, "waiting": WAITING}
    process.kill()
    process.wait(SECONDS)
    until(lambda: states(jobs) == {"running": FAILED, "waiting": RUNNING})
    lost = jobs.jobs()[0]
    assert lost.message == "The app was stopped while this training ran. Nothing was written; it can be started again."
    assert (len(lost.epochs), lost.started_by, lost.config) == (1, "trainer anna", CONFIG)
    until(lambda: [script.name for script in started] == ["waiting"])
    again = jobs.submit(lost.config, jobs.free_name(lost.name))
    started[0].tell(DONE, None)
    until(lambda: len(started) == 2)
    started[1].tell(DONE, None)
    assert jobs.wait(again.number, SECONDS).state == FINISHED
    end_all(jobs, started)
    assert names_in(tmp_path) == []


def test_two_servers_that_start_with_a_full_queue_run_one_training_between_them(
    tmp_path: Path, server: Callable[..., subprocess.Popen[str]]
) -> None:
    server("a", "b")
    server("c", "d")
    jobs = JobQueue(Script, tmp_path)
    seen: set[tuple[str, ...]] = set()
    end = time.monotonic() + 1.0
    while time.monotonic() < end:
        seen.add(tuple(sorted(states(jobs).values())))
        time.sleep(0.02)
    assert seen <= {(RUNNING, WAITING, WAITING, WAITING), (WAITING,) * 4}
    for job in jobs.jobs():
        jobs.stop(job.number, keep=False)
    until(lambda: not jobs.active)
    assert set(states(jobs).values()) == {STOPPED}
    until(lambda: jobs._worker is None)


def test_a_run_that_was_complete_when_its_process_was_killed_belongs_to_who_started_it(
    tmp_path: Path, server: Callable[..., subprocess.Popen[str]]
) -> None:
    process = server("done")
    jobs = JobQueue(Script, tmp_path)
    until(lambda: jobs.jobs()[0].epochs)
    (tmp_path / "done").mkdir()  # what the training process writes last
    process.kill()
    process.wait(SECONDS)
    until(lambda: states(jobs) == {"done": FAILED})
    assert "Its run was complete and is in the list." in jobs.jobs()[0].message
    until(lambda: starter_of(tmp_path / "done").identity == "trainer anna")
    until(lambda: jobs._worker is None)


def test_a_silent_process_of_another_machine_loses_its_training_and_stops_it_when_it_wakes(
    queues: Queues, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    number = queues.one.submit(CONFIG, "a").number
    script = until(lambda: queues.scripts)[0]
    script.tell(STARTED)
    owner = queues.one if queues.started[0] else queues.two
    original = Owner.is_here.fget
    assert original
    monkeypatch.setattr(Owner, "is_here", property(lambda self: False))
    monkeypatch.setattr(jobs_queue, "is_gone", lambda owner: False)
    other = queues.two if owner is queues.one else queues.one
    time.sleep(0.3)
    assert other.job(number).state == RUNNING  # its signs of life are seen

    monkeypatch.setattr(job_owner, "SECONDS_OF_SILENCE", 0.2)
    (half := tmp_path / f".writing-a.{mark()}").mkdir()
    running = owner._own
    assert running
    report = running._report
    monkeypatch.setattr(running, "_report", lambda: None)  # it sleeps
    until(lambda: other.job(number).state == FAILED)
    assert "no sign of life" in other.job(number).message
    until(lambda: not half.exists())  # so the name is free for whoever starts the training again
    monkeypatch.setattr(running, "_report", report)
    until(lambda: script.stops)
    assert script.stops == [False]
    monkeypatch.setattr(job_owner, "SECONDS_OF_SILENCE", 30.0)
    until(lambda: owner._own is None)
    assert owner.job(number).state == FAILED
    assert "no sign of life" in owner.job(number).message


def test_a_report_of_which_no_answer_came_is_repeated_without_harm(queues: Queues) -> None:
    number = queues.one.submit(CONFIG, "a").number
    script = until(lambda: queues.scripts)[0]
    owner = queues.one if queues.started[0] else queues.two
    events: list[Event] = [STARTED, progress(0.1), progress(0.2)]
    for _ in range(2):
        job = owner.job(number)
        assert owner._records.report(job, owner._owner, events, before=0, is_snapshot=False) == ""
    (_, trainer) = JobQueue(Script, owner._place)._records.jobs()
    assert trainer
    assert [point["fraction"] for point in trainer.job.points] == [0.1, 0.2]
    script.tell(None)


def test_a_training_whose_settings_cannot_be_read_is_passed_over(
    queues: Queues, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = queues.one.submit(CONFIG, "first").number
    until(lambda: queues.scripts)
    queues.one.submit(CONFIG, "foreign")
    queues.one.submit(CONFIG, "last")
    with queues.one._records._database.writing() as connection:
        foreign = {"config": json.dumps({"from": "the future"}), "version": 99}
        table = job_records.jobs
        connection.execute(table.update().where(table.c.name == "foreign").values(**foreign))
    queues.scripts[0].tell(DONE, None)
    until(lambda: any(script.name == "last" for script in queues.scripts))
    assert queues.one.job(first).state == FINISHED
    assert "foreign" not in states(queues.one)


def test_a_folder_in_which_nothing_was_ever_trained_stays_empty(tmp_path: Path) -> None:
    jobs = JobQueue(Script, tmp_path)
    assert (jobs.jobs(), jobs.active, jobs.free_name("a")) == ((), False, "a")
    assert list(tmp_path.iterdir()) == []


def test_the_list_is_read_once_for_a_page_that_asks_often(queues: Queues, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_queue, "SECONDS_FRESH", 60.0)
    queues.one.submit(CONFIG, "a")
    until(lambda: queues.scripts)[0].tell(DONE, None)
    until(lambda: queues.one._worker is None and queues.two._worker is None)
    queues.one.jobs()
    reads: list[Any] = []
    original = Database.reading
    monkeypatch.setattr(Database, "reading", lambda self: reads.append(self) or original(self))
    for _ in range(20):
        queues.one.jobs()
    assert reads == []

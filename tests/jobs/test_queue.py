"""The queue runs one training at a time, in order, and a training that fails does not harm the others."""

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import psutil
import pytest

from mnist_core.database.database import Database
from mnist_core.errors import DatabaseError, RunError
from mnist_core.events import EpochEnd, Progress, Started, Untrained
from mnist_core.jobs import queue as jobs_queue
from mnist_core.jobs.job import FAILED, FINISHED, MOST_POINTS, RUNNING, STOPPED, WAITING
from mnist_core.jobs.launcher import LocalTraining
from mnist_core.jobs.notes import take_interrupted_jobs
from mnist_core.jobs.queue import KEPT, JobQueue
from mnist_core.runs.processes import mark
from mnist_core.runs.recipes import TrainingConfig, recipe_config
from mnist_core.runs.store import list_runs
from tests.conftest import ROOT
from tests.scripted import DONE, SECONDS, Script, end_all, names_in

STARTED: Started = {
    "event": "started",
    "name": "a",
    "architecture": "mlp",
    "parameters": 7,
    "epochs": 2,
    "digits": 1150,
    "validation_digits": 287,
}
UNTRAINED: Untrained = {"event": "untrained", "loss": 2.4, "accuracy": 0.1}
EPOCH: EpochEnd = {
    "event": "epoch",
    "epoch": 1,
    "loss": 1.0,
    "accuracy": 0.4,
    "val_loss": 0.9,
    "val_accuracy": 0.5,
    "learning_rate": 0.005,
    "seconds": 1.0,
    "best": True,
    "mistakes": [{"index": 1, "label": 3, "predicted": 5, "pixels": ""}],
}


def progress(fraction: float) -> Progress:
    return {
        "event": "progress",
        "epoch": 1,
        "epochs": 2,
        "batch": 10,
        "batches": 23,
        "fraction": fraction,
        "loss": 1.0,
        "accuracy": 0.4,
        "digits_per_second": 5000,
        "seconds_left": 1.0,
    }


@pytest.fixture
def started() -> list[Script]:
    return []


@pytest.fixture
def jobs(tmp_path: Path, started: list[Script], database: str) -> Iterator[JobQueue]:
    def launch(config: TrainingConfig, name: str) -> Script:
        started.append(Script(config, name))
        return started[-1]

    every = JobQueue(launch, tmp_path)
    yield every
    end_all(every, started)


CONFIG = recipe_config("specified", "mlp", data="offline", epochs=2, batch_size=50)


def throw(error: Exception) -> NoReturn:
    raise error


def until(condition: Callable[[], Any]) -> Any:
    """Wait until the condition is true, and return it."""
    end = time.monotonic() + SECONDS
    while not (found := condition()):
        assert time.monotonic() < end, "the condition never became true"
        time.sleep(0.01)
    return found


def test_one_runs_and_the_others_wait_in_the_order_of_asking(jobs: JobQueue, started: list[Script]) -> None:
    numbers = [jobs.submit(CONFIG, name).number for name in ("a", "b", "c")]
    until(lambda: len(started) == 1 and jobs.job(numbers[0]).state == RUNNING)
    assert [jobs.job(number).state for number in numbers] == [RUNNING, WAITING, WAITING]
    for position in range(3):
        until(lambda position=position: len(started) == position + 1)
        started[position].tell(DONE, None)
        assert jobs.wait(numbers[position], SECONDS).state == FINISHED
    assert [script.name for script in started] == ["a", "b", "c"]
    assert not jobs.active


def test_a_job_shows_what_its_training_has_reported(jobs: JobQueue, started: list[Script]) -> None:
    number = jobs.submit(CONFIG, "a").number
    until(lambda: started)
    mistake = {"index": 2, "label": 8, "predicted": 3, "pixels": ""}
    second = {**EPOCH, "epoch": 2, "mistakes": [mistake]}
    started[0].tell({"event": "preparing", "what": "writing digits"})
    until(lambda: jobs.job(number).doing == "writing digits")
    started[0].tell(STARTED, UNTRAINED, progress(0.5), EPOCH, second, {"event": "from the future"})
    until(lambda: len(jobs.job(number).epochs) == 2)
    job = jobs.job(number)
    assert (job.parameters, job.doing, job.progress) == (7, "", progress(0.5))
    assert job.untrained == UNTRAINED
    assert [epoch["mistakes"] for epoch in job.epochs] == [[], [mistake]]
    started[0].tell(None)


def test_two_who_ask_for_one_name_in_the_same_second_get_one_job_and_one_message(
    jobs: JobQueue, started: list[Script]
) -> None:
    barrier, results = threading.Barrier(8), queue.Queue[str]()

    def ask() -> None:
        barrier.wait(SECONDS)
        try:
            jobs.submit(CONFIG, "wanted")
            results.put("yes")
        except RunError as error:
            results.put(str(error))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    answers = sorted(results.get_nowait() for _ in range(8))
    assert answers.count("yes") == 1
    assert all("queue already" in text for text in answers if text != "yes")
    assert jobs.free_name("wanted") == "wanted-2"
    until(lambda: started)[0].tell(None)


@pytest.mark.parametrize("name", ["a/b", "../../x", "", "x" * 200, "\N{PARTY POPPER}", ".hidden"])
def test_text_that_cannot_be_a_name_is_refused_before_anything_starts(
    jobs: JobQueue, started: list[Script], name: str
) -> None:
    with pytest.raises(RunError, match="cannot name"):
        jobs.submit(CONFIG, name)
    assert jobs.jobs() == ()
    assert not started


def test_a_name_of_a_run_is_refused(jobs: JobQueue, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "trained_models" / "mlp-specified", tmp_path / "mine")
    with pytest.raises(RunError, match="already"):
        jobs.submit(CONFIG, "mine")


def test_too_many_in_the_queue_are_refused(jobs: JobQueue, started: list[Script]) -> None:
    with pytest.raises(RunError, match="waiting already"):
        for number in range(50):
            jobs.submit(CONFIG, f"n{number}")
    for job in jobs.jobs()[1:]:
        jobs.stop(job.number, keep=False)
    until(lambda: started)[0].tell(None)


def test_a_waiting_job_leaves_the_queue_and_never_starts(jobs: JobQueue, started: list[Script]) -> None:
    first, second = jobs.submit(CONFIG, "a"), jobs.submit(CONFIG, "b")
    jobs.stop(second.number, keep=True)
    assert jobs.job(second.number).state == STOPPED
    until(lambda: started)[0].tell(DONE, None)
    jobs.wait(first.number, SECONDS)
    until(lambda: not jobs.active)
    assert [script.name for script in started] == ["a"]


@pytest.mark.parametrize(
    ("epochs", "keep", "asked", "state"),
    [(1, True, True, FINISHED), (1, False, False, STOPPED), (0, True, False, STOPPED)],
)
def test_stopping_keeps_the_best_epoch_where_there_is_one_and_it_is_wanted(
    jobs: JobQueue, started: list[Script], epochs: int, keep: bool, asked: bool, state: str
) -> None:
    number = jobs.submit(CONFIG, "a").number
    until(lambda: started)[0].tell(STARTED, *[EPOCH] * epochs)
    until(lambda: jobs.job(number).parameters and len(jobs.job(number).epochs) == epochs)
    jobs.stop(number, keep=keep)
    assert jobs.wait(number, SECONDS).state == state
    assert started[0].stops == [asked]
    jobs.stop(number, keep=False)  # a second press changes nothing
    assert jobs.job(number).state == state


def test_a_job_that_breaks_says_why_and_the_next_one_runs(jobs: JobQueue, started: list[Script]) -> None:
    first, second = jobs.submit(CONFIG, "a"), jobs.submit(CONFIG, "b")
    until(lambda: started)[0].tell(STARTED, None)
    assert (jobs.wait(first.number, SECONDS).state, jobs.job(first.number).message) == (FAILED, "memory ran out")
    until(lambda: len(started) == 2)
    started[1].tell(DONE, None)
    assert jobs.wait(second.number, SECONDS).state == FINISHED


def test_a_training_that_sends_a_broken_event_is_stopped_and_the_next_one_runs(
    jobs: JobQueue, started: list[Script]
) -> None:
    first, second = jobs.submit(CONFIG, "a"), jobs.submit(CONFIG, "b")
    until(lambda: started)[0].tell({"event": "started"})  # without its parameters
    assert jobs.wait(first.number, SECONDS).state == FAILED
    assert "KeyError" in jobs.job(first.number).message
    assert started[0].stops == [False]
    until(lambda: len(started) == 2)
    started[1].tell(DONE, None)
    assert jobs.wait(second.number, SECONDS).state == FINISHED


def test_a_launcher_that_cannot_start_is_a_message_and_the_queue_goes_on(tmp_path: Path) -> None:
    def launch(config: TrainingConfig, name: str) -> Script:
        raise OSError("no process can be started")

    jobs = JobQueue(launch, tmp_path)
    for name in ("a", "b"):
        job = jobs.wait(jobs.submit(CONFIG, name).number, SECONDS)
        assert job.state == FAILED
        assert "no process can be started" in job.message


def test_an_error_in_the_thread_of_the_queue_stops_no_training_for_ever(
    jobs: JobQueue, started: list[Script], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(jobs_queue, "SECONDS_BETWEEN_TRIES", 0.02)
    claim, errors = jobs._claimed, [MemoryError("no room")]
    monkeypatch.setattr(jobs, "_claimed", lambda: claim() if not errors else throw(errors.pop()))
    jobs._worker = threading.Thread(name="has ended")
    number = jobs.submit(CONFIG, "a").number
    until(lambda: started)[0].tell(DONE, None)
    assert jobs.wait(number, SECONDS).state == FINISHED
    assert "no room" in caplog.text


def test_a_training_whose_reports_cannot_be_started_fails_and_the_queue_goes_on(
    jobs: JobQueue, started: list[Script], monkeypatch: pytest.MonkeyPatch
) -> None:
    start = threading.Thread.start
    with monkeypatch.context() as meanwhile:
        full = RuntimeError("can't start new thread")
        meanwhile.setattr(
            threading.Thread, "start", lambda thread: throw(full) if "reports" in thread.name else start(thread)
        )
        job = jobs.wait(jobs.submit(CONFIG, "a").number, SECONDS)
        assert job.state == FAILED
        assert "can't start new thread" in job.message
    number = jobs.submit(CONFIG, "b").number
    until(lambda: started)[0].tell(DONE, None)
    assert jobs.wait(number, SECONDS).state == FINISHED


def test_curves_and_the_list_of_jobs_stay_bounded(jobs: JobQueue, started: list[Script]) -> None:
    number = jobs.submit(CONFIG, "long").number
    until(lambda: started)[0].tell(*(progress(fraction) for fraction in range(5000)), DONE, None)
    points = [point["fraction"] for point in jobs.wait(number, SECONDS).points]
    assert len(points) <= MOST_POINTS
    assert points == sorted(points)
    assert points[-1] == 4999
    for count in range(KEPT + 5):
        jobs.stop(jobs.submit(CONFIG, f"n{count}").number, keep=False)
        until(lambda: not jobs.active)
    assert len(jobs.jobs()) <= KEPT + 1


def test_the_jobs_that_an_older_killed_server_noted_are_listed_as_failed_and_its_files_are_removed(
    tmp_path: Path, database: str
) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (tmp_path / f".writing-a.{dead.pid}-7").mkdir()
    noted = [
        {"name": name, "config": CONFIG.to_json(), "state": state} for name, state in (("a", RUNNING), ("b", WAITING))
    ]
    (tmp_path / f".jobs.{dead.pid}-7").write_text(json.dumps(noted))
    (tmp_path / f".jobs-partial.{dead.pid}-7").write_text("[{")
    jobs = JobQueue(Script, tmp_path).jobs()
    assert [(job.name, job.state, job.config) for job in jobs] == [("a", FAILED, CONFIG), ("b", FAILED, CONFIG)]
    assert "while this training ran" in jobs[0].message
    assert "before this training began" in jobs[1].message
    assert names_in(tmp_path) == []


def test_the_note_of_a_dead_server_is_recognised_although_a_new_process_has_its_number(tmp_path: Path) -> None:
    (tmp_path / f".jobs.{os.getpid()}-1").write_text(
        json.dumps([{"name": "a", "config": CONFIG.to_json(), "state": RUNNING}])
    )
    assert [job.state for job in JobQueue(Script, tmp_path).jobs()] == [FAILED]


def test_of_two_servers_that_start_at_once_one_takes_the_jobs_of_a_dead_one(tmp_path: Path) -> None:
    note = tmp_path / f".jobs.{os.getpid()}-1"
    note.write_text(json.dumps([{"name": name, "config": CONFIG.to_json(), "state": RUNNING} for name in "ab"]))
    one = take_interrupted_jobs(tmp_path)
    assert next(one).name == "a"
    assert list(take_interrupted_jobs(tmp_path)) == []
    assert [job.name for job in one] == ["b"]
    assert names_in(tmp_path) == []


def test_the_note_of_another_living_server_is_left_alone(tmp_path: Path) -> None:
    note = tmp_path / f".jobs.{mark()}"
    note.write_text(json.dumps([{"name": "a", "config": CONFIG.to_json(), "state": RUNNING}]))
    assert JobQueue(Script, tmp_path).jobs() == ()
    assert note.exists()


@pytest.mark.parametrize("how", ["finished", "failed"])
def test_a_training_goes_on_while_the_database_is_away_and_its_end_is_told_afterwards(
    jobs: JobQueue, started: list[Script], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(jobs_queue, "SECONDS_BETWEEN_LOOKS", 0.02)
    monkeypatch.setattr(jobs_queue, "SECONDS_BETWEEN_TRIES", 0.02)
    number = jobs.submit(CONFIG, "a").number
    until(lambda: started)[0].tell(STARTED)
    until(lambda: jobs.job(number).parameters)
    refused: list[str] = []

    @contextmanager
    def away(self: Database) -> Iterator[None]:
        refused.append("write")
        raise DatabaseError("No space left on device")
        yield

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(Database, "writing", away)
        started[0].tell(progress(0.5), EPOCH, *([DONE] if how == "finished" else []), None)
        until(lambda: not jobs.job(number).active)
        count = len(refused)
        until(lambda: len(refused) > count + 2)
    until(lambda: jobs._worker is None)
    (job,) = JobQueue(Script, tmp_path).jobs()
    assert (job.state, len(job.points), len(job.epochs)) == (how, 1, 1)


# The following tests start real processes, on the offline set.


@pytest.fixture
def launched() -> list[LocalTraining]:
    return []


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, launched: list[LocalTraining]) -> JobQueue:
    monkeypatch.setenv("TRAINED_MODELS", str(tmp_path))
    return JobQueue(lambda config, name: launched.append(LocalTraining(config, name)) or launched[-1])


def ended(process: int) -> bool:
    """Whether there is no such process, or one that has ended and that nobody has asked about yet."""
    try:
        return psutil.Process(process).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def long_config() -> TrainingConfig:
    return recipe_config("specified", "mlp", data="offline", epochs=1000, batch_size=50)


@pytest.mark.slow
def test_a_training_in_its_own_process_becomes_a_run_that_another_process_reads(
    real: JobQueue, tmp_path: Path, launched: list[LocalTraining]
) -> None:
    job = real.wait(real.submit(CONFIG, "mine").number, SECONDS)
    assert job.state == FINISHED, job.message
    assert job.parameters == 407_050
    assert [epoch["epoch"] for epoch in job.epochs] == [1, 2]
    (run,), damaged = list_runs(tmp_path)
    assert (run.name, run.data["name"], damaged) == ("mine", "offline", [])
    until(lambda: ended(launched[0].process_id))


@pytest.mark.slow
def test_a_real_training_stopped_to_keep_is_a_run_and_a_killed_one_a_message(
    real: JobQueue, tmp_path: Path, launched: list[LocalTraining]
) -> None:
    kept, killed = real.submit(long_config(), "kept"), real.submit(long_config(), "killed")
    until(lambda: len(real.job(kept.number).epochs) >= 2)
    real.stop(kept.number, keep=True)
    assert real.wait(kept.number, SECONDS).state == FINISHED
    until(lambda: len(real.job(killed.number).epochs) >= 1)
    psutil.Process(launched[1].process_id).kill()
    job = real.wait(killed.number, SECONDS)
    assert job.state == FAILED
    assert "The training process" in job.message
    assert "Nothing was written." in job.message
    assert "Memory ran out" not in job.message
    assert names_in(tmp_path) == ["kept"]
    assert list_runs(tmp_path)[1] == []


@pytest.mark.slow
def test_a_server_that_is_killed_leaves_no_process_behind(tmp_path: Path) -> None:
    serve = """
import time
from mnist_core.jobs.launcher import LocalTraining
from mnist_core.jobs.queue import JobQueue
from mnist_core.runs.recipes import recipe_config
started = []
jobs = JobQueue(lambda config, name: started.append(LocalTraining(config, name)) or started[-1])
config = recipe_config("specified", "mlp", data="offline", epochs=1000, batch_size=50)
number = jobs.submit(config, "cut-short").number
while not jobs.job(number).epochs:
    time.sleep(0.05)
print(started[0].process_id, flush=True)
time.sleep(600)
"""
    server = subprocess.Popen(
        [sys.executable, "-c", serve],
        cwd=ROOT,
        env={**os.environ, "TRAINED_MODELS": str(tmp_path)},
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
    )
    assert server.stdout
    assert server.stdin
    process = int(server.stdout.readline())
    server.kill()
    server.wait(SECONDS)
    server.stdout.close()
    server.stdin.close()
    until(lambda: ended(process))
    (job,) = JobQueue(Script, tmp_path).jobs()
    assert (job.name, job.state) == ("cut-short", FAILED)
    assert names_in(tmp_path) == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_full_disk_is_a_message_and_leaves_the_other_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "trained_models" / "mlp-specified", tmp_path / "other")
    monkeypatch.setenv("TRAINED_MODELS", str(tmp_path))
    settings = "--data offline --validation-digits 287 --epochs 1 --name big --json"
    command = f"ulimit -f 200; exec {sys.executable} -m mnist_core train mlp {settings}"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: ")
    assert "space" in done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["event"] == "failed"
    assert [path.name for path in tmp_path.iterdir()] == ["other"]
    assert [run.name for run in list_runs(tmp_path)[0]] == ["other"]

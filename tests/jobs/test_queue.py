"""Trainings in the queue: first come, first served, one at a time, and whatever happens to one leaves the others alone."""

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnist_core.errors import RunError
from mnist_core.jobs.launcher import LocalTraining
from mnist_core.jobs.queue import FAILED, FINISHED, KEPT, MOST_POINTS, RUNNING, STOPPED, WAITING, JobQueue
from mnist_core.runs.processes import mark
from mnist_core.runs.recipes import TrainingConfig, recipe_config
from mnist_core.runs.store import list_runs
from tests.conftest import ROOT
from tests.scripted import DONE, SECONDS, Script

STARTED = {"event": "started", "parameters": 7}
EPOCH = {"event": "epoch", "epoch": 1, "val_accuracy": 0.5, "mistakes": [{"index": 1}]}


@pytest.fixture
def started() -> list[Script]:
    return []


@pytest.fixture
def jobs(tmp_path: Path, started: list[Script]) -> JobQueue:
    def launch(config: TrainingConfig, name: str) -> Script:
        started.append(Script(config, name))
        return started[-1]

    return JobQueue(launch, tmp_path)


CONFIG = recipe_config("specified", "mlp", data="offline", epochs=2, batch_size=50)


def until(condition: Callable[[], Any]) -> Any:
    """What the condition gives, once it is true."""
    end = time.monotonic() + SECONDS
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come to be"
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


def test_a_job_shows_what_was_told_of_it(jobs: JobQueue, started: list[Script]) -> None:
    number = jobs.submit(CONFIG, "a").number
    until(lambda: started)
    second = {**EPOCH, "epoch": 2, "mistakes": [{"index": 2}]}
    started[0].tell({"event": "preparing", "what": "writing digits"})
    until(lambda: jobs.job(number).doing == "writing digits")
    started[0].tell(STARTED, {"event": "progress", "fraction": 0.5}, EPOCH, second, {"event": "from the future"})
    until(lambda: len(jobs.job(number).epochs) == 2)
    job = jobs.job(number)
    assert (job.parameters, job.doing, job.progress) == (7, "", {"event": "progress", "fraction": 0.5})
    assert [epoch["mistakes"] for epoch in job.epochs] == [[], [{"index": 2}]]
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
    said = sorted(results.get_nowait() for _ in range(8))
    assert said.count("yes") == 1
    assert all("queue already" in text for text in said if text != "yes")
    assert jobs.free_name("wanted") == "wanted-2"
    until(lambda: started)[0].tell(None)


@pytest.mark.parametrize("name", ["a/b", "../../x", "", "x" * 200, "\N{PARTY POPPER}", ".hidden"])
def test_what_is_no_name_is_refused_before_anything_starts(jobs: JobQueue, started: list[Script], name: str) -> None:
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


def test_a_training_that_tells_nonsense_is_stopped_and_the_next_one_runs(jobs: JobQueue, started: list[Script]) -> None:
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


def test_curves_and_the_list_of_jobs_stay_bounded(jobs: JobQueue, started: list[Script]) -> None:
    number = jobs.submit(CONFIG, "long").number
    until(lambda: started)[0].tell(
        *({"event": "progress", "fraction": fraction} for fraction in range(5000)), DONE, None
    )
    points = [point["fraction"] for point in jobs.wait(number, SECONDS).points]
    assert len(points) <= MOST_POINTS
    assert points == sorted(points)
    assert points[-1] == 4999
    for count in range(KEPT + 5):
        jobs.stop(jobs.submit(CONFIG, f"n{count}").number, keep=False)
        until(lambda: not jobs.active)
    assert len(jobs.jobs()) <= KEPT + 1


def test_what_a_killed_server_left_is_told_and_cleared_away(tmp_path: Path) -> None:
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
    assert list(tmp_path.iterdir()) == []


def test_a_note_of_a_dead_server_whose_number_a_living_process_has_is_not_taken_for_its(tmp_path: Path) -> None:
    (tmp_path / f".jobs.{os.getpid()}-1").write_text(
        json.dumps([{"name": "a", "config": CONFIG.to_json(), "state": RUNNING}])
    )
    assert [job.state for job in JobQueue(Script, tmp_path).jobs()] == [FAILED]


def test_the_note_of_another_living_server_is_left_alone(tmp_path: Path) -> None:
    note = tmp_path / f".jobs.{mark()}"
    note.write_text(json.dumps([{"name": "a", "config": CONFIG.to_json(), "state": RUNNING}]))
    assert JobQueue(Script, tmp_path).jobs() == ()
    assert note.exists()


def test_a_disk_that_takes_no_note_does_not_stop_a_training(
    tmp_path: Path, started: list[Script], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    jobs = JobQueue(lambda config, name: started.append(Script(config, name)) or started[-1], tmp_path)
    number = jobs.submit(CONFIG, "a").number
    until(lambda: started)[0].tell(DONE, None)
    assert jobs.wait(number, SECONDS).state == FINISHED


# From here on with real processes, on the offline set.


@pytest.fixture
def launched() -> list[LocalTraining]:
    return []


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, launched: list[LocalTraining]) -> JobQueue:
    monkeypatch.setenv("TRAINED_MODELS", str(tmp_path))
    return JobQueue(lambda config, name: launched.append(LocalTraining(config, name)) or launched[-1])


def ended(process: int) -> bool:
    """Whether there is no such process, or only its remains."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def long_config() -> TrainingConfig:
    return recipe_config("specified", "mlp", data="offline", epochs=1000, batch_size=50)


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


def test_a_real_training_stopped_to_keep_is_a_run_and_a_killed_one_a_message(
    real: JobQueue, tmp_path: Path, launched: list[LocalTraining]
) -> None:
    kept, killed = real.submit(long_config(), "kept"), real.submit(long_config(), "killed")
    until(lambda: len(real.job(kept.number).epochs) >= 2)
    real.stop(kept.number, keep=True)
    assert real.wait(kept.number, SECONDS).state == FINISHED
    until(lambda: len(real.job(killed.number).epochs) >= 1)
    os.kill(launched[1].process_id, 9)
    job = real.wait(killed.number, SECONDS)
    assert job.state == FAILED
    assert "memory" in job.message
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert list_runs(tmp_path)[1] == []


def test_a_server_that_is_killed_leaves_no_process_behind(tmp_path: Path) -> None:
    serve = (
        "import sys, time\nfrom mnist_core.jobs.queue import JobQueue\nfrom mnist_core.jobs.launcher import LocalTraining\n"
        "from mnist_core.runs.recipes import recipe_config\n"
        "started = []\njobs = JobQueue(lambda config, name: started.append(LocalTraining(config, name)) or started[-1])\n"
        "number = jobs.submit(recipe_config('specified', 'mlp', data='offline', epochs=1000, batch_size=50), 'cut-short').number\n"
        "while not jobs.job(number).epochs: time.sleep(0.05)\nprint(started[0].process_id, flush=True)\ntime.sleep(600)\n"
    )
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
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_a_message_and_leaves_the_other_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "trained_models" / "mlp-specified", tmp_path / "other")
    monkeypatch.setenv("TRAINED_MODELS", str(tmp_path))
    command = f"ulimit -f 200; exec {sys.executable} -m mnist_core train mlp --data offline --validation-digits 287 --epochs 1 --name big --json"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: ")
    assert "space" in done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["event"] == "failed"
    assert [path.name for path in tmp_path.iterdir()] == ["other"]
    assert [run.name for run in list_runs(tmp_path)[0]] == ["other"]

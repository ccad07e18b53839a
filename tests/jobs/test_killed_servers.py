"""Server processes that share a queue are killed at any moment: no training is lost, and no two run at once.

DIGIT_DUEL_FAULTS in the environment is the number of kills, 3 unless it is set.
"""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mnist_core.jobs import queue as jobs_queue
from mnist_core.jobs.job import FAILED, FINISHED
from mnist_core.jobs.queue import JobQueue
from tests.conftest import ROOT
from tests.scripted import Script

FAULTS = int(os.environ.get("DIGIT_DUEL_FAULTS", "3"))
PROCESSES = 3

SERVER = """
import fcntl, sys, time
from pathlib import Path
from mnist_core.jobs import queue
from mnist_core.runs.recipes import recipe_config
from tests.scripted import DONE, Script
queue.SECONDS_BETWEEN_LOOKS, queue.KEPT = 0.05, 100_000
folder, server = Path(sys.argv[1]), sys.argv[2]

class Short(Script):
    def events(self):
        with (folder / ".one-at-a-time").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                (folder / ".two-at-once").touch()
            time.sleep(0.03)
            (folder / self.name).mkdir()
            time.sleep(0.03)
            yield DONE

jobs = queue.JobQueue(Short, folder)
for number in range(1000):
    name = f"run-{server}-{number}"
    while sum(job.active for job in jobs.jobs()) > 5:
        time.sleep(0.02)
    jobs.submit(recipe_config("specified", "mlp"), name)
    print(name, flush=True)
"""
"""Puts one short training after the other into the queue, and says the name of each that was taken."""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows locks files in another way")
def test_no_training_is_lost_and_no_two_run_at_once(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_queue, "SECONDS_BETWEEN_LOOKS", 0.05)
    monkeypatch.setattr(jobs_queue, "KEPT", 100_000)
    seeded, running, outputs = random.Random(7), [], []

    def start() -> None:
        outputs.append((tmp_path / f".output-{len(outputs)}").open("w+"))
        command = [sys.executable, "-c", SERVER, str(tmp_path), str(len(outputs))]
        running.append(subprocess.Popen(command, cwd=ROOT, stdout=outputs[-1]))

    for _ in range(PROCESSES):
        start()
    for _ in range(FAULTS):
        count = said(outputs)
        while said(outputs) < count + seeded.randrange(1, 6):
            assert all(process.poll() is None for process in running)
            time.sleep(0.005)
        time.sleep(seeded.random() * 0.1)
        process = running.pop(seeded.randrange(len(running)))
        process.kill()
        process.wait()
        start()
    for process in running:
        process.kill()
        process.wait()
    taken = set()
    for output in outputs:
        output.seek(0)
        taken |= set(output.read().split())
        output.close()

    jobs = JobQueue(Finishing, tmp_path)
    end = time.monotonic() + 60
    while jobs.active:
        assert time.monotonic() < end
        time.sleep(0.02)
    states = {job.name: (job.state, job.message) for job in jobs.jobs()}
    assert taken <= set(states)
    assert {state for state, _ in states.values()} <= {FINISHED, FAILED}
    lost = [message for state, message in states.values() if state == FAILED]
    assert len(lost) <= FAULTS + PROCESSES
    assert all("The app was stopped while this training ran." in message for message in lost)
    assert all(
        ("was complete" in message) == (tmp_path / name).is_dir() for name, (_, message) in states.items() if message
    )
    assert not (tmp_path / ".two-at-once").exists()
    print(f"{FAULTS} kills, {len(states)} trainings, {len(lost)} ended with their process, none is missing")


def said(outputs: list) -> int:
    """How many trainings were taken, as the processes have said."""
    return sum(Path(output.name).read_text().count("\n") for output in outputs)


class Finishing(Script):
    """A training that finishes at once."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.stop(keep=True)

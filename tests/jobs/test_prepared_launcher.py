"""A prepared process makes a training start at once, serves one training, and never becomes a burden."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from mnist_core.jobs import prepared_launcher
from mnist_core.jobs.command_process import CommandProcess
from mnist_core.jobs.launcher import LocalTraining
from mnist_core.jobs.prepared_launcher import SWITCH, PreparedLauncher
from mnist_core.runs.recipes import recipe_config
from tests.conftest import ROOT
from tests.scripted import SECONDS

WITHOUT_SIGNALS = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")
CONFIG = recipe_config("specified", "mlp", data="offline", epochs=2, batch_size=50)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(SWITCH, raising=False)
    monkeypatch.setenv("TRAINED_MODELS", str(tmp_path / "runs"))
    monkeypatch.setattr(prepared_launcher, "NEEDED_MEMORY", 0)
    monkeypatch.setattr(prepared_launcher, "SECONDS_BETWEEN_CHECKS", 0.1)
    return tmp_path


@pytest.fixture
def launch() -> Iterator[PreparedLauncher]:
    launcher = PreparedLauncher()
    yield launcher
    launcher.close()


def until(condition: Callable[[], Any]) -> Any:
    end = time.monotonic() + SECONDS
    while not (found := condition()):
        assert time.monotonic() < end, "the condition never became true"
        time.sleep(0.02)
    return found


def prepared(launch: PreparedLauncher) -> int:
    launch.prepare()
    number = launch.waiting_process_id
    assert number
    return number


def failing_at_once(folder: Path) -> Any:
    """A config whose training fails before TensorFlow starts, with an event of its own."""
    return recipe_config("specified", "mlp", data=str(folder / "absent.npz"))


@pytest.mark.slow
def test_a_prepared_process_serves_one_training_gives_the_same_run_and_is_replaced(
    launch: PreparedLauncher, folder: Path
) -> None:
    number = prepared(launch)
    training = launch(CONFIG, "prepared")
    assert training.process_id == number
    assert launch.waiting_process_id is None
    launch.prepare()
    assert launch.waiting_process_id is None, "both would slow each other down"
    events = list(training.events())
    assert [events[0]["event"], events[-1]["event"]] == ["preparing", "finished"], training.failure()
    assert launch.waiting_process_id not in (None, number)
    assert list(LocalTraining(CONFIG, "new").events())[-1]["event"] == "finished"
    runs = folder / "runs"
    with (
        np.load(runs / "prepared" / "test_predictions.npz") as ours,
        np.load(runs / "new" / "test_predictions.npz") as usual,
    ):
        assert np.array_equal(ours["probabilities"], usual["probabilities"])


def test_only_one_process_waits(launch: PreparedLauncher) -> None:
    assert prepared(launch) == prepared(launch)
    assert len([child for child in psutil.Process().children() if "--prepare" in child.cmdline()]) == 1


def test_a_process_that_nobody_wants_any_more_ends() -> None:
    launch = PreparedLauncher(idle_seconds=0.5)
    number = prepared(launch)
    until(lambda: launch.waiting_process_id is None)
    until(lambda: not psutil.pid_exists(number))


@pytest.mark.slow
def test_somebody_on_the_page_keeps_the_process_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    launch = PreparedLauncher(idle_seconds=1.0)
    number = prepared(launch)
    for _ in range(5):
        time.sleep(0.4)
        launch.prepare()
    assert launch.waiting_process_id == number
    launch.close()


def test_it_can_be_turned_off(launch: PreparedLauncher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "0")
    launch.prepare()
    assert launch.waiting_process_id is None


def test_a_machine_short_of_memory_prepares_nothing(launch: PreparedLauncher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared_launcher, "NEEDED_MEMORY", psutil.virtual_memory().total + 1)
    launch.prepare()
    assert launch.waiting_process_id is None


def test_a_process_that_has_died_is_forgotten_and_not_replaced_at_once(launch: PreparedLauncher, folder: Path) -> None:
    psutil.Process(prepared(launch)).kill()
    until(lambda: launch.waiting_process_id is None)
    launch.prepare()
    assert launch.waiting_process_id is None
    assert [event["event"] for event in launch(failing_at_once(folder), "mine").events()] == ["failed"]


def test_a_process_that_dies_while_it_is_taken_is_replaced_by_a_new_one(folder: Path) -> None:
    process = CommandProcess("train", None, ["--prepare"])
    training = LocalTraining(failing_at_once(folder), "mine", prepared=process)
    process.kill()
    assert [event["event"] for event in training.events()] == ["failed"]
    assert "absent.npz" in training.failure()


@WITHOUT_SIGNALS
def test_a_process_that_hangs_is_replaced_by_a_new_one(folder: Path) -> None:
    process = CommandProcess("train", None, ["--prepare"])
    os.kill(process.process_id, signal.SIGSTOP)
    training = LocalTraining(failing_at_once(folder), "mine", prepared=process, answers_within=0.5)
    assert [event["event"] for event in training.events()] == ["failed"]
    assert process.exit_code is not None


def test_a_training_that_is_stopped_before_it_answers_is_not_started_anew() -> None:
    process = CommandProcess("train", None, ["--prepare"])
    training = LocalTraining(CONFIG, "mine", prepared=process)
    training.stop(keep=False)
    assert list(training.events()) == []
    assert training.process_id == process.process_id


def test_a_process_that_was_prepared_for_another_folder_of_runs_is_not_used(
    launch: PreparedLauncher, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = prepared(launch)
    monkeypatch.setenv("TRAINED_MODELS", str(folder / "elsewhere"))
    training = launch(failing_at_once(folder), "mine")
    assert training.process_id != number
    assert [event["event"] for event in training.events()] == ["failed"]


@WITHOUT_SIGNALS
def test_a_prepared_process_does_not_outlive_a_server_that_is_killed() -> None:
    program = (
        "import time\n"
        "from mnist_core.jobs import prepared_launcher\n"
        "prepared_launcher.NEEDED_MEMORY = 0\n"
        "launch = prepared_launcher.PreparedLauncher()\n"
        "launch.prepare()\n"
        "print(launch.waiting_process_id, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        number = int(server.stdout.readline())
        assert psutil.pid_exists(number)
        server.kill()
    until(lambda: not psutil.pid_exists(number) or psutil.Process(number).status() == psutil.STATUS_ZOMBIE)

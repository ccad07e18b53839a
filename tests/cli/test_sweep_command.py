"""`digit-duel sweep`."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from mnist_core.cli import main as cli
from mnist_core.cli import sweep_command
from mnist_core.errors import RunError
from mnist_core.jobs.cluster_launcher import ClusterFacts
from mnist_core.jobs.estimates import Estimate
from mnist_core.runs import store
from mnist_core.sweeps import sweep_store
from tests.cli.conftest import digit_duel
from tests.conftest import ROOT
from tests.sweeps.sweeps_on_disk import Launches


@pytest.fixture
def launches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Launches:
    """Trainings that take no time, in a new folder of runs."""
    folder = tmp_path / "runs"
    monkeypatch.setenv("TRAINED_MODELS", str(folder))
    launches = Launches(folder)
    monkeypatch.setattr(sweep_command, "LocalTraining", launches)
    return launches


OFFLINE = ("--data", "offline")


def test_a_sweep_ends_with_a_table_and_a_chart_and_is_one_line_of_the_list(
    launches: Launches, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["sweep", "mlp", "cnn", "--vary", "width=64,128", "--seeds", "2", *OFFLINE]) == 0
    output = capsys.readouterr().out
    assert len(launches.started) == 8
    rows = [line.split() for line in output.splitlines()]
    assert ["MLP", "64", "2", "98.01", "%"] in [row[:5] for row in rows]
    chart = launches.folder / ".sweeps" / "mlp-cnn-width" / "chart.svg"
    assert f"The chart is at {chart}." in output
    assert "Units in the last hidden layer" in chart.read_text()
    assert cli.main(["runs"]) == 0
    listed = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["mlp-cnn-width", "8", "8", "0", "99.17", "%"] in listed
    assert cli.main(["runs", "delete", "mlp-cnn-width"]) == 1
    assert "The sweep 'mlp-cnn-width' with its 8 runs was not deleted" in capsys.readouterr().err
    assert cli.main(["runs", "delete", "mlp-cnn-width", "--yes"]) == 0
    assert "mlp-cnn-width" not in sweep_store.sweep_names()


def test_a_sweep_with_a_failure_says_so_and_is_continued_and_extended(
    launches: Launches, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    launches.broken = {"mine/mlp-epochs-2-seed-1"}
    chart = tmp_path / "chart.png"
    begin = ["sweep", "mlp", "--vary", "epochs=1,2", "--name", "mine", "--chart", str(chart), *OFFLINE]
    assert cli.main(begin) == 1
    output = capsys.readouterr().out
    assert "failed: mlp-epochs-2-seed-1: it failed" in output
    assert "1 training missing. Try again: digit-duel sweep --resume mine" in output
    assert chart.read_bytes().startswith(b"\x89PNG")
    assert cli.main(begin) == 1
    assert "There is a sweep 'mine' already" in capsys.readouterr().err
    launches.broken = set()
    assert cli.main(["sweep", "--resume", "mine", "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["event"] for event in events] == ["sweep", "finished", "sweep finished"]
    assert events[0] == {"event": "sweep", "name": "mine", "trainings": 2, "done": 1}
    assert events[1]["run"] == "mine/mlp-epochs-2-seed-1"
    assert set(events[2]["results"]) == {"mlp-epochs-1-seed-1", "mlp-epochs-2-seed-1"}
    assert cli.main(["sweep", "--extend", "mine", "--vary", "epochs=3", "--seeds", "1,5"]) == 0
    assert len(launches.started) == 7
    assert len(sweep_store.load_sweep("mine").results) == 6


def test_what_the_trainings_gave_is_shown_although_measuring_them_on_corrupted_digits_fails(
    launches: Launches, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RunError("The disk is full.")

    monkeypatch.setattr(sweep_command, "load_digits", lambda *_, **__: None)
    monkeypatch.setattr(sweep_command, "measured_and_stored", fail)
    assert cli.main(["sweep", "mlp", "--vary", "width=64,128", "--corruptions", *OFFLINE]) == 1
    printed = capsys.readouterr()
    assert "98.01 %" in printed.out
    assert "The chart is at" in printed.out
    assert "The disk is full." in printed.err


def test_the_plan_says_what_a_sweep_takes_and_writes_nothing(
    launches: Launches, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_command.Estimates, "of", lambda self, config: Estimate(seconds=10.0 * config.epochs))
    assert cli.main(["sweep", "mlp", "cnn", "--vary", "epochs=1,2", "--plan"]) == 0
    assert "4 trainings, about 1 min on this machine, 4.2 MB on disk" in (output := capsys.readouterr().out)
    assert "cnn-epochs-2-seed-1" in output
    assert cli.main(["sweep", "mlp", "--vary", "epochs=1,2", "--plan", "--json"]) == 0
    planned = json.loads(capsys.readouterr().out)
    assert (planned["trainings"], planned["seconds"]) == (["mlp-epochs-1-seed-1", "mlp-epochs-2-seed-1"], 30.0)
    assert not launches.folder.exists()


class Cluster(Launches):
    """A cluster without Ray, which ends trainings with a learning rate of 1 early."""

    facts = ClusterFacts("10.0.0.1:6379", nodes=2, cores=2)
    worse = ("rate-1.0-seed-1", "rate-1.0-seed-2")

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *error: object) -> None: ...


def test_a_sweep_that_ends_worse_trainings_says_which_and_stays_so_when_it_is_continued_and_extended(
    launches: Launches, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Joined(Cluster):
        def __init__(self, *, cores: int) -> None:
            super().__init__(launches.folder)

        def kill(self) -> None: ...

    monkeypatch.setattr(os, "environ", os.environ.copy())  # the plan may set variables
    monkeypatch.setattr(sweep_command, "ClusterLauncher", Joined)
    monkeypatch.setattr(sweep_command.Estimates, "of", lambda self, config: Estimate(seconds=60.0))
    begin = ["sweep", "mlp", "--vary", "learning-rate=0.001,1", "--on", "ray", "--end-worse", *OFFLINE]
    assert cli.main([*begin, "--plan"]) == 0
    assert "at most about 1 min on the cluster" in capsys.readouterr().out
    assert cli.main([*begin, "--name", "mine"]) == 0
    output, progress = capsys.readouterr()
    assert "mlp-learning-rate-1.0-seed-1  ended early, others are better" in progress
    rows = [" ".join(line.split()) for line in output.splitlines()]
    assert any(row.startswith("MLP 1 0 of 1 ended after 3 of 12 epochs") for row in rows)
    assert "ended early: mlp-learning-rate-1.0-seed-1: ended after 3 of 12 epochs, validation accuracy" in output
    assert cli.main(["sweep", "--resume", "mine", "--on", "ray", "--json"]) == 0
    first, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (first["event"], first["done"], last["event"]) == ("sweep", 2, "sweep finished")
    assert (list(last["results"]), last["ended_early"]["mlp-learning-rate-1.0-seed-1"]["ended_after"]) == (
        ["mlp-learning-rate-0.001-seed-1"],
        3,
    )
    assert cli.main(["sweep", "--extend", "mine", "--seeds", "2", "--on", "ray"]) == 0
    sweep = sweep_store.load_sweep("mine")
    assert (sweep.plan.end_worse, len(sweep.results), len(sweep.ended_early)) == (True, 2, 2)
    capsys.readouterr()
    assert cli.main(["runs"]) == 0
    assert "2 + 2 ended early" in capsys.readouterr().out
    assert cli.main(["sweep", "--resume", "mine"]) == 0
    assert "no training is compared with others" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Nothing says what to train"),
        (["mlp"], "A sweep varies nothing"),
        (["lstm", "--vary", "epochs=1"], "architecture is 'lstm', expected one of mlp, cnn"),
        (["mlp", "--vary", "epochs=0"], "epochs is 0"),
        (["mlp", "--vary", "width=1"], "units in the last hidden layer of the MLP, expected 52 to 4,096"),
        (["mlp", "--vary", "epochs=1", "--epochs", "2"], "set and varied at once"),
        (["mlp", "--vary", "epochs=1", "--seeds", "0"], "--seeds is '0'"),
        (["mlp", "--vary", "epochs=1", "--name", "../x"], "cannot name a run"),
        (["mlp", "--vary", "epochs=1", "--chart", "chart.pdf"], "ends in .svg or .png"),
        (["mlp", "--vary", "width=64,128", "--end-worse"], "--end-worse is for --on ray. On this machine alone"),
        (["--extend", "none", "--seeds", "2", "--on", "ray", "--end-worse"], "together with --end-worse"),
        (["--resume", "none"], "There is no sweep 'none'"),
        (["--resume", "none", "--vary", "epochs=1"], "Received --resume together with --vary"),
        (["--extend", "none"], "--extend needs values or seeds"),
    ],
)
def test_what_is_no_sweep_is_one_line(
    arguments: list[str], message: str, launches: Launches, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["sweep", *arguments]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("error: ")
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert not launches.folder.exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="interrupts a process with a signal")
def test_an_interrupted_sweep_keeps_what_is_finished_and_is_continued_with_real_trainings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAINED_MODELS", str(tmp_path))
    command = [sys.executable, "-m", "mnist_core", "sweep", "mlp", "--vary", "epochs=1,2", "--name", "mine", "--json"]
    process = subprocess.Popen(
        [*command, *OFFLINE], cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    finished = 0
    for line in process.stdout:
        event = json.loads(line)
        finished += event["event"] == "finished"
        if finished and event["event"] == "started":  # the second training has begun
            process.send_signal(signal.SIGINT)
            break
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "1 of 2 trainings are finished and kept. Continue with: digit-duel sweep --resume mine" in errors
    sweep = sweep_store.load_sweep("mine")
    assert (list(sweep.results), sweep.worked_on) == (["mlp-epochs-1-seed-1"], False)
    done = digit_duel("sweep", "--resume", "mine")
    assert done.returncode == 0, done.stderr
    assert "mlp-epochs-2-seed-1" in done.stderr
    folder = tmp_path / ".sweeps" / "mine"
    assert sorted(path.name for path in folder.iterdir()) == [
        "chart.svg",
        "mlp-epochs-1-seed-1",
        "mlp-epochs-2-seed-1",
        "sweep.json",
    ]
    run = store.load_run("mine/mlp-epochs-2-seed-1")
    assert not (run.folder / "model.keras").exists()
    assert run.config["epochs"] == 2
    again = digit_duel("train", "mlp", "--initial-run", run.name, *OFFLINE)
    assert again.returncode == 1
    assert "has no model.keras" in again.stderr


ON_A_SILENT_CLUSTER = """
import sys
from mnist_core.cli.main import main
from mnist_core.jobs import cluster_launcher
from mnist_core.sweeps import sweep_runner
cluster_launcher.MODULE = "tests.cli.silent_cluster"
cluster_launcher.ENDS_WITHIN = sweep_runner.SECONDS_TO_END = 3600.0
sys.exit(main(sys.argv[1:]))
"""
"""The program, on a cluster that does nothing, and with endless patience."""


@pytest.mark.skipif(sys.platform == "win32", reason="interrupts a process with a signal")
def test_ctrl_c_says_what_is_waited_for_and_a_second_one_ends_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAINED_MODELS", str(tmp_path))
    command = [sys.executable, "-c", ON_A_SILENT_CLUSTER, "sweep", "mlp", "--vary", "epochs=1,2", "--on", "ray"]
    process = subprocess.Popen([*command, *OFFLINE], cwd=ROOT, env=os.environ, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    told = ""
    for line in process.stderr:
        told += line
        if "2 trainings, 0 finished before" in line:
            started = psutil.Process(process.pid).children()
            process.send_signal(signal.SIGINT)
        elif "Press Ctrl-C again to end at once" in line:
            process.send_signal(signal.SIGINT)
    process.stderr.close()
    assert process.wait(60) == 130, told
    assert "0 of 2 trainings are finished and kept. Continue with: digit-duel sweep --resume mlp-epochs" in told
    assert not psutil.wait_procs(started, timeout=60)[1]

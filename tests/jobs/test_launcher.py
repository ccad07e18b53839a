"""A training in a process of its own is found from any folder, and its end is explained."""

import json
import sys
from pathlib import Path

import pytest

from mnist_core.events import Event, parse_event
from mnist_core.jobs import memory_kills as kills
from mnist_core.jobs.launcher import LocalTraining, kill_reason
from mnist_core.jobs.memory_kills import memory_kills
from mnist_core.runs.recipes import recipe_config

CONFIG = recipe_config("specified", "mlp", data="offline", epochs=1, batch_size=50)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The present folder, which is far from the code and holds a misleading module."""
    monkeypatch.setenv("TRAINED_MODELS", "runs")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    (tmp_path / "mnist_core.py").write_text("raise SystemExit('another module')")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_a_training_is_started_from_any_folder_and_writes_where_this_process_would(folder: Path) -> None:
    training = LocalTraining(CONFIG, "mine")
    events = list(training.events())
    assert events[-1]["event"] == "finished", training.failure()
    assert (folder / "runs" / "mine" / "run.json").is_file()


@pytest.mark.slow
def test_the_process_prints_nothing_but_events(folder: Path) -> None:
    process = LocalTraining(CONFIG, "quiet")._process
    lines = list(process.lines())
    assert [line for line in lines if parse_event(line) is None] == []
    assert json.loads(lines[-1])["event"] == "finished"
    assert process.error_lines == []


def test_a_training_that_cannot_start_says_why(folder: Path) -> None:
    training = LocalTraining(CONFIG, "no name")
    assert list(training.events()) == []
    assert "cannot name a run" in training.failure()


@pytest.mark.slow
def test_a_failed_event_is_the_reason(folder: Path) -> None:
    training = LocalTraining(recipe_config("specified", "mlp", data="offline", teacher="nobody", epochs=1), "pupil")
    assert [event["event"] for event in training.events()][-1] == "failed"
    assert "nobody" in training.failure()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")
def test_a_killed_training_is_put_down_to_memory_only_if_the_system_says_so(folder: Path) -> None:
    training = LocalTraining(CONFIG, "killed")
    training.stop(keep=False)
    list(training.events())
    before, after = training._memory_kills_before, memory_kills()
    if before == after:
        assert "Memory ran out" not in training.failure()
    assert training.failure().endswith("Nothing was written.")
    assert "killed" in training.failure()


@pytest.mark.parametrize(
    ("before", "after", "memory_ran_out"), [(4, 5, True), (4, 4, False), (None, 5, False), (4, None, False)]
)
def test_a_kill_is_explained_by_the_kernel_s_counter(
    before: int | None, after: int | None, memory_ran_out: bool
) -> None:
    assert kill_reason(before, after).startswith("Memory ran out") is memory_ran_out


@pytest.mark.parametrize(
    ("content", "count"), [("pgfault 12\noom_kill 3\n", 3), ("pgfault 12\n", None), ("nonsense", None)]
)
def test_the_counter_of_the_kernel_is_read_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, count: int | None
) -> None:
    (tmp_path / "vmstat").write_text(content)
    monkeypatch.setattr(kills, "KERNEL_COUNTERS", tmp_path / "vmstat")
    assert memory_kills() == count
    monkeypatch.setattr(kills, "KERNEL_COUNTERS", tmp_path / "absent")
    assert memory_kills() is None


@pytest.mark.parametrize(
    "line",
    [
        "",
        "INFO: Created TensorFlow Lite XNNPACK delegate for CPU.",
        "[1, 2]",
        '"measuring"',
        '{"epoch": 1}',
        '{"event": ["measuring"], "epoch": 1}',
        '{"event": "from the future"}',
        '{"event": "measuring"}',
        "[" * 100_000,
    ],
)
def test_a_line_that_is_no_event_is_ignored(line: str) -> None:
    assert parse_event(line) is None


def test_an_event_survives_its_way_as_a_line() -> None:
    event: Event = {"event": "failed", "message": "Größe 28×28\nexpected"}
    assert parse_event(json.dumps(event)) == event

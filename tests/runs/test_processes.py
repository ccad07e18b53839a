"""Whether the process that left a file behind is still alive."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mnist_core.runs import processes
from mnist_core.runs.processes import here, is_alive, mark


def test_a_process_is_alive_by_its_mark_until_it_ends() -> None:
    assert is_alive(mark())
    command = [sys.executable, "-c", "from mnist_core.runs.processes import mark\nprint(mark(), flush=True)\ninput()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        other_mark = other.stdout.readline().strip()
        assert other_mark != mark()
        assert is_alive(other_mark)
        other.kill()
    assert not is_alive(other_mark)


def test_a_living_process_that_was_given_a_dead_one_s_number_is_another() -> None:
    assert not is_alive(f"{os.getpid()}-1")


@pytest.mark.parametrize("text", ["", "-", "12", "12-", "x-y", "-1-1", f"{10**30}-1"])
def test_a_text_that_is_no_mark_belongs_to_no_process(text: str) -> None:
    assert not is_alive(text)


def test_a_process_of_which_only_the_remains_are_left_is_not_alive() -> None:
    command = [sys.executable, "-c", "from mnist_core.runs.processes import mark\nprint(mark(), flush=True)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        other_mark = other.stdout.read().strip()
        if hasattr(os, "waitid"):  # Wait for the end without taking the remains away.
            os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        else:
            other.wait()
        assert not is_alive(other_mark)


def test_a_change_of_the_clock_does_not_end_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "win32":
        pytest.skip("on Windows the moment is stored with the process")
    import psutil

    before = mark()
    boot, create = psutil.boot_time, psutil.Process.create_time
    monkeypatch.setattr(psutil, "boot_time", lambda: boot() + 3600)
    monkeypatch.setattr(psutil.Process, "create_time", lambda process: create(process) + 3600)
    assert is_alive(before)
    assert mark() == before


def test_a_process_of_another_place_counts_as_alive_until_its_file_was_left_alone_for_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, started, place = mark().split("-")
    other = f"999999999-1-{'0' * 8 if place != '0' * 8 else '1' * 8}"
    assert not is_alive(f"999999999-1-{place}")
    assert is_alive(f"{number}-{started}"), "a mark of an older version is one of this place"
    assert is_alive(other)
    assert is_alive(other, file=tmp_path)
    monkeypatch.setattr(processes, "HOURS_OF_SILENCE", -1.0)
    assert not is_alive(other, file=tmp_path)
    assert is_alive(mark(), file=tmp_path)


def test_two_machines_of_one_name_are_two_places(monkeypatch: pytest.MonkeyPatch) -> None:
    places = set()
    for machine in ("1" * 32, "2" * 32, ""):
        monkeypatch.setattr(Path, "read_text", lambda path, encoding, machine=machine: machine)
        places.add(here())
    assert len(places) == 3

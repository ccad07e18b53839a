"""Whether whoever left a file behind is still alive."""

import os
import subprocess
import sys

import pytest

from mnist_core.runs.processes import is_alive, mark


def test_a_process_lives_by_its_mark_until_it_ends() -> None:
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
def test_what_is_no_mark_belongs_to_nobody(text: str) -> None:
    assert not is_alive(text)

"""Processes killed while they write, replace, rename and delete runs, alone and two at once, and full disks: every run
that was there is still there, whole, or is the whole run that took its place.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np
import psutil
import pytest

from mnist_core.errors import DigitDuelError
from mnist_core.runs.file_format import FILES
from mnist_core.runs.store import list_runs
from mnist_core.runs.writing import sweep, writing
from tests.abuse import length
from tests.conftest import ROOT
from tests.pages.runs_on_disk import SHIPPED

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(length.seconds(300)),
    pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal"),
]

KEPT = ("mlp-specified", "mlp-robust")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Runs that nobody may change, and that the worker copies."""
    for name in KEPT:
        with writing(f"keep-{name}", tmp_path) as partial:
            for file in FILES:
                (partial / file).write_bytes((SHIPPED / name / file).read_bytes())
    return tmp_path


def contents(run: Path) -> dict[str, str]:
    """The hashes of a run's files."""
    return {file: sha256((run / file).read_bytes()).hexdigest() for file in FILES}


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[[int, int], psutil.Process]]:
    """Starts a process that works on the runs. It takes a seed, and the most bytes of a file, or 0."""
    command = [sys.executable, "-m", "tests.abuse.run_worker", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdin
        assert starter.stdout
        asked, answers = starter.stdin, starter.stdout

        def start(seed: int, most_bytes: int) -> psutil.Process:
            asked.write(f"{seed} {most_bytes}\n")
            asked.flush()
            return psutil.Process(int(answers.readline()))

        yield start


def lost(folder: Path, known: dict[str, dict[str, str]]) -> list[str]:
    """What is wrong with the runs, once the next server has swept the folder."""
    sweep(folder)
    whole, damaged = list_runs(folder)
    wrong = [f"{run.name} is damaged: {run.reason}" for run in damaged]
    found = {run.name: contents(folder / run.name) for run in whole}
    wrong += [f"{name} is lost" for name in known if found.get(name) != known[name]]
    wrong += [f"{name} is a mixture" for name in found if found[name] not in known.values()]
    wrong += [f"{path.name} was left" for path in folder.iterdir() if path.name.startswith((".writing", ".replaced"))]
    return wrong


def test_killed_processes_and_full_disks_lose_no_run(folder: Path, start: Callable[[int, int], psutil.Process]) -> None:
    known = {f"keep-{name}": contents(folder / f"keep-{name}") for name in KEPT}
    problems = []
    for case in length.cases(40):
        random = np.random.default_rng([length.SEED, case])
        limit = int(random.integers(1_000, 1_500_000)) if case % 3 == 2 else 0
        workers = [start(int(random.integers(2**31)), limit) for _ in range(1 + case % 2)]
        time.sleep(float(random.uniform(0, 0.12)))
        for each in workers:
            each.kill()  # raises an error if it has ended already
        psutil.wait_procs(workers, timeout=10)
        problems += [(case, problem) for problem in lost(folder, known)]
    assert problems == []


def test_a_run_that_was_replaced_is_the_old_one_or_the_new_one(folder: Path) -> None:
    old, new = (contents(folder / f"keep-{name}") for name in KEPT)
    with writing("own-0", folder) as partial:
        for file in FILES:
            (partial / file).write_bytes((SHIPPED / KEPT[0] / file).read_bytes())
    with pytest.raises(DigitDuelError), writing("own-0", folder, replace=True) as partial:
        (partial / FILES[0]).write_bytes(b"cut")
    assert contents(folder / "own-0") == old
    with writing("own-0", folder, replace=True) as partial:
        for file in FILES:
            (partial / file).write_bytes((SHIPPED / KEPT[1] / file).read_bytes())
    assert contents(folder / "own-0") == new

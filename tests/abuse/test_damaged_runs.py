"""Runs with damaged files: each is listed as whole or as damaged, and gives a clear error at worst, never a crash."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.abuse import length
from tests.conftest import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(length.seconds(300))]

BATCH = 100


def test_a_run_with_damaged_files_is_used_or_refused(tmp_path: Path) -> None:
    count = len(length.cases(40))
    for first in range(0, count, BATCH):
        (folder := tmp_path / str(first)).mkdir()
        arguments = [folder, first, min(BATCH, count - first), length.SEED]
        command = [sys.executable, "-m", "tests.abuse.damaged_run_check", *map(str, arguments)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, f"after case {done.stdout.split()[-1:]}: {done.stderr[-2000:]}"
        *_, last = done.stdout.splitlines()
        assert last.startswith("usable ")

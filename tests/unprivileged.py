"""Commands for which the rights of files hold, also where the tests run as root."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

WITHOUT = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""Takes from root what lets it write where nobody may."""


def unprivileged(command: Sequence[str]) -> list[str]:
    """The command, so that it can write only where the rights of files say so. Skips a test if that is impossible."""
    if sys.platform == "win32":
        pytest.skip("Windows has other rights of files")
    if os.geteuid() != 0:
        return list(command)
    if not _can_give_up_rights():
        pytest.skip("root cannot give up its rights here")
    return [*WITHOUT, *command]


@cache
def _can_give_up_rights() -> bool:
    return bool(shutil.which("setpriv")) and subprocess.run([*WITHOUT, "true"], capture_output=True).returncode == 0


@contextmanager
def read_only(*paths: Path) -> Iterator[None]:
    """In the block, nobody may write to these files and folders."""
    before = {path: path.stat().st_mode for path in paths}
    for path in paths:
        path.chmod(before[path] & 0o555)
    try:
        yield
    finally:
        for path, mode in before.items():
            path.chmod(mode)

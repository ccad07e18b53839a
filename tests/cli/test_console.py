"""The terminal stays free of what TensorFlow and LiteRT write to it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import digit_duel
from tests.conftest import ROOT


def test_nothing_but_the_answer_is_printed(picture: Path) -> None:
    ended = digit_duel("predict", picture)
    assert ended.returncode == 0
    assert ended.stderr == ""
    assert ended.stdout.count("\n") == 1


@pytest.mark.parametrize("command", ["evaluate", "models", "report"])
def test_other_commands_print_no_log_lines_either(command: str, threes: Callable[..., Path]) -> None:
    arguments = {"evaluate": ["cnn-specified", "--data", threes(3)], "models": [], "report": ["mlp-specified"]}
    ended = digit_duel(command, *arguments[command], "--json")
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("command", ["train", "estimate"])
def test_tensorflow_prints_no_log_lines(command: str, runs: Path) -> None:
    options = ["--data", "offline", "--epochs", "1", "--batch-size", "50"]
    ended = digit_duel(command, "mlp", *options, "--json")
    assert (ended.returncode, ended.stderr) == (0, "")


def test_python_still_writes_to_standard_error_where_native_code_does_not() -> None:
    code = (
        "import os, sys\n"
        "from mnist_core.cli.console import without_native_messages\n"
        "with without_native_messages():\n"
        "    os.write(2, b'native\\n')\n"
        "    print('python', file=sys.stderr)\n"
        "os.write(2, b'after\\n')\n"
        "print('end', file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert ended.stderr == "python\nafter\nend\n"
    asked = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "0"}
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True, env=asked)
    assert ended.stderr == "native\npython\nafter\nend\n"

"""`digit-duel run`: where it listens, what it says when it cannot, and how it ends."""

import argparse
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from mnist_core.cli import run_command
from mnist_core.errors import DigitDuelError

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import argparse, sys
from mnist_core.cli import run_command
parser = argparse.ArgumentParser()
run_command.add_arguments(parser)
sys.exit(run_command.run_command(parser.parse_args()))
"""


def options(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    run_command.add_arguments(parser)
    return parser.parse_args(arguments)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which something else listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_it_listens_on_this_machine_alone_unless_told_otherwise() -> None:
    assert vars(options()) == {"port": 8501, "host": "localhost", "access": None}


def test_host_and_port_are_passed_on() -> None:
    given = options("--host", "0.0.0.0", "--port", "8600")
    command = run_command.server_command(given.host, given.port)
    assert command[-4:] == ["--server.address", "0.0.0.0", "--server.port", "8600"]


@pytest.mark.parametrize("base_path", ["duel/live", "/duel/live/"])
def test_below_a_base_path_the_whole_address_is_named(base_path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", base_path)
    assert "http://localhost:8600/duel/live (" in run_command._greeting("localhost", 8600)


def test_the_app_of_the_checkout_is_served() -> None:
    assert run_command.app_path() == ROOT / "app.py"


def test_an_installed_app_comes_before_what_lies_beside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_command, "PACKAGE", tmp_path / "mnist_core")
    with pytest.raises(DigitDuelError, match="The app is missing"):
        run_command.app_path()
    (tmp_path / "app.py").touch()
    assert run_command.app_path() == tmp_path / "app.py"
    (tmp_path / "mnist_core" / "app").mkdir(parents=True)
    (tmp_path / "mnist_core" / "app" / "app.py").touch()
    assert run_command.app_path() == tmp_path / "mnist_core" / "app" / "app.py"


def test_a_taken_port_is_one_line_that_says_what_to_do(taken: int) -> None:
    with pytest.raises(DigitDuelError) as raised:
        run_command.run_command(options("--host", "127.0.0.1", "--port", str(taken)))
    message = str(raised.value)
    assert f"Port {taken} is taken" in message
    assert "digit-duel run --port" in message
    assert "\n" not in message


@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1"])
def test_a_host_that_is_not_this_machine_is_told_apart_from_a_taken_port(host: str) -> None:
    with pytest.raises(DigitDuelError, match="--host localhost"):
        run_command.check_free(host, free_port())


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http"])
def test_an_impossible_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options(f"--port={port}")
    assert "1 to 65535" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C in another way")
@pytest.mark.parametrize("names", [["SIGINT"], ["SIGINT", "SIGINT"], ["SIGTERM"], ["SIGHUP"]])
@pytest.mark.parametrize("whole_group", [True, False], ids=["as a terminal does", "this process alone"])
def test_it_says_where_to_go_and_ends_quietly_with_its_server(names: list[str], whole_group: bool) -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "--host", "127.0.0.1", "--port", str(port)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    assert process.stdout.readline() == f"Digit Duel is at http://127.0.0.1:{port} (Ctrl-C ends it).\n"
    assert process.stdout.readline().startswith("Access: open, ")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=10) as answer:
        assert answer.status == 200
    for each in (signal.Signals[name] for name in names):
        if whole_group:
            os.killpg(process.pid, each)
        else:
            process.send_signal(each)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert (output, errors) == ("", "")
    run_command.check_free("127.0.0.1", port)  # the server has ended as well

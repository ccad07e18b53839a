"""`digit-duel run`: serve the app in a browser.

Streamlit runs in a process of its own, so that the command line never imports it. In a checkout the app is `app.py` at
the top; once installed, it is `app/app.py` in the folder of the package.
"""

import argparse
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from types import FrameType

from mnist_core.access.announcement import in_words, without_writing
from mnist_core.access.modes import ACCESS, Mode
from mnist_core.database.location import location_for
from mnist_core.errors import DigitDuelError
from mnist_core.runs.folders import runs_folder

DEFAULT_PORT = 8501
DEFAULT_HOST = "localhost"
EVERY_ADDRESS = ("0.0.0.0", "::")
PACKAGE = Path(__file__).resolve().parents[1]
SECONDS_TO_END = 10
BASE_PATH = "STREAMLIT_SERVER_BASE_URL_PATH"
"""The environment variable that names the path below which Streamlit serves the app."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --port, --host and --access to the parser of the command."""
    parser.add_argument(
        "--port", type=_port, default=DEFAULT_PORT, help=f"where to listen, 1 to 65535 (default: {DEFAULT_PORT})"
    )
    parser.add_argument(
        "--host",
        default=DEFAULT_HOST,
        help=f"the address to listen on; 0.0.0.0 lets other machines in (default: {DEFAULT_HOST}, this machine alone)",
    )
    parser.add_argument(
        "--access",
        choices=list(Mode),
        help="open: everybody may do everything; public: visitors draw, explore and compare, and the owner signs in "
        f"(default: {ACCESS}, else open on this machine alone and public on any other address)",
    )


def run_command(options: argparse.Namespace) -> int:
    """Serve the app until Ctrl-C; returns the exit code, 0 after Ctrl-C.

    options: has `port` (int), `host` (str) and `access` (str or None). Raises DigitDuelError if nothing can listen
    there, if an architecture file is unusable, or if an environment variable about access or the database has an
    impossible value. The server itself ends with a message if its database cannot be used.
    """
    import_module("mnist_core.models.registry")  # a clear message here rather than an error on every page
    environment = {**os.environ, **({ACCESS: options.access} if options.access else {})}
    access = "\n".join(filter(None, (in_words(options.host, environment), without_writing(runs_folder()))))
    location_for(runs_folder(), environment)
    check_free(options.host, options.port)
    for name in ("SIGTERM", "SIGHUP"):  # end the server too, not this process alone; Windows has no SIGHUP
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)
    # Streamlit's own lines, a welcome and "Stopping...", are left out; its warnings and errors go to standard error.
    # A terminal's Ctrl-C does not reach the server, which would say "Aborted!"; it is ended below.
    group = None if os.name == "nt" else 0  # Windows has no process groups of this kind
    server = subprocess.Popen(
        server_command(options.host, options.port), stdout=subprocess.DEVNULL, process_group=group, env=environment
    )
    try:
        if _answers(server, options.host, options.port):
            print(f"{_greeting(options.host, options.port)}\n{access}", flush=True)
        code = server.wait()
        return 0 if code in (0, -signal.SIGINT, -signal.SIGTERM) else 1
    except KeyboardInterrupt:
        return 0
    finally:
        _end(server)


def app_path() -> Path:
    """The script that Streamlit runs. Raises DigitDuelError if it is missing."""
    for path in (PACKAGE / "app" / "app.py", PACKAGE.parent / "app.py"):
        if path.is_file():
            return path
    raise DigitDuelError(
        f"The app is missing beside {PACKAGE}. Install Digit Duel again: pip install --force-reinstall."
    )


def server_command(host: str, port: int) -> list[str]:
    """The command that serves the app there.

    >>> server_command("localhost", 8501)[-4:]
    ['--server.address', 'localhost', '--server.port', '8501']
    """
    command = [sys.executable, "-m", "streamlit", "run", str(app_path()), "--logger.level", "warning"]
    return [*command, "--server.address", host, "--server.port", str(port)]


def check_free(host: str, port: int) -> None:
    """Raise DigitDuelError, in one line that says what to do, unless a server can listen there."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            if os.name != "nt":  # there, this option would let two servers listen on one port
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen()
    except socket.gaierror as error:
        raise DigitDuelError(
            f"The host {host!r} has no address ({error.strerror}). Name one of this machine: --host localhost."
        ) from error
    except PermissionError as error:
        raise DigitDuelError(
            f"Port {port} may not be used by you. Choose one above 1023: digit-duel run --port {DEFAULT_PORT}."
        ) from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            another = port + 1 if port < 65535 else DEFAULT_PORT
            raise DigitDuelError(
                f"Port {port} is taken by another program. End that one, or choose another port: "
                f"digit-duel run --port {another} (make run PORT={another})."
            ) from error
        raise DigitDuelError(
            f"Nothing can listen on {host}, port {port} ({error.strerror}). Name an address of this machine: "
            "--host localhost."
        ) from error


def _port(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port; give a number from 1 to 65535")


def _reachable(host: str) -> str:
    """An address at which this machine reaches a server that listens on that host."""
    return DEFAULT_HOST if host in EVERY_ADDRESS else host


def _answers(server: subprocess.Popen[bytes], host: str, port: int) -> bool:
    """Wait until the server takes connections; False if it ended instead."""
    while server.poll() is None:
        try:
            socket.create_connection((_reachable(host), port), timeout=1).close()
            return True
        except OSError:
            time.sleep(0.05)
    return False


def _greeting(host: str, port: int) -> str:
    here = _reachable(host)
    base_path = os.environ.get(BASE_PATH, "").strip("/")
    address = f"http://{f'[{here}]' if ':' in here else here}:{port}" + (f"/{base_path}" if base_path else "")
    others = " Other machines reach it by the name or address of this one." if host in EVERY_ADDRESS else ""
    return f"Digit Duel is at {address} (Ctrl-C ends it).{others}"


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _end(server: subprocess.Popen[bytes]) -> None:
    """End the server, even if Ctrl-C is pressed again meanwhile."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server.terminate()
    try:
        server.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()

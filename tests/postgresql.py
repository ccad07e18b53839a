"""A PostgreSQL server for the tests, of Debian's package: in a folder of its own, reached by a socket in it."""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

SECONDS_TO_START = 60
_numbers = itertools.count(1)


def programs() -> Path | None:
    """The folder of PostgreSQL's programs: that of the newest version from Debian, else where the shell finds them."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    found = shutil.which("initdb")
    return versions[-1] if versions else Path(found).parent if found else None


@contextmanager
def server() -> Iterator[str]:
    """A running server: the folder of its socket. Skips the test if there is no PostgreSQL."""
    bin_folder = programs()
    if bin_folder is None:
        pytest.skip("there is no PostgreSQL; install it (Debian: apt install postgresql)")
    as_user, folder = _as_user(), Path(tempfile.mkdtemp(prefix="digit-duel-postgresql-"))
    data = folder / "data"
    try:
        if as_user:
            shutil.chown(folder, "postgres", "postgres")
        initdb = [bin_folder / "initdb", "--pgdata", data, "--username", "digits", "--auth", "trust", "--no-sync"]
        subprocess.run([*as_user, *initdb], check=True, capture_output=True, timeout=SECONDS_TO_START, cwd="/")
        settings = ("fsync=off", "listen_addresses=", f"unix_socket_directories={folder}", "max_connections=60")
        options = [word for setting in settings for word in ("-c", setting)]
        log = (folder / "log").open("w")
        process = subprocess.Popen([*as_user, bin_folder / "postgres", "-D", data, *options], stderr=log, cwd="/")
        try:
            _wait_for(folder, process)
            yield str(folder)
        finally:
            process.send_signal(signal.SIGINT)  # waits for no connections
            process.wait(SECONDS_TO_START)
            log.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_database(socket: str) -> str:
    """The URL of a place without tables. socket: as `server` gives it."""
    schema = f"test_{next(_numbers)}"
    with psycopg.connect(host=socket, user="digits", dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
    return f"postgresql://digits@/postgres?host={quote(socket)}&options={quote(f'-csearch_path={schema}')}"


def _as_user() -> list[str]:
    """Words before a command, for root, whom PostgreSQL refuses. The server ends with the tests, however they end."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig=INT"]


def _wait_for(folder: Path, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            psycopg.connect(host=str(folder), user="digits", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None:
                raise RuntimeError((folder / "log").read_text()) from None
            if time.monotonic() > end:
                raise
            time.sleep(0.05)

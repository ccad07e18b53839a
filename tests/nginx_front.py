"""nginx as docs/hosting.md sets it up, in front of two processes of the app on this machine."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser import harness

NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
"""Where nginx is. Debian has it in a folder that is not on every user's path."""

NEEDS_NGINX = pytest.mark.skipif(
    not NGINX or not shutil.which("envsubst") or not shutil.which("openssl"),
    reason="nginx, envsubst or openssl is missing (Debian: apt install nginx gettext-base openssl)",
)

AROUND = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 2048; }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    gzip on;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/digit-duel.conf;
}}
"""
"""What surrounds the configuration, as Debian's /etc/nginx/nginx.conf does."""


@dataclass
class Front:
    """What runs. address: of nginx, https://..., base path included. ports: of the two processes."""

    address: str
    ports: tuple[int, int]
    processes: list[subprocess.Popen[bytes]]


def free_port() -> int:
    """A port of this machine on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def configuration(folder: Path, **variables: str) -> str:
    """What deploy/nginx.sh prints. variables: see there."""
    settings = {"CERTIFICATE": f"{folder}/certificate", "CERTIFICATE_KEY": f"{folder}/key", "CACHE": f"{folder}/cache"}
    done = subprocess.run(
        ["sh", str(harness.ROOT / "deploy" / "nginx.sh")],
        env={**os.environ, **settings, **variables},
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout


@contextmanager
def nginx(folder: Path, ports: tuple[int, int], *, base_path: str = "") -> Iterator[str]:
    """nginx in front of what listens on these ports: its address, https://..., with a certificate of its own."""
    http_port, https_port = free_port(), free_port()
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost"]
    files = ["-keyout", f"{folder}/key", "-out", f"{folder}/certificate"]
    subprocess.run(["openssl", "req", *kind, *files], check=True, capture_output=True)
    written = configuration(
        folder,
        HTTP_PORT=str(http_port),
        HTTPS_PORT=str(https_port),
        PORT_1=str(ports[0]),
        PORT_2=str(ports[1]),
        BASE_PATH=base_path,
    )
    (folder / "digit-duel.conf").write_text(written)
    user = "user root;\n" if os.name != "nt" and os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(user + AROUND.format(folder=folder))
    command = [str(NGINX), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    with (folder / "messages").open("wb") as messages:
        process = subprocess.Popen(command, stderr=messages)
    try:
        for _ in range(100):
            if process.poll() is not None:
                raise RuntimeError((folder / "messages").read_text())
            try:
                socket.create_connection(("127.0.0.1", https_port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield f"https://127.0.0.1:{https_port}{base_path}"
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def served_behind_nginx(folder: Path, *, count: int = 2, base_path: str = "", **environment: str) -> Iterator[Front]:
    """One or two processes of the app, and nginx in front. folder: an empty one, for its files. environment: of the
    processes.
    """
    with ExitStack() as running:
        served = [running.enter_context(harness.served(base_path=base_path, **environment)) for _ in range(count)]
        ports = [int(address.split(":")[2].split("/")[0]) for address, _ in served]
        address = running.enter_context(nginx(folder, (ports[0], ports[-1]), base_path=base_path))
        yield Front(address, (ports[0], ports[-1]), [process for _, process in served])

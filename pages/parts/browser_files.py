"""What a browser fetches to predict by itself: scripts, and the networks of any run.

app.py gives `routes()` to the server. Each address holds a hash of its content, so the content never changes and the
browser keeps what it has fetched. Addresses are relative to the folder of the app's first page: they are the same below
a base path and behind a server that adds a prefix.

Nothing here needs a session: these functions are called in threads of the server and when pages run.
"""

import gzip
import hashlib
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import quote

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mnist_core.errors import RunError
from mnist_core.models.browser_format import to_browser
from mnist_core.models.weights import read_network
from mnist_core.runs.run import Run
from mnist_core.runs.store import load_run

PAGES = Path(__file__).resolve().parent.parent
SCRIPT_FOLDERS = (
    PAGES / "parts" / "browser_predictor",
    PAGES / "draw" / "live",
    PAGES / "why" / "layers",
    PAGES / "why" / "live",
)
"""Their scripts import each other by relative paths, which are the same in the addresses."""

TYPES = {".js": "text/javascript", ".wasm": "application/wasm", ".network": "application/octet-stream"}
FOREVER = "public, max-age=31536000, immutable"
KEPT_NETWORKS = 16


def routes() -> list[Route]:
    """The routes of the scripts and the networks, to be given to st.App."""
    base = "/" + base_path.strip("/") if (base_path := st.get_option("server.baseUrlPath")) else ""
    return [
        Route(base + "/live/scripts/{digest}/{path:path}", _send_script),
        Route(base + "/live/networks/{name:path}/{digest}.network", _send_network),
    ]


def script_address(path: Path) -> str:
    """The address of a script in one of SCRIPT_FOLDERS."""
    return f"live/scripts/{_scripts_digest()}/{path.relative_to(PAGES).as_posix()}"


def network_address(run: Run) -> str | None:
    """The address of a run's network, or None if its model file is gone. Whether browsers know all of its layers shows
    when it is fetched.
    """
    digest = _network_digest(run.model_path, run.created)
    return None if digest is None else f"live/networks/{quote(run.name)}/{digest}.network"


@cache
def _scripts() -> dict[str, bytes]:
    """The scripts, compressed, by their path below the pages."""
    return {
        path.relative_to(PAGES).as_posix(): _compressed(path.read_bytes())
        for folder in SCRIPT_FOLDERS
        for path in sorted(folder.iterdir())
        if path.suffix in TYPES
    }


@cache
def _scripts_digest() -> str:
    """One hash for all scripts, because they import each other."""
    return _digest(*(part for name, content in _scripts().items() for part in (name.encode(), content)))


@lru_cache(maxsize=KEPT_NETWORKS)
def _network_digest(model: Path, created: str) -> str | None:
    """The hash of a model file and of the scripts, which change with the format of networks.

    created: of the run, so that a later run of the same name is read again.
    """
    try:
        return _digest(model.read_bytes(), _scripts_digest().encode())
    except OSError:
        return None


@lru_cache(maxsize=KEPT_NETWORKS)
def _network(model: Path, created: str) -> bytes | None:
    """The network of a model file, compressed, or None if it has layers that browsers do not know. created: of the
    run.
    """
    try:
        return _compressed(to_browser(read_network(model)))
    except RunError:
        return None


def _send_script(request: Request) -> Response:
    path = request.path_params["path"]
    content = _scripts().get(path) if request.path_params["digest"] == _scripts_digest() else None
    return _sent(content, Path(path).suffix, request)


def _send_network(request: Request) -> Response:
    try:
        run = load_run(request.path_params["name"])
    except RunError:
        return _sent(None, ".network", request)
    # Another hash: the run was trained again.
    is_same = _network_digest(run.model_path, run.created) == request.path_params["digest"]
    return _sent(_network(run.model_path, run.created) if is_same else None, ".network", request)


def _sent(compressed: bytes | None, suffix: str, request: Request) -> Response:
    if compressed is None:
        return Response(status_code=404, headers={"Cache-Control": "no-store"})
    headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return Response(gzip.decompress(compressed), media_type=TYPES[suffix], headers=headers)
    return Response(compressed, media_type=TYPES[suffix], headers={**headers, "Content-Encoding": "gzip"})


def _compressed(content: bytes) -> bytes:
    return gzip.compress(content, 6, mtime=0)


def _digest(*contents: bytes) -> str:
    return hashlib.sha256(b"".join(contents)).hexdigest()[:16]

"""What the browser is told with a page's first answer, and that nothing else is touched."""

import asyncio
import json
import re
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.web.server.starlette.starlette_routes import create_host_config_routes

from pages.parts.front_door import FrontDoor
from pages.parts.scripts import FOLDER, KINDS
from tests.conftest import ROOT

PAGE = b"<!doctype html><html><head><title>x</title></head></html>"


def answered(
    path: str, *, method: str = "GET", accept: str = "text/html", kind: str = "text/html", status: int = 200
) -> tuple[int, dict[str, str], bytes]:
    """What a browser gets that asks the front door, behind which a server answers with that page in two parts."""

    async def server(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(PAGE)).encode()), (b"etag", b"old")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": PAGE[:20], "more_body": True})
        await send({"type": "http.response.body", "body": PAGE[20:]})

    return asked(FrontDoor(server), path, method=method, accept=accept)


def asked(app: ASGIApp, path: str, *, method: str = "GET", accept: str = "*/*") -> tuple[int, dict[str, str], bytes]:
    """What it answers: the status, the headers and the body."""

    async def ask() -> list[Message]:
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request"}

        async def send(message: Message) -> None:
            sent.append(message)

        headers = [(b"accept", accept.encode()), (b"if-none-match", b"old")]
        scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "path": path,
            "root_path": "",
            "query_string": b"",
            "headers": headers,
        }
        await app(scope, receive, send)
        return sent

    start, *parts = asyncio.run(ask())
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], headers, b"".join(part["body"] for part in parts)


@pytest.mark.parametrize("path", ["/", "/compare"])
def test_a_page_is_told_where_its_server_is_and_on_what_terms(path: str) -> None:
    status, headers, body = answered(path)
    assert status == 200
    assert body.startswith(b"<!doctype html><html><head><script>")
    assert f'end = "{path}"'.encode() in body
    assert body.endswith(b"<title>x</title></head></html>")
    assert int(headers["content-length"]) == len(body)
    assert "etag" not in headers


def test_the_terms_are_those_that_the_server_gives_when_it_is_asked() -> None:
    named = re.search(r"HOST_CONFIG: (\{.*?\})", answered("/")[2].decode())
    assert named
    given = json.loads(asked(Starlette(routes=create_host_config_routes(None)), "/_stcore/host-config")[2])
    assert json.loads(named[1]).items() <= given.items()
    assert given["allowedOrigins"], "without any, the front end asks first"


def test_every_page_names_scripts_that_this_streamlit_has() -> None:
    addresses = [
        page.split("/")[-1].removesuffix(".py")
        for page in re.findall(r'"(pages/\S+\.py)"', (ROOT / "app.py").read_text(encoding="utf-8"))
    ]
    assert list(KINDS) == ["", *addresses[1:]]
    for address, kinds in KINDS.items():
        named = re.findall(r'import\("\./static/js/([^"]+)"\)', answered(f"/{address}")[2].decode())
        assert [name.split(".")[0] for name in named] == list(kinds)
        assert all((FOLDER / name).is_file() for name in named)


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        ("/static/js/index.js", {}),
        ("/compare", {"method": "POST"}),
        ("/compare", {"accept": "application/json"}),
        ("/compare", {"kind": "application/json"}),
        ("/compare", {"status": 404}),
        ('/"onload="x', {}),
    ],
)
def test_all_else_passes_as_it_is(path: str, changes: dict[str, Any]) -> None:
    status, headers, body = answered(path, **changes)
    assert body == PAGE
    assert status == changes.get("status", 200)
    assert int(headers["content-length"]) == len(PAGE)

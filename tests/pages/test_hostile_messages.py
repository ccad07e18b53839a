"""What a hostile visitor sends straight to the server ends in a clear message, and others notice nothing."""

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed

from tests.browser.harness import served
from tests.websocket_visitor import Visitor

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A served app."""
    with served() as (address, _):
        yield address


def drawing(raw: object) -> str:
    return json.dumps({"drawing": {"raw": raw, "data": None}})


HOSTILE = {
    "no JSON": "{",
    "deep nesting": '{"drawing":' + "[" * 50_000 + "]" * 50_000 + "}",
    "a number of 5,000 digits": '{"drawing":{"raw":{"objects":[' + "9" * 5_000 + '],"x":1},"data":null}}',
    "a drawing that is a text": json.dumps({"drawing": "nonsense"}),
    "a drawing that is a list": drawing([1, 2]),
    "objects that are a text": drawing({"objects": "nonsense"}),
    "objects that are a number": drawing({"objects": 5}),
    "an object that is a number": drawing({"objects": [7]}),
    "a path that is a number": drawing({"objects": [{"type": "Path", "path": 7}]}),
    "a hundred thousand curves": drawing({"objects": [{"type": "Path", "path": [["Q", 1, 1, 2, 2]] * 100_000}]}),
    "a command of a hundred thousand numbers": drawing(
        {"objects": [{"type": "Path", "path": [["M"] + [1] * 100_000]}]}
    ),
}


@pytest.mark.parametrize("message", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_drawing_is_a_clear_message_and_no_exception(address: str, message: str) -> None:
    with Visitor(address) as visitor:
        visitor.open()
        visitor.report("draw_canvas", message)
        assert visitor.exceptions() == []
        assert any("draw again" in text or "Reload the page" in text for text in visitor.alerts())
        if visitor.has("draw_undo"):  # without it, the page tells to be loaded again
            visitor.press("draw_undo")
            assert visitor.exceptions() == []


def test_a_state_that_is_no_object_is_an_empty_canvas(address: str) -> None:
    with Visitor(address) as visitor:
        visitor.open()
        visitor.report("draw_canvas", "[1, 2, 3]")
        assert visitor.exceptions() == visitor.alerts() == []
        assert visitor.has("draw_canvas")


def test_a_message_of_many_megabytes_ends_the_connection_and_nobody_else_s(address: str) -> None:
    with Visitor(address) as other:
        other.open()
        with Visitor(address) as visitor:
            visitor.open()
            with pytest.raises(ConnectionClosed):
                visitor.report("draw_canvas", '{"drawing": "' + "x" * 3_000_000 + '"}')
        other.open()
        assert other.has("draw_canvas")


def put(address: str, session: str, content: bytes) -> int:
    """Upload a file into a session as a browser would; the status of the answer."""
    boundary = "boundary"
    with urllib.request.urlopen(f"{address}/_stcore/health") as health:
        cookie = str(health.headers["Set-Cookie"]).partition(";")[0]
    token = cookie.partition("=")[2].strip('"')
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'.encode()
        + content
        + f"\r\n--{boundary}--\r\n".encode()
    )
    request = urllib.request.Request(
        f"{address}/_stcore/upload_file/{session}/{uuid.uuid4()}",
        body,
        {"Content-Type": f"multipart/form-data; boundary={boundary}", "Cookie": cookie, "X-Xsrftoken": token},
        method="PUT",
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_visitor_leaves_no_more_than_three_files_on_the_server(address: str) -> None:
    with Visitor(address) as visitor, Visitor(address) as other:
        visitor.open()
        other.open()
        assert [put(address, visitor.session, b"x" * 1000) for _ in range(5)] == [204, 204, 204, 413, 413]
        assert put(address, other.session, b"x") == 204

"""Limits on the files that visitors upload: how many and how much the server holds at a time.

app.py gives `UploadLimits` to the server as a middleware. A page drops a file as soon as it has taken over what is in
it (see `streamlit_seam.forget_upload`), so a visitor on the pages never meets these limits.
"""

from collections import Counter

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pages.parts.streamlit_seam import held_uploads

MOST_FILES = 3
"""Files of one visitor that the server holds or receives at a time."""

MOST_BYTES = 200_000_000
"""Bytes of all visitors' files that the server holds at a time."""

MOST_AT_ONCE = 8
"""Files of all visitors that are being received at a time."""

PLACE = "/_stcore/upload_file/"
"""The part of an address before the session and the file."""


class UploadLimits:
    """Refuses an upload (413 or 503) when the visitor, or all visitors together, have left too much on the server."""

    def __init__(self, app: ASGIApp) -> None:
        """app: what answers all other requests."""
        self._app = app
        self._receiving: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, as ASGI says."""
        session = _uploading_session(scope)
        if not session:
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(session)
        if refusal:
            await refusal(scope, receive, send)
            return
        self._receiving[session] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._receiving[session] -= 1
            self._receiving += Counter()  # drops sessions that receive nothing

    def _refusal(self, session: str) -> PlainTextResponse | None:
        files, _ = held_uploads(session)
        if files + self._receiving[session] >= MOST_FILES:
            return PlainTextResponse(f"Too many files at once: at most {MOST_FILES}. Reload the page.", 413)
        _, held = held_uploads()
        if held > MOST_BYTES or self._receiving.total() >= MOST_AT_ONCE:
            return PlainTextResponse("The server has too many files to read now. Try again in a minute.", 503)
        return None


def _uploading_session(scope: Scope) -> str:
    """The session into which a request uploads a file; empty for any other request."""
    if scope["type"] != "http" or scope["method"] != "PUT":
        return ""
    _, place, rest = Request(scope).url.path.partition(PLACE)
    return rest.partition("/")[0] if place else ""

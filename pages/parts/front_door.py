"""What the browser is told together with Streamlit's empty first page, so that it need not find it out step by step: where the server is, and
which scripts the page will need (`scripts.py`), which it reads as soon as it has nothing else to do.

On a page below the root, Streamlit's front end first asks for its server below that page, waits, and asks again at the root: a tenth of a second
lost. It asks at the right place when `window.__streamlit` names it, which Streamlit's own index.html, a file that never changes, cannot
(streamlit/streamlit, pull request 11537). A version of Streamlit that does not know these names opens the page as it would without them.
"""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.parts.scripts import scripts

PAGE = re.compile(r"/([\w-]*)")
WHERE = (
    # The address may begin with more than the server sees, where another server passes on what lies below a folder of its own.
    '<script>{{ const end = "/{page}", path = location.pathname; if (path.endsWith(end)) {{ const base = location.origin + path.slice(0, -end.length); '
    "window.__streamlit = {{ BACKEND_BASE_URL: base, MAIN_PAGE_BASE_URL: base, ...window.__streamlit }} }} }}</script>"
)
WHICH = '<script type="module">(window.requestIdleCallback ?? setTimeout)(() => {{ {imports} }})</script>'
LEFT_OUT = (b"if-none-match", b"if-modified-since", b"accept-encoding", b"range")
"""What a request for a page may not ask: the answer must be whole and readable."""


def hints(page: str) -> str:
    """The HTML that goes into the head of the page with that address below the root, '' for the first page."""
    imports = " ".join(f'import("./static/js/{name}");' for name in scripts(page))
    return (WHERE.format(page=page) if page else "") + (WHICH.format(imports=imports) if imports else "")


class FrontDoor:
    """ASGI middleware: adds the hints to the HTML that Streamlit answers on the address of a page; hands on all else as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        page = PAGE.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        if page is None or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self.app(scope, receive, send)
            return
        start: Message = {}
        body = b""

        async def collect(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
            if message["type"] != "http.response.body":
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            headers = MutableHeaders(raw=start["headers"])
            if start["status"] == 200 and headers.get("content-type", "").startswith("text/html"):
                body = body.replace(b"<head>", b"<head>" + hints(page[1]).encode(), 1)
                headers["content-length"] = str(len(body))
                del headers["etag"], headers["last-modified"]
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self.app({**scope, "headers": [header for header in scope["headers"] if header[0] not in LEFT_OUT]}, receive, collect)

"""What the browser is told together with Streamlit's empty first page, so that it need not find it out step by step: where the server is, and
which scripts the page will need (`scripts.py`), which it reads as soon as it has nothing else to do. And that Back leads to the page before.

By itself, Streamlit's front end asks for its server, and for the server's terms, before it opens a connection; on a page below the root it asks below
that page first, waits, and asks again at the root: a tenth of a second lost. It connects at once when `window.__streamlit` names both
(streamlit/streamlit, pull request 13342), which Streamlit's own index.html, a file that never changes, cannot (pull request 11537). A version of
Streamlit that does not know these names opens the page as it would without them.

When the server writes a page's choices into its address, Streamlit adds that to the history, though it is still the same page (streamlit/streamlit,
pull request 16831), and Back would lead from the page with its choices to the page without. The address is replaced instead, as Streamlit itself does
when it is the visitor who chooses. And the next page's choices can come while the browser still shows the page that is left: that gets back the
address which it had at the click that led away, so that Back finds, say, the cell that was looked at.
"""

import json
import re

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.parts.scripts import scripts

PAGE = re.compile(r"/([\w-]*)")
WHERE = (
    # The address may begin with more than the server sees, where another server passes on what lies below a folder of its own.
    '<script>{{ const end = "/{page}", path = location.pathname; if (path.endsWith(end)) {{ const base = location.origin + path.slice(0, -end.length); '
    "window.__streamlit = {{ BACKEND_BASE_URL: base, MAIN_PAGE_BASE_URL: base, HOST_CONFIG: {terms}, ...window.__streamlit }} }} }}</script>"
)
BACK = """<script>{
  const push = history.pushState;
  let before = location.href;
  for (const kind of ["click", "popstate"]) addEventListener(kind, () => { before = location.href }, true);
  history.pushState = (state, unused, url) => {
    const pathOf = (address) => new URL(address, location).pathname, stays = pathOf(url ?? "") === location.pathname;
    if (!stays && pathOf(before) === location.pathname) history.replaceState(history.state, unused, before);
    (stays ? history.replaceState : push).call(history, state, unused, url);
  };
}</script>"""
WHICH = '<script type="module">(window.requestIdleCallback ?? setTimeout)(() => {{ {imports} }})</script>'
LEFT_OUT = (b"if-none-match", b"if-modified-since", b"accept-encoding", b"range")
"""What a request for a page may not ask: the answer must be whole and readable."""


def hints(page: str) -> str:
    """The HTML that goes into the head of the page with that address below the root, '' for the first page."""
    imports = " ".join(f'import("./static/js/{name}");' for name in scripts(page))
    terms = json.dumps({"allowedOrigins": st.get_option("client.allowedOrigins"), "useExternalAuthToken": False})  # as the server itself answers
    return WHERE.format(page=page, terms=terms) + BACK + (WHICH.format(imports=imports) if imports else "")


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

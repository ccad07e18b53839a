"""What the browser is told together with Streamlit's empty first page: where the server is, which scripts the page will need (`scripts.py`), so that
it need not find that out step by step; and how the pages of this app stand in its history, so that Back leads to the page before.

By itself, Streamlit's front end asks for its server, and for the server's terms, before it opens a connection; on a page below the root it asks below
that page first, waits, and asks again at the root: a tenth of a second lost. It connects at once when `window.__streamlit` names both
(streamlit/streamlit, pull request 13342), which Streamlit's own index.html, a file that never changes, cannot (pull request 11537). A version of
Streamlit that does not know these names opens the page as it would without them.

In the history, every page is one entry, whose address says what was chosen on it:

- When the server writes a page's choices into its address, Streamlit adds an entry, though it is still the same page (streamlit/streamlit, pull
  request 16831), and Back would lead from the page with its choices to the page without. The address is replaced instead, as Streamlit itself does
  when it is the visitor who chooses.
- After a click on another page, the choices of that page can come while the address is still that of the page being left. So the entry of the page
  that is left gets back, before another is added, the address which it had at the click: the confusion cell, say, that was looked at.
- After Back or Forward the browser's address is right at once, and the server answers later; where the visitor has pressed several times, also for
  pages that were passed. What such an answer would write (another page, or choices that are not this page's, whose names all begin with its address)
  is left out.
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
  const { pushState, replaceState } = history;
  const read = (url) => new URL(url ?? "", location);
  let before, wentBack;
  const note = (event) => { before = location.href; wentBack = event?.type === "popstate" };
  for (const kind of ["click", "popstate"]) addEventListener(kind, note, true);
  note();
  const stays = (url) => read(url).pathname === location.pathname;
  const isLate = (url) => {
    const here = read().searchParams, own = (location.pathname.split("/").pop() || "draw") + "_";
    return wentBack && (!stays(url) || [...read(url).searchParams.keys()].some((key) => !key.startsWith(own) && !here.has(key)));
  };
  history.replaceState = (state, unused, url) => { if (!isLate(url)) replaceState.call(history, state, unused, url) };
  history.pushState = (state, unused, url) => {
    if (isLate(url)) return;
    if (!stays(url) && read(before).pathname === location.pathname) replaceState.call(history, history.state, unused, before);
    (stays(url) ? replaceState : pushState).call(history, state, unused, url);
  };
}</script>"""
WHICH = '<script type="module">(window.requestIdleCallback ?? setTimeout)(() => {{ {imports} }})</script>'
LEFT_OUT = (b"if-none-match", b"if-modified-since", b"accept-encoding", b"range")
"""What a request for a page may not ask: the answer must be whole and readable."""


def hints(page: str) -> str:
    """The HTML that goes into the head of the page with that address below the root, '' for the first page."""
    imports = " ".join(f'import("./static/js/{name}");' for name in scripts(page))
    terms = json.dumps(
        {"allowedOrigins": st.get_option("client.allowedOrigins"), "useExternalAuthToken": False}
    )  # as the server itself answers
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

        await self.app(
            {**scope, "headers": [header for header in scope["headers"] if header[0] not in LEFT_OUT]}, receive, collect
        )

"""A small font of icons, in the place of Streamlit's large one.

Streamlit loads all 4,300 Material Symbols, 376 kB, before it shows the first icon. `IconFont` answers with the 43 kB of
those whose names occur in Streamlit's scripts or in the pages. `python -m tests.icon_names` makes the file again. The
symbols are Google's, under the Apache License 2.0.

Relies on: the address of the font in Streamlit 1.67, which holds a hash of its content.
Lost without it: a third of a megabyte of each first visit. With another Streamlit, its own font is sent.
Can go: when Streamlit sends the icons that a page needs.
"""

from functools import cache
from pathlib import Path

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

FILE = Path(__file__).with_name("icon_font.woff2")
REPLACED = "MaterialSymbols-Rounded.nEdyypZU.woff2"
"""Streamlit's font, of which FILE is a part."""


class IconFont:
    """Answers requests for Streamlit's font of icons."""

    def __init__(self, app: ASGIApp) -> None:
        """app: what answers all other requests."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, as ASGI says."""
        if scope["type"] == "http" and scope["path"].endswith(f"/static/media/{REPLACED}"):
            headers = {"Cache-Control": "public, max-age=31536000, immutable"}
            await Response(_font(), media_type="font/woff2", headers=headers)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


@cache
def _font() -> bytes:
    return FILE.read_bytes()

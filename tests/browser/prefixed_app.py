"""The app behind a prefix that it does not know, as a reverse proxy adds one. test_live.py serves it.

Addresses below the environment variable PREFIX reach the app without it. There is nothing else but the health check.
"""

import os
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pages.parts.browser_files import routes

ROOT = Path(__file__).resolve().parent.parent.parent
HEALTH = "/_stcore/health"


class Prefix:
    """Takes the prefix off, and knows no other address."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and scope["path"] != HEALTH:
            prefix = os.environ["PREFIX"]
            if not scope["path"].startswith(prefix + "/"):
                await Response(status_code=404)(scope, receive, send)
                return
            path = scope["path"].removeprefix(prefix)
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self.app(scope, receive, send)


app = st.App(ROOT / "app.py", routes=routes(), middleware=[Middleware(Prefix)])

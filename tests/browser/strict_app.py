"""The app with the Content-Security-Policy that the environment variable POLICY holds. test_live.py serves it."""

import os
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.parts.browser_files import routes

ROOT = Path(__file__).resolve().parent.parent.parent


class Policy:
    """Adds the policy to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"content-security-policy", os.environ["POLICY"].encode()))
            await send(message)

        await self.app(scope, receive, send_with_policy)


app = st.App(ROOT / "app.py", routes=routes(), middleware=[Middleware(Policy)])

"""Have the server send each message at once.

TCP may hold a small message back until the other side has acknowledged the one before (RFC 896), and the other side may
wait 40 ms with that (RFC 1122). A stroke's answer is several small messages. asyncio turns the holding back off, except
for a socket that was opened without naming the protocol, as Streamlit opens the one on which it listens.
"""

import os
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import psutil


@asynccontextmanager
async def prompt_answers(_: object) -> AsyncGenerator[None]:
    """The server's lifespan: it listens already, and accepts nobody yet."""
    send_at_once()
    yield


def send_at_once() -> None:
    """Turn the holding back off wherever this process listens. Connections that are accepted later take it over."""
    for each in psutil.Process().net_connections("tcp"):
        if each.status == psutil.CONN_LISTEN and each.fd >= 0:  # Windows does not tell it
            with socket.socket(fileno=os.dup(each.fd)) as listening:  # a copy, so that closing it closes nothing
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

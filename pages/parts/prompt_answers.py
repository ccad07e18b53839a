"""Have the server send each message at once.

TCP may hold a small message back until the other side has acknowledged the one before (RFC 896), and the other side may
wait 40 ms with that (RFC 1122). A stroke's answer is several small messages. asyncio turns the holding back off, except
for a socket that was opened without naming the protocol, as Streamlit opens the one on which it listens.
"""

import logging
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
    """Turn the holding back off wherever this process listens. Connections that are accepted later take it over.

    Where the system does not tell where a process listens, nothing changes: Windows, and some sandboxes.
    """
    for descriptor in _listening():
        try:
            with socket.socket(fileno=os.dup(descriptor)) as listening:  # a copy, so that closing it closes nothing
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            _log(error)


def _listening() -> list[int]:
    """The file descriptors of the sockets on which this process listens."""
    try:
        connections = psutil.Process().net_connections("tcp")
    except (psutil.Error, OSError, RuntimeError) as error:
        _log(error)
        return []
    return [each.fd for each in connections if each.status == psutil.CONN_LISTEN and each.fd >= 0]


def _log(error: Exception) -> None:
    logging.getLogger(__name__).info("Answers may be held back for some milliseconds: %s", error)

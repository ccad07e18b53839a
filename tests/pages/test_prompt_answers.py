import asyncio
import socket
import sys

import psutil
import pytest

from pages.parts.prompt_answers import prompt_answers


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell which sockets a process has")
def test_a_visitors_messages_are_sent_at_once_although_the_servers_socket_names_no_protocol() -> None:
    async def held_back(connect_to: socket.socket) -> bool:
        async with prompt_answers(None):
            with socket.create_connection(connect_to.getsockname()):
                accepted, _ = connect_to.accept()
                with accepted:
                    return not accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    with socket.socket(socket.AF_INET) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        assert not asyncio.run(held_back(listening))
        assert listening.fileno() >= 0, "the socket on which the server listens must stay open"


def test_the_server_starts_where_nobody_may_ask_for_its_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise psutil.AccessDenied

    async def starts() -> bool:
        async with prompt_answers(None):
            return True

    monkeypatch.setattr(psutil.Process, "net_connections", refuse)
    assert asyncio.run(starts())

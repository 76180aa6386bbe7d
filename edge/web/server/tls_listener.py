"""Listens for https. Everything a listener does before a request is done here, within bounds: a handshake that never
ends costs its sender alone, and each connection gets the certificate of its moment.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from edge.web.server.connections import HEAD_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.gateway.phone_certificate import PhoneCertificate

MAX_GREETED: Final = 500
"""Handshakes under way in all; for one more the oldest ends."""
MAX_OF_ONE: Final = 100
"""Of one address. A phone needs one or two."""
PAUSE_S: Final = 0.1
"""After the system could not give a connection, as when files are used up."""
BACKLOG: Final = 2048


class TlsListener:
    """One listening socket. What uvicorn asks of a server: `close` and `wait_closed`."""

    def __init__(
        self, listening: socket.socket, protocol: Callable[[], asyncio.Protocol], certificate: PhoneCertificate
    ) -> None:
        self._socket = listening
        self._protocol = protocol
        self._certificate = certificate
        self._greeted: dict[asyncio.Task[None], str] = {}
        self._loop = asyncio.get_running_loop()
        self._accepting = self._loop.create_task(self._accept(), name="https")

    @property
    def sockets(self) -> list[socket.socket]:
        """What it listens on, as asyncio's own servers say it."""
        return [self._socket]

    def close(self) -> None:
        """Take no more connections; those that are there go on."""
        self._accepting.cancel()
        for task in list(self._greeted):
            task.cancel()
        self._socket.close()

    async def wait_closed(self) -> None:
        """Until nothing is under way here."""
        await asyncio.gather(self._accepting, *self._greeted, return_exceptions=True)

    async def _accept(self) -> None:
        while True:
            try:
                connection, address = await self._loop.sock_accept(self._socket)
            except OSError:
                await asyncio.sleep(PAUSE_S)
                continue
            self._greet(connection, address[0])

    def _greet(self, connection: socket.socket, address: str) -> None:
        mine = [task for task, each in self._greeted.items() if each == address] if self._greeted else []
        if len(mine) >= MAX_OF_ONE:
            mine[0].cancel()
        elif len(self._greeted) >= MAX_GREETED:
            next(iter(self._greeted)).cancel()
        task = self._loop.create_task(self._shake_hands(connection))
        self._greeted[task] = address
        task.add_done_callback(lambda done: self._greeted.pop(done, None))

    async def _shake_hands(self, connection: socket.socket) -> None:
        served = self._certificate.served
        if served is None:
            connection.close()
            return
        with suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            await self._loop.connect_accepted_socket(
                self._protocol, connection, ssl=served.context, ssl_handshake_timeout=HEAD_S
            )
        except (OSError, EOFError):
            # Who does not finish, or accepts none of our certificates, is no matter of ours.
            connection.close()
        except asyncio.CancelledError:
            connection.close()
            raise


def listening(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen there, one for each kind of address. Raises `OSError`."""
    found = dict.fromkeys(socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE))
    return [_bound(family, kind, address) for family, kind, _, _, address in found]


def _bound(family: int, kind: int, address: Any) -> socket.socket:
    bound = socket.socket(family, kind)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
        bound.listen(BACKLOG)
        bound.setblocking(False)
    except OSError:
        bound.close()
        raise
    return bound

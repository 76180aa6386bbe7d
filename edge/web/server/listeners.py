"""The gateway's listeners: http, and https where there is a certificate; each once for everything, or once for the
store's network and once for the inside.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import uvicorn

from edge.gateway.supervision import supervised
from edge.settings.http import to_bind
from edge.web.app import create_apps
from edge.web.server.connections import Connections, address_named, allow_many_files
from edge.web.server.single_write import SingleWriteProtocol
from edge.web.server.tls_listener import TlsListener, listening

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Sequence
    from ipaddress import IPv4Network, IPv6Network

    from fastapi import FastAPI

    from edge.gateway.parts import Parts
    from edge.gateway.phone_certificate import PhoneCertificate
    from edge.settings.settings import GatewaySettings


def configured(
    app: FastAPI,
    host: str = "127.0.0.1",
    port: int = 0,
    grace_s: int = 1,
    proxies: Sequence[IPv4Network | IPv6Network] = (),
    peers: Connections | None = None,
) -> uvicorn.Config:
    """How every listener serves: what leaves, what is logged and how long it waits. Several of one application share
    their `peers`: what one address may hold, it holds over all of them.
    """
    return uvicorn.Config(
        app,
        host=to_bind(host),
        port=port,
        http=type("Listener", (SingleWriteProtocol,), {"peers": peers or Connections(proxies)}),
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # `edge.web.server.forwarding` does it, for the proxies that the settings name
        timeout_graceful_shutdown=grace_s,
        server_header=False,
    )


class Server(uvicorn.Server):
    """Leaves the signals to the gateway: uvicorn raises them again once it has stopped, and what is under way at the
    locks would end unrecorded.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen. Raises `OSError`, which names the address."""
        with address_named(self.config.host, self.config.port):
            await super().startup(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class TlsServer(Server):
    """The same behind TLS. A port that somebody else has is told staff: the store opens by http all the same."""

    def __init__(self, config: uvicorn.Config, certificate: PhoneCertificate) -> None:
        super().__init__(config)
        self._certificate = certificate

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        await self.lifespan.startup()
        self.servers: list[Any] = []
        try:
            found = sockets or listening(self.config.host, self.config.port)
        except OSError as error:
            self._certificate.refuse_port(error)
            found = []
        for each in found:
            each.setblocking(False)
            self.servers.append(TlsListener(each, self._connection, self._certificate))
        if found:
            self._certificate.port = self._certificate.port or found[0].getsockname()[1]
        self.started = True

    def _connection(self) -> asyncio.Protocol:
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made


class _Place(NamedTuple):
    """Where one application answers."""

    app: FastAPI
    http: tuple[str, int]
    https: tuple[str, int] | None


class Listeners:
    """All listeners of one gateway, started and stopped together."""

    def __init__(self, parts: Parts, grace_s: int) -> None:
        http = parts.settings.gateway.http
        self._certificate = parts.certificate
        self._servers: list[Server] = []
        for place in _places(create_apps(parts, apart=http.inside is not None), parts.settings.gateway):
            peers = Connections(http.trusted_proxies)
            self._servers.append(Server(configured(place.app, *place.http, grace_s, peers=peers)))
            if place.https is not None:
                config = configured(place.app, *place.https, grace_s, peers=peers)
                self._servers.append(TlsServer(config, parts.certificate))

    @property
    def started(self) -> bool:
        """Whether each of them answers."""
        return all(server.started for server in self._servers)

    async def serve(self) -> None:
        """Until `stop`, or until one of them ends."""
        allow_many_files()
        self._certificate.look()
        tasks = [asyncio.create_task(server.serve()) for server in self._servers]
        looking = supervised(self._certificate.run, "certificate")
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            looking.cancel()
            for server in self._servers:
                server.should_exit = True
            await asyncio.gather(*tasks)

    def stop(self) -> None:
        """Finish what is under way, and end. Told twice: without patience for the last answers."""
        for server in self._servers:
            server.force_exit = server.should_exit
            server.should_exit = True


def _places(apps: list[FastAPI], box: GatewaySettings) -> Iterator[_Place]:
    http, https = box.http, box.https
    host = http.host if https.host is None else https.host
    yield _Place(apps[0], (http.host, http.port), (host, https.port) if https.on else None)
    within = http.inside_address()
    if within is not None:
        yield _Place(apps[1], within, https.inside_address() if https.on else None)

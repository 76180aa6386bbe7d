"""The gateway's HTTP listeners: one for everything, or one for the store's network and one for the inside."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from edge.web.app import create_apps
from edge.web.server.connections import Connections, allow_many_files
from edge.web.server.single_write import SingleWriteProtocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from ipaddress import IPv4Network, IPv6Network

    from fastapi import FastAPI

    from edge.gateway.parts import Parts


def configured(
    app: FastAPI,
    host: str = "127.0.0.1",
    port: int = 0,
    grace_s: int = 1,
    proxies: Sequence[IPv4Network | IPv6Network] = (),
) -> uvicorn.Config:
    """How every listener serves: what leaves, what is logged and how long it waits."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=type("Listener", (SingleWriteProtocol,), {"peers": Connections(proxies)}),
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # `edge.web.server.forwarding` does it, for the proxies that the settings name
        timeout_graceful_shutdown=grace_s,
        server_header=False,
    )


class _Server(uvicorn.Server):
    """Leaves the signals to the gateway: uvicorn raises them again once it has stopped, and what is under way at the
    locks would end unrecorded.
    """

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Listeners:
    """All listeners of one gateway, started and stopped together."""

    def __init__(self, parts: Parts, grace_s: int) -> None:
        http = parts.settings.gateway.http
        within = http.inside_address()
        addresses = [(http.host, http.port), *([within] if within is not None else [])]
        self._servers = [
            _Server(configured(app, host, port, grace_s, http.trusted_proxies))
            for app, (host, port) in zip(create_apps(parts, apart=within is not None), addresses, strict=True)
        ]

    @property
    def started(self) -> bool:
        """Whether each of them answers."""
        return all(server.started for server in self._servers)

    async def serve(self) -> None:
        """Until `stop`, or until one of them ends."""
        allow_many_files()
        tasks = [asyncio.create_task(server.serve()) for server in self._servers]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for server in self._servers:
                server.should_exit = True
            await asyncio.gather(*tasks)

    def stop(self) -> None:
        """Finish what is under way, and end. Told twice: without patience for the last answers."""
        for server in self._servers:
            server.force_exit = server.should_exit
            server.should_exit = True

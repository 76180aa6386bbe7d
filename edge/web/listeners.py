"""The gateway's HTTP listeners: one for everything, or one for the store's network and one for the inside."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from edge.web.app import create_apps
from edge.web.one_piece import OnePiece

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

    from edge.gateway import Gateway


def configured(app: FastAPI, host: str = "127.0.0.1", port: int = 0) -> uvicorn.Config:
    """How every listener serves: what leaves, what is logged and how long it waits."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=OnePiece,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # `edge.web.arrivals` does it, for the proxies that the settings name
        timeout_graceful_shutdown=2,
        server_header=False,
    )


class _Beside(uvicorn.Server):
    """A server beside another one, which has the signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield


class Listeners:
    """All listeners of one gateway, started and stopped together."""

    def __init__(self, gateway: Gateway) -> None:
        http = gateway.settings.gateway.http
        within = http.inside_address()
        outside, *inside = create_apps(gateway, apart=within is not None)
        self._main = uvicorn.Server(configured(outside, http.host, http.port))
        self._beside = [_Beside(configured(app, *within)) for app in inside if within is not None]

    async def serve(self) -> None:
        """Until a signal, or `stop`."""
        others = [asyncio.create_task(server.serve(), name="inside") for server in self._beside]
        try:
            await self._main.serve()
        finally:
            self.stop()
            await asyncio.gather(*others)

    def stop(self) -> None:
        """Finish what is under way, and end."""
        for server in (self._main, *self._beside):
            server.should_exit = True

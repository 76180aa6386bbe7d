"""How a screen reaches its gateway: by the name that phones use, or straight at its address in the store's network.

A name leads nowhere while the line to the internet is down. The gateway stands in the same network all the same, so
there it is asked as by its name: it is the same host, with the same certificate.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

from device_drivers.contract import Service

DIRECT_S: Final = 1.5
"""How long a connection within the store's network may take."""


class Unconnected(OSError):
    """The gateway was not reached: nothing was sent."""


class GatewayRoutes:
    """Which way answered last. It comes first from then on, so that one question alone waits for a dead name."""

    def __init__(self) -> None:
        self._last = ""

    @contextmanager
    def request(
        self, service: Service, path: str, headers: Mapping[str, str], body: bytes | None = None, *, within_s: float
    ) -> Iterator[http.client.HTTPResponse]:
        """The answer to a GET, or with a `body` to a POST. Raises `OSError`; `Unconnected` where nothing was sent."""
        line = self._open(service, within_s)
        try:
            line.request("GET" if body is None else "POST", path, body, dict(headers))
            yield line.getresponse()
        except http.client.HTTPException as error:
            raise OSError(str(error) or type(error).__name__) from error
        finally:
            line.close()

    def origin(self, service: Service) -> str:
        """An address without a path, for a part that cannot be told where to connect. By https only the name is one."""
        straight = self._last in service.direct and service.gateway.startswith("http:")
        return f"http://{self._last}" if straight else service.gateway

    def _open(self, service: Service, within_s: float) -> http.client.HTTPConnection:
        failed: OSError | None = None
        for at in sorted(("", *service.direct), key=lambda at: at != self._last):
            line = _connection(service.gateway, at, within_s)
            try:
                line.connect()
            except (OSError, http.client.HTTPException) as error:
                failed = Unconnected(f"{at or service.gateway}: {error}")
                line.close()
                continue
            self._last = at
            return line
        raise failed or Unconnected(service.gateway)


def _connection(origin: str, at: str, within_s: float) -> http.client.HTTPConnection:
    """A connection that is not open yet; `at` is where it leads, if not where the name does."""
    parts = urlsplit(origin)
    if parts.scheme == "https":
        return _HttpsConnection(parts.netloc, at, within_s)
    return _HttpConnection(parts.netloc, at, within_s)


def _connect(at: str, within_s: float) -> socket.socket:
    host, _, port = at.rpartition(":")
    line = socket.create_connection((host.strip("[]"), int(port)), min(DIRECT_S, within_s))
    line.settimeout(within_s)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


class _HttpConnection(http.client.HTTPConnection):
    def __init__(self, named: str, at: str, within_s: float) -> None:
        super().__init__(named, timeout=within_s)
        self._at, self._within_s = at, within_s

    def connect(self) -> None:
        if not self._at:
            return super().connect()
        self.sock = _connect(self._at, self._within_s)
        return None


class _HttpsConnection(http.client.HTTPSConnection):
    def __init__(self, named: str, at: str, within_s: float) -> None:
        self._trusted = ssl.create_default_context()
        super().__init__(named, timeout=within_s, context=self._trusted)
        self._at, self._within_s = at, within_s

    def connect(self) -> None:
        if not self._at:
            return super().connect()
        line = _connect(self._at, self._within_s)
        self.sock = self._trusted.wrap_socket(line, server_hostname=self.host)
        return None

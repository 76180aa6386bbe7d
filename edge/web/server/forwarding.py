"""Where a request comes from: the caller's own address behind the proxies that the settings trust, and nobody else's.

`Forwarding.settle` runs first of all and writes what it finds into the ASGI scope: address, scheme and host. From then
on everybody reads those, `caller_address` the first of them.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

from edge.web.server.hosts import Authority, Hosts, canonical, ip_of, is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import HTTPConnection
    from starlette.types import Scope

    from edge.settings.settings import GatewaySettings

_FORWARDING: Final = frozenset({b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip"})
_PROXIED: Final = "storekeeper.proxied"
"""In the scope of what a trusted proxy handed on."""


def caller_address(connection: HTTPConnection) -> str:
    """The address of whoever asks, in its canonical form; empty where the transport has none.

    Behind a trusted proxy it is the client that the proxy names, otherwise whoever opened the connection: a header that
    anybody can send changes nothing.
    """
    client = connection.scope.get("client")
    return client[0] if client else ""


def is_nearby(connection: HTTPConnection) -> bool:
    """Whether the request comes from this very machine, names it by a loopback name, and came through no proxy."""
    if _PROXIED in connection.scope or not is_loopback(caller_address(connection)):
        return False
    headers = connection.scope["headers"]
    named = [Authority.parse(value.decode("latin-1")) for name, value in headers if name == b"host"]
    by_itself = len(named) == 1 and named[0] is not None and is_loopback(named[0].host)
    return by_itself and _FORWARDING.isdisjoint(name for name, _ in headers)


class Forwarding:
    """Knows the proxies and the names of this box."""

    def __init__(self, box: GatewaySettings, more: Callable[[str], bool] = lambda _: False) -> None:
        inside = [each for each in (box.http.inside_address(), box.https.inside_address()) if each is not None]
        listening = [box.http.host, *(host for host, _ in inside), *([box.https.host] if box.https.host else [])]
        named = [name for host in listening for name in _written_out(host)]
        self.hosts = Hosts(box.public_url, (*box.http.hosts, *named), more)
        self._proxies = box.http.trusted_proxies

    def settle(self, scope: Scope) -> bool:
        """Put the caller's address, scheme and host into the scope. False where the host is not this box."""
        client = scope.get("client")
        peer = ip_of(client[0]) if client else ""
        if client and peer != client[0]:
            scope["client"] = (peer, client[1])
        headers = scope["headers"]
        if self._proxies and self._trusts(peer):
            self._believe(scope, peer)
            headers = scope["headers"]
        named = dict(headers)
        host, server = named.get(b"host"), scope.get("server")
        if host is None or (len(named) < len(headers) and sum(name == b"host" for name, _ in headers) > 1):
            return False
        return self.hosts.knows(host, server[0] if server else "")

    def _trusts(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._proxies)

    def _believe(self, scope: Scope, peer: str) -> None:
        """Take over what a trusted proxy says. Of several values the last counts: the proxy next to us wrote it."""
        headers = scope["headers"]
        scope[_PROXIED] = True
        scope["client"] = (self._client(peer, _listed(headers, b"x-forwarded-for")), 0)
        scheme = next(reversed(_listed(headers, b"x-forwarded-proto")), "").lower()
        if scheme in ("http", "https"):
            scope["scheme"] = scheme
        host = next(reversed(_listed(headers, b"x-forwarded-host")), "")
        if host:
            kept = [(name, value) for name, value in headers if name != b"host"]
            scope["headers"] = [*kept, (b"host", host.encode("latin-1"))]

    def _client(self, peer: str, named: list[str]) -> str:
        """The nearest address on the way that is no proxy of ours."""
        address = peer
        for text in reversed(named):
            authority = Authority.parse(text) if text.count(":") <= 1 or text.startswith("[") else None
            found = ip_of(authority.host if authority else text)
            if not found or not self._trusts(address):
                break
            address = found
        return address


def _listed(headers: list[tuple[bytes, bytes]], wanted: bytes) -> list[str]:
    """The values of a header that is a list, over all its lines, in order."""
    lines = [value.decode("latin-1") for name, value in headers if name == wanted]
    return [part.strip() for line in lines for part in line.split(",") if part.strip()]


def _written_out(host: str) -> list[str]:
    """The address to listen on, where it is one and not all of them."""
    name = canonical(host)
    return [] if name is None or host in ("0.0.0.0", "::") else [name]  # noqa: S104 - compared, not bound

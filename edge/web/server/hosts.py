"""Which host a request names, and whether that is this box: what DNS rebinding gets wrong."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from edge.settings.own_address import own_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_NAME: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
MAX_KNOWN: Final = 256
"""How many spellings that were found good are remembered."""
MAX_ADDRESSES: Final = 4096
"""Whose form is remembered."""


class Authority(NamedTuple):
    """A host in its canonical form and a port, none where it was not named."""

    host: str
    port: int | None

    @classmethod
    def parse(cls, text: str) -> Authority | None:
        """`shop.example:8080`, `192.168.1.10`, `[::1]:80`; none where the text is no such thing."""
        host, port = text, ""
        if text.startswith("["):
            host, closed, rest = text[1:].partition("]")
            if not closed or ":" not in host or (rest and not rest.startswith(":")):
                return None
            port = rest[1:]
        elif ":" in text:
            host, _, port = text.partition(":")
        if port and not (port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65535):
            return None
        name = canonical(host)
        return None if name is None else cls(name, int(port) if port else None)

    def on(self, scheme: str) -> Authority:
        """The same with the scheme's own port where none was named."""
        return Authority(self.host, self.port or _DEFAULT_PORTS.get(scheme))


def canonical(host: str) -> str | None:
    """A name in small letters without the dot at its end, or an address in its short form; none for other text."""
    bare = host.removeprefix("[").removesuffix("]")
    try:
        return plain_address(ipaddress.ip_address(bare))
    except ValueError:
        pass
    name = host.lower().removesuffix(".")
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    return name if _NAME.fullmatch(name) else None


def plain_address(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """An IPv4 address inside an IPv6 one is that IPv4 address; a zone says nothing to anybody else."""
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped is not None else str(address).partition("%")[0]
    return str(address)


@lru_cache(MAX_ADDRESSES)
def ip_of(text: str) -> str:
    """An IP address in its canonical form; empty for other text. Remembered: reading one costs as much as a cookie."""
    try:
        return plain_address(ipaddress.ip_address(text))
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether a canonical host is this machine for itself alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Hosts:
    """What this box is called: loopback, its own addresses, the public address, and the names in the settings."""

    def __init__(
        self, public_url: str | None, names: Iterable[str], more: Callable[[str], bool] = lambda _: False
    ) -> None:
        """`more` knows further names, such as those of a certificate, which may change."""
        self._more = more
        self._public = _origin(public_url) if public_url else None
        named = {canonical(name) for name in names} | ({self._public[1].host} if self._public else set())
        self._named = frozenset(name for name in named if name)
        self._good: set[bytes] = set()
        self._own: set[tuple[str, str]] = set()
        """Origins with the hosts that they fit: every tap on a phone asks for the same."""

    def knows(self, raw: bytes, arrived_at: str) -> bool:
        """Whether a Host header names this box. `arrived_at` is the address that the connection came in on."""
        if raw in self._good:
            return True
        authority = Authority.parse(raw.decode("latin-1"))
        if authority is None or not self._is_ours(authority.host, arrived_at):
            return False
        if len(self._good) >= MAX_KNOWN:
            self._good.clear()
        self._good.add(raw)
        return True

    def _is_ours(self, host: str, arrived_at: str) -> bool:
        if host in self._named or is_loopback(host) or self._more(host):
            return True
        # No name can be bound anew to an address that is written out; still only our own count.
        return host == canonical(arrived_at) or (host[:1].isdigit() and host == own_address(""))

    def is_own_origin(self, origin: str, host: str) -> bool:
        """Whether a page at `origin` is one of ours: the host that this request names, or the public address."""
        if (origin, host) in self._own:
            return True
        asking = _origin(origin)
        if asking is None:
            return False
        scheme, authority = asking
        named = Authority.parse(host)
        own = asking == self._public or (named is not None and authority.on(scheme) == named.on(scheme))
        if own:
            if len(self._own) >= MAX_KNOWN:
                self._own.clear()
            self._own.add((origin, host))
        return own


def _origin(text: str) -> tuple[str, Authority] | None:
    """Scheme and host of an address; none where the text is no http address, such as `null` or `http://[::`."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc:
        return None
    authority = Authority.parse(parts.netloc)
    return None if authority is None else (parts.scheme, authority.on(parts.scheme))

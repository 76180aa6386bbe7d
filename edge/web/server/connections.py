"""How long a connection may take and how much it may send: a request that never ends must cost its sender alone.

uvicorn waits for ever for the end of a head or a body, and takes heads of any size. Times are looked at once a second
for all connections together: a timer for each request would be dearer than the request.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import resource
import socket
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from httptools import HttpParserUpgrade
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from edge.web.server.hosts import ip_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from ipaddress import IPv4Network, IPv6Network

HEAD_S: Final = 10.0
"""From the connection, or the first byte of a further request, to the end of its head."""
BODY_S: Final = 20.0
"""From there to the end of the body: 64 KB over a bad WiFi."""
STALL_S: Final = 30.0
"""How long somebody may read nothing of an answer that waits for them."""
LOOK_S: Final = 1.0

MAX_LINE: Final = 8 * 1024
"""Bytes of a request's address."""
MAX_HEAD: Final = 32 * 1024
"""Bytes of all headers together; cookies are the largest."""
MAX_HEADERS: Final = 100
MAX_BODY: Final = 64 * 1024
"""The largest request body in bytes; forms and orders are far smaller."""
MAX_OF_ONE: Final = 1000
"""Connections of one address. A store full of shoppers behind one has some hundreds; for one more the oldest that waits
for its request goes, so that whoever holds connections locks nobody out."""
MAX_CONNECTIONS: Final = 3000
"""Connections in all."""
SPARE_FILES: Final = 256
"""File descriptors for everything else."""

REFUSED: Final = "storekeeper.refused"
"""In the scope: the code of a refusal that the guard answers."""

_KEPT: Final = frozenset({b"host", b"accept-language", b"accept"})
_LENGTHS: Final = frozenset({b"content-length", b"transfer-encoding"})
_TIMED_OUT: Final = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Connections:
    """All connections of one listener."""

    def __init__(self, proxies: Sequence[IPv4Network | IPv6Network] = ()) -> None:
        self._proxies = proxies
        self._of: dict[str, dict[TimeoutProtocol, None]] = {}
        self._count = 0
        self._most = MAX_CONNECTIONS
        self._looking = False

    def add(self, one: TimeoutProtocol, address: str) -> None:
        """One connection more; where there are too many, another one goes."""
        if not self._count:
            self._most = max(64, min(MAX_CONNECTIONS, _files() - SPARE_FILES))
        mine = self._of.get(address, {})
        if len(mine) >= MAX_OF_ONE and not self._is_proxy(address):
            self._drop_oldest(mine)
        elif self._count >= self._most:
            self._drop_oldest(max(self._of.values(), key=len))
        self._of.setdefault(address, {})[one] = None
        self._count += 1
        if not self._looking:
            self._looking = True
            one.loop.call_later(LOOK_S, self._look, one.loop)

    def remove(self, one: TimeoutProtocol, address: str) -> None:
        """A connection has ended."""
        mine = self._of.get(address, {})
        if mine.pop(one, self) is None:
            self._count -= 1
        if not mine:
            self._of.pop(address, None)

    def _drop_oldest(self, some: dict[TimeoutProtocol, None]) -> None:
        oldest = next((one for one in some if one.is_idle), None) or next(iter(some), None)
        if oldest is not None:
            # At once, not when the loop says that it is lost: more may come in the same turn.
            self.remove(oldest, oldest.address)
            oldest.transport.abort()

    def _is_proxy(self, address: str) -> bool:
        return bool(address) and any(ipaddress.ip_address(address) in network for network in self._proxies)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for one in [one for mine in self._of.values() for one in mine]:
            one.check(now)
        self._looking = bool(self._of)
        if self._looking:
            loop.call_later(LOOK_S, self._look, loop)


class TimeoutProtocol(HttpToolsProtocol):
    """uvicorn's protocol with an end to its patience. `peers` is set by the listener, which may allow larger bodies."""

    peers: Connections
    max_body: int = MAX_BODY
    body_s: float = BODY_S

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.address = ""
        self._until: float | None = None
        """When the head or the body must have ended; none while we are at work, or idle."""
        self._unread_until: float | None = None
        self.waits = True
        """Whether the head of a request is still to come."""
        self._begun = False
        """Whether a part of it has come."""
        self._said = False
        """Whether anything of it has come."""
        self._head = 0
        """Bytes of it, or more."""
        self._piece = self._left = b""
        """What the parser is given, and what it has left of that."""
        self._unparsed = 0
        """Bytes of a body to come that the parser takes for none."""
        self._refused = ""

    @property
    def is_idle(self) -> bool:
        """Whether neither a request is being sent nor an answer under way."""
        return self.waits and not self._is_answering()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected."""
        super().connection_made(transport)
        self._until = self.loop.time() + HEAD_S
        self.address = ip_of(self.client[0]) if self.client else ""
        self.peers.add(self, self.address)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone, or was sent away."""
        self.peers.remove(self, self.address)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Something of a request."""
        while data:
            data = self._take_unparsed(data) if self._unparsed else self._parse(data)

    def _parse(self, data: bytes) -> bytes:
        """What the parser has left of it, where it was told that another protocol follows."""
        self._piece, self._left = data, b""
        if self.waits:
            self._said = True
            self._head += len(data)
            if self._until is None:
                self._until = self.loop.time() + HEAD_S
        super().data_received(data)
        if not self._begun:
            self._head = 0
        elif self._head > MAX_HEAD + MAX_LINE and not self.transport.is_closing():
            self._leave(_TOO_LARGE)
        return self._left

    def _take_unparsed(self, data: bytes) -> bytes:
        """What comes after the body."""
        body, rest = data[: self._unparsed], data[self._unparsed :]
        self._unparsed -= len(body)
        self.on_body(body)
        if not self._unparsed:
            self.on_message_complete()
        return rest

    def on_message_begin(self) -> None:
        """The head begins."""
        super().on_message_begin()
        self._begun, self._refused = True, ""

    def on_headers_complete(self) -> None:
        """The head is whole: a request that is too large is answered without reading on."""
        self.waits, self._begun, self._said = False, False, False
        self._until = self.loop.time() + self.body_s
        self._refused = self._cut_head() or too_large(self.headers, self.max_body)
        self._unparsed = _stated(self.headers) if self.parser.should_upgrade() and not self._refused else 0
        if not self.url.startswith(b"/"):
            self._name_host()
        if self._refused:
            self.scope[REFUSED] = self._refused  # type: ignore[typeddict-unknown-key]
        super().on_headers_complete()
        if self._refused:
            self.cycle.keep_alive = False
            self.flow.pause_reading()

    def _cut_head(self) -> str:
        """The refusal of a head that is too large; what is kept of it is what the answer needs: host and language."""
        if self._head <= MAX_LINE and len(self.headers) <= MAX_HEADERS:
            return ""
        size = sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size <= MAX_HEAD and len(self.headers) <= MAX_HEADERS and len(self.url) <= MAX_LINE:
            return ""
        self.headers[:] = [(name, value) for name, value in self.headers if name in _KEPT and len(value) < MAX_LINE]
        self.url = self.url[:MAX_LINE]
        return "head_too_large"

    def _name_host(self) -> None:
        """`GET http://host/path`: the host in the address counts, whatever the header says (RFC 9112)."""
        scheme, there, rest = self.url.partition(b"://")
        if there and scheme.lower() in (b"http", b"https"):
            host = rest.partition(b"/")[0].partition(b"?")[0]
            path = rest[len(host) :]
            self.url = path if path.startswith(b"/") else b"/" + path
            self.headers[:] = [*((name, value) for name, value in self.headers if name != b"host"), (b"host", host)]

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole, or the parser thinks so."""
        if self._unparsed:
            return
        self._until = None
        self.waits = True
        # More of this piece may be of the next head: that will be measured.
        self._head = MAX_LINE + 1
        super().on_message_complete()

    def _unsupported_upgrade_warning(self) -> None:
        """Somebody would rather speak HTTP/2, as Java does by itself, or WebSocket: they are answered as if they had
        not said so (RFC 9110). The parser leaves what comes after the head to the other protocol.
        """
        upgrade = sys.exc_info()[1]
        if isinstance(upgrade, HttpParserUpgrade) and not self._refused:
            self._left = self._piece[upgrade.args[0] :]

    def pause_writing(self) -> None:
        """The client reads more slowly than we write."""
        self._unread_until = self.loop.time() + STALL_S
        super().pause_writing()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._unread_until = None
        super().resume_writing()

    def check(self, now: float) -> None:
        """Look whether patience is at its end."""
        if self._unread_until is not None and now > self._unread_until:
            self.transport.abort()
        elif self._until is not None and now > self._until:
            self._leave(_TIMED_OUT if self._said else b"")

    def _leave(self, words: bytes) -> None:
        """Close, with a word where no answer is under way."""
        if words and not self._is_answering():
            self.transport.write(words)
        self._until = None
        self.transport.close()

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete  # type: ignore[redundant-expr]


def too_large(headers: list[tuple[bytes, bytes]], most: int = MAX_BODY) -> str:
    """The refusal of a request whose body is larger than `most` bytes, or of no stated length; else empty."""
    named = dict(headers)
    if _LENGTHS.isdisjoint(named):
        return ""
    length = named.get(b"content-length", b"")
    once = len(named) == len(headers) or sum(name in _LENGTHS for name, _ in headers) == 1
    plain = once and b"transfer-encoding" not in named and length.isdigit() and len(length) < 10
    return "" if plain and int(length) <= most else "too_large"


def _stated(headers: list[tuple[bytes, bytes]]) -> int:
    """The length of a body that is not too large."""
    return next((int(length) for name, length in headers if name == b"content-length"), 0)


@contextmanager
def address_named(host: str, port: int) -> Iterator[None]:
    """Raises `OSError` with the address as its file where uvicorn, which cannot listen there, would end the process."""
    try:
        yield
    except SystemExit as end:
        error = end.__context__
        if not isinstance(error, OSError):
            raise
        said = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        raise OSError(error.errno, said, f"{host}:{port}") from None


def allow_many_files() -> None:
    """Let this process hold as many connections as the system permits: the usual 1,024 files are too few."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _files() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_CONNECTIONS + SPARE_FILES if soft == resource.RLIM_INFINITY else soft

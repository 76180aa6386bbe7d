"""Where another box fetches its bundle: a small server with a certificate of the store's authority, open only while
somebody is expected.
"""

from __future__ import annotations

import binascii
import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from edge.errors import StorekeeperError
from operations.enrolment import waiting
from operations.enrolment.code import TOKEN_BYTES
from operations.setup.places import Places

PORT: Final = 8884
CA_PATH: Final = "/ca.crt"
JOIN_PATH: Final = "/join"
PATIENCE_S: Final = 10.0


class DeskError(StorekeeperError):
    """The desk cannot be opened: where, and why."""


class EnrolmentServer(ThreadingHTTPServer):
    """Serves until it is closed. `fetched` is set with each bundle that somebody has got."""

    daemon_threads = True
    address_family = socket.AF_INET6 if socket.has_dualstack_ipv6() else socket.AF_INET
    allow_reuse_address = True

    def __init__(self, places: Places, port: int = PORT) -> None:
        """Raises `DeskError`."""
        self.places = places
        self.fetched = threading.Event()
        self._handing = threading.Lock()
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            self._tls.load_cert_chain(places.certificate, places.key)
            super().__init__(("", port), _Visit)
        except OSError as error:
            raise DeskError(f"cannot hand anything over on port {port}: {error}") from None

    def hand(self, token: bytes, answer: Callable[[HTTPStatus, bytes], None]) -> None:
        """Answer with the bundle of that token, or that there is none."""
        with self._handing:
            found = waiting.fetch(self.places.waiting, token, datetime.now(UTC))
            if found is None:
                answer(HTTPStatus.FORBIDDEN, b"")
                return
            answer(HTTPStatus.OK, found.encode())
            self.fetched.set()

    def left(self, name: str = "") -> int:
        """How many can still be fetched, of that name or of all. None is on its way meanwhile: one that is not counted
        any more has reached its box, and `fetched` says so.
        """
        with self._handing:
            return waiting.count(self.places.waiting, datetime.now(UTC), name)

    def server_bind(self) -> None:
        """On every address, of both kinds."""
        if self.address_family is socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In a thread of its own: a visitor who says nothing holds nobody up."""
        request.settimeout(PATIENCE_S)
        try:
            with self._tls.wrap_socket(request, server_side=True) as line:
                super().finish_request(line, client_address)
        except OSError:
            return  # no TLS, gone, or too slow

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A visitor's mistake is nobody else's business."""


class _Visit(BaseHTTPRequestHandler):
    server: EnrolmentServer

    def do_GET(self) -> None:
        """The authority's certificate: public, and checked against the code by whoever asks."""
        if self.path != CA_PATH:
            self._answer(HTTPStatus.NOT_FOUND, b"")
            return
        self._answer(HTTPStatus.OK, self.server.places.ca.read_bytes())

    def do_POST(self) -> None:
        """The bundle for a token."""
        token = self._token()
        if self.path != JOIN_PATH or token is None:
            self._answer(HTTPStatus.NOT_FOUND, b"")
            return
        self.server.hand(token, self._answer)

    def _token(self) -> bytes | None:
        try:
            size = int(self.headers.get("Content-Length", ""))
            found = binascii.unhexlify(self.rfile.read(size)) if 0 < size <= 4 * TOKEN_BYTES else b""
        except (ValueError, binascii.Error):
            return None
        return found if len(found) == TOKEN_BYTES else None

    def _answer(self, status: HTTPStatus, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: a request holds a token."""

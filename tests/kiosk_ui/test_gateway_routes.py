"""A screen reaches its gateway without anybody who knows its name, and never by another host's."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from device_drivers.contract import Service
from kiosk_ui.gateway import Gateway, Refused, Unreachable
from kiosk_ui.gateway_routes import GatewayRoutes

NOBODY = "http://store.invalid:8080"
"""A name that no resolver may ever know (RFC 6761)."""


class Box:
    """What stands at an address: it keeps the names by which it was called."""

    def __init__(self) -> None:
        self.called: list[str] = []
        self.posted: list[bytes] = []
        box = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                box.called.append(self.headers["Host"])
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b'{"places":[]}')

            def do_POST(self) -> None:
                box.posted.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(409)
                self.end_headers()
                self.wfile.write(b'{"code":"basket_paying","detail":"Somebody pays."}')

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.at = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def box() -> Iterator[Box]:
    made = Box()
    yield made
    made.server.shutdown()
    made.server.server_close()


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"127.0.0.1:{taken.getsockname()[1]}"


def test_a_dead_name_leads_to_the_address_and_is_not_asked_again(box: Box) -> None:
    ways = GatewayRoutes()
    service = Service(NOBODY, "own", (closed_port(), box.at))
    assert Gateway(service, "en", "", ways).get("home") == {"places": []}
    assert box.called == ["store.invalid:8080"], "it is asked by its own name, wherever it is found"
    assert ways.origin(service) == f"http://{box.at}", "pictures are loaded from there, too"
    with pytest.raises(Refused) as refused:
        Gateway(service, "en", "", ways).post("basket/drop")
    assert (refused.value.code, len(box.posted)) == ("basket_paying", 1)


def test_the_name_comes_first_where_it_is_known(box: Box) -> None:
    ways = GatewayRoutes()
    service = Service(f"http://{box.at}", "own", (closed_port(),))
    assert Gateway(service, "en", "", ways).get("home") == {"places": []}
    assert ways.origin(service) == f"http://{box.at}"


def test_an_address_that_moved_gives_way_to_the_name(box: Box) -> None:
    ways = GatewayRoutes()
    assert Gateway(Service(NOBODY, "own", (box.at,)), "en", "", ways).get("home")
    moved = Service(f"http://{box.at}", "own", (closed_port(),))
    assert Gateway(moved, "en", "", ways).get("home")


def test_nobody_anywhere_is_said() -> None:
    with pytest.raises(Unreachable):
        Gateway(Service(NOBODY, "own", (closed_port(),)), "en", "").get("home")
    with pytest.raises(Unreachable):
        Gateway(Service(NOBODY, "own"), "en", "").get("home")


def test_where_tls_is_spoken_an_address_must_prove_the_name(box: Box) -> None:
    """Plain HTTP at an address is never taken for the https that the name promises."""
    with pytest.raises(Unreachable):
        Gateway(Service("https://store.invalid", "own", (box.at,)), "en", "").get("home")
    assert box.called == []

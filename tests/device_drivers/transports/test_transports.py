"""Serial on a pty and TCP on loopback, through the same cases."""

from __future__ import annotations

import os
import select
import socket
import time
import tty
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from device_drivers.transports import Transport, from_url

if TYPE_CHECKING:
    from collections.abc import Iterator


class Far(Protocol):
    """The other end of the wire."""

    url: str

    def accept(self) -> None: ...
    def send(self, data: bytes) -> None: ...
    def receive(self, count: int) -> bytes: ...
    def vanish(self) -> None: ...


class Pty:
    def __init__(self) -> None:
        self.end, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.url = f"serial://{os.ttyname(self._slave)}?baud=19200"

    def accept(self) -> None:
        os.close(self._slave)

    def send(self, data: bytes) -> None:
        os.write(self.end, data)

    def receive(self, count: int) -> bytes:
        got = b""
        while len(got) < count:
            got += os.read(self.end, count)
        return got

    def vanish(self) -> None:
        os.close(self.end)


class Listener:
    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"tcp://127.0.0.1:{self._server.getsockname()[1]}"

    def accept(self) -> None:
        self._peer, _ = self._server.accept()

    def send(self, data: bytes) -> None:
        self._peer.sendall(data)

    def receive(self, count: int) -> bytes:
        return self._peer.recv(count, socket.MSG_WAITALL)

    def vanish(self) -> None:
        self._peer.close()
        self._server.close()


@pytest.fixture(params=[Pty, Listener])
def far(request: pytest.FixtureRequest) -> Far:
    made: Far = request.param()
    return made


@pytest.fixture
def near(far: Far) -> Iterator[Transport]:
    transport = from_url(far.url)
    transport.open()
    far.accept()
    yield transport
    transport.close()


def soon() -> float:
    return time.monotonic() + 60


def test_bytes_go_both_ways(near: Transport, far: Far) -> None:
    near.write(bytes(range(256)))
    assert far.receive(256) == bytes(range(256))
    far.send(b"\x02\x00\r\n\x11\x13\x03\xff")
    got = b""
    while len(got) < 8:
        got += near.read(soon())
    assert got == b"\x02\x00\r\n\x11\x13\x03\xff", "and nothing is translated on the way"


def test_silence_ends_at_the_deadline(near: Transport) -> None:
    began = time.monotonic()
    assert near.read(began + 0.05) == b""
    assert time.monotonic() - began >= 0.049
    assert near.read(began) == b"", "a deadline in the past only looks"


def test_what_lay_there_is_forgotten(near: Transport, far: Far) -> None:
    far.send(b"old")
    assert near.read(soon())
    far.send(b"stale")
    line: Any = near
    assert select.select([line._port if isinstance(far, Pty) else line._socket], [], [], 60)[0]  # it has arrived
    near.flush_input()
    assert near.read(0) == b""
    far.send(b"new")
    assert near.read(soon()).startswith(b"n")


def test_unplugged_is_an_os_error_and_so_is_opening_it_again(near: Transport, far: Far) -> None:
    far.vanish()
    with pytest.raises(OSError, match=r".+"):
        near.read(soon())
    with pytest.raises(OSError, match=r".+"):
        near.open()
    for use in (lambda: near.write(b"x"), lambda: near.read(0), near.flush_input):
        with pytest.raises(OSError, match="not open"):
            use()
    near.close()
    near.close()


def test_opened_again_it_works(near: Transport, far: Far) -> None:
    near.open()
    if isinstance(far, Listener):
        far.accept()
    near.write(b"again")
    assert far.receive(5) == b"again"


def test_a_serial_port_belongs_to_one() -> None:
    pty = Pty()
    first = from_url(pty.url)
    second = from_url(first.url)
    first.open()
    with pytest.raises(OSError, match="locked"):
        second.open()
    first.close()
    second.open()
    second.close()


def test_how_long_a_byte_takes() -> None:
    assert from_url("serial:///dev/ttyUSB0?baud=19200").byte_s == pytest.approx(10 / 19200)
    assert from_url("serial:///dev/ttyUSB0?parity=E&stop=2", 9600).byte_s == pytest.approx(12 / 9600)
    assert from_url("tcp://10.0.3.20:5000").byte_s == 0


@pytest.mark.parametrize(
    "url",
    [
        "/dev/ttyUSB0",
        "serial://ttyUSB0",
        "serial:///dev/ttyUSB0?speed=9600",
        "serial:///dev/ttyUSB0?baud=fast",
        "serial:///dev/ttyUSB0?parity=X",
        "tcp://10.0.3.20",
        "tcp://10.0.3.20:99999",
        "tcp://:5000",
        "tcp://rack..example:5000",
        "tcp://10.0.3.20:5000/locks",
        "http://10.0.3.20:5000",
    ],
)
def test_what_names_no_port(url: str) -> None:
    with pytest.raises(ValueError, match=r"^port .*"):
        from_url(url)

"""HTTP with the standard library, bounded in time and size: each exchange ends. A socket's own time-out is for each
read alone: an answer that comes byte by byte never meets it, and one without an end fills the memory.
"""

from __future__ import annotations

import http.client
import io
import math
import socket
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from typing import Any, Final

SLOWEST: Final = 16 * 1024
"""Bytes that must go or come for each second more than an exchange has in any case: what is large may take longer."""
_PIECE: Final = 16 * 1024


class Limited(http.client.HTTPConnection):
    """A connection each of whose exchanges may wait `whole_s` seconds, and bring `most` bytes. Raises `TimeoutError`
    and `OSError` where one takes longer, or more comes. Its own time-out goes on saying how long one silence is.
    """

    def __init__(self, *args: Any, whole_s: float, most: float = math.inf, **more: Any) -> None:
        self._whole_s, self._most = whole_s, most
        self._left_s = whole_s
        self._came = 0
        super().__init__(*args, **more)

    def putrequest(self, *args: Any, **more: Any) -> None:
        self._left_s, self._came = self._whole_s, 0
        super().putrequest(*args, **more)

    def send(self, data: Any) -> None:
        if self.sock is None and self.auto_open:
            self.connect()
        for start in range(0, len(data), _PIECE):
            piece = data[start : start + _PIECE]
            self.wait(self.sock, partial(self._send, piece))

    def _send(self, piece: Any) -> int:
        super().send(piece)
        return len(piece)

    def response_class(self, sock: socket.socket, *args: Any, **more: Any) -> http.client.HTTPResponse:  # type: ignore[override]
        return _Answer(self, sock, *args, **more)

    def read(self, sock: socket.socket, buffer: Any, raw: Any) -> int:
        """So many bytes of an answer came into a buffer."""
        count = self.wait(sock, lambda: raw.readinto(buffer) or 0)
        self._came += count
        if self._came > self._most:
            raise OSError(f"the answer is longer than {self._most} bytes")
        return count

    def wait(self, sock: socket.socket, act: Callable[[], int]) -> int:
        """Waits for a read or a write of so many bytes, for as long as there is time."""
        if self._left_s <= 0:
            raise TimeoutError(f"the exchange did not end within {self._whole_s:g} s")
        sock.settimeout(min(self._left_s, self.timeout) if isinstance(self.timeout, int | float) else self._left_s)
        began = time.monotonic()
        count = act()
        self._left_s = min(self._whole_s, self._left_s - (time.monotonic() - began) + count / SLOWEST)
        return count


class LimitedHttps(Limited, http.client.HTTPSConnection):
    """The same over TLS."""


class _Answer(http.client.HTTPResponse):
    def __init__(self, line: Limited, sock: socket.socket, *args: Any, **more: Any) -> None:
        super().__init__(sock, *args, **more)
        self.fp = io.BufferedReader(_Incoming(line, sock, self.fp.detach()))


class _Incoming(io.RawIOBase):
    """What comes of a socket, for as long as its exchange has time."""

    def __init__(self, line: Limited, sock: socket.socket, raw: Any) -> None:
        super().__init__()
        self._line, self._sock, self._raw = line, sock, raw

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return int(self._raw.fileno())

    def readinto(self, buffer: Any) -> int:
        return self._line.read(self._sock, buffer, self._raw)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(partial(Limited, whole_s=req.timeout or math.inf), req)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(partial(LimitedHttps, whole_s=req.timeout or math.inf), req)


class _Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """None is followed; whoever asked gets it as an error."""


def opener(*, redirects: bool = False) -> urllib.request.OpenerDirector:
    """Opens addresses; the time-out that it is given is that of the exchange as a whole, and not of a silence alone.
    It goes where the settings say and nowhere else: their address, headers or body may hold a secret.
    """
    return urllib.request.build_opener(_Http, _Https, *(() if redirects else (_Stays,)))

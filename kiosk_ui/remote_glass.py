"""The glass for somebody who sits elsewhere on this machine: a live picture, and fingers that touch it. A demo has it.

A small server on this machine alone, whose port and key lie in the kiosk's own folder: the gateway of the demo reads
them there. A picture is only taken while somebody watches. A kiosk in a store never starts it.
"""

from __future__ import annotations

import hmac
import io
import json
import secrets
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, cast

import msgspec
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk_ui.picture import Frame

FILE: Final = "glass.json"
"""In the kiosk's folder: where its glass is to be had."""
WATCHED_S: Final = 3.0
"""After the last question nobody watches any more."""
WAIT_S: Final = 0.1
"""How long a question waits for a newer picture; then it gets the same again, so that it never stands still."""
QUALITY: Final = 80
MAX_TOUCHES: Final = 256
"""Touches in one message."""
BYTES: Final = 64 * 1024


class Finger(msgspec.Struct, frozen=True, array_like=True):
    """One touch: which finger, what it does, and where, as shares of width and height from the top left."""

    id: Annotated[int, msgspec.Meta(ge=0, le=9)]
    phase: Literal["down", "move", "up"]
    x: Annotated[float, msgspec.Meta(ge=0, le=1)]
    y: Annotated[float, msgspec.Meta(ge=0, le=1)]


_FINGERS: Final = msgspec.json.Decoder(Annotated[tuple[Finger, ...], msgspec.Meta(max_length=MAX_TOUCHES)])


class RemoteGlass:
    """Hands out what was drawn last, and passes touches on."""

    def __init__(self, folder: Path, look: Callable[[], None], touch: Callable[[tuple[Finger, ...]], None]) -> None:
        """`look` asks for the glass to be drawn; `touch` is given touches. Both are called from any thread."""
        self._file = folder / FILE
        self._look = look
        self._touch = touch
        self._key = secrets.token_hex(16)
        self._asked_at = float("-inf")
        self._drawn: Frame | None = None
        self._number = 0
        self._jpeg: tuple[int, bytes] = (0, b"")
        self._newer = threading.Condition()
        self._server = _Server(self)

    def start(self) -> None:
        """Listens, and says where."""
        threading.Thread(target=self._server.serve_forever, args=(0.2,), name="far glass", daemon=True).start()
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.touch(mode=0o600)
        self._file.write_text(json.dumps({"port": self._server.server_address[1], "key": self._key}), "utf-8")

    def stop(self) -> None:
        """Nobody finds it any more."""
        self._file.unlink(missing_ok=True)
        self._server.shutdown()
        self._server.server_close()

    @property
    def watched(self) -> bool:
        """Whether somebody looks, so that a picture is worth its price."""
        return time.monotonic() - self._asked_at < WATCHED_S

    def drawn(self, frame: Frame) -> None:
        """Takes what the window has drawn just now."""
        with self._newer:
            self._drawn = frame
            self._number += 1
            self._newer.notify_all()

    def admits(self, key: str) -> bool:
        """Whether this is its key."""
        return hmac.compare_digest(key.encode(), self._key.encode())

    def picture(self, after: int) -> tuple[int, bytes]:
        """A picture as JPEG with its number: one newer than `after`, or after a moment the same; 0 for none yet."""
        watched, self._asked_at = self.watched, time.monotonic()
        if not watched:
            self._look()  # afterwards: what is drawn at once is taken only for somebody who watches
        with self._newer:
            self._newer.wait_for(lambda: self._number > after, WAIT_S)
            number, frame = self._number, self._drawn
        if frame is not None and self._jpeg[0] != number:
            self._jpeg = (number, _jpeg(frame))
        return self._jpeg

    def touch(self, body: bytes) -> None:
        """Fingers, as JSON. Raises `ValueError`."""
        self._asked_at = time.monotonic()
        self._touch(_FINGERS.decode(body))


def _jpeg(frame: Frame) -> bytes:
    picture = Image.frombytes("RGBA", (frame.width, frame.height), frame.pixels).convert("RGB")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


class _Server(ThreadingHTTPServer):
    """On this machine alone."""

    daemon_threads = True

    def __init__(self, glass: RemoteGlass) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.glass = glass


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10

    def log_message(self, *_: Any) -> None:
        """Ten lines a second help nobody."""

    def do_GET(self) -> None:
        """`/<number>`: a picture newer than that."""
        number = self.path.removeprefix("/")
        if not self._let_in() or not number.isdecimal() or len(number) > 15:
            self._say(HTTPStatus.NOT_FOUND)
            return
        taken, jpeg = self._glass.picture(int(number))
        self._say(HTTPStatus.OK if taken else HTTPStatus.NO_CONTENT, jpeg, taken)

    def do_POST(self) -> None:
        """Touches."""
        length = self.headers.get("Content-Length", "")
        if not self._let_in() or not length.isdecimal() or int(length) > BYTES:
            self.close_connection = True
            self._say(HTTPStatus.NOT_FOUND)
            return
        try:
            self._glass.touch(self.rfile.read(int(length)))
        except ValueError:
            self._say(HTTPStatus.BAD_REQUEST)
        else:
            self._say(HTTPStatus.NO_CONTENT)

    @property
    def _glass(self) -> RemoteGlass:
        return cast("_Server", self.server).glass

    def _let_in(self) -> bool:
        return self._glass.admits(self.headers.get("Authorization", "").removeprefix("Bearer "))

    def _say(self, status: HTTPStatus, body: bytes = b"", number: int = 0) -> None:
        self.send_response(status)
        if status is not HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "image/jpeg")
        self.send_header("X-Number", str(number))
        self.end_headers()
        if status is not HTTPStatus.NO_CONTENT:
            self.wfile.write(body)

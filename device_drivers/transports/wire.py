"""One wire that many share: one frame at a time, and what is urgent goes before what is not."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from device_drivers.transports.transport import Transport

T = TypeVar("T")

LOOK_S: Final = 0.004
"""How often somebody who waits for a reply looks whether something urgent has come up, in seconds."""
HASTE_S: Final = 0.015
"""How long after its request a board of which no reply is expected is still listened to, when somebody urgent waits."""
KEPT: Final = 512
"""How many bytes are kept in search of a reply; noise beyond that is forgotten."""


class TooLate(Exception):
    """The frame was to be out before a moment that has passed. Not a byte of it was written."""


class Wire:
    """A half-duplex line with boards on it. Safe from any thread.

    Nothing is ever sent twice by it: `ask` and `send` put one frame on the wire, and retrying is the caller's decision.
    """

    def __init__(self, transport: Transport, gap_s: float) -> None:
        """`gap_s` is the silence that the boards want between two frames, in seconds."""
        self._transport = transport
        self._gap_s = gap_s
        self._free = threading.Condition()
        self._taken = False
        self._urgent = 0
        self._quiet_at = 0.0
        """`time.monotonic()` from which the line may be spoken on again."""
        self._up = False
        self._hears_itself = False
        """Whether the adapter hands back what it sends, as some of RS-485 do."""

    @property
    def url(self) -> str:
        """Where it goes."""
        return self._transport.url

    @property
    def up(self) -> bool:
        """Whether the port is open and nothing has gone wrong since."""
        return self._up

    def open(self, *, urgent: bool = False) -> None:
        """Opens the port where it is not open yet. Raises `OSError`."""
        with self._turn(urgent=urgent):
            if not self._up:
                self._transport.open()
                self._up = True

    def close(self) -> None:
        """Lets go of the port."""
        with self._turn(urgent=True):
            self._lose()

    def ask(
        self,
        request: bytes,
        find: Callable[[bytes], T | None],
        within_s: float,
        *,
        urgent: bool = False,
        expected: bool = True,
        repeats: bool = False,
        before: float = math.inf,
    ) -> T | None:
        """Sends a frame and returns what `find` sees in everything that came after it; None where it sees nothing
        within `within_s` seconds of the frame's end.

        Without `urgent`, it gives way to those who are: at once after a reply, and where none is `expected`, soon.
        `repeats`: the reply is the frame once more; the adapter's own echo, known from other questions, is none.
        Raises `OSError` where the port is lost, and `TooLate` where the frame cannot be out before `time.monotonic()`
        reads `before`.
        """
        with self._turn(urgent=urgent), self._losing():
            self._transport.flush_input()
            sent = self._send(request, before)
            deadline, received, found, now = sent + within_s, b"", None, sent
            # What lies there is looked at once more when time is up: a busy machine wakes this thread later than that.
            while found is None and now < deadline:
                now = time.monotonic()
                if not urgent and not expected and self._urgent and now > sent + HASTE_S:
                    break
                received = (received + self._transport.read(min(deadline, now + LOOK_S)))[-KEPT:]
                found = find(received.replace(request, b"", 1) if repeats and self._hears_itself else received)
            if received and not repeats:
                self._hears_itself = request in received
            self._quiet_at = time.monotonic() + self._gap_s
            return found

    def send(self, frame: bytes, before: float = math.inf) -> None:
        """Sends a frame that nobody answers, before everything that waits. Raises `OSError`; some of it may have gone
        out then. Raises `TooLate` as `ask` does.
        """
        with self._turn(urgent=True), self._losing():
            self._quiet_at = self._send(frame, before) + self._gap_s

    def _send(self, frame: bytes, before: float) -> float:
        """When its last byte is out, by `time.monotonic()`."""
        if not self._up:
            raise OSError(f"{self.url} is not open")
        if (rest := self._quiet_at - time.monotonic()) > 0:
            time.sleep(rest)
        takes_s = len(frame) * self._transport.byte_s
        # Looked at here, after the turn and the silence were waited for: nothing but the write itself follows.
        if time.monotonic() + takes_s >= before:
            raise TooLate
        self._transport.write(frame)
        return time.monotonic() + takes_s

    @contextlib.contextmanager
    def _turn(self, *, urgent: bool) -> Iterator[None]:
        with self._free:
            self._urgent += urgent
            self._free.wait_for(lambda: not self._taken and (urgent or not self._urgent))
            self._urgent -= urgent
            self._taken = True
        try:
            yield
        finally:
            with self._free:
                self._taken = False
                self._free.notify_all()

    @contextlib.contextmanager
    def _losing(self) -> Iterator[None]:
        try:
            yield
        except OSError:
            self._lose()
            raise

    def _lose(self) -> None:
        self._up = False
        self._transport.close()

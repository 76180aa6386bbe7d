"""A receipt printer on a TCP port or a pseudo-terminal, with everything that goes wrong with one.

Written from the ESC/POS reference (DLE EOT, DLE DC4, GS r, GS a, GS I, GS ( H) and not from the driver; receiptio, a
driver by other people, prints on it as well. What it printed lies on `tape`, command by command.
"""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import socket
import struct
import threading
import time
import tty
from typing import TYPE_CHECKING

from tests.device_drivers.printers.language import Command, take

if TYPE_CHECKING:
    from collections.abc import Callable

REAL_TIME = re.compile(rb"\x10\x04[\x01-\x04]|\x10\x05[\x00-\x02]|\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08", re.DOTALL)
ROLL = 10_000_000
"""Dots of paper on a new roll."""


class Printer:
    """The machine. `chunk` bytes wait in it; what does not fit waits on the line."""

    def __init__(self, *, buffer: int = 65536, real_time: bool = True, clears: bool = True) -> None:
        """`real_time`: it answers status questions at once, as they arrive; cheap ones wait until they get there.
        `clears`: it knows DLE DC4 8.
        """
        self.tape: list[Command] = []
        """What was carried out, in order."""
        self.received = 0
        self.cover_open = False
        self.offline = False
        self.cutter_jammed = False
        self.mute = False
        self.knows_model = True
        """Whether it answers `GS I`."""
        self.noise: tuple[bytes, int, bool] | None = None
        """In the middle of a slip, after so many bytes since the last question: what it sends, and whether it hangs."""
        self.paper = ROLL
        """Dots left on the roll."""
        self.low_at = 500
        self.dots_per_s = 0.0
        """How fast it prints; 0 is at once."""
        self.happens_at: dict[int, dict[str, object]] = {}
        """What happens to it when so many commands are on the tape."""
        self.error: Exception | None = None
        """It was sent something that is not ESC/POS."""
        self._capacity, self._real_time, self._clears = buffer, real_time, clears
        self._buffer = bytearray()
        self._scanned = b""
        self._asb = False
        self._sound: int | None = None
        """The line broke: so many bytes that wait are whole commands, and the one after them was cut in two."""
        self._patient = False
        """After that, until the next ESC @, bytes that make no sense are nobody's mistake."""
        self._changed = threading.Condition()
        self._ended = False
        self._answer: Callable[[bytes], None] = lambda _: None
        self._mechanism = threading.Thread(target=self._run, name="printer", daemon=True)
        self._mechanism.start()

    # --- people ---

    def put_paper_in(self) -> None:
        self.set(paper=ROLL)

    def set(self, **faults: object) -> None:
        """Something happens to the printer."""
        with self._changed:
            for name, value in faults.items():
                if not hasattr(self, name):
                    raise AttributeError(name)
                setattr(self, name, value)
            self._changed.notify_all()
        self._tell_by_itself()

    def lose_power(self) -> None:
        """What was not printed is gone."""
        with self._changed:
            self._buffer.clear()
            self._sound = None
            self._patient = True  # the line may bring the rest of a command
            self._asb = False
        self._scanned = b""

    def idle(self, patience: float = 60.0) -> None:
        """Waits until everything that came is printed, as far as it can be."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._stopped() or not self._whole(), patience)

    def switch_off(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._mechanism.join(2)

    # --- the line ---

    def connected(self, answer: Callable[[bytes], None]) -> None:
        self._answer = answer

    def disconnected(self) -> None:
        self._answer = lambda _: None
        with self._changed:
            sound = 0
            with contextlib.suppress(ValueError):
                while taken := take(bytes(self._buffer[sound:])):
                    sound += taken[1]
            self._sound = sound if sound < len(self._buffer) else None
            self._patient = self._patient or self._sound is not None

    def room(self) -> int:
        with self._changed:
            return max(0, self._capacity - len(self._buffer))

    def arrive(self, data: bytes) -> None:
        """Bytes come in: real-time commands are obeyed now, wherever they stand, and stay in the stream."""
        self._scanned = (self._scanned + data)[-(len(data) + 9) :]
        with self._changed:
            self._buffer += data
            self.received += len(data)
            self._changed.notify_all()
        if self.noise and self.received >= self.noise[1]:
            (stray, _, hangs), self.noise = self.noise, None
            self._reply(stray)
            self.mute = self.mute or hangs
        if self._real_time:
            end = 0
            for found in REAL_TIME.finditer(self._scanned):
                end = found.end()
                self._obey(found.group())
            self._scanned = self._scanned[end:]

    def _obey(self, command: bytes) -> None:
        if command.startswith(b"\x10\x04"):
            self._reply(bytes([self._status(command[2])]))
        elif command.startswith(b"\x10\x14") and self._clears:
            with self._changed:
                self._buffer.clear()
                self._sound = None
                self._changed.notify_all()
            self._reply(b"\x37\x25\x00")

    def _reply(self, data: bytes) -> None:
        if not self.mute:
            with contextlib.suppress(OSError):
                self._answer(data)

    # --- what it says of itself (reference: DLE EOT, GS r, GS a) ---

    @property
    def paper_out(self) -> bool:
        return self.paper <= 0

    def _stopped(self) -> bool:
        return self.cover_open or self.paper_out or self.offline or self.cutter_jammed

    def _status(self, number: int) -> int:
        low, out = self.paper <= self.low_at, self.paper_out
        match number:
            case 1:
                return 0x12 | (0x08 if self._stopped() else 0)
            case 2:
                error = 0x40 if self.cutter_jammed else 0
                return 0x12 | (0x04 if self.cover_open else 0) | (0x20 if out else 0) | error
            case 3:
                return 0x12 | (0x08 if self.cutter_jammed else 0)
            case _:
                return 0x12 | (0x0C if low else 0) | (0x60 if out else 0)

    def _automatic(self) -> bytes:
        first = 0x10 | (0x08 if self._stopped() else 0) | (0x20 if self.cover_open else 0)
        second = 0x08 if self.cutter_jammed else 0
        third = (0x03 if self.paper <= self.low_at else 0) | (0x0C if self.paper_out else 0)
        return bytes([first, second, third, 0x0F])

    def _tell_by_itself(self) -> None:
        if self._asb:
            self._reply(self._automatic())

    # --- the mechanism ---

    def _whole(self) -> bool:
        try:
            return bool(self._buffer) and take(bytes(self._buffer)) is not None
        except ValueError:
            return True

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ended or (not self._stopped() and self._whole()))
                if self._ended:
                    return
                command = self._next()
                self._changed.notify_all()
            if command is not None:
                self._carry_out(command)

    def _next(self) -> Command | None:
        try:
            taken = take(bytes(self._buffer))
        except ValueError as error:
            if not self._patient:
                self.error, self._ended = error, True
            else:
                del self._buffer[:1]  # half of one command and half of another: ignored, as real ones do
            return None
        if taken is None:
            return None
        command, size = taken
        del self._buffer[:size]
        if self._sound is None:
            self._patient = self._patient and command.name != b"\x1b@"
            return command
        if self._sound > 0:
            self._sound -= size
            return command
        # This one was filled up with bytes that were meant for something else. As a picture it comes out all the same.
        self._sound = None
        return command if command.name in (b"", b"\x1dv0") else Command(b"\x00")

    def _carry_out(self, command: Command) -> None:
        dots = self._dots(command)
        if dots and self.dots_per_s:
            time.sleep(dots / self.dots_per_s)
        with self._changed:
            self.tape.append(command)
            before = (self.paper_out, self.paper <= self.low_at)
            self.paper -= dots
            faults = self.happens_at.pop(len(self.tape), {})
            self._changed.notify_all()
        if faults:
            self.set(**faults)
        if before != (self.paper_out, self.paper <= self.low_at):
            self._tell_by_itself()
        self._respond(command)

    def _respond(self, command: Command) -> None:
        match command.name:
            case b"\x1dr":
                self._reply(bytes([0x03 if self.paper <= self.low_at else 0x00]))
            case b"\x1d(H":
                self._reply(b'\x37"' + command.data[2:6] + b"\x00")
            case b"\x1da":
                self._asb = command.data != b"\x00"
                if self._asb:
                    self._reply(self._automatic())
            case b"\x1dI" if self.knows_model:
                names = {66: b"_EPSON\x00", 67: b"_TM-T88V\x00"}
                self._reply(names.get(command.data[0], b"\x20"))
            case b"\x10\x04" if not self._real_time:
                self._reply(bytes([self._status(command.data[0])]))

    @staticmethod
    def _dots(command: Command) -> int:
        """How much paper it takes."""
        name, data = command
        feeds: dict[bytes, Callable[[], int]] = {
            b"\x0a": lambda: 34,
            b"\x1bd": lambda: 34 * data[0],
            b"\x1bJ": lambda: data[0],
            b"\x1dv0": lambda: data[3] + 256 * data[4],
            b"\x1dk": lambda: 100,
            b"\x1dV": lambda: 110 + data[1] if len(data) == 2 else 0,
            b"\x1d(k": lambda: 200 if data[1] == 81 else 0,
        }
        return feeds[name]() if name in feeds else 0


class TcpPort:
    """Port 9100 of a printer: one connection at a time, the others wait."""

    def __init__(self, printer: Printer, address: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        self._printer = printer
        self.hang_up_after: int | None = None
        """The cable comes out when this many more bytes have arrived."""
        self.bytes_per_s = 0.0
        """How fast the interface takes bytes; 0 is at once."""
        self._unplugged = False
        self._listening = socket.create_server(address, backlog=5)
        self.address: tuple[str, int] = self._listening.getsockname()
        self._ended = False
        self._line: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, name="port", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"tcp://{self.address[0]}:{self.address[1]}"

    def unplug(self) -> None:
        """The cable is out: what is connected breaks off, and nobody gets in."""
        self._unplugged = True
        self._break_off()

    def plug_in(self) -> None:
        self._unplugged = False

    def close(self) -> None:
        self._ended = True
        self._break_off()
        self._thread.join(2)
        self._listening.close()

    def _break_off(self) -> None:
        line = self._line
        if line is not None:
            with contextlib.suppress(OSError):
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                line.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        while not self._ended:
            if not select.select([self._listening], [], [], 0.05)[0]:
                continue
            line, _ = self._listening.accept()
            if self._unplugged:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                line.close()
                continue
            self._line = line
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._printer.connected(line.sendall)
            with contextlib.suppress(OSError):
                self._talk(line)
            self._printer.disconnected()
            self._line = None
            line.close()

    def _talk(self, line: socket.socket) -> None:
        while not self._ended and not self._unplugged:
            room = self._printer.room()
            if not room:
                time.sleep(0.01)
                continue
            if not select.select([line], [], [], 0.05)[0]:
                continue
            most = room if self.hang_up_after is None else min(room, max(1, self.hang_up_after))
            data = line.recv(min(most, 512 if self.bytes_per_s else 4096))
            if not data:
                return
            if self.bytes_per_s:
                time.sleep(len(data) / self.bytes_per_s)
            self._printer.arrive(data)
            if self.hang_up_after is not None:
                self.hang_up_after -= len(data)
                if self.hang_up_after <= 0:
                    self.hang_up_after = None
                    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return


class PtyPort:
    """A serial port, or the device file of a USB printer: `path` is what the driver opens."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._ours, self._theirs = pty.openpty()
        tty.setraw(self._ours)
        tty.setraw(self._theirs)
        self.path = os.ttyname(self._theirs)
        self._ended = False
        printer.connected(lambda data: os.write(self._ours, data) and None)
        self._thread = threading.Thread(target=self._serve, name="pty", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ended = True
        self._thread.join(2)
        for end in (self._ours, self._theirs):
            os.close(end)

    def _serve(self) -> None:
        while not self._ended:
            room = self._printer.room()
            if room and select.select([self._ours], [], [], 0.05)[0]:
                self._printer.arrive(os.read(self._ours, min(room, 4096)))
            elif not room:
                time.sleep(0.01)

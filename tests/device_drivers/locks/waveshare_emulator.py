"""Waveshare relay boards on a pty: pymodbus takes the frames apart, this switches the relays.

What a solenoid gets is kept for each relay as (from, to) in seconds, so that a test can say that none stayed on.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
import tty
from typing import TYPE_CHECKING, Any

from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU

if TYPE_CHECKING:
    from pathlib import Path

BYTE_S = 10 / 9600


class Relays:
    """One board with locks on its relays, and their contacts on its inputs."""

    def __init__(self, channels: int) -> None:
        self.shut = [True] * channels
        self.power: list[list[tuple[float, float]]] = [[] for _ in range(channels)]
        self.jammed: set[int] = set()
        self.spring_s = 0.03
        self.refuses = False

    def write(self, where: int, value: int) -> bool:
        now = time.monotonic()
        if where == 0x00FF:
            self.power = [[(on, min(off, now)) for on, off in each] for each in self.power]
            return True
        if 0x0200 <= where < 0x0200 + len(self.power) and not self.refuses:
            channel = where - 0x0200
            self.power[channel].append((now, now + value / 10))
            if channel not in self.jammed:
                timer = threading.Timer(self.spring_s, self.shut.__setitem__, (channel, False))
                timer.daemon = True
                timer.start()
            return True
        return False


class ModbusLine:
    """A wire with boards on it."""

    def __init__(self, folder: Path, boards: tuple[int, ...] = (1,), channels: int = 8, *, closed_is: int = 1) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.boards = {address: Relays(channels) for address in boards}
        self.closed_is = closed_is
        self.mute: set[int] = set()
        self.lose_echo = 0
        """So many acknowledgements of a pulse from now on do not come."""
        self.dribble = False
        self.echo = False
        """Whether the adapter hears itself."""
        self.gaps: list[float] = []
        """Silence before each frame, in seconds, as the boards hear it."""
        self.written: list[tuple[int, int, int]] = []
        """Address, where, value of every write."""
        self.reads = 0
        self.answered = 0
        """So many of the bytes that came that whatever they ask for was said."""
        self.garbled = 0
        self._name = folder / f"usb-modbus-{id(self)}"
        self.url = f"serial://{self._name}?baud=9600"
        self._framer = FramerRTU(DecodePDU(True))
        self._ended = threading.Event()
        self._quiet_from = 0.0

    def plug(self) -> ModbusLine:
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self._name.symlink_to(os.ttyname(slave))
        os.close(slave)
        self._ended.clear()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def unplug(self) -> None:
        if self._ended.is_set():
            return
        self._ended.set()
        self._thread.join(5)
        os.close(self._master)
        self._name.unlink()

    def _serve(self) -> None:
        heard = b""
        while not self._ended.is_set():
            try:
                if not select.select([self._master], [], [], 0.05)[0]:
                    continue
                heard += (data := os.read(self._master, 256))
            except OSError:
                time.sleep(0.02)  # nobody has the port open
                continue
            now = time.monotonic()
            used, address, _, pdu = self._framer.decode(heard)
            if used and not pdu:
                self.garbled += 1
                heard = b""
            elif pdu:
                self.gaps.append(now - self._quiet_from)
                frame, heard = heard[:used], heard[used:]
                self._quiet_from = now
                with contextlib.suppress(OSError):  # whoever asked has gone
                    self._answer(address, pdu, frame)
            self.answered += len(data)

    def _answer(self, address: int, pdu: bytes, frame: bytes) -> None:
        message: Any = self._framer.decoder.decode(pdu)
        assert message is not None, f"pymodbus does not know {frame.hex(' ')}"
        if self.echo:
            os.write(self._master, frame)
        time.sleep(len(frame) * BYTE_S)
        silent = address not in self.boards or address in self.mute
        if message.function_code == 5:
            self.written.append((address, message.address, int.from_bytes(pdu[3:5], "big")))
        else:
            self.reads += 1
        if silent:
            return
        reply = self._reply(self.boards[address], message, pdu)
        if reply is None:
            return
        out = self._framer.encode(reply, address, 0)
        time.sleep(0.002 + (0 if self.dribble else len(out) * BYTE_S))
        for part in [bytes([byte]) for byte in out] if self.dribble else [out]:
            self._quiet_from = time.monotonic()  # before, or the next frame may come before this thread goes on
            os.write(self._master, part)
            if self.dribble:
                time.sleep(BYTE_S)

    def _reply(self, board: Relays, message: Any, pdu: bytes) -> bytes | None:
        if message.function_code == 5:
            done = board.write(message.address, int.from_bytes(pdu[3:5], "big"))
            if not done:
                return bytes([0x85, 2])
            if message.address != 0x00FF and self.lose_echo:
                self.lose_echo -= 1
                return None
            return pdu
        now = time.monotonic()
        if message.function_code == 2:
            bits = [shut == bool(self.closed_is) for shut in board.shut]
        else:
            bits = [any(on <= now < off for on, off in each) for each in board.power]
        bits = bits[message.address : message.address + message.count]
        octets = [
            sum(1 << place for place, bit in enumerate(bits[at : at + 8]) if bit) for at in range(0, len(bits), 8)
        ]
        return bytes([message.function_code, len(octets), *octets])

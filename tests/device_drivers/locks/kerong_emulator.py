"""Lock boards as Kerong's paper describes them, with locks behind them, on a pty or on TCP.

Written from the paper ("CU48 Protocol And Introduction" V2.1) and from what is public on CU48B and CU16; it knows
nothing of the drivers. Runs as a thread of a test, or as a program of its own:

    python tests/device_drivers/locks/kerong_emulator.py --model cu48 --boards 0,1 --log pulses.txt

prints its URL and writes each pulse with the time (CLOCK_MONOTONIC, seconds) at which its last byte came.
"""

from __future__ import annotations

import argparse
import collections
import os
import random
import select
import socket
import threading
import time
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Any

MODELS = {"cu48": 48, "cu48b": 48, "cu16": 16}
BYTE_S = 10 / 19200
ALL = "all"


class Cabinet:
    """What hangs behind one board: hooks, their springs, and things in compartments."""

    def __init__(self, locks: int) -> None:
        self.hooked = [True] * locks
        self.things = [False] * locks
        self.jammed: set[int] = set()
        self.spring_s = 0.03
        self.dies_with_power: Callable[[], object] | None = None

    def energise(self, lock: int) -> None:
        if self.dies_with_power:
            self.dies_with_power()
            return
        if lock not in self.jammed:
            timer = threading.Timer(self.spring_s, self.spring, (lock,))
            timer.daemon = True
            timer.start()

    def spring(self, lock: int) -> None:
        self.hooked[lock] = False

    def push_shut(self, lock: int) -> None:
        self.hooked[lock] = True


class Faults:
    """What is wrong with the line. All of it may be changed while it runs."""

    def __init__(self) -> None:
        self.mute: set[int] = set()
        self.dribble = False
        self.noise = 0
        """So many stray bytes before and after each reply, STX among them."""
        self.bad_sums = 0
        """So many replies from now on have a wrong sum."""
        self.lose = 0.0
        """The chance that a reply does not come."""
        self.slow_s = 0.0
        self.echo = False
        """The adapter hears itself."""
        self.chance = random.Random(7)


class Line:
    """The boards of one wire. `pulses` is what matters: which lock of which board got power, and when."""

    def __init__(self, model: str = "cu48", boards: tuple[int, ...] = (0,), *, locked_is: int = 1) -> None:
        self.model = model
        self.locked_is = locked_is
        self.cabinets = {board: Cabinet(MODELS[model]) for board in boards}
        self.faults = Faults()
        self.pulses: list[tuple[float, Any, Any]] = []
        self.frames: list[tuple[float, bytes]] = []
        self.silences = 0
        """How often the boards listened and nothing came."""
        self.heard = 0
        """Bytes that came."""
        self.answered = 0
        """Of those, so many that whatever they ask for was said."""
        self._size = 5 if model == "cu16" else 6
        self._tail: collections.deque[int] = collections.deque(maxlen=self._size)
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self.log: Path | None = None

    def plug(self) -> Line:
        raise NotImplementedError

    def unplug(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        self.unplug()

    def settle(self, patience: float = 60.0) -> None:
        """Waits until the boards have heard what was sent before: the second silence from now began after it."""
        wanted, deadline = self.silences + 2, time.monotonic() + patience
        while self.silences < wanted:
            assert time.monotonic() < deadline, "the line is never silent"
            time.sleep(0.005)

    # --- what the boards do with bytes ---

    def hear(self, byte: int) -> list[bytes]:
        """The replies to what is complete with this byte."""
        self.heard += 1
        self._tail.append(byte)
        if len(self._tail) < self._size:
            return []
        told = bytes(self._tail)
        if not (told[0] == 2 and told[-2] == 3 and sum(told[:-1]) % 256 == told[-1]):
            return []
        self._tail.clear()
        self.frames.append((time.monotonic(), told))
        return self._five(told) if self.model == "cu16" else self._six(told)

    def _six(self, told: bytes) -> list[bytes]:
        _, address, locker, command, _, _ = told
        extra = 0x10 if self.model == "cu48b" else 0
        whom = list(self.cabinets) if address == 0x0A else [address]
        if command == 0x51 + extra:
            for board in whom:
                self._power(board, ALL if locker == 0x30 else locker)
            return []
        if command == 0x50 + extra:
            return [self._status(board) for board in whom if board in self.cabinets]
        return []

    def _five(self, told: bytes) -> list[bytes]:
        board, lock, command = told[1] // 16, told[1] % 16, told[2]
        whom = list(self.cabinets) if board == 15 else [board]
        if command == 0x31:
            self._power(board, lock)
        elif command == 0x33:
            for each in whom:
                self._power(each, ALL)
        elif command == 0x30 and board in self.cabinets:
            return [self._status(board)]
        return []

    def _power(self, board: int, lock: Any) -> None:
        if board not in self.cabinets or board in self.faults.mute:
            return
        self.pulses.append((time.monotonic(), board, lock))
        if self.log:
            with self.log.open("a") as file:
                file.write(f"{self.pulses[-1][0]:.6f} {board} {lock}\n")
        cabinet = self.cabinets[board]
        for one in range(len(cabinet.hooked)) if lock == ALL else [lock]:
            if one < len(cabinet.hooked):
                cabinet.energise(one)

    def _status(self, board: int) -> bytes:
        if board in self.faults.mute:
            return b""
        cabinet = self.cabinets[board]
        locked = cabinet.hooked if self.locked_is else [not hook for hook in cabinet.hooked]
        hooks, things = _octets(locked), _octets(cabinet.things)
        if self.model == "cu48":
            body = [2, board, self.faults.chance.randrange(256), 0x65, *hooks, 3]
        elif self.model == "cu48b":
            body = [2, board, 0, 0x75, *hooks, *things, 3]
        else:
            body = [2, board * 16, 0x35, *hooks, *things, 3]
        check = sum(body) % 256
        if self.faults.bad_sums:
            self.faults.bad_sums -= 1
            check ^= 0x55
        return bytes([*body, check])

    # --- how it goes over the line ---

    def _answer(self, send: Any, replies: list[bytes]) -> None:
        for reply in replies:
            if not reply or self.faults.chance.random() < self.faults.lose:
                continue
            time.sleep(self._size * BYTE_S + 0.001 + self.faults.slow_s)
            stray = bytes(self.faults.chance.choice([0, 2, 3, 0x65, 0xFF]) for _ in range(self.faults.noise))
            out = stray + reply + stray
            if self.faults.dribble:
                for byte in out:
                    send(bytes([byte]))
                    time.sleep(BYTE_S * 2)
            else:
                time.sleep(len(out) * BYTE_S)
                send(out)

    def _serve(self, end: Any, receive: Any, send: Any) -> None:
        while not self._ended.is_set():
            try:
                if not select.select([end], [], [], 0.05)[0]:
                    self.silences += 1
                    continue
                data = receive(256)
                if not data:
                    return
                if self.faults.echo:
                    send(data)
                for byte in data:
                    self._answer(send, self.hear(byte))
                    self.answered += 1
            except (OSError, ValueError):
                if self._ended.is_set() or not self._lives():
                    return
                time.sleep(0.02)  # a pty whose other side is not open (yet, or any more)

    def _lives(self) -> bool:
        return True


def _octets(bits: list[bool]) -> list[int]:
    return [sum(1 << place for place in range(8) if bits[at + place]) for at in range(0, len(bits), 8)]


class PtyLine(Line):
    """On a serial port. `plug` and `unplug` are the USB adapter's; the port keeps its name, as `by-id` names do."""

    def __init__(self, folder: Path, model: str = "cu48", boards: tuple[int, ...] = (0,), **kind: Any) -> None:
        super().__init__(model, boards, **kind)
        folder.mkdir(parents=True, exist_ok=True)
        self._name = folder / f"usb-RS485-{id(self)}"
        self.url = f"serial://{self._name}?baud=19200"
        self._master = -1

    def plug(self) -> PtyLine:
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self._name.symlink_to(os.ttyname(slave))
        os.close(slave)
        self._ended.clear()
        master = self._master
        self._thread = threading.Thread(
            target=self._serve,
            args=(master, lambda count: os.read(master, count), lambda data: os.write(master, data)),
            daemon=True,
        )
        self._thread.start()
        return self

    def unplug(self) -> None:
        self._ended.set()
        if self._thread:
            self._thread.join(5)
        if self._master >= 0:
            os.close(self._master)
            self._master = -1
        self._name.unlink(missing_ok=True)


class TcpLine(Line):
    """Behind a converter. One connection at a time, as the small ones have it."""

    def __init__(self, _folder: Path, model: str = "cu48", boards: tuple[int, ...] = (0,), **kind: Any) -> None:
        super().__init__(model, boards, **kind)
        self._place = socket.socket()
        """Nobody else may have the port while it is unplugged; nobody is heard there."""
        self._place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._place.bind(("127.0.0.1", 0))
        self._port = self._place.getsockname()[1]
        self.url = f"tcp://127.0.0.1:{self._port}"
        self._server = self._place

    def plug(self) -> TcpLine:
        self._server = socket.create_server(("127.0.0.1", self._port), reuse_port=True)
        self._server.settimeout(0.05)
        self._ended.clear()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                peer, _ = self._server.accept()
            except OSError:
                self.silences += 1
                continue
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with peer:
                self._serve(peer, peer.recv, peer.sendall)

    def _lives(self) -> bool:
        return False

    def unplug(self) -> None:
        self._ended.set()
        if self._server is not self._place:
            self._server.close()
        if self._thread:
            self._thread.join(5)

    def stop(self) -> None:
        super().stop()
        self._place.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="cu48", choices=MODELS)
    parser.add_argument("--boards", default="0")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--tcp", action="store_true")
    parser.add_argument("--close-after", type=float, default=0.0, help="push open hooks shut after so many seconds")
    given = parser.parse_args()
    kind = TcpLine if given.tcp else PtyLine
    line = kind(given.folder, given.model, tuple(int(board) for board in given.boards.split(",")))
    line.log = given.log
    line.plug()
    print(line.url, flush=True)
    while True:
        time.sleep(given.close_after or 60)
        for cabinet in line.cabinets.values() if given.close_after else ():
            for lock in range(len(cabinet.hooked)):
                cabinet.push_shut(lock)


if __name__ == "__main__":
    main()

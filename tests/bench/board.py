"""Lock boards on ptys that hold every byte to 19,200 baud: `python -m tests.bench.board FOLDER LOG LINES BOARDS`.

It prints a URL for each line. For each pulse it writes a line to LOG: number of the line, board, lock, and when the
last byte of the frame was there (CLOCK_MONOTONIC, seconds). A hook that was opened is pushed shut a moment later, so
that the same locks can be opened for ever.
"""

from __future__ import annotations

import os
import select
import sys
import threading
import time
from pathlib import Path
from typing import Any

from tests.device_drivers.locks.kerong_emulator import BYTE_S, Cabinet, PtyLine

TURN_S = 0.001
"""How long a board thinks before it answers, in seconds."""
SHUT_S = 0.5
"""A hook that sprang open is pushed shut after so many seconds: a busy machine has to see it open before."""


class Hooks(Cabinet):
    """Hooks that somebody pushes shut."""

    def spring(self, lock: int) -> None:
        super().spring(lock)
        timer = threading.Timer(SHUT_S, self.push_shut, (lock,))
        timer.daemon = True
        timer.start()


class PacedLine(PtyLine):
    """A pty hands all bytes of a frame over at once; here each one is there when a real line would have brought it."""

    def __init__(self, folder: Path, number: int, log: Path, boards: int) -> None:
        super().__init__(folder, "cu48")
        self.cabinets = {board: Hooks(48) for board in range(boards)}
        self._number, self._file = number, os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def _serve(self, end: Any, receive: Any, send: Any) -> None:
        there = 0.0
        """When the last byte was there."""
        while not self._ended.is_set():
            try:
                if not select.select([end], [], [], 0.5)[0]:
                    continue
                data = receive(256)
            except OSError:
                time.sleep(0.02)  # nobody has the port open
                continue
            there = max(there, time.monotonic())
            for byte in data:
                there += BYTE_S
                time.sleep(max(0.0, there - time.monotonic()))
                self._answer(send, self.hear(byte))

    def _answer(self, send: Any, replies: list[bytes]) -> None:
        for reply in replies:
            time.sleep(TURN_S + len(reply) * BYTE_S)
            send(reply)

    def _power(self, board: int, lock: Any) -> None:
        os.write(self._file, f"{self._number} {board} {lock} {time.monotonic():.6f}\n".encode())
        super()._power(board, lock)


def main() -> None:
    folder, log, count, boards = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    for number in range(count):
        print(PacedLine(folder, number, log, boards).plug().url, flush=True)
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()

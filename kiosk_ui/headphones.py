"""Whether a plug is in the headphone socket, as Linux tells it: an input device with a switch for it.

Who plugs in wants to hear: it starts the voice without a key having to be found first.
"""

from __future__ import annotations

import contextlib
import os
import select
import struct
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

INPUTS: Final = Path("/sys/class/input")
NODES: Final = Path("/dev/input")
SWITCH: Final = 5
"""Type of an event about a switch, `EV_SW` of Linux' input-event-codes.h."""
HEADPHONES: Final = 2
"""`SW_HEADPHONE_INSERT`."""
EVENT: Final = struct.Struct("llHHi")
"""Seconds, microseconds, type, code, value: `struct input_event`."""


def sockets(inputs: Path = INPUTS, nodes: Path = NODES) -> list[Path]:
    """The devices that say so; none where the machine has no such socket, or does not let us read it."""
    found = []
    for entry in sorted(inputs.glob("event*")):
        with contextlib.suppress(OSError, ValueError, IndexError):
            switches = int((entry / "device" / "capabilities" / "sw").read_text("ascii").split()[-1], 16)
            if switches & (1 << HEADPHONES) and os.access(nodes / entry.name, os.R_OK):
                found.append(nodes / entry.name)
    return found


class Headphones:
    """Watches sockets in a thread of its own."""

    def __init__(self, devices: Iterable[Path], tell: Callable[[bool], None]) -> None:
        """`tell` is called from the thread: True where a plug went in."""
        self._devices, self._tell = tuple(devices), tell
        self._stop, self._stopped = os.pipe()
        self._thread = threading.Thread(target=self._watch, name="headphones", daemon=True)

    def start(self) -> None:
        """Begins to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Watches no more."""
        os.write(self._stopped, b"x")
        self._thread.join(5)
        os.close(self._stop)
        os.close(self._stopped)

    def _watch(self) -> None:
        with contextlib.ExitStack() as opened:
            files = {}
            for device in self._devices:
                with contextlib.suppress(OSError):
                    number = os.open(device, os.O_RDONLY | os.O_NONBLOCK)
                    opened.callback(os.close, number)
                    files[number] = device
            while True:
                ready, _, _ = select.select([self._stop, *files], [], [])
                if self._stop in ready:
                    return
                for number in ready:
                    if not self._read(number):
                        del files[number]

    def _read(self, number: int) -> bool:
        """Takes what there is; False where the device is gone."""
        try:
            told = os.read(number, EVENT.size * 64)
        except BlockingIOError:
            return True
        except OSError:
            return False
        for _, _, kind, code, value in EVENT.iter_unpack(told[: len(told) // EVENT.size * EVENT.size]):
            if (kind, code) == (SWITCH, HEADPHONES):
                self._tell(bool(value))
        return bool(told)

"""What a device remembers over a power cut, and its two clocks."""

import json
import os
import time

try:  # noqa: SIM105 - nor has it contextlib
    from typing import Any
except ImportError:  # MicroPython has none, and does not look at annotations
    pass

KEPT_EVENTS, KEPT_REPLIES = 200, 200


class Clock:
    """Milliseconds since the start, for as long as it runs, sleep included: the ticks of a small port go on in a light
    sleep and wrap around after six days.
    """

    def __init__(self) -> None:
        self._ticks = getattr(time, "ticks_ms", _boot_ms)
        self._diff = getattr(time, "ticks_diff", lambda new, old: new - old)
        self._last, self._ms = self._ticks(), 0

    def ms(self) -> int:
        """Now."""
        now = self._ticks()
        self._ms += self._diff(now, self._last)
        self._last = now
        return self._ms


def _boot_ms() -> int:
    """On a desk. What Linux calls its boot time runs on while the machine sleeps."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return int(time.clock_gettime(time.CLOCK_BOOTTIME) * 1000)
    return int(time.monotonic() * 1000)


def stamp() -> str:
    """RFC 3339 for people; nothing is decided by it, and without a set clock it is wrong."""
    year, month, day, hour, minute, second = time.gmtime()[:6]
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}.000Z"


class Flash:
    """What survives a power cut: one JSON file, written beside the old one and renamed."""

    def __init__(self, folder: str) -> None:
        self._path = folder + "/flash.json"
        self.fence = -1
        self.events: list[dict[str, Any]] = []
        self.replies: list[list[Any]] = []
        """[id, reply] in the order of their coming; None for one that was noted and not finished."""
        try:
            with open(self._path) as file:  # noqa: PTH123 - MicroPython
                kept = json.load(file)
            self.fence, self.events, self.replies = kept["fence"], kept["events"], kept["replies"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            pass  # the first start, or a worn-out flash: begin anew

    def save(self) -> bool:
        """Whether it is on the flash when it returns: a flash that is full or worn out keeps what it had."""
        self.events, self.replies = self.events[-KEPT_EVENTS:], self.replies[-KEPT_REPLIES:]
        try:
            with open(self._path + ".new", "w") as file:  # noqa: PTH123 - MicroPython
                json.dump({"fence": self.fence, "events": self.events, "replies": self.replies}, file)
                file.flush()
            if hasattr(os, "sync"):
                os.sync()
            os.rename(self._path + ".new", self._path)  # noqa: PTH104 - MicroPython
        except OSError as error:
            print("not kept:", error)  # noqa: T201 - a board has a console and no log
            return False
        return True

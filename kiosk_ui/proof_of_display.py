"""Proof of display: what stood on the glass, as whole intervals with names of their own, told through the outbox.

Only what was drawn counts, by the monotonic clock, and never more than was seen: an interval grows while the window
draws, and where the window stood still it ends. A kill costs no more than the time since the last `look`: how long the
running interval is already lies in a file, and the next start tells of it under the name that it had.
"""

from __future__ import annotations

import contextlib
import logging
import os
import struct
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import msgspec

from device_drivers.contract import Displayed, Lit, OnGlass, Stood, rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

log = logging.getLogger(__name__)

LOOK_S: Final = 0.1
"""How often the window says what is on its glass: at most so much is lost by a kill."""
GAP_S: Final = 2.0
"""A window that was silent for longer stood still: what it showed meanwhile is not claimed."""
CUT_S: Final = 600.0
"""What stands for longer is told in parts."""
SHORTEST_MS: Final = 50
"""Less is no look at anything."""
BATCH: Final = 64
TELL_S: Final = 60.0
"""How long what is over waits for company, while the gateway listens."""
MAX_INTERVALS: Final = 4096
"""Intervals that are kept where nobody takes them; past this the oldest goes."""
_NOW: Final = struct.Struct("<QQ")
_LINE: Final = msgspec.json.Decoder(Stood)


class ProofOfDisplay:
    """The book of one glass. `look`, `stop` from one thread; telling goes on in another."""

    def __init__(
        self,
        folder: Path,
        boot: str,
        tell: Callable[[Displayed], None],
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`tell` puts an event on disk for the gateway, and may raise `OSError`. Takes over what an earlier start
        left. Raises `OSError` where the folder cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._book = folder / "stood.jsonl"
        self._tell = tell
        self._clock = clock
        self._wall = wall
        self._boot = boot
        self._n = 0
        self._running: Stood | None = None
        self._since = self._seen = self._told = 0.0
        self._lock = threading.RLock()
        self._telling = threading.Lock()
        self._now = os.open(folder / "stood.now", os.O_RDWR | os.O_CREAT, 0o600)
        self._stopped = False
        self._over = self._left_behind()
        self._rewrite()
        os.pwrite(self._now, bytes(_NOW.size), 0)

    def look(self, shown: OnGlass | None, lit: Lit = "unknown", *, listening: bool = True) -> None:
        """This is on the glass now; None where nothing of a playlist is. `listening`: the gateway is there."""
        now = self._clock()
        running = self._running
        if running is not None and (
            running.shown != shown or running.lit != lit or now - self._seen > GAP_S or now - self._since >= CUT_S
        ):
            # Until now, where it was seen to change; else until it was last seen.
            self._end(self._seen if now - self._seen > GAP_S else now)
        self._seen = now
        if self._running is not None:
            self._note(now)
        elif shown is not None:
            self._begin(shown, lit, now)
        self._tell_what_is_due(now, listening)

    def stop(self) -> None:
        """The window closes: what ran is over, and all of it is told. More than once is once."""
        if self._stopped:
            return
        self._stopped = True
        if self._running is not None:
            self._end(min(self._clock(), self._seen + GAP_S))
        while self._over and self._tell_some():
            pass
        os.close(self._now)

    # --- the running one ---

    def _begin(self, shown: OnGlass, lit: Lit, now: float) -> None:
        self._n += 1
        self._since = now
        with self._lock:
            self._running = Stood(self._boot, self._n, shown, rfc3339(self._wall()), 0, lit)
            self._append(self._running)
        self._note(now)

    def _note(self, now: float) -> None:
        with contextlib.suppress(OSError):  # a full disk must not stop the kiosk
            os.pwrite(self._now, _NOW.pack(self._n, round((now - self._since) * 1000)), 0)

    def _end(self, at: float) -> None:
        # In one step: whoever writes the book anew meanwhile has it neither as the running one nor as one that is over.
        with self._lock:
            running, self._running = self._running, None
            ms = round((at - self._since) * 1000)
            if running is None or ms < SHORTEST_MS:
                return
            over = msgspec.structs.replace(running, ms=ms)
            self._append(over)
            self._over.append(over)
            del self._over[:-MAX_INTERVALS]

    # --- telling ---

    def _tell_what_is_due(self, now: float, listening: bool) -> None:
        if not self._over:
            self._told = now
        elif len(self._over) >= BATCH or (listening and now - self._told >= TELL_S):
            self._told = now
            threading.Thread(target=self._tell_some, name="proof", daemon=True).start()

    def _tell_some(self) -> bool:
        """The oldest ones, in one event. They leave the book once the event lies in the outbox."""
        with self._telling:
            with self._lock:
                some = tuple(self._over[:BATCH])
            try:
                if some:
                    self._tell(Displayed(some))
            except (OSError, ValueError):
                log.exception("%d intervals wait in the book", len(some))
                return False
            with self._lock:
                del self._over[: len(some)]
            self._rewrite()
            return True

    # --- the book ---

    def _append(self, line: Stood) -> None:
        with contextlib.suppress(OSError), self._lock, self._book.open("ab") as book:
            book.write(msgspec.json.encode(line) + b"\n")

    def _rewrite(self) -> None:
        """What is not told yet, and what runs; not flushed: a kill loses nothing of it, a power cut some moments."""
        with contextlib.suppress(OSError), self._lock:
            lines = [*self._over, *([self._running] if self._running else [])]
            new = self._book.with_suffix(".new")
            new.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
            new.replace(self._book)

    def _left_behind(self) -> list[Stood]:
        """What an earlier start wrote: its finished intervals, and the one that it was killed in."""
        found: dict[tuple[str, int], Stood] = {}
        with contextlib.suppress(OSError):
            for line in self._book.read_bytes().splitlines():
                with contextlib.suppress(ValueError):  # torn by a power cut
                    stood = _LINE.decode(line)
                    found[stood.boot, stood.n] = stood
        killed_in, ms = self._last_noted()
        return [
            whole
            for each in found.values()
            if (whole := msgspec.structs.replace(each, ms=ms) if each.ms == 0 and each.n == killed_in else each).ms
            >= SHORTEST_MS
        ]

    def _last_noted(self) -> tuple[int, int]:
        noted = os.pread(self._now, _NOW.size, 0)
        number, ms = _NOW.unpack(noted) if len(noted) == _NOW.size else (0, 0)
        return number, min(ms, round((CUT_S + GAP_S) * 1000))

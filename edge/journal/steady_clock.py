"""The store's time: it goes on with the boot clock and follows the wall clock, but not its jumps.

A box without a battery wakes up in 1970, a time server corrects by hours, somebody sets the clock by hand. Whatever is
decided meanwhile must not believe it: a jump is noticed (`apart_ms`), and followed when somebody who knows the time
says so (`accept`): between two decisions, in one transaction with the fact that says so (`Writer`).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

from edge.journal.entry import Clock, ClockStep
from edge.journal.reader import JournalReader

if TYPE_CHECKING:
    from pathlib import Path

    from edge.journal.entry import Entry

STEP_MS: Final = 500
"""What the wall clock may differ between two looks and still be taken for slewing, not for a jump."""
SAME_MS: Final = 60_000
"""So near each other two looks at a jump see the same one."""


class SteadyClock(Clock):
    """Wall time without jumps. It starts where the journal ends: no less time has passed."""

    def __init__(self, last: Entry | None) -> None:
        super().__init__()
        mono = self.mono_ms()
        self._asleep = last is not None and last.boot != self.boot
        """Whether the box was off since the newest entry, for nobody knows how long."""
        if last is None:
            self._offset = self.box_ms() - mono
        else:
            self._offset = last.wall_ms - (mono if self._asleep else last.mono_ms)
        self._accepted, self._accepted_ms = "", 0
        self.apart_ms = 0
        """How far the wall clock is ahead of the store's time, or behind it; 0 while they go together."""
        self.wall_ms()

    @property
    def asleep(self) -> bool:
        """Whether the difference may be the time that the box was off."""
        return self._asleep and self.apart_ms > 0

    def wall_ms(self) -> int:
        """The store's time, Unix milliseconds."""
        mono = self.mono_ms()
        apart = self.box_ms() - mono - self._offset
        if abs(apart) <= STEP_MS:
            self._offset += apart
            self._asleep = False
            self.apart_ms = 0
        else:
            self.apart_ms = apart
        return mono + self._offset

    def box_ms(self) -> int:
        """What the box's own clock says, Unix milliseconds."""
        return super().wall_ms()

    def accept(self, why: str) -> None:
        """Follow the wall clock with the next transaction; `why` is who says that it is right, as it stands now."""
        self._accepted, self._accepted_ms = why, self.apart_ms

    def step(self) -> ClockStep | None:
        """What the next transaction follows."""
        if not self._accepted:
            return None
        self.wall_ms()
        if not self.apart_ms or abs(self.apart_ms - self._accepted_ms) > SAME_MS:
            self._accepted = ""  # it has come back, or jumped once more: of that nobody has said anything
            return None
        return ClockStep(self.apart_ms, self.asleep, self._accepted)

    def follow(self, step: ClockStep) -> None:
        """The transaction has held."""
        self._offset += step.by_ms
        self._accepted, self._asleep = "", False
        self.wall_ms()


def newest_entry(path: Path) -> Entry | None:
    """The newest entry of a journal; None where there is none yet, or no file."""
    if not path.exists():
        return None
    try:
        with closing(JournalReader(path)) as reader:
            last = reader.last()[0]
            return next(iter(reader.after(last - 1, 1)), None) if last else None
    except sqlite3.Error:
        return None  # no journal yet, or none that can be read: whoever opens it says so

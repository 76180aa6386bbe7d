"""The cut itself: a file that says from when to when. Whoever obeys it judges its end by itself, so it always ends.

It ends by the monotonic clock of the boot in which it began, at another boot at once, and never later than its length
after it was written. Nobody has to take it away, whatever is killed.
"""

from __future__ import annotations

import os
import time
import uuid
from pathlib import Path
from typing import Final, Literal

import msgspec

from edge.journal import small_files

FILE: Final = "rehearsal.json"
LONGEST_S: Final = 900
"""Whatever a file says: no cut lasts longer."""

Of = Literal["uplink", "broker"]


class RehearsedOutage(msgspec.Struct, frozen=True):
    """One cut."""

    id: str
    of: Of
    boot: str
    from_mono_s: float
    from_ms: int
    """Wall time, for people."""
    seconds: int
    by: str

    def left_s(self) -> float:
        """Seconds that it still lasts; 0 where it is over."""
        if self.boot != boot():
            return 0.0
        gone = time.monotonic() - self.from_mono_s
        return max(0.0, min(self.seconds, LONGEST_S) - gone) if gone >= 0 else 0.0


def begin(data: Path, of: Of, seconds: int, by: str) -> RehearsedOutage:
    """Cut from now on, for so long. Raises `OSError`."""
    cut = RehearsedOutage(uuid.uuid4().hex[:12], of, boot(), time.monotonic(), int(time.time() * 1000), seconds, by)
    spare = data / f".{FILE}.new"
    spare.write_bytes(msgspec.json.encode(cut))
    spare.chmod(0o640)  # the uplink is another user of the same group
    spare.replace(data / FILE)
    return cut


def read(data: Path) -> RehearsedOutage | None:
    """Returns the last cut, be it over or not; none where there never was one."""
    return small_files.read(data / FILE, RehearsedOutage)


def is_on(data: Path, of: Of) -> bool:
    """Whether this is cut now."""
    cut = read(data)
    return cut is not None and cut.of == of and cut.left_s() > 0


def end(data: Path) -> None:
    """End it now."""
    (data / FILE).unlink(missing_ok=True)


def boot() -> str:
    """Names this boot of the machine."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:  # not Linux: a cut ends with the process
        return str(os.getpid())

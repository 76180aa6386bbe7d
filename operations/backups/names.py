"""What copies are called, which of them stay, and when the last of a person ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Final

import msgspec

KEEP_DAYS: Final = 30
"""After so many days a copy ends, and with it whoever was erased since."""
HOURLY_FOR: Final = timedelta(days=2)
"""So long every copy stays; after that the last of each day."""
AHEAD: Final = timedelta(days=1)
"""By so much two clocks may differ; what is dated later was made by one that ran ahead."""
STEP: Final = timedelta(days=1)
"""From one copy to the next no more time passes, where nobody can say what time it is."""
SUFFIX: Final = ".age"
_NAME: Final = re.compile(r"storekeeper-([a-z0-9-]{2,39})-(\d{8}T\d{6}Z)\.age")
_STAMP: Final = "%Y%m%dT%H%M%SZ"


class Copy(msgspec.Struct, frozen=True, order=True):
    """A copy that lies somewhere."""

    made: datetime
    path: Path
    store: str


def name_of(store: str, made_ms: int) -> str:
    """What the copy of a moment is called."""
    return f"storekeeper-{store}-{datetime.fromtimestamp(made_ms / 1000, UTC):{_STAMP}}{SUFFIX}"


def store_of(name: str) -> str | None:
    """Whose copy is called so; none where no copy is."""
    match = _NAME.fullmatch(name)
    return match[1] if match else None


def lying(folder: Path, store: str | None = None) -> list[Copy]:
    """Every copy in a folder, or a store's, the oldest first. Raises `OSError`."""
    found = []
    for path in folder.iterdir():
        match = _NAME.fullmatch(path.name)
        if match and store in (None, match[1]):
            found.append(Copy(datetime.strptime(match[2], _STAMP).replace(tzinfo=UTC), path, match[1]))
    return sorted(found)


def ended(copies: Iterable[Copy], now: datetime, keep_days: int = KEEP_DAYS, *, sure: bool = False) -> list[Copy]:
    """Which copies are to go. The newest never is: it may be all that there is. Of those from a clock that ran ahead
    nobody knows how old they are: they go where it is `sure` what time it is, and there is another. Where it is not, a
    clock that jumped ahead makes none older than by `STEP`.
    """
    known = sorted(copies)
    last_of_day = {copy.made.date(): copy for copy in known}
    right = [copy for copy in known if copy.made <= now + AHEAD]
    ahead = [copy for copy in known if copy.made > now + AHEAD] if sure and right else []
    return ahead + [
        copy
        for copy, age in zip(right[:-1], _ages(right, now, sure=sure), strict=False)
        if age > timedelta(days=keep_days) or (age > HOURLY_FOR and last_of_day[copy.made.date()] != copy)
    ]


def _ages(copies: Sequence[Copy], now: datetime, *, sure: bool) -> list[timedelta]:
    if sure:
        return [now - copy.made for copy in copies]
    moments = [*(copy.made for copy in copies), now]
    steps = [min(later - earlier, STEP) for earlier, later in pairwise(moments)]
    return list(accumulate(reversed(steps)))[::-1]

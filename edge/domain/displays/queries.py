"""What is asked of displays: who was shown where, when and for how long, and whether looks at screens agree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final, Literal

import msgspec

from edge.domain.devices import queries as device_queries
from edge.domain.displays.rules import HOUR_MS, QUARTER_MS, SAMPLES_FOR_MS
from edge.domain.needs import SOON, WHEN_FREE, Need
from edge.journal import Reads

By = Literal["owner", "playlist", "item", "screen", "zone", "hour"]
GROUPS: Final[dict[By, str]] = {
    "owner": "owner",
    "playlist": "playlist",
    "item": "item",
    "screen": "device",
    "zone": "zone",
    "hour": "hour_ms",
}
"""By what a report may be cut, and the column of it."""
USUAL: Final[tuple[By, ...]] = ("owner", "playlist", "item", "screen", "zone")


class Exposure(msgspec.Struct, frozen=True):
    """How long something was shown. What a report is not cut by is empty, and 0 for the hour."""

    owner: str
    """The brand that it was shown for; empty for the store's own."""
    playlist: str
    item: str
    screen: str
    zone: str
    hour_ms: int
    times: int
    shown_ms: int
    lit_ms: int
    """Of it, while the panel said that it shone."""
    dark_ms: int
    """Of it, while the panel said that it was dark."""


def exposure(reads: Reads, from_ms: int, to_ms: int, by: Sequence[By] = USUAL, zone: tzinfo = UTC) -> list[Exposure]:
    """What was shown in whole hours of this zone from the first moment up to the second, the longest first."""
    wanted = [column for name, column in GROUPS.items() if name in by]
    columns = ", ".join(
        column if column in wanted else f"{0 if column == 'hour_ms' else repr('')} AS {column}"
        for column in ("owner", "playlist", "item", "device", "zone", "hour_ms")
    )
    grouped = f" GROUP BY {', '.join(wanted)}" if wanted else ""
    rows = reads.all(
        f"SELECT {columns}, sum(times) AS times, sum(shown_ms) AS shown, sum(lit_ms) AS lit, sum(dark_ms) AS dark"  # noqa: S608 - names of columns, from GROUPS
        f" FROM display_hours WHERE hour_ms >= ? AND hour_ms < ?{grouped} ORDER BY shown DESC, 1, 2, 3, 4, 5, 6",
        from_ms,
        to_ms,
    )
    found = [Exposure(*row) for row in rows if row["shown"]]
    return _by_hour(found, zone) if "hour" in by else found


def _by_hour(found: Sequence[Exposure], zone: tzinfo) -> list[Exposure]:
    """The parts of each hour on the store's wall in one. An hour that its clocks show twice is two."""
    whole: dict[Exposure, list[int]] = {}
    for each in found:
        sums = (each.times, each.shown_ms, each.lit_ms, each.dark_ms)
        head = msgspec.structs.replace(
            each, hour_ms=_begin_of(each.hour_ms, zone), times=0, shown_ms=0, lit_ms=0, dark_ms=0
        )
        whole[head] = [sum(pair) for pair in zip(whole.get(head, (0, 0, 0, 0)), sums, strict=True)]
    made = [
        msgspec.structs.replace(head, times=times, shown_ms=shown, lit_ms=lit, dark_ms=dark)
        for head, (times, shown, lit, dark) in whole.items()
    ]
    return sorted(made, key=lambda each: -each.shown_ms)


def _begin_of(at_ms: int, zone: tzinfo) -> int:
    """The first moment of its hour on the wall, after any that the clocks were set at."""
    offset = datetime.fromtimestamp(at_ms / 1000, zone).utcoffset() or timedelta()
    begin = at_ms - (at_ms + offset // timedelta(milliseconds=1)) % HOUR_MS
    while datetime.fromtimestamp(begin / 1000, zone).utcoffset() != offset:
        begin += QUARTER_MS
    return begin


class SpotCheckResults(msgspec.Struct, frozen=True):
    """What secret looks at one screen found, of late."""

    screen: str
    good: int
    bad: int
    last_ms: int
    last: str
    """The verdict of the last one that the screen answered; `no_answer` where it answered none."""

    @property
    def at_least(self) -> float:
        """With 95 % certainty the share of time that is as it should be is at least this; 0 where a look was bad."""
        return 0.0 if self.bad or not self.good else float(0.05 ** (1 / self.good))


def spot_check_results(reads: Reads, now: int) -> list[SpotCheckResults]:
    """Returns the looks at each screen that was looked at, of the last days. One that nobody answered says nothing of
    what stood there, and counts for neither.
    """
    rows = reads.all(
        "SELECT device, sum(verdict='good') AS good, sum(verdict IN ('other','blank','unlike')) AS bad,"
        " max(iif(verdict='no_answer', 0, place)), at_ms, verdict FROM display_samples WHERE at_ms >= ?"
        " GROUP BY device ORDER BY device",
        now - SAMPLES_FOR_MS,
    )
    return [SpotCheckResults(row["device"], row["good"], row["bad"], row["at_ms"], row["verdict"]) for row in rows]


def needs(reads: Reads, now: int) -> list[Need]:
    """Screens whose own look, or ours, finds something wrong."""
    return [*_troubled(reads), *_filmless(reads), *_unlike(reads, now)]


def _troubled(reads: Reads) -> list[Need]:
    """What a screen finds by looking at its own picture. Without a panel is `devices`' own need."""
    rows = reads.all(
        "SELECT d.device, d.changed_ms, json_extract(nullif(d.state, ''), '$.glass.trouble') AS trouble FROM devices d"
        " LEFT JOIN out_of_order o ON o.device=d.device WHERE d.kind='screen' AND d.online"
        " AND o.device IS NULL AND trouble IS NOT NULL AND trouble<>'no_panel' ORDER BY d.device"
    )
    return [
        Need(
            id=f"glass/{row['device']}",
            urgency=SOON,
            device=row["device"],
            kind=f"screen_{row['trouble']}",
            since_ms=row["changed_ms"],
            action="take_out",
        )
        for row in rows
    ]


def _filmless(reads: Reads) -> list[Need]:
    """Screens that show stills in place of the films that they were given."""
    rows = reads.all(
        "SELECT device, changed_ms, json_extract(nullif(state, ''), '$.glass.films') AS why FROM devices"
        " WHERE kind='screen' AND online AND why IS NOT NULL ORDER BY device"
    )
    return [
        Need(
            id=f"films/{row['device']}",
            urgency=WHEN_FREE,
            device=row["device"],
            kind=f"screen_films_{row['why']}",
            since_ms=row["changed_ms"],
        )
        for row in rows
    ]


def _unlike(reads: Reads, now: int) -> list[Need]:
    """Screens that showed something else when the gateway looked last, and that the store still has."""
    return [
        Need(
            id=f"look/{each.screen}", urgency=WHEN_FREE, device=each.screen, kind="screen_unlike", since_ms=each.last_ms
        )
        for each in spot_check_results(reads, now)
        if each.last in ("other", "unlike", "blank") and device_queries.device(reads, each.screen) is not None
    ]


def rows_of(found: Sequence[Exposure], by: Sequence[By]) -> list[dict[str, Any]]:
    """A report as plain rows, of what it is cut by and the sums."""
    names: dict[By, str] = {name: "hour_ms" if name == "hour" else name for name in GROUPS if name in by}
    return [
        {name: getattr(each, field) for name, field in names.items()}
        | {"times": each.times, "shown_ms": each.shown_ms, "lit_ms": each.lit_ms, "dark_ms": each.dark_ms}
        for each in found
    ]

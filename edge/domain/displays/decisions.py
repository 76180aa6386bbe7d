"""What screens say that they showed, taken once; and what the gateway found when it looked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

import msgspec

from edge.domain.callers import asked_by
from edge.domain.devices import queries as device_queries
from edge.domain.displays.facts import DisplaySampled, DisplayShown, Interval, KioskSessionEnded, Lit, Verdict
from edge.domain.displays.rules import EARLY_MS, HOUR_MS, LONGEST_MS, LONGEST_SESSION_MS, OLDEST_MS, QUARTER_MS
from edge.domain.ledger.queries import zone_of
from edge.journal import Tx

EVENT: Final = "displayed"


class ShownItem(msgspec.Struct, frozen=True):
    """What the event says of one interval: `device_drivers.contract.Stood`."""

    playlist: str
    item: str
    content: str
    kind: str = ""
    owner: str = ""


class ShownInterval(msgspec.Struct, frozen=True):
    """See there."""

    boot: str
    n: int
    shown: ShownItem
    at: str
    ms: int
    lit: Lit = "unknown"


@asked_by("machine")
def record_shown(tx: Tx, device: str, event: str, data: Mapping[str, Any]) -> int:
    """Take what stood on a screen: what came before is passed by, by its name. Returns how many intervals are new."""
    if event != EVENT:
        return 0
    screen = device_queries.device(tx, device)
    if screen is None or screen.kind != "screen":
        return 0
    stood = msgspec.convert(data["stood"], list[ShownInterval])
    zone = zone_of(tx)
    taken = 0
    for boot in dict.fromkeys(each.boot for each in stood):
        new = tuple(_new(tx, device, boot, stood, zone))
        if new:
            tx.emit(DisplayShown(device=device, zone=screen.zone, boot=boot, intervals=new))
            taken += len(new)
    return taken


def _new(tx: Tx, device: str, boot: str, stood: Iterable[ShownInterval], zone: tzinfo) -> Iterable[Interval]:
    row = tx.one("SELECT n FROM display_marks WHERE device=? AND boot=?", device, boot)
    last: int = row["n"] if row else 0
    for each in sorted((each for each in stood if each.boot == boot), key=lambda each: each.n):
        if each.n > last and 0 < each.ms <= LONGEST_MS:
            last = each.n
            yield interval_of(each, tx.now, zone)


def interval_of(stood: ShownInterval, now: int, zone: tzinfo) -> Interval:
    """What is noted of it, told at the moment `now` in a store where the wall shows this zone's time."""
    shown, from_ms = stood.shown, _from_ms(stood, now)
    return Interval(
        n=stood.n,
        playlist=shown.playlist,
        item=shown.item,
        content=shown.content,
        from_ms=from_ms,
        ms=stood.ms,
        kind=shown.kind,
        owner=shown.owner,
        lit=stood.lit,
        piece_ms=_piece_ms(from_ms, zone),
    )


def _piece_ms(at_ms: int, zone: tzinfo) -> int:
    """An hour, unless the clocks stand off UTC by part of one, or do so on the day before or after."""
    days = (datetime.fromtimestamp(at_ms / 1000, zone) + timedelta(days) for days in (-1, 0, 1))
    return HOUR_MS if all(not (each.utcoffset() or timedelta()) % timedelta(hours=1) for each in days) else QUARTER_MS


def _from_ms(stood: ShownInterval, now: int) -> int:
    """By the screen's clock, where that can be right; else as if it had ended now."""
    try:
        said = round(datetime.fromisoformat(stood.at).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        said = 0
    return said if now - OLDEST_MS <= said <= now + EARLY_MS else now - stood.ms


@asked_by("machine")
def end_session(tx: Tx, device: str, event: str, data: Mapping[str, Any]) -> None:
    """Take that somebody was done at a screen."""
    screen = device_queries.device(tx, device) if event == "session_ended" else None
    if screen is None or screen.kind != "screen":
        return
    ended = msgspec.convert({**data, "device": device}, KioskSessionEnded)
    if max([ended.ms, *ended.places.values()]) <= LONGEST_SESSION_MS:  # sums of more hold no database's number
        tx.emit(ended)


@asked_by("machine")
def sample(
    tx: Tx,
    *,
    device: str,
    verdict: Verdict,
    playlist: str = "",
    item: str = "",
    content: str = "",
    distance: int | None = None,
) -> None:
    """Note what a look at a screen found."""
    tx.emit(
        DisplaySampled(device=device, verdict=verdict, playlist=playlist, item=item, content=content, distance=distance)
    )

"""Which locker banks can serve now, why not, and which is the nearest that can."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.domain.held import queries as held
from edge.domain.lockers.queries import doors
from edge.domain.lockers.rules import FORGIVEN_MS, SILENT, DoorStatus, Size, fits, is_assignable
from edge.domain.rows import columns
from edge.domain.serving import Obstacle, Spot, nearest_to, place_of
from edge.journal import Reads


class _Behind(msgspec.Struct, frozen=True):
    """A door, with what is known of the bank and the board behind it."""

    door: DoorStatus
    held: bool
    bank_held: bool
    online: bool | None
    zone: str | None
    at: str | None
    device_ms: int | None
    out_since: int | None
    well_ms: int | None
    """When a door of this bank opened last."""


_BEHIND: Final = f"""
SELECT {columns(DoorStatus, "d")}, {held.DOOR}, {held.BANK}, v.online, v.zone, v.at, v.changed_ms, o.since_ms,
    (SELECT max(ended_ms) FROM openings p WHERE p.bank=d.bank AND p.state='opened')
FROM doors d LEFT JOIN devices v ON v.device=d.bank LEFT JOIN out_of_order o ON o.device=d.bank ORDER BY d.bank, d.door
"""  # noqa: S608 - our own columns and conditions
_WIDTH: Final = len(DoorStatus.__struct_fields__)


def spots(reads: Reads, now: int) -> dict[str, Spot]:
    """Every bank by its id; one whose last free door is given away is `full`."""
    of: dict[str, list[_Behind]] = {}
    for row in reads.all(_BEHIND):
        of.setdefault(row["bank"], []).append(_Behind(DoorStatus(*row[:_WIDTH]), *row[_WIDTH:]))
    return {bank: _bank(bank, behind, now) for bank, behind in of.items()}


def spot(reads: Reads, bank: str, now: int) -> Spot | None:
    """One bank; none where the store has none of that name."""
    return spots(reads, now).get(bank)


def _bank(name: str, doors: list[_Behind], now: int) -> Spot:
    first = doors[0]
    count = sum(is_assignable(each.door) and not each.held for each in doors)
    why = _bank_why(doors, now)
    spot = Spot(name, first.zone or "", place_of(first.at), why or (None if count else "full"))
    since = first.out_since or (first.device_ms if why == "offline" else _silent_since(doors, now))
    return msgspec.structs.replace(spot, since_ms=since or 0, free=0 if why else count)


def _bank_why(doors: list[_Behind], now: int) -> Obstacle | None:
    first = doors[0]
    if first.out_since is not None or first.bank_held:
        return "out_of_order"
    if first.online == 0:
        return "offline"
    return "dead" if _is_mute(doors, now) else None


def _is_mute(doors: list[_Behind], now: int) -> bool:
    """Whether the board behind the doors does not answer: two doors failed so, or one while no sensor is heard."""
    silent = [each for each in doors if _is_silent(each, now)]
    if not silent:
        return False
    blind = all(each.door.lock == "unknown" and each.door.shut == "unknown" for each in doors)
    return len(silent) > 1 or blind


def _is_silent(behind: _Behind, now: int) -> bool:
    """Whether this door's last opening met silence, and nothing has answered since."""
    fault, at_ms = behind.door.fault, behind.door.fault_ms or 0
    if fault not in SILENT or (fault == "no_reply" and now - at_ms > FORGIVEN_MS):
        return False
    return max(behind.well_ms or 0, behind.device_ms or 0) <= at_ms


def _silent_since(doors: list[_Behind], now: int) -> int:
    return min((each.door.fault_ms or 0 for each in doors if _is_silent(each, now)), default=0)


def nearest(reads: Reads, name: str, now: int, size: Size | None = None) -> list[Spot]:
    """Banks with a door for a parcel of that size, the nearest to this one first."""
    known = spots(reads, now)
    fitting = {
        each.door.bank
        for each in doors(reads)
        if not each.held and is_assignable(each.door) and fits(each.door.size, size or "S")
    }
    return nearest_to(
        [spot for spot in known.values() if spot.why is None and spot.id in fitting], known.get(name), name
    )

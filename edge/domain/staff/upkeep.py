"""Out of order: staff take a device out of use, with a reason, and put it back."""

from __future__ import annotations

import sqlite3
from typing import Final

from edge.domain import serving
from edge.domain.callers import asked_by
from edge.domain.needs import LOOK, SOON, WHEN_FREE, Need
from edge.journal import Applies, Entry, Fact, Reads, Rows, Tx

MOST_REASON: Final = 200


class DeviceTakenOut(Fact, frozen=True, tag="device.taken_out.v1"):
    """A device is out of order: nothing is asked of it."""

    device: str
    reason: str
    by: str


class DevicePutBack(Fact, frozen=True, tag="device.put_back.v1"):
    """A device is in use again."""

    device: str
    by: str


@asked_by("staff")
def take_out(tx: Tx, *, device: str, reason: str, by: str) -> bool:
    """Mark a device out of order. False when it was. Refuses: device_unknown, reason_missing."""
    if tx.one("SELECT 1 FROM devices WHERE device=?", device) is None:
        raise tx.refuse("device_unknown", device=device)
    if not reason.strip():
        raise tx.refuse("reason_missing", device=device)
    if out_of_order(tx, device):
        return False
    tx.emit(DeviceTakenOut(device=device, reason=reason.strip()[:MOST_REASON], by=by))
    return True


@asked_by("staff")
def put_back(tx: Tx, *, device: str, by: str) -> bool:
    """Take a device into use again: it was out of order, or it failed and somebody has seen to it. False otherwise."""
    spot = serving.carts(tx).get(device)
    if not out_of_order(tx, device) and (spot is None or spot.why != "faulty"):
        return False
    tx.emit(DevicePutBack(device=device, by=by))
    return True


def out_of_order(reads: Reads, device: str) -> bool:
    """Whether staff took it out of use."""
    return reads.one("SELECT 1 FROM out_of_order WHERE device=?", device) is not None


def needs(reads: Reads, now: int) -> list[Need]:  # noqa: ARG001 - the same for every noun
    """What stands out of order, what is offline, which cart's lock is stuck."""
    return [*_out_of_order(reads), *_away(reads), *_dark(reads), *_stuck(reads)]


def _away(reads: Reads) -> list[Need]:
    """Devices that were here and are not. Those that come and go are `flapping`'s, and printers `print_queue`'s,
    because slips wait for them.
    """
    return [
        _broken(f"away/{row['device']}", row, "device_offline", SOON if row["kind"] == "locker" else WHEN_FREE)
        for row in reads.all(
            "SELECT d.* FROM devices d LEFT JOIN out_of_order o ON o.device=d.device"
            " WHERE NOT d.online AND d.boot<>'' AND d.kind<>'printer' AND o.device IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM flapping f WHERE f.device=d.device AND f.what='presence') ORDER BY d.device"
        )
    ]


def _dark(reads: Reads) -> list[Need]:
    """Screens that are on the bus and have no panel."""
    return [
        _broken(f"dark/{row['device']}", row, "screen_no_panel", WHEN_FREE)
        for row in reads.all(
            "SELECT d.* FROM devices d LEFT JOIN out_of_order o ON o.device=d.device WHERE d.kind='screen' AND d.online"
            " AND json_extract(d.state, '$.online')=0 AND o.device IS NULL ORDER BY d.device"
        )
    ]


def _stuck(reads: Reads) -> list[Need]:
    """Carts whose lock is stuck, or broke down at its last unlock: they are offered to nobody."""
    jammed = reads.all(
        "SELECT c.cart AS device, c.changed_ms FROM carts c LEFT JOIN out_of_order o ON o.device=c.cart"
        " WHERE c.lock='jammed' AND o.device IS NULL ORDER BY c.cart"
    )
    faulty = [spot for spot in serving.carts(reads).values() if spot.why == "faulty"]
    return [
        *(_broken(f"jammed/{row['device']}", row, "cart_jammed", SOON) for row in jammed),
        *(Need(f"faulty/{spot.id}", SOON, spot.id, "cart_faulty", spot.since_ms, action="take_out") for spot in faulty),
    ]


def _broken(name: str, row: sqlite3.Row, kind: str, urgency: int) -> Need:
    """Something that may have to be taken out of use; the row has `device` and `changed_ms`."""
    return Need(
        id=name, urgency=urgency, device=row["device"], kind=kind, since_ms=row["changed_ms"], action="take_out"
    )


def _out_of_order(reads: Reads) -> list[Need]:
    return [
        Need(
            id=f"out/{row['device']}",
            urgency=LOOK,
            device=row["device"],
            kind="out_of_order",
            since_ms=row["since_ms"],
            details={"reason": row["reason"], "by": row["by"]},
            action="put_back",
        )
        for row in reads.all("SELECT * FROM out_of_order ORDER BY device")
    ]


def _taken_out(rows: Rows, entry: Entry, fact: DeviceTakenOut) -> None:
    rows.run("INSERT OR REPLACE INTO out_of_order VALUES (?,?,?,?)", (fact.device, fact.reason, fact.by, entry.wall_ms))


def _put_back(rows: Rows, entry: Entry, fact: DevicePutBack) -> None:
    rows.run("DELETE FROM out_of_order WHERE device=?", (fact.device,))
    rows.run("INSERT OR REPLACE INTO seen_to VALUES (?,?)", (fact.device, entry.wall_ms))


SCHEMA: Final = """
CREATE TABLE out_of_order (device TEXT PRIMARY KEY, reason TEXT, by TEXT, since_ms INTEGER) STRICT;
CREATE TABLE seen_to (device TEXT PRIMARY KEY, at_ms INTEGER) STRICT;
"""
APPLIES: Final[Applies] = {DeviceTakenOut: _taken_out, DevicePutBack: _put_back}

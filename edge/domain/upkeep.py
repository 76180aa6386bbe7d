"""Out of order: staff take a device out of use, with a reason, and put it back."""

from __future__ import annotations

from typing import Final

from edge.domain.needs import LOOK, Need
from edge.journal import Entry, Fact, Noun, Reads, Rows, Tx

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


def put_back(tx: Tx, *, device: str, by: str) -> bool:
    """Take a device into use again. False when it was in use."""
    if not out_of_order(tx, device):
        return False
    tx.emit(DevicePutBack(device=device, by=by))
    return True


def out_of_order(reads: Reads, device: str) -> bool:
    """Whether staff took it out of use."""
    return reads.one("SELECT 1 FROM out_of_order WHERE device=?", device) is not None


def needs(reads: Reads, now: int) -> list[Need]:  # noqa: ARG001 - the same for every noun
    """What stands out of order wants a mechanic, and to be put back after."""
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


def _put_back(rows: Rows, _: Entry, fact: DevicePutBack) -> None:
    rows.run("DELETE FROM out_of_order WHERE device=?", (fact.device,))


NOUN = Noun(
    name="upkeep",
    schema="CREATE TABLE out_of_order (device TEXT PRIMARY KEY, reason TEXT, by TEXT, since_ms INTEGER) STRICT;",
    facts={DeviceTakenOut: _taken_out, DevicePutBack: _put_back},
)

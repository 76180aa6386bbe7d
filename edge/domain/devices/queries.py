"""What is asked of devices: which are out of use, and what staff must see."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from edge.domain.devices.rules import MISSED_FOR_MS
from edge.domain.needs import LOOK, SOON, WHEN_FREE, Need
from edge.journal import Reads
from words.languages import Wording


def flapping_needs(reads: Reads, now: int) -> list[Need]:  # noqa: ARG001 - the same for every noun
    """One line a device: where its connection and its sensors flap, the connection is why."""
    rows = reads.all(
        "SELECT f.*, min(f.what) AS first FROM flapping f JOIN devices d ON d.device=f.device"
        " LEFT JOIN out_of_order o ON o.device=f.device WHERE o.device IS NULL GROUP BY f.device ORDER BY f.device"
    )
    return [
        Need(
            id=f"flapping/{row['device']}",
            urgency=WHEN_FREE,
            device=row["device"],
            kind="device_reconnects" if row["first"] == "presence" else "device_bounces",
            since_ms=row["since_ms"],
            details={"count": row["count"]},
            action="take_out",
        )
        for row in rows
    ]


class LastEvent(msgspec.Struct, frozen=True):
    """The last event that a device told."""

    device: str
    boot: str
    seq: int
    last_ms: int


def last_heard(reads: Reads) -> list[LastEvent]:
    """Returns the last event of each of the store's devices that ever told one, by device."""
    rows = reads.all(
        "SELECT e.device, e.boot, e.seq, max(e.last_ms) FROM device_events e JOIN devices USING (device)"
        " GROUP BY e.device ORDER BY e.device"
    )
    return [LastEvent(*row) for row in rows]


class Missed(msgspec.Struct, frozen=True):
    """Events of a device that it had told somebody who is gone, or that it lost."""

    device: str
    boot: str
    first: int
    last: int
    since_ms: int | None
    """When the device was last heard before; none where it never was."""
    until_ms: int


def missed_events(reads: Reads, since: int = 0) -> list[Missed]:
    """Returns the gaps that were noted since a moment, by device."""
    rows = reads.all("SELECT * FROM missed_events WHERE until_ms >= ? ORDER BY device, boot, first", since)
    return [Missed(*row) for row in rows]


def missed_needs(reads: Reads, now: int) -> list[Need]:
    """A line for each gap, for a week: what happened meanwhile at that device only people can tell."""
    return [
        Need(
            id=f"missed/{gap.device}/{gap.boot}/{gap.first}",
            urgency=LOOK,
            device=gap.device,
            kind="events_missed",
            since_ms=gap.since_ms or gap.until_ms,
            details={
                "count": gap.last - gap.first + 1,
                "first": gap.first,
                "last": gap.last,
                "since": _moment(gap.since_ms),
                "until": _moment(gap.until_ms),
            },
        )
        for gap in missed_events(reads, now - MISSED_FOR_MS)
    ]


def _moment(at_ms: int | None) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC" if at_ms else "–"


def out_of_order(reads: Reads, device: str) -> bool:
    """Whether staff took it out of use."""
    return reads.one("SELECT 1 FROM out_of_order WHERE device=?", device) is not None


def needs(reads: Reads, now: int) -> list[Need]:  # noqa: ARG001 - the same for every noun
    """What stands out of order, what is offline, which screen is dark."""
    return [*_out_of_order(reads), *_offline(reads), *_without_panel(reads)]


def _offline(reads: Reads) -> list[Need]:
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


def _without_panel(reads: Reads) -> list[Need]:
    """Screens that are on the bus and have no panel."""
    return [
        _broken(f"dark/{row['device']}", row, "screen_no_panel", WHEN_FREE)
        for row in reads.all(
            "SELECT d.* FROM devices d LEFT JOIN out_of_order o ON o.device=d.device WHERE d.kind='screen' AND d.online"
            " AND json_extract(nullif(d.state, ''), '$.online')=0 AND o.device IS NULL ORDER BY d.device"
        )
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
        for row in reads.all("SELECT o.* FROM out_of_order o JOIN devices d ON d.device=o.device ORDER BY o.device")
    ]


class Device(msgspec.Struct, frozen=True):
    """One device."""

    id: str
    kind: str
    zone: str
    label: Wording
    at: tuple[float, float]
    """Place on the floor plan, in metres from the top left."""
    attached_to: str | None
    """The locker bank that it belongs to: a screen or a scanner at its side."""
    online: bool
    state: dict[str, Any]
    """What it said last of itself."""


class Presence(msgspec.Struct, frozen=True):
    """Whether a device is here, and which start of it."""

    id: str
    online: bool
    boot: str
    """Its own name of its start; empty where it never came."""
    firmware: str
    changed_ms: int


def presences(reads: Reads) -> tuple[Presence, ...]:
    """Every device, in the order in which they came."""
    rows = reads.all("SELECT device, online, boot, firmware, changed_ms FROM devices ORDER BY rowid")
    return tuple(
        Presence(row["device"], bool(row["online"]), row["boot"], row["firmware"], row["changed_ms"]) for row in rows
    )


_DEVICES: Final = "SELECT device, kind, zone, label, at, attached_to, online, state FROM devices "


def devices(reads: Reads, kind: str | None = None) -> tuple[Device, ...]:
    """Every device that is enrolled, or of one kind, in the order in which they came."""
    if kind is None:
        return tuple(map(_device, reads.all(_DEVICES + "ORDER BY rowid")))
    return tuple(map(_device, reads.all(_DEVICES + "WHERE kind=? ORDER BY rowid", kind)))


def device(reads: Reads, name: str) -> Device | None:
    """Returns one device."""
    row = reads.one(_DEVICES + "WHERE device=?", name)
    return _device(row) if row else None


def _device(row: sqlite3.Row) -> Device:
    return Device(
        row["device"],
        row["kind"],
        row["zone"],
        Wording(msgspec.json.decode(row["label"])),
        tuple(msgspec.json.decode(row["at"])),
        row["attached_to"],
        bool(row["online"]),
        msgspec.json.decode(row["state"]) if row["state"] else {},
    )


def taken_out(reads: Reads) -> frozenset[str]:
    """Returns the devices that staff took out of use."""
    return frozenset(row["device"] for row in reads.all("SELECT device FROM out_of_order"))


def firmwares(reads: Reads) -> dict[str, str]:
    """Returns the firmware that each device named when it last came, by device."""
    return {row["device"]: row["firmware"] for row in reads.all("SELECT device, firmware FROM devices")}

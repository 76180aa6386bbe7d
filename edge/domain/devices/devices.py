"""The things on the bus: which there are, which are online, what they observe and what they report.

Heartbeats stay in memory; only changes become facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from edge.domain.callers import asked_by
from edge.journal import Applies, Entry, Fact, Rows, Tx
from words.languages import Words


class DeviceEnrolled(Fact, frozen=True, tag="device.enrolled.v1"):
    """A device belongs to the store, at this place."""

    device: str
    kind: str
    zone: str
    label: Words
    at: tuple[float, float]
    """Place on the floor plan, in metres from the top left."""
    beside: str | None = None
    """The locker bank that it belongs to: a screen or a scanner at its side."""


class DeviceRetired(Fact, frozen=True, tag="device.retired.v1"):
    """A device belongs to the store no more."""

    device: str


class DeviceCameOnline(Fact, frozen=True, tag="device.came_online.v1"):
    """A device is connected to the broker."""

    device: str
    boot: str
    firmware: str = ""


class DeviceWentOffline(Fact, frozen=True, tag="device.went_offline.v1"):
    """The broker lost a device."""

    device: str


class DeviceSeen(Fact, frozen=True, tag="device.seen.v1"):
    """A device observes something new of itself: a door, the paper."""

    device: str
    state: dict[str, Any]


class DeviceReported(Fact, frozen=True, tag="device.reported.v1"):
    """A device saw something happen. Taken once for each (device, boot, seq)."""

    device: str
    boot: str
    seq: int
    at: str
    event: str
    data: dict[str, Any]
    missed: int = 0
    """How many numbers before this one never came, though the device was asked for them."""


class DeviceEventRejected(Fact, frozen=True, tag="device.event_rejected.v1"):
    """An event of which no more than its number could be read. Taken, so that it does not come for ever."""

    device: str
    boot: str
    seq: int
    length: int
    """Bytes of the message."""
    sha256: str
    missed: int = 0
    """As in `DeviceReported`."""


@asked_by("store")
def enrol(tx: Tx, devices: Sequence[DeviceEnrolled]) -> None:
    """Take over the configured devices; only what differs becomes a fact."""
    known = {row["device"]: row["definition"] for row in tx.all("SELECT device, definition FROM devices")}
    for device in devices:
        if known.pop(device.device, None) != msgspec.json.encode(device).decode():
            tx.emit(device)
    for gone in known:
        tx.emit(DeviceRetired(device=gone))


@asked_by("machine")
def present(tx: Tx, *, device: str, online: bool, boot: str = "", firmware: str = "") -> bool:
    """Note that a device came or went. False when that was known, or the device is not ours."""
    row = tx.one("SELECT online, boot FROM devices WHERE device=?", device)
    if row is None or (not online and not row["online"]):
        return False
    if online and row["online"] and row["boot"] == boot:
        return False
    tx.emit(
        DeviceCameOnline(device=device, boot=boot, firmware=firmware) if online else DeviceWentOffline(device=device)
    )
    return True


@asked_by("machine")
def seen(tx: Tx, *, device: str, state: dict[str, Any]) -> bool:
    """Note what a device observes of itself. False when that was known."""
    row = tx.one("SELECT state FROM devices WHERE device=?", device)
    if row is None or row["state"] == msgspec.json.encode(state, order="sorted").decode():
        return False
    tx.emit(DeviceSeen(device=device, state=state))
    return True


@asked_by("machine")
def report(tx: Tx, fact: DeviceReported | DeviceEventRejected, *, patient: bool) -> int:
    """Take an event once. Returns the highest number taken from that boot, which is what may be acknowledged.

    While `patient`, an event that skips numbers is left with the device; after that it is taken, the loss counted.
    """
    row = tx.one("SELECT seq FROM device_events WHERE device=? AND boot=?", fact.device, fact.boot)
    last: int = row["seq"] if row else 0
    missed = fact.seq - last - 1
    if missed < 0 or (missed and patient):
        return last
    tx.emit(msgspec.structs.replace(fact, missed=missed))
    return fact.seq


def _enrolled(rows: Rows, entry: Entry, fact: DeviceEnrolled) -> None:
    rows.run(
        "INSERT INTO devices VALUES (?,?,?,?,?,0,'','','',0,?,?)"
        " ON CONFLICT (device) DO UPDATE SET kind=excluded.kind, zone=excluded.zone, label=excluded.label,"
        " at=excluded.at, definition=excluded.definition, beside=excluded.beside",
        (
            fact.device,
            fact.kind,
            fact.zone,
            msgspec.json.encode(fact.label).decode(),
            msgspec.json.encode(fact.at).decode(),
            entry.body.decode(),
            fact.beside,
        ),
    )


def _retired(rows: Rows, _: Entry, fact: DeviceRetired) -> None:
    rows.run("DELETE FROM devices WHERE device=?", (fact.device,))
    rows.run("DELETE FROM device_events WHERE device=?", (fact.device,))


def _came_online(rows: Rows, entry: Entry, fact: DeviceCameOnline) -> None:
    rows.run(
        "UPDATE devices SET online=1, boot=?, firmware=?, changed_ms=? WHERE device=?",
        (fact.boot, fact.firmware, entry.wall_ms, fact.device),
    )


def _went_offline(rows: Rows, entry: Entry, fact: DeviceWentOffline) -> None:
    rows.run("UPDATE devices SET online=0, changed_ms=? WHERE device=?", (entry.wall_ms, fact.device))


def _seen(rows: Rows, entry: Entry, fact: DeviceSeen) -> None:
    rows.run(
        "UPDATE devices SET state=?, changed_ms=? WHERE device=?",
        (msgspec.json.encode(fact.state, order="sorted").decode(), entry.wall_ms, fact.device),
    )


def _reported(rows: Rows, entry: Entry, fact: DeviceReported | DeviceEventRejected) -> None:
    rows.run(
        "INSERT INTO device_events VALUES (?,?,?,?)"
        " ON CONFLICT (device, boot) DO UPDATE SET seq=excluded.seq, last_ms=excluded.last_ms",
        (fact.device, fact.boot, fact.seq, entry.wall_ms),
    )


SCHEMA: Final = """
CREATE TABLE devices (
    device TEXT PRIMARY KEY, kind TEXT, zone TEXT, label TEXT, at TEXT,
    online INTEGER, boot TEXT, firmware TEXT, state TEXT, changed_ms INTEGER, definition TEXT,
    beside TEXT) STRICT;
CREATE TABLE device_events (
    device TEXT, boot TEXT, seq INTEGER, last_ms INTEGER, PRIMARY KEY (device, boot)) STRICT, WITHOUT ROWID;
"""
APPLIES: Final[Applies] = {
    DeviceEnrolled: _enrolled,
    DeviceRetired: _retired,
    DeviceCameOnline: _came_online,
    DeviceWentOffline: _went_offline,
    DeviceSeen: _seen,
    DeviceReported: _reported,
    DeviceEventRejected: _reported,
}

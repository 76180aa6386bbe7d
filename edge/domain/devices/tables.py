"""How each fact changes the tables of devices."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.domain.devices.facts import (
    DeviceCameOnline,
    DeviceEnrolled,
    DeviceEventRejected,
    DeviceFlapping,
    DevicePutBack,
    DeviceReported,
    DeviceRetired,
    DeviceSeen,
    DeviceSteady,
    DeviceTakenOut,
    DeviceWentOffline,
)
from edge.journal import Applies, Entry, Rows

SCHEMA: Final = """
CREATE TABLE devices (
    device TEXT PRIMARY KEY, kind TEXT, zone TEXT, label TEXT, at TEXT,
    online INTEGER, boot TEXT, firmware TEXT, state TEXT, changed_ms INTEGER, definition TEXT,
    attached_to TEXT) STRICT;
CREATE INDEX devices_of_kind ON devices (kind, zone);
CREATE TABLE device_events (
    device TEXT, boot TEXT, seq INTEGER, last_ms INTEGER, PRIMARY KEY (device, boot)) STRICT, WITHOUT ROWID;
CREATE TABLE flapping (
    device TEXT, what TEXT, count INTEGER, since_ms INTEGER, last_ms INTEGER,
    PRIMARY KEY (device, what)) STRICT, WITHOUT ROWID;
CREATE TABLE out_of_order (device TEXT PRIMARY KEY, reason TEXT, by TEXT, since_ms INTEGER) STRICT;
CREATE TABLE missed_events (
    device TEXT, boot TEXT, first INTEGER, last INTEGER, since_ms INTEGER, until_ms INTEGER,
    PRIMARY KEY (device, boot, first)) STRICT, WITHOUT ROWID;
CREATE TABLE seen_to (device TEXT PRIMARY KEY, at_ms INTEGER) STRICT;
"""


def _enrolled(rows: Rows, entry: Entry, fact: DeviceEnrolled) -> None:
    rows.run(
        "INSERT INTO devices VALUES (?,?,?,?,?,0,'','','',0,?,?)"
        " ON CONFLICT (device) DO UPDATE SET kind=excluded.kind, zone=excluded.zone, label=excluded.label,"
        " at=excluded.at, definition=excluded.definition, attached_to=excluded.attached_to",
        (
            fact.device,
            fact.kind,
            fact.zone,
            msgspec.json.encode(fact.label).decode(),
            msgspec.json.encode(fact.at).decode(),
            entry.body.decode(),
            fact.attached_to,
        ),
    )


def _retired(rows: Rows, _: Entry, fact: DeviceRetired) -> None:
    # Its last numbers stay: put back in the same boot, it goes on counting.
    rows.run("DELETE FROM devices WHERE device=?", (fact.device,))
    rows.run("DELETE FROM missed_events WHERE device=?", (fact.device,))


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
    if fact.missed:
        rows.run(
            "INSERT OR REPLACE INTO missed_events VALUES (?1,?2,?3,?4,"
            "(SELECT max(last_ms) FROM device_events WHERE device=?1), ?5)",
            (fact.device, fact.boot, fact.seq - fact.missed, fact.seq - 1, entry.wall_ms),
        )
    rows.run(
        "INSERT INTO device_events VALUES (?,?,?,?)"
        " ON CONFLICT (device, boot) DO UPDATE SET seq=excluded.seq, last_ms=excluded.last_ms",
        (fact.device, fact.boot, fact.seq, entry.wall_ms),
    )


def _flapping(rows: Rows, entry: Entry, fact: DeviceFlapping) -> None:
    rows.run(
        "INSERT OR REPLACE INTO flapping VALUES (?,?,?,?,?)",
        (fact.device, fact.what, fact.count, fact.since_ms, entry.wall_ms),
    )


def _steady(rows: Rows, _: Entry, fact: DeviceSteady) -> None:
    rows.run("DELETE FROM flapping WHERE device=? AND what=?", (fact.device, fact.what))


def _taken_out(rows: Rows, entry: Entry, fact: DeviceTakenOut) -> None:
    rows.run("INSERT OR REPLACE INTO out_of_order VALUES (?,?,?,?)", (fact.device, fact.reason, fact.by, entry.wall_ms))


def _put_back(rows: Rows, entry: Entry, fact: DevicePutBack) -> None:
    rows.run("DELETE FROM out_of_order WHERE device=?", (fact.device,))
    rows.run("INSERT OR REPLACE INTO seen_to VALUES (?,?)", (fact.device, entry.wall_ms))


APPLIES: Final[Applies] = {
    DeviceEnrolled: _enrolled,
    DeviceRetired: _retired,
    DeviceCameOnline: _came_online,
    DeviceWentOffline: _went_offline,
    DeviceSeen: _seen,
    DeviceReported: _reported,
    DeviceEventRejected: _reported,
    DeviceFlapping: _flapping,
    DeviceSteady: _steady,
    DeviceTakenOut: _taken_out,
    DevicePutBack: _put_back,
}

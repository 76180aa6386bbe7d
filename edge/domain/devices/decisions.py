"""The things on the bus: which there are, which are online, what they observe and report, and which are out of use.

Heartbeats stay in memory; only changes become facts. Devices that come and go, or whose sensors bounce, are one fact
with a count, at most once a minute while it lasts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from edge.domain.callers import asked_by
from edge.domain.carts import queries as cart_queries
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
    What,
)
from edge.domain.devices.queries import out_of_order
from edge.domain.devices.rules import MAX_REASON, OVER_MS
from edge.journal import Tx


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
def on_presence(tx: Tx, *, device: str, online: bool, boot: str = "", firmware: str = "") -> bool:
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
def on_state(tx: Tx, *, device: str, state: dict[str, Any]) -> bool:
    """Note what a device observes of itself. False when that was known."""
    row = tx.one("SELECT state FROM devices WHERE device=?", device)
    if row is None or row["state"] == msgspec.json.encode(state, order="sorted").decode():
        return False
    tx.emit(DeviceSeen(device=device, state=state))
    return True


@asked_by("machine")
def on_report(tx: Tx, fact: DeviceReported | DeviceEventRejected, *, patient: bool) -> int:
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


@asked_by("machine")
def note_flapping(tx: Tx, *, device: str, what: What, more: int, ago_ms: int = 0) -> bool:
    """So many more flips of a device; of a new episode, the first was so long ago. False where it is not ours."""
    if more <= 0 or tx.one("SELECT 1 FROM devices WHERE device=?", device) is None:
        return False
    row = tx.one("SELECT * FROM flapping WHERE device=? AND what=?", device, what)
    count, since = (row["count"], row["since_ms"]) if row else (0, tx.now - ago_ms)
    tx.emit(DeviceFlapping(device=device, what=what, count=count + more, since_ms=since))
    return True


@asked_by("store")
def on_tick(tx: Tx) -> None:
    """What has been quiet for some minutes is over."""
    for row in tx.all("SELECT * FROM flapping WHERE last_ms <= ? ORDER BY device, what", tx.now - OVER_MS):
        tx.emit(DeviceSteady(device=row["device"], what=row["what"], count=row["count"]))


@asked_by("staff")
def take_out(tx: Tx, *, device: str, reason: str, by: str) -> bool:
    """Mark a device out of order. False when it was. Refuses: device_unknown, reason_missing."""
    if tx.one("SELECT 1 FROM devices WHERE device=?", device) is None:
        raise tx.refuse("device_unknown", device=device)
    if not reason.strip():
        raise tx.refuse("reason_missing", device=device)
    if out_of_order(tx, device):
        return False
    tx.emit(DeviceTakenOut(device=device, reason=reason.strip()[:MAX_REASON], by=by))
    return True


@asked_by("staff")
def put_back(tx: Tx, *, device: str, by: str) -> bool:
    """Take a device into use again: it was out of order, or it failed and somebody has seen to it. False otherwise."""
    spot = cart_queries.spots(tx).get(device)
    if not out_of_order(tx, device) and (spot is None or spot.why != "faulty"):
        return False
    tx.emit(DevicePutBack(device=device, by=by))
    return True

"""Devices that come and go, or whose sensors bounce: one fact with a count, at most once a minute while it lasts."""

from __future__ import annotations

from typing import Final, Literal

from edge.domain.callers import asked_by
from edge.domain.needs import WHEN_FREE, Need
from edge.journal import Applies, Entry, Fact, Reads, Rows, Tx

What = Literal["presence", "state"]

EVERY_MS: Final = 60_000
OVER_MS: Final = 5 * 60_000
"""Quiet for so long, it is over."""


class DeviceFlapping(Fact, frozen=True, tag="device.flapping.v1"):
    """A device keeps reconnecting (`presence`), or what it observes keeps changing to and fro (`state`)."""

    device: str
    what: What
    count: int
    """How many times since then, this episode's earlier facts included."""
    since_ms: int


class DeviceSteady(Fact, frozen=True, tag="device.steady.v1"):
    """It has stopped doing so."""

    device: str
    what: What
    count: int


@asked_by("machine")
def note(tx: Tx, *, device: str, what: What, more: int, ago_ms: int = 0) -> bool:
    """So many more flips of a device; of a new episode, the first was so long ago. False where it is not ours."""
    if more <= 0 or tx.one("SELECT 1 FROM devices WHERE device=?", device) is None:
        return False
    row = tx.one("SELECT * FROM flapping WHERE device=? AND what=?", device, what)
    count, since = (row["count"], row["since_ms"]) if row else (0, tx.now - ago_ms)
    tx.emit(DeviceFlapping(device=device, what=what, count=count + more, since_ms=since))
    return True


@asked_by("store")
def tend(tx: Tx) -> None:
    """What has been quiet for some minutes is over."""
    for row in tx.all("SELECT * FROM flapping WHERE last_ms <= ? ORDER BY device, what", tx.now - OVER_MS):
        tx.emit(DeviceSteady(device=row["device"], what=row["what"], count=row["count"]))


def needs(reads: Reads, now: int) -> list[Need]:  # noqa: ARG001 - the same for every noun
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


def _flapping(rows: Rows, entry: Entry, fact: DeviceFlapping) -> None:
    rows.run(
        "INSERT OR REPLACE INTO flapping VALUES (?,?,?,?,?)",
        (fact.device, fact.what, fact.count, fact.since_ms, entry.wall_ms),
    )


def _steady(rows: Rows, _: Entry, fact: DeviceSteady) -> None:
    rows.run("DELETE FROM flapping WHERE device=? AND what=?", (fact.device, fact.what))


SCHEMA: Final = """
CREATE TABLE flapping (
    device TEXT, what TEXT, count INTEGER, since_ms INTEGER, last_ms INTEGER,
    PRIMARY KEY (device, what)) STRICT, WITHOUT ROWID;
"""
APPLIES: Final[Applies] = {DeviceFlapping: _flapping, DeviceSteady: _steady}

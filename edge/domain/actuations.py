"""A grant of an actuation: the right to have one device do one thing, once, and how that ended.

Carts and locker doors are granted alike, and so is whatever comes next:

    granted ─ done/already ─────────────▶ done
    granted ─ failed, refused, unknown ─▶ failed; no reply, expired, crash ─▶ lapsed
    failed, lapsed ─ late `done`, or a sensor shows it ─▶ done

"Granted", "done" and "seen done" are three things. A grant is carried out at most once, and never after a crash.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import msgspec

from edge.domain.callers import asked_by
from edge.domain.commands import DeviceCommand
from edge.domain.endings import Hop, How
from edge.journal import Entry, Fact, Reads, Tx, id_text


class GrantProgress(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How far a grant has come."""

    grant: str
    device: str
    holder: str
    """The member that it was granted to; empty where it was nobody that is known."""
    stage: str
    """`asked`, `sent`, `failed`, or what the noun calls the stages after it was done."""
    hop: Hop | None = None
    """Where it failed."""
    reason: str | None = None
    ended_ms: int | None = None
    """When it ended, well or badly, by the wall clock."""
    over_ms: int | None = None
    """When what it began was over, such as a ride."""


class Actuation(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a noun lets its devices do, as its facts and its table tell of it."""

    verb: str
    device: str
    """The field of its facts, and the column of its rows, that names the device."""
    args: tuple[str, ...] = ()
    """The fields and columns that are the arguments of the command."""
    granted: type[Fact]
    """It has a `fence`."""
    done: type[Fact]
    failed: type[Fact]
    """It has a `hop` and a `reason`, like `lapsed`. All three have the `grant`, and the device with the arguments."""
    lapsed: type[Fact]
    select: str
    """The question for its grants, named `g`, up to and with `WHERE`. A row has `grant_id`, `state`, `observed`, and
    the columns of the device and of the arguments."""
    done_stage: str
    """What its table, and those who wait, call a grant that was done."""
    on_done: Callable[[Tx, sqlite3.Row, How], None]
    """States that it was done, and what follows from it."""
    on_failed: Callable[[Tx, sqlite3.Row], None] | None = None
    """What follows when it failed or lapsed."""
    progress: Callable[[Reads, str], GrantProgress | None]
    """How far a grant has come, by the tables; none where there is no such grant."""

    @property
    def ends(self) -> tuple[type[Fact], ...]:
        """The facts that end a grant."""
        return self.done, self.failed, self.lapsed

    @asked_by("machine")
    def settle(self, tx: Tx, grant: str, outcome: str, reason: str | None, hop: Hop) -> None:
        """Record how it ended, in the device's word or ours (`lapsed`). A second, equal end changes nothing."""
        row = tx.one(self.select + " g.grant_id=?", grant)
        if row is None or row["state"] == self.done_stage:
            return
        if outcome in ("done", "already"):
            self.on_done(tx, row, "already" if outcome == "already" else "done")
        elif row["state"] == "granted":
            self._end(tx, row, outcome, reason or outcome, hop)

    @asked_by("store")
    def lapse_all(self, tx: Tx) -> int:
        """At start: what was granted before a crash is never carried out after it. Returns how many were open."""
        rows = tx.all(self.select + " g.state='granted'")
        for row in rows:
            self._end(tx, row, "lapsed", "gateway_restarted", "gateway")
        return len(rows)

    def command(self, entry: Entry, fact: Any) -> DeviceCommand:
        """Returns what the device is told once the grant is durable."""
        args = {name: getattr(fact, name) for name in self.args}
        return DeviceCommand(id_text(entry.id), getattr(fact, self.device), self.verb, args, fact.fence, self.settle)

    def command_of(self, reads: Reads, grant: str) -> DeviceCommand | None:
        """Returns the command of a grant, for a reply that comes when nobody waits for it any more."""
        row = reads.one(self.select + " g.grant_id=?", grant)
        if row is None:
            return None
        args = {name: row[name] for name in self.args}
        return DeviceCommand(grant, row[self.device], self.verb, args, 0, self.settle)

    def _end(self, tx: Tx, row: sqlite3.Row, outcome: str, reason: str, hop: Hop) -> None:
        if outcome in ("lapsed", "expired", "unknown") and row["observed"]:
            self.on_done(tx, row, "observed")  # no word came, but the sensor has seen it
            return
        kind: Any = self.lapsed if outcome in ("lapsed", "expired") else self.failed
        what = {name: row[name] for name in (self.device, *self.args)}
        tx.emit(kind(grant=row["grant_id"], **what, hop=hop, reason=reason))
        if self.on_failed is not None:
            self.on_failed(tx, row)

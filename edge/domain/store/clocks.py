"""The store's clock: jumps of the box's clock are facts, and by themselves they charge, end and remind of nothing.

Times at which something began, and from which a rule counts, move with the clock when it is set: a parcel that lay for
an hour has lain for an hour, whatever the clock says now. Dates that somebody chose do not move.
"""

from __future__ import annotations

from typing import Final

from edge.domain.callers import asked_by
from edge.domain.needs import SOON, Need
from edge.journal import Applies, Entry, Fact, Reads, Rows, Step, Tx

MINUTE_MS: Final = 60_000

ELAPSING: Final[dict[str, tuple[str, ...]]] = {
    "cart_care": ("low_ms", "find_ms", "late_ms"),
    "cart_deposits": ("returned_ms",),
    "carts": ("changed_ms",),
    "flapping": ("since_ms", "last_ms"),
    "grants": ("granted_ms", "ended_ms", "home_ms"),
    "calls": ("called_ms", "changed_ms"),
    "code_reads": ("greeted_ms", "read_ms"),
    "coupon_claims": ("claimed_ms",),
    "device_events": ("last_ms",),
    "devices": ("changed_ms",),
    "doors": ("opened_ms", "closed_ms", "fault_ms", "out_ms"),
    "kin": ("staff_ms",),
    "links": ("at_ms", "parted_ms"),
    "locker_troubles": ("since_ms",),
    "members": ("registered_ms", "named_ms"),
    "notices": ("at_ms",),
    "openings": ("granted_ms", "ended_ms"),
    "parcels": ("begun_ms", "changed_ms", "due_ms"),
    "print_attempts": ("begun_ms", "asked_ms", "ended_ms"),
    "print_jobs": ("ordered_ms", "since_ms", "retry_ms", "expires_ms"),
    "scans": ("last_ms",),
    "sessions": ("opened_ms",),
    "staff_sessions": ("since_ms",),
    "staff_tries": ("failed_ms",),
    "wrong_codes": ("last_ms", "until_ms"),
    "out_of_order": ("since_ms",),
    "seen_to": ("at_ms",),
}
"""By table: moments from which a rule counts."""


class ClockJumped(Fact, frozen=True, tag="clock.jumped.v1"):
    """The box's clock differs from the store's time. Nothing follows from it."""

    by_ms: int
    """How far it is ahead; below zero, behind."""


class ClockConfirmed(Fact, frozen=True, tag="clock.confirmed.v1"):
    """Staff looked at the box's clock: it is right."""

    staff: str


class ClockSet(Fact, frozen=True, tag="clock.set.v1"):
    """The store's time follows the box's clock from here on."""

    by_ms: int
    passed: bool
    """Whether that time has really passed, because the box was off."""
    why: str
    """Who says that it is right: `time_server`, `cloud`, `staff`."""


class ClockAgreed(Fact, frozen=True, tag="clock.agreed.v1"):
    """The box's clock came back to the store's time by itself."""


@asked_by("store")
def look(tx: Tx, *, apart_ms: int) -> str:
    """Note that the clock jumped, by how much otherwise, or that it came back. Returns who confirmed it, or ""."""
    row = tx.one("SELECT by_ms, confirmed FROM clock_doubts")
    if apart_ms and (row is None or abs(row["by_ms"] - apart_ms) > MINUTE_MS):
        tx.emit(ClockJumped(by_ms=apart_ms))
        return ""
    if not apart_ms and row is not None:
        tx.emit(ClockAgreed())
        return ""
    return str(row["confirmed"] or "") if row is not None else ""


@asked_by("staff")
def confirm(tx: Tx, *, staff: str) -> None:
    """Staff says that the box's clock is right. Refuses: bad_request where nothing is in doubt."""
    row = tx.one("SELECT confirmed FROM clock_doubts")
    if row is None:
        raise tx.refuse("bad_request", field="target")
    if not row["confirmed"]:
        tx.emit(ClockConfirmed(staff=staff))


def followed(step: Step) -> ClockSet:
    """The fact of a jump that is followed."""
    return ClockSet(by_ms=step.by_ms, passed=step.passed, why=step.why)


def needs(reads: Reads, now: int) -> list[Need]:  # noqa: ARG001 - the same for every noun
    """A clock that jumped waits for somebody who knows the time."""
    return [
        Need(
            id="clock",
            urgency=SOON,
            device="",
            kind="clock_jumped",
            since_ms=row["since_ms"],
            details={"by": _spelled(row["by_ms"])},
            action="set_clock",
        )
        for row in reads.all("SELECT * FROM clock_doubts WHERE confirmed IS NULL")
    ]


def _spelled(by_ms: int) -> str:
    """Hours and minutes, with a sign: `-30:00`."""
    minutes, seconds = divmod(abs(by_ms) // 1000, 60)
    text = f"{minutes // 60}:{minutes % 60:02}" if minutes else f"0:00:{seconds:02}"
    return f"{'+' if by_ms > 0 else '-'}{text}"


def _jumped(rows: Rows, entry: Entry, fact: ClockJumped) -> None:
    rows.run("INSERT OR REPLACE INTO clock_doubts VALUES (1,?,NULL,?)", (fact.by_ms, entry.wall_ms))


def _confirmed(rows: Rows, _: Entry, fact: ClockConfirmed) -> None:
    rows.run("UPDATE clock_doubts SET confirmed=?", (fact.staff,))


def _set(rows: Rows, _: Entry, fact: ClockSet) -> None:
    rows.run("DELETE FROM clock_doubts", ())
    if not fact.passed:
        for table, columns in ELAPSING.items():
            moved = ", ".join(f"{column}={column}+{fact.by_ms:d}" for column in columns)
            rows.run(f"UPDATE {table} SET {moved}", ())  # noqa: S608 - names of ours, an integer


def _agreed(rows: Rows, _: Entry, __: ClockAgreed) -> None:
    rows.run("DELETE FROM clock_doubts", ())


SCHEMA: Final = """
CREATE TABLE clock_doubts (one INTEGER PRIMARY KEY, by_ms INTEGER, confirmed TEXT, since_ms INTEGER) STRICT;
"""
APPLIES: Final[Applies] = {ClockJumped: _jumped, ClockConfirmed: _confirmed, ClockSet: _set, ClockAgreed: _agreed}

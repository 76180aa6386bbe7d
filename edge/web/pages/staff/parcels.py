"""What lies in the lockers, as the staff page shows it, and how an opening that staff asked for goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import Final

import msgspec

from edge.domain.lockers import queries as locker_queries
from edge.domain.lockers import rules as locker_rules
from edge.domain.lockers.queries import rules_of
from edge.domain.lockers.rules import HELD, OPEN, fee
from edge.journal import Reads
from edge.web import moments

Say = Callable[..., str]
"""A sentence in the reader's language: key, and the values it names."""

TONES: Final = {
    "reserved": "wait", "filling": "wait", "taking": "wait", "clearing": "wait", "emptied": "off", "kept": "ok",
    "unsure": "warn", "overdue": "warn", "forced": "bad",
}  # fmt: skip


class ParcelRow(msgspec.Struct, frozen=True):
    """A parcel behind its door, and what staff may do about it."""

    id: str
    door: str
    target: str
    """`bank/door`."""
    bank: str
    title: str
    tone: str
    word: str
    note: str
    at_ms: int
    held: bool
    unsure: bool
    forced: bool


class ActOutcome(msgspec.Struct, frozen=True):
    """How an act came out, so far."""

    tone: str
    """`ok`, `wait`, `warn`, `bad` or `off`."""
    word: str


def parcel_rows(
    reads: Reads, say: Say, label: Callable[[str], str], money: Callable[[int], str], now: int, zone: tzinfo
) -> list[ParcelRow]:
    """Every parcel that a door is taken by, in the order of the doors."""
    rules = rules_of(reads)
    return [
        ParcelRow(
            id=row.parcel,
            door=row.door,
            target=f"{row.bank}/{row.door}",
            bank=label(row.bank),
            title=say("staff.parcel_order", order=row.order_ref) if row.order_ref else say("staff.parcel"),
            tone=TONES.get(row.state, "off"),
            word=say(f"staff.parcel_{row.state}"),
            note=_note(
                reads,
                say,
                money(owed) if (owed := fee(rules, row.quoted_fee, row.due_ms, now)) else "",
                row,
                (now, zone),
            ),
            at_ms=row.changed_ms,
            held=row.state in HELD,
            unsure=row.state == "unsure" and row.filler is not None,
            forced=row.state == "forced",
        )
        for row in locker_queries.parcels_kept(reads)
    ]


def _note(reads: Reads, say: Say, owed: str, row: locker_rules.Parcel, here: tuple[int, tzinfo]) -> str:
    parts = []
    if row.due_ms is not None and row.state in HELD:
        parts.append(say("staff.parcel_until", when=moments.moment_said_by(say, row.due_ms, *here)))
    if row.reminded:
        parts.append(say("staff.parcel_reminded", count=row.reminded))
    if owed:
        parts.append(say("staff.parcel_fee", amount=owed))
    slip = locker_queries.slip_of(reads, row.parcel)
    if slip is not None:
        parts.append(say("staff.parcel_slip_is", word=say(f"staff.slip_{slip.state}")))
    return " · ".join(parts)


def outcome_of(reads: Reads, say: Say, reason: Callable[[str | None], str], opening: str) -> ActOutcome | None:
    """How far an opening has come, and what became of the parcel behind its door."""
    row = locker_queries.opening(reads, opening)
    if row is None:
        return None
    if row.state == "granted":
        return ActOutcome("wait", say("staff.opening"))
    if row.state != "opened":
        return ActOutcome("bad", say("staff.not_opened", reason=reason(row.reason)))
    key = _came_of(row)
    tones = {"open": "wait", "full": "warn", "unsure": "warn", "back": "bad"}
    said = f"staff.{row.why}_{key}"
    return ActOutcome(tones.get(key, "ok"), say(said if row.parcel_state else "staff.opened"))


def _came_of(row: locker_queries.OpeningNow) -> str:
    """`open`, `done`, and where it went another way: `unsure`, `back` or `full`."""
    state = row.parcel_state
    if row.why == "inspect" or state is None:
        return "done"
    if state in OPEN:
        return "open"
    if row.why == "fill":
        return {"unsure": "unsure", "cancelled": "back", "reserved": "open"}.get(state, "done")
    return "full" if state in HELD else "done"

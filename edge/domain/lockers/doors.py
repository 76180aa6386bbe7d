"""What becomes of doors and parcels by themselves: an order ends, a sensor speaks, time passes.

Sensors advise and never veto; what they show wins over what was believed. In doubt a door stays locked.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any, Final

from edge.domain.actuations import Actuation
from edge.domain.callers import asked_by
from edge.domain.endings import How
from edge.domain.lockers import queries
from edge.domain.lockers.facts import (
    LockerHeard,
    LockerOpened,
    LockerOpenFailed,
    LockerOpenGranted,
    LockerOpenLapsed,
    LockerSeen,
    LockerSilent,
    LockerTrouble,
    LockerTroubleOver,
    ParcelReminderDue,
)
from edge.domain.lockers.queries import progress, rules_of
from edge.domain.lockers.rules import (
    BOUNCE_MS,
    HELD,
    LATE_MS,
    MAX_REMINDERS,
    OPEN,
    SLOW_SENSOR_MS,
    DoorStatus,
    Rules,
    event_of,
    event_of_closing,
    fee,
    reminder_at,
)
from edge.domain.lockers.transitions import move
from edge.domain.members.queries import is_reminded
from edge.journal import Tx

_OPENING = "SELECT * FROM openings WHERE "
_PARCEL = "SELECT * FROM parcels WHERE parcel=?"


def _open(tx: Tx, opening: sqlite3.Row, outcome: How) -> None:
    tx.emit(LockerOpened(grant=opening["grant_id"], bank=opening["bank"], door=opening["door"], outcome=outcome))
    move(tx, tx.one(_PARCEL, opening["parcel"]), event_of(opening["why"]))


def _not_opened(tx: Tx, opening: sqlite3.Row) -> None:
    parcel = tx.one(_PARCEL, opening["parcel"])
    if parcel is not None and parcel["state"] == "reserved":
        move(tx, parcel, "not_opened")


UNLOCK: Final = Actuation(
    verb="unlock",
    device="bank",
    args=("door",),
    granted=LockerOpenGranted,
    done=LockerOpened,
    failed=LockerOpenFailed,
    lapsed=LockerOpenLapsed,
    select="SELECT g.* FROM openings g WHERE",
    done_stage="opened",
    on_done=_open,
    on_failed=_not_opened,
    progress=progress,
)
settle = UNLOCK.settle
lapse_all = UNLOCK.lapse_all

_BLANK: Final = ("unknown", "unknown", None)
"""A door of which no sensor is heard."""


@asked_by("machine")
def on_state(tx: Tx, *, bank: str, doors: Mapping[str, Mapping[str, Any]]) -> bool:
    """Take over what a bank's sensors show. False when all of it was known.

    Doors that fall silent together are one fact, and so are those that show again what they showed before.
    """
    before = len(tx.emitted)
    silent, heard, others = [], [], []
    for name, now in sorted(doors.items()):
        door = queries.door(tx, bank, name)
        shown = (now.get("lock", "unknown"), now.get("door", "unknown"), now.get("occupied"))
        if door is None or not _is_news(door, shown):
            continue
        if shown == _BLANK and not door.unheard:
            silent.append(name)
        elif _is_as_before(tx, door, shown) and not door.unheard:
            heard.append(name)
        else:
            others.append((door, shown))
    if silent:
        tx.emit(LockerSilent(bank=bank, doors=silent))
    if heard:
        tx.emit(LockerHeard(bank=bank, doors=heard))
    for door, shown in others:
        _door_seen(tx, door, *shown)
    return len(tx.emitted) > before


def _is_news(door: DoorStatus, shown: tuple[Any, ...]) -> bool:
    """Whether a door shows something else, or is heard for the first time since the store was restored."""
    return door.unheard or (door.lock, door.shut, door.occupied) != shown


def _is_as_before(tx: Tx, door: DoorStatus, shown: tuple[Any, ...]) -> bool:
    """Whether a door shows what it showed before its silence, and did not close meanwhile for all that is known."""
    if (door.was_lock, door.was_shut, door.was_occupied) != shown:
        return False
    opening = tx.one(_OPENING + "grant_id=?", door.opening)
    parcel = tx.one(_PARCEL, door.parcel or (opening["parcel"] if opening else None))
    return not (opening is not None and shown[1] == "closed" and _was_open(door, opening, parcel))


def _door_seen(tx: Tx, door: DoorStatus, lock: str, shut: Any, occupied: bool | None) -> None:
    opening = tx.one(_OPENING + "grant_id=?", door.opening)
    parcel = tx.one(_PARCEL, door.parcel or (opening["parcel"] if opening else None))
    opens = shut == "open" and "open" not in (door.shut, door.was_shut)
    explained = opens and _explains(opening, door, tx.now)
    unasked = opens and not explained and (door.shut == "closed" or door.parcel is not None)
    tx.emit(LockerSeen(bank=door.bank, door=door.door, lock=lock, shut=shut, occupied=occupied, unasked=unasked))
    if opens:
        _door_opens(tx, opening if explained else None, parcel)
    elif parcel is not None and opening is not None and shut == "closed" and _was_open(door, opening, parcel):
        move(tx, parcel, event_of_closing(parcel["state"], occupied))
    elif parcel is not None and parcel["state"] == "forced" and shut == "closed" and _inspected(opening, door):
        move(tx, parcel, "vouched")
    elif parcel is not None and occupied != door.occupied:
        _contents(tx, door, opening, parcel, occupied)


def _door_opens(tx: Tx, opening: sqlite3.Row | None, parcel: sqlite3.Row | None) -> None:
    if opening is None:
        move(tx, parcel, "forced")
    elif opening["state"] == "opened":
        move(tx, parcel, event_of(opening["why"]))
    else:
        _open(tx, opening, "observed")


def _was_open(door: DoorStatus, opening: sqlite3.Row, parcel: sqlite3.Row | None) -> bool:
    """Whether a door that is closed now was open: as it showed, or as it must have been while its sensor was away."""
    if parcel is None or parcel["state"] not in OPEN:
        return False
    return bool(door.shut == "open" or (door.shut == "unknown" and opening["observed"]))


def _inspected(opening: sqlite3.Row | None, door: DoorStatus) -> bool:
    """Whether staff, who had opened the door to look, closes it now. What they saw is theirs to say elsewhere."""
    return bool(opening is not None and opening["why"] == "inspect" and door.shut == "open" and opening["observed"])


def _contents(
    tx: Tx, door: DoorStatus, opening: sqlite3.Row | None, parcel: sqlite3.Row, occupied: bool | None
) -> None:
    """The sensor behind a closed door changed its mind."""
    if parcel["state"] == "unsure" and occupied:
        move(tx, parcel, "confirmed")
        return
    if opening is None:
        return
    if parcel["state"] in OPEN:
        moved = occupied if parcel["state"] == "filling" else occupied is False
        if moved and door.shut != "open":
            move(tx, parcel, "closed")  # it was open and closed again between two looks: the contents prove it
    elif occupied is False and door.closed_ms is not None and tx.now - door.closed_ms <= SLOW_SENSOR_MS:
        move(tx, parcel, {"take": "found_empty", "clear": "found_cleared"}.get(opening["why"]))


def _explains(opening: sqlite3.Row | None, door: DoorStatus, now: int) -> bool:
    """Whether this order is why the door opens now: it is the first time since, or the door had not latched."""
    if opening is None:
        return False
    if opening["state"] == "granted":
        return True
    closed = door.closed_ms
    first = closed is None or closed < opening["granted_ms"]
    unlatched = closed is not None and now - closed <= BOUNCE_MS
    return bool(now - opening["ended_ms"] <= LATE_MS and (first or unlatched))


@asked_by("machine")
def on_event(tx: Tx, *, bank: str, event: str, door: str) -> None:
    """A bank reports `door_opened` or `door_closed`: good where the door moved between two looks at its sensors."""
    row = queries.door(tx, bank, door)
    opening = tx.one(_OPENING + "grant_id=?", row.opening) if row else None
    if row is None or opening is None or row.shut == "open":
        return
    if event == "door_opened" and opening["state"] != "opened" and _explains(opening, row, tx.now):
        _open(tx, opening, "observed")
    elif event == "door_closed" and opening["state"] == "opened":
        parcel = tx.one(_PARCEL, row.parcel)
        occupied = None if row.occupied is None else bool(row.occupied)
        if parcel is not None and parcel["state"] in OPEN:
            move(tx, parcel, event_of_closing(parcel["state"], occupied))


_LIVE = """
SELECT p.*, d.shut, d.lock, d.occupied, d.opened_ms, d.closed_ms, d.unheard, o.observed, o.ended_ms
FROM parcels p JOIN doors d ON d.parcel=p.parcel LEFT JOIN openings o ON o.grant_id=d.opening
"""


@asked_by("store")
def on_tick(tx: Tx) -> None:
    """What time alone brings; to be called every second or so."""
    rules = rules_of(tx)
    for parcel in tx.all(_LIVE):
        event = _time_brings(parcel, rules, tx.now)
        if event is not None:
            move(tx, parcel, event)
        elif parcel["due_ms"] is not None and parcel["state"] in HELD:
            _remind(tx, parcel, rules)
    _note_troubles(tx, rules)


def _time_brings(parcel: sqlite3.Row, rules: Rules, now: int) -> str | None:
    state, waited = parcel["state"], now - parcel["changed_ms"]
    if state == "unsure":
        return "doubted" if waited > rules.open_ms else None
    if state == "kept":
        return "fell_due" if now >= parcel["due_ms"] else None
    if state == "emptied":
        return "grace_over" if waited > rules.grace_ms else None
    if state in OPEN and not parcel["unheard"]:
        return _nobody_came(parcel, waited, rules, now)
    return None


def _nobody_came(parcel: sqlite3.Row, waited: int, rules: Rules, now: int) -> str | None:
    """An unlocked door that its sensor does not show open."""
    if waited <= rules.wait_ms or parcel["shut"] == "open":
        return None
    occupied = None if parcel["occupied"] is None else bool(parcel["occupied"])
    if parcel["observed"] is None:  # the bank was away, and came back: nobody knows what became of the opening
        return event_of_closing("filling", occupied) if parcel["state"] == "filling" else "not_opened"
    if parcel["ended_ms"] is None or now - parcel["ended_ms"] <= rules.wait_ms:
        return None
    if parcel["shut"] == "closed":
        # Behind a door that was closed since the parcel was begun something may lie, whatever came of a later opening.
        inside = parcel["state"] == "filling" and (occupied or (parcel["closed_ms"] or 0) > parcel["begun_ms"])
        return event_of_closing(parcel["state"], occupied) if parcel["observed"] or inside else "not_opened"
    blind = parcel["opened_ms"] is None and parcel["closed_ms"] is None
    return "confirmed" if blind else None  # a bank without sensors; one whose sensors are away is waited for


def _remind(tx: Tx, parcel: sqlite3.Row, rules: Rules) -> None:
    due, number = parcel["due_ms"], parcel["reminded"]
    if number >= MAX_REMINDERS or tx.now < reminder_at(rules, due, number):
        return
    if not is_reminded(tx, parcel["member"], "parcels"):
        return
    while number < MAX_REMINDERS and tx.now >= reminder_at(rules, due, number):
        number += 1  # after a long stop one reminder is enough
    tx.emit(
        ParcelReminderDue(
            parcel=parcel["parcel"],
            bank=parcel["bank"],
            door=parcel["door"],
            member=parcel["member"],
            number=number,
            due_ms=due,
            fee=fee(rules, (parcel["fee"], parcel["fee_most"]), due, tx.now),
        )
    )


def _note_troubles(tx: Tx, rules: Rules) -> None:
    known = {(row["bank"], row["door"], row["trouble"]) for row in tx.all("SELECT * FROM locker_troubles")}
    now = {
        (each.door.bank, each.door.door, trouble)
        for each in queries.doors(tx)
        for trouble in _troubles(each.door, each.state, rules, tx.now)
    }
    for bank, door, trouble in sorted(now - known):
        tx.emit(LockerTrouble(bank=bank, door=door, trouble=trouble))  # type: ignore[arg-type]
    for bank, door, trouble in sorted(known - now):
        tx.emit(LockerTroubleOver(bank=bank, door=door, trouble=trouble))


def _troubles(door: DoorStatus, state: str | None, rules: Rules, now: int) -> Iterator[str]:
    if door.shut == "open" and now - (door.opened_ms or now) > rules.open_ms:
        yield "left_open"
    if state == "forced" or door.unasked:
        yield "forced"
    if door.lock == "jammed" or door.fault == "jammed":
        yield "jammed"
    elif door.fault:
        yield "dead"
    if state is None and door.occupied and door.shut != "open":
        yield "occupied"
    if state in ("kept", "overdue") and door.occupied == 0 and door.shut == "closed":
        yield "empty"

"""The rules of the locker banks, as data and plain functions: what becomes of a parcel, which door fits, what it costs.

`PARCEL` is the one place that says which event leads where; `docs/lockers.md` draws its diagram from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Final, Literal, get_args

import msgspec

from edge.domain.endings import FAULTS
from edge.domain.setting import HOURS, MONEY, SECONDS_AS_MS, Setting

Size = Literal["S", "M", "L"]
SIZES: Final = get_args(Size)
"""From small to large: a door fits what is as large as itself, or smaller."""

State = Literal[
    "reserved",  # a door was chosen and asked to open
    "filling",  # it opened; somebody puts the parcel in
    "unsure",  # it was closed, but the sensor sees nothing inside: the shopper is asked
    "kept",  # the parcel lies there; its codes are good
    "overdue",  # it lies there longer than agreed; its codes are good all the same
    "forced",  # its door was seen open, and nobody had asked for that
    "taking",  # the door opened for whoever collects
    "emptied",  # collected and closed; for a grace minute the door still opens again, and nobody else gets it
    "clearing",  # staff opened the door to take the parcel out
    "cancelled",
    "collected",
    "cleared",
]
ENDED: Final = frozenset({"cancelled", "collected", "cleared"})
THERE: Final = "state NOT IN ('cancelled', 'collected', 'cleared')"
"""The same of a row of `parcels`, word for word as their index has it: those that ended stay for ever."""
HELD: Final = ("kept", "overdue", "forced", "unsure")
"""States in which the parcel lies behind a closed door and its codes open it."""
OPEN: Final = ("filling", "taking", "clearing")
ASKED: Final = ("filling", "unsure")
"""States in which whoever put it in may say whether it is there."""

_CLEAR: Final = {"opened_to_clear": "clearing"}
_OUT: Final = {"opened_to_take": "taking", **_CLEAR}
_FOUND: Final = {"found_empty": "emptied", "found_cleared": "cleared"}
"""A sensor was slow to see that the door closed over nothing."""
_HELD: Final = {**_OUT, "forced": "forced"}
PARCEL: Final[dict[str, dict[str, str]]] = {
    "reserved": {"opened_to_fill": "filling", "not_opened": "cancelled"},
    "filling": {**_OUT, "closed": "kept", "closed_empty": "unsure", "confirmed": "kept", "not_opened": "cancelled"},
    "unsure": {**_HELD, "confirmed": "kept", "withdrawn": "cancelled", "doubted": "kept", "opened_to_fill": "filling"},
    "kept": {**_HELD, **_FOUND, "opened_to_fill": "filling", "fell_due": "overdue"},
    "overdue": {**_HELD, **_FOUND},
    "forced": {**_OUT, "vouched": "kept"},
    "taking": {**_CLEAR, "closed": "emptied", "closed_full": "kept", "confirmed": "emptied", "not_opened": "kept"},
    "emptied": {"opened_to_take": "taking", "grace_over": "collected"},
    "clearing": {"closed": "cleared", "closed_full": "kept", "confirmed": "cleared", "not_opened": "kept"},
    # A door may open after its time-out: then what the shopper puts in is kept after all.
    "cancelled": {"opened_to_fill": "filling"},
    "collected": {},
    "cleared": {},
}

Why = Literal["fill", "take", "clear", "inspect"]
"""What a door is opened for. An inspection changes nothing about the parcel behind it."""

LATE_MS: Final = 10 * 60_000
"""How long after an opening ended without a word a door that is seen open is still put down to it."""
AGAIN_MS: Final = 10_000
"""A second question for a door that opened so lately, and has not been closed since, is answered by the first."""
BOUNCE_MS: Final = 3_000
"""A door that opens so soon after it closed had not latched."""
SLOW_SENSOR_MS: Final = 10_000
"""How long after a door closed its sensor may take to see that nothing lies behind it any more."""
FREE_TRIES: Final = 5
"""Wrong digits at one keypad, or from one phone, within an hour before it has to wait."""
KEYPAD_WAIT_MS: Final = 60_000
"""A keypad waits no longer than this, whoever stood there before."""
MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
MAX_REMINDERS: Final = 8


class Rules(msgspec.Struct, frozen=True):
    """What the store agrees on about parcels."""

    due_ms: Annotated[int, Setting("hours", HOURS, gt=0, le=24 * 90)] = 24 * HOUR_MS
    """How long a parcel is kept before it is overdue."""
    remind_ms: Annotated[int, Setting("remind_hours", HOURS, ge=0, le=24 * 7)] = 2 * HOUR_MS
    """How long before that its owner is reminded for the first time."""
    fee: Annotated[int, Setting(unit=MONEY, ge=0)] = 0
    """For each day begun after it is due. 0 asks for nothing."""
    fee_most: Annotated[int, Setting(unit=MONEY, ge=0)] = 0
    """What all days together cost at most. 0 is without limit."""
    grace_ms: Annotated[int, Setting("grace_s", SECONDS_AS_MS, ge=0, le=600)] = MINUTE_MS
    """How long a closed door opens again for whoever closed it, and is given to nobody else."""
    open_ms: Annotated[int, Setting("open_s", SECONDS_AS_MS, ge=10, le=3600)] = 90_000
    """How long a door may stand open before staff is told."""
    wait_ms: Annotated[int, Setting("wait_s", SECONDS_AS_MS, ge=5, le=600)] = 30_000
    """How long an unlocked door is waited for to be opened. Raise it where doors must be pulled."""
    most: Annotated[int, Setting(ge=1, le=50)] = 3
    """How many parcels one member may have at a time."""
    between_ms: Annotated[int, Setting("between_s", SECONDS_AS_MS, ge=0.1, le=60)] = 1_000
    """How long after one door the next may follow, where staff open many of a bank."""
    lock_watts: Annotated[int, Setting(ge=1, le=200)] = 24
    """What the lock of a door draws while it opens: volts times amperes on its plate."""
    power_watts: Annotated[int, Setting(ge=1, le=5000)] = 60
    """What the supply of a bank's locks can give, where staff open many: as many locks at once as it bears."""


def fee(rules: Rules, told: tuple[int | None, int | None], due_ms: int | None, now: int) -> int:
    """What a parcel costs when it is collected now: `fee` and `fee_most` as they were told at its deposit, or those of
    today's `rules` where that is less.
    """
    if due_ms is None or now <= due_ms:
        return 0
    days = -(-(now - due_ms) // DAY_MS)
    terms = (told, (rules.fee, rules.fee_most))
    return min(min(days * a_day, most) if most else days * a_day for a_day, most in terms if a_day is not None)


def reminder_at(rules: Rules, due_ms: int, number: int) -> int:
    """When the reminder of that number (from 0) is due: before, at, and each day after the day it is due."""
    return due_ms - rules.remind_ms if number == 0 else due_ms + (number - 1) * DAY_MS


class DoorStatus(msgspec.Struct, frozen=True):
    """A door as its table has it: what its sensors show, what lies behind it, and what is wrong with it."""

    bank: str
    door: str
    size: Size
    low: bool
    parcel: str | None
    opening: str | None
    """The grant of the last opening."""
    fence: int
    lock: str
    shut: str
    """`open`, `closed` or `unknown`."""
    occupied: bool | None
    opened_ms: int | None
    closed_ms: int | None
    unasked: bool
    """It opened, and nobody had asked for that."""
    fault: str | None
    """Why the last opening failed."""
    fault_ms: int | None
    out_of_order: str | None
    """Why staff took it out of use."""
    out_by: str | None
    out_ms: int | None
    was_lock: str | None
    """What its sensors showed before they fell silent."""
    was_shut: str | None
    was_occupied: bool | None
    unheard: bool
    """The store was restored, and its sensors have not been heard since: what is known of it is old."""


def choose_door(doors: Iterable[DoorStatus], size: Size, *, low: bool) -> DoorStatus | None:
    """The door for a parcel of that size: the smallest that fits, sound ones before doubtful ones, low ones when asked.

    Low doors are kept for those who ask for them, as long as others fit. An unknown sensor vetoes nothing; a door that
    failed, or behind which something seems to lie, is left alone until staff has looked.
    """
    fitting = [door for door in doors if fits(door.size, size) and is_assignable(door)]
    return min(fitting, key=lambda door: _rank(door, low=low), default=None)


def _rank(door: DoorStatus, *, low: bool) -> tuple[bool, bool, int, str]:
    return bool(door.fault), bool(door.low) is not low, SIZES.index(door.size), door.door


def fits(door: str, parcel: str) -> bool:
    """Whether a parcel of one size goes behind a door of another."""
    return SIZES.index(door) >= SIZES.index(parcel)


def is_free(door: DoorStatus) -> bool:
    """Whether a door is nobody's and may be used."""
    return door.parcel is None and not door.out_of_order


def is_broken(door: DoorStatus) -> bool:
    """Whether a door is stuck, or broke down when it was last asked to open. A lost answer is no such thing."""
    return door.fault in FAULTS or door.lock == "jammed"


def is_assignable(door: DoorStatus) -> bool:
    """Whether a door may be given to somebody: nobody's, in order, sound, shut, heard of, and it seems empty."""
    return is_free(door) and not door.unheard and not door.occupied and not is_broken(door) and door.shut != "open"


def pause_ms(wrong: int) -> int:
    """How long a place may enter no digits after so many wrong ones: a minute, doubled each time, an hour at most."""
    beyond = wrong - FREE_TRIES
    return 0 if beyond < 0 else min(MINUTE_MS << min(beyond, 10), HOUR_MS)


def event_of(why: str) -> str | None:
    """What an opening means for the parcel behind the door."""
    return None if why == "inspect" else f"opened_to_{why}"


def event_of_closing(state: str, occupied: bool | None) -> str:
    """What the closing of its door means for a parcel in this state, whatever the door was opened for last.

    The sensor is asked, but a silent one is no objection.
    """
    if state == "filling":
        return "closed_empty" if occupied is False else "closed"
    return "closed_full" if occupied else "closed"


def diagram(table: dict[str, dict[str, str]] = PARCEL) -> str:
    """The transition table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> reserved: deposit"]
    for state, events in table.items():
        merged: dict[str, list[str]] = {}
        for event, to in events.items():
            merged.setdefault(to, []).append(event)
        lines += [f"    {state} --> {to}: {_words(names)}" for to, names in merged.items()]
    lines += [f"    {state} --> [*]" for state in table if state in ENDED]
    return "\n".join(lines) + "\n"


def _words(names: Sequence[str]) -> str:
    return " / ".join(name.replace("_", " ") for name in names)


SILENT: Final = frozenset({"no_response", "port_lost", "no_reply"})
"""How an opening ends when it is the board that does not answer, not the door."""
FORGIVEN_MS: Final = 10 * 60_000
"""An answer that got lost once is not held against a bank for longer."""


class Parcel(msgspec.Struct, frozen=True):
    """A parcel as its table has it."""

    parcel: str
    bank: str
    door: str
    size: Size
    member: str
    filler: str | None
    """Who put it in, where that is not its owner."""
    order_ref: str | None
    state: State
    seed: str
    """Names its collect code."""
    begun_ms: int
    changed_ms: int
    due_ms: int | None
    reminded: int
    owed: int
    slip: str | None
    """The language in which its code is wanted on paper."""
    place: int
    adviser: str | None
    """Who sold what is picked up."""
    fee: int | None
    """For each day begun after it is due, as it was told at the deposit; none where the facts of then are gone."""
    fee_most: int | None

    @property
    def quoted_fee(self) -> tuple[int | None, int | None]:
        """What was told of a late fee."""
        return self.fee, self.fee_most

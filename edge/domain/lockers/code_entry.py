"""Six digits at a bank: whose they are, what comes of wrong ones, and what is asked before the door opens."""

from __future__ import annotations

import hmac
from typing import Final

import msgspec

from edge.domain.callers import asked_by
from edge.domain.lockers.facts import LockerCodeRefused
from edge.domain.lockers.openings import Opening, doors_of, earlier
from edge.domain.lockers.queries import rules_of
from edge.domain.lockers.rules import HELD, HOUR_MS, KEYPAD_WAIT_MS, fee, pause_ms
from edge.domain.touchpoints.codes import Codes
from edge.journal import Tx

SEEDS: Final = """
SELECT c.seed FROM doors d JOIN parcel_codes c ON c.parcel=d.parcel WHERE d.bank=?
"""


class CodeEntry(msgspec.Struct, frozen=True):
    """Where digits are entered: at the keypad of a bank's own screen, or on a phone that has scanned its code."""

    name: str
    keypad: bool = False


class DoorContent(msgspec.Struct, frozen=True):
    """What lies behind a door, to whoever has its digits. Money in the smallest unit."""

    door: str
    size: str
    due_ms: int | None
    fee: int
    """What collecting it now costs."""


@asked_by("part")
def entered(tx: Tx, codes: Codes, bank: str, digits: str, place: CodeEntry) -> str | None:
    """The seed that these digits stand for at a bank. None where they stand for nothing there: that is noted.

    Refuses parcel_wait while that place has to wait.
    """
    tries = tx.one("SELECT * FROM wrong_codes WHERE bank=? AND place=?", bank, place.name)
    wait = tries["until_ms"] - tx.now if tries is not None else 0
    if 0 < wait <= HOUR_MS:  # more than that: the clock was set back
        raise tx.refuse("parcel_wait", seconds=-(-wait // 1000))
    found = None
    for row in tx.all(SEEDS, bank):
        # Every code is compared, and each in constant time: how long it takes says nothing.
        if hmac.compare_digest(codes.digits(row["seed"]).encode(), digits.encode()):
            found = str(row["seed"])
    if found is None:
        wrong = 1 + (tries["wrong"] if tries is not None and tx.now - tries["last_ms"] < HOUR_MS else 0)
        pause = min(pause_ms(wrong), KEYPAD_WAIT_MS) if place.keypad else pause_ms(wrong)
        tx.emit(LockerCodeRefused(bank=bank, wrong=wrong, until_ms=tx.now + pause, place=place.name))
    return found


@asked_by("code")
def look_by_digits(
    tx: Tx, *, codes: Codes, bank: str, digits: str, request: str, place: CodeEntry
) -> DoorContent | Opening | None:
    """What six digits would open, and what that costs: said before it is opened. The opening where the same request
    opened it before. None where they open nothing there: that is noted as a wrong try. Refuses: locker_unknown,
    parcel_wait.
    """
    known = earlier(tx, request, None, bank=bank, why="take")
    if known is not None:
        return known
    doors_of(tx, bank)
    seed = entered(tx, codes, bank, digits, place)
    row = tx.one("SELECT p.* FROM parcel_codes c JOIN parcels p ON p.parcel=c.parcel WHERE c.seed=?", seed)
    if seed is None or row is None:
        return None
    told = (row["fee"], row["fee_most"])
    late = fee(rules_of(tx), told, row["due_ms"], tx.now) if row["state"] in HELD else 0
    return DoorContent(row["door"], row["size"], row["due_ms"], late)

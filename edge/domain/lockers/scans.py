"""A collect code before a bank's own scanner opens its door, as if it had been followed by a phone."""

from __future__ import annotations

from edge.domain.callers import asked_by
from edge.domain.lockers.decisions import take_by_code
from edge.domain.lockers.facts import LockerScanRefused
from edge.domain.lockers.queries import bank_of, parcel_of_code, rules_of
from edge.domain.lockers.rules import HELD, fee
from edge.errors import Refusal
from edge.journal import Tx


@asked_by("machine")
def scanned(tx: Tx, *, scanner: str, at: str, seed: str, request: str) -> str:
    """Open the door of a genuine collect code, where it was shown to a scanner of its own bank (`at`).

    Returns the refusal where nothing opens, which is a fact too. A scanner cannot ask whether a late fee is agreed to.
    A code that is still held there while its door is open opens nothing anew.
    """
    bank = bank_of(tx, scanner)
    if bank is None:
        return ""
    if bank != at:
        return refuse(tx, scanner, bank, "parcel_elsewhere")
    door = tx.one("SELECT d.shut FROM parcel_codes c JOIN doors d ON d.parcel=c.parcel WHERE c.seed=?", seed)
    if door is not None and door["shut"] == "open":
        return ""
    found = parcel_of_code(tx, seed)
    if found is not None and found.state in HELD and fee(rules_of(tx), found.quoted_fee, found.due_ms, tx.now):
        return refuse(tx, scanner, bank, "parcel_late")
    try:
        take_by_code(tx, seed=seed, request=request)
    except Refusal as refusal:
        return refuse(tx, scanner, bank, refusal.code)
    return ""


@asked_by("machine")
def refuse(tx: Tx, scanner: str, bank: str, reason: str) -> str:
    """Note that a code opened nothing. Returns why."""
    tx.emit(LockerScanRefused(bank=bank, scanner=scanner, reason=reason))
    return reason

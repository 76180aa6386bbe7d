"""A collect code before a bank's own scanner opens its door, as if it had been followed by a phone."""

from __future__ import annotations

from edge.domain.callers import asked_by
from edge.domain.lockers.decisions import take_by_code
from edge.domain.lockers.facts import LockerScanRefused
from edge.domain.lockers.openings import Opening
from edge.domain.lockers.queries import bank_of
from edge.errors import Refusal
from edge.journal import Tx


@asked_by("machine")
def scanned(tx: Tx, *, scanner: str, at: str, seed: str, request: str) -> Opening | None:
    """Open the door of a genuine collect code, where it was shown to a scanner of its own bank (`at`).

    None where nothing opens; why is a fact. A code that is still held there while its door is open opens nothing anew.
    """
    bank = bank_of(tx, scanner)
    if bank is None:
        return None
    if bank != at:
        refuse(tx, scanner, bank, "parcel_elsewhere")
        return None
    door = tx.one("SELECT d.shut FROM parcel_codes c JOIN doors d ON d.parcel=c.parcel WHERE c.seed=?", seed)
    if door is not None and door["shut"] == "open":
        return None
    try:
        return take_by_code(tx, seed=seed, request=request)
    except Refusal as refusal:
        refuse(tx, scanner, bank, refusal.code)
        return None


@asked_by("machine")
def refuse(tx: Tx, scanner: str, bank: str, reason: str) -> None:
    """Note that a code opened nothing."""
    tx.emit(LockerScanRefused(bank=bank, scanner=scanner, reason=reason))

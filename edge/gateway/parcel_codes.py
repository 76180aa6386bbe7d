"""Where collect codes meet paper and scanners: on their way in and out they pass the journal, and none stays in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from edge.domain.callers import asked_by
from edge.domain.devices.facts import DeviceReported
from edge.domain.lockers import queries as locker_queries
from edge.domain.lockers import scans as locker_scans
from edge.domain.touchpoints import code_text
from edge.domain.touchpoints.codes import Codes
from edge.errors import Refusal
from edge.journal import Tx

Fill = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""What a slip says beyond what the journal may hold: its name and values in, all of its values out."""

MASK: Final = "••• •••"

_COLLECT: Final = re.compile(r"[a-z0-9-]{2,39}\.[a-z2-7]{12}\.c\.[a-z2-7]{16}")
"""A collect code; the address that it stood in may be any."""


def for_paper(codes: Codes, url: Callable[[str], str]) -> Fill:
    """Puts six digits and QR on the slip of a parcel, from its seed and the store's key."""

    def fill(slip: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        if slip != "locker" or "seed" not in values:
            return values
        digits = codes.digits(values["seed"])
        address = url(codes.collect(values["at"], values["seed"]))
        return {**values, "code": f"{digits[:3]} {digits[3:]}", "url": address}

    return fill


def masked(slip: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same slip for eyes that are not its owner's: who wants the code prints it, and that is recorded."""
    return {**values, "code": MASK, "url": ""} if slip == "locker" else values


@asked_by("machine")
def scan(tx: Tx, codes: Codes, fact: DeviceReported) -> str:
    """Open the door of a collect code that was held before the scanner of its bank. Returns the refusal, if any."""
    found = _scanned(fact)
    bank = locker_queries.bank_of(tx, fact.device) if found else None
    if found is None or bank is None:
        return ""
    try:
        place = codes.parse(found, tx.now)
    except Refusal as refusal:
        return locker_scans.refuse(tx, fact.device, bank, refusal.code)
    at, seed = place.device or place.id, place.parcel or ""
    request = f"{fact.device}/{fact.boot}/{fact.seq}"
    return locker_scans.scanned(tx, scanner=fact.device, at=at, seed=seed, request=request)


def _scanned(fact: DeviceReported) -> str | None:
    text = fact.data.get("text")
    if fact.event != "scanned" or not isinstance(text, str):
        return None
    return next((code.text for code in code_text.candidates(text) if _COLLECT.fullmatch(code.text)), None)

"""What a code printed on a device stands for: one of ours, or the id that its maker gave a device with firmware."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from device_drivers.contract import ID_PATTERN
from edge.errors import Refusal
from edge.web.moments import now_ms

if TYPE_CHECKING:
    from edge.web.web import Web

KINDS: Final = ("cart", "locker", "printer", "screen", "scanner", "beacon")
_ID: Final = re.compile(ID_PATTERN)


class PairingResult(msgspec.Struct, frozen=True):
    """What to do with it."""

    is_: Literal["known", "new", "foreign", "nothing"] = msgspec.field(name="is")
    """A device or a code of this store; a device that is to be added; a code of another store; no code."""
    id: str = ""
    kind: str = ""
    """Of a new device, where its id says it."""
    label: dict[str, str] = {}


def device_of_label(web: Web, text: str) -> PairingResult:
    """Returns what the text on a device stands for, scanned or typed."""
    plain = text.strip()
    try:
        return _known_place(web, web.codes.meant(plain, now_ms())[1].id)
    except Refusal as refusal:
        if refusal.code == "code_tampered":
            return PairingResult("foreign")
    # Makers print an id by itself, in groups, or at the end of an address of their own.
    _, is_address, rest = plain.partition("://")
    path = re.split("[?#]", rest)[0].partition("/")[2]
    last = path.rstrip("/").rpartition("/")[2] if is_address else plain
    name = re.sub(r"[\s_:.]+", "-", last.strip().lower())
    if not _ID.fullmatch(name):
        return PairingResult("nothing")
    if web.layout.device(name) or web.layout.touchpoint(name):
        return _known_place(web, name)
    return PairingResult("new", name, next((kind for kind in KINDS if name.startswith(kind)), ""))


def _known_place(web: Web, name: str) -> PairingResult:
    found = web.layout.device(name) or web.layout.touchpoint(name)
    return PairingResult("known", name, label=dict(found.label) if found else {})

"""What a reader sent: the AIM identifier of ISO/IEC 15424 in front, and what the symbology makes of the rest."""

from __future__ import annotations

from typing import Final

import msgspec

from gs1.elements import BadElements, Element, Elements
from gs1.links import Links
from gs1.trade import checks

_GS1: Final = {"]C1": "gs1-128", "]e0": "gs1-databar", "]d2": "gs1-datamatrix", "]Q3": "gs1-qr", "]J1": "gs1-dotcode"}
_PLAIN: Final = {"]Q1": "qr", "]d1": "datamatrix", "]J0": "dotcode", "]C0": "code128", "]A0": "code39", "]I0": "itf"}
_NUMBERS: Final = {"]E0": ("ean13", 13), "]E4": ("ean8", 8), "]I1": ("itf14", 14)}
_COMPOSITE: Final = "|]e0"


class Carried(msgspec.Struct, frozen=True):
    """What a symbol carries."""

    symbology: str
    text: str
    """A number's digits, or the text of a code that has no elements."""
    elements: tuple[Element, ...] = ()
    """Of a GS1 symbology, of a Digital Link, or of the composite part above a number."""


class ScanData:
    """Reads what readers send."""

    def __init__(self, elements: Elements, links: Links) -> None:
        self._elements = elements
        self._links = links

    def read(self, data: str) -> Carried:
        """Raises `BadElements` where it begins with no identifier that is known, or is not what that promises."""
        start, rest = data[:3], data[3:]
        if start in _GS1 and (link := self._linked(rest)):
            return Carried(_GS1[start], rest, link)  # not what the standard says, but it is printed
        if start in _GS1:
            return Carried(_GS1[start], "", tuple(self._elements.scanned(rest)))
        if start in _NUMBERS:
            return self._number(*_NUMBERS[start], rest)
        if start in _PLAIN:
            return Carried(_PLAIN[start], rest, self._linked(rest))
        raise BadElements("no symbology identifier")

    def _number(self, symbology: str, length: int, rest: str) -> Carried:
        digits, composite, data = rest.partition(_COMPOSITE)
        if len(digits) != length or not checks(digits):
            raise BadElements(f"no {symbology}")
        return Carried(symbology, digits, tuple(self._elements.scanned(data)) if composite else ())

    def _linked(self, text: str) -> tuple[Element, ...]:
        if not text.lower().startswith(("http://", "https://")):
            return ()
        head, _, tail = text.partition("://")
        return tuple(self._links.read(f"{head.lower()}://{tail}", zeros=True, names=True))

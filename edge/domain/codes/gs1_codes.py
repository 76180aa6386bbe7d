"""From GS1's forms to what the store understands: products with weight, price, batch and dates, and everything else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final
from urllib.parse import unquote

import msgspec
from biip import ParseConfig, ParseError
from biip.gs1_element_strings import GS1ElementString

from edge.domain.codes.readings import Certainty, Next, Reading, Scan
from gs1 import spelled
from gs1.elements import FNC1, BadElements, Element, Elements
from gs1.links import Links
from gs1.numbers import Number, numbers
from gs1.scan_data import ScanData
from gs1.trade import Trade, checks
from words.countries import NUMBERS, decimals

_POUND_G: Final = Decimal("453.59237")
_KEYS: Final = {
    **dict.fromkeys(("00", "02", "401", "402", "8026"), "sscc"),
    "8110": "coupon", "8112": "coupon", "255": "coupon", "8003": "asset", "8004": "asset",
    "8017": "card", "8018": "card", "253": "document",
    **dict.fromkeys(("410", "411", "412", "413", "414", "415", "416", "417"), "gln"),
}  # fmt: skip
"""What a code without a product is about, by the AI that says so. What a pallet holds (02, 8026) is no product that
whoever scans has in the hand.
"""
_MEASURED: Final = frozenset({"31", "32", "39"})
_SET_ASIDE: Final = {"coupon": "coupon_prefix", "refund": "refund_prefix"}
GS1_SENT: Final = frozenset({"]C1", "]e0", "]d2", "]Q3", "]J1"})
"""Identifiers of symbologies that carry element strings and nothing else."""
SURELY: Final = 18
"""Characters from which on a number that begins as an element string is none of another kind."""
VARIES: Final = "9"
"""The first of the 14 digits of an item whose weight or count differs from one to the next."""
_GS1_S_OWN: Final = ("https://id.gs1.org/", "http://id.gs1.org/")
_TILL: Final = Next("show_at_till")
_STAFF: Final = Next("ask_staff")


class Gs1:
    """The `Standards` of `edge.domain.codes.code_reader`, for a store with this currency."""

    def __init__(self, currency: str = "CNY") -> None:
        self._currency = currency
        self._elements = Elements()
        self._links = Links(self._elements)
        self._data = ScanData(self._elements, self._links)

    def elements(self, scan: Scan) -> Iterator[Reading]:
        """The readings of GS1 element strings, Digital Links and numbers; none where it is none of these."""
        text = scan.text
        symbology = (scan.symbology or "").lower()
        sure = symbology.startswith(("gs1", "databar"))
        if text[:1] == "]":
            yield from self._sent(scan)
        elif link := spelled.address(text):
            yield from self._link(link)
        elif sure or spelled.bracketed(text) or any(each[:1] == FNC1 for each in spelled.strings(text)):
            yield from self._strings(scan, sure=sure or spelled.bracketed(text))
        else:
            found = [_of_number(each) for each in numbers(text, scan.symbology)]
            yield from found
            if not found and _begins_with_key(text):
                # A GS1-128 whose reader does not say so: with a fault in it, it is no other number either.
                yield from self._strings(scan, sure=len(text) >= SURELY)

    def _sent(self, scan: Scan) -> Iterator[Reading]:
        """What came with its symbology's identifier in front: `]C1` …"""
        head, body = scan.text[:3], scan.text[3:]
        if head in GS1_SENT and spelled.bracketed(body):
            yield from self._strings(msgspec.structs.replace(scan, text=body), sure=True)
            return
        for text in spelled.strings(body):
            try:
                carried = self._data.read(head + text)
            except BadElements:
                continue
            if carried.elements:
                yield self._reading_of(carried.elements, "gs1", "gs1_elements")
            for number in numbers(carried.text, carried.symbology):
                yield _of_number(number)
            return
        if head in GS1_SENT:
            yield _faulty()

    def _link(self, address: str) -> Iterator[Reading]:
        path, mark, query = address.partition("?")
        try:
            yield self._reading_of(self._links.read(address, zeros=True, names=True), "digital_link", "digital_link")
        except BadElements:
            # What stands at the wrong place costs nothing; a date or weight that is wrong does, as in a string.
            if mark and not any(map(self._is_wrong, re.split("[&;]", query))):
                yield from self._link(path)
            elif address.startswith(_GS1_S_OWN) or self._is_one(path):
                yield _faulty()

    def _is_wrong(self, word: str) -> bool:
        """Whether an application identifier has a value that it may not have."""
        ai, _, value = word.partition("=")
        try:
            self._elements.checked(Element(ai, unquote(value)), unknown=True)
        except BadElements:
            return ai in self._elements.forms
        return False

    def _is_one(self, path: str) -> bool:
        try:
            return bool(self._links.read(path, zeros=True, names=True))
        except BadElements:
            return False

    def _strings(self, scan: Scan, *, sure: bool) -> Iterator[Reading]:
        for text in spelled.strings(scan.text):
            try:
                elements = self._elements.bracketed(text) if text[:1] == "(" else self._elements.scanned(text)
            except BadElements:
                continue
            yield self._reading_of(elements, "gs1", "gs1_elements")
            return
        if sure:
            yield _faulty()

    def _reading_of(self, elements: Sequence[Element], form: str, reason: str) -> Reading:
        values = {element.ai: element.value for element in elements}
        # Two numbers or weights are two codes that were read as one. The fourth digit of a measure is its point's.
        if len({ai[:3] if ai[:2] in _MEASURED else ai for ai in values}) < len(set(elements)):
            return _faulty()
        gtin = values.get("01") or values.get("8006", "")[:14]
        if not gtin:
            what = next((_KEYS[ai] for ai in values if ai in _KEYS), "gs1")
            return Reading("unknown", "checked", reason, what=what, next=_TILL if what == "coupon" else _STAFF)
        trade = Trade(
            gtin=gtin,
            form=form,
            batch=values.get("10", ""),
            serial=values.get("21", ""),
            # Only what varies has a count of its own (30); on a fixed item it is a mistake that costs nothing, and what
            # a pallet holds (37) says nothing of an item.
            count=int(values.get("30", 0)) or None if gtin[0] == VARIES else None,
        )
        for element in elements:
            trade = _add_element(trade, element, self._currency)
        return Reading("product", "checked", reason, what=form, trade=trade, next=_STAFF)


def _begins_with_key(text: str) -> bool:
    """Whether an element string may begin so: a GTIN or an SSCC with its right check digit."""
    start = next(spelled.strings(text))
    if start[:2] in ("01", "02"):
        return checks(start[2:16]) and len(start) >= 16
    return start[:2] == "00" and checks(start[2:20]) and len(start) >= 20


def _faulty() -> Reading:
    return Reading("unknown", "checked", "bad_gs1", what="gs1", refused="bad_gs1", next=_STAFF)


def _of_number(number: Number) -> Reading:
    if number.form in _SET_ASIDE:
        reason = _SET_ASIDE[number.form]
        return Reading("unknown", "checked", reason, what=number.form, next=_TILL)
    # What a store's own label means, only its rules can say: until one does, its number alone is a guess.
    sure: Certainty = "guessed" if number.form == "in_store" else "checked"
    trade = Trade(number.gtin, number.form)
    return Reading("product", sure, "check_digit", what=number.form, trade=trade, next=_STAFF)


def _add_element(trade: Trade, element: Element, currency: str) -> Trade:
    """The item with what this element says of it: weight, date, or price, where it is in the store's currency."""
    kind = element.ai[:3]
    if kind not in ("310", "320", "392", "393") and element.ai not in ("15", "16", "17"):
        return trade
    try:
        # biip knows where decimal point and century belong.
        read = GS1ElementString.extract(
            element.ai + element.value, config=ParseConfig(gs1_element_strings_verify_date=False)
        )
    except ParseError:
        return trade
    if read.date is not None:
        name = "use_by" if element.ai == "17" else "best_before"
        return msgspec.structs.replace(trade, **{name: read.date.isoformat()})
    if not read.decimal or (kind == "393" and element.value[:3] != NUMBERS[currency]):
        return trade
    if kind in ("310", "320"):
        grams = read.decimal * (1000 if kind == "310" else _POUND_G)
        return msgspec.structs.replace(trade, weight_g=int(grams.to_integral_value()))
    price = read.decimal.scaleb(decimals(currency))
    return msgspec.structs.replace(trade, price=int(price.to_integral_value()))

"""From GS1's forms to what the store understands: products with weight, price, batch and dates, and everything else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

import msgspec
from biip import ParseConfig, ParseError
from biip.gs1_element_strings import GS1ElementString

from edge.domain.readings import Certainty, Next, Reading, Scan
from edge.gs1.elements import FNC1, BadElements, Element, Elements
from edge.gs1.links import Links
from edge.gs1.numbers import Number, numbers
from edge.gs1.scan_data import ScanData
from edge.trade import Trade, checks

_POUND_G: Final = Decimal("453.59237")
_KEYS: Final = {
    "00": "sscc", "401": "sscc", "402": "sscc", "8110": "coupon", "8112": "coupon", "255": "coupon", "8003": "asset",
    "8004": "asset", "8017": "card", "8018": "card", "253": "document",
    **dict.fromkeys(("410", "411", "412", "413", "414", "415", "416", "417"), "gln"),
}  # fmt: skip
"""What a code without a product is about, by the AI that says so."""
_SET_ASIDE: Final = {"coupon": "coupon_prefix", "refund": "refund_prefix"}
_TILL: Final = Next("show_at_till")
_STAFF: Final = Next("ask_staff")


class Gs1:
    """The `Standards` of `edge.domain.codes`."""

    def __init__(self) -> None:
        self._elements = Elements()
        self._links = Links(self._elements)
        self._data = ScanData(self._elements, self._links)

    def elements(self, scan: Scan) -> Iterator[Reading]:
        """The readings of GS1 element strings, Digital Links and numbers; none where it is none of these."""
        text = scan.text
        symbology = (scan.symbology or "").lower()
        if text[:1] == "]":
            yield from self._sent(text, scan)
        elif text[:5].lower() in ("http:", "https"):
            yield from self._link(scan)
        elif symbology.startswith(("gs1", "databar")) or text[:1] in (FNC1, "("):
            yield from self._strings(scan, sure=symbology.startswith(("gs1", "databar")))
        else:
            found = [_of_number(each, scan) for each in numbers(text, scan.symbology)]
            yield from found
            if not found and text[:2] in ("01", "02") and checks(text[2:16]) and len(text) >= 16:
                yield from self._strings(scan, sure=False)  # a GS1-128 whose reader does not say so

    def _sent(self, text: str, scan: Scan) -> Iterator[Reading]:
        try:
            carried = self._data.read(text)
        except BadElements:
            return
        if carried.elements:
            yield _of_elements(carried.elements, "gs1", "gs1_elements", scan)
        for number in numbers(carried.text, carried.symbology):
            yield _of_number(number, scan)

    def _link(self, scan: Scan) -> Iterator[Reading]:
        scheme, _, rest = scan.text.partition("://")
        for address in (
            rest,
            rest.partition("?")[0],
        ):  # with a fault behind the question mark, the path still says what
            try:
                elements = self._links.read(f"{scheme.lower()}://{address}", zeros=True, names=True)
            except BadElements:
                continue
            yield _of_elements(elements, "digital_link", "digital_link", scan)
            return

    def _strings(self, scan: Scan, *, sure: bool) -> Iterator[Reading]:
        text = scan.text
        try:
            elements = self._elements.bracketed(text) if text[:1] == "(" else self._elements.scanned(text)
        except BadElements:
            if sure:
                yield Reading("unknown", "checked", "bad_gs1", what="gs1", refused="bad_gs1", next=_STAFF)
            return
        yield _of_elements(elements, "gs1", "gs1_elements", scan)


def _of_number(number: Number, scan: Scan) -> Reading:
    if number.form in _SET_ASIDE:
        reason = _SET_ASIDE[number.form]
        return Reading("unknown", "checked", reason, what=number.form, shown=scan.text, next=_TILL)
    # What a store's own label means, only its rules can say: until one does, its number alone is a guess.
    sure: Certainty = "guessed" if number.form == "in_store" else "checked"
    trade = Trade(number.gtin, number.form)
    return Reading("product", sure, "check_digit", what=number.form, trade=trade, shown=scan.text, next=_STAFF)


def _of_elements(elements: Sequence[Element], form: str, reason: str, scan: Scan) -> Reading:
    values = {element.ai: element.value for element in elements}
    gtin = values.get("01") or values.get("8006", "")[:14] or values.get("02")
    if gtin is None or not gtin:
        what = next((_KEYS[ai] for ai in values if ai in _KEYS), "gs1")
        return Reading("unknown", "checked", reason, what=what, next=_TILL if what == "coupon" else _STAFF)
    trade = Trade(
        gtin=gtin,
        form=form,
        batch=values.get("10", ""),
        serial=values.get("21", ""),
        count=int(values.get("30") or values.get("37") or 0) or None,
    )
    for element in elements:
        trade = _with(trade, element)
    return Reading("product", "checked", reason, what=form, trade=trade, shown=scan.text, next=_STAFF)


def _with(trade: Trade, element: Element) -> Trade:
    """The item with what this element says of it: weight, price or a date."""
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
    if read.decimal is None:
        return trade
    if kind in ("310", "320"):
        grams = read.decimal * (1000 if kind == "310" else _POUND_G)
        return msgspec.structs.replace(trade, weight_g=int(grams.to_integral_value()))
    currency = element.value[:3] if kind == "393" else ""
    return msgspec.structs.replace(trade, price=int((read.decimal * 100).to_integral_value()), currency=currency)

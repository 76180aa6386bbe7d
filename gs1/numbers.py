"""Numbers under a bar code: EAN-13, EAN-8, UPC-A, UPC-E and ITF-14, and what their first digits say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from gs1.trade import check_digit, checks


class Number(msgspec.Struct, frozen=True):
    """A number with a right check digit."""

    gtin: str
    """14 digits."""
    form: str
    """`ean13`, `ean8`, `upca`, `upce`, `itf14`; `isbn`, `issn`, `ismn`; `coupon`, `refund`; `in_store`."""


_FORMS: Final = {"ean13": (13, 12), "upca": (13, 12), "ean8": (8,), "upce": (8, 13, 12), "itf": (14,), "itf14": (14,)}
"""How many digits each symbology may have. Readers give UPC as 12 or, with a 0 before it, as 13."""
_BY_LENGTH: Final = {8: "ean8", 12: "upca", 13: "ean13", 14: "itf14"}


def numbers(text: str, symbology: str | None) -> Iterator[Number]:
    """What the digits may be: none where they are no such number, two where eight digits may be EAN-8 or UPC-E."""
    if not (text.isascii() and text.isdigit()) or len(text) not in _BY_LENGTH:
        return
    symbology = (symbology or "").lower().replace("-", "").replace("_", "") or None
    known = _FORMS.get(symbology or "")
    if symbology is not None and (known is None or len(text) not in known):
        if symbology not in ("code128", "qr", "datamatrix", "code39"):
            return  # say, a DataBar whose text is digits: it has its own reader
        known = None
    if len(text) == 8 and symbology != "ean8" and (long := upce_to_upca(text)) is not None:
        yield Number(long.zfill(14), "upce")
    if len(text) == 8 and symbology == "upce":
        return
    if checks(text):
        yield Number(text.zfill(14), _form(text, symbology))


def _form(text: str, symbology: str | None) -> str:
    long = text.zfill(13)
    if len(text) == 14 and not text.startswith("0"):
        return "itf14"
    if len(text) == 8:
        return "in_store" if text[0] in "02" else "ean8"
    return _prefixed(long[-13:]) or (symbology if symbology in ("upca", "upce") else _BY_LENGTH[len(text)])


def _prefixed(ean: str) -> str:
    """What the first digits reserve the number for (GS1 prefixes)."""
    if ean.startswith("9790"):
        return "ismn"
    for prefixes, form in _RESERVED:
        if ean.startswith(prefixes):
            return form
    return ""


_RESERVED: Final = (
    (("977",), "issn"),
    (("978", "979"), "isbn"),
    (("980",), "refund"),
    (("981", "982", "983", "984", "99", "05"), "coupon"),
    (("2", "02", "04"), "in_store"),
)


def upce_to_upca(text: str) -> str | None:
    """The 12 digits that 8 of UPC-E stand for; none where they are no UPC-E or the check digit is wrong."""
    if len(text) != 8 or text[0] not in "01":
        return None
    system, body, last = text[0], text[1:7], text[6]
    if last in "012":
        middle = f"{body[:2]}{last}0000{body[2:5]}"
    elif last == "3":
        middle = f"{body[:3]}00000{body[3:5]}"
    elif last == "4":
        middle = f"{body[:4]}00000{body[4]}"
    else:
        middle = f"{body[:5]}0000{last}"
    bare = system + middle
    return bare + text[7] if check_digit(bare) == int(text[7]) else None


def upca_to_upce(upca: str) -> str | None:
    """The 8 digits of UPC-E that stand for these 12; none where zeros are missing that it leaves out."""
    if len(upca) != 12:
        return None
    system, maker, item, check = upca[0], upca[1:6], upca[6:11], upca[11]
    bodies = (maker[:2] + item[2:] + maker[2], f"{maker[:3]}{item[3:]}3", f"{maker[:4]}{item[4]}4", maker + item[4])
    found = (system + body + check for body in bodies)
    return next((text for text in found if upce_to_upca(text) == upca), None)

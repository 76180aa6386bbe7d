"""ZVT, the protocol between tills and payment terminals, as bytes: commands, and the fields of what a terminal says.

From the public specification of the ZVT interface (PA00P015, "ECR-Interface ZVT-Protocol"), as far as paying needs it.
Over TCP a command is class, instruction, length and data; each command of either side is acknowledged by the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from words.countries import decimals

NUMERIC: Final[dict[str, str]] = {
    "AUD": "0036", "CAD": "0124", "CHF": "0756", "CNY": "0156", "CZK": "0203", "DKK": "0208", "EUR": "0978",
    "GBP": "0826", "HKD": "0344", "HUF": "0348", "JPY": "0392", "NOK": "0578", "PLN": "0985", "SEK": "0752",
    "SGD": "0702", "USD": "0840",
}  # fmt: skip
"""ISO 4217 numbers as the wire has them."""

REGISTER: Final = (0x06, 0x00)
AUTHORISE: Final = (0x06, 0x01)
COMPLETION: Final = (0x06, 0x0F)
ABORTED: Final = (0x06, 0x1E)
REPEAT: Final = (0x06, 0x20)
REVERSE: Final = (0x06, 0x30)
ABORT: Final = (0x06, 0xB0)
STATUS: Final = (0x04, 0x0F)
STILL: Final = (0x04, 0xFF)
DONE: Final = (0x80, 0x00)
REFUSED: Final = 0x84

QUIET: Final = bytes((0x03, 0x03))
"""Service byte of a repeated receipt: nothing is printed, and what it says comes as a status."""
CONFIG: Final = 0x08
"""Of a registration: the terminal prints its receipts itself, and says meanwhile that it still works."""

RESULT, AMOUNT, RECEIPT, TRACE, CURRENCY = 0x27, 0x04, 0x87, 0x0B, 0x49
_FIXED: Final[dict[int, int]] = {
    0x01: 1, 0x02: 1, 0x03: 1, AMOUNT: 6, 0x05: 1, TRACE: 3, 0x0C: 3, 0x0D: 2, 0x0E: 2, 0x17: 2, 0x19: 1, RESULT: 1,
    0x29: 4, 0x2A: 15, 0x37: 3, 0x3B: 8, CURRENCY: 2, RECEIPT: 2, 0x88: 3, 0x8A: 1, 0x8C: 1, 0xA0: 1, 0xA7: 1, 0xBA: 5,
    0xD0: 1, 0xD1: 1, 0xD2: 1, 0xEB: 8,
}  # fmt: skip
"""Fields by their length in bytes."""
_COUNTED: Final[dict[int, int]] = {0x22: 2, 0x23: 2, 0x24: 3, 0x2E: 3, 0x3C: 3, 0x60: 3, 0x8B: 2, 0x92: 3, 0x9A: 3}
"""Fields whose length stands before them, in so many bytes F0 to F9."""


class Apdu(NamedTuple):
    """What one side says."""

    code: tuple[int, int]
    data: bytes = b""

    @property
    def wire(self) -> bytes:
        """Its bytes."""
        size = len(self.data)
        length = bytes((size,)) if size < 0xFF else bytes((0xFF, size & 0xFF, size >> 8))
        return bytes(self.code) + length + self.data


class TerminalResult(NamedTuple):
    """What a terminal says of a payment."""

    result: int | None
    """0 where the money is there; none where it says nothing of that."""
    amount: int | None
    receipt: str
    trace: str
    currency: str = ""
    """As `NUMERIC` has it, where it says so."""


def bcd(number: int | str, size: int) -> bytes:
    """A number as decimal digits, two a byte. Raises `ValueError` where it does not fit."""
    text = str(number).rjust(size * 2, "0")
    if len(text) != size * 2 or not text.isdecimal():
        raise ValueError(f"expected at most {size * 2} digits; found {number}")
    return bytes.fromhex(text)


def register(password: str, currency: str) -> Apdu:
    """Names the till to the terminal; the first thing on each connection."""
    return Apdu(REGISTER, bcd(password, 3) + bytes((CONFIG,)) + bytes.fromhex(NUMERIC[currency]))


def authorise(amount: int, currency: str) -> Apdu:
    """Asks for money by card."""
    money = bytes((AMOUNT,)) + bcd(cents(amount, currency), 6)
    return Apdu(AUTHORISE, money + bytes((CURRENCY,)) + bytes.fromhex(NUMERIC[currency]))


def repeat(password: str) -> Apdu:
    """Asks what the last payment was, without paper."""
    return Apdu(REPEAT, bcd(password, 3) + QUIET)


def reverse(password: str, receipt: str) -> Apdu:
    """Takes a payment of today back."""
    return Apdu(REVERSE, bcd(password, 3) + bytes((RECEIPT,)) + bcd(receipt, 2))


def cents(amount: int, currency: str) -> int:
    """An amount of a currency as terminals count: in hundredths."""
    places: int = decimals(currency)
    return int(amount * 10 ** (2 - places)) if places <= 2 else int(amount // 10 ** (places - 2))


def from_cents(hundredths: int, currency: str) -> int:
    """The other way."""
    places: int = decimals(currency)
    return int(hundredths // 10 ** (2 - places)) if places <= 2 else int(hundredths * 10 ** (places - 2))


def parse_status(data: bytes) -> TerminalResult:
    """What a status says."""
    found = fields(data)
    amount = found.get(AMOUNT)
    return TerminalResult(
        found[RESULT][0] if RESULT in found else None,
        int(amount.hex()) if amount is not None and amount.hex().isdecimal() else None,
        found.get(RECEIPT, b"").hex(),
        found.get(TRACE, b"").hex(),
        found.get(CURRENCY, b"").hex(),
    )


def fields(data: bytes) -> Mapping[int, bytes]:
    """The fields of a status, up to the first one that is unknown or cut short."""
    found: dict[int, bytes] = {}
    at = 0
    while at < len(data):
        name = data[at]
        begin, size = at + 1, _FIXED.get(name, -1)
        if name in _COUNTED:
            begin, size = _read_length(data, begin, _COUNTED[name])
        elif name == 0x06:
            begin, size = _container(data, begin)
        if size < 0 or begin + size > len(data):
            break
        found[name] = data[begin : begin + size]
        at = begin + size
    return found


def _read_length(data: bytes, at: int, places: int) -> tuple[int, int]:
    count = data[at : at + places]
    if len(count) < places or any(byte >> 4 != 0xF or byte & 0xF > 9 for byte in count):
        return at, -1
    return at + places, int("".join(str(byte & 0xF) for byte in count))


def _container(data: bytes, at: int) -> tuple[int, int]:
    """A length by the rules of BER."""
    if at >= len(data):
        return at, -1
    first = data[at]
    if first < 0x80:
        return at + 1, first
    more = first & 0x7F
    return (at + 1 + more, int.from_bytes(data[at + 1 : at + 1 + more], "big")) if more in (1, 2) else (at, -1)

"""In-store codes: EAN-13 that begin with 2 (or 02, 04) and mean what this store says, such as an item with its weight.

A rule is thirteen places, one sign each: a digit stands for itself, `[01]` for one of several, `I` is the item number,
`W` the weight, `P` the price, `N` the number of pieces, `V` the GS1 check digit over the weight or price, `X` anything,
and `C` the check digit of the whole at the end. `20IIIIIWWWWWC` with `decimals = 3` is five digits of kilograms.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from gs1.trade import Trade, check_digit

_PLACE: Final = re.compile(r"\[[0-9]+\]|[0-9IWPNVXC]")
_WEIGHTS: Final = {4: ("2-", "2-", "3", "5-"), 5: ("5+", "2-", "5-", "5+", "2-")}
"""GS1 General Specifications 7.9.2 to 7.9.4: the weighting of each place, for values of four and of five digits."""


class BadRule(ValueError):
    """The pattern of a rule is none."""


class InStoreRule(msgspec.Struct, frozen=True):
    """How this store reads its own codes."""

    pattern: str
    decimals: int = 0
    """Of a weight in kilograms or a price in the currency's main unit."""
    name: str = ""
    minor: int = 2
    """Decimals of the store's currency: a price is told in its smallest unit."""

    @property
    def places(self) -> tuple[str, ...]:
        """The signs, one a place."""
        return tuple(_PLACE.findall(self.pattern))

    def check(self) -> None:
        """Raises `BadRule` where the pattern is none."""
        places = self.places
        if "".join(places) != self.pattern or len(places) != 13:
            raise BadRule(f"{self.pattern!r}: expected 13 places of 0-9 [..] I W P N V X C, found {len(places)}")
        if places[-1] != "C" or "C" in places[:-1] or "I" not in places:
            raise BadRule(f"{self.pattern!r}: expected an item number I, and C once, at the end")
        if sum(sign in places for sign in "WPN") > 1 or places.count("V") > 1:
            raise BadRule(f"{self.pattern!r}: expected one of weight, price and pieces, and V at most once")
        if "V" in places and max(places.count("W"), places.count("P")) not in _WEIGHTS:
            raise BadRule(f"{self.pattern!r}: a check digit V goes with a weight or price of four or five digits")

    def read(self, digits: str) -> Trade | None:
        """The item, its weight, price or count; none where the rule does not fit. `digits`: 13, check digit right.

        Zeros say nothing: they are of a label that was never weighed, or whose price has more digits.
        """
        places = self.places
        if not all(_fits(sign, digit) for sign, digit in zip(places, digits, strict=True)):
            return None
        parts = {sign: _part(places, digits, sign) for sign in "IWPNV"}
        if parts["V"] and value_check_digit(parts["W"] or parts["P"]) != int(parts["V"]):
            return None
        bare = "".join("0" if sign in "WPNVX" else digit for sign, digit in zip(places, digits, strict=True))[:-1]
        return Trade(
            gtin=f"0{bare}{check_digit(bare)}",
            form="in_store",
            item=parts["I"],
            weight_g=_scaled(parts["W"], 3 - self.decimals) or None,
            price=_scaled(parts["P"], self.minor - self.decimals) or None,
            count=int(parts["N"] or 0) or None,
        )


def value_check_digit(value: str) -> int:
    """The GS1 check digit over a weight or price of four or five digits."""
    total = sum(_weighted(int(digit), how) for digit, how in zip(value, _WEIGHTS[len(value)], strict=True))
    if len(value) == 4:
        return total * 3 % 10
    # Five digits: the digit whose own "5-" product completes the sum to the next ten.
    rest = -total % 10
    return next(digit for digit in range(10) if _weighted(digit, "5-") == rest)


def _weighted(digit: int, how: str) -> int:
    match how:
        case "2-":
            product = 2 * digit
            return (product - product // 10) % 10
        case "5-":
            product = 5 * digit
            return (product - product // 10) % 10
        case "5+":
            product = 5 * digit
            return (product + product // 10) % 10
        case _:
            return 3 * digit % 10


def _fits(sign: str, digit: str) -> bool:
    return sign in "IWPNVXC" or digit in sign


def _part(places: tuple[str, ...], digits: str, sign: str) -> str:
    return "".join(digit for place, digit in zip(places, digits, strict=True) if place == sign)


def _scaled(digits: str, power: int) -> int:
    number = int(digits or 0)
    return int(number * 10**power) if power >= 0 else round(number / 10**-power)

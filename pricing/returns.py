"""What units of a paid line give back: in any order and any portions the sum is what was paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from pricing.quote import Quote


def share(paid: int, units: int, returned: int, more: int = 1) -> int:
    """What `more` units give back after `returned` of `units` came back before.

    The same formula shares out money, burned points and what a merged line owes to each scanned one.
    """
    if not 0 <= returned <= returned + more <= units:
        raise ValueError(f"expected at most {units - returned} of {units} units; found {more}")
    return paid * (returned + more) // units - paid * returned // units


def earned_back(paid: int, back: int, every: int) -> int:
    """Points earned on `paid` that go when `back` of it is given back: what stays paid keeps what it earns."""
    return paid // every - (paid - back) // every if every > 0 else 0


def comes_back(quote: Quote, coupon: str, returned_units: Mapping[str, int]) -> bool:
    """Whether a coupon is given back: only when every line that it touched has come back whole."""
    touched = [line for line in quote.lines if any(each.coupon == coupon for each in line.discounts)]
    return bool(touched) and all(returned_units.get(line.id, 0) >= line.quantity for line in touched)


class Returned(msgspec.Struct, frozen=True):
    """What one return gives back."""

    line: str
    units: int
    money: int
    points: int
    """Points that were used come back."""
    earned: int
    """Points that were earned go."""
    coupons: tuple[str, ...] = ()
    """Coupons that come back with it, where they have not ended."""


def returned(quote: Quote, returns: Sequence[tuple[str, int]], every: int) -> tuple[Returned, ...]:
    """What each of some returns gives back, one after the other: a line and how many units of it."""
    lines = {line.id: line for line in quote.lines}
    before = dict.fromkeys(lines, 0)
    given: set[str] = set()
    left = sum(line.pay for line in quote.lines if not line.no_offers)
    found = []
    for name, units in returns:
        line = lines[name]
        money = share(line.pay, line.quantity, before[name], units)
        points = share(line.points, line.quantity, before[name], units)
        before[name] += units
        earning = 0 if line.no_offers else money
        earned = earned_back(left, earning, every) if quote.points.will_earn else 0
        left -= earning
        coupons = [each.coupon for each in quote.used if each.coupon and each.coupon not in given]
        back = tuple(each for each in coupons if comes_back(quote, each, before))
        given.update(back)
        found.append(Returned(name, units, money, points, earned, back))
    return tuple(found)

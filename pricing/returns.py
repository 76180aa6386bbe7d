"""What units of a paid line give back: in any order and any portions the sum is what was paid."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from pricing.quote import Quote

Due = Callable[[Mapping[str, int]], int]
"""What so many units of each line cost alone, beside the points that had been used on them."""


def share(paid: int, units: int, returned: int, more: int = 1) -> int:
    """What `more` units give back after `returned` of `units` came back before.

    The same formula shares out money, burned points and what a merged line owes to each scanned one.
    """
    if not 0 <= returned <= returned + more <= units:
        raise ValueError(f"expected at most {units - returned} of {units} units; found {more}")
    return paid * (returned + more) // units - paid * returned // units


def earned_with(earned: int, paid: int, stays: int, every: int) -> int:
    """The points of what stays paid: a point for so much, and what was given on top of it in proportion."""
    if stays <= 0 or paid <= 0:
        return 0
    plain = min(earned, paid // every if every > 0 else 0)
    kept = min(plain, stays // every if every > 0 else 0)
    return kept + (earned - plain) * stays // paid


def comes_back(quote: Quote, coupon: str, returned_units: Mapping[str, int]) -> bool:
    """Whether a coupon is given back: only when every line that it touched has come back whole; of one that touched
    none, as it gave points, when all have.
    """
    touched = [line for line in quote.lines if any(each.coupon == coupon for each in line.discounts)] or quote.lines
    return all(returned_units.get(line.id, 0) >= line.quantity for line in touched)


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


def returned(
    quote: Quote, returns: Sequence[tuple[str, int]], every: int, due: Due | None = None
) -> tuple[Returned, ...]:
    """What each of some returns gives back, one after the other: a line and how many units of it. With `due` what stays
    is priced anew: what was paid less that comes back, and never less than nothing.
    """
    lines = {line.id: line for line in quote.lines}
    before = dict.fromkeys(lines, 0)
    given: set[str] = set()
    out = [line for line in quote.lines if line.no_offers]
    paid = sum(line.pay for line in quote.lines if not line.no_offers)
    kept = quote.total
    points_left = quote.points.will_earn
    usual = quote.points.will_earn - sum(line.bonus for line in quote.lines)
    found = []
    for name, units in returns:
        line = lines[name]
        money = share(line.pay, line.quantity, before[name], units)
        points = share(line.points, line.quantity, before[name], units)
        before[name] += units
        if due is not None:
            money = max(0, kept - due({each: line.quantity - before[each] for each, line in lines.items()}))
        kept -= money
        # Goods out of points take along all that they cost, also where less comes back as others owe for what stays.
        apart = sum(share(each.pay, each.quantity, before[each.id], each.quantity - before[each.id]) for each in out)
        bonus = sum(line.bonus - share(line.bonus, line.quantity, 0, before[line.id]) for line in quote.lines)
        earned = max(0, points_left - earned_with(usual, paid, kept - apart, every) - bonus)
        points_left -= earned
        coupons = [each.coupon for each in quote.used if each.coupon and each.coupon not in given]
        back = tuple(each for each in coupons if comes_back(quote, each, before))
        given.update(back)
        found.append(Returned(name, units, money, points, earned, back))
    return tuple(found)

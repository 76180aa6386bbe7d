"""An offer that could take part in a basket, and what it gives on what is left of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

import msgspec

from pricing.allocation import allocate, half_up
from pricing.campaigns import Bundle, Campaign, Gift, Nth, Off, Percent, Price, Selector
from pricing.positions import Lot, Places, Position, Shelves

NO_BOUND: Final = 1 << 60

Take = tuple[int, int, int]
"""Position, units that take part, money off them."""


class Offer(msgspec.Struct, eq=False):
    """A campaign, or one coupon of it, with what it says about this basket."""

    campaign: Campaign
    coupon: str = ""
    ends: int = NO_BOUND
    places: Places = ()
    """Positions: of an item offer the dearest first."""
    offs: tuple[int, ...] = ()
    """What it takes off a unit of each."""
    parts: tuple[tuple[Places, int], ...] = ()
    """Of a bundle: each part's positions, the dearest first, and how many units of them."""
    times: int = NO_BOUND
    """How often it may give its benefit."""
    cap: int = NO_BOUND
    """Most money that it may give."""
    amount: int = 0
    """Of a basket's `off`: what it gives where enough is left."""
    bp: int = 0
    """Of a basket's `percent`: the share that it gives."""
    whole: Sequence[Take] = ()
    """Of an item offer: what it takes off the whole basket where no other takes part."""
    alone: int = 0
    """What it gives on the whole basket where no other takes part."""
    pinned: bool = False
    sure: bool = False
    """Whether no best set leaves it out that has none of those that exclude it."""
    conflicts: int = 0
    """Those that it does not go with, a bit each by their place in the order."""
    touched: frozenset[int] = frozenset()
    """Positions that it looks at."""

    of_items: bool = False

    def __post_init__(self) -> None:
        self.of_items = self.campaign.of_items

    @property
    def order(self) -> tuple[bool, int, bool, str, str, str]:
        """Offers are reckoned in this order, never by value: those without a group after the groups."""
        each = self.campaign
        return (not self.of_items, -each.priority, not each.group, each.group, each.id, self.coupon)

    @property
    def name(self) -> str:
        return self.coupon or self.campaign.id

    @property
    def tie(self) -> tuple[int, int, str]:
        """Of two that save the same the smaller one is taken: no coupon, one that ends sooner, then by id."""
        return (1 if self.coupon else 0, self.ends if self.coupon else 0, self.name)


def most(offer: Offer) -> int:
    """What it gives at most, whatever others take. Pairs of the cheapest may be dearer where others took those, and a
    bundle's parts others.
    """
    benefit = offer.campaign.benefit
    more = isinstance(benefit, Bundle) or _cheapest_together(benefit)
    return offer.cap if more else offer.alone


def on_shelves(offer: Offer, shelves: Shelves) -> Offer:
    """Returns the offer with the positions that it looks at, what it takes off each, and what it gives by itself."""
    if offer.of_items:
        _on_units(offer, shelves)
        offer.whole = takes(offer, shelves.units, shelves.counts)
        bounded = _cheapest_together(offer.campaign.benefit)
        offer.alone = worth(offer, shelves.units, shelves.counts, ()) if bounded else _money(offer.whole)
        return offer
    each, benefit = offer.campaign, offer.campaign.benefit
    lot = shelves.of(each.when.goods)
    offer.touched, offer.places = lot.touched, lot.places
    if isinstance(benefit, Percent):
        offer.bp = benefit.bp
    elif isinstance(benefit, Off):
        offer.amount = benefit.amount * (_times(benefit, counted(each, shelves).spend) if benefit.per else 1)
    offer.alone = of_basket(offer, lot.spend)
    return offer


def _on_units(offer: Offer, shelves: Shelves) -> None:
    each, benefit = offer.campaign, offer.campaign.benefit
    if isinstance(benefit, Bundle):
        offer.parts = bundle_parts(each, benefit, shelves)
        offer.touched = frozenset(at for places, _ in offer.parts for at in places)
        return
    lot = shelves.of(benefit.goods if isinstance(benefit, Gift) else each.when.goods)
    if isinstance(benefit, Gift):
        offer.times = min(offer.times, to_give(each.when.goods, benefit.goods, shelves))
    offer.touched = lot.touched
    offer.places = lot.dearest[::-1] if _cheapest_together(benefit) else lot.dearest
    offer.offs = tuple([_off(benefit, shelves.positions[at]) for at in offer.places])


def _cheapest_together(benefit: object) -> bool:
    return isinstance(benefit, Nth) and benefit.pairing == "cheap"


def counted(campaign: Campaign, shelves: Shelves) -> Lot:
    """Positions whose amounts and pieces count for its thresholds: of a gift for anything, the gift itself does not."""
    lot, benefit = shelves.of(campaign.scope), campaign.benefit
    if isinstance(benefit, Gift) and campaign.scope.everything:
        given = shelves.of(benefit.goods).touched
        return shelves.lot(tuple(at for at in lot.places if at not in given))
    return lot


def to_give(bought: Selector, given: Selector, shelves: Shelves) -> int:
    """How many units of a gift may be given at most: where it is one of the goods that it is given for, one of those
    must be bought.
    """
    lot = shelves.of(bought)
    return max(0, lot.pieces - 1) if lot.touched <= shelves.of(given).touched else NO_BOUND


def _times(benefit: Off, spend: int) -> int:
    times = spend // benefit.per
    return min(times, benefit.times) if benefit.times else times


def bundle_parts(campaign: Campaign, benefit: Bundle, shelves: Shelves) -> tuple[tuple[Places, int], ...]:
    """Each part's positions, the dearest first, and how many units of them: a good belongs to the part that names it as
    a product, else to the first that means it.
    """
    open_ = set(shelves.of(campaign.when.goods).places)
    named = []
    for part in benefit.parts:
        own = open_.intersection(at for gtin in part.goods.products for at in shelves.products.get(gtin, ()))
        open_ -= own
        named.append(own)
    parts = []
    for part, own in zip(benefit.parts, named, strict=True):
        places = tuple(at for at in shelves.of(part.goods).dearest if at in own or at in open_)
        open_.difference_update(places)
        parts.append((places, part.count))
    return tuple(parts)


def _off(benefit: object, position: Position) -> int:
    unit = position.unit
    match benefit:
        case Off(amount=amount):
            return min(amount, unit)
        case Percent(bp=bp) | Nth(bp=bp):
            return half_up(unit * bp, 10_000)
        case Price(amount=amount):
            return max(0, unit - _unit_price(amount, position))
        case _:
            return unit


def _unit_price(amount: int, position: Position) -> int:
    """What a unit costs at that price: of weighed goods it is a kilogram's, as their own price is."""
    goods, grams = position.goods, position.lines[0].grams
    if grams is not None:
        return half_up(amount * grams, 1000)
    # Of a bag with nothing but a price on its label that price tells the weight.
    return half_up(amount * position.unit, goods.shelf) if goods.per_kg and goods.shelf else amount


def worth(offer: Offer, units: Sequence[int], free: Sequence[int], left: Sequence[int]) -> int:
    """What it gives on the free units, or on what is left to pay: never more, the less there is."""
    if not offer.of_items:
        return of_basket(offer, sum([left[at] for at in offer.places]))
    benefit = offer.campaign.benefit
    if isinstance(benefit, Nth) and benefit.pairing == "cheap":
        return _cheap_bound(offer, benefit, free)
    return _money(takes(offer, units, free))


def of_basket(offer: Offer, base: int) -> int:
    """What a basket offer gives on what is left of its goods."""
    off = min(half_up(base * offer.bp, 10_000) if offer.bp else offer.amount, offer.cap, base)
    return 0 if offer.coupon and wasteful(offer, off) else off


def wasteful(offer: Offer, off: int) -> bool:
    """Whether more than half of a coupon would be lost: it is proposed then, and taken where the shopper says so."""
    return bool(offer.coupon) and not offer.pinned and 2 * off < min(offer.amount, offer.cap)


def wasted(offer: Offer, off: int) -> int:
    """What a basket's `off` could have given on a larger basket."""
    if offer.of_items or not isinstance(offer.campaign.benefit, Off):
        return 0
    return max(0, min(offer.amount, offer.cap) - off)


def takes(offer: Offer, units: Sequence[int], free: Sequence[int]) -> list[Take]:
    """What an item offer takes off which units, each position once: money off is more than 0 in all, or it takes
    nothing.
    """
    benefit = offer.campaign.benefit
    if isinstance(benefit, Nth):
        found = _nth(offer, benefit, free)
    elif isinstance(benefit, Bundle):
        found = _bundles(offer, benefit, units, free)
    else:
        found = _each(offer, free)
    return found if _money(found) else []


def uses(offer: Offer, taken: Sequence[Take]) -> int:
    """How often it counts for limits and budget."""
    if offer.coupon or not offer.of_items:
        return 1
    count = sum(units for _, units, _ in taken)
    match offer.campaign.benefit:
        case Nth(n=n):
            return count // n
        case Bundle(parts=parts):
            return count // sum(part.count for part in parts)
        case _:
            return count


def _each(offer: Offer, free: Sequence[int]) -> list[Take]:
    found, room, cap = [], offer.times, offer.cap
    for at, off in zip(offer.places, offer.offs, strict=True):
        count = min(free[at], room)
        if not count or not off:
            continue
        money = min(count * off, cap)
        count = min(count, -(-money // off))
        if not count:
            break
        found.append((at, count, money))
        room, cap = room - count, cap - money
    return found


def _nth(offer: Offer, benefit: Nth, free: Sequence[int]) -> list[Take]:
    groups = min(sum(free[at] for at in offer.places) // benefit.n, offer.times)
    if offer.cap == NO_BOUND:
        return _groups(offer, benefit, free, groups)
    # Groups for which nothing is left leave their units to other offers.
    groups = bisect_left(range(groups), offer.cap, key=lambda some: _money(_groups(offer, benefit, free, some)))
    found, cap = [], offer.cap
    for at, count, off in _groups(offer, benefit, free, groups):
        found.append((at, count, min(off, cap)))
        cap -= min(off, cap)
    return found


def _groups(offer: Offer, benefit: Nth, free: Sequence[int], groups: int) -> list[Take]:
    """What so many groups take, whatever the budget."""
    found, passed = [], 0
    for at, off in zip(offer.places, offer.offs, strict=True):
        count = min(free[at], groups * benefit.n - passed)
        if count > 0:
            cheaper = _cheaper(benefit, passed + count) - _cheaper(benefit, passed)
            found.append((at, count, cheaper * off))
            passed += count
    return found


def _money(found: Sequence[Take]) -> int:
    return sum([money for _, _, money in found])


def _cheaper(benefit: Nth, units: int) -> int:
    """How many of the first so many units are cheaper: the last of each group; cheapest first, the first of it."""
    groups, rest = divmod(units, benefit.n)
    begun = min(rest, benefit.count) if benefit.pairing == "cheap" else max(0, rest - (benefit.n - benefit.count))
    return groups * benefit.count + begun


def _cheap_bound(offer: Offer, benefit: Nth, free: Sequence[int]) -> int:
    """Of the cheapest together it is the dearest that bound it: without a cheap unit the others may give more."""
    room = min(sum(free[at] for at in offer.places) // benefit.n, offer.times) * benefit.count
    most = 0
    for at, off in zip(reversed(offer.places), reversed(offer.offs), strict=True):
        count = min(free[at], room)
        most, room = most + count * off, room - count
    return min(most, offer.cap)


def _bundles(offer: Offer, benefit: Bundle, units: Sequence[int], free: Sequence[int]) -> list[Take]:
    sold = min((sum(free[at] for at in places) // count for places, count in offer.parts), default=0)
    room, cap, left = min(sold, offer.times), offer.cap, list(free)
    found: dict[int, Take] = {}
    while room:
        inside, alike = _next_bundle(offer, left)
        weights = [units[at] * count for at, count in inside]
        gain = sum(weights) - benefit.price
        money = min(gain, cap)
        if money <= 0:
            break
        alike = min(alike, room, max(1, cap // gain))
        for (at, count), share in zip(inside, allocate(money, weights), strict=True):
            _, units_before, money_before = found.get(at, (at, 0, 0))
            found[at] = (at, units_before + count * alike, money_before + share * alike)
            left[at] -= count * alike
        room, cap = room - alike, cap - money * alike
    return list(found.values())


def _next_bundle(offer: Offer, left: Sequence[int]) -> tuple[list[tuple[int, int]], int]:
    """Positions and units of the dearest bundle that is left, and how many like it follow each other."""
    inside, alike = [], NO_BOUND
    for places, count in offer.parts:
        wanted = count
        for at in places:
            units = min(left[at], wanted)
            if units:
                inside.append((at, units))
                alike, wanted = min(alike, left[at] // units), wanted - units
    return sorted(inside), alike

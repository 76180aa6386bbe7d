"""What a coupon gives beyond the shelf price: the one function that prices baskets says so, with it and without it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from edge.domain.coupons.rules import Worth
from edge.products.goods import goods as goods_of
from edge.products.product import Product
from edge.products.version import Version
from pricing.basket import Basket, Goods, Line, Member, Place, Terms, WalletCoupon
from pricing.campaigns import Bundle, Campaign, Condition, Gift, Limits, Nth, Off, Percent, Selector
from pricing.positions import matches
from pricing.price import price
from pricing.rulebook import Rulebook

TRIED: Final = 5
"""Products of a coupon that are tried; it is worth something where it is for one of them."""
MANY: Final = 60
"""Products that are looked at for a brand, or for all goods."""
MAX_PIECES: Final = 99
"""Pieces of one product in the basket that it is tried on."""
_BUYER: Final = Member(id="anybody")


def worth(campaign: Campaign, version: Version, automatic: Sequence[Campaign], place: Place, now_ms: int) -> Worth:
    """Returns the best that a coupon gives to a basket of its own goods; `saves` is 0 where the shelf price, with what
    applies by itself, is as low already. Who, when and where it holds for is left aside.
    """
    free = _freed(campaign)
    rulebook = Rulebook((*automatic, free))
    found = (_tried(free, product, version, rulebook, place, now_ms) for product in _products(free, version))
    best = max(filter(None, found), key=lambda each: each.saves, default=Worth(0))
    if not _is_one(campaign.when.goods):
        best = Worth(best.saves)
    best = msgspec.structs.replace(best, exact=_is_exact(campaign))
    if best.price is None and isinstance(campaign.benefit, Percent):
        return msgspec.structs.replace(best, percent=campaign.benefit.bp / 100)
    if best.price is None and best.saves and isinstance(campaign.benefit, Off):
        amount = campaign.benefit.amount
        # Off the shelf price of a basket it takes that, also in the place of something that applies by itself.
        if not campaign.of_items or best.saves == amount:
            return msgspec.structs.replace(best, saves=amount, exact=True)
    return best


def _is_exact(campaign: Campaign) -> bool:
    """Whether it saves the same, whatever it is used for."""
    benefit = campaign.benefit
    if isinstance(benefit, Bundle):
        return all(_is_one(part.goods) for part in benefit.parts)
    return _is_one(benefit.goods if isinstance(benefit, Gift) else campaign.when.goods)


def _is_one(goods: Selector) -> bool:
    return len(goods.products) == 1 and not goods.categories and not goods.brands


def _freed(campaign: Campaign) -> Campaign:
    """The campaign for anybody, anywhere, at any time."""
    when = campaign.when
    kept = Condition(goods=when.goods, spend_of=when.spend_of, min_spend=when.min_spend, min_qty=when.min_qty)
    return msgspec.structs.replace(campaign, when=kept, limits=Limits(), claim=True)


def _products(campaign: Campaign, version: Version) -> list[Product]:
    """A few of its products, the dearest first."""
    found = list(_matching(_main(campaign), version))
    return sorted(found, key=lambda each: -(each.price or 0))[:TRIED]


def _main(campaign: Campaign) -> Selector:
    if isinstance(campaign.benefit, Bundle):
        return campaign.benefit.parts[0].goods
    return campaign.when.goods


def _matching(selector: Selector, version: Version) -> Iterable[Product]:
    if selector.everything:
        yield from (each for each in version.sample(MANY) if not each.no_offers)
        return
    yield from filter(None, map(version.find, selector.products))
    for category in selector.categories:
        yield from version.in_category(category)
    if selector.brands:
        wanted = set(selector.brands)
        found = (each for brand in selector.brands for each in version.search(brand, MANY))
        yield from (each for each in found if wanted & set(each.brand.values()))


def _tried(
    campaign: Campaign,
    product: Product,
    version: Version,
    rulebook: Rulebook,
    place: Place,
    now_ms: int,
) -> Worth | None:
    main = goods_of(product, now_ms)
    if main is None or main.shelf <= 0:
        return None
    catalogue = {main.gtin: main}
    lines = [_line(main, _pieces(campaign, main))]
    lines += _others(campaign, version, now_ms, catalogue)
    basket = Basket(id="worth", lines=tuple(lines))
    coupon = WalletCoupon("worth", campaign.id)
    without = _total(basket, catalogue, rulebook, place, now_ms)
    having = min(
        # As it comes; and chosen by the shopper, as it is where most of it would be wasted.
        _total(basket, catalogue, rulebook, place, now_ms, wallet=[coupon], pins=pins)
        for pins in ((), (coupon.coupon,))
    )
    alone = len(lines) == 1 and lines[0].quantity == 1
    return Worth(
        saves=without - having,
        price=having if alone else None,
        was=main.shelf if alone else None,
        product=product.gtin,
        shelves=product.shelves,
    )


def _total(
    basket: Basket,
    catalogue: Mapping[str, Goods],
    rulebook: Rulebook,
    place: Place,
    now_ms: int,
    *,
    wallet: Sequence[WalletCoupon] = (),
    pins: Sequence[str] = (),
) -> int:
    quote = price(
        basket,
        catalogue=catalogue,
        campaigns=rulebook,
        wallet=wallet,
        pins=pins,
        member=_BUYER,
        place=place,
        now_ms=now_ms,
        terms=Terms(),
    )
    return quote.total


def _pieces(campaign: Campaign, main: Goods) -> int:
    """So many of it that the coupon holds."""
    benefit, when = campaign.benefit, campaign.when
    least = max(1, when.min_qty if when.spend_of is None else 1)
    if isinstance(benefit, Nth):
        least = max(least, benefit.n)
    if isinstance(benefit, Bundle):
        least = max(least, benefit.parts[0].count)
    if isinstance(benefit, Gift) and matches(benefit.goods, main):
        least = max(least, 1 + benefit.count)
    spend = when.min_spend if when.spend_of is None else 0
    if isinstance(benefit, Off) and when.spend_of is None:
        spend = max(spend, benefit.per)
    return min(MAX_PIECES, max(least, -(-spend // main.shelf)))


def _others(campaign: Campaign, version: Version, now_ms: int, catalogue: dict[str, Goods]) -> list[Line]:
    """What else must lie in the basket: other parts, the gift, what counts towards a threshold."""
    benefit, when = campaign.benefit, campaign.when
    wanted: list[tuple[Selector, int]] = []
    if isinstance(benefit, Bundle):
        wanted += [(part.goods, part.count) for part in benefit.parts[1:]]
    if isinstance(benefit, Gift):
        wanted.append((benefit.goods, benefit.count))
    lines = [_line_of(selector, count, 0, version, now_ms, catalogue) for selector, count in wanted]
    if when.spend_of is not None:
        lines.append(_line_of(when.spend_of, when.min_qty, when.min_spend, version, now_ms, catalogue))
    return [line for line in lines if line is not None]


def _line_of(
    selector: Selector, count: int, spend: int, version: Version, now_ms: int, catalogue: dict[str, Goods]
) -> Line | None:
    for product in _matching(selector, version):
        found = goods_of(product, now_ms)
        if found is not None and found.shelf > 0 and found.gtin not in catalogue:
            catalogue[found.gtin] = found
            return _line(found, min(MAX_PIECES, max(1, count, -(-spend // found.shelf))))
    return None


def _line(goods: Goods, count: int) -> Line:
    """So many pieces; of what is sold by weight so many bags of a kilogram."""
    return Line(id=goods.gtin, gtin=goods.gtin, quantity=count, grams=1000 if goods.per_kg else None)

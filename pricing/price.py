"""The price of a basket: one pure function, without clock, tables and randomness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from pricing import shelf
from pricing.allocation import half_up
from pricing.basket import Basket, Counters, Goods, Line, Member, Place, Terms, Versions, WalletCoupon
from pricing.campaigns import Campaign
from pricing.quote import NotUsed, PointsPart, Quote, QuoteLine, TaxPart, sealed

_PLACE: Final = Place()
_TERMS: Final = Terms()
_VERSIONS: Final = Versions()


def price(
    basket: Basket,
    *,
    catalogue: Mapping[str, Goods],
    campaigns: Iterable[Campaign],
    now_ms: int,
    wallet: Sequence[WalletCoupon] = (),
    member: Member | None = None,
    place: Place = _PLACE,
    pins: Sequence[str] = (),
    without: Sequence[str] = (),
    burn: Literal["most"] | int = 0,
    counters: Mapping[str, Counters] | None = None,
    terms: Terms = _TERMS,
    versions: Versions = _VERSIONS,
) -> Quote:
    """Returns what the basket costs. `pins` and `without` are the shopper's own choices: campaigns or coupons that
    shall take part, or shall not; `burn` is how many points to use. `counters` says how often each
    campaign was used before.

    Raises `shelf.NoPrice` for a line that the catalogue has no price of.
    """
    del wallet, pins, without, burn, counters
    lines = tuple(_line(line, catalogue) for line in basket.lines)
    total = sum(line.pay for line in lines)
    return sealed(
        Quote(
            basket=basket.id,
            revision=basket.revision,
            currency=terms.currency,
            as_of_ms=now_ms,
            until_ms=now_ms + terms.quote_ms,
            timezone=place.timezone,
            lines=lines,
            total=total,
            shelf=total,
            discount=0,
            not_used=tuple(NotUsed(campaign=each.id, code="no_effect", words=each.words) for each in campaigns),
            points=PointsPart(
                balance=member.points if member else 0,
                will_earn=total // terms.earn_every if member and terms.earn_every else 0,
            ),
            taxes=_taxes(lines),
            catalogue=versions.catalogue,
            campaigns=versions.campaigns,
        )
    )


def _line(line: Line, catalogue: Mapping[str, Goods]) -> QuoteLine:
    goods = catalogue.get(line.gtin)
    if goods is None:
        raise shelf.NoPrice(f"line {line.id}: expected a product of the catalogue; found {line.gtin}")
    cost = shelf.amount(line, goods)
    return QuoteLine(
        id=line.id,
        gtin=line.gtin,
        quantity=line.quantity,
        shelf=cost,
        pay=cost,
        grams=line.grams,
        unit=goods.shelf,
        tax_bp=goods.tax_bp,
        names=goods.names,
    )


def _taxes(lines: Sequence[QuoteLine]) -> tuple[TaxPart, ...]:
    paid: dict[int, int] = {}
    for line in lines:
        paid[line.tax_bp] = paid.get(line.tax_bp, 0) + line.pay
    return tuple(
        TaxPart(bp=bp, paid=sum_, tax=half_up(sum_ * bp, 10_000 + bp)) for bp, sum_ in sorted(paid.items()) if bp
    )

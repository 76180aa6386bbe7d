"""Why a price is what it is: of one campaign, coupon or line of a quote, what was decided, by which rule, from what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from pricing.basket import Basket, Goods
from pricing.campaigns import Budget, Campaign
from pricing.candidates import promotions
from pricing.offers import counted
from pricing.positions import Shelves, positions
from pricing.quote import Discount, NotUsed, Quote, QuoteLine, Used

Kind = Literal["campaign", "line", "total"]


class Spent(msgspec.Struct, frozen=True):
    """What a campaign found in the basket."""

    goods: tuple[str, ...]
    """Products that it is on."""
    spend: int
    """What counts for its thresholds, at shelf prices."""
    pieces: int


class Because(msgspec.Struct, frozen=True, omit_defaults=True):
    """One answer, with everything that it was made of."""

    kind: Kind
    name: str
    quote: str
    """The quote's hash: the same inputs give it again."""
    as_of_ms: int
    timezone: str
    catalogue: str
    campaigns: str
    """Versions of what was in force."""
    used: tuple[Used, ...] = ()
    not_used: tuple[NotUsed, ...] = ()
    rule: Campaign | None = None
    """The campaign as it was; what it may cost in all is the store's own."""
    found: Spent | None = None
    line: QuoteLine | None = None
    shelf: int | None = None
    discounts: tuple[Discount, ...] = ()
    burned: int = 0
    total: int | None = None
    exact: bool = True
    bound: int = 0


def because(
    quote: Quote, name: str, *, basket: Basket, catalogue: Mapping[str, Goods], campaigns: Sequence[Campaign]
) -> Because | None:
    """Returns why, of `total`, a line, a campaign or a coupon; None where the quote has nothing of that name."""
    if name == "total":
        return _total(quote)
    line = next((each for each in quote.lines if each.id == name), None)
    if line is not None:
        off = {"discounts": line.discounts, "burned": line.burned}
        return _about(quote, "line", name, line=line, shelf=line.shelf, total=line.pay, **off)
    used = tuple(each for each in quote.used if name in (each.campaign, each.coupon))
    not_used = tuple(each for each in quote.not_used if name in (each.campaign, each.coupon))
    if not (used or not_used):
        return None
    shelves = Shelves(positions(basket, catalogue))
    wanted = used[0].campaign if used else not_used[0].campaign
    rule = next((each for each in (*campaigns, *promotions(shelves)) if each.id == wanted), None)
    found = None if rule is None else _spent(rule, shelves)
    public = None if rule is None else msgspec.structs.replace(rule, budget=Budget(), funded_by="")
    return _about(quote, "campaign", name, used=used, not_used=not_used, rule=public, found=found)


def _spent(rule: Campaign, shelves: Shelves) -> Spent:
    lot = counted(rule, shelves)
    goods = tuple(shelves.positions[at].goods.gtin for at in shelves.of(rule.when.goods).places)
    return Spent(goods, lot.spend, lot.pieces)


def _total(quote: Quote) -> Because:
    return _about(
        quote, "total", "total", used=quote.used, not_used=quote.not_used, shelf=quote.shelf, burned=quote.points.worth,
        total=quote.total, exact=quote.exact, bound=quote.bound,
    )  # fmt: skip


def _about(quote: Quote, kind: Kind, name: str, **rest: object) -> Because:
    return Because(
        kind=kind,
        name=name,
        quote=quote.hash,
        as_of_ms=quote.as_of_ms,
        timezone=quote.timezone,
        catalogue=quote.catalogue,
        campaigns=quote.campaigns,
        **rest,  # type: ignore[arg-type]
    )

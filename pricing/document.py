"""The one document of `storekeeper offers price FILE`: everything that a price depends on, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec.structs import replace

from pricing.basket import Basket, Counters, Goods, Member, Place, Terms, Versions, WalletCoupon
from pricing.campaigns import Campaign
from pricing.price import price
from pricing.quote import Quote
from pricing.returns import Returned, returned, share
from pricing.rulebook import Rulebook
from pricing.search import Stop

ID = "https://storekeeper.example/schemas/offers-document.json"

RETURNS: Final = 50
"""So many times `terms.nodes` partial sets all returns together look at that are priced anew."""
_LEAST: Final = 32
"""Partial sets that each looks at in any case: most baskets need fewer."""

BurnMost = Literal["most"]


class Return(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Units of a line that come back after they were paid, one after the other."""

    line: str
    units: Annotated[int, msgspec.Meta(ge=1)] = 1


class Document(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Money is in the smallest unit of the currency, rates in basis points, weights in grams."""

    products: tuple[Goods, ...]
    """What the store sells: every line names one of these by its `gtin`, which may be any name."""
    basket: Basket
    now: int
    """When it is priced: Unix ms, or a moment such as `2026-12-31T23:59:59+08:00`."""
    campaigns: tuple[Campaign, ...] = ()
    wallet: tuple[WalletCoupon, ...] = ()
    """The member's coupons; a campaign with `claim` takes part only once for each of these."""
    member: Member | None = None
    place: Place = Place()
    pins: tuple[str, ...] = ()
    """Campaigns or coupons that the shopper wants used."""
    without: tuple[str, ...] = ()
    """Campaigns or coupons that the shopper does not want used."""
    burn: BurnMost | int = 0
    """How many points to use."""
    counters: dict[str, Counters] = {}
    """How often each campaign was used before, by its id."""
    terms: Terms = Terms()
    versions: Versions = Versions()
    returns: tuple[Return, ...] = ()
    """What comes back afterwards: what each gives back is told."""


class Answer(msgspec.Struct, frozen=True):
    """The quote, and what each return gives back."""

    quote: Quote
    returns: tuple[Returned, ...] = ()
    returns_cut: bool = False
    """Whether returns were priced anew with fewer partial sets than `terms.nodes`, as all together had spent theirs."""


class _Together:
    """Ends the searches of all returns together; says whether it did."""

    def __init__(self, nodes: int) -> None:
        self._left = nodes
        self.ended = False

    def __call__(self, nodes: int) -> bool:
        self._left -= 1
        over = self._left < 0 and nodes > _LEAST
        self.ended = self.ended or over
        return over


def answer(document: Document) -> Answer:
    """Returns what the document's basket costs, and what its returns give back. Raises `positions.NoPrice`."""
    rulebook = Rulebook(document.campaigns)
    quote = _priced(document, rulebook)
    anew = {each.id for each in document.campaigns if each.on_return == "reprice"}
    together = _Together(RETURNS * document.terms.nodes)
    again = any(used.campaign in anew and used.amount for used in quote.used)
    due = partial(_due, document, rulebook, quote, together) if again else None
    back = returned(quote, [(each.line, each.units) for each in document.returns], document.terms.earn_every, due)
    return Answer(quote, back, together.ended)


def _priced(document: Document, rulebook: Rulebook, stop: Stop | None = None) -> Quote:
    return price(
        document.basket,
        catalogue={each.gtin: each for each in document.products},
        campaigns=rulebook,
        now_ms=document.now,
        wallet=document.wallet,
        member=document.member,
        place=document.place,
        pins=document.pins,
        without=document.without,
        burn=document.burn,
        counters=document.counters,
        terms=document.terms,
        versions=document.versions,
        stop=stop,
    )


def _due(document: Document, rulebook: Rulebook, quote: Quote, stop: Stop, left: Mapping[str, int]) -> int:
    """What stays costs alone, by the offers of the purchase: its coupons are used up, and count as far as they go, but
    for those that came back with all that they had made cheaper.
    """
    stay = [replace(line, quantity=left[line.id]) for line in document.basket.lines if left[line.id]]
    used = {each.coupon for line in quote.lines if left[line.id] for each in line.discounts if each.coupon}
    alone = replace(
        document,
        basket=replace(document.basket, lines=tuple(stay)),
        wallet=tuple(each for each in document.wallet if each.coupon in used),
        pins=(*document.pins, *sorted(used)),
        burn=0,
    )
    worth = sum(share(line.burned, line.quantity, 0, left[line.id]) for line in quote.lines)
    return max(0, _priced(alone, rulebook, stop).total - worth)


def printed(found: Answer) -> bytes:
    """As JSON: the quote's own fields, beside them `returns` where any were asked for, `returns_cut` where so."""
    fields: dict[str, Any] = msgspec.to_builtins(found.quote)
    fields = {"id": found.quote.id, **fields}
    if found.returns:
        fields["returns"] = msgspec.to_builtins(found.returns)
    if found.returns_cut:
        fields["returns_cut"] = True
    return msgspec.json.format(msgspec.json.encode(fields), indent=2)


def schema() -> dict[str, Any]:
    """The document's JSON Schema."""
    made = msgspec.json.schema(Document)
    kinds = made["$defs"]
    moment = {"type": "string", "description": "2026-12-31, the store's whole day; or 2026-12-31T22:00, in its zone"}
    kinds["Condition"]["properties"] |= {"from": moment, "until": moment}
    kinds["WalletCoupon"]["properties"] |= {"usable_from": moment, "until": moment}
    kinds["Document"]["properties"]["now"] = {"anyOf": [{"type": "integer"}, moment]}
    kinds["Line"]["required"] = [name for name in kinds["Line"]["required"] if name != "id"]
    kinds["Basket"].pop("required", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": ID, **made}

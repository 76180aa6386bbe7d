"""A basket as its owner sees it: each line with what it costs and why, what is missing to the next offer, the total."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from edge.domain.baskets import queries as basket_queries
from edge.domain.campaigns import queries as campaign_queries
from edge.domain.ledger.postings import fees_open
from edge.products import artwork, plain_words
from edge.web.views.collecting import collecting
from gs1.trade import shown as code_shown
from words.languages import Language, in_language
from words.money import format_money

if TYPE_CHECKING:
    from device_drivers.contract.answers.basket import CollectOptions
    from edge.domain.baskets.queries import BasketNow
    from edge.domain.baskets.rules import Away, BasketLine
    from edge.web.web import Web
    from pricing.quote import Hint, NotUsed, Quote, QuoteLine, Used


class LineDiscount(msgspec.Struct, frozen=True):
    """What one offer takes off a line."""

    campaign: str
    coupon: str
    name: str
    amount: int


class LineShown(msgspec.Struct, frozen=True):
    """A line."""

    line: str
    gtin: str
    name: str
    detail: str
    """Its size, or its weight."""
    href: str
    art: str
    tint: str
    initial: str
    picture: str
    quantity: int
    grams: int | None
    alone: bool
    """Whether it is one bag, whose pieces cannot be counted."""
    shelf: int | None
    """What it costs on the shelf; none where the store has no price for it now."""
    pay: int | None
    taken: list[LineDiscount]
    points: int
    """How many points pay for it."""
    was: int | None
    """What one of it cost when it was put in, where that is another price than now."""
    now: int | None
    """What one of it, or a kilogram, costs now."""
    age: int
    away: Away = ""
    """Where it is to be fetched from; empty where its owner has it in hand."""


class OfferShown(msgspec.Struct, frozen=True):
    """An offer or coupon, and what is to be said of it."""

    campaign: str
    coupon: str
    code: str
    name: str
    amount: int
    """What it gives, or what is missing."""
    count: int
    by: str = ""
    at_ms: int | None = None
    wanted: tuple[str, ...] = ()


class BasketShown(msgspec.Struct, frozen=True):
    """The whole of it."""

    basket: str
    revision: int
    state: str
    pieces: int
    lines: list[LineShown]
    total: int
    """What is to be paid, with `fees`."""
    fees: int
    """Late fees that the owner owes and pays along."""
    shelf: int
    saved: int
    payable: bool
    """Whether everything in it has a price."""
    used: list[OfferShown]
    not_used: list[OfferShown]
    nearly: list[OfferShown]
    gifts: list[OfferShown]
    proposed: list[OfferShown]
    wasted: list[OfferShown]
    points_balance: int
    points_may: int
    points_used: int
    points_worth: int
    points_earned: int
    points_chosen: bool
    age: int
    age_state: str
    """`none`, `needed`, `asked`, `seen` or `refused`."""
    held_until_ms: int | None
    exact: bool
    hash: str
    quote: str
    """The quote's name."""
    collecting: CollectOptions | None = None
    """For what is not on the shelf."""


EMPTY: Final = BasketShown(
    basket="", revision=0, state="open", pieces=0, lines=[], total=0, fees=0, shelf=0, saved=0, payable=True, used=[],
    not_used=[], nearly=[], gifts=[], proposed=[], wasted=[], points_balance=0, points_may=0, points_used=0,
    points_worth=0, points_earned=0, points_chosen=False, age=0, age_state="none", held_until_ms=None, exact=True,
    hash="", quote="",
)  # fmt: skip


def basket(web: Web, found: BasketNow | None, language: Language) -> BasketShown:
    """What there is to see of a basket. While its price is held, that price is shown."""
    if found is None or not found.lines:
        return EMPTY
    with web.reads.consistent_read():
        return _basket(web, found, language)


def _basket(web: Web, found: BasketNow, language: Language) -> BasketShown:
    held = basket_queries.hold(web.reads, found.basket)
    stands = held is not None and held.revision == found.revision
    quote = held.quote if held is not None and stands else web.pricing.shown(found)
    fees = held.fees if held is not None and stands else fees_of(web, found)
    priced = {line.id: line for line in quote.lines}
    names = _names(web, quote, language)
    hints = {kind: [_hint(each, language) for each in quote.hints if each.kind == kind] for kind in HINTS}
    return BasketShown(
        basket=found.basket,
        revision=found.revision,
        state=found.state,
        pieces=found.pieces,
        lines=[_line(web, line, priced.get(line.line), names, language) for line in found.lines],
        total=quote.total + fees,
        fees=fees,
        shelf=quote.shelf,
        saved=quote.discount,
        payable=len(priced) == len(found.lines),
        used=[_used(each, language) for each in quote.used],
        not_used=[not_used(each, names, language) for each in quote.not_used if is_noteworthy(each)],
        nearly=hints["nearly"],
        gifts=hints["take_gift"],
        proposed=hints["propose"],
        wasted=hints["wasted"],
        points_balance=quote.points.balance,
        points_may=quote.points.may_burn,
        points_used=quote.points.burned,
        points_worth=quote.points.worth,
        points_earned=quote.points.will_earn,
        points_chosen=bool(found.choices.burn),
        age=found.age,
        age_state=_age_state(found),
        held_until_ms=held.until_ms if held is not None and stands else None,
        exact=quote.exact,
        hash=quote.hash,
        quote=quote.id,
        collecting=collecting(web, found, language),
    )


def fees_of(web: Web, found: BasketNow) -> int:
    """The late fees that a basket's owner pays along."""
    return fees_open(web.reads, found.member, basket=found.basket) if found.member else 0


HINTS: Final = ("nearly", "take_gift", "propose", "wasted")


def is_noteworthy(each: NotUsed) -> bool:
    """Whether a shopper would ask why this one does not apply: a coupon of theirs. Offers that nearly do are hints."""
    return bool(each.coupon)


def _names(web: Web, quote: Quote, language: Language) -> dict[str, str]:
    """What the campaigns of a quote are called: as it says itself, or as they are published."""
    found = {each.campaign: in_language(each.words, language) for each in quote.used}
    asked = [each for each in quote.not_used if is_noteworthy(each)]
    for each in {name for one in asked for name in (one.campaign, one.by) if name and not found.get(name)}:
        known = campaign_queries.campaign(web.reads, each)
        found[each] = in_language(known.words, language) if known else each
    return found


def _line(web: Web, line: BasketLine, priced: QuoteLine | None, names: dict[str, str], language: Language) -> LineShown:
    product = web.products.find(line.gtin)
    name = product.title(language) if product else code_shown(line.gtin)
    weight = plain_words.grams(line.grams, language) if line.grams else ""
    now = priced.unit if priced else None
    dearer = None not in (line.price, now) and line.label_price is None and line.price != now
    return LineShown(
        line=line.line,
        gtin=line.gtin,
        name=name,
        detail=weight or (plain_words.size(product.size, language) if product else ""),
        href=product.href if product else "",
        art=artwork.art(product) if product else "",
        tint=artwork.tint(product) if product else artwork.GROUNDS[0],
        initial=artwork.initial(name),
        picture=f"{product.href}/picture" if product and product.picture else "",
        quantity=line.quantity,
        grams=line.grams,
        alone=line.alone,
        shelf=priced.shelf if priced else None,
        pay=priced.pay if priced else None,
        taken=[
            LineDiscount(each.campaign, each.coupon, names.get(each.campaign, ""), each.amount)
            for each in (priced.discounts if priced else ())
        ],
        points=priced.points if priced else 0,
        was=line.price if dearer else None,
        now=now,
        age=line.age,
        away=line.away,
    )


def _used(each: Used, language: Language) -> OfferShown:
    return OfferShown(each.campaign, each.coupon, "used", in_language(each.words, language), each.amount, each.uses)


def not_used(each: NotUsed, names: dict[str, str], language: Language) -> OfferShown:
    """An offer that does not apply, with what is missing."""
    name = in_language(each.words, language) or names.get(each.campaign, "")
    by = names.get(each.by, each.by)
    return OfferShown(each.campaign, each.coupon, each.code, name, each.short, each.short, by, each.at_ms, each.wanted)


def reason_in_words(web: Web, each: OfferShown, language: Language) -> str:
    """In words, why an offer does not apply."""
    key = f"basket.not.{each.code}"
    money = format_money(each.amount, web.layout.store.currency, language)
    known = key if web.texts.has(key) else "basket.not.other"
    return web.texts.say(language, known, money=money, count=each.count, by=each.by)


def _hint(each: Hint, language: Language) -> OfferShown:
    name = in_language(each.words, language)
    return OfferShown(each.campaign, each.coupon, each.kind, name, each.amount, each.count, wanted=each.products)


def _age_state(found: BasketNow) -> str:
    if found.age <= 0:
        return "none"
    if found.age_seen >= found.age:
        return "seen"
    if found.age_asked < found.age:
        return "needed"
    return "asked" if found.age_enough is None else "needed" if found.age_enough else "refused"

"""A basket that staff types in, to see what campaigns make of it. Nothing of it is kept."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Final

import msgspec

from edge.domain.campaigns import queries
from edge.domain.campaigns.rules import as_used
from edge.gateway.price_inputs import Inputs
from edge.gateway.pricing import compute
from edge.settings import store_time
from gs1.trade import gtin14
from pricing.basket import Basket, Goods, Line, Member, Place, Terms, Versions, WalletCoupon
from pricing.rulebook import Rulebook
from words.languages import in_language

if TYPE_CHECKING:
    from edge.web.web import Web
    from pricing.campaigns import Campaign
    from pricing.quote import Quote

MAX_LINES: Final = 50
"""Lines of a basket that is tried."""
_LINE: Final = re.compile(r"(\d{8,14})(?:[\s,;x×*]+(\d{1,3}))?")


class TrialInput(msgspec.Struct, frozen=True):
    """What was typed."""

    goods: str = ""
    when: str = ""
    zone: str = ""
    level: str = ""
    tag: str = ""
    member: bool = False
    first: bool = False
    coupons: bool = False


class BadTrial(ValueError):
    """What is wrong with it: the key of a sentence, and its values."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class TrialQuote(msgspec.Struct, frozen=True):
    """The price, and the campaigns that it was worked out by."""

    quote: Quote
    campaigns: dict[str, Campaign]

    def name(self, campaign: str, language: str) -> str:
        """What a campaign is called; by its id where it is one of the catalogue's own."""
        found = self.campaigns.get(campaign)
        return in_language(found.words, language, campaign) if found else campaign


def run_trial(web: Web, asked: TrialInput, now_ms: int) -> TrialQuote:
    """Returns what a basket would cost. Raises `BadTrial`."""
    at_ms = _moment(web, asked.when, now_ms)
    lines = _lines(asked.goods)
    known = web.pricing.goods([line.gtin for line in lines], at_ms)
    for place, line in enumerate(lines, 1):
        if line.gtin not in known:
            raise BadTrial("try_unknown", line=place, code=line.gtin.lstrip("0"))
    found = queries.in_force(web.reads)
    someone = any((asked.member, asked.level, asked.tag, asked.first, asked.coupons))
    tags = (asked.tag,) if asked.tag else ()
    inputs = Inputs(
        basket=Basket("try", tuple(_weighed(line, known) for line in lines)),
        catalogue=known,
        rulebook=Rulebook(map(as_used, found)),
        wallet=tuple(WalletCoupon(f"try.{each.id}", each.id) for each in found if each.claim and asked.coupons),
        member=Member("try", asked.level, tags, first_order=asked.first) if someone else None,
        place=Place(zone=asked.zone, timezone=web.layout.store.zone.key),
        now_ms=at_ms,
        terms=Terms(currency=web.layout.store.currency),
        versions=Versions(web.products.version or "", queries.version(web.reads)),
    )
    return TrialQuote(compute(inputs), {each.id: each for each in found})


def _weighed(line: Line, known: dict[str, Goods]) -> Line:
    """What is sold by weight is tried by the kilogram."""
    return Line(line.id, line.gtin, grams=line.quantity * 1000) if known[line.gtin].per_kg else line


def _lines(text: str) -> list[Line]:
    typed = [each.strip() for each in text.splitlines() if each.strip()]
    if not typed:
        raise BadTrial("try_empty")
    if len(typed) > MAX_LINES:
        raise BadTrial("try_many", most=MAX_LINES)
    return [_line(place, each) for place, each in enumerate(typed, 1)]


def _line(place: int, text: str) -> Line:
    found = _LINE.fullmatch(text)
    gtin = gtin14(found[1]) if found else None
    count = int(found[2] or 1) if found else 0
    if found is None or gtin is None or count < 1:
        raise BadTrial("try_bad", line=place, found=text[:40])
    return Line(str(place), gtin, count)


def _moment(web: Web, text: str, now_ms: int) -> int:
    if not text.strip():
        return now_ms
    bad = BadTrial("try_bad_when", found=text[:40])
    try:
        typed = datetime.fromisoformat(text.strip())
        at = typed if typed.tzinfo else store_time.instant(typed, web.layout.store.zone)
        moment = int(at.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise bad from None
    if not 1970 < typed.year < 9999:  # the days before and after it are asked for
        raise bad
    return moment

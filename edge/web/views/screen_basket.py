"""A basket as a screen draws it: every sentence in the language on the glass, and money as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from device_drivers.contract.answers.basket import Nearly, ParkingCode, ScreenBasket, ScreenBasketLine, ScreenDiscount
from edge.domain.baskets import parked
from edge.web import moments
from edge.web.views import basket as views
from words.money import format_money

if TYPE_CHECKING:
    from edge.domain.baskets.queries import BasketNow
    from edge.gateway.screen_visits import ScreenVisit
    from edge.web.views.basket import BasketShown, LineShown, OfferShown
    from edge.web.web import Web
    from words.languages import Language

OFFERS: Final = 3
"""Offers that are named one by one; the others are added up in a last line."""
SAID: Final = 3
"""Hints and coupons that did not apply of which something is said."""


def basket_view(web: Web, visit: ScreenVisit, found: BasketNow | None, language: Language) -> ScreenBasket:
    """The basket of whoever stands there."""
    currency = web.layout.store.currency
    if found is None or not found.lines:
        return ScreenBasket(currency=currency, gone=_gone(web, visit, language), own=bool(visit.member))
    told = views.basket(web, found, language)
    speaker = Speaker(web, language)
    return ScreenBasket(
        pieces=told.pieces,
        lines=tuple(speaker.line(each) for each in told.lines),
        total=told.total,
        shelf=told.shelf,
        saved=told.saved,
        earns=told.points_earned,
        payable=told.payable,
        currency=currency,
        taken=speaker.taken(told),
        nearly=speaker.nearly(told),
        not_used=tuple(speaker.not_used(each) for each in told.not_used[:SAID]),
        said=tuple(speaker.said(told)),
        code=code_of(web, found),
        own=bool(visit.member),
        collecting=told.collecting,
    )


def code_of(web: Web, found: BasketNow) -> ParkingCode | None:
    """The code that a basket can be taken with now; none where it has none."""
    known = parked.of_basket(web.reads, found.basket)
    if known is None or known.until_ms <= web.reads.now:
        return None
    url = f"{web.public_url}/b/{web.handover.code(known.seed)}"
    return ParkingCode(url, web.handover.digits(known.seed), known.until_ms)


def _gone(web: Web, visit: ScreenVisit, language: Language) -> str:
    last = parked.taken_last(web.reads, visit.session)
    if last is None or last.by is None or last.taken_ms is None:
        return ""
    when = moments.time_of_day(last.taken_ms, web.layout.store.zone)
    return web.texts.say(language, f"screen_basket.gone_{last.by}", when=when)


class Speaker:
    """Says things of a basket in one language."""

    def __init__(self, web: Web, language: Language) -> None:
        self._web, self._language = web, language

    def _say(self, key: str, **values: object) -> str:
        return self._web.texts.say(self._language, key, **values)

    def _money(self, amount: int) -> str:
        return format_money(amount, self._web.layout.store.currency, self._language)

    def line(self, each: LineShown) -> ScreenBasketLine:
        """One line."""
        off = " · ".join(f"{one.name or self._say('basket.offer')} {self._money(-one.amount)}" for one in each.taken)
        detail = self._say(f"basket.away_{each.away}") if each.away else each.detail
        if each.grams and each.now is not None:
            detail = self._say("screen_basket.by_weight", weight=each.detail, money=self._money(each.now))
        return ScreenBasketLine(
            line=each.line,
            gtin=each.gtin,
            name=each.name,
            detail=detail,
            off=off,
            warning=self._warning(each),
            quantity=each.quantity,
            alone=each.alone,
            pay=each.pay,
            shelf=each.shelf,
            art=each.art,
            tint=each.tint,
        )

    def _warning(self, each: LineShown) -> str:
        if each.pay is None:
            return self._say("basket.no_price")
        if each.was is None or each.now is None:
            return ""
        return self._say("basket.price_was", was=self._money(each.was), now=self._money(each.now))

    def taken(self, told: BasketShown) -> tuple[ScreenDiscount, ...]:
        """What was taken off, the largest first."""
        ranked = sorted((each for each in told.used if each.amount), key=lambda each: -each.amount)
        named = [ScreenDiscount(each.name or self._say("basket.offer"), each.amount) for each in ranked]
        if len(named) <= OFFERS:
            return tuple(named)
        rest = named[OFFERS - 1 :]
        more = ScreenDiscount(
            self._say("screen_basket.more_offers", count=len(rest)), sum(each.amount for each in rest)
        )
        return (*named[: OFFERS - 1], more)

    def nearly(self, told: BasketShown) -> Nearly | None:
        """The discount that is nearest."""
        money = [each for each in told.nearly if each.amount]
        if money:
            each = min(money, key=lambda one: one.amount)
            words = self._say("basket.nearly", money=self._money(each.amount), name=each.name)
            return Nearly(words, min(99, told.total * 100 // max(1, told.total + each.amount)))
        pieces = [each for each in told.nearly if each.count]
        if not pieces:
            return None
        each = min(pieces, key=lambda one: one.count)
        words = self._say("basket.nearly_pieces", count=each.count, name=each.name)
        return Nearly(words, min(99, told.pieces * 100 // max(1, told.pieces + each.count)))

    def not_used(self, each: OfferShown) -> str:
        """Why a coupon did not apply."""
        why = views.reason_in_words(self._web, each, self._language)
        return self._say("screen_basket.not_used", name=each.name, why=why)

    def said(self, told: BasketShown) -> list[str]:
        """What else is worth saying."""
        found = [self._say("basket.gift", name=each.name, count=each.count) for each in told.gifts]
        if told.age_state != "none":
            found.append(self._say(f"basket.age_{told.age_state}", age=told.age))
        if told.fees:
            found.insert(0, self._say("basket.fees_with", money=self._money(told.fees)))
        return found[:SAID]

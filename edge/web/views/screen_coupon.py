"""A coupon as a screen shows it: what it saves, until when, its code of this half minute, its rules in four lines."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec

from device_drivers.contract import card_of
from device_drivers.contract.answers.coupon import RuleLine, ScreenCoupon
from edge.domain.coupons import queries as coupon_queries
from edge.domain.coupons.rules import ClaimSource
from edge.domain.printing import queries as print_queries
from edge.domain.touchpoints.rules import STEP_MS
from edge.errors import Refusal
from edge.web import moments
from edge.web.moments import now_ms
from edge.web.views import offers as offer_views
from edge.web.views.wallet import names
from edge.web.views.wallet import rules as rules_of
from pricing.rule import Speaker
from words.languages import in_language

if TYPE_CHECKING:
    from edge.domain.coupons.rules import Coupon
    from edge.gateway.screen_visits import ScreenVisit
    from edge.web.screens import ScreenRequest
    from edge.web.views.offers import OfferView
    from edge.web.web import Web

DAY_MS: Final = 86_400_000


def coupon_view(web: Web, asking: ScreenRequest, here: ScreenVisit, name: str) -> ScreenCoupon:
    """One coupon of the zone. Raises `Refusal` coupon_unknown; coupon_ended and coupon_gone where it was."""
    now, moment = web.reads.now, now_ms()
    coupon = coupon_queries.coupon(web.reads, name)
    if coupon is None or not coupon.is_of(asking.zone, asking.screen):
        raise Refusal("coupon_unknown", coupon=name)
    offer = offer_views.offer(web, name, here.member or None, now)
    assert offer is not None  # noqa: S101 - it was just found
    if (over := coupon.hindrance(now)) is not None and not offer.mine:
        raise Refusal(over, coupon=name)
    return ScreenCoupon(
        id=name,
        price=offer.price,
        was=offer.was,
        saves=offer.saves or max(0, (offer.was or 0) - (offer.price or 0)),
        percent=int(offer.percent_off) or offer.percent,
        currency=web.layout.store.currency,
        left=offer.left,
        stock=offer.stock,
        url=f"{web.public_url}/t/{web.codes.rotating(asking.screen, name, moment)}",
        digits=web.codes.short(asking.screen, name, moment),
        until_ms=(moment // STEP_MS + 1) * STEP_MS,
        rules=_rules(web, asking, coupon, offer, now),
        gtin=offer.product,
        mine=offer.mine,
        claimable=bool(here.member) and not offer.mine and _free(web, asking, coupon, now),
        prints=print_queries.is_printer_near(web.reads, asking.zone),
        **card_of(offer.look, ScreenCoupon, partial(in_language, language=asking.language)),
    )


def _free(web: Web, asking: ScreenRequest, coupon: Coupon, now: int) -> bool:
    hand = ClaimSource(touchpoint=asking.screen, live=f"{now_ms() // STEP_MS:x}")
    rules = web.settings.bounds.coupons
    return coupon_queries.claim_obstacle(web.reads, coupon, hand=hand, rules=rules, now_ms=now) is None


def _rules(web: Web, asking: ScreenRequest, coupon: Coupon, offer: OfferView, now: int) -> tuple[RuleLine, ...]:
    """Until when, how often, what else, and where: four lines at most, the shortest that say it."""
    language, say = asking.language, web.texts.say
    found = [RuleLine("clock", _until(web, asking, offer, now)), RuleLine("person", _times(web, asking, coupon))]
    told = [*rules_of(web, coupon, language)[1:], in_language(offer.look.terms, language)]
    told = [each for each in dict.fromkeys(told) if each and each != found[1].words]
    if told:
        found.append(RuleLine("shield", say(language, "comma").join(told[:2])))
    found.append(RuleLine("pin", _place_text(web, asking, offer)))
    return tuple(found)


def _until(web: Web, asking: ScreenRequest, offer: OfferView, now: int) -> str:
    say, language = web.texts.say, asking.language
    if offer.ends_ms is None:
        return say(language, "screen_coupon.no_end")
    zone = web.layout.store.zone
    when = moments.moment_in_words(web.texts, language, moments.last_moment(offer.ends_ms, zone), now, zone)
    days = (offer.ends_ms - now) // DAY_MS
    return say(language, "screen_coupon.until_days" if days else "screen_coupon.until", when=when, count=days)


def _times(web: Web, asking: ScreenRequest, coupon: Coupon) -> str:
    say, language = web.texts.say, asking.language
    if coupon.campaign is not None:
        speaker = Speaker(language, web.layout.store.currency, names(web, coupon.campaign, language))
        if bounds := speaker.bounds(msgspec.structs.replace(coupon.campaign, alone=False)):
            return bounds[0]
    return say(language, "screen_coupon.each", count=coupon.each)


def _place_text(web: Web, asking: ScreenRequest, offer: OfferView) -> str:
    say, language = web.texts.say, asking.language
    product = web.products.find(offer.product) if offer.product else None
    shelves = product.shelves if product else ()
    shelf = next((point for each in shelves if (point := web.layout.touchpoint(each))), None)
    if shelf is not None:
        return say(language, "screen_coupon.at_shelf", shelf=in_language(shelf.label, language))
    return say(language, "screen_coupon.by_hand" if offer.by_hand else "screen_coupon.everywhere")

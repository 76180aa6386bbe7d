"""A member's wallet as pages show it: each coupon with its state and why, as the next checkout would see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from edge.domain.baskets import queries as basket_queries
from edge.domain.coupons import wallet as wallet_queries
from edge.domain.coupons.rules import Coupon, OwnedCoupon
from edge.errors import Refusal
from edge.web import moments
from edge.web.views import offers as offer_views
from edge.web.views.offers import DAY_MS, OfferView
from pricing.campaigns import Budget, selectors
from pricing.rule import Speaker
from words.languages import Language, in_language
from words.money import format_money

if TYPE_CHECKING:
    from edge.web.web import Web
    from pricing.campaigns import Campaign
    from pricing.quote import NotUsed, Quote

Group = Literal["now", "later", "past"]
GROUPS: Final[tuple[Group, ...]] = ("now", "later", "past")
NOT_YET: Final = frozenset({"not_now", "coupon_not_yet", "paused"})
"""Codes with which a coupon is for later, whatever lies in the basket."""


class WalletCard(msgspec.Struct, frozen=True):
    """One coupon of the wallet."""

    offer: OfferView
    kept: OwnedCoupon
    group: Group
    code: str
    """Why it is as it is: `applied`, `now`, `till`, `reserved`, `used`, `time`, …, or what the price says of it."""
    why: str
    """The same in a sentence."""
    soon: bool
    """Whether it ends within a day."""
    saves: int = 0
    """What it takes off the basket as it is."""
    short: int = 0
    """What is missing to the amount from which on it holds."""


def cards(web: Web, member: str, language: Language, now_ms: int) -> list[WalletCard]:
    """The whole wallet: what is good first, then what will be, then what was."""
    told = WalletCards(web, member, language, now_ms)
    found = [told.card(each) for each in wallet_queries.wallet(web.reads, member, now_ms)]
    return sorted(found, key=lambda each: GROUPS.index(each.group))


def card(web: Web, member: str, coupon: str, language: Language, now_ms: int) -> WalletCard | None:
    """One coupon of a member, by its own name or by its campaign's; the one that is good before others."""
    told = WalletCards(web, member, language, now_ms)
    kept = wallet_queries.owned_coupon(web.reads, member, coupon, now_ms)
    if kept is None:
        kept = next(
            (each for each in wallet_queries.wallet(web.reads, member, now_ms) if each.of.coupon == coupon), None
        )
    return told.card(kept) if kept else None


class WalletCards:
    """Says of one member's coupons what they are, as the price of the basket sees them."""

    def __init__(self, web: Web, member: str, language: Language, now_ms: int) -> None:
        self._web = web
        self._language = language
        self._now = now_ms
        self._zone = web.layout.store.zone
        self._quote = _quote(web, member)
        self._names = _names(self._quote, language)

    def card(self, kept: OwnedCoupon) -> WalletCard:
        """One coupon."""
        code, saves, refused = self._code(kept)
        later = kept.state == "later" or code in NOT_YET
        group: Group = "past" if kept.state in ("used", "ended") else "later" if later else "now"
        soon = group == "now" and kept.until_ms is not None and kept.until_ms - self._now < DAY_MS
        return WalletCard(
            offer=offer_views.offer_of_owned(self._web, kept, self._now),
            kept=kept,
            group=group,
            code=code,
            why=self._reason(kept, code, saves, refused),
            soon=soon,
            saves=saves,
            short=refused.short if refused and refused.code == "min_spend" else 0,
        )

    def _code(self, kept: OwnedCoupon) -> tuple[str, int, NotUsed | None]:
        """Why it is as it is, what it saves in the basket, and what the price says where it does not."""
        if kept.why != "now" or self._quote is None:
            return kept.why, 0, None
        used = next((each for each in self._quote.used if each.coupon == kept.id), None)
        if used is not None:
            return "applied", used.amount, None
        refused = next((each for each in self._quote.not_used if each.coupon == kept.id), None)
        if refused is None or (not self._quote.lines and refused.code not in NOT_YET):
            return "now", 0, None
        return refused.code, 0, refused

    def _reason(self, kept: OwnedCoupon, code: str, saves: int, refused: NotUsed | None) -> str:
        key = f"wallet.why.{code}"
        if not self._web.texts.has(key):
            key = f"basket.not.{code}" if self._web.texts.has(f"basket.not.{code}") else "basket.not.other"
        short = refused.short if refused else 0
        at = refused.at_ms if refused and refused.at_ms else max(kept.usable_from_ms, 0)
        past = kept.until_ms if code == "time" and kept.until_ms else kept.changed_ms
        return self._web.texts.say(
            self._language,
            key,
            money=self.money(saves or short),
            count=short,
            by=self._names.get(refused.by, refused.by) if refused else "",
            when=self._moment(moments.last_moment(past, self._zone) if kept.state in ("used", "ended") else at),
        )

    def _moment(self, ms: int) -> str:
        return moments.moment_in_words(self._web.texts, self._language, ms, self._now, self._zone)

    def money(self, amount: int) -> str:
        """An amount in words."""
        return format_money(amount, self._web.layout.store.currency, self._language)


def _quote(web: Web, member: str) -> Quote | None:
    """What the member's basket costs now; what an empty one would, where there is none."""
    name = basket_queries.of_member(web.reads, member)
    found = basket_queries.now(web.reads, name) if name else None
    held = basket_queries.hold(web.reads, name) if name else None
    if held is not None and found is not None and held.revision == found.revision:
        return held.quote
    try:
        return web.pricing.shown(found) if found and found.lines else web.pricing.of_nothing(member)
    except Refusal:
        return None


def _names(quote: Quote | None, language: Language) -> dict[str, str]:
    if quote is None:
        return {}
    found = {each.campaign: in_language(each.words, language) for each in quote.not_used}
    return found | {each.campaign: in_language(each.words, language) for each in quote.used}


def rules(web: Web, coupon: Coupon, language: Language) -> Sequence[str]:
    """What a coupon says of itself, the benefit first; nothing for an offer that names no goods."""
    if coupon.campaign is None:
        return ()
    speaker = Speaker(language, web.layout.store.currency, names(web, coupon.campaign, language))
    return speaker.rule(coupon.campaign)[1:] + _bounds(speaker, coupon)


def _bounds(speaker: Speaker, coupon: Coupon) -> list[str]:
    """How often it may be used: not how many there are in all, which concerns nobody who has one."""
    if coupon.campaign is None:
        return []
    nothing = msgspec.structs.replace(coupon.campaign, budget=Budget())
    return speaker.bounds(nothing)


def names(web: Web, campaign: Campaign, language: Language) -> dict[str, str]:
    """What the goods of a campaign are called, by GTIN and category."""
    version = web.products.current
    if version is None:
        return {}
    goods = tuple(selectors(campaign))
    products = [(gtin, version.find(gtin)) for each in goods for gtin in each.products]
    found = {gtin: product.title(language) for gtin, product in products if product}
    for each in goods:
        for category in each.categories:
            one = next(iter(version.in_category(category, 1)), None)
            if one is not None:
                found[category] = in_language(one.category_name, language) or category
    return found

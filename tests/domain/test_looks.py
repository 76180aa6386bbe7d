"""What an offer looks like: the same wherever it comes from, and on a screen what that has room for."""

from __future__ import annotations

from functools import partial
from typing import Any

from device_drivers.contract import WallCoupon, card_of
from device_drivers.contract.answers.coupon import ScreenCoupon
from device_drivers.contract.answers.member import MemberCoupon
from edge.domain.coupons.rules import TINT, CouponDisplay
from pricing.campaigns import Campaign, Off
from tests.domain.conftest import offer
from words.languages import in_each, in_language

TITLE = {"zh-CN": "牛奶", "en": "Milk"}
LINE = {"en": "One litre"}


def test_a_campaign_and_an_offer_from_before_campaigns_that_say_the_same_look_the_same() -> None:
    old = offer("milk", stock=3)
    said: dict[str, Any] = {"subtitle": old.subtitle, "terms": old.terms or {}, "art": old.art, "tint": old.tint}
    campaign = Campaign(id="milk", benefit=Off(100), words=old.title, **said)
    assert CouponDisplay.of(campaign.words, campaign) == CouponDisplay.of(old.title, old)


def test_what_is_not_said_is_nothing_in_any_language_and_the_ground_is_the_house_s() -> None:
    look = CouponDisplay.of(TITLE, Campaign(id="milk", benefit=Off(100)))
    assert (look.subtitle["de"], look.terms["zh-CN"], look.art, look.tint) == ("", "", "", TINT)


def test_a_screen_is_told_what_its_message_has_a_field_for_and_draws_something_in_any_case() -> None:
    look = CouponDisplay.of(TITLE, Campaign(id="milk", benefit=Off(100), subtitle=LINE, terms=LINE, tint="#ffffff"))
    assert card_of(look, WallCoupon, partial(in_each, languages=("zh-CN", "en"))) == {
        "title": TITLE, "subtitle": {"zh-CN": "One litre", "en": "One litre"}, "art": "gift", "tint": "#ffffff",
    }  # fmt: skip
    told = card_of(look, ScreenCoupon, partial(in_language, language="zh-CN"))
    assert told == {"title": "牛奶", "subtitle": "One litre", "art": "gift", "tint": "#ffffff"}
    assert card_of(look, MemberCoupon, partial(in_language, language="en")) == {
        "title": "Milk",
        "art": "gift",
        "tint": "#ffffff",
    }

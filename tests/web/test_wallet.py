"""The wallet's pages: each coupon with its state and why; chosen and registered for in one step."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from edge.domain.coupons.facts import CouponClaimed, CouponReminded
from tests.web.running import Shopper

if TYPE_CHECKING:
    from tests.web.running import RunningStore


def test_a_stranger_chooses_a_coupon_and_registers_in_one_step(store: RunningStore) -> None:
    shopper, code = Shopper(store, "en"), store.code("shelf-dairy")
    listed = shopper.scan(code).text
    assert 'name="phone"' not in listed
    chosen = shopper.get(f"{store.base}/t/{code}?coupon=milk-950").text
    assert 'name="coupon" value="milk-950"' in chosen
    assert "Register and save" in chosen or 'value="register"' in chosen
    before = len(store.facts("coupon.claimed.v2"))
    page = shopper.register(code, coupon="milk-950")
    assert page.ok
    claimed = store.facts("coupon.claimed.v2")
    assert len(claimed) == before + 1
    wallet = shopper.get(f"{store.base}/wallet").text
    assert "Fresh milk" in wallet
    assert "Applied at checkout" in wallet
    own = re.search(r"/coupons/(milk-950\.[0-9a-f]{20})", wallet)
    assert own is not None
    one = shopper.get(f"{store.base}/coupons/{own[1]}").text
    assert "Ready for your next checkout" in one
    assert "Applied automatically at checkout" in one


@pytest.mark.parametrize("language", ["zh-CN", "en", "de"])
def test_a_coupon_s_page_says_where_it_is_had_and_never_whose_it_is(store: RunningStore, language: str) -> None:
    owner, other = Shopper(store, language), Shopper(store, language)
    owner.register(store.code("shelf-dairy"), coupon="milk-950")
    own = re.search(r"/coupons/(milk-950\.[0-9a-f]{20})", owner.get(f"{store.base}/wallet").text)
    assert own is not None
    assert other.get(f"{store.base}/coupons/milk-950").status_code == 200
    assert other.get(f"{store.base}/coupons/{own[1]}").status_code == 404
    assert other.get(f"{store.base}/coupons/{'x' * 500}").status_code == 404


def test_a_coupon_that_ends_with_a_day_names_that_day(store: RunningStore) -> None:
    owner, zone = Shopper(store, "en"), ZoneInfo("Asia/Shanghai")
    owner.register(store.code("shelf-dairy"))
    member = owner.api("GET", "/api/v1/me/data").json()["you"][0]["id"]
    for name, end in (("day", datetime(2099, 1, 1, tzinfo=zone)), ("evening", datetime(2099, 1, 1, 22, tzinfo=zone))):
        claimed = CouponClaimed(
            coupon=f"milk-950.{name}", campaign="milk-950", member=member, touchpoint="shelf-dairy", request=name,
            usable_from_ms=0, until_ms=int(end.timestamp() * 1000),
        )  # fmt: skip
        store.do(store.gateway.decide(lambda tx, claimed=claimed: tx.emit(claimed)))
    assert "until 31 Dec 2098" in owner.get(f"{store.base}/coupons/milk-950.day").text
    assert "until 1 Jan 2099" in owner.get(f"{store.base}/coupons/milk-950.evening").text


def test_what_a_till_redeems_by_hand_says_so(store: RunningStore) -> None:
    page = Shopper(store, "en").get(f"{store.base}/coupons/welcome-gift").text
    assert "Show it at the till." in page
    assert "Applied automatically" not in page


def test_a_coupon_that_was_chosen_must_be_one_of_the_store_s(store: RunningStore) -> None:
    page = Shopper(store, "en").get(f"{store.base}/t/{store.code('shelf-dairy')}?coupon=caviar")
    assert page.status_code == 404


@pytest.mark.parametrize(("language", "said"), [("en", "Ends soon"), ("de", "Endet bald"), ("zh-CN", "快到期了")])
def test_what_ends_and_what_was_told_stands_on_one_page_with_its_switches(
    store: RunningStore, language: str, said: str
) -> None:
    shopper, page = Shopper(store, language), f"{store.base}/me/reminders"
    assert "/link" in shopper.get(page).text
    shopper.register(store.code("shelf-dairy"), coupon="milk-950")
    own = re.search(r"/coupons/(milk-950\.[0-9a-f]{20})", shopper.get(f"{store.base}/wallet").text)
    assert own is not None
    assert said not in shopper.get(page).text
    member = shopper.api("GET", "/api/v1/me/data").json()["you"][0]["id"]
    told = CouponReminded(coupon=own[1], member=member)
    store.do(store.gateway.decide(lambda tx: tx.emit(told)))
    assert said in shopper.get(page).text
    for do, left in (("off", 2), ("off", 2), ("on", 3)):
        answer = shopper.post(page, data={"do": do, "about": "coupons"})
        assert answer.text.count('value="off"') == left, do
    assert shopper.post(page, data={"do": "off", "about": "weather"}).status_code == 400

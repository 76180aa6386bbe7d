"""Offers that ask who buys: a birthday that is kept beside the journal, and what was bought before."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from edge.domain.campaigns.facts import CampaignPublished, CampaignsActivated, CampaignWithdrawn
from edge.domain.members.facts import MemberTagged
from pricing.campaigns import Bought, Campaign, Condition, Off, Selector
from tests.conftest import new_broker
from tests.web.running import RunningStore, Shopper
from tests.web.test_basket import BREAD, MILK, Shop
from tests.web.test_orders import buy
from tests.web.test_why import state

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("who-buys")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    store = RunningStore(broker, folder, ())
    store.start()
    opened = Shop(store, folder)
    opened.sell("12.90")
    yield opened
    store.stop()
    broker.stop()


def offered(shop: Shop, when: Condition) -> None:
    made = Campaign(id="own", benefit=Off(100), when=when, stage="basket", words={"en": "1 off"})
    state(shop, CampaignPublished(campaign=made, version="own"), activated("own"))


def over(shop: Shop) -> None:
    state(shop, CampaignWithdrawn(campaign="own"), activated("none"))


def activated(version: str) -> CampaignsActivated:
    return CampaignsActivated(version=version, sha256="0" * 64, by="test")


def has_it(phone: Shopper) -> bool:
    used = phone.api("GET", "/api/v1/basket").json()["used"]
    return any(each["campaign"] == "own" for each in used)


def put_in(phone: Shopper, gtin: str) -> None:
    body = {"code": gtin, "how": "page", "quantity": 1, "request": str(uuid.uuid4())}
    phone.api("POST", "/api/v1/basket/lines", body).raise_for_status()


def say_birthday(phone: Shopper, month: int, day: int) -> str:
    body = {"do": "birthday", "month": month, "day": day}
    return phone.post(f"{phone.store.base}/profile", data=body, timeout=60).text


def test_a_birthday_opens_its_offer_and_is_named_once_a_year(shop: Shop) -> None:
    anna, ben = Shopper(shop.store), Shopper(shop.store)
    for phone in (anna, ben):
        assert phone.register(shop.store.code("poster-door")).ok
        put_in(phone, MILK)
    offered(shop, Condition(birthday=1))
    try:
        assert not has_it(anna)
        today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai"))
        far = today + timedelta(days=40)
        assert "There is no such day." in say_birthday(anna, 2, 30)
        say_birthday(anna, today.month, today.day)
        say_birthday(ben, far.month, far.day)
        assert has_it(anna)
        assert not has_it(ben)
        assert "less than a year ago" in say_birthday(ben, today.month, today.day)
        assert f"{today:%m-%d}" in anna.get(f"{shop.store.base}/profile", timeout=60).text
        anna.post(f"{shop.store.base}/profile", data={"do": "no_birthday"}, timeout=60)
        assert not has_it(anna)
        assert "less than a year ago" in say_birthday(anna, far.month, far.day)
    finally:
        over(shop)


def test_a_birthday_goes_with_its_person(shop: Shop) -> None:
    anna = Shopper(shop.store)
    assert anna.register(shop.store.code("poster-door")).ok
    say_birthday(anna, 2, 30)
    assert anna.get(f"{shop.store.base}/api/v1/me/data", timeout=60).json()["you"][0]["birthday"] is None
    say_birthday(anna, 5, 17)
    kept = "SELECT subject FROM person_cards WHERE card='05-17'"
    assert len(shop.store.gateway.reads.all(kept)) == 1
    assert anna.get(f"{shop.store.base}/api/v1/me/data", timeout=60).json()["you"][0]["birthday"] == "05-17"
    erased = anna.api("POST", "/api/v1/me/erase", {"request": str(uuid.uuid4())})
    assert erased.ok, erased.text
    assert shop.store.gateway.reads.all(kept) == []


def test_a_tag_opens_its_offer_as_long_as_its_member_wants_to_be_told_of_offers(shop: Shop) -> None:
    anna = Shopper(shop.store)
    assert anna.register(shop.store.code("poster-door")).ok
    put_in(anna, MILK)
    offered(shop, Condition(tags=("baby", "pets")))
    try:
        assert why_not(anna) == ("tag", ["baby", "pets"])
        agrees(anna, "agree")
        assert why_not(anna) == ("tag", ["baby", "pets"]), "what nobody scanned says nothing"
        member = anna.api("GET", "/api/v1/me/data").json()["you"][0]["id"]
        state(shop, MemberTagged(member=member, tag="baby", touchpoint="shelf-baby"))
        assert has_it(anna)
        assert anna.get(f"{shop.store.base}/why/price?name=own", timeout=60).ok
        agrees(anna, "withdraw")
        assert not has_it(anna)
    finally:
        over(shop)


def why_not(phone: Shopper) -> tuple[str, list[str]]:
    """Why the offer gives nothing, as the store says by its id."""
    found = phone.api("GET", "/api/v1/why/basket/own").json()["not_used"][0]
    return found["code"], found["wanted"]


def agrees(phone: Shopper, do: str) -> None:
    """To being told of offers, or no more."""
    form = {"do": do, "purpose": "marketing", "request": str(uuid.uuid4())}
    assert phone.post(f"{phone.store.base}/me/privacy", data=form, timeout=60).ok


def test_who_bought_something_before_has_its_offer(shop: Shop) -> None:
    offered(shop, Condition(goods=Selector(products=(BREAD,)), bought=Bought(Selector(categories=("milk",)), days=30)))
    try:
        anna, _ = buy(shop, {MILK: 1})
        other, _ = buy(shop, {BREAD: 1})
        assert anna.register(shop.store.code("poster-door")).ok
        assert other.register(shop.store.code("poster-door")).ok
        put_in(anna, BREAD)
        put_in(other, BREAD)
        assert has_it(anna)
        assert not has_it(other)
    finally:
        over(shop)

"""A basket on phones and in the API: filled, priced, held; a stranger's is kept, two phones of one person share one."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from edge.domain.baskets import queries as basket_queries
from edge.domain.campaigns import decisions as campaigns
from edge.domain.campaigns import queries as campaign_queries
from edge.domain.campaigns.facts import CampaignPaused, CampaignPublished
from edge.domain.coupons.facts import CouponClaimed
from edge.domain.members import joining
from edge.domain.members.facts import MembersLinked
from edge.domain.touchpoints.codes import NO_COUPON
from edge.gateway.pricing import compute
from edge.products.importing import import_file
from edge.products.references import store_of
from edge.secrets.vault import operator_token
from edge.web.api.why import document
from edge.web.last_touchpoint import PLACE
from gs1.trade import check_digit
from pricing.campaigns import Campaign, Condition, Off
from pricing.document import answer
from pricing.reading import read
from tests.conftest import new_broker
from tests.keyboards import wide
from tests.web.running import Colleague, RunningStore, Shopper, wait

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import requests

MILK, LITRES, BREAD, APPLES, WINE, UNPRICED = (
    "06901234567892", "06901234567885", "09521101530001", "02000101000006", "06901234567915", "06901234567922",
)  # fmt: skip
BUDGET = 30 * 1024


def lines(milk: str, bread: str) -> list[dict[str, Any]]:
    return [
        {
            "gtin": MILK,
            "name_en": "Milk",
            "name_zh": "鲜牛奶",
            "price": milk,
            "size": "1 l",
            "category": "milk",
            "elsewhere": [
                {"store": {"en": "North Street"}, "count": 4, "price": 1161},
                {"store": {"en": "Mill"}, "count": 2},
            ],
        },
        {"gtin": LITRES, "name_en": "Milk for five", "price": "38.70", "size": "5 l", "category": "milk", "tax": "9"},
        {"gtin": BREAD, "name_en": "Bread", "name_zh": "面包", "price": "8.90", "tax": "13", "sold_by": bread},
        {"gtin": APPLES, "name_en": "Apples", "name_zh": "苹果", "price": "12.80", "sold_by": "kg"},
        {"gtin": WINE, "name_en": "Wine", "name_zh": "白酒", "price": "50.00", "age": "18", "no_offers": "yes"},
        {"gtin": UNPRICED, "name_en": "Mystery", "name_zh": "谜"},
    ]


class Shop:
    def __init__(self, store: RunningStore, folder: Path) -> None:
        self.store, self._folder = store, folder

    def sell(self, milk: str, bread: str = "piece") -> None:
        """Puts a catalogue with that price of milk into force."""
        file = self._folder / f"{milk}-{bread}.jsonl"
        file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines(milk, bread)), "utf-8")
        outcome = import_file(file, self.store.gateway.lookup.products.folder, store_of(self.store.settings))
        assert outcome.built
        assert not outcome.mistakes
        token = operator_token(self.store.gateway.parts.vault)
        shopper = Shopper(self.store)
        shopper.api(
            "POST",
            "/api/v1/catalogue/activate",
            {"version": outcome.built.version, "by": "test"},
            Authorization=f"Bearer {token}",
        ).raise_for_status()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("basket")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    store = RunningStore(broker, folder, ())
    store.start()
    opened = Shop(store, folder)
    opened.sell("12.90")
    yield opened
    store.stop()
    broker.stop()


@pytest.fixture
def anna(shop: Shop) -> Shopper:
    return Shopper(shop.store)


def add(shopper: Shopper, **what: Any) -> requests.Response:
    return shopper.api("POST", "/api/v1/basket/lines", {"request": str(uuid.uuid4()), **what})


def basket(shopper: Shopper) -> dict[str, Any]:
    found: dict[str, Any] = shopper.api("GET", "/api/v1/basket").json()
    return found


def weighed(grams: int) -> str:
    """The label of a bag of apples, as the scales of the example store print it."""
    bare = f"2000101{grams:05}"
    return bare + str(check_digit(bare))


def test_a_stranger_is_a_guest_with_a_basket_from_the_first_scan_on(shop: Shop, anna: Shopper) -> None:
    assert basket(anna)["lines"] == []
    request = str(uuid.uuid4())
    first = add(anna, code=MILK[1:], symbology="ean13", request=request)
    assert first.status_code == 200, first.text
    assert not first.json()["already"]
    assert add(anna, code=MILK[1:], symbology="ean13", request=request).json()["already"]
    again = add(anna, how="search", code=BREAD, quantity=2).json()["basket"]
    assert [(line["name"], line["quantity"], line["pay"]) for line in again["lines"]] == [
        ("Milk", 1, 1290),
        ("Bread", 2, 1780),
    ]
    assert (again["total"], again["pieces"]) == (3070, 3)
    # Another browser sees nothing of it.
    assert basket(Shopper(shop.store))["lines"] == []


def test_whoever_repeats_the_request_of_another_sees_nothing_of_their_basket(shop: Shop, anna: Shopper) -> None:
    request = str(uuid.uuid4())
    assert add(anna, how="search", code=BREAD, request=request).json()["basket"]["pieces"] == 1
    other = Shopper(shop.store)
    other.scan(shop.store.code("poster-door"))
    answer = add(other, how="search", code=BREAD, request=request)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert BREAD not in answer.text


def test_a_zone_s_offer_is_for_whoever_was_there_and_not_for_who_says_so(shop: Shop) -> None:
    zone = Campaign(id="in-dairy", benefit=Off(100), when=Condition(zones=("dairy",)), stage="basket")
    shown = Campaign(id="at-screen", benefit=Off(100), when=Condition(screens=("screen-baby",)), stage="basket")
    gateway, do = shop.store.gateway, shop.store.do
    before = campaign_queries.in_force(gateway.reads)
    do(gateway.decide(campaigns.activate, [*before, zone, shown], by="test"))
    try:
        for at in ("shelf-dairy", "screen-baby"):
            somebody = Shopper(shop.store)
            assert add(somebody, how="page", code=BREAD, at=at).json()["basket"]["total"] == 890, at
            somebody.scan(shop.store.code("poster-door"))
            assert add(somebody, how="digits", code=MILK, at=at).json()["basket"]["total"] == 890 + 1290, at
            form = {"do": "add", "gtin": BREAD, "at": at, "request": str(uuid.uuid4())}
            somebody.post(f"{shop.store.base}/basket", data=form, timeout=60)
            assert basket(somebody)["total"] == 890 + 1290 + 890, at
            assert somebody.api("POST", "/api/v1/basket/hold", {"at": at}).json()["total"] == 890 + 1290 + 890, at
        there = Shopper(shop.store)
        there.scan(shop.store.code("shelf-dairy"))
        assert add(there, how="page", code=BREAD, at="shelf-dairy").json()["basket"]["total"] == 790
        for ago_s, total in ((0, 790), (3600, 790), (3 * 3600, 890)):
            before_it = Shopper(shop.store)
            before_it.cookies.set(PLACE, shop.store.shown("milk", ago_s=ago_s))
            assert add(before_it, how="page", code=BREAD, at="screen-baby").json()["basket"]["total"] == total, ago_s
        # The code of a product on a screen says as much as that of a coupon there, and what was made of it nothing.
        for shown_at, total in ((shop.store.shown(NO_COUPON), 790), (shop.store.shown(NO_COUPON)[:-1] + "_", 890)):
            phone = Shopper(shop.store)
            page = phone.get(f"{shop.store.base}/p/{BREAD}?from={shown_at}", timeout=60)
            assert page.status_code == 200
            assert (".-." in page.url) is (total == 890), "an address that is passed on has no code that is good"
            assert add(phone, how="page", code=BREAD, at="screen-baby").json()["basket"]["total"] == total, shown_at
            camera, read = Shopper(shop.store), f"{shop.store.base}/p/{BREAD}?from={shown_at}"
            assert add(camera, how="camera", code=read, symbology="qr").json()["basket"]["total"] == total, shown_at
    finally:
        do(gateway.decide(campaigns.activate, before, by="test"))


def test_each_way_of_paying_has_its_price_and_is_paid_at_that(shop: Shop, anna: Shopper) -> None:
    gateway, do = shop.store.gateway, shop.store.do
    before = campaign_queries.in_force(gateway.reads)
    cheaper = Campaign(id="by-way", benefit=Off(200), when=Condition(payments=("simulated",)))
    do(gateway.decide(campaigns.activate, [*before, cheaper], by="test"))
    try:
        assert add(anna, how="search", code=MILK).json()["basket"]["total"] == 1290
        assert anna.api("POST", "/api/v1/basket/hold", {"seen": 1290}).json()["total"] == 1290
        assert _ways(anna) == {"simulated": "1090", "counter": None}, "what is held stands for the till"
        assert "¥10.90" in anna.get(f"{shop.store.base}/pay", timeout=60).text
        for port, amount in (("counter", 1290), ("simulated", 1090), ("counter", 1290), ("simulated", 1090)):
            payment = _pay(anna, port, _ways(anna)[port]).url.rpartition("p=")[2]
            told = anna.api("GET", f"/api/v1/payments/{payment}").json()
            assert (told["port"], told["amount"], told["state"]) == (port, amount, "waiting")
            anna.api("POST", f"/api/v1/payments/{payment}/close", {})
        shop.sell("13.90")
        assert _ways(anna) == {"simulated": None, "counter": "1390"}, "what is held stands for its way"
        asked = {"port": "counter", "request": str(uuid.uuid4())}
        assert anna.api("POST", "/api/v1/payments", asked).json()["code"] == "way_differs"
        assert _pay(anna, "counter", "1389").url.endswith("/basket?done=changed"), "nobody pays more than was shown"
        chosen = anna.api("PUT", "/api/v1/basket/choices", {"paid_by": "simulated"}).json()
        assert chosen["total"] == 1190
    finally:
        shop.sell("12.90")
        do(gateway.decide(campaigns.activate, before, by="test"))


def test_each_way_s_price_is_for_where_the_basket_was_filled_and_not_for_where_the_phone_went(shop: Shop) -> None:
    gateway, do = shop.store.gateway, shop.store.do
    before = campaign_queries.in_force(gateway.reads)
    zone = Campaign(id="in-dairy", benefit=Off(100), when=Condition(zones=("dairy",)))
    cheaper = Campaign(id="by-way", benefit=Off(200), when=Condition(payments=("simulated",)))
    do(gateway.decide(campaigns.activate, [*before, zone, cheaper], by="test"))
    try:
        somebody = Shopper(shop.store)
        somebody.scan(shop.store.code("shelf-dairy"))
        assert add(somebody, how="page", code=MILK, at="shelf-dairy").json()["basket"]["total"] == 1190
        somebody.scan(shop.store.code("poster-door"))
        assert somebody.api("POST", "/api/v1/basket/hold", {"seen": 1190}).json()["total"] == 1190
        assert _ways(somebody) == {"simulated": "990", "counter": None}
        _pay(somebody, "simulated", "990")
        assert basket(somebody)["total"] == 990
    finally:
        do(gateway.decide(campaigns.activate, before, by="test"))


def _ways(shopper: Shopper) -> dict[str, str | None]:
    """The ways to pay on the page, and the price that each is held anew for."""
    page = shopper.get(f"{shopper.store.base}/pay", timeout=60).text
    forms = [dict(re.findall(r'name="(\w+)" value="([^"]*)"', form)) for form in page.split("<form")[1:]]
    return {form["port"]: form.get("seen") for form in forms if form.get("do") == "pay"}


def _pay(shopper: Shopper, port: str, seen: str | None) -> requests.Response:
    form = {"do": "pay", "port": port, "request": str(uuid.uuid4())} | ({"seen": seen} if seen else {})
    return shopper.post(f"{shopper.store.base}/pay", data=form, timeout=60)


def test_an_offer_that_begins_or_is_stopped_is_in_the_next_price(shop: Shop, anna: Shopper) -> None:
    gateway, do = shop.store.gateway, shop.store.do
    before = campaign_queries.in_force(gateway.reads)

    def total() -> int:
        return int(basket(anna)["total"])

    assert add(anna, how="search", code=MILK).json()["basket"]["total"] == 1290
    do(gateway.decide(campaigns.activate, [*before, Campaign(id="today", benefit=Off(100))], by="test"))
    assert total() == 1190
    do(gateway.decide(campaigns.pause, campaign="today", by="li", reason="a mistake"))
    assert total() == 1290
    do(gateway.decide(campaigns.resume, campaign="today", by="li"))
    assert total() == 1190
    do(gateway.decide(campaigns.activate, before, by="test"))
    assert total() == 1290


def test_a_weighed_bag_costs_what_its_label_says_of_it(shop: Shop, anna: Shopper) -> None:
    del shop
    found = add(anna, code=weighed(1234), symbology="ean13").json()["basket"]
    assert [(line["grams"], line["pay"]) for line in found["lines"]] == [(1234, 1580)]
    assert add(anna, code=weighed(1234)).json()["basket"]["total"] == 3160
    assert len(basket(anna)["lines"]) == 2
    assert add(anna, how="search", code=APPLES).json()["code"] == "needs_weight"


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ({"code": "4012345678901"}, "product_unknown"),
        ({"code": "some words"}, "product_unknown"),
        ({"code": "123", "how": "page"}, "product_unknown"),
        ({"code": UNPRICED, "how": "search"}, "no_price"),
        ({}, "bad_request"),
        ({"code": MILK, "quantity": 0}, "bad_request"),
        ({"code": MILK, "request": "no"}, "bad_request"),
    ],
)
def test_what_cannot_be_bought_is_refused_and_makes_nobody_a_guest(
    shop: Shop, anna: Shopper, what: dict[str, Any], code: str
) -> None:
    del shop
    assert add(anna, **what).json()["code"] == code
    assert "sk_member" not in anna.cookies


def test_dearer_asks_and_cheaper_is_passed_on(shop: Shop, anna: Shopper) -> None:
    """Golden 61."""
    seen = add(anna, how="search", code=MILK).json()["basket"]["total"]
    try:
        shop.sell("13.90")
        shown = basket(anna)["lines"][0]
        assert (shown["was"], shown["now"]) == (1290, 1390)
        refused = anna.api("POST", "/api/v1/basket/hold", {"seen": seen})
        assert refused.status_code == 409
        told = refused.json()
        assert (told["code"], told["shown"], told["now"]) == ("price_changed", 1290, 1390)
        assert "12.90" in told["detail"]
        assert "13.90" in told["detail"]
        shop.sell("9.90")
        held = anna.api("POST", "/api/v1/basket/hold", {"seen": seen}).json()
        assert (held["total"], held["already"]) == (990, False)
        # It stands, whatever the shelf says; an edit ends it.
        shop.sell("19.90")
        assert basket(anna)["total"] == 990
        assert anna.api("POST", "/api/v1/basket/hold", {"seen": 990}).json()["already"]
        assert add(anna, how="search", code=MILK).json()["basket"]["total"] == 2 * 1990
        assert basket(anna)["held_until_ms"] is None
    finally:
        shop.sell("12.90")


def test_the_page_works_without_script(shop: Shop, anna: Shopper) -> None:
    page = anna.get(f"{shop.store.base}/p/{MILK}").text
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page[page.index('action="/basket"') :]))
    sent = anna.post(f"{shop.store.base}/basket", data=fields)
    assert sent.status_code == 200
    assert sent.url.endswith("/basket?done=added")
    assert "Milk" in sent.text
    line = basket(anna)["lines"][0]["line"]
    more = {"do": "set", "line": line, "quantity": "3", "request": str(uuid.uuid4())}
    assert "¥38.70" in anna.post(f"{shop.store.base}/basket", data=more).text
    assert len(sent.content) < BUDGET
    out = {"do": "set", "line": line, "quantity": "0", "request": str(uuid.uuid4())}
    assert "done=out" in anna.post(f"{shop.store.base}/basket", data=out).url
    typed = {"do": "add", "how": "digits", "code": "69 0123 4567 892", "request": str(uuid.uuid4())}
    assert "Milk" in anna.post(f"{shop.store.base}/basket", data=typed).text
    typed |= {"code": wide("690123-4567892"), "request": str(uuid.uuid4())}
    assert "done=added" in anna.post(f"{shop.store.base}/basket", data=typed).url
    assert "done=emptied" in anna.post(f"{shop.store.base}/basket", data={"do": "drop"}).url


@pytest.mark.parametrize("language", ["zh-CN", "en", "de"])
def test_the_page_is_in_every_language(shop: Shop, language: str) -> None:
    shopper = Shopper(shop.store, language)
    add(shopper, how="search", code=MILK)
    add(shopper, how="search", code=WINE)
    page = shopper.get(f"{shop.store.base}/basket", headers={"Accept-Language": language})
    assert page.status_code == 200
    assert "basket." not in re.sub(r"<style.*?</style>|<script.*?</script>", "", page.text, flags=re.DOTALL)


def test_staff_is_called_for_what_is_not_for_everybody(shop: Shop, anna: Shopper) -> None:
    add(anna, how="search", code=WINE)
    assert basket(anna)["age_state"] == "needed"
    anna.scan(shop.store.code("poster-door"))
    refused = anna.api("POST", "/api/v1/basket/hold", {}).json()
    assert (refused["code"], refused["age"]) == ("age_needs_staff", 18)
    assert basket(anna)["age_state"] == "asked"
    waiting = [need for need in shop.store.gateway.parts.needs.all(0) if need.kind == "age_check"]
    assert [(need.details["age"], need.details["touchpoint"]) for need in waiting] == [(18, "poster-door")]
    li = Colleague(shop.store)
    assert li.come().status_code == 200
    (target,) = set(re.findall(r'name="target" value="([^"]+/18)"', li.page()))
    assert li.does("age_enough", target).status_code == 200
    assert anna.api("POST", "/api/v1/basket/hold", {}).status_code == 200


def test_it_survives_the_browsers_end_and_a_restart(shop: Shop, anna: Shopper) -> None:
    """The basket is the person's; its rows come from the journal alone."""
    del shop
    add(anna, how="search", code=MILK, quantity=4)
    other = Shopper(anna.store)
    other.cookies.update(anna.cookies)
    assert basket(other)["pieces"] == 4


def test_what_is_sold_otherwise_now_is_shown_without_a_price_and_cannot_be_paid(shop: Shop, anna: Shopper) -> None:
    """Bread by the piece lies in the basket when the store begins to sell it by weight."""
    add(anna, how="search", code=BREAD)
    add(anna, how="search", code=MILK)
    try:
        shop.sell("12.90", bread="kg")
        found = basket(anna)
        assert [(line["name"], line["pay"]) for line in found["lines"]] == [("Bread", None), ("Milk", 1290)]
        assert (found["total"], found["payable"]) == (1290, False)
        assert anna.api("POST", "/api/v1/basket/hold", {}).json()["code"] == "no_price"
        page = anna.get(f"{shop.store.base}/basket").text
        assert "No price now" in page
    finally:
        shop.sell("12.90")


def test_a_products_page_compares_units_and_names_the_lowest_price(shop: Shop, anna: Shopper) -> None:
    page = anna.get(f"{shop.store.base}/p/{MILK}").text
    assert "Compare by unit price" in page
    assert "40% less" in page
    other = page.split("In our other stores")[1]
    assert all(each in other for each in ("North Street", "11.61", "10% less"))
    assert "Mill" not in other, "without a price there is nothing to compare"
    wait(lambda: "owest in the last 90 days" in anna.get(f"{shop.store.base}/p/{MILK}").text)
    assert [each["reason"] for each in _suggested(anna)] == ["40% less per unit than “Milk”"]


def _suggested(shopper: Shopper) -> list[dict[str, Any]]:
    add(shopper, how="search", code=MILK)
    found: list[dict[str, Any]] = shopper.api("GET", "/api/v1/basket/suggestions").json()
    return found


def test_a_shopper_learns_why_it_costs_that_and_the_inputs_give_the_same_price_again(shop: Shop, anna: Shopper) -> None:
    found = add(anna, code=MILK[1:], symbology="ean13", quantity=2).json()["basket"]
    told = anna.api("GET", "/api/v1/why/basket/total").json()
    assert (told["total"], told["kind"]) == (found["total"], "total")
    line = anna.api("GET", f"/api/v1/why/basket/{found['lines'][0]['line']}").json()
    assert line["line"]["pay"] == found["lines"][0]["pay"]
    for each in told.get("not_used", []):
        one = anna.api("GET", f"/api/v1/why/basket/{each['campaign']}").json()
        assert one["not_used"][0]["code"] == each["code"]
    assert anna.api("GET", "/api/v1/why/basket/nothing-of-that-name").status_code == 404
    assert Shopper(shop.store).api("GET", "/api/v1/why/basket/total").json()["code"] == "basket_empty"


def test_a_coupon_for_the_tills_hand_is_none_of_the_baskets(shop: Shop, anna: Shopper) -> None:
    """One of a campaign that staff stopped is, and the store's own document has it."""
    gateway, found = shop.store.gateway, add(anna, code=MILK[1:], symbology="ean13").json()["basket"]["basket"]
    basket = basket_queries.now(gateway.reads, found)
    assert basket is not None
    facts = [
        CampaignPublished(campaign=Campaign(id="halted", benefit=Off(100), claim=True), version="halted"),
        CampaignPaused(campaign="halted", by="li", reason="a mistake"),
        *(
            CouponClaimed(
                coupon=f"{name}.1", campaign=name, member=basket.member, touchpoint="", request=name,
                usable_from_ms=0, until_ms=None,
            )
            for name in ("welcome-gift", "halted")
        ),
    ]  # fmt: skip
    for fact in facts:
        shop.store.do(gateway.decide(lambda tx, fact=fact: tx.emit(fact)))
    told = anna.api("GET", "/api/v1/basket").json()["not_used"]
    assert [each["coupon"] for each in told if each["coupon"]] == ["halted.1"]
    gathered = gateway.pricing.inputs(found)
    assert answer(read(msgspec.json.encode(document(gathered)))).quote == compute(gathered)


def test_what_is_held_of_a_person_is_the_baskets_of_all_their_phones(shop: Shop, anna: Shopper) -> None:
    other, member = Shopper(shop.store), ""
    for shopper, code in ((anna, MILK), (other, BREAD)):
        found = basket_queries.now(
            shop.store.gateway.reads, add(shopper, how="search", code=code).json()["basket"]["basket"]
        )
        assert found is not None
        before, member = member, found.member
    shop.store.do(shop.store.gateway.decide(joining.link, MembersLinked(member=before, kin=member, how="phone")))
    told = anna.get(f"{shop.store.base}/me/privacy/data", timeout=60).json()["here_now"]["basket"]
    assert sorted(each["what"] for each in told) == sorted((MILK, BREAD))


def test_two_first_taps_of_a_phone_without_a_cookie_are_one_guest_s(shop: Shop) -> None:
    body = {"code": MILK, "how": "page", "quantity": 1, "request": str(uuid.uuid4())}
    taps = [Shopper(shop.store), Shopper(shop.store)]
    for tap in taps:
        assert tap.api("POST", "/api/v1/basket/lines", body).ok
    one, other = (tap.api("GET", "/api/v1/basket").json() for tap in taps)
    assert (one["basket"], len(one["lines"])) == (other["basket"], 1)
    assert taps[0].cookies["sk_visitor"].partition(".")[0] == taps[1].cookies["sk_visitor"].partition(".")[0]

"""A small till, written from docs/till.md alone, and what tries it: answers lost, prices risen, codes used, returns."""

from __future__ import annotations

import json
import re
import time
import uuid
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import requests

from edge.domain.baskets import queries as basket_queries
from edge.domain.baskets.facts import BasketHeld
from edge.domain.baskets.rules import Owner
from edge.domain.campaigns import decisions as campaigns
from edge.domain.campaigns import queries as campaign_queries
from edge.domain.lockers.facts import ParcelFeeDue
from edge.domain.orders import queries
from edge.gateway.payments.wechat import WechatPort
from edge.gateway.till_orders import TillOrders
from edge.secrets import tills
from edge.settings.payments import WechatSettings
from pricing.campaigns import Campaign, Condition, Off
from tests.conftest import need, new_broker
from tests.edge.payments.wechat_pay import WechatPay
from tests.web.running import RunningStore, Shopper, wait
from tests.web.test_basket import APPLES, BREAD, MILK, WINE, Shop
from tests.web.test_screen_shop import Glass

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TWICE = 2


class SmallTill:
    """HTTP and JSON: what an existing till needs. Each request is sent twice, as if its answer was lost."""

    def __init__(self, address: str, token: str) -> None:
        self._address, self._http = address, requests.Session()
        self._http.headers.update({"Authorization": f"Bearer {token}", "Accept-Language": "en"})

    def _send(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answers = [self._http.post(f"{self._address}/api/v1/orders{path}", json=body, timeout=60) for _ in range(TWICE)]
        first, again = ({key: each.json().get(key) for key in ("code", "state", "total", "number")} for each in answers)
        assert first == again
        found: dict[str, Any] = answers[-1].json()
        return found

    def quote(self, order: str, lines: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        return self._send("", {"order": order, "lines": lines, **more})

    def hold(self, order: str, lines: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        return self._send("", {"order": order, "lines": lines, "hold": True, **more})

    def confirm(self, order: str, amount: int, currency: str = "CNY", **more: Any) -> dict[str, Any]:
        body = {"amount": amount, "currency": currency, "receipt": f"R-{order}", **more}
        return self._send(f"/{order}/confirm", body)

    def take_fees(self, order: str, amount: int) -> dict[str, Any]:
        return self._send(f"/{order}/fees", {"request": str(uuid.uuid4()), "amount": amount})

    def release(self, order: str) -> dict[str, Any]:
        return self._send(f"/{order}/release")

    def give_back(self, order: str, lines: dict[str, int], **more: Any) -> dict[str, Any]:
        body = {"request": str(uuid.uuid4()), "lines": lines, "reason": "broken", **more}
        return self._send(f"/{order}/returns", body)

    def look(self, order: str) -> dict[str, Any]:
        found: dict[str, Any] = self._http.get(f"{self._address}/api/v1/orders/{order}", timeout=60).json()
        return found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("till")
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
def till(shop: Shop) -> SmallTill:
    return SmallTill(shop.store.base, tills.add(tills.file_of(shop.store.data), "till-1"))


def named() -> str:
    return f"T1-{uuid.uuid4().hex[:8]}"


def milk(quantity: int = 1) -> list[dict[str, Any]]:
    return [{"line": "1", "gtin": MILK, "quantity": quantity}]


def code_of(shopper: Shopper, ago_s: int = 0) -> str:
    """What the phone shows, or showed: its page's data, as its script signs it."""
    page = shopper.get(f"{shopper.store.base}/wallet/code", timeout=60).text
    data = json.loads(re.findall(r'id="pass"[^>]*>(.*?)</script>', page)[0])
    return shopper.store.gateway.lookup.passes.code(data["pass"], int((time.time() - ago_s) * 1000))


def member_of(shopper: Shopper) -> str:
    """Whose basket a phone has."""
    found = basket_queries.now(shopper.store.gateway.reads, shopper.api("GET", "/api/v1/basket").json()["basket"])
    assert found is not None
    return found.member


def owe(shop: Shop, member: str, amount: int) -> None:
    """A parcel was collected late."""
    due = ParcelFeeDue(parcel=str(uuid.uuid4()), member=member, amount=amount)
    shop.store.do(shop.store.gateway.decide(lambda tx: tx.emit(due)))


def test_a_first_order_is_cheaper_at_one_of_two_tills(shop: Shop, till: SmallTill) -> None:
    gateway, do = shop.store.gateway, shop.store.do
    before = campaign_queries.in_force(gateway.reads)
    first = Campaign(id="welcome", benefit=Off(300), when=Condition(first_order=True))
    do(gateway.decide(campaigns.activate, [*before, first], by="test"))
    try:
        anna, one, two = Shopper(shop.store), named(), named()
        assert anna.register(shop.store.code("poster-door")).ok
        other = SmallTill(shop.store.base, tills.add(tills.file_of(shop.store.data), "till-2"))
        assert till.hold(one, milk(), member=code_of(anna, 40))["total"] == 990
        at_other = other.quote(two, milk(), member=code_of(anna))
        assert at_other["total"] == 1290
        assert [each["code"] for each in at_other["quote"]["not_used"] if each["campaign"] == "welcome"] == [
            "not_first_order"
        ]
        till.release(one)
        assert other.hold(two, milk())["total"] == 990
        assert till.hold(one, milk())["total"] == 1290
    finally:
        do(gateway.decide(campaigns.activate, before, by="test"))


def test_an_offer_for_one_way_of_paying_is_paid_by_no_other(shop: Shop, till: SmallTill) -> None:
    gateway, do = shop.store.gateway, shop.store.do
    before = campaign_queries.in_force(gateway.reads)
    card = Campaign(id="by-card", benefit=Off(200), when=Condition(payments=("card",)))
    do(gateway.decide(campaigns.activate, [*before, card], by="test"))
    try:
        order = named()
        plain = till.quote(order, milk())
        assert plain["total"] == 1290
        assert {"campaign": "by-card", "code": "payment", "wanted": ["card"]}.items() <= next(
            each.items() for each in plain["quote"]["not_used"] if each["campaign"] == "by-card"
        )
        assert till.hold(order, milk(), paid_by="card", seen=1090)["total"] == 1090
        for other in ({}, {"paid_by": "cash"}):
            assert till.confirm(order, 1090, **other)["code"] == "way_differs"
        # Another way means another price, which is shown first.
        assert till.hold(order, milk(), paid_by="cash", seen=1090)["code"] == "price_changed"
        assert till.hold(order, milk(), paid_by="card", seen=1090)["total"] == 1090
        assert till.confirm(order, 1090, paid_by="card")["state"] == "paid"
        # Nothing is due by card: by another way something is.
        free = msgspec.structs.replace(card, benefit=Off(1290))
        do(gateway.decide(campaigns.activate, [*before, free], by="test"))
        order = named()
        assert till.hold(order, milk(), paid_by="card")["total"] == 0
        for other in ({}, {"paid_by": "cash"}):
            assert till.confirm(order, 0, **other)["code"] == "way_differs"
        assert till.confirm(order, 0, paid_by="card")["state"] == "paid"
    finally:
        do(gateway.decide(campaigns.activate, before, by="test"))


def test_from_quote_to_receipt_and_back(shop: Shop, till: SmallTill) -> None:
    order = named()
    belt = [*milk(2), {"line": "2", "gtin": BREAD}, {"line": "bag", "gtin": APPLES, "grams": 532}]
    quoted = till.quote(order, belt)
    assert (quoted["state"], quoted["until_ms"]) == ("open", None)
    assert quoted["total"] == sum(line["pay"] for line in quoted["quote"]["lines"])
    assert {line["id"]: line["shelf"] for line in quoted["quote"]["lines"]} == {"1": 2580, "2": 890, "bag": 681}
    held = till.hold(order, belt, seen=quoted["total"])
    assert (held["state"], held["total"]) == ("held", quoted["total"])
    paid = till.confirm(order, held["total"])
    assert paid["state"] == "paid"
    assert re.fullmatch(r"[0-9A-Z]{5}-[0-9A-Z]{5}", paid["number"])
    assert till.look(order)["number"] == paid["number"]
    found = queries.of_number(shop.store.gateway.reads, paid["number"])
    assert found is not None
    assert [each.reference for each in found.paid.paid] == [f"R-{order}"]
    # All of it comes back in portions, to the last fen.
    portions = [till.give_back(order, lines) for lines in ({"1": 1}, {"2": 1, "bag": 1}, {"1": 1})]
    assert sum(each["amount"] for each in portions) == paid["total"]
    assert till.give_back(order, {"1": 1})["code"] == "returned_already"


def test_what_is_on_the_belt_is_the_order(till: SmallTill) -> None:
    order = named()
    assert till.quote(order, [*milk(3), {"line": "2", "gtin": BREAD}])["total"] == 3 * 1290 + 890
    assert till.hold(order, milk(1))["total"] == 1290
    # Another belt ends the hold.
    assert till.quote(order, milk(2))["state"] == "open"
    assert till.confirm(order, 2580)["code"] == "basket_not_held"
    assert till.release(order)["state"] == "open"


def test_what_is_paid_stays_what_it_is(till: SmallTill) -> None:
    order = named()
    till.hold(order, milk())
    for wrong in (1289, 1291, 0):
        assert till.confirm(order, wrong)["code"] == "payment_differs"
    foreign = till.confirm(order, 1290, "USD")
    assert (foreign["code"], foreign["expected"]) == ("payment_differs", 1290)
    assert "in CNY, not in USD: ¥12.90" in foreign["detail"]
    number = till.confirm(order, 1290)["number"]
    assert till.confirm(order, 1290)["number"] == number
    assert till.quote(order, milk(5))["number"] == number
    assert till.release(order)["state"] == "paid"


def test_a_price_that_rose_is_asked_and_one_that_fell_is_passed_on(shop: Shop, till: SmallTill) -> None:
    order = named()
    seen = till.quote(order, milk())["total"]
    shop.sell("13.90")
    refused = till.hold(order, milk(), seen=seen)
    assert (refused["code"], refused["shown"], refused["now"]) == ("price_changed", 1290, 1390)
    held = till.hold(order, milk(), seen=1390)
    shop.sell("12.90")
    # What is held stands.
    assert till.look(order)["total"] == held["total"] == 1390
    till.release(order)
    assert till.hold(order, milk(), seen=1390)["total"] == 1290


@pytest.fixture
def bank(shop: Shop, tmp_path: Path) -> Iterator[WechatPay]:
    need("wechatpayv3")
    made = WechatPay()
    ports: dict[str, Any] = shop.store.gateway.desk.ports  # type: ignore[assignment]
    ports["wechat"] = WechatPort(WechatSettings(**made.keys(tmp_path)), tmp_path / "wechat", timeout_s=(60, 60))
    yield made
    del ports["wechat"]
    made.stop()


def by_code(till: SmallTill, basket: str, request: str = "") -> dict[str, Any]:
    body = {"basket": basket, "code": "134567890123456781", "request": request or str(uuid.uuid4())}
    found: dict[str, Any] = till._http.post(f"{till._address}/api/v1/payments/by-code", json=body, timeout=60).json()
    return found


def test_what_was_paid_by_a_phones_code_goes_back_there_and_no_cash_is_given(
    bank: WechatPay, shop: Shop, till: SmallTill
) -> None:
    order, request = named(), str(uuid.uuid4())
    held = till.hold(order, milk(2))
    assert by_code(till, held["quote"]["basket"], request)["state"] == "paid"
    assert till.look(order)["state"] == "paid"
    assert till.confirm(order, 2580)["code"] == "payment_over", "what the till took besides is not the store's"
    back = till.give_back(order, {"1": 1})
    assert (back["way"], back["amount"], back["sent_back"]) == ("port", 0, 1290)
    found = queries.of_number(shop.store.gateway.reads, till.look(order)["number"])
    assert found is not None
    wait(lambda: [each.state for each in queries.refunds(shop.store.gateway.reads, found.order)] == ["done"])
    assert [each["amount"]["refund"] for each in bank.refunds.values()] == [1290]
    # The same request for what another customer pays is no payment of theirs.
    other = till.hold(named(), milk())
    assert by_code(till, other["quote"]["basket"], request)["code"] == "bad_request"


def test_a_return_s_request_means_one_return(till: SmallTill) -> None:
    one, other = named(), named()
    for order in (one, other):
        till.hold(order, milk())
        till.confirm(order, 1290)
        assert till.confirm(order, 1291)["code"] == "payment_differs"
    request = str(uuid.uuid4())
    assert till.give_back(one, {"1": 1}, request=request)["amount"] == 1290
    again = till.give_back(one, {"1": 1}, request=request)
    assert (again["amount"], again["already"]) == (1290, True)
    assert till.give_back(other, {"1": 1}, request=request)["code"] == "bad_request"
    assert till.give_back(one, {}, request=request, kind="void")["code"] == "bad_request"
    assert till.look(other)["state"] == "paid"


def test_a_members_code_brings_the_order_to_their_phone(shop: Shop, till: SmallTill) -> None:
    anna, order = Shopper(shop.store), named()
    anna.api("POST", "/api/v1/basket/lines", {"code": BREAD, "how": "page", "request": str(uuid.uuid4())})
    code = code_of(anna)
    assert till.quote(order, milk(), member=code)["state"] == "open"
    other = SmallTill(shop.store.base, tills.add(tills.file_of(shop.store.data), "till-2"))
    assert other.quote(named(), milk(), member=code)["code"] == "code_used"
    assert other.look(order)["code"] == "order_unknown"
    # The phone's own basket stays the phone's.
    assert [line["name"] for line in anna.api("GET", "/api/v1/basket").json()["lines"]] == ["Bread"]
    till.hold(order, milk())
    number = till.confirm(order, 1290)["number"]
    (mine,) = anna.api("GET", "/api/v1/orders/mine").json()
    assert (mine["number"], mine["total"], mine["state"]) == (number, 1290, "paid")
    assert anna.api("GET", "/api/v1/orders/mine").headers["Content-Type"] == "application/json"


def test_the_till_takes_the_late_fees_of_a_member_beside_the_order(shop: Shop, till: SmallTill) -> None:
    anna, order = Shopper(shop.store), named()
    anna.api("POST", "/api/v1/basket/lines", {"code": BREAD, "how": "page", "request": str(uuid.uuid4())})
    owe(shop, member_of(anna), 500)
    assert till.quote(order, milk())["owed"] == 0
    nobody = till.take_fees(order, 500)
    assert (nobody["code"], "¥5.00 instead of ¥0.00" in nobody["detail"]) == ("payment_differs", True)
    till.release(order)
    order = named()
    quoted = till.quote(order, milk(), member=code_of(anna))
    assert (quoted["owed"], quoted["total"]) == (500, 1290)
    wrong = till.take_fees(order, 400)
    assert (wrong["code"], "¥4.00 instead of ¥5.00" in wrong["detail"]) == ("payment_differs", True)
    assert till.take_fees(order, 500)["owed"] == 0
    till.hold(order, milk())
    assert till.confirm(order, 1290)["owed"] == 0
    # What fell due since is said of a paid order too, however the till asks for it.
    owe(shop, member_of(anna), 300)
    assert till.look(order)["owed"] == till.quote(order, milk())["owed"] == 300


def test_goods_that_are_not_for_everybody_are_looked_at_first(till: SmallTill) -> None:
    order, wine = named(), [{"line": "1", "gtin": WINE}]
    assert till.hold(order, wine)["code"] == "age_needs_staff"
    assert till.hold(order, wine, age_checked_by="cashier 7")["state"] == "held"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"lines": []}, "bad_request"),
        ({"lines": [{"line": "1", "gtin": "123"}]}, "bad_request"),
        ({"lines": [{"line": "1", "gtin": MILK}, {"line": "1", "gtin": BREAD}]}, "bad_request"),
        ({"lines": [{"line": "1", "gtin": MILK, "quantity": 0}]}, "bad_request"),
        ({"lines": [{"line": "1", "gtin": MILK, "quantity": 1.5}]}, "bad_request"),
        ({"lines": [{"line": "1", "gtin": APPLES, "quantity": 2, "grams": 5}]}, "bad_request"),
        ({"lines": [{"line": "1", "gtin": MILK, "grams": 10}]}, "bad_request"),
        ({"lines": [{"line": "1", "gtin": APPLES}]}, "needs_weight"),
        ({"lines": [{"line": "1", "gtin": "04006381333931"}]}, "product_unknown"),
        ({"lines": [{"line": "1", "gtin": MILK}], "member": "hello"}, "code_unknown"),
        ({"lines": [{"line": "1", "gtin": MILK}], "order": "a/b"}, "bad_request"),
        ({"lines": [{"line": "1", "gtin": MILK}], "extra": 1}, "bad_request"),
    ],
)
def test_what_no_till_should_send_is_refused_by_name(till: SmallTill, body: dict[str, Any], code: str) -> None:
    order = {"order": named(), **body}
    assert till._send("", order)["code"] == code


def test_without_a_token_nothing(shop: Shop) -> None:
    answer = SmallTill(shop.store.base, "wrong").quote(named(), milk())
    assert answer["code"] == "till_only"


def test_nothing_comes_back_of_an_order_that_is_not_there(till: SmallTill) -> None:
    assert till.give_back(named(), {"1": 1})["code"] == "order_unknown"
    order = named()
    till.hold(order, milk())
    assert till.give_back(order, {"1": 1})["code"] == "order_unknown"
    till.confirm(order, 1290)
    assert till.give_back(order, {"9": 1})["code"] == "line_not_sold"
    assert till.give_back(order, {}, kind="void")["amount"] == 1290
    assert till.look(order)["state"] == "void"


def test_an_order_is_said_again_with_its_members_code_when_that_is_long_over(shop: Shop, till: SmallTill) -> None:
    shopper, order = Shopper(shop.store), named()
    assert shopper.register(shop.store.code("poster-door")).ok
    assert till.quote(named(), milk(), member=code_of(shopper, 300))["code"] == "code_expired"
    till.quote(order, milk(), member=code_of(shopper))
    again = code_of(shopper, 300)
    held = till.hold(order, milk(2), member=again)
    assert held["state"] == "held"
    till.confirm(order, held["total"])
    assert till.hold(order, milk(2), member=again)["state"] == "paid"


def test_a_basket_from_a_screen_is_taken_by_its_digits_and_paid_once(shop: Shop, till: SmallTill) -> None:
    glass = Glass(shop)
    glass.add(MILK, quantity=2)
    digits = glass.add(BREAD)["code"]["digits"]
    order = named()
    taken = till._send(f"/{order}/take", {"digits": digits})
    assert (taken["state"], taken["total"]) == ("open", 2 * 1290 + 890)
    assert [line["id"] for line in taken["quote"]["lines"]] == ["1", "2"]
    assert "at the till since" in glass.basket()["gone"]
    assert till._send(f"/{named()}/take", {"digits": digits})["code"] == "basket_taken"
    lines = [{"line": "1", "gtin": MILK, "quantity": 2}, {"line": "2", "gtin": BREAD}]
    assert till.hold(order, lines)["total"] == taken["total"]
    assert till.confirm(order, taken["total"])["state"] == "paid"
    assert till.give_back(order, {"1": 1})["amount"] == 1290


def test_who_comes_second_for_a_basket_is_told_that_somebody_has_it(shop: Shop, till: SmallTill) -> None:
    glass, order = Glass(shop), named()
    digits = glass.add(MILK)["code"]["digits"]
    other = SmallTill(shop.store.base, tills.add(tills.file_of(shop.store.data), "till-2"))
    assert till._send(f"/{order}/take", {"digits": digits})["total"] == 1290
    assert other._send(f"/{named()}/take", {"digits": digits})["code"] == "basket_taken"
    assert till._send(f"/{order}/take", {"digits": digits})["total"] == 1290
    assert till.release(order)["state"] == "open"


def test_a_basket_is_taken_beside_what_was_scanned_before(shop: Shop, till: SmallTill) -> None:
    glass, order = Glass(shop), named()
    glass.add(MILK, quantity=2)
    digits = glass.add(BREAD)["code"]["digits"]
    till.quote(order, milk())
    taken = till._send(f"/{order}/take", {"digits": digits})
    assert [(line["id"], line["quantity"]) for line in taken["quote"]["lines"]] == [("1", 3), ("2", 1)]
    assert till._send(f"/{order}/take", {"digits": "x"})["code"] == "basket_gone"
    assert till.look(order)["total"] == 3 * 1290 + 890
    till.release(order)


def test_a_basket_is_taken_in_whatever_is_cut_off_in_between(shop: Shop, till: SmallTill) -> None:
    glass, order = Glass(shop), named()
    digits = glass.add(MILK)["code"]["digits"]
    handover = shop.store.gateway.handover
    cut = handover.take_at(Owner(session=f"till/till-1/{order}"), handover.seed_of_digits(digits))
    shop.store.do(cut)
    taken = till._send(f"/{order}/take", {"digits": digits})
    assert [line["id"] for line in taken["quote"]["lines"]] == ["1"]
    till.hold(order, milk())
    till.confirm(order, taken["total"])
    assert till.give_back(order, {"1": 1})["amount"] == 1290


def test_a_price_that_stands_no_longer_is_held_anew_at_once(shop: Shop, till: SmallTill) -> None:
    order = named()
    till.quote(order, milk())
    gateway = shop.store.gateway
    found = basket_queries.of_session(gateway.reads, f"till/till-1/{order}")
    assert found is not None
    now = basket_queries.now(gateway.reads, found)
    assert now is not None
    parts = gateway.parts
    orders = TillOrders(
        parts.decide, parts.journal.reads, parts.lookup.products, parts.pricing, parts.desk, parts.checkout
    )
    old = BasketHeld(basket=found, revision=now.revision, quote=gateway.pricing.quote(found), until_ms=1)

    async def anew() -> str:
        await gateway.decide(lambda tx: tx.emit(old))
        return (await orders.hold("till-1", order, None, time.time_ns() // 1_000_000)).state

    assert shop.store.do(anew()) == "held"

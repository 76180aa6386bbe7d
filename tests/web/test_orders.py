"""What was paid, on the phone and at staff's desk: the code for the exit, the check there, what comes back."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from edge.domain.campaigns.facts import CampaignPublished, CampaignsActivated, CampaignWithdrawn
from edge.domain.orders import queries
from edge.domain.orders.facts import AuditChosen
from edge.domain.orders.rules import OrderRules
from edge.domain.payments.rules import SILENT_MS
from edge.errors import Refusal
from edge.web.views import orders as views
from pricing.campaigns import Campaign, Condition, Off
from tests.conftest import new_broker
from tests.keyboards import wide
from tests.web.running import RunningStore, Shopper, wait
from tests.web.test_basket import APPLES, BREAD, BUDGET, MILK, UNPRICED, WINE, Shop, weighed
from tests.web.test_till import code_of, member_of, owe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.domain.orders.rules import Order
    from edge.journal import Fact, Tx


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("orders")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    store = RunningStore(broker, folder, ())
    # Who is checked at the exit is drawn: here only whom a test chooses.
    store.settings = store.settings.model_copy(update={"orders": OrderRules(audit_share=0)})
    store.start()
    opened = Shop(store, folder)
    opened.sell("12.90")
    yield opened
    store.stop()
    broker.stop()


@pytest.fixture(scope="module")
def li(shop: Shop) -> Shopper:
    """Somebody of the staff, logged in."""
    phone = Shopper(shop.store)
    phone.post(f"{shop.store.base}/staff/login", data={"staff": "li", "pin": "2580"}, timeout=60)
    return phone


def buy(shop: Shop, goods: dict[str, int], phone: Shopper | None = None) -> tuple[Shopper, Order]:
    anna = phone or Shopper(shop.store)
    for gtin, quantity in goods.items():
        body = {"code": gtin, "how": "page", "quantity": quantity, "request": str(uuid.uuid4())}
        anna.api("POST", "/api/v1/basket/lines", body).raise_for_status()
    anna.api("POST", "/api/v1/basket/hold", {}).raise_for_status()
    asked = anna.api("POST", "/api/v1/payments", {"port": "simulated", "request": str(uuid.uuid4())})
    assert asked.status_code == 200, asked.text
    paid = anna.api("POST", f"/api/v1/payments/{asked.json()['payment']}/play", {"do": "pay"})
    assert paid.json()["state"] == "paid", paid.text
    found = queries.of_basket(shop.store.gateway.reads, asked.json()["basket"])
    assert found is not None
    return anna, found


def now(shop: Shop, order: Order) -> Order:
    found = queries.order(shop.store.gateway.reads, order.order)
    assert found is not None
    return found


def choose(shop: Shop, order: Order, pieces: int = 3) -> None:
    """Has it drawn for a check."""
    drawn = AuditChosen(order=order.order, why="draw", pieces=pieces)
    shop.store.do(shop.store.gateway.decide(lambda tx: tx.emit(drawn)))


def in_force(shop: Shop, *facts: Fact) -> None:
    """Publishes campaigns, or withdraws them."""

    def publish(tx: Tx) -> None:
        for fact in facts:
            tx.emit(fact)

    shop.store.do(shop.store.gateway.decide(publish))


def do(li: Shopper, order: Order, what: str, **form: Any) -> str:
    body = {"do": what, "request": str(uuid.uuid4()), **form}
    return li.post(f"{li.store.base}/staff/orders/{order.order}", data=body, timeout=60).text


@pytest.mark.parametrize("language", ["zh-CN", "en", "de"])
def test_the_page_of_an_order_says_it_all_in_few_bytes(shop: Shop, language: str) -> None:
    anna, order = buy(shop, {MILK: 2, BREAD: 1}, Shopper(shop.store, language))
    page = anna.get(f"{shop.store.base}/orders/{order.order}", timeout=60)
    assert page.status_code == 200
    assert order.number in page.text
    assert "<svg" in page.text
    assert len(page.content) < 3 * BUDGET
    assert int(page.headers["Content-Length"]) < BUDGET
    assert order.number not in anna.get(f"{shop.store.base}/orders", timeout=60).text.split("<main>")[0]
    assert f"/orders/{order.order}" in anna.get(f"{shop.store.base}/orders", timeout=60).text


def test_nobody_sees_anothers_order(shop: Shop) -> None:
    _, order = buy(shop, {MILK: 1})
    for stranger in (Shopper(shop.store), buy(shop, {BREAD: 1})[0]):
        for path in (f"/orders/{order.order}", f"/orders/{order.order}/exit"):
            assert stranger.get(f"{shop.store.base}{path}", timeout=60).status_code == 404


def test_staff_find_an_order_by_what_the_phone_shows(shop: Shop, li: Shopper) -> None:
    anna, order = buy(shop, {MILK: 1})
    shown = anna.get(f"{shop.store.base}/orders/{order.order}/exit", timeout=60).json()
    assert shown["svg"].startswith("<svg")
    for text, genuine in (("".join(shown["digits"]), True), (order.number.lower(), False)):
        page = li.get(f"{shop.store.base}/staff/orders", params={"q": text}, timeout=60)
        assert page.url.startswith(f"{shop.store.base}/staff/orders/{order.order}")
        assert ("A phone showed a good code" in page.text) == genuine
    assert li.get(f"{shop.store.base}/staff/orders", params={"q": "nothing"}, timeout=60).status_code == 404
    assert Shopper(shop.store).get(f"{shop.store.base}/staff/orders/{order.order}", timeout=60).status_code == 401
    do(li, order, "hand_over")
    assert now(shop, order).state == "handed_over"
    assert anna.get(f"{shop.store.base}/orders/{order.order}/exit", timeout=60).json() == {}


def test_staff_take_the_money_for_the_number_on_a_phone(shop: Shop, li: Shopper) -> None:
    anna = Shopper(shop.store)
    body = {"code": MILK, "how": "page", "quantity": 2, "request": str(uuid.uuid4())}
    anna.api("POST", "/api/v1/basket/lines", body).raise_for_status()
    anna.api("POST", "/api/v1/basket/hold", {}).raise_for_status()
    asked = anna.api("POST", "/api/v1/payments", {"port": "counter", "request": str(uuid.uuid4())}).json()
    number, at = asked["shows"], f"{shop.store.base}/staff/orders"
    page = li.get(at, params={"q": f"{number[:4]} {number[4:]}"}, timeout=60)
    assert f"/staff/payments/{number}" in page.text
    assert "Latest orders" not in page.text
    assert f"/staff/payments/{number}" in li.get(at, params={"q": wide(number)}, timeout=60).text
    take = f"{shop.store.base}/staff/payments/{number}"
    assert Shopper(shop.store).post(take, data={"amount": asked["amount"]}, timeout=60).status_code == 401
    for wrong in ("", "1", "-1", "12.90"):
        assert li.post(take, data={"amount": wrong}, timeout=60).status_code in (400, 409)
    found = li.post(take, data={"amount": asked["amount"]}, timeout=60)
    assert "/staff/orders/" in found.url
    order = queries.of_basket(shop.store.gateway.reads, asked["basket"])
    assert order is not None
    assert order.number in found.text
    li.post(take, data={"amount": asked["amount"]}, timeout=60).raise_for_status()  # sent twice, it is sold once
    assert f"/staff/payments/{number}" not in li.get(at, timeout=60).text


def test_a_late_fee_is_paid_with_the_basket_or_to_staff(shop: Shop, li: Shopper) -> None:
    anna = Shopper(shop.store)
    body = {"code": MILK, "how": "page", "quantity": 1, "request": str(uuid.uuid4())}
    anna.api("POST", "/api/v1/basket/lines", body).raise_for_status()
    owe(shop, member := member_of(anna), 500)
    assert "5.00" in anna.get(f"{shop.store.base}/", timeout=60).text
    page = anna.get(f"{shop.store.base}/basket", timeout=60).text
    assert "Late fees for lockers" in page
    assert "17.90" in page
    anna.api("POST", "/api/v1/basket/hold", {}).raise_for_status()
    at = f"{shop.store.base}/staff/orders"
    take, asked = f"{shop.store.base}/staff/fees/{member}", {"amount": "500", "request": str(uuid.uuid4())}
    assert li.post(take, data=asked, timeout=60).status_code == 409
    assert "With ¥5.00 of late locker fees" in anna.get(f"{shop.store.base}/pay", timeout=60).text
    paying = anna.api("POST", "/api/v1/payments", {"port": "counter", "request": str(uuid.uuid4())}).json()
    assert paying["amount"] == 1790
    sold = li.post(f"{shop.store.base}/staff/payments/{paying['shows']}", data={"amount": "1790"}, timeout=60)
    assert sold.status_code == 200
    order = queries.of_basket(shop.store.gateway.reads, paying["basket"])
    assert order is not None
    assert "17.90" in anna.get(f"{shop.store.base}/orders/{order.order}", timeout=60).text
    owe(shop, member, 300)
    assert Shopper(shop.store).post(take, data=asked, timeout=60).status_code == 401
    assert f"/staff/fees/{member}" in li.get(at, timeout=60).text
    assert f"/staff/fees/{member}" in li.get(at, params={"q": code_of(anna)}, timeout=60).text
    for _ in range(2):  # sent twice, it is taken once
        found = li.post(take, data={**asked, "amount": "300"}, timeout=60)
        assert "The fee was taken" in found.text
    assert f"/staff/fees/{member}" not in found.text


def test_a_code_of_before_and_a_made_up_one_are_told_apart(shop: Shop) -> None:
    _, order = buy(shop, {MILK: 1})
    checkout = shop.store.gateway.checkout
    at = order.at_ms
    code = checkout.code(order, at).text
    assert checkout.find(f"https://store/x?{code}", at + 59_000)[0].order == order.order
    digits = checkout.code(order, at).digits
    for shown in (wide(code), digits, f"{digits[:2]} {digits[2:4]}\N{EN DASH}{digits[4:]}", wide(digits)):
        assert checkout.find(shown, at) == (order, True)
    for typed in (order.number.replace("-", "\N{EN DASH}"), wide(order.number.lower())):
        assert checkout.find(typed, at) == (order, False)
    for text, later, why in (
        (code, 61_000, "code_expired"),
        (code[:-1] + ("A" if code[-1] != "A" else "B"), 0, "tampered"),
    ):
        with pytest.raises(Refusal, match=why):
            checkout.find(text, at + later)


def test_what_came_close_is_said_as_long_as_nothing_came_back(shop: Shop, li: Shopper) -> None:
    near = Campaign(
        id="near", benefit=Off(500), when=Condition(min_spend=3000), stage="basket", words={"en": "Five off"}
    )
    published = CampaignPublished(campaign=near, version="near")
    in_force(shop, published, CampaignsActivated(version="near", sha256="near", by="test", count=1))
    anna, order = buy(shop, {MILK: 2})
    told = "would have given: Five off"
    assert told in anna.get(f"{shop.store.base}/orders/{order.order}", timeout=60).text
    do(li, order, "refund", **{"units-0": "1", "reason": "broken", "way": "cash"})
    assert told not in anna.get(f"{shop.store.base}/orders/{order.order}", timeout=60).text
    gone = CampaignWithdrawn(campaign="near")
    in_force(shop, gone, CampaignsActivated(version="none", sha256="none", by="test"))


def test_a_check_that_agrees_lets_it_leave(shop: Shop, li: Shopper) -> None:
    _, order = buy(shop, {MILK: 4, BREAD: 2})
    choose(shop, order)
    assert "finish the check" in do(li, order, "hand_over")
    assert "at least 3" in do(li, order, "check", scanned=f"{MILK}\n{BREAD}")
    do(li, order, "check", scanned=f"{MILK}\n{MILK[1:]} {BREAD}")
    assert now(shop, order).audit == "passed"
    do(li, order, "hand_over")
    assert now(shop, order).state == "handed_over"


def test_a_full_check_asks_for_what_did_not_come_back(shop: Shop, li: Shopper) -> None:
    _, order = buy(shop, {MILK: 5})
    do(li, order, "refund", **{"units-0": "1", "reason": "broken"})
    choose(shop, order)
    page = do(li, order, "check", scanned=f"{MILK}\n{MILK}\n{BREAD}")
    assert "(4 items)" in page
    assert "(5 items)" not in page
    do(li, order, "check", scanned="\n".join([MILK] * 4))
    assert now(shop, order).audit == "passed"


def test_the_label_of_a_weighed_bag_is_the_good_that_was_paid_for(shop: Shop, li: Shopper) -> None:
    anna = Shopper(shop.store)
    body = {"code": weighed(532), "symbology": "ean13", "request": str(uuid.uuid4())}
    anna.api("POST", "/api/v1/basket/lines", body).raise_for_status()
    _, order = buy(shop, {MILK: 1}, anna)
    choose(shop, order)
    do(li, order, "check", scanned=f"{MILK}\n{weighed(532)}")
    assert now(shop, order).audit == "passed"


def test_what_cannot_be_put_right_keeps_nothing_else_out(shop: Shop, li: Shopper) -> None:
    anna, order = buy(shop, {MILK: 1})
    do(li, order, "check", scanned=f"{MILK}\n{BREAD}\n{UNPRICED}\n{APPLES}\n{WINE}")
    assert now(shop, order).audit == "failed"
    lines = anna.api("GET", "/api/v1/basket").json()["lines"]
    assert sorted(line["gtin"] for line in lines) == sorted((BREAD.zfill(14), WINE.zfill(14)))


def test_a_piece_that_is_not_paid_for_is_put_right_without_a_word_of_blame(shop: Shop, li: Shopper) -> None:
    anna, order = buy(shop, {MILK: 6})
    choose(shop, order)
    do(li, order, "check", scanned=f"{MILK}\n{MILK}\n{BREAD}")
    assert now(shop, order).audit == "full"
    page = do(li, order, "check", scanned="\n".join([MILK] * 5 + [BREAD] * 2))
    assert now(shop, order).audit == "failed"
    assert not re.search(
        r"(?i)steal|theft|thief|cheat|dishonest", page + anna.get(f"{shop.store.base}/orders/{order.order}").text
    )
    # What is not paid for lies in the shopper's basket; what is not there goes back.
    lines = anna.api("GET", "/api/v1/basket").json()["lines"]
    assert [(line["name"], line["quantity"]) for line in lines] == [("Bread", 2)]
    do(li, order, "refund", **{"units-0": "1", "reason": "not there"})
    assert now(shop, order).refunded == 1290


def test_what_is_not_paid_for_of_somebody_who_was_erased_meanwhile_is_noted(shop: Shop, li: Shopper) -> None:
    phone = Shopper(shop.store)
    assert phone.register(shop.store.code("poster-door")).ok
    anna, order = buy(shop, {MILK: 1}, phone)
    assert anna.api("POST", "/api/v1/me/erase", {"request": str(uuid.uuid4())}).json()["erased"]
    page = do(li, order, "check", scanned=f"{MILK}\n{BREAD}")
    assert "The difference is noted." in page
    assert "register" not in page.lower()
    assert now(shop, order).audit == "failed"


def test_what_came_back_does_not_leave_by_its_receipt(shop: Shop, li: Shopper) -> None:
    _, order = buy(shop, {MILK: 2, BREAD: 1})
    page = do(li, order, "refund", **{"units-0": "2", "reason": "broken"})
    assert "1 item ·" in page
    assert re.findall(r"Most expensive: (.*?)</p>", page) == ["Bread ¥8.90"]
    page = do(li, order, "refund", **{"units-1": "1", "reason": "broken"})
    assert 'value="hand_over"' not in page
    assert "All of this has come back already." in do(li, order, "hand_over")
    assert now(shop, order).state == "paid"


def test_goods_come_back_at_the_desk_with_the_amount_shown_before(shop: Shop, li: Shopper) -> None:
    phone = Shopper(shop.store)
    assert phone.register(shop.store.code("poster-door")).ok
    anna, order = buy(shop, {MILK: 2}, phone)
    assert views.order_view(order, "en").balance == order.paid.points.earned == 25
    assert "25 points earned. 25 in all." in anna.get(f"{shop.store.base}/orders/{order.order}", timeout=60).text
    page = do(li, order, "look", **{"units-0": "1"})
    assert "Refund: ¥12.90" in page
    told = re.findall(r'name="said" value="([^"]+)"', page)[0]
    from_before = do(li, order, "refund", **{"units-0": "1", "reason": "broken", "said": f"1289{told[4:]}"})
    assert "Something else is here by now" in from_before
    assert "Refund: ¥12.90" in from_before, "what comes back now, to be agreed to"
    assert now(shop, order).refunded == 0
    assert "reason" in do(li, order, "refund", **{"units-0": "1"})
    do(li, order, "refund", **{"units-0": "1", "reason": "broken", "way": "cash", "said": told})
    (refund,) = queries.refunds(shop.store.gateway.reads, order.order)
    assert (refund.amount, refund.state) == (1290, "decided")
    assert views.order_view(now(shop, order), "en").balance is None, "what it was just after it was paid"
    do(li, order, "given", refund=refund.refund)
    page = anna.get(f"{shop.store.base}/orders/{order.order}", timeout=60).text
    assert "Refunded." in page
    assert "25 points earned. 12 in all." in page
    assert "No more than 1" in do(li, order, "refund", **{"units-0": "2", "reason": "broken"})


def test_what_came_back_at_another_desk_is_refused_before_the_amount_is_shown(shop: Shop, li: Shopper) -> None:
    _, order = buy(shop, {MILK: 2})
    assert "No more than 2" in do(li, order, "look", **{"units-0": "5"})
    do(li, order, "refund", **{"units-0": "1", "reason": "broken", "way": "cash"})
    for what in ("look", "refund", "exchange"):
        assert "No more than 1" in do(li, order, what, **{"units-0": "2", "reason": "broken"})
    do(li, order, "void", reason="broken")
    assert "void" in do(li, order, "look", **{"units-0": "1"})
    assert now(shop, order).refunded == 2580


def test_money_of_a_till_goes_back_by_hand_and_staff_are_told_where_it_does_not(shop: Shop, li: Shopper) -> None:
    anna = Shopper(shop.store)
    body = {"code": MILK, "how": "page", "quantity": 2, "request": str(uuid.uuid4())}
    anna.api("POST", "/api/v1/basket/lines", body).raise_for_status()
    anna.api("POST", "/api/v1/basket/hold", {}).raise_for_status()
    asked = anna.api("POST", "/api/v1/payments", {"port": "counter", "request": str(uuid.uuid4())}).json()
    li.post(f"{shop.store.base}/staff/payments/{asked['shows']}", data={"amount": asked["amount"]}, timeout=60)
    order = queries.of_basket(shop.store.gateway.reads, asked["basket"])
    assert order is not None
    page = li.get(f"{shop.store.base}/staff/orders/{order.order}", timeout=60).text
    assert 'name="way" value="cash" checked' in page
    assert 'name="way" value="port"' not in page
    assert "Taken back." in do(li, order, "refund", **{"units-0": "1", "reason": "r", "way": "cash"})
    do(li, order, "refund", **{"units-0": "1", "reason": "r", "way": "port"})  # as a page of before still asks
    wait(lambda: [each for each, _ in queries.failed_refunds(shop.store.gateway.reads) if each.order == order.order])
    (refund,) = [each for each, _ in queries.failed_refunds(shop.store.gateway.reads) if each.order == order.order]
    told = f"¥12.90 of order {order.number} found no way back"
    assert told in li.get(f"{shop.store.base}/staff", timeout=60).text
    act = {"do": "gave_refund", "target": refund.refund, "request": str(uuid.uuid4())}
    li.post(f"{shop.store.base}/staff/act", data=act, timeout=60).raise_for_status()
    assert told not in li.get(f"{shop.store.base}/staff", timeout=60).text
    found = {each.refund: each.state for each in queries.refunds(shop.store.gateway.reads, order.order)}
    assert found[refund.refund] == "done"


def test_money_that_hangs_at_its_port_is_looked_up_there_before_any_cash(
    shop: Shop, li: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, order = buy(shop, {MILK: 1})
    play, told = f"/api/v1/payments/{order.paid.paid[0].payment}/play", f"should go back for order {order.number}"
    anna.api("POST", play, {"do": "refund_hangs"}).raise_for_status()
    do(li, order, "void", reason="wrong basket")
    (refund,) = queries.refunds(shop.store.gateway.reads, order.order)
    wait(lambda: queries.refund(shop.store.gateway.reads, refund.refund).state == "pending")  # type: ignore[union-attr]
    board = f"{shop.store.base}/staff"
    assert told not in li.get(board, timeout=60).text
    monkeypatch.setitem(SILENT_MS, "pending", 0)
    page = li.get(board, timeout=60).text
    assert told in page
    assert 'name="verdict" value="absent"' in page
    act = {"do": "settle_refund", "target": refund.refund, "request": str(uuid.uuid4())}
    assert li.post(f"{board}/act", data=act, timeout=60).status_code == 400
    li.post(f"{board}/act", data={**act, "verdict": "returned"}, timeout=60).raise_for_status()
    page = li.get(board, timeout=60).text
    assert told not in page
    assert "Looked up: a refund is back" in page
    assert [each.state for each in queries.refunds(shop.store.gateway.reads, order.order)] == ["done"]
    anna.api("POST", play, {"do": "refund_works"}).raise_for_status()


def test_money_goes_back_by_the_port_that_it_came_by(shop: Shop, li: Shopper) -> None:
    _, order = buy(shop, {MILK: 1})
    do(li, order, "void", reason="wrong basket")
    assert now(shop, order).state == "void"
    wait(lambda: [each.state for each in queries.refunds(shop.store.gateway.reads, order.order)] == ["done"])

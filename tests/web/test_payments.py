"""`/api/v1/payments`: paying what is held, at a till or by a played provider; nobody else's payment is told."""

from __future__ import annotations

import re
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest
import requests

from edge.domain.baskets import decisions as baskets
from edge.domain.baskets import holding
from edge.domain.baskets import queries as basket_queries
from edge.domain.baskets.rules import Good
from edge.domain.callers import Caller, Proof
from edge.domain.orders import queries as orders
from edge.domain.payments import decisions as payments
from edge.domain.payments import needs, queries
from edge.domain.payments.rules import SILENT_MS, Evidence
from edge.gateway.payments import pace
from edge.secrets import tills
from pricing.basket import Goods, Terms
from pricing.price import price
from tests.web.running import Colleague, Shopper, wait
from tests.web.test_staff import state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.running import RunningStore

MILK = "06901234567892"


def hold(store: RunningStore, shopper: Shopper, amount: int = 1035) -> str:
    """The shopper's basket, with one good and a price that stands."""
    member = str(shopper.api("GET", "/api/v1/me/data").json()["you"][0]["id"])
    caller, basket = Caller(member, "phone", Proof.DEVICE), f"b-{uuid.uuid4().hex[:8]}"
    decide, reads = store.gateway.decide, store.gateway.reads
    good = Good(gtin=MILK, price=amount)
    put = store.do(decide(baskets.add, caller=caller, basket=basket, good=good, request=str(uuid.uuid4())))
    found = basket_queries.basket(reads, put.basket)
    assert found is not None
    now_ms, shelf = time.time_ns() // 1_000_000, {MILK: Goods(gtin=MILK, price=amount)}
    quote = price(found, catalogue=shelf, campaigns=(), now_ms=now_ms, terms=Terms())
    store.do(decide(holding.hold, caller=caller, basket=put.basket, quote=quote, seen=None))
    return put.basket


def pay(shopper: Shopper, port: str, request: str = "") -> requests.Response:
    body = {"port": port, "request": request or str(uuid.uuid4())}
    return shopper.api("POST", "/api/v1/payments", body)


@pytest.fixture
def till(store: RunningStore) -> Iterator[requests.Session]:
    made = requests.Session()
    token = tills.add(tills.file_of(store.data), "till-9")
    made.headers.update({"Authorization": f"Bearer {token}", "Accept-Language": "en"})
    yield made
    made.close()


def test_paid_at_the_till(store: RunningStore, member: Shopper, till: requests.Session) -> None:
    hold(store, member)
    request = str(uuid.uuid4())
    made = pay(member, "counter", request)
    assert made.status_code == 200, made.text
    told: dict[str, Any] = made.json()
    assert (told["state"], told["amount"], len(told["shows"])) == ("waiting", 1035, 8)
    assert pay(member, "counter", request).json()["payment"] == told["payment"]
    where = f"{store.base}/api/v1/payments/at-till/{told['shows']}"
    assert till.get(where, timeout=60).json()["payment"] == told["payment"]
    wrong = till.post(f"{where}/paid", json={"amount": 1034, "currency": "CNY"}, timeout=60)
    assert (wrong.status_code, wrong.json()["code"]) == (409, "payment_differs")
    for _ in range(2):
        taken = till.post(f"{where}/paid", json={"amount": 1035, "currency": "CNY", "reference": "R-1"}, timeout=60)
        assert (taken.status_code, taken.json()["state"]) == (200, "paid")
    assert member.api("GET", f"/api/v1/payments/{told['payment']}").json()["state"] == "paid"
    again = pay(member, "counter", request)
    assert (again.status_code, again.json()["payment"], again.json()["state"]) == (200, told["payment"], "paid")
    assert pay(member, "counter").json()["code"] == "basket_empty"


def test_what_was_changed_in_another_tab_is_not_paid_and_the_basket_says_so(
    store: RunningStore, member: Shopper
) -> None:
    basket = hold(store, member)
    member.api("POST", "/api/v1/basket/release", {})
    form = {"do": "pay", "port": "counter", "basket": basket, "request": str(uuid.uuid4())}
    page = member.post(f"{store.base}/pay", data=form, timeout=60)
    assert page.url.startswith(f"{store.base}/basket")
    assert "has changed meanwhile" in page.text


def test_a_till_needs_its_token_and_a_number_that_is_one(store: RunningStore, till: requests.Session) -> None:
    url = f"{store.base}/api/v1/payments/at-till/12345678"
    assert requests.get(url, timeout=60).status_code == 401
    gone = till.get(url, timeout=60)
    assert (gone.status_code, gone.json()["code"]) == (404, "payment_gone")


def test_played_and_paid(store: RunningStore, member: Shopper) -> None:
    hold(store, member)
    told = pay(member, "simulated").json()
    assert told["state"] == "waiting"
    assert pay(member, "counter").json()["code"] == "payment_open"
    played = member.api("POST", f"/api/v1/payments/{told['payment']}/play", {"do": "pay"})
    assert played.json()["state"] == "paid"
    assert member.api("POST", f"/api/v1/payments/{told['payment']}/close", {}).json()["state"] == "paid"


def test_a_receipt_comes_out_of_the_printer_once_and_again_as_a_copy(store: RunningStore, member: Shopper) -> None:
    basket = hold(store, member)
    told = pay(member, "simulated").json()
    member.api("POST", f"/api/v1/payments/{told['payment']}/play", {"do": "pay"})
    order = orders.of_basket(store.gateway.reads, basket)
    assert order is not None
    for _ in range(2):
        printing = member.post(f"{store.base}/orders/{order.order}", data={"do": "print"}, timeout=60)
        assert "The receipt is being printed" in printing.text
    job = f"sale-{order.number}"
    wait(lambda: state(store, job) == "printed")
    attempts = "SELECT copy FROM print_attempts WHERE job=? AND state='printed' ORDER BY copy"
    assert [row["copy"] for row in store.gateway.reads.all(attempts, job)] == [0]
    li = Colleague(store)
    li.come()
    again = {"do": "print", "request": str(uuid.uuid4())}
    assert li.post(f"{store.base}/staff/orders/{order.order}", data=again, timeout=60).ok
    wait(lambda: [row["copy"] for row in store.gateway.reads.all(attempts, job)] == [0, 1])


def test_taken_back_and_paid_otherwise(store: RunningStore, member: Shopper) -> None:
    hold(store, member)
    told = pay(member, "simulated").json()
    closed = member.api("POST", f"/api/v1/payments/{told['payment']}/close", {})
    assert (closed.json()["state"], closed.json()["reason"]) == ("closed", "shopper")
    assert pay(member, "counter").json()["state"] == "waiting"


def test_nobody_sees_the_payment_of_another(store: RunningStore, member: Shopper) -> None:
    hold(store, member)
    told = pay(member, "counter").json()
    other = Shopper(store)
    assert other.api("GET", f"/api/v1/payments/{told['payment']}").status_code == 401
    assert other.register(store.code("poster-door")).ok
    assert other.api("GET", f"/api/v1/payments/{told['payment']}").status_code == 404
    assert other.api("POST", f"/api/v1/payments/{told['payment']}/close", {}).status_code == 404
    assert pay(other, "counter").json()["code"] == "basket_empty"


def test_a_request_of_another_shopper_tells_nothing(store: RunningStore, member: Shopper) -> None:
    hold(store, member)
    request = str(uuid.uuid4())
    assert pay(member, "counter", request).status_code == 200
    other = Shopper(store)
    other.register(store.code("poster-door"))
    hold(store, other)
    assert pay(other, "counter", request).json()["code"] == "basket_empty"
    assert pay(other, "counter").json()["state"] == "waiting"


def test_a_way_that_this_store_has_not(store: RunningStore, member: Shopper) -> None:
    hold(store, member)
    refused = pay(member, "wechat")
    assert (refused.status_code, refused.json()["code"]) == (409, "payment_off")
    assert {each["port"] for each in member.api("GET", "/api/v1/payments/ways").json()} == {"simulated", "counter"}


def send(shopper: Shopper, **form: str) -> requests.Response:
    return shopper.post(f"{shopper.store.base}/pay", data={"request": str(uuid.uuid4()), **form}, timeout=60)


def named(page: requests.Response) -> str:
    return page.url.rpartition("p=")[2]


def test_the_page_offers_the_ways_and_shows_a_number_for_the_till(store: RunningStore, member: Shopper) -> None:
    hold(store, member)
    page = member.get(f"{store.base}/pay", timeout=60)
    assert "How would you like to pay?" in page.text
    assert "¥10.35" in page.text
    shown = send(member, do="pay", port="counter")
    assert "Show this at the till" in shown.text
    assert "<svg" in shown.text
    assert member.get(f"{store.base}/pay/now?p={named(shown)}", timeout=60).json() == {"state": "waiting"}
    again = send(member, do="close", payment=named(shown))
    assert "How would you like to pay?" in again.text


def test_the_page_tells_not_to_pay_again_while_nobody_knows(store: RunningStore, member: Shopper) -> None:
    hold(store, member)
    page = send(member, do="pay", port="simulated")
    payment = named(page)
    member.api("POST", f"/api/v1/payments/{payment}/play", {"do": "silent"})
    page = member.get(f"{store.base}/pay", timeout=60)
    assert "Please do not pay again" in page.text
    refused = send(member, do="pay", port="counter")
    assert refused.status_code == 409
    assert "do not pay again" in refused.text
    member.api("POST", f"/api/v1/payments/{payment}/play", {"do": "answer"})
    assert "Pay (pretended)" in send(member, do="look", payment=payment).text
    refusal = send(member, do="play_fail", payment=payment)
    assert "was not accepted" in refusal.text
    paid = send(member, do="play_pay", payment=named(send(member, do="pay", port="simulated")))
    assert paid.status_code == 200
    assert "do not pay again" not in paid.text


def test_the_page_leads_to_the_basket_where_nothing_is_held(store: RunningStore, member: Shopper) -> None:
    for shopper in (member, Shopper(store)):
        page = shopper.get(f"{store.base}/pay?p=nobody", timeout=60, allow_redirects=False)
        assert (page.status_code, page.headers["location"]) == (303, "/basket")


def test_staff_lets_goods_go_whose_payment_nobody_knows_of(
    store: RunningStore, member: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(needs, "PATIENCE_MS", 0)
    hold(store, member)
    payment = named(send(member, do="pay", port="simulated"))
    member.api("POST", f"/api/v1/payments/{payment}/play", {"do": "silent"})
    li = Colleague(store)
    assert li.come().status_code == 200
    card = li.page().split(f'id="n-payment/{payment}"')[1].split("</li>")[0]
    assert "¥10.35 (Pretend to pay): nobody knows whether it was paid" in card
    assert 'value="trust_payment"' in card
    assert li.does("trust_payment", payment).status_code == 422
    at_exit = li.get(f"{store.base}/staff/orders", timeout=60).text
    assert f"…{payment[-4:].upper()}" in at_exit
    assert "Not let go: decide" in at_exit
    assert li.does("trust_payment", payment, reason="Shopper showed the payment").status_code == 200
    assert "小李 lets it go" in li.get(f"{store.base}/staff/orders", timeout=60).text
    assert "You may go with your goods" in member.get(f"{store.base}/pay?p={payment}", timeout=60).text
    assert 'value="trust_payment"' not in li.page()
    member.api("POST", f"/api/v1/payments/{payment}/play", {"do": "answer"})
    assert f"n-payment/{payment}" not in li.page()


def test_a_second_tap_after_it_was_paid_shows_the_order(store: RunningStore, member: Shopper) -> None:
    hold(store, member)
    (basket,) = set(re.findall('name="basket" value="([^"]+)"', member.get(f"{store.base}/pay", timeout=60).text))
    first = named(send(member, do="pay", port="simulated", basket=basket))
    order = send(member, do="play_pay", payment=first).url
    assert "/orders/" in order
    again = send(member, do="pay", port="counter", basket=basket)
    assert (again.status_code, again.url) == (200, order)
    other = Shopper(store)
    other.register(store.code("poster-door"))
    assert "/orders/" not in send(other, do="pay", port="counter", basket=basket).url


def test_money_that_came_too_late_for_anything_is_told_to_go_back(store: RunningStore, member: Shopper) -> None:
    hold(store, member)
    payment = named(send(member, do="pay", port="simulated"))
    send(member, do="close", payment=payment)
    member.api("DELETE", "/api/v1/basket").raise_for_status()
    late = Evidence(amount=1035, currency="CNY", by="port")
    settled = store.do(store.gateway.decide(store.gateway.parts.checkout.settle, payment=payment, evidence=late))
    assert settled.outcome == "surplus"
    page = member.get(f"{store.base}/pay?p={payment}", timeout=60).text
    assert "Your money goes back" in page
    assert "badge yes" not in page


def test_what_offers_and_points_pay_for_needs_no_payment(store: RunningStore, member: Shopper) -> None:
    hold(store, member, 0)
    page = member.get(f"{store.base}/pay", timeout=60)
    assert "Nothing to pay" in page.text
    assert "At the till" not in page.text
    (basket,) = re.findall('name="basket" value="([^"]+)"', page.text)
    taken, again = [send(member, do="free", basket=basket) for _ in range(2)]  # a second tap is no second basket
    assert (taken.status_code, again.status_code) == (200, 200)
    assert "/orders/" in taken.url
    assert again.url == taken.url
    other = Shopper(store)
    other.register(store.code("poster-door"))
    assert "/orders/" not in send(other, do="free", basket=basket).url


def test_money_that_came_twice_and_hangs_at_its_port_is_looked_up_there_before_any_cash(
    store: RunningStore, member: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(store, member)
    monkeypatch.setattr(pace, "refund_delay_s", lambda _tries: 3600.0)  # no question is under way while staff decide
    reads, decide = store.gateway.reads, store.gateway.decide
    one = pay(member, "simulated").json()["payment"]
    member.api("POST", f"/api/v1/payments/{one}/play", {"do": "refund_hangs"}).raise_for_status()
    member.api("POST", f"/api/v1/payments/{one}/close", {}).raise_for_status()
    two = pay(member, "simulated").json()["payment"]
    member.api("POST", f"/api/v1/payments/{two}/play", {"do": "pay"}).raise_for_status()
    late = Evidence(amount=1035, currency="CNY", by="port")
    assert store.do(decide(payments.settle, payment=one, evidence=late)).outcome == "surplus"
    wait(lambda: [each.state for each in queries.surplus(reads) if each.payment == one] == ["pending"])
    li, need = Colleague(store), f'id="n-surplus/{one}"'
    assert li.come().status_code == 200
    assert need not in li.page()
    assert li.does("gave_back", one).status_code == 409  # its port may still give it
    monkeypatch.setitem(SILENT_MS, "pending", 0)
    assert "for days the port has not said" in li.page().split(need)[1].split("</li>")[0]
    assert li.does("settle_refund", one, verdict="absent").status_code == 200
    assert "found no way (its port knows of none)" in li.page().split(need)[1].split("</li>")[0]
    assert li.does("gave_back", one).status_code == 409  # the last question may still be under way
    monkeypatch.setattr(payments, "LAST_ANSWER_MS", 0)
    assert li.does("gave_back", one).status_code == 200
    assert need not in li.page()
    member.api("POST", f"/api/v1/payments/{one}/play", {"do": "refund_works"}).raise_for_status()

"""What is not on the shelf: found at a screen, paid on a phone, fetched by staff, handed over once or paid back."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from edge.domain.orders import queries
from edge.domain.orders.needs import needs
from edge.domain.orders.rules import KEEP_MS
from edge.products.importing import import_file
from edge.products.references import store_of
from edge.secrets import tills
from edge.secrets.vault import operator_token
from edge.settings.store_time import local
from edge.web.moments import now_ms
from kiosk_ui.places import Basket
from kiosk_ui.state import context
from tests.conftest import new_broker
from tests.web.glass import Glass
from tests.web.running import RunningStore, Shopper, wait
from tests.web.test_till import SmallTill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.domain.orders.rules import Order

MILK, BALM, RATTLE = "06901234567892", "06901234567915", "06901234567922"
BANK = "locker-a"
GOODS = [
    {"gtin": MILK, "name_en": "Milk", "name_zh": "鲜牛奶", "price": "12.90", "size": "1 l"},
    {"gtin": BALM, "name_en": "Balm", "name_zh": "护臀膏", "price": "30.00", "here": "no", "stock": "3"},
    {
        "gtin": RATTLE, "name_en": "Rattle", "name_zh": "摇铃", "price": "35.00", "here": "no",
        "elsewhere": [{"store": {"en": "Web shop", "zh-CN": "网店"}, "count": 230}],
    },
]  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    folder = tmp_path_factory.mktemp("pickups")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    store = RunningStore(broker, folder, (BANK,))
    store.start()
    file = folder / "goods.jsonl"
    file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in GOODS), "utf-8")
    built = import_file(file, store.gateway.lookup.products.folder, store_of(store.settings)).built
    assert built
    token = operator_token(store.gateway.parts.vault)
    body = {"version": built.version, "by": "test"}
    Shopper(store).api("POST", "/api/v1/catalogue/activate", body, Authorization=f"Bearer {token}").raise_for_status()
    yield store
    store.stop()
    broker.stop()


@pytest.fixture(scope="module")
def li(shop: RunningStore) -> Shopper:
    """Somebody of the staff, logged in."""
    phone = Shopper(shop)
    phone.post(f"{shop.base}/staff/login", data={"staff": "li", "pin": "2580"}, timeout=60)
    return phone


def put(phone: Shopper, *goods: str, how: str = "page") -> dict[str, Any]:
    answer: Any = None
    for gtin in goods:
        body = {"code": gtin, "how": how, "request": str(uuid.uuid4())}
        answer = phone.api("POST", "/api/v1/basket/lines", body)
        answer.raise_for_status()
    return dict(answer.json()["basket"])


def pay(shop: RunningStore, phone: Shopper) -> Order:
    phone.api("POST", "/api/v1/basket/hold", {}).raise_for_status()
    asked = phone.api("POST", "/api/v1/payments", {"port": "simulated", "request": str(uuid.uuid4())}).json()
    paid = phone.api("POST", f"/api/v1/payments/{asked['payment']}/play", {"do": "pay"})
    assert paid.json()["state"] == "paid", paid.text
    found = queries.of_basket(shop.gateway.reads, asked["basket"])
    assert found is not None
    return found


def now(shop: RunningStore, order: Order) -> Order:
    found = queries.order(shop.gateway.reads, order.order)
    assert found is not None
    return found


def page(phone: Shopper, order: Order) -> str:
    return phone.get(f"{phone.store.base}/orders/{order.order}", timeout=60).text


def do(li: Shopper, order: Order, what: str, **form: Any) -> str:
    body = {"do": what, "order": order.order, "request": str(uuid.uuid4()), **form}
    return li.post(f"{li.store.base}/staff/pickups", data=body, timeout=60).text


def facts(shop: RunningStore, order: Order, kind: str) -> int:
    return sum(
        entry.type == kind and order.order.encode() in entry.body for entry in shop.gateway.journal.after(0, 10000)
    )


def test_at_a_screen_it_is_chosen_how_it_comes(shop: RunningStore) -> None:
    glass = Glass(shop)
    glass.open(Basket())
    gateway = context(glass.state, glass.state.front, glass.moment).gateway
    found = gateway.post("basket/lines", {"gtin": BALM, "request": str(uuid.uuid4())})
    assert [way["way"] for way in found["collecting"]["ways"]] == ["counter", "later"], "no phone, no locker's code"
    glass.open(Basket())
    glass.until(lambda: glass.view.collect)
    assert [key.way for key in glass.view.collect.ways if key.chosen] == ["counter"]
    glass.touch("collect", "later")
    glass.until(lambda: [key.way for key in glass.view.collect.ways if key.chosen] == ["later"])
    assert shop.gateway.reads.one("SELECT collect FROM baskets ORDER BY opened_ms DESC LIMIT 1")["collect"] == "later"
    assert gateway.get(f"products/{BALM}")["ready"]


def test_what_is_to_be_fetched_is_so_still_at_the_till(shop: RunningStore, li: Shopper) -> None:
    glass = Glass(shop)
    glass.open(Basket())
    gateway = context(glass.state, glass.state.front, glass.moment).gateway
    gateway.post("basket/lines", {"gtin": MILK, "request": str(uuid.uuid4())})
    found = gateway.post("basket/lines", {"gtin": RATTLE, "request": str(uuid.uuid4())})
    till = SmallTill(shop.base, tills.add(tills.file_of(shop.data), "till-1"))
    name = f"T1-{uuid.uuid4().hex}-{uuid.uuid4().hex[:8]}"
    till._send(f"/{name}/take", {"digits": found["code"]["digits"]})
    total = till.hold(name, [{"line": "1", "gtin": MILK}, {"line": "2", "gtin": RATTLE[1:]}])["total"]
    number = till.confirm(name, total)["number"]
    order = queries.of_number(shop.gateway.reads, number)
    assert order is not None
    (rattle,) = [line for line, _ in order.to_fetch]
    assert (rattle.gtin, order.paid.promise is not None) == (RATTLE, True)
    do(li, order, "absent", line=rattle.id)
    assert now(shop, order).refunded == 3500


def test_it_is_fetched_and_handed_over_once(shop: RunningStore, li: Shopper) -> None:
    anna = Shopper(shop)
    told = put(anna, MILK, BALM)
    assert [line["away"] for line in told["lines"]] == ["", "room"]
    ready = local(now_ms() + 20 * 60_000, shop.settings.store.zone)
    day = "today" if ready.date() == local(now_ms(), shop.settings.store.zone).date() else "tomorrow"
    assert told["collecting"]["note"].startswith(f"Ready at the collection point by {day}")
    order = pay(shop, anna)
    assert order.paid.promise is not None
    assert 15 * 60_000 < order.paid.promise.ready_ms - now_ms() <= 20 * 60_000
    assert "We fetch this for you" in page(anna, order)
    (need,) = [each for each in needs(shop.gateway.reads, now_ms()) if order.order in each.id]
    assert (need.kind, need.details["count"]) == ("pickup_due", 1)
    assert order.number in li.get(f"{shop.base}/staff", timeout=60).text
    assert "1 × Balm" in li.get(f"{shop.base}/staff/pickups", timeout=60).text
    assert "Noted" in do(li, order, "ready")
    assert "Ready for you" in page(anna, order)
    assert not [each for each in needs(shop.gateway.reads, now_ms()) if order.order in each.id]
    (left,) = [each for each in needs(shop.gateway.reads, now_ms() + KEEP_MS + 1000) if order.order in each.id]
    assert left.kind == "pickup_left"
    for _ in range(2):
        do(li, order, "hand_over")
    assert facts(shop, order, "pickup.handed_over.v1") == 1
    assert now(shop, order).state == "paid", "the milk has not left through the exit yet"
    assert "You have it all" in page(anna, order)


def test_before_somebody_is_erased_they_fetch_what_they_paid(shop: RunningStore, li: Shopper) -> None:
    anna = Shopper(shop)
    put(anna, BALM)
    order = pay(shop, anna)
    erase = f"{shop.base}/me/privacy/erase"
    asked = anna.get(erase, timeout=60).text
    assert f"collect the goods of order {order.number}" in asked
    assert 'href="/orders"' in asked
    body = {"wait": False, "request": str(uuid.uuid4())}
    assert anna.api("POST", "/api/v1/me/erase", body).json()["code"] == "erase_waits"
    do(li, order, "hand_over")
    assert order.number not in anna.get(erase, timeout=60).text


def test_what_was_scanned_is_in_the_hand_whatever_the_catalogue_says(shop: RunningStore) -> None:
    anna = Shopper(shop)
    told = put(anna, BALM, how="camera")
    assert told["collecting"] is None
    order = pay(shop, anna)
    assert order.pickup is None
    assert 'id="exit-qr"' in page(anna, order)


def test_what_cannot_be_had_is_paid_back(shop: RunningStore, li: Shopper) -> None:
    anna = Shopper(shop)
    put(anna, BALM, RATTLE)
    order = pay(shop, anna)
    assert order.paid.promise is not None
    assert order.paid.promise.ready_ms > now_ms() + 47 * 3_600_000, "the rattle comes from elsewhere"
    assert 'id="exit-qr"' not in page(anna, order), "nothing of it goes through the exit"
    board = li.get(f"{shop.base}/staff/pickups", timeout=60).text
    assert "other store or warehouse: Web shop 230" in board
    rattle = next(line for line in order.paid.lines if line.gtin == RATTLE)
    assert "money is on its way" in do(li, order, "absent", line=rattle.id)
    assert now(shop, order).refunded == 3500
    assert not re.search(r"\b3500\b", page(anna, order)), "in cents"
    assert "for what we could not get" in page(anna, order)
    assert "not part of that order" in do(li, order, "absent", line="nothing")
    do(li, order, "hand_over")
    assert now(shop, order).state == "handed_over"
    balm = next(line for line in order.paid.lines if line.gtin == BALM)
    assert "Nothing is to be fetched" in do(li, order, "absent", line=balm.id)
    assert now(shop, order).refunded == 3500


def test_an_order_that_is_void_is_not_fetched(shop: RunningStore, li: Shopper) -> None:
    anna = Shopper(shop)
    put(anna, BALM)
    order = pay(shop, anna)
    void = {"do": "void", "reason": "changed their mind", "request": str(uuid.uuid4())}
    li.post(f"{shop.base}/staff/orders/{order.order}", data=void, timeout=60)
    assert now(shop, order).waits == ""
    assert order.number not in li.get(f"{shop.base}/staff/pickups", timeout=60).text
    assert "Nothing is to be fetched" in do(li, order, "hand_over")


def test_staff_put_it_into_a_locker_and_its_owner_takes_it_out(shop: RunningStore, li: Shopper) -> None:
    anna = Shopper(shop)
    put(anna, BALM)
    assert anna.api("PUT", "/api/v1/basket/collect", {"way": "locker"}).json()["collecting"]["ways"][1]["chosen"]
    order = pay(shop, anna)
    assert "Put it in and shut it" in do(li, order, "locker", bank=BANK, size="S")
    door = shop.gateway.reads.one("SELECT door FROM parcels WHERE order_ref=?", order.number)["door"]
    stands = "SELECT shut FROM doors WHERE bank=? AND door=?"
    wait(lambda: shop.gateway.reads.one(stands, BANK, door)["shut"] == "open")
    shop.use_door(BANK, door, "fill")
    wait(lambda: now(shop, order).waits == "ready")
    digits = anna.api("GET", "/api/v1/lockers/parcels").json()[0]["digits"]
    assert f"{digits[:3]} {digits[3:]}" in page(anna, order)
    anna.scan(shop.code(BANK))
    body = {"code": shop.code(BANK), "digits": digits, "request": str(uuid.uuid4())}
    assert anna.api("POST", "/api/v1/lockers/collect", body).status_code < 300
    wait(lambda: shop.gateway.reads.one(stands, BANK, door)["shut"] == "open")
    shop.use_door(BANK, door, "empty")
    wait(lambda: now(shop, order).waits == "handed_over")
    assert now(shop, order).state == "handed_over"
    assert facts(shop, order, "pickup.handed_over.v1") == 1

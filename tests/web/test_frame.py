"""What every page of a shopper has: its bar, what is under way, a way to call somebody, forms that forget nothing."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

import pytest

from edge.domain.staff import calls
from edge.domain.staff import queries as staff_queries
from edge.domain.staff.rules import MAX_AGAIN, MAX_CALLS_AT
from tests.web.running import RunningStore, Shopper, new_phone, wait

if TYPE_CHECKING:
    from collections.abc import Iterator

BAR = ("/scan", "/basket", "/wallet", "/me", "/help", "/terms", "/privacy")
BANK = "locker-a"


@pytest.mark.parametrize("known", [False, True])
def test_every_page_has_the_bar(store: RunningStore, *, known: bool) -> None:
    shopper = Shopper(store)
    if known:
        shopper.register(store.code("poster-door"))
    codes = [store.code(at) for at in ("cart-01", "cart-12", "poster-door", "shelf-fruit", "badge-li", BANK)]
    pages = [f"/t/{code}" for code in (*codes, store.shown("milk-kids"), "nonsense")]
    for path in (*pages, "/wallet", "/wallet/code", "/scan", "/products", "/help", "/me"):
        html = shopper.get(store.base + path, timeout=60).text
        for href in BAR:
            assert f'href="{href}"' in html, (path, href)
        assert 'class="lang"' in html, path


def test_a_ride_is_on_every_page_and_has_an_end(store: RunningStore) -> None:
    shopper = Shopper(store)
    code = store.code("cart-03")
    shopper.register(code)
    asked = shopper.fill(code, do="unlock")
    wait(lambda: "<h1>Pull the cart out" in shopper.get(asked.url, timeout=60).text)
    for path in ("/wallet", "/me", "/help", f"/t/{store.code(BANK)}", f"/t/{store.code('shelf-fruit')}"):
        assert 'class="own"' in shopper.get(store.base + path, timeout=60).text, path
    other = shopper.scan(store.code("cart-01")).text
    assert "You already have a cart" in other
    assert "You have Cart 3" in other
    assert 'value="unlock"' not in other
    store.bring_back("cart-03")
    wait(lambda: store.docked("cart-03"))
    for _ in range(2):
        page = shopper.get(asked.url, timeout=60).text
        assert "<h1>Returned, thank you</h1>" in page
        assert "Cart 3 is back" in page
        assert "Pull the cart out" not in page
    assert 'class="own"' not in shopper.get(f"{store.base}/wallet", timeout=60).text
    progress = shopper.api("GET", f"/api/v1/grants/{asked.url.partition('grant=')[2]}").json()
    assert (progress["stage"], progress["done"]) == ("back", True)


def test_an_open_door_is_found_again_from_everywhere(store: RunningStore) -> None:
    shopper = Shopper(store)
    code = store.code(BANK)
    shopper.register(code)
    asked = shopper.fill(code, do="deposit", size="S")
    wait(lambda: "is open." in shopper.get(asked.url, timeout=60).text)
    again = shopper.scan(code).text
    assert "is open." in again
    assert 'value="deposit"' not in again, "no second deposit over an open door"
    assert f'href="/help?at={code}"' in again, "who calls for help says from where"
    chinese = shopper.get(store.base + re.findall(r'class="lang" href="([^"]+)"', again)[0], timeout=60).text
    assert "号柜已打开" in chinese
    assert "own urgent" in shopper.get(f"{store.base}/wallet?lang=en", timeout=60).text
    door = re.findall(r"<h1>Locker (\d+) is open", again)[0]
    store.use_door(BANK, door, "fill")
    wait(lambda: "own urgent" not in shopper.get(f"{store.base}/wallet", timeout=60).text)


def test_a_door_opened_by_digits_is_found_again_too(store: RunningStore, member: Shopper) -> None:
    code = store.code(BANK)
    asked = member.fill(code, do="deposit", size="S")
    wait(lambda: "is open." in member.get(asked.url, timeout=60).text)
    door = re.findall(r"<h1>Locker (\d+) is open", member.get(asked.url, timeout=60).text)[0]
    store.use_door(BANK, door, "fill")
    mine = wait(lambda: (found := member.api("GET", "/api/v1/lockers/parcels").json())[0]["state"] == "kept" and found)
    stranger = Shopper(store)
    stranger.scan(code)
    opened = stranger.fill(code, do="digits", digits=mine[0]["digits"])
    wait(lambda: "is open." in stranger.get(opened.url, timeout=60).text)
    assert "own urgent" in stranger.get(f"{store.base}/products", timeout=60).text
    assert "is open." in stranger.scan(code).text
    store.use_door(BANK, door, "empty")


def test_price_and_hours_are_named_before_the_deposit(store: RunningStore, shopper: Shopper) -> None:
    page = shopper.scan(store.code(BANK)).text
    assert "Free for 24 hours" in page
    assert "Then ¥2.00 for each day, ¥10.00 at most" in page
    assert "Store now, collect by tomorrow, " in page
    assert "Nothing to pay now" in page
    shopper.register(store.code(BANK))
    assert "Open a locker · free for 24\u00a0h" in shopper.scan(store.code(BANK)).text


@pytest.mark.parametrize("place", ["milk-kids", "diaper-l54"])
def test_registering_at_a_coupon_claims_it(store: RunningStore, shopper: Shopper, place: str) -> None:
    page = shopper.scan(store.shown(place))
    ticket = re.findall(r'name="ticket" value="([^"]+)"', page.text)[0]
    coupon = re.findall(r'name="coupon" value="([^"]+)"', page.text)[0]
    assert coupon == place
    done = shopper.register(page.url.partition("?")[0].rpartition("/")[2], ticket=ticket, coupon=coupon)
    assert 'value="claim"' not in done.text
    assert "Saved." in done.text
    assert "Ready to use" in shopper.get(f"{store.base}/wallet", timeout=60).text


@pytest.mark.parametrize("at", ["cart-01", "poster-door", BANK, "badge-li"])
def test_a_language_change_and_a_mistake_keep_what_was_typed(store: RunningStore, shopper: Shopper, at: str) -> None:
    typed = {"do": "register", "phone": "138 00", "service": "yes", "marketing": "yes"}
    code = store.code(at)
    kept = shopper.post(
        f"{store.base}/t/{code}?lang=zh-CN",
        data={**typed, "keep": "zh-CN", "request": str(uuid.uuid4())},
        timeout=60,
    )
    wrong = shopper.fill(code, **typed)
    for page in (kept, wrong):
        assert '<html lang="zh-CN"' in page.text
        assert 'value="138 00"' in page.text
        assert re.search(r'name="service" value="yes" required checked', page.text)
        assert re.search(r'name="marketing" value="yes" checked', page.text)
    assert 'aria-invalid="true" aria-describedby="phone-err"' in wrong.text
    assert 'id="phone-err"' in wrong.text
    assert 'aria-invalid="true"' not in kept.text


def test_a_missing_tick_is_said_beside_it_and_keeps_the_number(store: RunningStore, shopper: Shopper) -> None:
    page = shopper.fill(store.code("cart-01"), do="register", phone=new_phone())
    assert page.status_code == 422
    assert 'aria-describedby="service-err"' in page.text
    assert re.search(r'name="phone"[^>]* value="138\d{8}"', page.text)


def test_wrong_digits_are_said_beside_the_field(store: RunningStore, shopper: Shopper) -> None:
    shopper.scan(store.code(BANK))
    page = shopper.fill(store.code(BANK), do="digits", digits="12")
    assert 'id="digits-err"' in page.text
    assert 'value="12" aria-invalid="true" aria-describedby="digits-err"' in page.text


@pytest.fixture
def caller(store: RunningStore) -> Iterator[Shopper]:
    shopper = Shopper(store)
    shopper.scan(store.code("cart-01"))
    yield shopper
    for row in store.gateway.reads.all("SELECT DISTINCT zone, touchpoint FROM calls WHERE state<>'over'"):
        place = staff_queries.call_place(row["zone"], row["touchpoint"])
        store.do(store.gateway.decide(calls.take, place=place, staff="li", name="Li"))
        store.do(store.gateway.decide(calls.end, place=place))


def call(shopper: Shopper, at: str = "", **form: str) -> str:
    data = {"do": "call", "at": at, "request": str(uuid.uuid4()), **form}
    return shopper.post(f"{shopper.store.base}/help", data=data, timeout=60).text


def test_a_call_is_seen_answered_and_over(store: RunningStore, caller: Shopper) -> None:
    assert "You are at Entrance · Cart 1" in caller.get(f"{store.base}/help", timeout=60).text
    assert "We told our staff" in call(caller, store.code("cart-01"))
    assert "We told our staff" in call(caller, store.code("cart-01")), "joined, not doubled"
    needs = staff_queries.call_needs(store.gateway.reads, 0)
    assert [(need.kind, need.details["people"]) for need in needs] == [("call", 1)]
    store.do(store.gateway.decide(calls.take, place="entrance/cart-01", staff="li", name="Li"))
    assert caller.get(f"{store.base}/help/now", timeout=60).json() == {"state": "taken", "name": "Li"}
    assert "Li is on the way" in caller.get(f"{store.base}/help", timeout=60).text
    # Somebody else calls there before the page with "done" is another one.
    later = Shopper(store)
    assert "We told our staff" in call(later, store.code("cart-01"))
    store.do(store.gateway.decide(calls.end, place="entrance/cart-01"))
    assert "Need a hand?" in caller.get(f"{store.base}/help", timeout=60).text
    assert later.get(f"{store.base}/help/now", timeout=60).json()["state"] == "open"


def test_calls_are_bounded_and_one_place_is_one_card(store: RunningStore, caller: Shopper) -> None:
    answers = [call(Shopper(store), store.code("cart-02")) for _ in range(MAX_CALLS_AT + 3)]
    assert sum("We told our staff" in answer for answer in answers) == MAX_CALLS_AT
    assert "already know that somebody is waiting" in answers[-1]
    assert len(staff_queries.call_needs(store.gateway.reads, 0)) == 1
    assert "We told our staff" in call(caller, zone="baby")
    for _ in range(MAX_AGAIN):
        caller.post(f"{store.base}/help", data={"do": "withdraw", "request": str(uuid.uuid4())}, timeout=60)
        last = call(caller, zone="baby")
    # Who called often and needed nobody is not told that somebody comes: nobody knows of them.
    assert not [need for need in staff_queries.call_needs(store.gateway.reads, 0) if need.details["place"] == "baby"]
    assert "Please try again in 10 minutes, or speak to anybody" in last
    assert (
        caller.post(f"{store.base}/help", data={"do": "call", "zone": "moon", "request": "x"}, timeout=60).ok is False
    )


def test_logging_out_here_leaves_nothing(store: RunningStore, member: Shopper) -> None:
    assert "Log out here" in member.get(f"{store.base}/me", timeout=60).text
    out = member.post(f"{store.base}/me/leave", data={"where": "here"}, timeout=60)
    assert "You are not registered yet" in out.text
    assert 'name="phone"' in member.scan(store.code("cart-01")).text


def test_a_page_is_packed_and_a_stream_is_not(store: RunningStore, member: Shopper) -> None:
    page = member.scan(store.code("cart-01"))
    assert page.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in page.headers["vary"]
    assert int(page.headers["content-length"]) * 2 < len(page.content)
    camera = member.get(f"{store.base}/scan", timeout=60).text
    script = store.base + re.findall(r"/static/scan[.][0-9a-f]+[.]js", camera)[0]
    for wish, packed in (("identity", False), ("gzip;q=0, identity", False), ("br, GZIP; q=0.5", True)):
        for address in (page.url, script):
            answer = member.get(address, headers={"Accept-Encoding": wish}, timeout=60)
            assert ("content-encoding" in answer.headers) is packed
    asked = member.fill(store.code("cart-01"), do="unlock").url.partition("grant=")[2]
    with member.get(f"{store.base}/api/v1/grants/{asked}/events", stream=True, timeout=60) as stream:
        assert "content-encoding" not in stream.headers
    wait(lambda: store.gateway.devices.outcomes.progress(asked).stage == "seen")  # type: ignore[union-attr]
    store.bring_back("cart-01")
    wait(lambda: store.docked("cart-01"))


def test_a_welcome_is_said_once(store: RunningStore, shopper: Shopper) -> None:
    done = shopper.register(store.code("cart-01"))
    assert "You are registered" in done.text
    assert "You are registered" not in shopper.get(done.url, timeout=60).text

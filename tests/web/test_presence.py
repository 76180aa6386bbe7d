"""Whether they are here: what a live code proves, and to whom; what a printed one is good for."""

from __future__ import annotations

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from edge.domain.coupons import queries as coupon_queries
from edge.domain.coupons.facts import CouponWithdrawn
from edge.domain.coupons.rules import ClaimObstacle
from edge.domain.touchpoints import codes
from tests.web.running import RunningStore, Shopper

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

    from edge.journal import Tx


@pytest.fixture(autouse=True)
def _clean(store: RunningStore) -> Iterator[None]:
    """The store is everybody's: what a test offers is withdrawn after it."""
    yield

    def withdraw(tx: Tx) -> None:
        for row in tx.all("SELECT coupon FROM coupons WHERE coupon LIKE 'c-%' AND withdrawn=0"):
            tx.emit(CouponWithdrawn(coupon=row["coupon"]))

    store.do(store.gateway.decide(withdraw))


def offer(store: RunningStore, zone: str = "baby", stock: int = 1000) -> str:
    """A new coupon of a zone."""
    name = f"c-{uuid.uuid4().hex[:8]}"
    words = {"en": name, "zh-CN": name}
    store.offer(
        coupon=name, zone=zone, title=words, subtitle=words, price=1, was=2, stock=stock, art="gift", tint="#ffffff"
    )
    return name


def someone(store: RunningStore) -> Shopper:
    """A member with a phone of their own, which has opened a page before."""
    phone = Shopper(store)
    phone.scan(store.code("poster-door"))
    assert phone.register(store.code("poster-door")).ok
    return phone


def claim(phone: Shopper, **body: str) -> requests.Response:
    return phone.api("POST", "/api/v1/coupons/claim", {"request": str(uuid.uuid4()), **body})


def ticket_of(page: requests.Response) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', page.text)
    assert found
    return found[1]


def claimed(store: RunningStore, coupon: str) -> int:
    found = coupon_queries.coupon(store.gateway.reads, coupon)
    return found.claimed if found else -1


def test_a_screen_s_static_code_claims_nothing(store: RunningStore) -> None:
    coupon, phone = offer(store), someone(store)
    refused = claim(phone, code=store.code("screen-baby"), coupon=coupon)
    assert (refused.status_code, refused.json()["code"]) == (409, "code_not_live")
    page = phone.scan(store.code("screen-baby"))
    assert 'value="claim"' not in page.text
    assert "scan the code that the screen shows beside it now" in page.text
    assert phone.fill(store.code("screen-baby"), do="claim", coupon=coupon).status_code == 409
    assert claimed(store, coupon) == 0


@pytest.mark.parametrize("place", ["shelf-dairy", "screen-fresh"])
def test_a_coupon_is_claimed_in_its_own_zone(store: RunningStore, place: str) -> None:
    coupon, phone = offer(store), someone(store)
    live = store.shown(coupon, place) if place.startswith("screen") else store.code(place)
    for body in ({"code": live}, {"code": live, "coupon": coupon}):
        refused = claim(phone, **({"coupon": coupon} | body))
        assert (refused.status_code, refused.json()["code"]) == (409, "coupon_elsewhere")
    assert phone.fill(live, do="claim", coupon=coupon).status_code == 409
    assert claimed(store, coupon) == 0
    assert claim(phone, code=store.code("shelf-baby"), coupon=coupon).status_code == 200


@pytest.mark.parametrize("place", ["poster-door", "badge-li", "cart-01", "locker-a"])
def test_other_codes_claim_nothing(store: RunningStore, place: str) -> None:
    coupon, phone = offer(store), someone(store)
    assert claim(phone, code=store.code(place), coupon=coupon).json()["code"] == "wrong_purpose"
    assert phone.fill(store.code(place), do="claim", coupon=coupon).status_code == 409


def test_a_live_code_claims_the_coupon_that_it_names_and_no_other(store: RunningStore) -> None:
    coupon, other, phone = offer(store), offer(store), someone(store)
    refused = claim(phone, code=store.shown(coupon), coupon=other)
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_request")
    assert claim(phone, code=store.shown(coupon), coupon=coupon).json() == {"coupon": coupon, "already": False}


@pytest.mark.parametrize("address", ["%E4%B8%AD", "%0Ax", "nobody.abcdefgh"])
def test_a_ticket_opens_no_address_that_is_no_code_of_its_own(store: RunningStore, address: str) -> None:
    shopper = Shopper(store)
    ticket = ticket_of(shopper.scan(store.shown(offer(store))))
    answer = shopper.get(f"{store.base}/t/{address}", params={"ticket": ticket}, timeout=60)
    assert answer.status_code == 404


def test_a_ticket_is_worth_nothing_on_another_phone(store: RunningStore) -> None:
    coupon, owner, thief = offer(store), someone(store), someone(store)
    code = store.shown(coupon)
    ticket = ticket_of(owner.scan(code))
    refused = claim(thief, ticket=ticket)
    assert (refused.status_code, refused.json()["code"]) == (403, "ticket_elsewhere")
    page = thief.get(f"{store.base}/t/{code}?ticket={ticket}")
    assert page.status_code == 403
    assert "another phone" in page.text
    assert thief.fill(code, do="claim", ticket=ticket).status_code == 403
    stranger = Shopper(store)
    assert claim(stranger, ticket=ticket).json()["code"] == "ticket_elsewhere"
    assert claim(owner, ticket=ticket).json()["already"] is False
    assert claimed(store, coupon) == 1


def test_one_code_on_fifty_phones_serves_a_dozen(store: RunningStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A photo of the screen, sent to fifty people who all open it within its minute."""
    monkeypatch.setattr(codes, "STEP_MS", 600_000)  # which may be longer here: this machine may be slow
    coupon = offer(store)
    phones = [someone(store) for _ in range(50)]
    code = store.shown(coupon)
    tickets = [ticket_of(phone.scan(code)) for phone in phones]
    assert len(set(tickets)) == 50, "each phone has a ticket of its own"
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda pair: claim(pair[0], ticket=pair[1]), zip(phones, tickets, strict=True)))
    most = store.settings.bounds.coupons.live_code
    assert sum(answer.status_code == 200 for answer in answers) == most == claimed(store, coupon)
    assert {answer.json()["code"] for answer in answers if not answer.ok} == {"code_used_up"}
    page = someone(store).scan(code)
    assert "have used this code already" in page.text
    assert 'value="claim"' not in page.text


def test_a_printed_code_that_gives_no_more_this_hour_says_when_it_will(
    store: RunningStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    coupon, code = offer(store), store.code("shelf-baby")
    monkeypatch.setattr(coupon_queries, "_printed", lambda *_: ClaimObstacle("too_many_claims", 600))
    page = Shopper(store).get(f"{store.base}/t/{code}?coupon={coupon}", timeout=60)
    assert "Please try again in 10 minutes." in page.text


def test_one_browser_claims_once_whoever_it_says_it_is(store: RunningStore) -> None:
    coupon, phone = offer(store), someone(store)
    assert claim(phone, code=store.shown(coupon)).status_code == 200
    for _ in range(3):
        # Another number, another person; the browser is the same.
        assert phone.register(store.code("poster-door")).ok
        for code in (store.shown(coupon), store.code("shelf-baby")):
            refused = claim(phone, code=code, coupon=coupon)
            assert (refused.status_code, refused.json()["code"]) == (409, "coupon_taken_here")
    assert claimed(store, coupon) == 1

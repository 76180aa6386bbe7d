"""Points on the phone and by the API: the balance, the day's check-in, the history."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from edge.domain.ledger import postings
from edge.web.moments import now_ms
from tests.web.running import Shopper

if TYPE_CHECKING:
    from edge.journal import Tx
    from tests.web.running import RunningStore


def member(store: RunningStore, language: str = "en") -> Shopper:
    shopper = Shopper(store, language)
    assert shopper.register(store.code("poster-door")).ok
    return shopper


def give(store: RunningStore, order: str, paid: int, points: int) -> None:
    """The member who registered last paid an order."""
    newest = store.gateway.reads.one("SELECT member FROM members ORDER BY rowid DESC LIMIT 1")
    assert newest is not None

    def pay(tx: Tx) -> None:
        for fact in postings.earning(tx, newest["member"], order, paid, points, now_ms()):
            tx.emit(fact)

    store.do(store.gateway.decide(pay))


def test_a_stranger_is_told_how_to_get_points(store: RunningStore) -> None:
    page = Shopper(store).get(f"{store.base}/points", timeout=60)
    assert "Points are for members." in page.text
    assert Shopper(store).api("GET", "/api/v1/points").status_code == 401


@pytest.mark.parametrize(("language", "said"), [("en", "12 points"), ("zh-CN", "12 积分"), ("de", "12 Punkte")])
def test_the_page_says_what_points_are_worth(store: RunningStore, language: str, said: str) -> None:
    shopper = member(store, language)
    give(store, f"order-{language}", 1290, 12)
    page = shopper.get(f"{store.base}/points", timeout=60).text
    assert said in page
    assert "+12" in page
    assert "+5" in page


def test_a_check_in_counts_once_by_page_and_api(store: RunningStore) -> None:
    shopper = member(store)
    page = shopper.post(f"{store.base}/points", data={"do": "check_in"}, timeout=60)
    assert "Checked in. See you tomorrow." in page.text
    assert "Checked in today" in page.text
    again = shopper.api("POST", "/api/v1/points/check-in").json()
    assert again == {"already": True, "days": 1, "points": 0, "forgiven": False}
    found = shopper.api("GET", "/api/v1/points").json()
    assert (found["points"], found["row"]["days"], found["row"]["today"]) == (5, 1, True)
    assert [entry["reason"] for entry in found["entries"]] == ["check_in"]


def test_the_history_goes_on_page_by_page(store: RunningStore) -> None:
    shopper = member(store)
    for number in range(3):
        give(store, f"paged-{number}", 100, number + 1)
    first = shopper.api("GET", "/api/v1/points?limit=2").json()
    assert [entry["delta"] for entry in first["entries"]] == [3, 2]
    rest = shopper.api("GET", f"/api/v1/points?limit=2&before={first['more']}").json()
    assert ([entry["delta"] for entry in rest["entries"]], rest["more"]) == ([1], None)
    page = shopper.get(f"{store.base}/points?before={first['more']}", timeout=60).text
    assert "+1<" in page
    assert "+3<" not in page
    assert shopper.get(f"{store.base}/points?before=x", timeout=60).ok


def test_what_the_mall_does_not_have_is_refused_with_a_sentence(store: RunningStore) -> None:
    shopper = member(store)
    assert shopper.api("GET", "/api/v1/points/mall").json() == []
    body = {"item": "no-such", "request": str(uuid.uuid4())}
    refused = shopper.api("POST", "/api/v1/points/mall", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "mall_gone")
    page = shopper.post(f"{store.base}/points", data={"do": "exchange", **body}, timeout=60)
    assert "no longer to be had for points" in page.text

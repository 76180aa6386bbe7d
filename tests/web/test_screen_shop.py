"""What somebody does at a screen by touch: a basket of the session's own, coupons, a member's things for 45 s."""

from __future__ import annotations

import json
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest
import requests

from edge.domain.codes.readings import Reading, Scan, ScanResult
from edge.gateway import screen_visits
from tests.web.running import Shopper
from tests.web.test_basket import BREAD, MILK, Shop, add, anna, basket, shop
from tests.web.test_handover import take

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["anna", "shop"]

SCREEN = "screen-baby"


class Glass:
    """A screen's own requests, for one session."""

    def __init__(self, shop: Shop, screen: str = SCREEN, session: str = "", language: str = "en") -> None:
        self.shop, self.screen = shop, screen
        self.session = session or str(uuid.uuid4())
        self._headers = {
            "Authorization": f"Bearer {shop.store.gateway.lookup.codes.service(screen)}",
            "X-Session": self.session,
            "Accept-Language": language,
        }

    def ask(self, path: str, body: Mapping[str, Any] | None = None) -> requests.Response:
        address = f"{self.shop.store.base}/api/v1/screens/{path}"
        if body is None:
            return requests.get(address, headers=self._headers, timeout=60)
        return requests.post(address, json=body, headers=self._headers, timeout=60)

    def add(self, gtin: str, **more: Any) -> dict[str, Any]:
        found = self.ask("basket/lines", {"gtin": gtin, "request": str(uuid.uuid4()), **more})
        assert found.status_code == 200, found.text
        return dict(found.json())

    def basket(self) -> dict[str, Any]:
        return dict(self.ask("basket").json())

    def show_code(self, member: str) -> None:
        """Somebody holds their member's code to the scanner beside the screen."""
        store = self.shop.store
        greeted = ScanResult(Reading("member", "signed", "our_signature", member=member), member=member)
        store.do(store.gateway.screen_baskets.take(self.screen, greeted, [greeted.best], "test"))


def test_it_is_filled_by_touch_and_changed_line_by_line(shop: Shop) -> None:
    glass = Glass(shop)
    assert (glass.basket()["pieces"], glass.basket()["code"]) == (0, None)
    request = str(uuid.uuid4())
    for _ in range(2):
        glass.add(MILK, request=request)
    found = glass.add(BREAD, quantity=2, how="search")
    assert [(line["name"], line["quantity"], line["pay"]) for line in found["lines"]] == [
        ("Milk", 1, 1290),
        ("Bread", 2, 1780),
    ]
    assert (found["pieces"], found["total"], found["payable"]) == (3, 3070, True)
    assert found["code"]["url"].startswith(shop.store.gateway.devices.public_url)
    more = {"quantity": 3, "request": str(uuid.uuid4())}
    assert glass.ask(f"basket/lines/{found['lines'][0]['line']}", more).json()["pieces"] == 5
    out = {"quantity": 0, "request": str(uuid.uuid4())}
    assert [line["name"] for line in glass.ask(f"basket/lines/{found['lines'][0]['line']}", out).json()["lines"]] == [
        "Bread"
    ]
    assert glass.ask("home").json()["basket"] == {"pieces": 2, "total": 1780}
    assert glass.ask("basket/drop", {}).json()["pieces"] == 0
    assert glass.ask("basket/lines", {"gtin": "4012345678901", "request": request}).json()["code"] == "product_unknown"


def test_nobody_inherits_a_basket_and_nobody_asks_without_the_screens_code(shop: Shop) -> None:
    first = Glass(shop)
    first.add(MILK)
    assert Glass(shop).basket()["pieces"] == 0
    assert Glass(shop, session=screen_visits.NOBODY).basket()["pieces"] == 0
    assert first.basket()["pieces"] == 1
    bare = requests.get(f"{shop.store.base}/api/v1/screens/basket", timeout=60)
    assert (bare.status_code, bare.json()["code"]) == (401, "screen_only")


def test_whoever_scans_after_somebody_is_done_is_somebody_else(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen_visits, "JOIN_S", 600.0)
    monkeypatch.setattr(screen_visits, "MEMBER_S", 600.0)
    member, first, second = member_of(shop), Glass(shop), Glass(shop)
    first.add(MILK)
    first.show_code(member)
    assert first.basket()["own"]
    assert first.ask("end", {}).status_code == 204
    first.basket()  # asked before they were done, and late
    other = member_of(shop)
    assert other != member
    second.show_code(other)
    assert second.ask("mine").json()["left_s"] > 0
    assert (second.basket()["own"], second.basket()["pieces"]) == (True, 0)


def test_a_phone_takes_it_along_and_the_screen_says_so(shop: Shop, anna: Shopper) -> None:
    glass = Glass(shop)
    code = glass.add(MILK)["code"]
    take(anna, shop, code["url"].rpartition("/")[2])
    assert [line["name"] for line in basket(anna)["lines"]] == ["Milk"]
    left = glass.basket()
    assert (left["pieces"], "on a phone since" in left["gone"]) == (0, True)
    assert glass.add(BREAD)["gone"] == ""


def test_a_phones_basket_comes_here_by_its_digits(shop: Shop, anna: Shopper) -> None:
    add(anna, how="search", code=MILK)
    page = anna.post(f"{shop.store.base}/handover", data={"do": "park", "request": str(uuid.uuid4())})
    digits = page.text.partition('class="digits">')[2][:4]
    glass = Glass(shop)
    glass.add(MILK)
    found = glass.ask("basket/take", {"digits": digits}).json()
    assert [(line["name"], line["quantity"]) for line in found["lines"]] == [("Milk", 2)]
    assert basket(anna)["lines"] == []
    assert glass.ask("basket/take", {"digits": "no"}).json()["code"] == "basket_gone"


def member_of(shop: Shop) -> str:
    shopper = Shopper(shop.store)
    shopper.register(shop.store.code("poster-door"))
    row = shop.store.gateway.reads.one("SELECT member FROM members ORDER BY registered_ms DESC, rowid DESC")
    assert row is not None
    return str(row["member"])


def test_a_members_things_are_open_for_who_showed_the_code_and_end_by_themselves(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, glass, now = member_of(shop), Glass(shop), time.monotonic()
    monkeypatch.setattr(shop.store.gateway.visits, "_clock", lambda: now)
    assert glass.ask("mine").json()["left_s"] == 0
    glass.add(MILK)
    glass.show_code(member)
    mine = glass.ask("mine").json()
    assert 40 < mine["left_s"] <= screen_visits.MEMBER_S
    assert (mine["points"], mine["coupons"]) == (0, [])
    assert glass.basket()["own"]
    assert member not in str(mine)
    assert Glass(shop).ask("mine").json()["left_s"] == 0
    later = Glass(shop)
    later.show_code(member)
    assert later.ask("mine").json()["left_s"] == 0  # it was shown for the session before
    here = Glass(shop, session=later.session)
    here.show_code(member)
    assert here.ask("mine").json()["left_s"] > 0
    assert here.ask("mine/stay", {}).json()["left_s"] > 0
    assert here.ask("mine/end", {}).status_code == 204
    assert here.ask("mine").json()["left_s"] == 0
    here.show_code(member)
    monkeypatch.setattr(shop.store.gateway.visits, "_clock", lambda: now + screen_visits.MEMBER_S + 1)
    assert here.ask("mine").json()["left_s"] == 0
    assert not here.basket()["own"]


def test_a_coupon_has_digits_that_a_phone_can_type_and_paper_that_one_phone_saves(shop: Shop) -> None:
    glass, lookup, name = Glass(shop), shop.store.gateway.lookup, "paper-one"
    shop.store.offer(
        coupon=name, zone="baby", title={"en": "Milk for less"}, subtitle={}, price=990, was=1290, stock=50,
        starts_ms=None, ends_ms=None, art="milk", tint="#DFEFE4", terms={},
    )  # fmt: skip
    told = glass.ask(f"coupons/{name}").json()
    assert (told["title"], len(told["digits"]), told["claimable"]) == (told["title"], 6, False)
    assert [rule["sign"] for rule in told["rules"]][:2] == ["clock", "person"]
    readings = lookup.code_reader.read(Scan(f"{told['digits'][:3]} {told['digits'][3:]}"), int(time.time() * 1000))
    assert (readings[0].kind, readings[0].touchpoint and readings[0].touchpoint.coupon) == ("coupon", name)
    assert glass.ask(f"coupons/{name}/claim", {"request": str(uuid.uuid4())}).json()["code"] == "not_registered"
    for _ in range(2):
        assert glass.ask(f"coupons/{name}/print", {"request": str(uuid.uuid4())}).status_code == 200
    jobs = shop.store.gateway.reads.all("SELECT vals FROM print_jobs WHERE job LIKE 'coupon-%'")
    assert len(jobs) == 1
    code = json.loads(jobs[0]["vals"])["code"].rpartition("/t/")[2]
    first, second = Shopper(shop.store), Shopper(shop.store)
    assert first.register(code, coupon=name).status_code == 200
    assert second.register(code, coupon=name).status_code == 200
    kept = "SELECT count(*) AS n FROM wallet WHERE campaign=?"
    found = shop.store.gateway.reads.one(kept, name)
    assert found is not None
    assert found["n"] == 1
    gone, third = lookup.codes.paper("screen-gone", name, "seed"), Shopper(shop.store)
    assert third.scan(gone).status_code == 200
    assert third.register(gone, coupon=name).status_code == 200
    assert [row["n"] for row in shop.store.gateway.reads.all(kept, name)] == [2], "of a screen that is none any more"

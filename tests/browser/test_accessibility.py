"""axe on every page: no violation of its rules, in both languages."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from tests.web.running import RunningStore, new_phone
from tests.web.test_basket import BREAD, MILK, Shop

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import NewPage

PLACES = ("cart-01", "cart-12", "poster-door", "shelf-fruit", "screen-baby", "badge-li", "locker-a", "locker-b")


def faults(page: Page, *rules: str) -> list[str]:
    """What axe finds by these rules, or by all."""
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    page.wait_for_load_state()  # half of a page has faults that the whole one has not
    options = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{page.url} {fault['id']}: {node['html'][:120]}" for fault in found for node in fault["nodes"]]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_of_the_phone(store: RunningStore, phone: NewPage, language: str) -> None:
    page = phone(language)
    codes = [store.code(place) for place in PLACES] + [store.shown("diaper-l54"), "nonsense"]
    found = []
    for known in (False, True):
        for code in codes:
            page.goto(f"{store.base}/t/{code}")
            found += faults(page)
        page.goto(f"{store.base}/wallet")
        found += faults(page)
        if not known:
            page.goto(f"{store.base}/t/{store.code('poster-door')}")
            page.fill("#phone", "123")
            page.check("[name=service]")
            page.tap("form button")
            page.wait_for_selector("[role=alert]")
            found += faults(page)
            page.fill("#phone", new_phone())
            page.check("[name=service]")
            page.tap("form button")
            page.wait_for_url("**done=**")
    assert not found


@pytest.mark.parametrize("language", ["zh-CN", "de"])
def test_from_the_wallet_to_the_receipt(
    store: RunningStore, phone: NewPage, desk: NewPage, tmp_path: Path, language: str
) -> None:
    Shop(store, tmp_path).sell("12.90")
    page = phone(language)
    page.goto(f"{store.base}/t/{store.code('poster-door')}")
    page.fill("#phone", new_phone())
    page.check("[name=service]")
    page.tap("form:has(#phone) button")
    page.wait_for_url("**done=**")
    for gtin, pieces in ((MILK, 3), (BREAD, 2)):
        body = {"code": gtin, "how": "page", "quantity": pieces, "request": str(uuid.uuid4())}
        assert page.request.post(f"{store.base}/api/v1/basket/lines", data=body).ok
    found = _looked_at(
        page,
        store,
        "/",
        "/search",
        "/search?q=milk",
        "/wallet",
        "/basket",
        "/points",
        "/me/reminders",
        "/profile",
        "/help",
        "/map",
        "/map?from=screen-baby&to=kind:toilet",
    )
    page.goto(f"{store.base}/")
    coupons = page.eval_on_selector_all("a[href^='/coupons/']", "all => all.map(a => a.getAttribute('href'))")
    assert coupons
    found += _looked_at(page, store, coupons[0])
    assert page.request.post(f"{store.base}/api/v1/basket/hold", data={}).ok
    found += _looked_at(page, store, "/pay")
    for port in ("counter", "simulated"):
        asked = page.request.post(f"{store.base}/api/v1/payments", data={"port": port, "request": str(uuid.uuid4())})
        payment = asked.json()["payment"]
        found += _looked_at(page, store, f"/pay?p={payment}")
        if port == "counter":
            assert page.request.post(f"{store.base}/api/v1/payments/{payment}/close", data={}).ok
    assert page.request.post(f"{store.base}/api/v1/payments/{payment}/play", data={"do": "pay"}).ok
    found += _looked_at(page, store, f"/pay?p={payment}", "/orders", "/points", "/", "/orders/none", "/coupons/none")
    office = desk(language)
    office.request.post(f"{store.base}/staff/login", form={"staff": "li", "pin": "2580"})
    found += _looked_at(office, store, "/staff", "/staff/orders", "/staff/campaigns")
    assert not found


def _looked_at(page: Page, store: RunningStore, *paths: str) -> list[str]:
    found = []
    for path in paths:
        page.goto(f"{store.base}{path}")
        found += faults(page)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{path} is wider than its window")
    return found


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_store_page(store: RunningStore, desk: NewPage, language: str) -> None:
    page = desk(language)
    page.goto(store.base)
    page.wait_for_selector("#d-locker-a.ok", state="attached")
    found = faults(page)
    page.click("#d-cart-01")
    page.wait_for_selector("#d-codebox:visible")
    found += faults(page)
    assert not found


@pytest.mark.parametrize("language", ["zh-CN", "en", "de"])
def test_the_pages_of_store_it(store: RunningStore, desk: NewPage, phone: NewPage, language: str) -> None:
    found = []
    for page in (desk(language), phone(language)):
        page.goto(f"{store.base}/it")
        page.wait_for_selector(".devices tbody tr")
        found += faults(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert not found


def test_pages_for_work_follow_a_dark_phone(store: RunningStore, phone: NewPage) -> None:
    page = phone("en")
    page.emulate_media(color_scheme="dark")
    found = _looked_at(page, store, "/staff", "/operator")
    page.request.post(f"{store.base}/staff/login", form={"staff": "wang", "pin": "1470"})
    store.act("printer-1", "paper-out")
    page.goto(f"{store.base}/staff")
    page.wait_for_selector(".u1")
    found += _looked_at(
        page,
        store,
        *("/staff", "/staff/doors", "/staff/orders", "/staff/pickups", "/staff/results", "/staff/playlists"),
        *("/staff/campaigns", "/it", "/it/exposure", "/it/rehearsal", "/it/reconciliation"),
    )
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(13, 21, 17)", "as a shopper's pages are"
    store.act("printer-1", "paper-in")
    assert not found

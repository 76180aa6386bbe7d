from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.web.running import RunningStore, new_phone, wait

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from tests.browser.conftest import NewPage

SAY = "#say"


def scan(page: Page, store: RunningStore, touchpoint: str) -> None:
    page.goto(f"{store.base}/t/{store.code(touchpoint)}")


def register(page: Page) -> None:
    page.fill("#phone", new_phone())
    page.check("[name=service]")
    page.tap("form button")
    page.wait_for_url(re.compile("done="))


def opened(page: Page) -> None:
    page.wait_for_selector("#steps li:last-child.on")


@pytest.mark.parametrize(
    ("language", "cart", "words"), [("zh-CN", "cart-01", "请拉出购物车"), ("en", "cart-02", "Pull the cart out")]
)
def test_a_cart_opens_for_a_new_shopper(
    store: RunningStore, phone: NewPage, language: str, cart: str, words: str
) -> None:
    page = phone(language)
    scan(page, store, cart)
    assert page.get_attribute("html", "lang") == language
    register(page)
    page.tap("#go button")
    opened(page)
    assert words in page.inner_text(SAY)
    assert not page.is_visible("#go button")
    store.act(cart, "return")
    wait(lambda: store.docked(cart))
    scan(page, store, cart)
    page.tap("#go button")
    opened(page)
    store.act(cart, "return")


def test_polling_takes_over_when_the_stream_says_nothing(store: RunningStore, phone: NewPage) -> None:
    page = phone()
    streams: list[Route] = []
    polls: list[str] = []
    page.route("**/events?*", lambda route: streams.append(route))  # noqa: PLW0108 - neither answered nor refused: as some proxies do
    page.on("request", lambda request: polls.append(request.url) if re.search(r"/grants/[^/]+$", request.url) else None)
    scan(page, store, "cart-03")
    register(page)
    page.tap("#go button")
    opened(page)
    assert streams
    assert polls
    for each in streams:
        each.abort()
    store.act("cart-03", "return")


def test_a_lost_answer_is_asked_again_and_opens_once(store: RunningStore, phone: NewPage) -> None:
    page = phone()
    scan(page, store, "cart-04")
    register(page)
    lost: list[str | None] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.request.post_data)
            route.fetch()  # it reaches the store, but its answer never reaches the phone
            route.abort()

    page.route("**/api/v1/carts/unlock?*", lose_the_first)
    page.tap("#go button")
    opened(page)
    grants = store.gateway.reads.one("SELECT count(*) AS n FROM grants WHERE cart='cart-04'")
    assert grants is not None
    assert grants["n"] == 1
    store.act("cart-04", "return")


def test_a_failure_says_which_hop_and_a_second_try_works(store: RunningStore, phone: NewPage) -> None:
    page = phone("en")
    scan(page, store, "cart-05")
    register(page)
    store.act("cart-05", "jam")
    page.tap("#go button")
    page.wait_for_selector("#say.bad")
    page.wait_for_url("**grant=*")  # the page comes anew, with other carts beside it
    assert "The lock did not open, it is stuck." in page.inner_text(SAY)
    assert "Your code is still valid" in page.inner_text(SAY)
    assert page.inner_text("#go button") == "Try again"
    store.act("cart-05", "fix")
    page.tap("#go button")
    opened(page)
    store.act("cart-05", "return")


def test_a_second_tap_does_nothing(store: RunningStore, phone: NewPage) -> None:
    page = phone()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/unlock?" in request.url else None)
    scan(page, store, "cart-06")
    register(page)
    page.evaluate("() => { const b = document.querySelector('#go button'); b.click(); b.click(); b.click(); }")
    opened(page)
    assert len(asked) == 1
    store.act("cart-06", "return")


def test_without_a_script_everything_works(store: RunningStore, phone: NewPage) -> None:
    page = phone("en", java_script_enabled=False)
    scan(page, store, "cart-07")
    register(page)
    page.tap("#go button")
    page.wait_for_url(re.compile("grant="))
    page.wait_for_selector("text=Open! Pull the cart out.")
    page.wait_for_selector("#steps .on >> nth=2", state="attached")  # the page comes anew every two seconds
    store.act("cart-07", "return")


def test_a_screens_coupon_reaches_the_wallet(store: RunningStore, phone: NewPage) -> None:
    page = phone("en")
    page.goto(f"{store.base}/t/{store.shown('milk-kids')}")
    assert "ticket=" in page.url
    register(page)
    page.wait_for_selector("text=Saved.")
    page.tap("main a.btn")
    page.wait_for_url("**/wallet")
    assert "Milk for children" in page.inner_text("main")
    assert "Ready to use" in page.inner_text("main")


def test_the_language_link_keeps_the_coupon(store: RunningStore, phone: NewPage) -> None:
    page = phone("en")
    page.goto(f"{store.base}/t/{store.shown('milk-kids')}")
    page.tap(".lang")
    page.wait_for_selector("html[lang=zh-CN]")
    page.wait_for_load_state()
    assert "儿童牛奶" in page.inner_text("main")
    assert "ticket=" in page.url


def test_nothing_is_loaded_beside_the_page(store: RunningStore, phone: NewPage) -> None:
    page = phone()
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    scan(page, store, "shelf-baby")
    page.wait_for_load_state("networkidle")
    beside = [url for url in loaded if not url.startswith("data:") and "/seen/" not in url]
    assert beside == [page.url]


def test_a_page_goes_on_in_its_language_when_another_tab_takes_another(store: RunningStore, phone: NewPage) -> None:
    page = phone("en")
    scan(page, store, "cart-05")
    register(page)
    other = page.context.new_page()
    other.goto(f"{store.base}/home?lang=zh-CN")
    page.tap("#go button")
    opened(page)
    assert page.inner_text(SAY).startswith("Open!")
    store.act("cart-05", "return")

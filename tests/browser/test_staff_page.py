"""The staff page in real Chromium: a thumb on a phone, a finger at a till."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from edge.domain.carts import decisions as carts
from tests.browser.conftest import _context, close
from tests.edge.conftest import Puppet
from tests.web.running import RunningStore, Shopper, new_phone, wait

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import NewPage


def come_in(page: Page, store: RunningStore, name: str = "li", pin: str = "2580") -> None:
    page.goto(f"{store.base}/staff")
    page.check(f"input[value={name}]", force=True)
    for digit in pin:
        page.click(f"#pad [data-key='{digit}']")
    page.click("#pad .go")
    page.wait_for_selector("#needs")


def jam(store: RunningStore, cart: str, lock: str = "jammed") -> None:
    store.do(store.gateway.decide(carts.on_state, cart=cart, lock=lock, docked=True))


def card(cart: str) -> str:
    return f"[id='n-jammed/{cart}']"


def test_a_need_comes_is_dealt_with_and_goes_without_a_reload(store: RunningStore, phone: NewPage) -> None:
    page = phone("en")
    come_in(page, store)
    page.wait_for_selector("#live.live:not(.wait)", state="attached")
    jam(store, "cart-11")
    page.wait_for_selector(card("cart-11"))
    page.click(f"{card('cart-11')} form button")
    page.wait_for_selector("[id='n-out/cart-11'] >> text=Out of order: It is stuck")
    page.wait_for_selector("#done >> text=Cart 11 out of order")
    page.click("[id='n-out/cart-11'] button")
    page.wait_for_selector(card("cart-11"))
    jam(store, "cart-11", "locked")
    page.wait_for_selector(card("cart-11"), state="detached")


def test_no_screen_without_a_picture_is_well(store: RunningStore, phone: NewPage) -> None:
    screen = Puppet(store._broker, "screen-baby", store.gateway.settings.store.id)
    try:
        wait(lambda: any(each.id == "screen-baby" and each.online for each in store.gateway.devices.views()))
        page = phone("en")
        come_in(page, store)
        page.route("**/picture", lambda route: route.fulfill(status=204))
        page.goto(f"{store.base}/staff/screens")
        assert page.get_attribute("#s-screen-baby .state", "data-tone") == "ok"
        page.wait_for_selector("#s-screen-baby.bad .state >> text=Does not answer")
        page.wait_for_selector("#s-screen-baby .glass p >> text=No picture")
    finally:
        screen.stop()


def test_a_test_print_shows_how_it_ends(store: RunningStore, phone: NewPage) -> None:
    page = phone("en")
    come_in(page, store)
    page.click("#p-printer-1 button")
    page.wait_for_selector("#done .result.ok >> text=Test Till 1 printer")
    page.wait_for_selector("#print .slips >> text=Test page")
    wait(lambda: page.evaluate("() => document.querySelector('.slips img').naturalWidth > 0"))


def test_nothing_is_taken_from_under_a_finger_that_types(store: RunningStore, phone: NewPage) -> None:
    page = phone("en")
    jam(store, "cart-10")
    come_in(page, store)
    # A cart that is out asks why before its ride is ended.
    shopper = Shopper(store)
    shopper.register(store.code("poster-door"))
    assert shopper.unlock("cart-08").ok
    page.wait_for_selector("#c-cart-08")
    page.click("#c-cart-08 summary")
    page.fill("#c-cart-08 .other", "the spring is")
    jam(store, "cart-12")
    page.wait_for_selector(card("cart-12"))
    assert page.input_value("#c-cart-08 .other") == "the spring is"
    store.act("cart-08", "return")
    for cart in ("cart-10", "cart-12"):
        jam(store, cart, "locked")


def test_a_page_goes_on_in_its_language_when_another_tab_takes_another(store: RunningStore, phone: NewPage) -> None:
    shopper = Shopper(store)
    shopper.register(store.code("poster-door"))
    assert shopper.unlock("cart-07").ok
    page = phone("en")
    come_in(page, store)
    page.wait_for_selector("#c-cart-07")
    other = page.context.new_page()
    other.goto(f"{store.base}/staff?lang=zh-CN")
    page.click("#c-cart-07 summary")
    page.click("#c-cart-07 form .btn")
    page.wait_for_selector("#c-cart-07 .err >> text=Please say why.")
    store.act("cart-07", "return")


def test_it_polls_where_no_stream_comes_through(store: RunningStore, phone: NewPage) -> None:
    page = phone("en")
    page.route("**/staff/events*", lambda route: route.abort())
    come_in(page, store)
    page.wait_for_selector("#live.wait", state="attached")
    jam(store, "cart-09")
    page.wait_for_selector(card("cart-09"))
    jam(store, "cart-09", "locked")


def test_the_actions_work_without_a_script(store: RunningStore, browser: Browser) -> None:
    context, _ = _context(browser, viewport={"width": 390, "height": 844}, java_script_enabled=False, locale="en")
    page = context.new_page()
    page.goto(f"{store.base}/staff")
    page.check("input[value=li]", force=True)
    page.fill("#pin", "2580")
    page.click("#enter")
    page.wait_for_selector("#needs")
    jam(store, "cart-10")
    page.goto(f"{store.base}/staff")
    page.click(f"{card('cart-10')} form button")
    page.wait_for_selector("[id='n-out/cart-10'] >> text=Out of order: It is stuck")
    page.click("[id='n-out/cart-10'] button")
    page.wait_for_selector(card("cart-10"))
    jam(store, "cart-10", "locked")
    close(context)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 640), (1024, 768), (1280, 800)])
def test_nothing_sticks_out_and_everything_is_big_enough(
    store: RunningStore, desk: NewPage, language: str, width: int, height: int
) -> None:
    jam(store, "cart-10")
    page = desk(language, width, height)
    come_in(page, store)
    page.wait_for_selector(card("cart-10"))
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    small: list[Any] = page.evaluate(
        "() => [...document.querySelectorAll('button, summary, .lang, select')].filter(e => e.offsetParent"
        " && e.getBoundingClientRect().height < 40).map(e => e.outerHTML)"
    )
    assert small == []
    jam(store, "cart-10", "locked")


def test_an_order_is_put_in_and_handed_over_with_a_thumb(store: RunningStore, phone: NewPage) -> None:
    number = new_phone()
    assert Shopper(store).register(store.code("poster-door"), number).ok
    page = phone("en")
    come_in(page, store)
    page.click("#fill summary")
    page.fill("#fill input[name=number]", "4711")
    page.fill("#fill input[name=phone]", number)
    page.check("#fill input[value=S]", force=True)
    page.click("#fill button")
    page.wait_for_selector("#done .result.wait >> text=put it in and close it")
    row = store.gateway.reads.one("SELECT * FROM parcels WHERE order_ref='4711'")
    assert row is not None
    store.use_door("locker-a", row["door"], "fill")
    page.wait_for_selector("#done .result.ok >> text=The customer has the code")
    mine = f"[id='k-{row['parcel']}']"
    page.click(f"{mine} summary")
    page.check(f"{mine} input[value=shopper_asks]", force=True)
    page.click(f"{mine} button[value=hand_over]")
    page.wait_for_selector("#done .result.wait >> text=hand it over and close it")
    store.use_door("locker-a", row["door"], "empty")
    page.wait_for_selector("#done .result.ok >> text=Handed over")


def test_the_login_at_a_till_stands_upright(store: RunningStore, desk: NewPage) -> None:
    page = desk("zh-CN", 1280, 800)
    page.goto(f"{store.base}/staff")
    box = page.locator("h1").bounding_box()
    assert box is not None
    assert box["width"] > box["height"]

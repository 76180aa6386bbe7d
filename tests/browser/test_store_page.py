from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web.running import RunningStore, new_phone, wait

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Page

    from tests.browser.conftest import NewPage


def marked(page: Page, device: str, mark: str) -> None:
    page.wait_for_selector(f"#d-{device}.{mark}", state="attached")


def test_somebody_without_a_phone_is_the_shopper(store: RunningStore, desk: NewPage) -> None:
    page = desk("en")
    page.goto(store.base)
    marked(page, "cart-08", "ok")
    before = int(page.inner_text("#t-members"))
    page.click("#d-cart-08")
    wait(lambda: page.evaluate("() => document.getElementById('d-qr').naturalWidth > 0"))
    page.click("#d-shop")
    frame: FrameLocator = page.frame_locator("#d-frame")
    frame.locator("#phone").fill(new_phone())
    frame.locator("[name=service]").check()
    frame.locator("form button").click()
    frame.locator("#go button").click()
    marked(page, "cart-08", "out")
    page.wait_for_selector("#tail >> text=Cart 8 unlocked")
    assert int(page.inner_text("#t-members")) == before + 1
    page.click("#d-back")
    page.click("text=Bring it back")
    marked(page, "cart-08", "ok")
    wait(lambda: store.docked("cart-08"))
    page.click("#d-shop")
    frame.locator("#go button").wait_for()
    page.click("#d-new")
    frame.locator("[name=service]").wait_for()


def test_a_device_that_leaves_is_shown_away(store: RunningStore, desk: NewPage) -> None:
    page = desk("en")
    page.goto(store.base)
    marked(page, "cart-09", "away")
    page.wait_for_selector('#d-cart-09[aria-label="Cart 9, offline"]')  # said once more when the stream has come


def test_the_switch_cuts_the_internet(store: RunningStore, desk: NewPage) -> None:
    page = desk()
    page.goto(store.base)
    page.click("#net[aria-checked=true]")
    page.wait_for_selector("#net[aria-checked=false]")
    assert (store.data / "internet-cut").exists()
    page.click("#net")
    page.wait_for_selector("#net[aria-checked=true]")


def test_the_drawer_works_by_keyboard(store: RunningStore, desk: NewPage) -> None:
    page = desk("en")
    page.goto(store.base)
    marked(page, "locker-a", "ok")
    page.focus("#d-locker-a")
    page.keyboard.press("Enter")
    page.wait_for_selector("#drawer:visible")
    page.keyboard.press("Escape")
    page.wait_for_selector("#drawer", state="hidden")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080), (390, 844)])
def test_nothing_sticks_out(store: RunningStore, desk: NewPage, width: int, height: int) -> None:
    page = desk("en", width, height)
    page.goto(store.base)
    marked(page, "locker-a", "ok")
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    if width >= 1280:
        assert page.evaluate("() => document.documentElement.scrollHeight <= innerHeight")

"""The floor plan as an editor in real Chromium: a mouse, a finger, a keyboard, three languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.test_accessibility import faults
from tests.web.running import wait
from tests.web.setting_up import NewStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.conftest import NewPage


@pytest.fixture(scope="module")
def new_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewStore]:
    running = NewStore(tmp_path_factory.mktemp("setup"), ("cart-01", "locker-a"))
    running.start()
    yield running
    running.stop()


def opened(page: Page, store: NewStore) -> Page:
    page.goto(f"{store.base}/setup")
    page.wait_for_selector(".thing")
    return page


def middle(page: Page, key: str) -> tuple[float, float]:
    found: Any = page.locator(f"[data-key='{key}'] >> nth=0").bounding_box()
    return found["x"] + found["width"] / 2, found["y"] + found["height"] / 2


def sent(page: Page) -> list[dict[str, Any]]:
    """What the page has checked."""
    changes: list[dict[str, Any]] = []
    page.on(
        "request", lambda request: changes.extend(request.post_data_json) if "/setup/check" in request.url else None
    )
    return changes


def passes(page: Page) -> None:
    page.wait_for_selector("#apply:enabled")


def test_a_mouse_drags_things_and_zones(new_store: NewStore, desk: NewPage) -> None:
    page = opened(desk("en"), new_store)
    changes = sent(page)
    x, y = middle(page, "device/locker-a")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 90, y - 200, steps=6)
    page.mouse.up()
    passes(page)
    (moved,) = changes
    assert (moved["what"], moved["id"], set(moved["fields"])) == ("device", "locker-a", {"at", "zone"})
    assert moved["fields"]["zone"] == "baby"
    page.click("#undo")
    assert page.locator("#count").inner_text() == "No changes"
    page.click("[data-key='zone/fresh'] .area", position={"x": 12, "y": 120})
    grip: Any = page.locator(".grip").bounding_box()
    page.mouse.move(grip["x"] + 9, grip["y"] + 9)
    page.mouse.down()
    page.mouse.move(grip["x"] - 40, grip["y"] - 30, steps=5)
    page.mouse.up()
    passes(page)
    zone = changes[-1]
    assert (zone["id"], list(zone["fields"])) == ("fresh", ["plan"])
    assert [each % 0.5 for each in zone["fields"]["plan"]] == [0, 0, 0, 0]
    assert zone["fields"]["plan"][2] < 11
    page.click("#undo")
    x, y = middle(page, "fixture/shelf-a4")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 40, steps=4)
    page.mouse.up()
    passes(page)
    shelf = changes[-1]
    assert (shelf["what"], shelf["id"], list(shelf["fields"])) == ("fixture", "shelf-a4", ["plan"])
    assert shelf["fields"]["plan"][1] > 4.6
    assert page.locator("#panel h2").inner_text() == "Shelf A4"


def test_a_finger_places_a_cart_and_moves_it(new_store: NewStore, phone: NewPage) -> None:
    page = opened(phone("de"), new_store)
    changes = sent(page)
    page.tap("[data-add=cart]")
    assert "Wagen" in page.locator("#place").inner_text()
    page.locator("[data-key='zone/entrance'] .area").tap(position={"x": 60, "y": 125})
    passes(page)
    (new,) = changes
    assert (new["what"], new["id"], new["fields"]["kind"], new["fields"]["zone"]) == (
        "device",
        "cart-13",
        "cart",
        "entrance",
    )
    assert new["fields"]["label"] == {"zh-CN": "购物车 13", "en": "Cart 13", "de": "Wagen 13"}
    # Nothing in the sheet that came up was touched by the same finger.
    assert page.evaluate("document.activeElement.tagName") not in ("INPUT", "SELECT", "TEXTAREA")
    x, y = middle(page, "device/cart-13")
    session = page.context.new_cdp_session(page)
    touch = lambda kind, *points: session.send(  # noqa: E731
        "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": px, "y": py} for px, py in points]}
    )
    touch("touchStart", (x, y))
    for step in range(1, 6):
        touch("touchMove", (x + 8 * step, y + 2 * step))
    touch("touchEnd")
    wait(lambda: (page.wait_for_timeout(50), len(changes) > 1)[1])
    assert changes[-1]["fields"]["at"][0] > new["fields"]["at"][0] + 1
    page.tap(".shut")
    page.wait_for_selector("#panel", state="hidden")


def test_a_keyboard_does_all_of_it(new_store: NewStore, desk: NewPage) -> None:
    page = opened(desk("zh-CN"), new_store)
    changes = sent(page)
    page.focus("[data-key='device/cart-01']")
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+ArrowDown")
    passes(page)
    assert changes[-1]["fields"]["at"] == [1.2, 16]
    page.keyboard.press("Delete")
    passes(page)
    assert changes[-1] == {"what": "device", "id": "cart-01", "fields": None}
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert page.locator("#count").inner_text() == "没有更改"


def test_a_code_that_is_typed_chooses_what_carries_it(new_store: NewStore, desk: NewPage) -> None:
    page = opened(desk("en"), new_store)
    changes = sent(page)
    page.fill("#pair-text", f"http://x.example/t/{new_store.code('locker-b')}")
    page.press("#pair-text", "Enter")
    page.wait_for_selector("#place >> text=Lockers B")
    page.keyboard.press("Escape")
    page.fill("#pair-text", "scanner-4TX 882")
    page.press("#pair-text", "Enter")
    page.wait_for_selector("#place >> text=scanner-4tx-882 is new")
    page.locator("[data-key='zone/checkout'] .area").click(position={"x": 150, "y": 110})
    passes(page)
    assert (changes[-1]["id"], changes[-1]["fields"]["kind"]) == ("scanner-4tx-882", "scanner")


def test_mistakes_stand_there_and_nothing_can_be_applied(new_store: NewStore, desk: NewPage) -> None:
    page = opened(desk("en"), new_store)
    page.click("[data-key='device/cart-01']")
    page.fill("#panel textarea", '{"nonsense": 1}')
    page.locator("#panel textarea").blur()
    page.wait_for_selector("#verdict.wrong >> text=nonsense")
    assert page.is_disabled("#apply")


def test_it_is_for_everybody(new_store: NewStore, desk: NewPage, phone: NewPage) -> None:
    for page in (opened(desk("de"), new_store), opened(phone("en"), new_store), opened(phone("zh-CN"), new_store)):
        found = faults(page)
        page.click("[data-key='device/locker-b']")
        page.wait_for_selector("#panel form")
        assert not found + faults(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]

"""A phone without network, in another language, in the dark, with large letters: nothing is lost, nothing is small."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.browser.large_text import faults_at_200_percent
from tests.browser.test_accessibility import faults
from tests.web.running import RunningStore, new_phone, wait

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import NewPage

PLACES = ("cart-01", "cart-12", "poster-door", "shelf-fruit", "badge-li", "locker-a", "locker-b")
SMALL = """() => [...document.querySelectorAll(
    'a,button,summary,input:not([type=hidden]),label.ok,label:has(input[type=radio])')]
  .filter(e => e.offsetParent !== null || getComputedStyle(e).position === 'fixed')
  .filter(e => !(e.matches('input[type=radio],input[type=checkbox]') && e.closest('label')))
  .filter(e => !e.closest('p,.err,.say'))
  .map(e => [e.getBoundingClientRect(), e])
  .filter(([r]) => r.width > 0 && (r.height < 44 || r.width < 44))
  .map(([r, e]) => e.outerHTML.slice(0, 90) + ' ' + Math.round(r.width) + 'x' + Math.round(r.height))"""


def scan(page: Page, store: RunningStore, touchpoint: str) -> None:
    page.goto(f"{store.base}/t/{store.code(touchpoint)}")


def register(page: Page) -> None:
    page.fill("#phone", new_phone())
    page.check("[name=service]")
    page.tap("#reg .btn")
    page.wait_for_selector("#reg", state="detached")
    page.wait_for_load_state()  # all of the next page is there, whatever becomes of the network


def requests_of(page: Page, path: str) -> list[str]:
    sent: list[str] = []
    page.on(
        "request", lambda request: sent.append(request.post_data or "") if urlsplit(request.url).path == path else None
    )
    return sent


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_an_unlock_without_network_is_kept_and_opens_once(store: RunningStore, phone: NewPage, language: str) -> None:
    page = phone(language)
    scan(page, store, "cart-08")
    register(page)
    sent = requests_of(page, "/api/v1/carts/unlock")
    page.context.set_offline(True)
    page.tap("#go button")
    words = {"zh-CN": "连上后会自动开锁", "en": "the cart unlocks once you are back"}[language]
    page.wait_for_selector(f"#say.bad:has-text('{words}')")
    wait(lambda: len(sent) >= 2 or page.wait_for_timeout(200))
    page.context.set_offline(False)
    page.wait_for_selector("#steps li:last-child.on")
    assert len({re.findall(r'"request":"([^"]+)"', body)[0] for body in sent}) == 1
    store.act("cart-08", "return")
    page.wait_for_selector(".big3")
    wait(lambda: store.docked("cart-08"))


def test_waiting_can_be_given_up(store: RunningStore, phone: NewPage) -> None:
    page = phone("en")
    scan(page, store, "cart-08")
    register(page)
    page.context.set_offline(True)
    page.tap("#go button")
    page.wait_for_selector("#go button:has-text('Stop waiting')")
    page.tap("#go button")
    page.wait_for_selector("#go button:has-text('Try again')")
    page.context.set_offline(False)
    page.wait_for_timeout(2500)
    assert store.docked("cart-08")


def test_registering_without_network_keeps_what_was_typed_and_goes_on_by_itself(
    store: RunningStore, phone: NewPage
) -> None:
    page = phone("en")
    scan(page, store, "cart-07")
    number = new_phone()
    page.fill("#phone", number)
    page.check("[name=service]")
    page.context.set_offline(True)
    page.tap("#reg .btn")
    page.wait_for_selector("#off")
    assert page.input_value("#phone") == number
    assert page.is_checked("[name=service]")
    page.context.set_offline(False)
    page.wait_for_selector("#go button")


MADE = """() => {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = '/basket';
  form.innerHTML = '<input name="do" value="add"><input name="code" value="4006381333931"><button id="made"></button>';
  document.querySelector('main').prepend(form);
}"""
"""As `/scan` makes one for what the camera has read."""


def test_a_form_that_a_script_made_waits_for_the_network_too(store: RunningStore, phone: NewPage) -> None:
    page = phone("en")
    page.goto(f"{store.base}/products")
    page.evaluate(MADE)
    page.context.set_offline(True)
    page.tap("#made")
    page.wait_for_selector("#off")
    page.context.set_offline(False)
    page.wait_for_url("**/basket*")


def test_a_language_change_keeps_every_form(store: RunningStore, phone: NewPage) -> None:
    page = phone("en")
    scan(page, store, "locker-a")
    page.fill("#phone", "138 0013")
    page.check("[name=service]")
    page.fill("#digits", "12 3")
    page.tap(".lang")
    page.wait_for_selector("html[lang=zh-CN]")
    page.wait_for_load_state()
    assert page.input_value("#phone") == "138 0013"
    assert page.is_checked("[name=service]")
    assert page.input_value("#digits") == "12 3"


def test_enter_registers_and_changes_no_language(store: RunningStore, phone: NewPage) -> None:
    """The first button of a form is what Enter presses, and the languages stand above it."""
    page = phone("zh-CN")
    scan(page, store, "poster-door")
    page.fill("#phone", new_phone())
    page.check("[name=service]")
    page.press("#phone", "Enter")
    page.wait_for_selector("#reg", state="detached")
    assert page.get_attribute("html", "lang") == "zh-CN"


def test_a_mistake_has_the_focus_beside_its_sentence(store: RunningStore, phone: NewPage) -> None:
    page = phone("en")
    scan(page, store, "cart-07")
    page.fill("#phone", "123")
    page.check("[name=service]")
    page.tap("#reg .btn")
    page.wait_for_selector("#phone-err")
    page.wait_for_load_state()
    assert page.evaluate("document.activeElement.id") == "phone"
    assert page.get_attribute("#phone", "aria-describedby") == "phone-err"
    assert page.is_checked("[name=service]")


OWN = ("/me/reminders", "/me/privacy", "/me/privacy/erase", "/link", "/terms")
PATHS = (
    *("/home", "/search?q=niunai", "/search?q=zzzz", "/offline", "/basket", "/wallet", "/wallet/code", "/points"),
    *("/orders", "/scan", "/help", "/me", "/fair/family", "/play/over", *OWN),
)


def test_no_sentence_lies_bare_on_the_header(store: RunningStore, phone: NewPage) -> None:
    page = phone("zh-CN")
    scan(page, store, "screen-fresh")
    # The first thing of a page reaches up into the dark header: only a card of its own keeps it readable.
    assert page.locator("main > :first-child").get_attribute("class") == "card"


def each_page(page: Page, store: RunningStore, look: Callable[[Page], list[Any]]) -> list[Any]:
    found: list[Any] = []
    for known in (False, True):
        if known:
            scan(page, store, "poster-door")
            register(page)
        for place in PLACES:
            scan(page, store, place)
            found += look(page)
        for path in PATHS:
            page.goto(store.base + path)
            found += look(page)
    return found


@pytest.mark.parametrize("language", ["zh-CN", "en", "de"])
def test_nothing_to_tap_is_small_and_nothing_is_cut(store: RunningStore, phone: NewPage, language: str) -> None:
    def look(page: Page) -> list[Any]:
        small = page.evaluate(SMALL)
        return [(page.url, each) for each in [*small, *faults_at_200_percent(page)]]

    page = phone(language, bypass_csp=True)
    assert each_page(page, store, look) == []


def test_a_dark_phone_gets_dark_pages_that_can_be_read(store: RunningStore, phone: NewPage) -> None:
    page = phone("zh-CN", color_scheme="dark")
    scan(page, store, "cart-01")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(int(each) for each in re.findall(r"\d+", ground)[:3]) < 60
    # What else axe looks for is the same in every colour, and found by day.
    assert each_page(page, store, lambda page: faults(page, "color-contrast")) == []

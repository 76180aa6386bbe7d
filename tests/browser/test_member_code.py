"""The member's code on a phone: made by the page alone, read by the scanner's own decoder, good for the gateway."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import cv2
import numpy as np
import zxingcpp

from edge.domain.codes.readings import Scan
from edge.domain.members import queries as member_queries
from tests.browser.test_accessibility import faults

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import NewPage
    from tests.web.running import RunningStore


CHANGED = "code => { const now = document.querySelector('#code[data-code]'); return now && now.dataset.code !== code }"
"""While the page is being loaded there is no code."""


def registered(phone: NewPage, store: RunningStore, language: str = "en") -> Page:
    page = phone(language)
    page.goto(f"{store.base}/t/{store.code('poster-door')}")
    page.fill("input[name=phone]", "13800138042")
    page.check("input[name=service]")
    page.click("#reg .btn")
    page.wait_for_selector("#reg", state="detached")
    return page


def shown(page: Page) -> str:
    """What a camera reads from the screen."""
    page.wait_for_selector("#code svg, #code img")
    picture = cv2.imdecode(np.frombuffer(page.locator("#code").screenshot(), np.uint8), cv2.IMREAD_GRAYSCALE)
    (found,) = zxingcpp.read_barcodes(picture)
    return str(found.text)


def shown_and_said(page: Page) -> tuple[str, str | None]:
    """The same, and what the page says it is: of one code, though another may follow at any moment."""
    while True:
        said = page.get_attribute("#code[data-code]", "data-code")
        found = shown(page)
        if page.get_attribute("#code", "data-code") == said:
            return found, said


def test_the_page_makes_codes_that_the_gateway_takes_also_without_a_network(
    phone: NewPage, store: RunningStore
) -> None:
    page = registered(phone, store)
    page.goto(f"{store.base}/wallet")
    page.click(".bar a[href='/']")
    page.click("main a[href='/wallet/code']")
    page.wait_for_url("**/wallet/code")
    first, said = shown_and_said(page)
    assert first == said
    genuine = store.gateway.lookup.passes.read(first, time.time_ns() // 1_000_000)
    assert genuine is not None
    page.context.set_offline(True)
    page.evaluate("Date.now = ((now) => () => now() + 20000)(Date.now)")
    page.wait_for_function(CHANGED, arg=first)
    second = shown(page)
    assert store.gateway.lookup.passes.read(second, time.time_ns() // 1_000_000 + 20_000) is not None
    assert member_queries.pass_owner(store.gateway.reads, genuine)


def test_a_dozen_codes_read(phone: NewPage, store: RunningStore) -> None:
    """The page's own QR writer against a decoder, over many codes."""
    page = registered(phone, store)
    page.goto(f"{store.base}/wallet/code")
    page.wait_for_selector("#code[data-code]")
    for step in range(12):
        before = page.locator("#code").get_attribute("data-code")
        page.evaluate("Date.now = ((now) => () => now)(Date.now() + 15000)")  # and there it stands still
        page.wait_for_function(CHANGED, arg=before)
        found, said = shown_and_said(page)
        assert found == said, step


def test_another_pass_makes_the_old_codes_worthless(phone: NewPage, store: RunningStore) -> None:
    page = registered(phone, store)
    page.goto(f"{store.base}/wallet/code")
    old = page.get_attribute("#code[data-code]", "data-code")
    page.click("text=Lost a phone?")
    page.wait_for_function(
        "code => { const now = document.querySelector('#code[data-code]');"
        " return now && now.dataset.code.slice(0, 13) !== code.slice(0, 13) }",
        arg=old,
    )
    readings = store.gateway.lookup.code_reader.read(Scan(old or "", "qr"), time.time_ns() // 1_000_000)
    assert (readings[0].kind, readings[0].refused) == ("member", "code_unknown")


def test_without_script_it_is_a_picture(phone: NewPage, store: RunningStore) -> None:
    page = registered(phone, store)
    cookies = page.context.cookies()
    plain = phone("zh-CN", java_script_enabled=False)
    plain.context.add_cookies(cookies)
    plain.goto(f"{store.base}/wallet/code")
    assert shown(plain).startswith("SK:")


def test_anybody_can_use_it(phone: NewPage, store: RunningStore) -> None:
    for language in ("zh-CN", "en"):
        page = registered(phone, store, language)
        page.goto(f"{store.base}/wallet/code")
        assert faults(page) == []


def test_a_browser_without_cryptography_makes_the_same_code(store: RunningStore, phone: NewPage) -> None:
    page = registered(phone, store)
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page.goto(f"{store.base}/wallet/code")
    page.wait_for_selector("#code[data-code]")
    ours = page.get_attribute("#code", "data-code") or ""
    body, _, signed = ours.rpartition(":")
    again = page.evaluate(
        """async ([secret, body]) => {
          const key = new Uint8Array(secret.match(/../g).map((each) => parseInt(each, 16)));
          const made = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
          const signed = await crypto.subtle.sign("HMAC", made, new TextEncoder().encode(body));
          const all = new Uint8Array(signed).slice(0, 10);
          const bits = [...all].map((each) => each.toString(2).padStart(8, "0")).join("");
          return bits.match(/.{5}/g).map((each) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[parseInt(each, 2)]).join("");
        }""",
        [page.evaluate("JSON.parse(document.getElementById('pass').textContent).secret"), body],
    )
    assert signed == again

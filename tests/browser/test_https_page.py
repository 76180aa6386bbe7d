"""A phone by https: it lends its camera and its cryptography, and keeps one page; http offers the way there."""

from __future__ import annotations

import shutil
from importlib import resources
from typing import TYPE_CHECKING

import pytest

from tests.web.authority import Authority
from tests.web.running import new_phone
from tests.web.test_https import SecureStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import NewPage

SIGNS = """
const sign = SubtleCrypto.prototype.sign;
window.signed = 0;
SubtleCrypto.prototype.sign = function (...all) { window.signed++; return sign.apply(this, all); };
"""
KEPT = """
caches.open("storekeeper-2").then((kept) => kept.keys()).then((all) => all.map((each) => new URL(each.url).pathname))
"""

KEPT_NOW = "() => caches.match('/offline').then((kept) => kept && kept.text())"
KEEPS = f"{KEPT_NOW}.then((text) => text && text.includes('id=\"code\"'))"
WATCHES = "() => navigator.serviceWorker.controller"
"""The worker sees what the page sends from now on; without it what it keeps may be from before."""
FORGOT = f"{KEPT_NOW}.then((text) => text && !text.includes('id=\"code\"'))"


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[SecureStore]:
    Authority(tmp_path / "authority").issue(tmp_path / "phones.pem", "localhost")
    running = SecureStore(tmp_path, tmp_path / "phones.pem")
    running.start()
    yield running
    running.stop()
    running._broker.stop()


@pytest.fixture
def trusting(browser: Browser) -> Iterator[Page]:
    """A phone that takes this authority's certificates for good ones, with a camera."""
    args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--ignore-certificate-errors"]
    args += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    own = browser.browser_type.launch(executable_path=shutil.which("chromium"), args=args, timeout=120_000)
    context = own.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="en")
    context.set_default_timeout(60_000)
    yield context.new_page()
    own.close()


def test_what_needs_https_is_used_by_https(secure: SecureStore, trusting: Page) -> None:
    page = trusting
    page.goto(f"{secure.https}/scan")
    page.tap("#open")
    page.wait_for_function("() => document.querySelector('#finder video').srcObject !== null")
    page.wait_for_function(WATCHES)
    page.goto(f"{secure.https}/t/{secure.code('poster-door')}")
    page.fill("#phone", new_phone())
    page.check("[name=service]")
    page.tap("#reg .btn")
    page.wait_for_selector("#reg", state="detached")
    page.add_init_script(SIGNS)
    page.goto(f"{secure.https}/wallet/code")
    page.wait_for_selector("#code[data-code]")
    assert page.evaluate("window.signed") >= 1
    # The next page is seen by the worker, which then fetches what is this member's.
    page.goto(f"{secure.https}/")
    page.wait_for_function(KEEPS)
    for server in secure._servers:
        server.should_exit = True
    secure._thread.join(60)
    page.goto(f"{secure.https}/wallet")
    page.wait_for_selector("#code[data-code]")
    assert page.locator("h1").inner_text() == "No connection to the store"
    assert page.locator("#code svg").count() == 1, "the member's own code, without any network"
    # What is kept is that page alone.
    kept = page.evaluate(KEPT)
    assert kept == ["/offline"]


def test_who_logs_out_leaves_nothing_on_the_phone(secure: SecureStore, trusting: Page) -> None:
    page = trusting
    page.goto(f"{secure.https}/t/{secure.code('poster-door')}")
    page.wait_for_function(WATCHES)
    page.fill("#phone", new_phone())
    page.check("[name=service]")
    page.tap("#reg .btn")
    page.wait_for_selector("#reg", state="detached")
    page.goto(f"{secure.https}/me")
    page.wait_for_function(KEEPS)
    page.tap("form[action='/me/leave'] button[value=here]")
    page.wait_for_url("**/me")
    page.wait_for_function(FORGOT)


LEAVES_IN_BETWEEN = """async (source) => {
  const kept = new Map(), asked = [], hears = {}, shelf = {put: async (page, answer) => kept.set(page, answer)};
  const caches = {open: async () => shelf, delete: async () => kept.clear(), keys: async () => []};
  const self = {addEventListener: (name, does) => { hears[name] = does; }, skipWaiting() {}};
  const fetch = () => new Promise((answer) => asked.push(answer));
  new Function('self', 'caches', 'fetch', 'Request', source)(self, caches, fetch, function () {});
  const turn = () => new Promise((go) => setTimeout(go));
  const answer = async (number) => { asked[number]({ok: true, number}); await turn(); };
  const go = async (method) => {
    hears.fetch({request: {method, mode: 'navigate'}, respondWith() {}, waitUntil() {}});
    await turn();
  };
  const order = [];
  for (const late of [false, true]) {
    const from = asked.length;
    await go('GET');         // a page of the owner's,
    await answer(from);      // after which theirs is asked for,
    await go('POST');        // while they log out;
    await answer(from + (late ? 2 : 1));
    await answer(from + (late ? 1 : 2));
    order.push(kept.size);
    await go('GET');         // the next page is nobody's
    await answer(from + 3);
    await answer(from + 4);
    order.push(kept.get('/offline').number - from);
    await go('POST');
    await answer(from + 5);
  }
  return order;
}"""


def test_what_was_asked_for_before_the_log_out_is_not_kept_after_it(phone: NewPage) -> None:
    worker = (resources.files("edge.web") / "pages" / "offline" / "sw.js").read_text("utf-8")
    assert phone("en").evaluate(LEAVES_IN_BETWEEN, worker) == [0, 4, 0, 4]


def test_a_page_by_http_offers_https(secure: SecureStore, phone: NewPage) -> None:
    page = phone("en")
    page.goto(f"{secure.base}/scan")
    offered = page.locator(f"a[href='{secure.https}/scan']")
    assert offered.inner_text() == "Open it there"
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0

"""Products on a phone in real Chromium: without a script, and for whoever does not see the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge.products.importing import import_file
from edge.products.references import store_of
from tests.browser.test_accessibility import faults
from tests.conftest import new_broker
from tests.web.running import CONFIG, RunningStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.conftest import NewPage


LINES = "all => all.map(e => Math.round(e.offsetHeight / parseFloat(getComputedStyle(e).lineHeight)))"
"""How many lines each of them has."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    folder = tmp_path_factory.mktemp("products")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    store = RunningStore(broker, folder, ())
    store.start()
    outcome = import_file(CONFIG / "products.jsonl", store.gateway.lookup.products.folder, store_of(store.settings))
    assert outcome.built
    store.do(store.gateway.lookup.switch.activate(outcome.built.version, "test"))
    yield store
    store.stop()
    broker.stop()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_can_be_used_by_everybody(shop: RunningStore, phone: NewPage, language: str) -> None:
    page = phone(language)
    found = []
    places = ["/p/09521101500011?from=shelf-baby", "/p/1"]
    for path in [*places, f"/t/{shop.code('shelf-dairy')}"]:
        page.goto(shop.base + path)
        found += faults(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    assert not found


@pytest.mark.parametrize("language", ["zh-CN", "en", "de"])
@pytest.mark.parametrize(
    "name", ["Donaudampfschifffahrtsgesellschaftskapitän", "超长的商品名称" * 6, "حليب كامل الدسم طازج " * 3]
)
def test_a_long_name_tears_no_price_beside_it(shop: RunningStore, phone: NewPage, language: str, name: str) -> None:
    page = phone(language)
    page.goto(f"{shop.base}/p/09521101500011")
    page.eval_on_selector_all(".cmp th > :first-child", "(all, name) => all.forEach(e => e.textContent = name)", name)
    for width in (360, 375, 812):
        page.set_viewport_size({"width": width, "height": 812})
        lines = page.eval_on_selector_all(".cmp td b", LINES)
        assert lines
        assert set(lines) == {1}, width
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_from_the_shelf_card_to_the_product_and_back_to_the_search_without_a_script(
    shop: RunningStore, phone: NewPage
) -> None:
    page = phone("zh-CN", java_script_enabled=False)
    page.goto(f"{shop.base}/t/{shop.code('shelf-dairy')}")
    page.tap("text=希腊酸奶")
    page.wait_for_url("**/p/09521101500288?from=shelf-dairy")
    assert page.inner_text("h1") == "希腊酸奶"
    page.tap("text=查找商品")
    page.wait_for_url("**/products?from=shelf-dairy")
    page.fill("[name=q]", "可颂")
    page.tap("form button")
    page.wait_for_url("**/search?q=*")
    page.tap("text=黄油可颂")
    page.wait_for_url("**/p/09521101500431?from=shelf-dairy")
    assert page.inner_text(".sum .price").startswith("¥16.80")

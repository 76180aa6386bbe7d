"""Products on phones and in the API: found, shown, swapped while phones ask."""

from __future__ import annotations

import concurrent.futures
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import requests

from edge.products.importing import import_file
from edge.products.references import store_of
from edge.secrets.vault import operator_token
from tests.conftest import new_broker
from tests.web.running import CONFIG, RunningStore
from words.languages import known

if TYPE_CHECKING:
    from collections.abc import Iterator

BUDGET = 26 * 1024
SENT = 9 * 1024
"""What goes over the air, packed."""
STRAWBERRIES, MILK, GONE = "09521101500011", "09521101500219", "09521101500882"
PNG = bytes.fromhex("89504e470d0a1a0a")


@dataclass
class Shop:
    """A store with the example's products, and a second version that lies beside."""

    store: RunningStore
    first: str
    second: str

    def get(self, path: str, language: str = "en") -> requests.Response:
        headers = {"Accept-Language": language, "Accept": "text/html"}
        return requests.get(self.store.base + path, headers=headers, timeout=60)

    def ask(self, what: str, body: dict[str, Any], token: str | None = None) -> requests.Response:
        token = token or operator_token(self.store.gateway.parts.vault)
        headers = {"Authorization": f"Bearer {token}"}
        return requests.post(f"{self.store.base}/api/v1/catalogue/{what}", json=body, headers=headers, timeout=60)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("products")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    store = RunningStore(broker, folder, ())
    store.start()
    lines = [json.loads(line) for line in (CONFIG / "products.jsonl").read_text("utf-8").splitlines()]
    for line in lines:
        if line["gtin"] == STRAWBERRIES[1:]:
            line["picture"] = "berries.png"
    versions = []
    for name, price in (("one.jsonl", "9.01"), ("two.jsonl", "9.02")):
        changed = [{**line, "price": price} if "promo_price" not in line else line for line in lines] + [
            {"gtin": "9521101530001", "name_en": '<b>Loaf</b> & "Co"', "price": price, "shelf": "shelf-bakery"}
        ]
        if name == "two.jsonl":
            changed = [
                line for line in changed if line.get("shelf") != "shelf-bakery" or line["gtin"].endswith("530001")
            ]
        file = folder / name
        file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in changed), "utf-8")
        outcome = import_file(file, store.gateway.lookup.products.folder, store_of(store.settings))
        assert outcome.built, outcome
        assert not outcome.mistakes, outcome.first
        versions.append(outcome.built.version)
    pictures = store.gateway.lookup.products.pictures
    pictures.mkdir()
    (pictures / "berries.png").write_bytes(PNG)
    opened = Shop(store, *versions)
    assert opened.ask("activate", {"version": versions[0], "by": "test"}).json() == {
        "version": versions[0],
        "changed": True,
    }
    yield opened
    store.stop()
    broker.stop()


def test_the_example_products_are_all_good() -> None:
    from edge.settings.settings import load

    settings = load(CONFIG)
    known = {point.touchpoint for point in settings.touchpoints}
    lines = [json.loads(line) for line in (CONFIG / "products.jsonl").read_text("utf-8").splitlines()]
    codes = {line["gtin"] for line in lines}
    assert {shelf for line in lines for shelf in line["shelf"].split()} <= known
    assert {code for line in lines for code in line.get("goes_with", "").split()} <= codes


@pytest.mark.parametrize("language", known())
@pytest.mark.parametrize("gtin", [STRAWBERRIES, MILK, GONE])
def test_a_page_is_small_and_needs_no_script(shop: Shop, gtin: str, language: str) -> None:
    page = shop.get(f"/p/{gtin}?from=shelf-dairy", language)
    assert page.status_code == 200
    assert len(page.content) < BUDGET, "with all that a product may have"
    assert int(page.headers["content-length"]) < SENT
    assert "—" not in page.text
    assert re.findall(r"<script(?! nonce)", page.text) == []


def test_the_page_says_what_is_known(shop: Shop) -> None:
    page = shop.get(f"/p/{MILK}?from=shelf-fruit").text
    for told in (
        "Fresh milk", "¥19.80", "950 ml", "¥13.58 / l", "you save ¥6.90", "Inner Mongolia", "C2211A",
        "from\u00a03120 reviews", "Milked at Chenmu farm 1", "Dairy &amp; bakery · Dairy · about 10\u00a0m",
        "Often bought with it", "Wholegrain loaf", "More of this kind", "9521101500219",
    ):  # fmt: skip
        assert told in page, told
    gone = shop.get(f"/p/{GONE}").text
    assert "Not on the shelf. Buy it here and we get it for you" in gone
    assert "Where it is" not in gone
    for nothing in ("What buyers say", "Batch", "None"):
        assert nothing not in gone


@pytest.mark.parametrize("code", ["9521101500219", "09521101500219"])
def test_every_length_leads_to_the_page(shop: Shop, code: str) -> None:
    answer = shop.get(f"/p/{code}?from=shelf-fruit")
    assert answer.url.endswith(f"/p/{MILK}?from=shelf-fruit")
    assert answer.status_code == 200


@pytest.mark.parametrize("code", ["1", "12345671", "9521101599999", "%00", "..%2f..%2fx", "9" * 5000])
def test_what_the_store_does_not_have_leads_to_the_search(shop: Shop, code: str) -> None:
    page = shop.get(f"/p/{code}")
    assert page.status_code in (404, 400)
    assert "Traceback" not in page.text
    if code.isdigit() and len(code) < 100:
        assert "could not find this product" in page.text
        assert 'action="/search"' in page.text


@pytest.mark.parametrize("words", ["牛奶", "奶", "milk", "FRESH MI", "9521101500219"])
def test_the_search_finds_it(shop: Shop, words: str) -> None:
    page = requests.get(f"{shop.store.base}/products", params={"q": words, "lang": "en"}, timeout=60).text
    assert f'href="/p/{MILK}"' in page
    found = requests.get(f"{shop.store.base}/api/v1/products", params={"q": words}, timeout=60).json()
    assert found["version"] == shop.store.gateway.lookup.products.version
    assert MILK in [each["gtin"] for each in found["products"]]


def test_what_somebody_types_or_imports_is_text_and_no_markup(shop: Shop) -> None:
    page = requests.get(f"{shop.store.base}/products", params={"q": "<script>x</script>", "lang": "en"}, timeout=60)
    assert "<script>x" not in page.text
    page = shop.get("/p/9521101530001")
    assert "<b>Loaf" not in page.text
    assert "&lt;b&gt;Loaf" in page.text


def test_a_shelf_card_opens_what_stands_there_and_keeps_the_offers(shop: Shop) -> None:
    code = shop.store.code("shelf-dairy")
    page = shop.get(f"/t/{code}").text
    assert f"/p/{MILK}?from=shelf-dairy" in page
    assert "&coupon=" in page or "?coupon=" in page
    assert "Greek yoghurt" not in shop.get(f"/t/{code}?offers=1").text


def test_a_card_of_one_product_opens_that_product(shop: Shop) -> None:
    code = shop.store.code("shelf-bakery")
    assert shop.ask("activate", {"version": shop.second, "by": "test"}).ok
    try:
        page = shop.get(f"/t/{code}").text
        assert "&lt;b&gt;Loaf" in page
        assert f"/t/{code}?offers=1" in page
        assert "coupon=" in shop.get(f"/t/{code}?offers=1").text
    finally:
        assert shop.ask("rollback", {"left": shop.second, "by": "test"}).json() == {"version": shop.first}


def test_a_picture_is_given_and_nothing_beside_it(shop: Shop) -> None:
    assert f'src="/p/{STRAWBERRIES}/picture"' in shop.get(f"/p/{STRAWBERRIES}").text
    answer = requests.get(f"{shop.store.base}/p/{STRAWBERRIES}/picture", timeout=60)
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "image/png", PNG)
    assert requests.get(f"{shop.store.base}/p/{MILK}/picture", timeout=60).status_code == 404


def test_the_api_tells_the_price_of_now(shop: Shop) -> None:
    told = requests.get(f"{shop.store.base}/api/v1/products/9521101500219", timeout=60).json()
    assert told["now"] == {"price": 1290, "was": 1980, "unit": {"price": 1358, "per": "l"}}
    refused = requests.get(f"{shop.store.base}/api/v1/products/12345671", timeout=60)
    assert (refused.status_code, refused.json()["code"]) == (404, "product_unknown")


@pytest.mark.parametrize("token", ["", "x", "Bearer", "0" * 64])
def test_only_who_runs_the_box_puts_a_version_into_force(shop: Shop, token: str) -> None:
    answer = shop.ask("activate", {"version": shop.second, "by": "x"}, token or " ")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert shop.store.gateway.lookup.products.version == shop.first


@pytest.mark.parametrize("version", ["0" * 12, "../../x", "nope", ""])
def test_a_version_that_is_not_there_is_refused(shop: Shop, version: str) -> None:
    answer = shop.ask("activate", {"version": version})
    assert (answer.status_code, answer.json()["code"]) == (404, "catalogue_unknown")


def test_every_answer_is_of_one_whole_version_while_they_swap(shop: Shop) -> None:
    """Phones ask all the time while versions come and go: never an error, never prices of two versions on a page."""
    plain = "09521101500226"  # no promotion: its price tells the version, and so do those beside it

    def ask(_: int) -> set[str]:
        answer = requests.get(f"{shop.store.base}/p/{plain}", headers={"Accept": "text/html"}, timeout=60)
        assert answer.status_code == 200
        return set(re.findall(r"</i>9<i>(\.0[12])", answer.text))

    with concurrent.futures.ThreadPoolExecutor(4) as phones:
        answers = phones.map(ask, range(60))
        for _ in range(6):
            assert shop.ask("activate", {"version": shop.second, "by": "test"}).ok
            assert shop.ask("rollback", {"left": shop.second, "by": "test"}).ok
        seen = list(answers)
    assert all(len(prices) == 1 for prices in seen), seen
    told = requests.get(f"{shop.store.base}/api/v1/catalogue", timeout=60).json()
    assert (told["version"], told["answers"]) == (shop.first, True)


def test_the_commands_talk_to_the_gateway_that_runs(shop: Shop) -> None:
    from edge.cli.catalogue_desk import Operator

    settings = shop.store.settings
    port = int(shop.store.base.rpartition(":")[2])
    http = settings.gateway.http.model_copy(update={"port": port})
    operator = Operator(
        settings.model_copy(update={"gateway": settings.gateway.model_copy(update={"http": http})}), "li"
    )
    assert operator.activate(shop.second)
    assert shop.store.gateway.lookup.products.version == shop.second
    assert operator.roll_back() == shop.first
    assert shop.store.gateway.lookup.products.version == shop.first
    assert operator.history()[0].by == "li"


def test_a_product_leads_to_its_shelf_on_the_map(shop: Shop) -> None:
    page = shop.get(f"/p/{MILK}?from=screen-baby").text
    assert f'href="/map?from=screen-baby&amp;to=product:{MILK}"' in page
    shown = shop.get(f"/map?from=screen-baby&to=product:{MILK}")
    assert shown.status_code == 200
    found = shop.store.gateway.lookup.products.find(MILK)
    assert found is not None
    assert found.name["en"] in shown.text
    assert re.search("Shelf [ABC][1-6] (straight ahead|on your (left|right))", shown.text)

"""Goods at a screen that people walk up to: the search without a keyboard, and all there is of one product."""

from __future__ import annotations

import math
import uuid
from typing import Any

import pytest
import requests

from gs1.trade import check_digit
from kiosk_ui.places import Product, Search
from tests.kiosk_ui.walk import Walk
from tests.web.running import wait
from tests.web.test_products import MILK, STRAWBERRIES, Shop, shop

__all__ = ["shop"]

SCREEN = "screen-baby"
DIAPERS = "婴儿纸尿裤 L"


def code(shop: Shop) -> str:
    return shop.store.gateway.lookup.codes.service(SCREEN)


def ask(shop: Shop, path: str, language: str = "zh-CN", **query: str) -> requests.Response:
    headers = {
        "Authorization": f"Bearer {code(shop)}",
        "X-Session": str(uuid.uuid4()),
        "Accept-Language": language,
    }
    return requests.get(f"{shop.store.base}/api/v1/screens/{path}", params=query, headers=headers, timeout=60)


def walk(shop: Shop, language: str = "zh-CN") -> Walk:
    return Walk(shop.store.base, code(shop), language)


def pressed(walk: Walk, letters: str) -> Any:
    seen = walk.open(Search())
    for letter in letters:
        lit = {key.key for key in seen.keys if key.lit}
        assert letter in lit, f"{letter} of {letters} leads nowhere"
        seen = walk.touch("press", letter)
    return seen


@pytest.mark.parametrize(
    ("language", "letters", "name", "marked"),
    [
        ("zh-CN", "zhns", DIAPERS, ""),
        ("zh-CN", "znk", DIAPERS, "纸尿裤"),
        ("zh-CN", "xnn", "鲜牛奶", "鲜牛奶"),
        ("zh-CN", "niunai", "鲜牛奶", "牛奶"),
        ("en", "mil", "Fresh milk", "mil"),
        ("de", "apf", "Fuji-Äpfel", "Äpf"),
    ],
)
def test_pressing_only_lit_keys_leads_to_what_was_meant(
    shop: Shop, language: str, letters: str, name: str, marked: str
) -> None:
    seen = pressed(walk(shop, language), letters)
    found = {row.name: row for row in seen.rows}
    assert name in found, [row.name for row in seen.rows]
    begin, end = found[name].marked or (0, 0)
    assert found[name].name[begin:end] == marked


def test_a_key_that_leads_nowhere_does_nothing(shop: Shop) -> None:
    kiosk = walk(shop)
    seen = pressed(kiosk, "xn")
    dark = next(key.key for key in seen.keys if not key.lit)
    assert kiosk.touch("press", dark) == seen


def test_letters_are_taken_back_one_by_one_and_all_at_once(shop: Shop) -> None:
    kiosk = walk(shop)
    two = pressed(kiosk, "xn")
    kiosk.touch("press", "n")
    assert kiosk.touch("erase").rows == two.rows
    seen = kiosk.touch("clear")
    assert (seen.typed, seen.rows) == ("", ())
    assert seen.heading
    assert kiosk.touch("erase") == seen


def test_a_category_shows_its_goods_the_nearest_first_and_the_pad_comes_back(shop: Shop) -> None:
    kiosk = walk(shop)
    seen = kiosk.open(Search())
    milk = next(each for each in seen.categories if each.name == "牛奶")
    seen = kiosk.touch("choose", milk.id)
    assert seen.rows[0].name == "儿童牛奶", "it stands in the screen's own zone"
    assert not seen.keys
    assert kiosk.touch("switch").keys


def test_every_category_can_be_reached_by_leafing(shop: Shop) -> None:
    kiosk = walk(shop)
    seen, names = kiosk.open(Search()), set()
    for _ in range(4):
        names |= {each.name for each in seen.categories if each.id}
        seen = kiosk.touch("more")
    version = shop.store.gateway.lookup.products.current
    assert version
    assert names == set(version.category_names("zh-CN").values())


def test_digits_find_by_bar_code_and_by_its_end(shop: Shop) -> None:
    kiosk = walk(shop)
    kiosk.open(Search())
    kiosk.touch("switch")
    for digit in MILK[1:]:
        seen = kiosk.touch("press", digit)
    assert [row.name for row in seen.rows] == ["鲜牛奶"]
    assert "鲜牛奶" in str(ask(shop, "search", typed=MILK[-4:], pad="digits").json())


def test_one_slip_is_forgiven_and_said_and_nothing_found_says_what_to_do(shop: Shop) -> None:
    found = ask(shop, "search", typed="niunia").json()
    assert {hit["how"] for hit in found["hits"]} == {"slip"}
    nothing = ask(shop, "search", typed="qqqqq").json()
    assert (nothing["hits"], nothing["lit"]) == ([], "")


def test_without_the_gateway_it_says_so_and_asks_again(shop: Shop) -> None:
    kiosk = Walk("http://127.0.0.1:9", code(shop))
    seen = kiosk.open(Search())
    assert (bool(seen.heading), bool(seen.offline), seen.rows) == (True, True, ())
    assert kiosk.state.front.memory.lost


def test_another_language_asks_anew(shop: Shop) -> None:
    found = [ask(shop, "search", language, typed="", category="milk").json() for language in ("zh-CN", "en", "de")]
    assert [
        {hit["tile"]["name"] for hit in each["hits"]} & {"鲜牛奶", "Fresh milk", "Frische Milch"} for each in found
    ] == [
        {"鲜牛奶"},
        {"Fresh milk"},
        {"Frische Milch"},
    ]


def test_all_there_is_of_a_product(shop: Shop) -> None:
    told = ask(shop, f"products/{STRAWBERRIES}").json()
    assert told["tile"]["cost"] == {"now": 1590, "was": 2590, "of": "", "off": 38}
    assert told["tile"]["picture"] == f"/p/{STRAWBERRIES}/picture"
    assert told["tile"]["spot"]["label"]
    assert [step["when"] for step in told["trace"]["steps"]] == ["11月21日", "11月21日", "11月22日"]
    assert (told["rating"]["count"], len(told["rating"]["said"])) == (2317, 3)
    assert told["together"]
    assert told["points"] == 15
    plan = told["plan"]
    assert math.dist(plan["way"][0], plan["you"]) < 2, "from the screen to the shelf"
    assert math.dist(plan["way"][-1], told["tile"]["spot"]["at"]) < 2
    assert f"/p/{STRAWBERRIES}?from={SCREEN}.-.r" in told["page"]


def test_units_are_compared_and_stock_is_told_here_and_elsewhere(shop: Shop) -> None:
    told = ask(shop, f"products/{MILK}").json()
    assert told["compared"][0]["own"]
    assert {round(each["share"], 3) <= 1 for each in told["compared"]} == {True}
    assert (told["stock"]["here"], told["stock"]["elsewhere"]) == (24, [{"store": "朝阳店", "count": 11}])


def test_german_reads_the_lowest_price_of_thirty_days_beside_a_reduced_one(shop: Shop) -> None:
    german = wait(lambda: ask(shop, f"products/{MILK}", "de").json()["lowest"])
    assert german.startswith("Niedrigster Preis der letzten 30 Tage:")
    assert "19,80" in german
    assert ask(shop, f"products/{MILK}", "zh-CN").json()["lowest"] == ""


def test_a_label_of_the_store_s_scales_that_is_typed_opens_its_product(shop: Shop) -> None:
    label = "200010101234"
    told = ask(shop, f"products/{label}{check_digit(label)}", "en").json()
    assert (told["tile"]["name"], told["code"]) == ("Fuji apples", "2000101000006")


def test_a_code_that_nothing_has_is_refused_in_a_sentence(shop: Shop) -> None:
    answer = ask(shop, "products/4012345678901")
    assert (answer.status_code, answer.json()["code"]) == (404, "product_unknown")


def test_its_page_says_it_all_and_puts_it_into_the_basket(shop: Shop) -> None:
    kiosk = walk(shop, "de")
    seen = kiosk.open(Product(MILK))
    assert (seen.name, str(seen.price)) == ("Frische Milch 950 ml", "12,90 ¥".replace(" ", seen.price.cents[3]))
    assert seen.badge
    assert seen.promotion
    assert seen.lowest.startswith("Niedrigster Preis")
    assert "4,8" in seen.rating
    assert seen.trace.steps
    assert seen.place.elsewhere == "Filiale Chaoyang 11"
    assert seen.compared.bars[0].own
    assert seen.together.goods
    seen = kiosk.touch("add", "")
    assert (seen.good_news, seen.pieces) == (True, "1"), seen.said
    other = seen.together.goods[0].gtin
    assert kiosk.touch("add", other).pieces == "2"
    assert kiosk.touch("sheet", "said").sheet.quotes
    assert f"/p/{MILK}?from={SCREEN}.-.r" in kiosk.touch("sheet", "page").sheet.url
    assert kiosk.touch("sheet", "").sheet is None


def test_a_product_that_is_none_says_so_and_loose_goods_say_what_to_do(shop: Shop) -> None:
    kiosk = walk(shop)
    unknown = kiosk.open(Product("04012345678901"))
    assert (unknown.heading, unknown.add) == ("没有找到这件商品", "")
    assert unknown.note
    loose = kiosk.open(Product("02000101000006"))
    assert (loose.name, loose.add) == ("红富士苹果", "")
    assert "称重" in loose.said


def test_search_leads_to_the_page_and_back_to_what_was_typed(shop: Shop) -> None:
    kiosk = walk(shop)
    found = pressed(kiosk, "znk")
    assert kiosk.open(Product(found.rows[0].gtin)).name.startswith(found.rows[0].name)
    assert kiosk.back().rows == found.rows

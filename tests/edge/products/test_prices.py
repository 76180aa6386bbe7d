from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_drivers.contract import ProductScene
from edge.domain.layout import Layout
from edge.domain.nouns import NOUNS
from edge.gateway.configure import take_over
from edge.journal.journal import Journal
from edge.products import Products, artwork, plain_words
from edge.products.build import build
from edge.products.pricing import price, weighed
from edge.products.product import Product, Promotion, Size
from edge.products.scenes import ProductScenes
from edge.products.shelf_locations import ShelfLocation
from edge.products.unit_price import UnitPrice, contents, unit_price
from edge.products.version import Version
from edge.settings.settings import Settings, load
from gs1.trade import Trade, check_digit
from tests.edge.products.conftest import LOAF, MILK, TEA
from tests.kiosk_ui.wire import parse_scene as parse
from tests.web.running import CONFIG
from words.money import format_money

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

NOW = 1_790_000_000_000
APPLES = f"0200010100000{check_digit('200010100000')}"


def product(price: int | None = 1290, size: Size | None = None, **more: object) -> Product:
    return Product(MILK.zfill(14), {"en": "x", "zh-CN": "x"}, price, size=size, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("amount", "size", "unit"),
    [
        (1290, Size("950", "ml"), UnitPrice(1358, "l")),  # 1357.89
        (990, Size("100", "g"), UnitPrice(990, "100g")),
        (1990, Size("250", "g"), UnitPrice(796, "100g")),
        (1990, Size("251", "g"), UnitPrice(7928, "kg")),  # 7928.29
        (1, Size("2", "kg"), UnitPrice(1, "kg")),  # a half goes up
        (599, Size("330", "ml", 6), UnitPrice(303, "l")),  # 302.53
        (2290, Size("15", "piece"), UnitPrice(153, "piece")),
        (2990, Size("80", "piece", 6), UnitPrice(623, "100pieces")),
        (500, Size("2.5", "m"), UnitPrice(200, "m")),
        (1200, Size("75", "cl"), UnitPrice(1600, "l")),
        (500, Size("1", "piece"), None),
        (500, None, None),
        (None, Size("1", "kg"), None),
    ],
)
def test_the_unit_is_the_one_of_the_rule_and_the_price_is_rounded_once(
    amount: int | None, size: Size | None, unit: UnitPrice | None
) -> None:
    assert unit_price(product(amount, size), amount) == unit


@given(
    st.integers(1, 10**7), st.integers(1, 10**6), st.sampled_from(["g", "kg", "ml", "cl", "l", "m"]), st.integers(1, 24)
)
def test_it_is_never_further_off_than_half_the_smallest_unit(
    amount: int, thousandths: int, unit: str, packs: int
) -> None:
    size = Size(f"{thousandths / 1000:.3f}", unit, packs)  # type: ignore[arg-type]
    found = unit_price(product(amount, size), amount)
    assert found
    whole, _ = contents(size)
    per = {"100g": 100, "100ml": 100, "kg": 1000, "l": 1000, "m": 1}[found.per]
    assert abs(Fraction(amount * per) / whole - found.price) <= Fraction(1, 2)


def test_a_promotion_holds_from_its_first_to_its_last_moment() -> None:
    cheaper = product(promotion=Promotion(price=990, from_ms=NOW, until_ms=NOW + 1000))
    told = [(price(cheaper, at).now, price(cheaper, at).was) for at in (NOW - 1, NOW, NOW + 999, NOW + 1000)]
    assert told == [(1290, None), (990, 1290), (990, 1290), (1290, None)]


def test_promotions_in_plain_words() -> None:
    say = lambda held: plain_words.promotion(price(product(promotion=held), NOW), "CNY", "en")  # noqa: E731 - a short name
    assert say(Promotion(price=990)) == "Special price, you save ¥3.00"
    assert say(Promotion(buy=3, pay=2)) == "Buy 3, pay for 2"
    assert say(Promotion(words={"zh-CN": "自己的话"})) == "自己的话"
    assert say(Promotion(price=990, until_ms=NOW)) == ""
    assert format_money(1290, "JPY") == "¥1,290"


def test_what_is_weighed_costs_its_weight() -> None:
    apples = product(1360, sold_by="kg")
    assert weighed(apples, 1234, NOW) == 1678  # 1678.24
    assert weighed(apples, 625, NOW) == 850
    assert unit_price(apples, 1360) == UnitPrice(1360, "kg")
    assert weighed(product(), 500, NOW) is None


@pytest.mark.parametrize(
    ("category", "names", "art"),
    [("milk", {}, "milk"), ("x", {"zh-CN": "鲜牛奶类"}, "milk"), ("fruit", {"zh-CN": "水果"}, ""), ("", {}, "")],
)
def test_the_drawing_is_of_the_category_or_none(category: str, names: dict[str, str], art: str) -> None:
    drawn = product(category=category, category_name=names)
    assert artwork.art(drawn) == art
    assert artwork.tint(drawn) == artwork.tint(drawn)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[tuple[ProductScenes, Settings]]:
    settings = load(CONFIG)
    products = Products(tmp_path)
    milk = Product(
        MILK.zfill(14),
        {"zh-CN": "鲜牛奶", "en": "Fresh milk"},
        1980,
        size=Size("950", "ml"),
        category="milk",
        promotion=Promotion(price=1290),
        shelves=("shelf-baby", "shelf-dairy"),
        goes_with=(TEA.zfill(14), LOAF.zfill(14)),
    )
    loaf = Product(LOAF.zfill(14), {"zh-CN": "吐司", "en": "Loaf"}, 890)
    other = Product("00000012345670", {"zh-CN": "酸奶", "en": "Yoghurt"}, 790, category="milk")
    apples = Product(APPLES, {"zh-CN": "苹果", "en": "Apples"}, 1360, sold_by="kg")
    products.current = Version(build(tmp_path, enumerate((milk, loaf, other, apples), 1)).path)
    journal = Journal(tmp_path / "storekeeper.db", NOUNS)
    await journal.write(take_over, settings, NOUNS)
    layout = Layout(journal.reads, settings.store.id, settings.store.described)
    yield ProductScenes(products, layout, "http://store.example"), settings
    journal.close()


def test_the_screen_takes_what_the_gateway_sends(stage: tuple[ProductScenes, Settings]) -> None:
    scene = stage[0].of(Trade(MILK.zfill(14), "ean13"), NOW, "screen-fresh")
    shown = parse({"scene": msgspec.to_builtins(scene)})
    assert isinstance(shown, ProductScene)
    assert (shown.price, shown.was, shown.per_unit["en"]) == (1290, 1980, "¥13.58 / l")
    assert shown.place["en"].startswith("Dairy & bakery · Dairy · "), "the nearest, not the first"
    assert [each.name["en"] for each in shown.goes_with] == ["Loaf", "Yoghurt"], "same basket, then same category"


def test_a_scale_label_shows_the_price_of_the_very_bag(stage: tuple[ProductScenes, Settings]) -> None:
    by_weight = stage[0].of(Trade(APPLES, "in_store", weight_g=1234), NOW)
    by_price = stage[0].of(Trade(APPLES, "in_store", price=999), NOW)
    assert by_weight
    assert by_price
    assert (by_weight.price, by_weight.size["en"], by_weight.per_unit["en"]) == (1678, "1.234\u00a0kg", "¥13.60 / kg")
    assert (by_price.price, by_price.for_) == (999, {})
    assert stage[0].of(Trade(TEA.zfill(14), "ean13"), NOW) is None


def test_what_a_whole_one_is_cheaper_by_is_not_said_of_a_bag_with_its_own_price(
    stage: tuple[ProductScenes, Settings],
) -> None:
    whole = stage[0].of(Trade(MILK.zfill(14), "ean13"), NOW)
    bag = stage[0].of(Trade(MILK.zfill(14), "in_store", price=499), NOW)
    assert whole
    assert bag
    assert whole.promotion["en"] == "Special price, you save ¥6.90"
    assert (bag.price, bag.was, bag.promotion) == (499, None, {})


def test_a_shelf_that_is_called_like_its_zone_is_named_once() -> None:
    baby, milk = {"en": "Mother & baby"}, {"en": "Milk"}
    at = ShelfLocation("shelf-baby", baby, "baby", baby, (1.0, 1.0), 12.4)
    assert plain_words.where(at, "en") == "Mother & baby · about 12\u00a0m"
    assert plain_words.where(msgspec.structs.replace(at, label=milk), "en") == "Mother & baby · Milk · about 12\u00a0m"


@pytest.mark.parametrize(
    ("iso", "language", "said"),
    [
        ("2026-11-22", "de", "22. Nov."),
        ("2026-11-22", "en", "22 Nov"),
        ("2026-11-22T06:20", "zh-CN", "11月22日 06:20"),
        ("2025-12-31", "de", "31. Dez. 2025"),
        ("2027-01-02", "zh-CN", "2027年1月2日"),
        ("", "en", ""),
    ],
)
def test_a_day_of_a_trace_is_said_as_people_say_it(iso: str, language: str, said: str) -> None:
    assert plain_words.day(iso, date(2026, 11, 28), language) == said

"""Search on a pad: what is lit leads somewhere, what is not leads nowhere, and what is marked is what was typed."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.products.build import build
from edge.products.pad import press
from edge.products.pad_keys import DIGITS, LETTERS, keys_of, pad_of, reach
from edge.products.product import Product
from edge.products.search import search
from edge.products.version import Version
from gs1.trade import check_digit, gtin14

if TYPE_CHECKING:
    from pathlib import Path

NAMES = [
    ("鲜牛奶", "Fresh milk", "Frische Milch"),
    ("鲜奶酪棒", "Cheese sticks", "Käsesticks"),
    ("小牛排", "Veal steak", "Kalbssteak"),
    ("婴儿纸尿裤 L", "Nappies, size L", "Windeln, Größe L"),
    ("儿童牛奶", "Milk for children", "Kindermilch"),
    ("红富士苹果", "Fuji apples", "Fuji-Äpfel"),
    ("全麦吐司", "Wholemeal loaf", "Vollkorntoast"),
    ("A2 奶粉", "A2 formula", "A2 Milchpulver"),
]


def code(number: int) -> str:
    digits = f"9521101{number:05d}"
    found = gtin14(f"{digits}{check_digit(digits)}")
    assert found
    return found


PRODUCTS = [
    Product(code(at), {"zh-CN": zh, "en": en, "de": de}, price=100 + at, shelves=("shelf-12",) if at == 3 else ())
    for at, (zh, en, de) in enumerate(NAMES)
] + [Product(code(90), {"zh-CN": "纯净水"}, brand={"en": "Evergreen"}, price=300)]


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Version:
    folder = tmp_path_factory.mktemp("pad")
    return Version(build(folder, enumerate(PRODUCTS)).path)


def names(version: Version, typed: str, language: str = "zh-CN", *, digits: bool = False) -> list[str]:
    return [hit.product.title(language) for hit in press(version, typed, language, digits).hits]


@pytest.mark.parametrize("typed", ["zhns", "znk", "zhnk", "nbs", "nb", "zhiniaoku", "zhin"])
def test_nappies_are_found_by_first_letters_by_whole_pinyin_and_by_what_else_they_are_called(
    version: Version, typed: str
) -> None:
    assert "婴儿纸尿裤 L" in names(version, typed)


def test_what_is_marked_is_what_the_letters_stand_for(version: Version) -> None:
    for language, typed, marked in (
        ("zh-CN", "xn", {"鲜牛", "鲜奶", "小牛"}),
        ("zh-CN", "niun", {"牛奶"}),
        ("en", "mil", {"mil", "Mil"}),
        ("de", "apfe", {"Äpfe"}),
    ):
        hits = press(version, typed, language).hits
        found = {hit.product.title(language)[slice(*hit.marked)] for hit in hits if hit.marked}
        assert found == marked, typed


def test_only_letters_that_lead_somewhere_are_lit(version: Version) -> None:
    assert press(version, "xn", "zh-CN").lit == "lnp"
    assert press(version, "zhn", "zh-CN").lit == "kps"
    assert press(version, "xnn", "zh-CN").lit == ""


@pytest.mark.parametrize("language", ["zh-CN", "en", "de"])
@given(typed=st.text(alphabet=LETTERS, max_size=3))
@settings(max_examples=150, deadline=None)
def test_a_key_is_lit_where_one_more_letter_has_a_hit_and_nowhere_else(
    version: Version, language: str, typed: str
) -> None:
    pads = (f"{pad_of(language)}:", "*:")
    keys = {key.removeprefix(pad) for each in PRODUCTS for key in keys_of(each) for pad in pads if key.startswith(pad)}
    pressed = press(version, typed, language)
    assert set(pressed.lit) == {key[len(typed)] for key in keys if key.startswith(typed) and len(key) > len(typed)}
    for letter in pressed.lit:
        assert all(hit.how != "slip" for hit in press(version, typed + letter, language).hits)
        assert press(version, typed + letter, language).hits


@pytest.mark.parametrize(
    ("typed", "language"),
    [("zhnkk", "zh-CN"), ("niunia", "zh-CN"), ("niunsi", "zh-CN"), ("mikl", "en"), ("frsh", "en"), ("windlen", "de")],
)
def test_one_slip_of_the_finger_is_forgiven_and_said(version: Version, typed: str, language: str) -> None:
    hits = press(version, typed, language).hits
    assert {hit.how for hit in hits} == {"slip"}


def test_two_slips_find_nothing(version: Version) -> None:
    assert not press(version, "nibnia", "zh-CN").hits


def test_what_has_one_name_and_a_brand_are_on_every_pad(version: Version) -> None:
    for language in ("zh-CN", "en", "de"):
        assert names(version, "cjs", language) == ["纯净水"] == names(version, "everg", language)


def test_a_number_is_a_bar_code_its_end_or_a_shelf(version: Version) -> None:

    shown = code(5).removeprefix("0")
    assert names(version, shown, digits=True) == ["红富士苹果"]
    assert "红富士苹果" in names(version, shown[-4:], digits=True)
    assert "婴儿纸尿裤 L" in names(version, "12", digits=True)
    assert press(version, "", "zh-CN", digits=True).lit == "".join(
        each for each in DIGITS if any(key.startswith(f"#:{each}") for good in PRODUCTS for key in keys_of(good))
    )


def test_what_is_on_no_key_is_left_out_and_long_input_is_cut(version: Version) -> None:
    assert press(version, "X-n!'; DROP", "zh-CN").typed == "xndrop"
    assert len(press(version, "x" * 500, "zh-CN").typed) == 20
    assert press(None, "xn", "zh-CN").hits == ()


def test_a_version_from_before_there_were_pads_lights_every_key_and_finds_what_search_finds(tmp_path: Path) -> None:
    path = build(tmp_path, enumerate(PRODUCTS)).path
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE keys")
    old = Version(path)
    assert press(old, "fre", "en").lit == LETTERS
    assert names(old, "fresh", "en") == ["Fresh milk"]
    assert "鲜牛奶" in names(old, "niunai")


@pytest.mark.parametrize("words", ["zhns", "znk", "nbs", "尿布", "尿不湿", "zhinaoku"])
def test_the_search_of_phones_finds_by_the_same_letters(version: Version, words: str) -> None:
    assert [hit.product.title("zh-CN") for hit in search(version, words).hits] == ["婴儿纸尿裤 L"]


def test_reach_goes_through_signs_and_never_beyond_the_text() -> None:
    assert reach("7-Up 柠檬味", "upnm") == (2, 7)
    assert [reach(text, typed) for text, typed in (("柠檬", "nmx"), ("", "a"), ("++", "a"))] == [None] * 3


def test_a_category_is_found_by_its_name_and_by_how_it_sounds(tmp_path: Path) -> None:
    words = {"zh-CN": "水果", "en": "Fruit", "de": "Früchte"}
    pear = Product(code(1), {"zh-CN": "水晶梨"}, price=9, category="fruit", category_name=words)
    version = Version(build(tmp_path, [(1, pear)]).path)
    for asked in ("水果", "shuiguo", "fruit", "fruechte"):
        assert [(hit.product.gtin, hit.how) for hit in search(version, asked).hits] == [(pear.gtin, "category")]


def test_what_the_store_has_comes_first_of_however_many(tmp_path: Path) -> None:
    many = [Product(code(at), {"en": f"Nab{at:03d}"}, here=False) for at in range(1, 400)]
    goods = [*many, Product(code(500), {"en": "Nuts"}, price=100, shelves=("shelf-12",))]
    found = press(Version(build(tmp_path, enumerate(goods)).path), "n", "en", most=10)
    assert (len(found.hits), found.hits[0].product.title("en")) == (10, "Nuts")

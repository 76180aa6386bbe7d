from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.products.build import build
from edge.products.folding import fold, pieces
from edge.products.product import Product
from edge.products.search import distance, search
from edge.products.version import Version
from gs1.trade import check_digit, gtin14

if TYPE_CHECKING:
    from pathlib import Path

NAMES = [
    ("蒙牛 纯牛奶 250ml", "Mengniu milk"),
    ("旺仔牛奶糖", "Milk candy"),
    ("牛奶", "Milk"),
    ("燕麦奶", "Oat drink"),
    ("红烧牛肉面", "Beef noodles"),
    ("奶", "Cream"),
    ("Crème fraîche épaisse", ""),
    ("Buttermilk", ""),
    ("Müsli Schokolade", ""),
    ("ＭＩＬＫ 全角", ""),
    ("ミルクティー", ""),
    ("Coca-Cola Zero", ""),
    ("Smörgåsrån", ""),
    ("นมสด", ""),
    ("Łosoś wędzony", ""),
    ("A2 奶粉", "A2 formula"),
]


def code(number: int) -> str:
    digits = f"9521101{number:05d}"
    return f"{digits}{check_digit(digits)}".zfill(14)


def made(folder: Path, names: list[tuple[str, str]], **more: Any) -> Version:
    each = [
        Product(code(n), {k: v for k, v in (("zh-CN", zh), ("en", en)) if v}, **more)
        for n, (zh, en) in enumerate(names, 1)
    ]
    return Version(build(folder, enumerate(each, 1)).path)


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Version:
    return made(tmp_path_factory.mktemp("search"), NAMES)


def found(version: Version, words: str) -> list[str]:
    return [product.name["zh-CN"] for product in version.search(words)]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("牛奶", ["牛奶"]),
        ("奶", ["奶"]),
        ("牛", ["牛奶"]),
        ("milk", ["牛奶"]),
        ("MILK", ["牛奶"]),
        ("ｍｉｌｋ", ["牛奶"]),
        ("creme", ["Crème fraîche épaisse"]),
        ("CRÈME FRAI", ["Crème fraîche épaisse"]),
        ("musli", ["Müsli Schokolade"]),
        ("losos", ["Łosoś wędzony"]),
        ("smorgas", ["Smörgåsrån"]),
        ("纯牛奶", ["蒙牛 纯牛奶 250ml"]),
        ("蒙牛纯牛奶", ["蒙牛 纯牛奶 250ml"]),
        ("ミルク", ["ミルクティー"]),
        ("นม", ["นมสด"]),
        ("zero coca", ["Coca-Cola Zero"]),
        ("a2奶粉", ["A2 奶粉"]),
        ("c", ["Coca-Cola Zero", "Crème fraîche épaisse", "奶"]),
        ("okolad", ["Müsli Schokolade"]),
    ],
)
def test_words_of_any_length_and_writing_are_found_the_best_first(
    version: Version, words: str, first: list[str]
) -> None:
    assert found(version, words)[0] in first


def test_the_name_itself_stands_before_its_beginning_before_a_word_within(version: Version) -> None:
    order = found(version, "milk")
    assert order[0] == "牛奶"
    assert set(order[1:3]) == {"旺仔牛奶糖", "ＭＩＬＫ 全角"}
    assert order[-1] == "Buttermilk", "within a word comes last"
    assert set(order) == {"牛奶", "旺仔牛奶糖", "蒙牛 纯牛奶 250ml", "ＭＩＬＫ 全角", "Buttermilk"}


@pytest.mark.parametrize(
    "words", ["", "   ", "***", '"', "AND OR NOT", "zzzqqq", "牛羊猪", "(((", "'; DROP TABLE", "\0"]
)
def test_what_nothing_answers_to_finds_nothing_and_breaks_nothing(version: Version, words: str) -> None:
    assert found(version, words) == []


@settings(max_examples=120, deadline=None)
@given(words=st.text(max_size=120))
def test_no_question_breaks_the_search(version: Version, words: str) -> None:
    assert len(version.search(words, 5)) <= 5


@pytest.mark.parametrize("name", [zh for zh, _ in NAMES])
def test_every_name_finds_itself_and_so_does_each_of_its_words(version: Version, name: str) -> None:
    assert found(version, name)[0] == name
    for word in name.split():
        assert name in found(version, word)


def test_what_the_store_has_stands_before_what_it_has_not(tmp_path: Path) -> None:
    gone = Product(code(1), {"en": "Plain tea"}, price=100, here=False)
    here = Product(code(2), {"en": "Plain tea"}, price=100)
    shelved = Product(code(3), {"en": "Plain tea"}, price=100, shelves=("shelf-dairy",))
    version = Version(build(tmp_path, enumerate((gone, here, shelved), 1)).path)
    assert [product.gtin for product in version.search("tea")] == [code(3), code(2), code(1)]
    assert [product.gtin for product in version.on_shelf("shelf-dairy")] == [code(3)]


@pytest.mark.parametrize(
    ("asked", "gtin"),
    [
        ("12345670", "00000012345670"),
        ("0000012345670", "00000012345670"),
        ("036000291452", "00036000291452"),
        ("0036000291452", "00036000291452"),
        ("00036000291452", "00036000291452"),
        ("9521101530001", "09521101530001"),
    ],
)
def test_a_code_is_found_in_every_length(tmp_path: Path, asked: str, gtin: str) -> None:
    version = Version(build(tmp_path, [(1, Product(gtin, {"en": "x"}))]).path)
    product = version.find(asked)
    assert product
    assert product.gtin == gtin
    assert version.search(asked) == [product]


def test_a_code_is_found_as_it_stands_under_its_bars(tmp_path: Path) -> None:
    version = Version(build(tmp_path, [(1, Product("09521101530001", {"en": "x"}))]).path)
    for asked in ("9 521101 530001", "９５２１１０１５３０００１", "9521101530001。"):
        assert [each.gtin for each in version.search(asked)] == ["09521101530001"]


@pytest.mark.parametrize("asked", ["", "12345671", "1234567", "x" * 13, "9521101530001 ", "１２３４５６７０"])
def test_what_is_no_code_is_none(version: Version, asked: str) -> None:
    assert gtin14(asked) is None
    assert version.find(asked) is None


def test_pieces_and_folding() -> None:
    assert list(pieces(fold("Ä 纯牛奶"))) == ["a", "纯", "牛", "奶", "纯牛", "牛奶"]
    assert fold("Straße №5 がぎ ﬁsh") == "strasse no5 がぎ fish"


SHELF = [
    ("鲜牛奶", "Fresh milk"), ("婴儿纸尿裤 L", "Nappies"), ("圣女果", "Cherry tomatoes"),
    ("全麦吐司", "Wholegrain loaf"),
    ("红颜草莓", "Strawberries"), ("赣南脐橙", "Navel oranges"), ("绿茶", "Green tea"), ("Öl", ""), ("Süße Sahne", ""),
    ("汽水 330ml", ""), ("凉茶 250 ml", ""), ("7UP", ""), ("Erdbeerkonfitüre", ""),
]  # fmt: skip


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Version:
    return made(tmp_path_factory.mktemp("shelf"), SHELF)


@pytest.mark.parametrize(
    ("words", "first", "how"),
    [
        ("牛奶", "鲜牛奶", "words"),
        ("niunai", "鲜牛奶", "sound"),
        ("niu nai", "鲜牛奶", "sound"),
        ("NiuN", "鲜牛奶", "sound"),
        ("xnn", "鲜牛奶", "sound"),
        ("lvcha", "绿茶", "sound"),
        ("lucha", "绿茶", "sound"),
        ("尿布", "婴儿纸尿裤 L", "synonym"),
        ("尿不湿", "婴儿纸尿裤 L", "synonym"),
        ("diapers", "婴儿纸尿裤 L", "synonym"),
        ("番茄", "圣女果", "synonym"),
        ("西红柿", "圣女果", "synonym"),
        ("xihongshi", "圣女果", "synonym"),
        ("toast", "全麦吐司", "synonym"),
        ("strawbery", "红颜草莓", "slip"),
        ("starwberries", "红颜草莓", "slip"),
        ("chengzi", "赣南脐橙", "synonym"),
        ("仙牛耐", "鲜牛奶", "sound"),
        ("纸尿库", "婴儿纸尿裤 L", "sound"),
        ("橙籽", "赣南脐橙", "sound"),
        ("atrawberries", "红颜草莓", "slip"),
        ("gtrawberry", "红颜草莓", "slip"),
        ("rgeen", "绿茶", "slip"),
        ("xgreen", "绿茶", "slip"),
        ("gre\u00aden", "绿茶", "words"),
        ("st\u200brawberries", "红颜草莓", "words"),
        ("綠茶", "绿茶", "words"),
        ("嬰兒紙尿褲", "婴儿纸尿裤 L", "words"),
        ("oel", "Öl", "words"),
        ("suess", "Süße Sahne", "words"),
        ("7 up", "7UP", "words"),
        ("凉茶250ml", "凉茶 250 ml", "words"),
        ("汽水330毫升", "汽水 330ml", "synonym"),
        ("Erdbeermarmelade", "Erdbeerkonfitüre", "synonym"),
    ],
)
def test_what_is_meant_is_found_however_it_is_typed(shelf: Version, words: str, first: str, how: str) -> None:
    hits = search(shelf, words).hits
    assert [(hits[0].product.name["zh-CN"], hits[0].how)] == [(first, how)]


def test_words_that_are_written_together_are_found_in_every_language(tmp_path: Path) -> None:
    version = made(tmp_path, [("可口可乐", "Coca-Cola"), ("乐事薯片", "Lay's chips")])
    for words, name in (("cocacola", "可口可乐"), ("lays", "乐事薯片")):
        assert [product.name["zh-CN"] for product in search(version, words).products] == [name]


@pytest.mark.parametrize("words", ["", "  ", "zzzzzz", "q", "牛羊猪", "'; DROP", "x" * 300, "\0"])
def test_what_nobody_means_finds_nothing(shelf: Version, words: str) -> None:
    assert search(shelf, words).hits == []


def test_who_finds_enough_is_not_told_of_other_words(version: Version) -> None:
    found = search(version, "milk")
    assert (found.meant, {hit.how for hit in found.hits}) == ((), {"words"})


@settings(max_examples=60, deadline=None)
@given(words=st.text(alphabet="niuaxst 牛奶番茄'\"*", max_size=30))
def test_no_question_breaks_the_wider_search(shelf: Version, words: str) -> None:
    found = search(shelf, words, 3)
    assert len(found.hits) <= 3
    assert len({hit.product.gtin for hit in found.hits}) == len(found.hits)


def test_signs_that_stand_for_four_words_each_are_no_longer_a_question(
    shelf: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    monkeypatch.setattr(Version, "has_word", lambda _, word: looked.append(word))
    search(shelf, "\ufdfa" * 200)
    assert 0 < len(looked) < 5000


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [("milk", "milk", 0), ("mlik", "milk", 1), ("strawbery", "strawberry", 1), ("tea", "tee", 1), ("abcd", "wxyz", 3)],
)
def test_a_slip_is_counted_once(one: str, other: str, steps: int) -> None:
    assert distance(one, other, 2) == steps

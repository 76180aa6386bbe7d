"""In which encoding a table is written: read as it was meant, or refused with lines and bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from edge.products.mistakes import BadFile
from edge.products.version import Version
from tests.edge.products.conftest import LOAF, MILK
from tests.edge.products.test_mess import codes, names

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.products.importing import ImportResult

    Take = Callable[..., ImportResult]


def table(products: Sequence[str], encoding: str, heading: str = "EAN;Name;Preis") -> bytes:
    rows = [f"{code};{name};1,00" for code, name in zip(codes(len(products)), products, strict=True)]
    return "\r\n".join([heading, *rows]).encode(encoding)


FOREIGN: Any = [
    (("Молоко", "Хлеб ржаной", "Масло сливочное"), ("cp1251", "koi8-r", "cp866")),
    (("Молоко",), ("cp1251",)),
    (("Γάλα", "Ψωμί", "Τυρί φέτα"), ("cp1253",)),
    (("Őszibarack",), ("cp1250",)),
    (("Fűszer", "Gyűjtő", "Sűrített tej", "Hűtött csirke"), ("cp1250", "iso8859-2")),
    ([f"Żółty ser łagodny {number}" for number in range(16)], ("cp1250", "iso8859-2")),
    (("Mleko świeże", "Masło", "Chleb żytni", "Śmietana", "Jabłko", "Bułka"), ("cp1250", "iso8859-2")),
    (("Máslo čerstvé", "Sýr", "Kuřecí prsa", "Rohlík"), ("cp1250", "iso8859-2")),
    (("Mlijeko", "Kolači", "Jabučni sok", "Šećer"), ("cp1250",)),
    (("Brânză",), ("cp1250",)),
    (("Süt", "Yoğurt", "Ayçiçek yağı", "Şeker"), ("cp1254",)),
    (("牛乳", "食パン"), ("cp932", "euc-jp")),
    (("牛乳", "おにぎり", "コーヒー", "りんごジュース"), ("cp932", "euc-jp")),
    (("우유", "식빵", "콜라", "사과", "김치"), ("euc-kr",)),
    (("포카칩", "빼빼로", "홈런볼", "맛동산", "꼬깔콘", "삼다수"), ("euc-kr",)),
    (("นมสด", "ขนมปัง", "น้ำดื่ม", "ข้าวหอมมะลิ"), ("cp874",)),
    (("חלב", "לחם"), ("cp1255",)),
    (("حليب", "خبز"), ("cp1256",)),
]


@pytest.mark.parametrize(("products", "encodings"), FOREIGN)
def test_an_encoding_that_is_not_read_is_taken_for_no_other(
    take: Take, products: Sequence[str], encodings: Sequence[str]
) -> None:
    for encoding in encodings:
        content = table(products, encoding)
        foreign = [line for line, text in enumerate(content.split(b"\r\n"), 1) if not text.isascii()]
        outcome = take(content, name="x.csv", keep=False)
        assert outcome.encoding == "utf-8"
        assert (outcome.good, outcome.bad_lines) == (len(products) - len(foreign), len(foreign))
        assert outcome.first[0].line == foreign[0]
        assert "save it as UTF-8" in str(outcome.first[0])


READ: Any = [
    (("Jamón serrano", "Queso añejo", "Piña", "Azúcar moreno", "Plátano"), ("cp1252", "mac-roman", "cp850")),
    (("Pão", "Camarões", "Feijão", "Maçã", "Açúcar", "Limão"), ("cp1252", "mac-roman", "cp850")),
    (("Caffè", "Tè verde", "Ragù", "Tiramisù"), ("cp1252", "mac-roman")),
    (("Rødgrød", "Smør", "Æbler", "Øl", "Pålæg"), ("cp1252", "mac-roman", "cp850")),
    (("Mjölk", "Smör", "Ägg", "Köttbullar", "Ångad fisk"), ("cp1252", "mac-roman", "cp850")),
    (("KÄSE", "Weißwein", "Äpfel", "Grüner Tee", "Passionsfruchtpürée"), ("cp1252", "mac-roman", "cp850")),
    (("Été", "thé à la menthe", "Gruyère râpé", "Île flottante", "Goût", "ÉPICERIE"), ("cp1252", "mac-roman")),
    (("𠮷野家㐀", "㸆大虾", "䴙䴘蛋", "𬜬菜", "鲜牛奶", "䲠鱼", "㸆鸡", "𩽾𩾌鱼", "面包"), ("gb18030",)),
    (("鹌鹑蛋",), ("gb18030",)),
    (("鲜牛奶",), ("gb18030",)),
    # All of these bytes are syllables of Korean as well, though hardly ones that anybody writes.
    (("奥利奥饼干", "蒙牛纯牛奶", "可口可乐"), ("gb18030",)),
    (("苹果", "白菜", "面包", "豆腐", "蛋糕"), ("gb18030",)),
    ([f"苹果 {number}" for number in range(50)], ("gb18030",)),
    (("T恤 XL", "mini蛋糕", "iPhone手机壳", "250g装", "Vc维生素"), ("gb18030",)),
    (("T恤 XL", "mini蛋糕", "250g裝", "Vc維生素"), ("big5",)),
    (("化粧水", "鮮牛奶", "恒順醋", "裏海鹽", "面膜"), ("cp950", "big5hkscs")),
    (("喺度食嘅蛋撻", "啲糖", "鮮牛奶", "咖喱魚蛋", "出前一丁", "佢哋嘅麵包"), ("big5hkscs",)),
]


@pytest.mark.parametrize(("products", "encodings"), READ)
def test_what_languages_write_is_read(take: Take, products: Sequence[str], encodings: Sequence[str]) -> None:
    for encoding in encodings:
        assert names(take(table(products, encoding), name="x.csv")) == sorted(products)


def test_a_word_of_another_encoding_costs_its_own_line(take: Take) -> None:
    products = ["Müsli", "Käse", "Crème fraîche", "Äpfel", "Grüner Tee", "Õszibarack", "Öl"]
    outcome = take(table(products, "cp1252"), name="x.csv")
    assert (outcome.encoding, outcome.good, [each.line for each in outcome.first]) == ("cp1252", 6, [7])
    assert "text in CP1252; 'Õszibarack' is no word in it: save it as UTF-8" in str(outcome.first[0])


@pytest.mark.parametrize(
    ("word", "written"),
    [("Kokošja", "iso8859-15"), ("smażone", "cp1250"), ("Śmietanka", "iso8859-2"), ("cebulą", "iso8859-2")],
)
def test_a_sign_within_a_word_is_a_letter_of_another_encoding(take: Take, word: str, written: str) -> None:
    usual = ["Käse", "Öl", "Brötchen", "Müsli", "Crème fraîche", "Grüner Tee", "2 für 1 – Café™", "«Olé»", "5±1 °C"]
    content = table(usual, "cp1252") + f"\r\n{MILK};{word} im Glas;1,00\r\n".encode(written)
    outcome = take(content, name="x.csv")
    assert (outcome.encoding, names(outcome)) == ("cp1252", sorted(usual))
    assert "is no word in it" in str(outcome.first[0])


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("Masło", "cp1250"),
        ("Żółty ser", "iso8859-2"),
        ("leśne", "cp1250"),
        ("Pączki", "cp852"),
        ("Šunka", "cp852"),
        ("Rīsi", "cp1257"),
        ("Хлеб", "cp1251"),
        ("Сыр", "cp866"),
        ("Γάλα", "cp1253"),
    ],
)
def test_one_word_of_another_encoding_is_not_taken_for_one_of_ours(take: Take, word: str, written: str) -> None:
    with pytest.raises(BadFile, match="save it as UTF-8"):
        take(f"gtin,name,price\n{MILK},{word},1\n".encode(written), name="x.csv")


@pytest.mark.parametrize("name", ["维达mini", "mini蛋糕", "T恤", "奶"])
def test_a_small_table_with_latin_letters_in_its_names_is_read(take: Take, name: str) -> None:
    assert names(take(f"条码,品名,售价\n{MILK},{name},1\n".encode("gb18030"), name="x.csv")) == [name]


def test_traditional_headings_are_known(take: Take) -> None:
    for heading in ("條碼;品名;售價", "國際條碼;商品名稱;零售價", "商品條碼;名稱;標價", "EAN;品名;售價"):
        outcome = take(table(["鮮牛奶", "統一肉燥麵"], "big5", heading), name="x.csv")
        assert outcome.built
        assert [each.price for each in Version(outcome.built.path).sample(9)] == [100, 100]
        assert (outcome.good, outcome.mistakes, outcome.encoding) == (2, 0, "big5")


def test_prices_that_no_column_is_known_for_are_told(take: Take) -> None:
    outcome = take(f"條碼,品名,金額\n{MILK},鮮牛奶,12.90\n{LOAF},麵包,3.00\n", name="x.csv")
    assert (outcome.good, outcome.bad_lines, outcome.left_out) == (2, 0, 1)
    assert str(outcome.first[0]).startswith("line 1, price: '金額': expected a heading that is known, such as price")


@pytest.mark.parametrize("heading", ["VK-Preis brutto (EUR)", "会员价格", "税込価格", "Prix TTC magasin"])
def test_whole_prices_of_an_unknown_heading_are_told(take: Take, heading: str) -> None:
    outcome = take(f"EAN;Name;Lager;{heading}\n{MILK};Milch;7;12\n{LOAF};Brot;9;1.290\n", name="x.csv")
    assert (outcome.good, outcome.left_out) == (2, 1)
    assert str(outcome.first[0]).startswith(f"line 1, price: '{heading}': expected a heading that is known")


def test_a_heading_alone_is_no_catalogue_whatever_its_prices_are_called(take: Take) -> None:
    with pytest.raises(BadFile, match="no product that can be taken"):
        take("條碼,品名,金額\n,合計,12.90\n", name="x.csv", keep=False)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("條碼,品名,售價\n1,嘅嘢牛奶\n".encode("big5hkscs").replace(b"\xb1", b"\xff"), "text in UTF-8; byte 0x"),
        (b"EAN,name,price" + b",c" * 50_000 + b"\n" + MILK.encode() + b",Milk,1\n", "at most 65536 bytes in a line"),
    ],
)
def test_a_file_without_a_line_that_can_be_read_is_not_called_empty(take: Take, content: bytes, said: str) -> None:
    with pytest.raises(BadFile) as caught:
        take(content.split(b"\n")[0] if said.startswith("at") else content, name="x.csv")
    assert "no line that can be read; the first mistake: line 1" in str(caught.value)
    assert said in str(caught.value)

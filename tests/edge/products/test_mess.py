"""What real tables bring: each is read, or refused with its line, what stands there and what to do."""

from __future__ import annotations

import csv
import json
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest

from edge.products import lines
from edge.products.amounts import count, decimal_sign, gtin, money
from edge.products.dates import day
from edge.products.fields import read
from edge.products.importing import import_file
from edge.products.mistakes import BadFile, BadValue
from edge.products.product import Reviews
from edge.products.values import StoreContext
from edge.products.version import Version
from gs1.trade import check_digit
from tests.edge.products.conftest import CHIPS, LOAF, MILK, TEA, line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from edge.products.importing import ImportResult

    Take = Callable[..., ImportResult]

HEADER = "gtin,name_zh,price"


def names(outcome: ImportResult) -> list[str]:
    assert outcome.built
    return sorted(each.name["zh-CN"] for each in Version(outcome.built.path).sample(5000))


def codes(count: int) -> list[str]:
    return [f"{n:012d}{check_digit(f'{n:012d}')}" for n in range(690_000_000_000, 690_000_000_000 + count)]


def test_a_name_that_was_cut_within_a_letter_costs_its_line(take: Take) -> None:
    rows = [f"{code},商品 {code[-5:]},1.00\n".encode("gb18030") for code in codes(2001)]
    rows[1000] = rows[1000].replace("品".encode("gb18030"), "品".encode("gb18030")[:1])
    outcome = take(f"{HEADER}\n".encode() + b"".join(rows), name="x.csv")
    assert (outcome.encoding, outcome.good, outcome.bad_lines) == ("gb18030", 2000, 1)
    assert outcome.first[0].line == 1002
    assert "byte 0xC6 in column 17 is none: save it as UTF-8" in str(outcome.first[0])


def test_a_euro_of_chinese_windows_is_one(take: Take) -> None:
    text = f"{HEADER}\n{MILK},鲜牛奶@,1\n{LOAF},全麦面包,2\n".encode("gb18030").replace(b"@", b"\x80")
    outcome = take(text, name="x.csv")
    assert names(outcome) == ["全麦面包", "鲜牛奶€"]


def test_lines_that_are_by_chance_utf_8_as_well_do_not_decide(take: Take) -> None:
    """The two bytes of 元 are one letter of UTF-8."""
    names = {MILK: "鲜牛奶", LOAF: "鲜牛奶", TEA: "Milk", CHIPS: "Milk"}
    cells = [f"{code},{name},0.50元" for code, name in names.items()]
    outcome = take("\n".join(["gtin,name_zh,price", *cells]).encode("gb18030"), name="x.csv")
    assert (outcome.encoding, outcome.good) == ("gb18030", 4)


def test_a_file_of_chinese_signs_alone_is_read(take: Take) -> None:
    text = f"{HEADER}\n{MILK},Milk（1L）,1\n{LOAF},Tea·green,2\n{TEA},Oil【new】5℃,3\n"
    outcome = take(text.encode("gb18030"), name="x.csv")
    assert (outcome.encoding, names(outcome)) == ("gb18030", ["Milk（1L）", "Oil【new】5℃", "Tea·green"])


@pytest.mark.parametrize(
    ("encoding", "written", "doubt"),
    [
        ("gb18030", "牛奶", "牛奶"), ("big5", "洗髮精", "洗髮精"),
        ("euc-kr", "우유", "快蜡"),  # the same bytes: nothing but a person can tell
        ("gb18030", "红颜草莓果泥苹果香蕉", ""), ("cp1252", "Käse", ""), ("utf-8", "牛奶", ""),
    ],
)  # fmt: skip
def test_what_few_characters_told_is_shown(take: Take, encoding: str, written: str, doubt: str) -> None:
    outcome = take(f"{HEADER}\n{MILK},{written},1\n{TEA},Tea,1\n".encode(encoding), name="x.csv")
    assert (outcome.good, outcome.doubt) == (2, doubt)


@pytest.mark.parametrize("encoding", ["gb18030", "cp1252"])
def test_letters_that_come_late_are_read(take: Take, encoding: str) -> None:
    late = "鲜牛奶" if encoding == "gb18030" else "Crème fraîche"
    rows = [f"{code},{'Plain ' * 20},1\n" for code in codes(3000)]
    outcome = take((f"{HEADER}\n{''.join(rows)}{MILK},{late},1\n").encode(encoding), name="x.csv")
    assert (outcome.encoding, outcome.good, outcome.bad_lines) == (encoding, 3001, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "gb18030"])
@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_lines_may_end_in_any_way(take: Take, encoding: str, end: str) -> None:
    text = end.join([HEADER, f"{MILK},牛奶,1", "", f"{LOAF},面包,2", f"{TEA},茶,3"])
    assert names(take(text.encode(encoding), name="x.csv")) == ["牛奶", "茶", "面包"]


def test_a_cell_may_go_over_lines_and_a_heading_too(take: Take) -> None:
    text = f'"商品\r条码","品\r\n名",售价\r\n{MILK},"鲜\r\n牛奶",1\r\n{LOAF},面包,2\r\n{TEA},"绿\n茶",3\r\n'
    assert names(take(text, name="x.csv")) == ["绿 茶", "面包", "鲜 牛奶"]


@pytest.mark.parametrize(
    "bad",
    [
        f'{CHIPS},"never closed,1',
        f'{CHIPS},never opened",1"',
        f'"{CHIPS},x,1',
        f'{CHIPS},"a"b,1',
        f'{CHIPS},"two\nlines,1',
    ],
)
def test_a_quote_that_is_never_closed_costs_no_neighbour(take: Take, bad: str) -> None:
    rows = [f"{HEADER}", f"{MILK},奶,1", bad, f'{LOAF},"包",2', f'{TEA},"茶, 绿",3']
    outcome = take("\n".join(rows), name="x.csv")
    assert set(names(outcome)) >= {"奶", "包", "茶, 绿"}
    assert all(mistake.line in (3, 4) for mistake in outcome.first)


def test_lines_that_cannot_be_read_below_a_heading_in_quotes_are_told(take: Take) -> None:
    """While the separator was looked for, each of them was taken for the rest of the heading and forgotten."""
    bad = b"\n".join(b'"%s","\xff\xfe\xff","1.00"' % code.encode() for code in codes(6))
    outcome = take(b'"gtin","name_zh","price"\n' + bad + f'\n"{TEA}","Tee","2.00"\n'.encode(), name="x.csv")
    assert (outcome.good, outcome.bad_lines) == (1, 6)
    assert [each.line for each in outcome.first] == [2, 3, 4, 5, 6, 7]


def test_two_quotes_that_are_never_closed_cost_two_lines(take: Take) -> None:
    text = f'{HEADER}\n{MILK},"奶,1\n{LOAF},"包,2\n{TEA},茶,3\n'
    outcome = take(text, name="x.csv")
    assert (names(outcome), [mistake.line for mistake in outcome.first]) == (["茶"], [2, 3])


@pytest.mark.parametrize("first", ["sep=;\r\n", '"sep=;"\r\n', "\ufeffsep=;\r\n", "SEP=;\n", ""])
def test_excel_tells_its_separator(take: Take, first: str) -> None:
    text = f'{first}gtin;"name_zh";"price";"Hinweis, alt; neu"\r\n{MILK};奶;12,90;x\r\n{LOAF};"包;全麦";2,00;\r\n'
    outcome = take(text, name="x.csv")
    assert (outcome.good, outcome.mistakes, names(outcome)) == (2, 0, ["包;全麦", "奶"])
    assert outcome.ignored == ("Hinweis, alt; neu",)


@pytest.mark.parametrize("ghost", [",,", ",,,,,", " , , ", '"","",""', "\t", "\u3000", ",\u200b,"])
def test_ghost_rows_and_columns_are_nothing(take: Take, ghost: str) -> None:
    text = f"{HEADER},,,\n{MILK},奶,1,,,\n{ghost}\n{LOAF},包,2,,,,,\n{ghost}\n{TEA},茶,3\n{ghost}\n"
    outcome = take(text, name="x.csv")
    assert (outcome.good, outcome.mistakes) == (3, 0), outcome.first


def test_titles_totals_and_headings_again_are_no_products(take: Take) -> None:
    text = (
        f"2026年11月商品资料,,\n导出时间：2026-11-26,,\n\n{HEADER}\n{MILK},奶,1\n小计,,1\n{HEADER}\n{LOAF},包,2\n"
        f",合计,3\n共2条,,\n"
    )
    outcome = take(text, name="x.csv")
    assert (outcome.good, outcome.bad_lines) == (2, 1)
    assert outcome.first[0].line == 10


@pytest.mark.parametrize(
    "name", ["Summer Rolls", "Sommersby Cider", "Totally Nuts", "Total Wipes", "小计算器", "Total 75 ml"]
)
def test_goods_without_a_code_are_reported_though_they_begin_like_a_total(take: Take, name: str) -> None:
    text = f"{HEADER}\n{MILK},奶,1\n,{name},2\nTotal:,,3\n,Gesamtsumme,3\n,Summe 2026,3\n"
    outcome = take(text, name="x.csv")
    assert (outcome.good, [(each.line, each.field) for each in outcome.first]) == (1, [(3, "gtin")])


def test_goods_without_a_code_are_reported_though_their_brand_is_called_total(take: Take) -> None:
    outcome = take(f"gtin,name_en,brand,price\n{MILK},Milk,,1\n,Motor oil,Total,2\n", name="x.csv")
    assert (outcome.good, [(each.line, each.field) for each in outcome.first]) == (1, [(3, "gtin")])


@pytest.mark.parametrize(
    "said", ["合計金額（元）", "总计：35件", "Grand Total", "Sub-total EUR", "* Total items: 12", "合计/Total"]
)
def test_a_total_is_one_however_it_is_said(take: Take, said: str) -> None:
    outcome = take(f"{HEADER}\n{MILK},奶,1\n,{said},2\n", name="x.csv")
    assert (outcome.good, outcome.mistakes) == (1, 0), outcome.first


@pytest.mark.parametrize(
    ("unit", "size", "sold", "price"),
    [
        ("斤", "", "kg", 2580),
        ("500g", "", "kg", 2580),
        ("市斤", "2.5kg", "kg", 2580),
        ("元/两", "", "kg", 25800),
        ("100 g", "", "kg", 12900),
        ("KG", "", "kg", 1290),
        ("公斤", "2.5kg", "kg", 1290),
        ("斤", "500 克", "piece", 1290),
        ("kg", "2.5kg", "piece", 1290),
        ("lb", "2", "piece", 1290),
        ("oz", "16 oz", "piece", 1290),
        ("g", "500g", "piece", 1290),
        ("克", "500", "piece", 1290),
        ("瓶", "", "piece", 1290),
        ("", "", "piece", 1290),
    ],
)
def test_a_price_for_a_weight_is_made_one_for_a_kilogram(
    take: Take, unit: str, size: str, sold: str, price: int
) -> None:
    outcome = take(f"gtin,name,单位,规格,售价\n{MILK},苹果,{unit},{size},12.90\n", name="x.csv")
    assert outcome.built, outcome.first
    (found,) = Version(outcome.built.path).sample(1)
    assert (found.sold_by, found.price) == (sold, price)


def test_a_weight_that_is_no_even_part_of_a_kilogram_costs_the_line(take: Take) -> None:
    good = f"{LOAF},包,kg,9.90"
    outcome = take(
        f"gtin,name,unit,price\n{MILK},Apples,lb,2.99\n{TEA},茶,300g,1.00\n{CHIPS},片,g,1\n{good}\n", name="x.csv"
    )
    assert outcome.good == 1
    said = [(each.line, each.field, each.value) for each in outcome.first]
    assert said == [(2, "unit", "lb"), (3, "unit", "300g"), (4, "unit", "g")]
    assert "write the price for 1 kg" in str(outcome.first[0])


def test_a_catty_is_half_a_kilogram_in_yuan_alone() -> None:
    record = {"gtin": MILK, "name": "Apples", "price": "5", "unit": "斤"}
    (wrong,) = read(1, dict(record), StoreContext(currency="HKD"))
    assert wrong.field == "unit"
    assert read(1, dict(record), StoreContext()).price == 1000


def test_an_offer_for_a_weight_is_made_one_for_a_kilogram_too(take: Take) -> None:
    outcome = take([line(unit="斤", promo_price="9.90"), line(LOAF, unit="斤", sold_by="piece")])
    assert outcome.built
    milk, loaf = (Version(outcome.built.path).find(code) for code in (MILK, LOAF))
    assert (milk.sold_by, milk.price, milk.promotion.price) == ("kg", 2580, 1980)
    assert (loaf.sold_by, loaf.price) == ("piece", 1290)


@pytest.mark.parametrize(
    "again", ['"price": "2.90"', '"pr\\u0069ce":"2.90"', '"elsewhere": [{"count": 1, "count": 2}]']
)
def test_a_key_that_stands_twice_in_a_line_costs_the_line(take: Take, again: str) -> None:
    good = f'{{"gtin": "{LOAF}", "name_en": "Bread: white", "price": "1.00"}}'
    outcome = take(f'{{"gtin": "{MILK}", "name_en": "Milk", "price": "12.90", {again}}}\n{good}\n', name="x.jsonl")
    key = "count" if "count" in again else "price"
    assert (outcome.good, outcome.mistakes, outcome.first[0].line, outcome.first[0].field) == (1, 1, 1, key)
    assert f"each key once, found '{key}' twice" in str(outcome.first[0])


@pytest.mark.parametrize(
    "cell", ["(01)9521101530001", "(01) 09521101530001", "9521101530001 12", "9521101530001+12345", "9521101530001-05"]
)
def test_a_code_is_one_behind_its_sign_and_before_its_add_on(cell: str) -> None:
    assert gtin(cell) == f"0{MILK}"


@pytest.mark.parametrize("cell", ["977031703900012", "977031703900012345", "9770317039000 12"])
def test_a_magazine_is_found_by_its_number_without_the_issue(cell: str) -> None:
    assert gtin(cell) == "09770317039000"


@pytest.mark.parametrize(
    "cell", ["(01)9521101530002", "9521101530002 12", "952110153000112", "9521101530001 123", "(02)9521101530001"]
)
def test_what_stands_beside_a_code_makes_no_wrong_one_right(cell: str) -> None:
    with pytest.raises(BadValue, match="right check digit"):
        gtin(cell)


@pytest.mark.parametrize(
    ("price", "stock", "count"),
    [
        ("12.90", "1,234", 1234),
        ("12.90", "1,234.5", 1234),
        ("12.90", "12.345", 12),
        ("12,90", "1.234", 1234),
        ("12,90", "12,345", 12),
        ("1290", "1,234,567", 1234567),
        ("12.90", "-1,234", 0),
    ],
)
def test_thousands_of_pieces_are_read_as_the_files_prices_are(take: Take, price: str, stock: str, count: int) -> None:
    outcome = take(f"gtin;name;price;stock\n{MILK};奶;{price};{stock}\n", name="x.csv")
    assert outcome.built
    product = Version(outcome.built.path).find(MILK)
    assert product is not None
    assert (product.stock, outcome.mistakes) == (count, 0)


@pytest.mark.parametrize(
    ("price", "written", "found"),
    [
        ("12,90", "1.000", 1000),
        ("12,90", "2.500", 2500),
        ("12,90", "1,000", 1),
        ("12.90", "1.000", 1),
        ("12.90", "1,000", 1000),
        ("12,90", "12.0", 12),
        ("12", "1,234", 1234),
        ("12", "1.000", None),
        ("12,90", "1,234", None),
    ],
)
def test_a_thousand_reviews_are_read_as_the_files_prices_are(
    take: Take, price: str, written: str, found: int | None
) -> None:
    outcome = take(f"gtin;name;price;stars;reviews\n{MILK};奶;{price};4,8;{written}\n", name="x.csv")
    assert outcome.built
    product = Version(outcome.built.path).find(MILK)
    assert product is not None
    assert product.reviews == (found and Reviews(4.8, found))
    assert outcome.left_out == (found is None)


def test_what_nothing_tells_of_a_stock_is_left_out(take: Take) -> None:
    outcome = take(f"gtin;name;price;stock\n{MILK};奶;12;1.234\n", name="x.csv")
    assert (outcome.good, outcome.left_out) == (1, 1)
    assert "write 1234 or 1.234" in outcome.first[0].expected


@pytest.mark.parametrize(
    ("currency", "decimals", "prices", "found"),
    [
        ("JPY", 0, ("128", "1,290", "12,800"), [128, 1290, 12800]),
        ("KWD", 3, ("0.750", "1.250", "12.500"), [750, 1250, 12500]),
        ("KWD", 3, ("0,750", "1,250", "12,500"), [750, 1250, 12500]),
        ("KWD", 3, ("0.75", "1.250", "12.500"), [750, 1250, 12500]),
    ],
)
def test_prices_of_currencies_without_two_decimals(
    tmp_path: Path, currency: str, decimals: int, prices: Sequence[str], found: Sequence[int]
) -> None:
    rows = "".join(f"{code};Ware;{price}\n" for code, price in zip(codes(len(prices)), prices, strict=True))
    (tmp_path / "x.csv").write_text(f"gtin;name;price\n{rows}")
    store = StoreContext(decimals=decimals, currency=currency)
    outcome = import_file(tmp_path / "x.csv", tmp_path / "catalogue", store)
    assert outcome.built
    assert sorted(each.price or 0 for each in Version(outcome.built.path).sample(9)) == found


def test_a_size_that_may_be_a_thousandth_or_a_thousand_is_left_out(take: Take) -> None:
    text = f'gtin,name,price,size\n{MILK},奶,1,"1,000 g"\n{LOAF},包,2,0.500 g\n{TEA},茶,3,1.500 kg\n'
    outcome = take(text, name="x.csv")
    assert outcome.built
    found = map(Version(outcome.built.path).find, (MILK, LOAF, TEA))
    sizes = [product.size and product.size.amount for product in found if product]
    assert sizes == [None, "0.500", "1.500"]
    assert "write 1000 g or 1 g" in outcome.first[0].expected


@pytest.mark.parametrize("order", [0, 1])
def test_the_bar_code_is_the_column_whose_cells_are_bar_codes(take: Take, order: int) -> None:
    rows = [("A001", MILK), ("A002", LOAF), ("9521101530000", TEA)]
    head = ["商品编码", "商品条码"]
    text = "\n".join(
        [",".join([*(head if order else reversed(head)), "品名"])]
        + [",".join([*(row if order else reversed(row)), "x"]) for row in rows]
    )
    outcome = take(text, name="x.csv")
    assert (outcome.good, outcome.ignored) == (3, ("商品编码",))
    outcome = take("商品编码,SKU,品名\n" + "".join(f"{code},{own},x\n" for own, code in rows), name="y.csv")
    assert (outcome.good, outcome.ignored) == (3, ("SKU",))


def test_a_bad_optional_field_costs_itself_alone(take: Take, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    text = f"gtin,name_zh,price,规格,生产日期,stars\n{MILK},奶,1,much,2026-99-99,9\n{LOAF},包,2,1 kg,2026/11/02,4.5\n"
    outcome = take(text, name="x.csv", report=report)
    assert (outcome.good, outcome.bad_lines, outcome.left_out) == (2, 0, 3)
    assert outcome.built
    milk = Version(outcome.built.path).find(MILK)
    assert milk
    assert (milk.price, milk.size, milk.trace, milk.reviews) == (100, None, None, None)
    rows = list(csv.reader(report.open(encoding="utf-8-sig")))
    assert [row[1] for row in rows[1:]] == ["size", "made", "stars"]
    assert all("left out, the product is kept" in row[3] for row in rows[1:])


def test_half_an_offer_is_no_offer(take: Take) -> None:
    outcome = take([line(promo_price="9.90", promo_until="soon"), line(LOAF, promo_price="9.90")])
    assert outcome.built
    version = Version(outcome.built.path)
    promotions = [product.promotion is not None for code in (MILK, LOAF) if (product := version.find(code))]
    assert (promotions, outcome.good, outcome.left_out) == ([False, True], 2, 1)


@pytest.mark.parametrize(
    "name", ["", "   ", "\u200b", "\u3000\u00a0", "\ufeff\u2060", "-", "…", "#N/A", "#REF!", "\U0001f95b"]
)
def test_a_name_that_nobody_can_read_is_none(take: Take, name: str) -> None:
    outcome = take([line(name_zh=name, name_en=""), line(LOAF)])
    assert (outcome.good, outcome.bad_lines) == (1, 1)
    assert outcome.first[0].field.startswith("name")


def test_invisible_signs_are_no_part_of_a_name(take: Take) -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467 家庭装"
    outcome = take(
        [line(name_zh="\ufeff鲜\u200b牛\u00ad奶\u202e "), line(LOAF, name_zh=family), line(TEA, name_zh="none")]
    )
    assert names(outcome) == sorted(["鲜牛奶", family, "none"])


def test_long_words_and_many_stars_are_left_out(take: Take) -> None:
    said = [{"stars": 9, "words": "x"}], [{"stars": 5, "words": "x" * 5000}], [{"stars": 5, "words": "x"}] * 51
    trace = [{"words": {"en": "Milked"}, "on": "2026-99-99"}]
    outcome = take(
        [*(line(code, said=each) for code, each in zip((MILK, LOAF, TEA), said, strict=True)), line(CHIPS, trace=trace)]
    )
    assert (outcome.good, outcome.left_out) == (4, 4)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("12.90", 1290), ("12,90", 1290), ("12.9", 1290), ("12", 1200), ("0", 0), (".90", 90), ("12.", 1200),
        ("12.900", 1290),
        ("1,290.00", 129000), ("1.290,00", 129000), ("1 290,00", 129000), ("1\u00a0290.00", 129000),
        ("1\u202f290,00", 129000),
        ("1'290.00", 129000), ("1\u2019290.00", 129000), ("1,290", 129000), ("1,234,567", 123456700),
        ("1.234.567", 123456700),
        ("¥12.90", 1290), ("￥12.90", 1290), ("12.90元", 1290), ("１２.９０元", 1290), ("１２．９０", 1290),
        ("CNY 12.90", 1290),
        ("12.90 cny", 1290), ("12.90RMB", 1290), ('="12.90"', 1290), ("'12.90", 1290), (" 12.90\u200b ", 1290),
        ("12,-", 1200), ("12,\u2013", 1200), ("12.\u2014", 1200), ("12.--", 1200), ("12,\u2013 CNY", 1200),
    ],
)  # fmt: skip
def test_money_is_read_as_it_is_written(text: str, cents: int) -> None:
    assert money(text, 2, "CNY") == cents


@pytest.mark.parametrize(
    "text",
    [
        "12_90", "1e999998", "1e2", "1E+02", "NaN", "inf", "-1", "\u22121", "(1.00)", "12.905", "1,29,0", "12,90.5",
        "1.2.3", "1,2345.00",
        "twelve", "12 90", "12..90", "$12.90", "12.90 EUR", "€5", "12.90/kg", "+-1",
        "10000001", "9" * 200,
        "0x10", "True", "0,999", ",", ".", "¥", "12.90 12.90",
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match=r"an amount such as 12\.90"):
        money(text, 2, "CNY")


def test_a_thousand_or_a_bit_more_than_one(take: Take) -> None:
    for decimal, text, cents in (
        (".", "1,290", 129000),
        (",", "1.290", 129000),
        (".", "1.290", 129),
        (",", "1,290", 129),
    ):
        assert money(text, 2, "CNY", decimal) == cents
    for decimal, text in ((".", "1.295"), (",", "1,295"), ("", "1,290"), ("", "1.290")):
        with pytest.raises(BadValue, match="write"):
            money(text, 2, "CNY", decimal)
    assert [decimal_sign(cells) for cells in (["1,20", "5"], ["1.20", "1,290"], ["5"], ["1.20", "1,20"])] == [
        ",",
        ".",
        "",
        "",
    ]
    outcome = take(f"gtin;name;price\n{MILK};Milch;12,90\n{LOAF};Brot;1.290\n{TEA};Tee;1,295\n", name="x.csv")
    assert outcome.built
    assert [each.price for each in Version(outcome.built.path).sample(9)] == [1290, 129000]
    assert outcome.first[0].line == 4


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f'="{MILK}"', MILK), (f"'{MILK}", MILK), (f"{MILK}.0", MILK), (f"{MILK},00", MILK), (f" {MILK}\u200b", MILK),
        ("9 521101 530001", MILK), ("952-1101-530001", MILK), (9521101530001, MILK),
        ("0036000291452", "036000291452"),
        ("36000291452", "036000291452"), ("036000291452", "036000291452"), ("1234565", "01234565"),
        ("9,521,101,530,001", MILK), ("9.521.101.530.001", MILK), ("9\u202f521\u202f101\u202f530\u202f001", MILK),
        ("9\u00a0521\u00a0101\u00a0530\u00a0001", MILK), ("9'521'101'530'001", MILK),
        (f"00000{MILK}", MILK), ("0" * 6 + "036000291452", "036000291452"), (f"`{MILK}", MILK),
        ("9.521101530001E+12", MILK), ("9,521101530001e12", MILK),
    ],
)  # fmt: skip
def test_a_bar_code_is_known_however_a_spreadsheet_treats_it(text: Any, found: str) -> None:
    assert gtin(text) == found.zfill(14)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("6.90123E+12", "make the column text"),
        ("6,90123E+12", "make the column text"),
        ("6.90e12", "make the column text"),
        ("9521101530002", "the right check digit"),
        ("９５２１１０１５３０００１", f"did you mean {MILK}"),
        ("12345", "8, 12, 13 or 14 digits"),
        ("95211015300O1", "8, 12, 13 or 14 digits"),
        ("True", "8, 12, 13 or 14 digits"),
    ],
)
def test_a_bar_code_that_is_none_says_why(text: str, said: str) -> None:
    with pytest.raises(BadValue, match=said.replace("(", r"\(")):
        gtin(text)


@pytest.mark.parametrize(
    "text",
    ["2026-11-02", "2026/11/2", "2026.11.02", "2026年11月2日", "20261102", "02.11.2026", "2.11.2026",
    "2026-11-02 00:00:00",
     "2026/11/2 0:00", "２０２６-11-02", "2026-11-02T00:00:00"],
)  # fmt: skip
def test_a_day_is_read_as_it_is_written(text: str) -> None:
    assert day(text).isoformat() == "2026-11-02"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2/3/2026", "may be 2026-02-03 or 2026-03-02"),
        ("46347", "a spreadsheet's number for 2026-11-21"),
        ("2026-99-99", "no such day"),
        ("2026-02-30", "no such day"),
        ("0001-01-01", "between 1990 and 2099"),
        ("21.11.26", "a date such as"),
        ("soon", "a date such as"),
        ("", "a date such as"),
    ],
)
def test_a_day_that_may_be_two_or_none_says_so(text: str, said: str) -> None:
    with pytest.raises(BadValue, match=said):
        day(text)
    assert day("31/12/2026") == day("12/31/2026") == day("2026-12-31")


def test_zero_bytes_and_lines_without_an_end(take: Take) -> None:
    text = f"{HEADER}\n{MILK},奶,1\n{LOAF},包\0,2\n{TEA},茶,3\n\0\0\0\0"
    outcome = take(text, name="x.csv")
    assert (names(outcome), [mistake.line for mistake in outcome.first]) == (["奶", "茶"], [3])
    long = f"{HEADER}\n{MILK},奶,1\n{LOAF},{'x' * 3_000_000},2\n{TEA},茶,3\n"
    outcome = take(long, name="x.csv")
    assert (names(outcome), [mistake.line for mistake in outcome.first]) == (["奶", "茶"], [3])


def test_a_line_that_was_cut_off_is_no_product(take: Take) -> None:
    outcome = take(f"{HEADER}\n{MILK},奶,1\n{LOAF},包", name="x.csv")
    assert (outcome.good, outcome.first[0].line, outcome.first[0].expected) == (1, 3, "3 columns, found 2")


def test_damage_of_an_earlier_conversion_is_seen(take: Take) -> None:
    outcome = take(f"{HEADER}\n{MILK},\ufffd\ufffd奶,1\n{LOAF},包,1\n", name="x.csv")
    assert (names(outcome), outcome.first[0].line) == (["包"], 2)
    assert "export it again" in str(outcome.first[0])


def test_an_unpaired_half_of_utf_16_costs_its_line(take: Take) -> None:
    content = f"{HEADER}\n{MILK},奶,1\n{LOAF},@,1\n".encode("utf-16").replace("@".encode("utf-16-le"), b"\x00\xd8")
    outcome = take(content, name="x.csv")
    assert (names(outcome), outcome.first[0].line, outcome.encoding) == (["奶"], 3, "utf-16")


@pytest.mark.parametrize("name", ["x.txt", "x.tsv", "x.CSV", "x.tab", "x"])
def test_other_names_of_tables(take: Take, name: str) -> None:
    assert names(take(f"gtin\tname\tprice\n{MILK}\t奶\t1\n", name=name)) == ["奶"]


def test_every_mistake_of_a_heading_comes_at_once(take: Take) -> None:
    with pytest.raises(BadFile) as caught:
        take(f"gtin,nmae_zh,pirce,售价,单价\n{MILK},x,1,2,3\n", name="x.csv")
    for word in ("did you mean 'name_zh'", "both mean 'price'", "a name is missing"):
        assert word in str(caught.value)


def test_lines_are_read_in_pieces_of_any_size(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    text = f'{HEADER}\r\n{MILK},"鲜\r\n牛奶",1\r\n{LOAF},包,2\r\r\n{TEA},茶,3\r\n'
    for encoding in ("utf-8", "utf-16", "gb18030"):
        for size in (*range(1, 12), 64):
            monkeypatch.setattr(lines, "SAMPLE", size)
            assert names(take(text.encode(encoding), name="x.csv")) == ["包", "茶", "鲜 牛奶"]


@pytest.mark.parametrize("written", ["5,00-", "5.00-", "5-", "5,00 -", "5,00-EUR", "5.-5", "1.290,00-"])
def test_a_minus_behind_a_price_is_one(written: str) -> None:
    with pytest.raises(BadValue):
        money(written, 2, "EUR", ",")
    assert [money(each, 2, "EUR", ",") for each in ("5,-", "5.-", "1.290,-", "5,- €")] == [500, 500, 129000, 500]


def test_what_is_proposed_for_a_price_is_one() -> None:
    with pytest.raises(BadValue, match=r"decimals: write 0\.00$"):
        money("0,001", 2, "CNY", ".")


@pytest.mark.parametrize("name", ["\u3164", "\u115f\u1160", "\uffa0", "\u200b\u3164", "\u2800"])
def test_a_name_that_shows_nothing_is_none(take: Take, name: str) -> None:
    outcome = take([line(name_zh=name, name_en=name), line(LOAF)])
    assert (outcome.good, outcome.bad_lines) == (1, 1)


@pytest.mark.parametrize("code", ["0" * 13, "0" * 8, "0" * 14, '="0000000000000"', "0000000000000.0"])
def test_zeros_alone_are_no_bar_code(take: Take, code: str) -> None:
    outcome = take([line(code), line(LOAF)])
    assert (outcome.good, outcome.bad_lines) == (1, 1)
    assert "a bar code, found zeros alone, as tills write for none" in str(outcome.first[0])


def test_excel_s_first_line_may_tell_the_wrong_separator(take: Take) -> None:
    outcome = take(f"sep=;\n{HEADER}\n{MILK},奶,1.00\n{LOAF},包,2.00\n", name="x.csv")
    assert (outcome.good, outcome.mistakes) == (2, 0)


def test_a_cell_may_go_over_lines_before_ghost_columns(take: Take) -> None:
    outcome = take(f'EAN,Name,Price,,\n{MILK},"Fresh\nmilk",12,,\n{LOAF},Bread,3,,\n', name="x.csv")
    assert (names(outcome), outcome.mistakes) == (["Bread", "Fresh milk"], 0)


def test_a_column_without_a_name_is_asked_for_one(take: Take) -> None:
    text = f"条码,品名,价格,\n,,零售,会员\n{MILK},奶,12.90,11\n{LOAF},包,3.00,\n"
    outcome = take(text, name="x.csv")
    assert (outcome.good, [each.line for each in outcome.first]) == (1, [2, 3])
    assert "every column a name in the heading" in outcome.first[1].expected


def test_prices_with_three_decimals_tell_by_those_that_are_no_thousands(take: Take) -> None:
    for decimal in ".,":
        prices = [each.replace(".", decimal) for each in ("12.900", "1290.000", "0.500")]
        rows = "".join(f"{code};Ware;{price}\n" for code, price in zip((MILK, LOAF, TEA), prices, strict=True))
        outcome = take(f"EAN;Name;Price\n{rows}", name="x.csv")
        assert outcome.built
        assert [each.price for each in Version(outcome.built.path).sample(9)] == [1290, 129000, 50]


def test_signs_at_the_edges_of_a_file_are_no_lines(take: Take) -> None:
    assert take(f"{HEADER}\r\n{MILK},奶,1\r\n\x1a", name="x.csv").mistakes == 0
    assert take(f"[条码],[品名],[售价]\n{MILK},奶,1\n", name="x.csv").mistakes == 0
    assert take(b"\xef\xbb\xbf" + f"条码,品名,售价\n{MILK},鲜牛奶,1\n".encode("gbk"), name="x.csv").mistakes == 0
    with pytest.raises(BadFile, match="is a picture"):
        take(b"\x89PNG\r\n\x1a\n" + bytes(range(256)), name="x.csv")


def test_a_yen_price_with_three_decimals_is_no_thousand() -> None:
    assert [money(text, 0, "JPY", "") for text in ("1,290", "12,800", "1290.00")] == [1290, 12800, 1290]
    for text in ("1.290", "1290,000", "0,900"):
        with pytest.raises(BadValue, match="write"):
            money(text, 0, "JPY", "")


@pytest.mark.parametrize("wrong", ["Käse", "Crème fraîche", "Öl – 5 €", "鲜牛奶", "Größe"])
def test_utf_8_that_was_taken_for_something_else_costs_its_line(take: Take, wrong: str) -> None:
    seen = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in wrong.encode())
    outcome = take(f"{HEADER}\n{MILK},{seen},1\n{LOAF},包,2\n{TEA},锟斤拷,3\n", name="x.csv")
    assert (names(outcome), [each.line for each in outcome.first]) == (["包"], [2, 4])
    assert "what a wrong conversion leaves: export it again" in outcome.first[0].expected


@pytest.mark.parametrize("name", ["«MAÇÃ»", "MAÇÃ DOCE", "Nestlé®™", "PÃO DE QUEIJO", "Âge d’or", "Été – 5 €", "¡Olé!"])
def test_words_with_the_same_letters_are_no_damage(take: Take, name: str) -> None:
    assert names(take(f"{HEADER}\n{MILK},{name},1\n", name="x.csv")) == [name]


def test_names_of_a_web_shop_are_read_as_they_are_meant(take: Take) -> None:
    written = ("Ben &amp; Jerry&#39;s", "M&uuml;sli&nbsp;500", "Salt &amp; Co", "M&Ms; red", "A & B")
    rows = "".join(f"{code},{name},1\n" for code, name in zip(codes(5), written, strict=True))
    meant = ["Ben & Jerry's", "Müsli 500", "Salt & Co", "M&Ms; red", "A & B"]
    assert names(take(f"{HEADER}\n{rows}", name="x.csv")) == sorted(meant)


@pytest.mark.parametrize(
    "heading",
    [
        "条码,品名,价格信息,\n,,零售价,会员价",
        "条码,品名,价格,\n,,零售价,会员价",
        "条码,品名,,\n,,售价,库存",
        "条码,品名,价格\n,,零售价,会员价",
    ],
)
def test_a_heading_of_merged_cells_goes_on_in_the_next_line(take: Take, heading: str) -> None:
    outcome = take(f"{heading}\n{MILK},奶,12.90,11\n{LOAF},包,3.00,2\n", name="x.csv")
    assert outcome.built
    assert (outcome.good, outcome.mistakes) == (2, 0)
    assert [each.price for each in Version(outcome.built.path).sample(9)] == [1290, 300]


def test_a_first_product_without_a_code_is_no_heading(take: Take) -> None:
    outcome = take(f"条码,品名,售价,库存\n,库存,12.90,1\n{LOAF},包,3.00,2\n", name="x.csv")
    assert (outcome.good, [each.line for each in outcome.first]) == (1, [2])


def test_a_line_below_the_heading_does_not_hide_that_there_is_no_price(take: Take) -> None:
    outcome = take(f"条码,品名,价格信息\n,,零售\n{LOAF},包,3.00\n", name="x.csv")
    assert [(each.line, each.field) for each in outcome.first][:2] == [(1, "price"), (2, "gtin")]


@pytest.mark.parametrize(
    "unit",
    [
        "(分)",
        "（单位：分）",
        "(万元)",
        "(元/斤)",
        "/100g",
        "(cents)",
        "(netto)",
        "(excl. VAT)",
        "(HT)",
        "(不含税)",
        "（未税）",
    ],
)
def test_a_price_that_is_counted_otherwise_is_none(take: Take, unit: str) -> None:
    for name in ("售价", "Price"):
        outcome = take(f"条码,品名,{name}{unit}\n{MILK},奶,1290\n", name="x.csv")
        assert outcome.built
        assert [each.price for each in Version(outcome.built.path).sample(9)] == [None]
        assert str(outcome.first[0]).startswith(f"line 1, price: '{name}{unit}': expected a heading that is known")


@pytest.mark.parametrize(
    "unit", ["(元)", "（元/件）", "(¥)", "[CNY]", "/元", "(RMB)", "(含税)", "(公斤)", "(元/千克)", "(分店)"]
)
def test_a_price_in_the_stores_currency_is_one(take: Take, unit: str) -> None:
    outcome = take(f"条码,品名,售价{unit}\n{MILK},奶,12.90\n", name="x.csv")
    assert outcome.built
    assert [each.price for each in Version(outcome.built.path).sample(9)] == [1290]


@pytest.mark.parametrize("unit", ["(USD)", "（€）", "[EUR]", "(eur)"])
def test_a_column_of_prices_in_another_currency_is_refused(take: Take, unit: str) -> None:
    with pytest.raises(BadFile, match="expected prices in CNY"):
        take(f"条码,品名,售价{unit}\n{MILK},奶,12.90\n", name="x.csv")


def test_headings_may_be_dressed_as_cells_are(take: Take) -> None:
    text = f'="EAN",="Name",="Price"\n="{MILK}",="Milk",="12.90"\n`{LOAF},Bread,`3.00\n'
    assert (names(take(text, name="x.csv")), take(text, name="x.csv").mistakes) == (["Bread", "Milk"], 0)


@pytest.mark.parametrize("price", ["12⁹⁰", "12.9²", "12①", "₁2", "12.9❷"])
def test_raised_and_ringed_digits_are_none_of_the_price(price: str) -> None:
    with pytest.raises(BadValue):
        money(price, 2, "CNY")


def test_a_decimal_comma_without_quotes_does_not_fill_the_next_cell(take: Take) -> None:
    outcome = take(f"gtin,name,price,stock\n{MILK},Milk,12,90,5\n{LOAF},Bread,12,90,\n{TEA},Tea,3,7\n", name="x.csv")
    assert (names(outcome), [each.line for each in outcome.first]) == (["Tea"], [2, 3])


def test_blanks_before_a_quote_do_not_undo_it(take: Take) -> None:
    text = f'gtin, name, price, stock\n{MILK}, "Milk", "12,90", \n{LOAF}, "Best" bread, 3, 1\n'
    outcome = take(text, name="x.csv")
    assert outcome.built
    found = {each.name["zh-CN"]: each.price for each in Version(outcome.built.path).sample(9)}
    assert found == {"Milk": 1290, '"Best" bread': 300}


def test_own_numbers_are_no_bar_codes_by_chance(take: Take) -> None:
    rows = "".join(f"6.90123E+12,{1_000_000 + place},n{place},5\n" for place in range(40))
    with pytest.raises(BadFile, match="make the column text and export it again"):
        take(f"条码,货号,品名,售价\n{rows}", name="x.csv")
    own = rows.replace("6.90123E+12,", "")
    cut = "".join(f"{code[:-1]},x,5\n" for code in codes(40))
    for table in (f"货号,品名,售价\n{own}", f"条码,品名,售价\n{own}", f"条码,品名,售价\n{cut}"):
        with pytest.raises(BadFile, match="hardly a number has the right check digit"):
            take(table, name="x.csv")
    loose = "".join(f"{20000 + place},散装,5\n" for place in range(40))
    assert take(f"编码,品名,售价\n{loose}{MILK},奶,1\n", name="x.csv").good == 1


def test_a_damaged_bar_code_does_not_give_way_to_another_number(take: Take) -> None:
    cases = f"EAN,GTIN,Name,Price\n{MILK},1{MILK[:-1]}8,Milk,1\n{LOAF[:-1]}0,1{LOAF[:-1]}5,Bread,2\n"
    with pytest.raises(BadFile, match="columns 'EAN' and 'GTIN' both mean 'gtin'"):
        take(cases, name="x.csv")
    own = f"EAN,SKU,Name,Price\n{MILK},2000000000015,Milk,1\n{LOAF[:-1]}0,2000000000022,Bread,2\n"
    assert names(take(own, name="x.csv")) == ["Milk"]


def test_a_price_with_tax_beside_a_price_is_asked_about(take: Take) -> None:
    with pytest.raises(BadFile, match="both mean 'price'"):
        take(f"EAN,Name,Price,Price incl. VAT\n{MILK},Milk,10.00,11.90\n", name="x.csv")


@pytest.mark.parametrize(
    "unit", ["(alt)", "(EK)", "(old)", "（会员）", "（會員）", "(进价)", "/500g", "(元/500克)", "/100 ml", "(per lb)"]
)
def test_a_price_of_another_time_or_buyer_is_none(take: Take, unit: str) -> None:
    outcome = take(f"条码,品名,Price{unit}\n{MILK},奶,12.90\n", name="x.csv")
    assert outcome.built
    assert [each.price for each in Version(outcome.built.path).sample(9)] == [None]


def test_two_names_of_one_field_in_a_line_of_json(take: Take) -> None:
    lines = [
        {"sku": "12345670", "barcode": MILK, "name": "奶", "price": "1"},
        {"gtin": LOAF, "name": "包", "售价": "12", "零售价": "10"},
        {"gtin": TEA, "name": "茶", "售价": "", "零售价": "10"},
        {"ean": "", "code": CHIPS, "name": "片", "price": "1"},
    ]
    outcome = take(lines)
    assert outcome.built
    found = {each.gtin[1:]: each.price for each in Version(outcome.built.path).sample(9)}
    assert found == {MILK: 100, TEA: 1000, CHIPS: 100}
    assert str(outcome.first[0]) == "line 2, 零售价: '10': expected one 'price', found 12 as well"


def test_a_second_heading_is_the_first_once_more_or_another_table(take: Take) -> None:
    again = f"gtin,name,price\n{MILK},奶,1\n\ufeffgtin,name,price\n{LOAF},包,2\n条码,品名,售价,\n{TEA},茶,3\n"
    outcome = take(again, name="x.csv")
    assert (outcome.good, outcome.mistakes) == (3, 0)
    for other in ("EAN,Name,EK,VK", "EAN,Name,VK,EK,Bestand"):
        with pytest.raises(BadFile, match="line 3 is another heading"):
            take(f"EAN,Name,VK,EK\n{MILK},Milk,2,1\n{other}\n{LOAF},Bread,1,2\n", name="x.csv")


def test_half_a_piece_is_no_thousand() -> None:
    for decimal in (".", ",", ""):
        for written in ("0,500", "0.500", "0 500"):
            with pytest.raises(BadValue):
                count(written, 0, 10_000, decimal)


@pytest.mark.parametrize("name", ["锟斤拷奶", "\ufffd奶", "KÃ¤se", "奶\0"])
def test_damage_that_is_written_as_escapes_is_seen(take: Take, name: str) -> None:
    rows = [json.dumps({"gtin": MILK, "name": name}), json.dumps({"gtin": LOAF, "name": "包"})]
    outcome = take("\n".join(rows))
    assert (names(outcome), outcome.first[0].line, outcome.first[0].field) == (["包"], 1, "name")
    assert "export it again" in outcome.first[0].expected


@pytest.mark.parametrize("sign", ["\u061c", "\u206a", "\ufff9", "\ufffc"])
def test_more_signs_that_nobody_sees(take: Take, sign: str) -> None:
    outcome = take([line(f"{sign}{MILK}", name_zh=f"鲜{sign}牛奶", price=f"12{sign}.90")])
    assert names(outcome) == ["鲜牛奶"]


def test_a_report_holds_no_formula(take: Take, tmp_path: Path) -> None:
    written = tmp_path / "mistakes.csv"
    rows = [{"gtin": MILK, "name": "奶", "price": "\t=1+1"}, {"gtin": LOAF, "name": "包", "price": "1", "=售价": "2"}]
    take("\n".join(map(json.dumps, rows)), report=written, keep=False)
    cells = [cell for row in csv.reader(written.read_text("utf-8-sig").splitlines()) for cell in row]
    assert [cell for cell in cells if cell.strip()[:1] in ("=", "+", "-", "@")] == []


def test_a_word_for_no_code_is_no_damaged_code(take: Take) -> None:
    own = [f"20000000000{place}{check_digit(f'20000000000{place}')}" for place in range(3)]
    rows = f"{own[0]},{MILK},奶,1\n{own[1]},无码,散装,2\n{own[2]},无码,散装,3\n"
    outcome = take(f"商品编码,商品条码,品名,售价\n{rows}", name="x.csv")
    assert (names(outcome), [each.line for each in outcome.first]) == (["奶"], [3, 4])


@pytest.mark.parametrize(
    "cell",
    [
        '=HYPERLINK("http://x.example","Milk")', '="Milk"&" 1 l"', "=A2", "=$A$2", "=a2", "=Sheet1!A1",
        "='My sheet'!A1",
        "=VLOOKUP(A2;B:C;2;0)", "=1+1", "=+A1", "={A1}", "=[Book1.xlsx]Sheet1!$A$1",
        "=商品!A1", "=_xlfn.CONCAT(A1)",
    ],
)  # fmt: skip
def test_a_formula_is_no_text(take: Take, cell: str) -> None:
    outcome = take([line(name_zh=cell, name_en=""), line(LOAF, brand=cell, name_zh="包")])
    assert names(outcome) == ["包"]
    assert [(each.line, each.field) for each in outcome.first] == [(1, "name_zh"), (2, "brand")]
    assert "formula" in str(outcome.first[0])


@pytest.mark.parametrize("name", ["=Bio=", "= Tee =", "A=1", "+B12 Vitamin", "+1 Pack", "@home Tea", "-20% Chips"])
def test_a_name_may_begin_with_a_sign(take: Take, name: str) -> None:
    assert names(take([line(name_zh=name)])) == [name]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Z\u0337\u0327\u031b\u0324\u0355\u0353e\u0301\u0301\u0301\u0301\u0301 Milk",
         "Z\u0337\u0327\u00e9\u0301\u0301 Milk"),
        ("ph\u01a1\u0309 bo\u0300", "ph\u1edf b\u00f2"),
        ("\u0639\u064e\u0644\u064e\u064a\u0652\u0651\u064e", "\u0639\u064e\u0644\u064e\u064a\u0652\u064e\u0651"),
        ("\u0e19\u0e49\u0e33\u0e1b\u0e39\u0e48", "\u0e19\u0e49\u0e33\u0e1b\u0e39\u0e48"),
        ("1\ufe0f\u20e3 A", "1\ufe0f\u20e3 A"),
    ],
)  # fmt: skip
def test_accents_that_are_piled_up_are_no_part_of_a_name(take: Take, written: str, name: str) -> None:
    (found,) = names(take([line(name_zh=written)]))
    assert found == unicodedata.normalize("NFC", name)

"""Tables of products as spreadsheets, tills and editors write them: one content, any dialect and any mess."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st

from gs1.trade import check_digit

CHINESE = (
    "鲜牛奶", "农夫山泉饮用天然水", "可口可乐", "康师傅红烧牛肉面", "蒙牛纯牛奶", "海天酱油", "金龙鱼调和油",
    "旺旺雪饼", "老干妈辣椒酱",
    "双汇火腿肠", "洽洽香瓜子", "三只松鼠坚果（礼盒）", "奥利奥饼干", "维达抽纸", "蓝月亮洗衣液",
)  # fmt: skip
TRADITIONAL = ("鮮牛奶", "統一肉燥麵", "義美小泡芙", "黑松沙士", "舒潔衛生紙", "維他檸檬茶", "出前一丁", "金蘭醬油")
WESTERN = (
    "Crème fraîche", "Pâté de légumes", "Müsli", "Jambon fumé", "Käsespätzle", "Gewürztraminer", "Œufs bio",
    "Süßkartoffeln",
    "Bœuf haché", "Frühstücksmüsli", "Pêches au sirop", "Thé à la menthe", "Grüner Tee", "Rösti", "Noël – l’édition",
)  # fmt: skip
PLAIN = ("Milk", "Bread, sliced", 'Ruler 12"', "Salt; fine", "Tea|green", "Soap 'soft'", "none", "A/B", "x" * 200)
NAMES = {
    "utf-8": CHINESE + WESTERN + TRADITIONAL + PLAIN + ("\U0001f95b 牛奶", "ชา", "شاي", "Молоко", "5 °C", "N\u0303am"),
    "gb18030": (*CHINESE, *PLAIN),
    "gbk": (*CHINESE, *PLAIN),
    "big5": TRADITIONAL,
    "cp1252": WESTERN,
    "mac-roman": tuple(name for name in WESTERN),
    "cp850": tuple(name for name in WESTERN if "Œ" not in name and "œ" not in name and "–" not in name),
}
CODE = ("gtin", "条码", "商品条码", "EAN", "Barcode", "国际条码", "*商品条码*", "EAN-Code", "\u200b条码 ")
NAME = ("name_zh", "name_zh", "NAME_ZH", "Name zh", "中文名称")
PRICE = ("price", "售价", "零售价", "售价(元)", "价格（元）", "Price (CNY)", "单价:")


class Dialect(msgspec.Struct, frozen=True):
    """How a table is written."""

    encoding: str
    mark: bool
    separator: str
    ends: tuple[str, ...]
    """Of the lines, in turn."""
    quote_all: bool
    decimal: str
    headings: tuple[str, str, str]
    code: str
    """How a bar code is dressed."""
    money: str
    told: bool
    """Whether the first line tells the separator."""
    title: bool
    ghosts: int
    """Empty columns at the end of each line."""
    blanks: bool
    """Whether there are empty lines and lines of nothing but separators."""
    again: bool
    """Whether the heading stands there once more."""
    total: bool
    own: bool
    """Whether the store's own number stands beside the bar code, and another column in front."""
    last_end: bool


def _letters(encoding: str) -> str:
    return encoding.removesuffix("-le").removesuffix("-be").replace("utf-16", "utf-8")


@st.composite
def dialects(draw: Any) -> Dialect:
    encoding = draw(
        st.sampled_from(
            ["utf-8", "utf-8", "utf-16-le", "utf-16-be", "gb18030", "gbk", "big5", "cp1252", "mac-roman", "cp850"]
        )
    )
    ascii_only = encoding in ("cp1252", "mac-roman", "cp850", "big5")

    def heading(known: tuple[str, ...]) -> str:
        return str(draw(st.sampled_from([word for word in known if word.isascii() or not ascii_only])))

    def possible(word: str) -> bool:
        try:
            word.encode(encoding)
        except UnicodeEncodeError:
            return False
        return True

    separator = draw(st.sampled_from(",;\t|"))
    code = heading(tuple(word for word in CODE if possible(word)))
    return Dialect(
        encoding=encoding,
        mark=draw(st.booleans()),
        separator=separator,
        ends=draw(st.sampled_from([("\n",), ("\r\n",), ("\r",), ("\n", "\r\n", "\r")])),
        quote_all=draw(st.booleans()),
        decimal=draw(st.sampled_from(".,")),
        headings=(code, heading(NAME), heading(PRICE)),
        code=draw(st.sampled_from(["{}", '="{}"', "'{}", "{}.0", " {} ", "{}\t" if separator != "\t" else "{} "])),
        money=draw(st.sampled_from(["{}", " {} ", "￥{}", "{}元", "{} CNY"] if not ascii_only else ["{}", "{} CNY"])),
        told=draw(st.booleans()),
        title=draw(st.booleans()),
        ghosts=draw(st.integers(0, 3)),
        blanks=draw(st.booleans()),
        again=draw(st.booleans()),
        total=draw(st.booleans()),
        own=draw(st.booleans()),
        last_end=draw(st.booleans()),
    )


@st.composite
def contents(draw: Any, encoding: str) -> list[tuple[str, str, int]]:
    """Bar code, name and price in cents, of a few products."""
    count = draw(st.integers(4, 14))
    numbers = draw(st.lists(st.integers(10**11, 10**12 - 1), min_size=count, max_size=count, unique=True))
    names = draw(st.lists(st.sampled_from(NAMES[_letters(encoding)]), min_size=count, max_size=count))
    prices = draw(st.lists(st.integers(0, 99_999), min_size=count, max_size=count))
    if all(name.isascii() for name in names):
        names[0] = NAMES[_letters(encoding)][0]
    return [
        (f"{number}{check_digit(str(number))}", name, price)
        for number, name, price in zip(numbers, names, prices, strict=True)
    ]


def written(rows: list[tuple[str, str, int]], dialect: Dialect) -> bytes:
    """The file."""
    lines: list[list[str]] = []
    if dialect.title:
        lines += [["Products 2026-11"], []]
    heading = list(dialect.headings)
    lines.append(_beside(heading, "Lager", "SKU", dialect))
    for place, (code, name, cents) in enumerate(rows):
        price = dialect.money.format(f"{cents // 100}{dialect.decimal}{cents % 100:02d}")
        lines.append(_beside([dialect.code.format(code), name, price], "7", f"A{place}", dialect))
        if dialect.blanks and place % 3 == 1:
            lines += [[], [""] * 3]
        if dialect.again and place % 5 == 2:
            lines.append(_beside(heading, "Lager", "SKU", dialect))
    if dialect.total:
        lines.append(_beside(["", "Total", "999999" + dialect.decimal + "99"], "", "", dialect))
    told = [f"sep={dialect.separator}"] if dialect.told else []
    text = [*told, *(dialect.separator.join(map(_quoted(dialect), line)) for line in lines)]
    out = "".join(line + dialect.ends[place % len(dialect.ends)] for place, line in enumerate(text))
    if not dialect.last_end:
        out = out.rstrip("\r\n")
    mark = "\ufeff" if dialect.mark and dialect.encoding.startswith("utf") else ""
    return (mark + out).encode(dialect.encoding)


def _beside(cells: list[str], front: str, own: str, dialect: Dialect) -> list[str]:
    row = [front, cells[0], own, *cells[1:]] if dialect.own else cells
    return row + [""] * dialect.ghosts


def _quoted(dialect: Dialect) -> Any:
    def of(cell: str) -> str:
        if dialect.quote_all or dialect.separator in cell or "\n" in cell or cell.startswith('"'):
            return '"' + cell.replace('"', '""') + '"'
        return cell

    return of

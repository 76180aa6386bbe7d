"""How the value of each field is read, whatever stands there: the value, or `BadValue` with what was expected."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from datetime import tzinfo
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

import msgspec

from edge.products import amounts, dates
from edge.products.amounts import barcode, decimal_sign, plain
from edge.products.mistakes import BadValue, did_you_mean
from edge.products.product import Size, Unit

__all__ = ["barcode", "decimal_sign", "plain"]

MAX_PACKS: Final = 1000
LONGEST_SIZE: Final = 60
"""Letters of a size with everything around it."""
MAX_LISTED: Final = 12
"""Shelves, or products that go with one."""
_ADDRESS: Final = re.compile(r"https?://[^\s/]+\.[^\s]{1,280}")
MAX_PARTS: Final = 50
"""Reviews, or steps on the way to the shelf."""

UNITS: Final[dict[str, Unit]] = {
    "g": "g", "gr": "g", "克": "g", "kg": "kg", "千克": "kg", "公斤": "kg", "ml": "ml", "毫升": "ml", "cl": "cl",
    "l": "l", "升": "l", "m": "m", "米": "m", "piece": "piece", "pieces": "piece", "pcs": "piece", "个": "piece",
    "只": "piece", "片": "piece", "枚": "piece", "包": "piece", "袋": "piece", "盒": "piece", "抽": "piece",
    "支": "piece", "瓶": "piece", "罐": "piece", "条": "piece", "粒": "piece", "件": "piece", "stück": "piece",
    "stk": "piece", "pièces": "piece",
}  # fmt: skip
_AMOUNT: Final = r"(\d{1,6}(?:[.,]\d{1,3})?)\s*([a-zäöüé\u4e00-\u9fff]{1,7})"
_SIZE: Final = re.compile(rf"(?:(\d{{1,4}})\s*[x×*]\s*)?{_AMOUNT}", re.IGNORECASE)
_SIZE_FIRST: Final = re.compile(rf"{_AMOUNT}\s*[x×*]\s*(\d{{1,4}})\s*[\u4e00-\u9fff]?", re.IGNORECASE)
_THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}\.\d{3}")
"""Of a unit that small nobody writes thousandths: `1,000 g` is a kilogram, or a gram as a scale shows it."""
_GRAMS: Final = {
    "kg kgs kilo kilos 千克 公斤": Fraction(1000), "g gr 克": Fraction(1), "斤 市斤": Fraction(500), "两": Fraction(50),
    "lb lbs pound pounds 磅": Fraction("453.59237"), "oz ounce ounces 盎司": Fraction("28.349523125"),
}  # fmt: skip
_WEIGHT: Final = re.compile(
    rf"(?:每|per |pro |par |元?/)?\s*([1-9]\d{{0,3}})?\s*({'|'.join(' '.join(_GRAMS).split())})"
)
_PICTURE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}\.(?:jpg|jpeg|png|webp)")
_LIST: Final = re.compile(r"[\s|,;，；、]+")
_TEXT_FORMULA: Final = re.compile(r'^="([^"]*)"$')
_FORMULA: Final = re.compile(r"""=[+-]?(?:["'{\[$\d]|[^\W\d][\w.]*[(!]|[A-Za-z]{1,3}\$?\d)""")
_ENTITY: Final = re.compile(r"&(?:[a-zA-Z]{2,8}|#[0-9]{1,6}|#[xX][0-9a-fA-F]{1,5});")
_MARK: Final = r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILED: Final = re.compile(rf"(?<={_MARK}{_MARK}){_MARK}+")
"""Accents beyond the second of a letter: they would lie on the lines above and below."""
_SPACE: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_NOTHING: Final = frozenset(("", "null", "none", "n/a", "#n/a", "nil", "-", "--", "—", "——", "/", "\\n"))
"""What tills write into an empty field."""
LONGEST_NOTHING: Final = 6


class StoreContext(msgspec.Struct, frozen=True):
    """What the store's settings say that products refer to."""

    shelves: frozenset[str] = frozenset()
    """Touchpoints of the purpose `shelf`."""
    arts: frozenset[str] = frozenset()
    decimals: int = 2
    """Of the currency."""
    currency: str = "CNY"
    decimal: str = "."
    """What stands before decimals in the file at hand; empty where nothing tells."""
    zone: tzinfo | None = None
    """The store's time zone; none is this box's own."""


Parse = Callable[[Any, StoreContext], Any]


def nothing(value: Any, *, name: bool = False) -> bool:
    """Whether a field is as good as empty. There are products that are called `none`."""
    if not isinstance(value, str):
        return value is None
    if len(value) > LONGEST_NOTHING:
        return value.isspace()
    word = plain(value).lower()
    return not word if name else word in _NOTHING


def text(most: int) -> Parse:
    """One line of text of at most so many letters, at least one of which can be read."""

    def parse(value: Any, _: StoreContext) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise BadValue("text")
        clean = _clean(_TEXT_FORMULA.sub(r"\1", str(value)))
        if len(clean) > most:
            raise BadValue(f"at most {most} letters, found {len(clean)}")
        if clean.startswith("#") and clean.rstrip("!?").isupper():
            raise BadValue("text, not a spreadsheet's error")
        if _FORMULA.match(clean):
            raise BadValue("text, not a spreadsheet's formula: save the file with its values")
        if not clean[:1].isalnum() and not any(map(str.isalnum, clean)):
            raise BadValue("text with a letter or a digit in it")
        return clean

    return parse


def _clean(value: str) -> str:
    """On one line, without signs that cannot be seen; the joiners within an emoji stay. A web shop's `&amp;` is `&`."""
    if "&" in value:
        value = _ENTITY.sub(lambda found: html.unescape(found[0]), value)
    if not value.isascii():
        value = _PILED.sub("", unicodedata.normalize("NFC", value.translate(amounts.INVISIBLE)))
    return _SPACE.sub(" ", value).strip()


def gtin(value: Any, _: StoreContext) -> str:
    """Any of the four lengths, as 14 digits."""
    return amounts.gtin(value)


def money(value: Any, store: StoreContext) -> int:
    """`12.90` is 1290; no more decimals than the currency has."""
    return amounts.money(value, store.decimals, store.currency, store.decimal)


def count(least: int, most: int) -> Parse:
    """A whole number."""
    return lambda value, store: amounts.count(value, least, most, store.decimal)


def pieces(most: int) -> Parse:
    """How many there are."""
    return lambda value, store: amounts.pieces(value, most, store.decimal)


def rate(value: Any, _: StoreContext) -> int:
    """`13`, `13%`, `9.5 %`: in hundredths of a percent."""
    return amounts.rate(value)


def stars(value: Any, _: StoreContext) -> float:
    """A mean of reviews, to one decimal."""
    return amounts.stars(value)


def size(value: Any, _: StoreContext) -> Size:
    """`950 ml`, `1.5kg`, `6 x 330 ml`, `330ml*6`, `15 枚`, `1kg/袋`."""
    return _size(str(value)[:LONGEST_SIZE])


@lru_cache(4096)
def _size(value: str) -> Size:
    words = plain(value).partition("/")[0].removeprefix("约").strip(" ()")
    found = _SIZE.fullmatch(words)
    packs, amount, unit = found.groups() if found else (None, None, None)
    if found is None and (turned := _SIZE_FIRST.fullmatch(words)):
        amount, unit, packs = turned.groups()
    if amount is None or unit is None or unit.lower() not in UNITS:
        raise BadValue("a size such as 950 ml, 1.5 kg, 6 x 330 ml or 15 pieces")
    many, amount = int(packs or 1), amount.replace(",", ".")
    if float(amount) <= 0 or not 1 <= many <= MAX_PACKS:
        raise BadValue("a size above nothing")
    meant = UNITS[unit.lower()]
    if meant in ("g", "ml", "piece") and _THOUSANDS.fullmatch(amount):
        whole = amount.replace(".", "")
        raise BadValue(f"a size that can be read one way: write {whole} {unit} or {float(amount):g} {unit}")
    counts = meant == "piece" and not unit.isascii() and unit != "件" and "\u4e00" <= unit[0] <= "\u9fff"
    return Size(amount, meant, many, counter=unit if counts else "")


def weight(value: Any, store: StoreContext) -> Fraction | None:
    """Grams of the unit that a price is for, `斤`, `500g`, `lb`; 0 where nobody can tell, none of pieces."""
    found = _WEIGHT.fullmatch(plain(value).lower())
    if found is None:
        return None
    if found[2] in ("斤", "两") and store.currency != "CNY":
        return Fraction(0)  # of Hong Kong, of Taiwan …
    if found[1] is None and found[2] in ("g", "gr", "克"):
        return Fraction(0)  # hardly the price of one gram
    return int(found[1] or 1) * next(grams for words, grams in _GRAMS.items() if found[2] in words.split())


def names_weight(word: str) -> bool:
    """Whether it is a weight that a price may be for."""
    return _WEIGHT.fullmatch(plain(word).lower()) is not None


def one_of(known: Callable[[StoreContext], frozenset[str]], what: str) -> Parse:
    """One word of a closed list."""

    def parse(value: Any, store: StoreContext) -> str:
        word = str(value).strip()
        words = known(store)
        if word not in words:
            meant = did_you_mean(word, words)
            raise BadValue(f"{what}: did you mean {meant!r}?" if meant else f"{what}: {', '.join(sorted(words))}")
        return word

    return parse


def listed(parse_one: Parse) -> Parse:
    """Several of them, apart by spaces, commas, semicolons or bars, or a JSON list."""

    def parse(value: Any, store: StoreContext) -> tuple[str, ...]:
        words = value if isinstance(value, list) else [word for word in _LIST.split(str(value)) if word]
        if len(words) > MAX_LISTED:
            raise BadValue(f"at most {MAX_LISTED}, found {len(words)}")
        return tuple(dict.fromkeys(parse_one(word, store) for word in words))

    return parse


def day(value: Any, _: StoreContext) -> str:
    """A day, as an ISO date."""
    return dates.day(value).isoformat()


def moment(*, end: bool) -> Parse:
    """A date (from its first, or until its last moment, in the store's time zone) or a time with its zone."""
    return lambda value, store: dates.moment(value, store.zone, end=end)


_YES: Final = frozenset(
    ("yes", "true", "1", "y", "t", "on", "ja", "oui", "x", "√", "✓", "✔", "是", "有", "在售", "上架", "有货", "正常")
)
_NO: Final = frozenset(
    (
        "no",
        "false",
        "0",
        "n",
        "f",
        "off",
        "nein",
        "non",
        "×",
        "✗",
        "✘",
        "否",
        "无",
        "停售",
        "下架",
        "无货",
        "缺货",
        "停用",
    )
)


def yes(value: Any, _: StoreContext) -> bool:
    """Yes or no."""
    word = plain(value).lower()
    if word in _YES or word in _NO:
        return word in _YES
    raise BadValue("yes or no")


def picture(value: Any, _: StoreContext) -> str:
    """The name of a file; never a path."""
    if not isinstance(value, str) or not _PICTURE.fullmatch(value.strip()):
        raise BadValue("the name of a .jpg, .png or .webp file in the catalogue's pictures folder")
    return value.strip()


def address(value: Any, _: StoreContext) -> str:
    """Of a page that phones can open."""
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value.strip()):
        raise BadValue("an address that begins with https://, of at most 300 letters")
    return value.strip()


def structs(kind: Any, example: str, check: Callable[[Any], None]) -> Parse:
    """A JSON list of parts; JSON Lines only."""

    def parse(value: Any, _: StoreContext) -> Any:
        try:
            found = msgspec.convert(value, tuple[kind, ...])
        except msgspec.ValidationError as error:
            raise BadValue(f"a list such as {example} ({error})") from None
        if len(found) > MAX_PARTS:
            raise BadValue(f"at most {MAX_PARTS}, found {len(found)}")
        for part in found:
            check(part)
        return found

    return parse

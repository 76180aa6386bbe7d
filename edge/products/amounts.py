"""Numbers as tills and spreadsheets write them: money, counts, bar codes. What can be read two ways is refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, Final

from edge.products.mistakes import BadValue
from gs1.trade import LENGTHS, checks, gtin14
from words.countries import CURRENCIES

MAX_MONEY: Final = 10_000_000_00
LONGEST: Final = 40
"""Signs of a number with everything around it."""

INVISIBLE: Final = dict.fromkeys(
    [
        0xAD,
        0x61C,
        0x115F,
        0x1160,
        0x3164,
        0xFFA0,
        0x180E,
        0x200B,
        0x200E,
        0x200F,
        0x2060,
        0xFEFF,
        *range(0x202A, 0x202F),
        *range(0x2066, 0x2070),
        *range(0xFFF9, 0xFFFD),
    ]
)
"""Signs that show nothing and mean nothing in a table."""
_RAISED: Final = re.compile("[²³¹⁰-₉①-⒛⓪-⓿❶-➓㉑-㉟㊱-㊿]")
"""Digits that are no digits of the number: `12⁹⁰` is not 1290, and the ¹ of a footnote not 1."""
_SIGNS: Final = {
    "CNY": "¥ 元 圆 RMB", "JPY": "¥ 円", "EUR": "€", "USD": "$ US$", "GBP": "£", "HKD": "$ HK$ 元", "TWD": "$ NT$ 元",
    "SGD": "$ S$", "AUD": "$ A$", "CAD": "$ C$", "KRW": "₩", "MOP": "$ 元",
}  # fmt: skip
SIGNS: Final = frozenset((*_SIGNS, *(each for known in _SIGNS.values() for each in known.split())))
"""Codes and signs of the currencies that tables are written in."""
_AMOUNT: Final = re.compile(r"(?P<whole>\d{1,15}|\d{1,3}(?:(?P<group>[.,' ])\d{3})(?:(?P=group)\d{3})*)?"
                            r"(?:(?P<sign>[.,])(?P<rest>\d*))?")  # fmt: skip
_USUAL: Final = re.compile(r"([0-9]{1,7})(?:\.([0-9]{1,2}))?")
_LIKE_EXPONENT: Final = re.compile(r"\d(?:[.,]\d+)?e[+-]?\d+", re.IGNORECASE)
_DECIMAL: Final = re.compile(r"\D*(?:\d+([.,])\d{1,2}|(?:0|\d{4,})([.,])\d{3})\D*")
_THIRDS: Final = re.compile(r"\D*\d+([.,])\d{3}\D*")
_GROUPED: Final = re.compile(r"\d{1,3}(?:(,|\.)\d{3})(?:\1\d{3}){2,3}")
_NO_CENTS: Final = re.compile(r"(?<=\d[.,])(?:--?|[\u2012-\u2015])(?=[^\d.,+-]*$)")
"""`5,-`, `5,–`, `5.--`; a minus behind the cents is that of a till, and refused."""
_DRESS: Final = "='\"`\t"
"""What spreadsheets, and bills of payment, put before a number so that it stays text."""
_CODE_GAPS: Final = re.compile(r"(?<=\d)[\s\-\u2010-\u2015'\u2019](?=\d)")
_ITEM: Final = re.compile(r"\(01\)\s*(?=\d{8,14}$)")
"""The sign of GS1 that a GTIN follows."""
_ADD_ON: Final = re.compile(r"(97[789]\d{10}|\d{13}(?=\D))[\s+|\-\u2010-\u2015]*(?:\d{2}|\d{5})")
"""The two or five digits beside an EAN-13: the issue of a magazine, the price of a book."""
_WHOLE_EXPONENT: Final = re.compile(r"(\d)[.,](\d{7,13})e\+?(\d\d?)", re.IGNORECASE)
"""A bar code as an amount: with all its digits nothing is lost."""


def plain(value: Any) -> str:
    """A cell's text without what cannot be seen and what is put around it: `="…"`, an apostrophe or accent in front."""
    text = str(value).strip()
    if text.isalnum() and text.isascii():
        return text
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _RAISED.sub("^", text)).translate(INVISIBLE).strip()
    return _undressed(text) if text[:1] in _DRESS else text


def _undressed(text: str) -> str:
    return text.removeprefix("=").strip('"').lstrip("'`\t").strip()


def money(value: Any, decimals: int, currency: str, decimal: str = ".") -> int:
    """`12.90`, `12,90`, `¥12.90`, `1,290.00`, `12.90元`: in the smallest unit, or `BadValue`.

    `decimal` stands before decimals where the file tells: it says what `1,290` is.
    """
    if isinstance(value, str) and (usual := _USUAL.fullmatch(value)) and len(usual[2] or "") <= decimals:
        return int(usual[1] + (usual[2] or "").ljust(decimals, "0"))
    expected = f"an amount such as {'12.90' if decimals else '1290'}"
    if isinstance(value, bool):
        raise BadValue(expected)
    whole, rest = _parts(_without_currency(plain(value), currency, expected), decimals, decimal, expected)
    rest = rest.rstrip("0") if len(rest) > decimals else rest
    if len(rest) > decimals:
        raise BadValue(f"{expected}, with at most {decimals} decimals")
    amount = int(re.sub(r"\D", "", whole) + rest.ljust(decimals, "0"))
    if amount > MAX_MONEY:
        raise BadValue(f"{expected}, from 0 to {MAX_MONEY // 10**decimals}")
    return amount


def _parts(text: str, decimals: int, decimal: str, expected: str) -> tuple[str, str]:
    """What stands before and behind the decimal sign. Raises `BadValue`."""
    text = re.sub("[\u2019\u00b4`]", "'", re.sub(r"\s", " ", text))
    if _LIKE_EXPONENT.fullmatch(text):
        raise BadValue(f"{expected}, all its digits written out")
    found = _AMOUNT.fullmatch(text) if len(text) <= LONGEST and text.strip(".,' ") else None
    if found is None or (found["group"] and found["group"] == found["sign"]):
        raise BadValue(expected)
    whole, rest = found["whole"] or "0", found["rest"] or ""
    group, sign = found["group"], found["sign"]
    if (group and group in ".," and not sign and whole.count(group) == 1) or (sign and len(rest) == 3 and not group):
        return _three_behind(text, group or sign, decimals, decimal, expected)
    return whole, rest


def _three_behind(text: str, sign: str, decimals: int, decimal: str, expected: str) -> tuple[str, str]:
    """What `1,290` is: one thousand where a comma parts thousands; refused where it may be a bit more than one."""
    whole, _, rest = text.partition(sign)
    if decimals == 3 and sign == decimal:
        return whole, rest
    if not decimals and sign == "," and not decimal and re.fullmatch(r"[1-9]\d{0,2}", whole):
        return whole + rest, ""  # nobody writes thousandths of a yen
    if decimal and sign != decimal and re.fullmatch(r"[1-9]\d{0,2}", whole) and decimals != 3:
        return whole + rest, ""
    if decimal == sign and rest.endswith("0"):
        return whole, rest
    told = [f"{whole}{rest}"] if whole.strip("0") else []
    told += [f"{whole}.{rest[:decimals]}"] if decimals else []
    raise BadValue(f"{expected}, with at most {decimals} decimals: write {' or '.join(told or ['0'])}")


def _without_currency(text: str, currency: str, expected: str) -> str:
    """The number alone. Raises `BadValue` for a currency that is not the store's."""
    text = _NO_CENTS.sub("", text)
    found = re.fullmatch(r"([^\d.,+-]*)(.*?\d[.,]?)([^\d.,+-]*)", text, re.DOTALL)
    if found is None:
        return text
    signs = [sign.strip() for sign in (found[1], found[3]) if sign.strip()]
    for sign in signs:
        if not {sign, sign.upper()} & {*_SIGNS.get(currency, "").split(), currency}:
            raise BadValue(f"{expected} in {currency}" if is_foreign(sign, currency) else expected)
    return found[2] if signs or not found[3] else text


def is_foreign(sign: str, currency: str) -> bool:
    """Whether it is another currency's code or sign."""
    word = sign.strip().upper()
    return word in (SIGNS | CURRENCIES) - {*_SIGNS.get(currency, "").split(), currency}


def decimal_sign(cells: Iterable[str], decimals: int = 2) -> str:
    """What stands before decimals in a column of prices: `.`, `,`, or empty where some are written so and some so."""
    prices = list(filter(None, map(plain, cells)))
    signs = {found[1] or found[2] for each in prices if (found := _DECIMAL.fullmatch(each))}
    if decimals == 3 and not signs:
        thirds = [_THIRDS.fullmatch(each) for each in prices]  # a list in which nothing costs less than a thousand?
        signs = {found[1] for found in thirds if found} if all(thirds) else set()
    return signs.pop() if len(signs) == 1 else ""


def barcode(value: Any) -> str | None:
    """A bar code's number in 14 digits, however a spreadsheet treated it; none where it is none."""
    text = _digits(value)
    return _gtin(text) if text.isdigit() and text.strip("0") else None


def gtin(value: Any) -> str:
    """As `barcode`. Raises `BadValue` with what to do."""
    text = _digits(value)
    if text.isdigit() and not text.strip("0"):
        raise BadValue("a bar code, found zeros alone, as tills write for none")
    if (usual := gtin14(text)) is not None:
        return usual
    if _LIKE_EXPONENT.fullmatch(text):
        raise BadValue("all digits of the code, which a spreadsheet has cut: make the column text and export it again")
    found = _gtin(text) if text.isascii() and text.isdigit() else None
    if found is None:
        lengths = ", ".join(map(str, LENGTHS[:-1])) + f" or {LENGTHS[-1]}"
        written = plain(value)
        hint = f": did you mean {written}?" if written != str(value).strip() and barcode(written) else ""
        raise BadValue(f"{lengths} digits, the last one the right check digit{hint}")
    return found


def _digits(value: Any) -> str:
    text = str(value).strip()
    if text.isdigit() and text.isascii() and len(text) <= LENGTHS[-1]:
        return text
    text = text.translate(INVISIBLE).strip()
    if text[:1] in _DRESS:
        text = _undressed(text)
    if (beside := _ADD_ON.fullmatch(text)) and checks(beside[1]):
        return beside[1]
    text = _ITEM.sub("", _CODE_GAPS.sub("", text))
    if _GROUPED.fullmatch(text):
        text = text.replace(text[-4], "")  # a spreadsheet took it for an amount
    if (whole := _WHOLE_EXPONENT.fullmatch(text)) and len(whole[2]) == int(whole[3]):
        return whole[1] + whole[2]
    text = re.sub(r"[.,]0{1,3}$", "", text)
    return text.lstrip("0") if len(text) > LENGTHS[-1] and text.isdigit() else text  # an ERP fills up its numbers


def _gtin(digits: str) -> str | None:
    """Spreadsheets take zeros from the front of a number: some of a UPC, one of a GTIN-8."""
    found = gtin14(digits)
    if found is None and not digits.startswith("0"):
        found = (
            gtin14(digits.zfill(12)) if 9 <= len(digits) <= 11 else gtin14(f"0{digits}") if len(digits) == 7 else None
        )
    return found


def count(value: Any, least: int, most: int, decimal: str = ".") -> int:
    """A whole number: `1,234`, `12.0` and `12` are; `1.000` is one or a thousand, as `decimal` says."""
    expected = f"a whole number from {least} to {most}"
    text = _unambiguous(plain(value), decimal, expected)
    group, point = (".", ",") if decimal == "," else (",", ".")
    digits = re.sub(rf"{re.escape(point)}0+$|[.,]0{{1,2}}$", "", text)
    if re.fullmatch(rf"[1-9]\d{{0,2}}([{group} ]\d{{3}})+", digits):
        digits = re.sub(r"\D", "", digits)
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,9}", digits) or not least <= int(digits) <= most:
        raise BadValue(expected)
    return int(digits)


def pieces(value: Any, most: int, decimal: str = ".") -> int:
    """How many there are, as tills count: `12`, `3.5` of what is weighed, below 0 where more was sold than came.

    `decimal`: as in `money`; the other sign parts thousands, where three digits stand behind it.
    """
    expected = f"a number of pieces from 0 to {most}"
    text = _unambiguous(plain(value), decimal, expected)
    if re.fullmatch(r"-?[1-9]\d{0,2}([.,])\d{3}(\1\d{3})*(?!\1)([.,]\d+)?", text):
        group = re.sub(r"[-\d]", "", text)[0]
        text = text.replace(group, "") if group != (decimal or ".") else text
    text = text.replace(",", ".")
    if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,9}(\.\d+)?", text):
        raise BadValue(expected)
    return min(most, max(0, int(text.partition(".")[0] or 0)))


def _unambiguous(text: str, decimal: str, expected: str) -> str:
    """The same. Raises `BadValue` for a number like `1.234` where nothing tells what a point is."""
    if not decimal and re.fullmatch(r"-?[1-9]\d{0,2}\.\d{3}", text):
        raise BadValue(f"{expected} that can be read one way: write {text.replace('.', '')} or {float(text):g}")
    return text


def rate(value: Any) -> int:
    """A rate in percent, in hundredths of a percent: `13`, `13%`, `9,5 %`. `0.13` may be either and is refused."""
    found = re.fullmatch(r"(\d{1,2})(?:[.,](\d{1,2}))?\s*(%)?", plain(value))
    if found is None or isinstance(value, bool):
        raise BadValue("a rate in percent, such as 13 or 9.5")
    points = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
    if 0 < points < 100 and not found[3]:
        raise BadValue(f"a rate in percent: write {points} for {points} %, or {points / 100:g}%")
    return points


def stars(value: Any) -> float:
    """A mean of reviews, to one decimal: `4.8`, `4,8`, `4.8/5`."""
    found = re.fullmatch(r"(\d(?:[.,]\d{1,9})?)(?:\s*/\s*5|\s*[星分])?", plain(value))
    mean = float(found[1].replace(",", ".")) if found and not isinstance(value, bool) else 0.0
    if not 1 <= mean <= 5:
        raise BadValue("a number from 1 to 5")
    return round(mean, 1)

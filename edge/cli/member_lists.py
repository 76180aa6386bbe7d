"""Reads a list of members that another system wrote: number, card, points; CSV of any dialect, every bad line named."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from edge.domain.members.phones import parse_phone
from edge.errors import Refusal
from edge.products.lines import ProductFile
from edge.products.mistakes import BadFile, Mistake

HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "number": (
        "number",
        "phone",
        "mobile",
        "tel",
        "telephone",
        "手机",
        "手机号",
        "手机号码",
        "电话",
        "电话号码",
        "号码",
    ),
    "card": ("card", "card number", "card no", "卡号", "会员卡", "会员卡号", "会员号"),
    "points": ("points", "积分", "当前积分", "可用积分", "剩余积分"),
}
SEPARATORS: Final = ",;\t|，；"
LONGEST_CARD: Final = 40
MAX_POINTS: Final = 1_000_000_000
_WHY: Final = {
    "empty": "no digits",
    "letters": "letters among the digits",
    "short": "too few digits",
    "long": "too many digits",
    "landline": "a landline",
    "service": "no mobile number",
    "two": "two numbers",
    "shortened": "a number that a spreadsheet has shortened: format the column as text",
    "unknown": "no number that exists",
}


class Listed(msgspec.Struct, frozen=True):
    """One good line."""

    line: int
    number: str
    """In E.164."""
    card: str
    points: int


class MemberList:
    """One file. Iterating gives a `Listed` or a `Mistake` for each line behind the heading."""

    def __init__(self, path: Path, region: str) -> None:
        """Raises `BadFile`, `OSError`."""
        self._source = ProductFile(path, ".csv")
        self._region = region
        self.ignored: list[str] = []
        """Columns that mean nothing here."""

    @property
    def encoding(self) -> str:
        """What the file was read as."""
        return self._source.encoding.said

    def __iter__(self) -> Iterator[Listed | Mistake]:
        lines = self._source.texts()
        separator, places = self._heading(lines)
        seen: dict[str, int] = {}
        for number, text in lines:
            found = text if isinstance(text, Mistake) else self._line(number, text, separator, places)
            if isinstance(found, Listed):
                first = seen.setdefault(found.number, number)
                if first != number:
                    found = Mistake(number, "number", "…", f"each number once: it stands in line {first} already")
            yield found

    def _heading(self, lines: Iterator[tuple[int, str | Mistake]]) -> tuple[str, dict[str, int]]:
        for number, text in lines:
            if isinstance(text, Mistake):
                raise BadFile(str(text))
            if text.strip().strip('"').lower().startswith("sep="):
                continue
            separator, places = max(
                ((sign, _named(text, sign)) for sign in SEPARATORS), key=lambda found: len(found[1])
            )
            if "number" not in places:
                expected = "a heading with a column of numbers, such as number,card,points or 手机号,卡号,积分"
                raise BadFile(f"line {number}: expected {expected}")
            cells = _cells(text, separator)
            self.ignored = [cell for place, cell in enumerate(cells) if place not in places.values() and cell.strip()]
            return separator, places
        raise BadFile("the file is empty")

    def _line(self, line: int, text: str, separator: str, places: dict[str, int]) -> Listed | Mistake:
        cells = _cells(text, separator)
        if len(cells) <= places["number"]:
            return Mistake(line, "", "…", f"{max(places.values()) + 1} columns, found {len(cells)}")
        values = {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}
        try:
            number = parse_phone(values["number"], self._region)
        except Refusal as refusal:
            why = _WHY.get(str(refusal.details.get("reason")), "no mobile number")
            return Mistake(line, "number", "…", f"a mobile number, found {why}")
        card = values.get("card", "")
        if len(card) > LONGEST_CARD:
            return Mistake(line, "card", "…", f"at most {LONGEST_CARD} characters, found {len(card)}")
        points = _points(values.get("points", ""))
        if points is None:
            return Mistake(line, "points", values["points"][:20], "a whole number from 0 on")
        return Listed(line, number, card, points)


def _named(text: str, separator: str) -> dict[str, int]:
    """Field → place of its column."""
    places: dict[str, int] = {}
    for place, cell in enumerate(_cells(text, separator)):
        word = " ".join(cell.replace("_", " ").replace(".", "").lower().split())
        for field, words in HEADINGS.items():
            if word in words:
                places.setdefault(field, place)
    return places


def _cells(text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=separator, strict=True), [])
    except csv.Error:
        return [cell.strip().strip('"') for cell in text.split(separator)]


def _points(text: str) -> int | None:
    plain = "".join(text.replace("\N{NO-BREAK SPACE}", "").split()).replace(",", "").replace("'", "")
    whole, _, rest = plain.partition(".")
    if not plain:
        return 0
    if not (whole.isascii() and whole.isdigit()) or rest.strip("0") or int(whole) > MAX_POINTS:
        return None
    return int(whole)

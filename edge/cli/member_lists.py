"""Reads a list of members that another system wrote: number, card, points; CSV of any dialect, every bad line named."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from edge.domain.members.phones import parse_phone
from edge.errors import Refusal
from edge.products.amounts import count as whole_number
from edge.products.amounts import decimal_sign
from edge.products.columns import known_as
from edge.products.file_kinds import kind_of
from edge.products.lines import LOOKED_AT, RecordFile
from edge.products.mistakes import BadFile, BadValue, Mistake
from edge.products.table import Kind, Row, Table
from edge.products.values import nothing, plain
from edge.secrets.vault import card_number

_WORDS: Final = {
    "number": """手机号 手机号码 手机 会员手机号 会员手机 联系手机 移动电话 mobile mobilenumber mobileno
        mobilephone cellphone cell handy handynummer mobil mobilnummer mobiltelefon portable phone phonenumber
        phoneno 联系电话 会员电话 电话 电话号码 联系方式 tel telephone telephonenumber telno telefon telefonnummer
        telefonnr rufnummer téléphone contactnumber number 号码""",
    "card": """会员卡号 会员卡 卡号 会员卡编号 会员号 会员编号 card cardnumber cardno membercard membershipcard
        membercardnumber loyaltycard loyaltycardnumber loyaltynumber membernumber memberno membershipnumber karte
        kartennummer kartennr kundenkarte kundenkartennummer kundennummer mitgliedsnummer carte numérodecarte""",
    "points": """可用积分 当前积分 剩余积分 积分余额 现有积分 会员积分 积分 availablepoints currentpoints
        pointsbalance pointbalance loyaltypoints points punktestand treuepunkte bonuspunkte punkte""",
}
"""What other systems call the columns; of two that a file has, the one that stands first here."""
_FIELD_OF: Final = {word: field for field, words in _WORDS.items() for word in words.split()}
_RANK: Final = {word: rank for rank, word in enumerate(_FIELD_OF)}
_SHORTENED: Final = re.compile(r"\d([.,]\d+)?E\+\d{2}", re.IGNORECASE)
"""What spreadsheets make of a number of many digits."""
_AMOUNT: Final = re.compile(r"(\d+)[.,]0")
"""A number with the decimal that a column of amounts gives it."""
_NO_CARD: Final = frozenset(("无", "無", "没有", "暂无", "KEINE", "AUCUNE", "NA"))
"""What stands in the place of a card's number, beside what tills write into any empty field."""
LONGEST_CARD: Final = 40
MAX_POINTS: Final = 999_999_999
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
    """One file. Iterating gives a `Listed` or a `Mistake` for each line behind the heading; none repeats a number."""

    def __init__(self, path: Path, region: str) -> None:
        """Raises `BadFile`, `OSError`."""
        if kind_of(path) != ".csv":
            raise BadFile(f"{path.name}: expected a table, CSV")
        self._source = RecordFile(path, ".csv")
        self._region = region
        self.ignored: list[str] = []
        """Columns that mean nothing here."""

    @property
    def encoding(self) -> str:
        """What the file was read as."""
        return self._source.encoding.said

    def __iter__(self) -> Iterator[Listed | Mistake]:
        kind = Kind("a member", _meaning, lambda found: any(each.field == "number" for each in found), self._is_number)
        table = Table(self._source.texts(), kind)
        places = self._places(table)
        rows = table.rows(len(table.named), places["number"])
        looked_at = list(itertools.islice(rows, LOOKED_AT))
        decimal = decimal_sign(_cell(row, places, "points") for _, row in looked_at if not isinstance(row, Mistake))
        longest = table.longest(row for _, row in looked_at)
        seen: dict[tuple[str, str], int] = {}
        for line, row in itertools.chain(looked_at, rows):
            if isinstance(row, Mistake):
                yield _hushed(row)
            elif not table.says_nothing(row, places["number"]):
                if len(row) > longest or any(cell.strip() for cell in row[len(table.named) :]):
                    said = f"{len(table.named)} columns, found {len(row)}: a separator within a cell needs quotes"
                    yield Mistake(line, "", "…", said)
                    continue
                found = self._member(line, row, places, decimal)
                yield _seen_before(seen, found) or found if isinstance(found, Listed) else found

    def _places(self, table: Table) -> dict[str, int]:
        """Field → place of its column. Raises `BadFile` where none is that of the numbers."""
        columns = table.heading()
        if columns is None:
            raise BadFile(str(_hushed(table.unread[0])) if table.unread else "the file is empty")
        places: dict[str, int] = {}
        for place in sorted(range(len(columns)), key=lambda place: _rank(columns[place].heading)):
            heading, field = columns[place].heading, columns[place].field
            other = columns[places.setdefault(field, place)].heading if field else heading
            if field and places[field] != place and _rank(other) == _rank(heading):
                both = f"columns {other!r} and {heading!r} both mean {field!r}"
                raise BadFile(f"line {table.line}: {both}: delete or rename one")
        if "number" not in places:
            expected = "a heading with a column of numbers, such as number,card,points or 手机号,卡号,积分"
            raise BadFile(f"line {table.line}: expected {expected}")
        self.ignored = [each.heading for place, each in enumerate(columns) if place not in places.values()]
        self.ignored = [heading for heading in self.ignored if heading]
        return places

    def _is_number(self, cell: str) -> bool:
        try:
            return bool(parse_phone(cell, self._region))
        except Refusal:
            return False

    def _member(self, line: int, row: Row, places: dict[str, int], decimal: str) -> Listed | Mistake:
        try:
            number = parse_phone(_cell(row, places, "number"), self._region)
            card = _cell(row, places, "card")
            card = amount[1] if (amount := _AMOUNT.fullmatch(card)) else card
            card = "" if _no_card(card) else card
            if wrong := _wrong_card(card):
                return Mistake(line, "card", "…", wrong)
            points = _cell(row, places, "points")
            return Listed(line, number, card, 0 if nothing(points) else whole_number(points, 0, MAX_POINTS, decimal))
        except Refusal as refusal:
            why = _WHY.get(str(refusal.details.get("reason")), "no mobile number")
            return Mistake(line, "number", "…", f"a mobile number, found {why}")
        except BadValue as bad:
            return Mistake(line, "points", points[:20], bad.expected)


def _meaning(heading: str) -> str:
    return known_as(heading, _FIELD_OF) or ""


def _rank(heading: str) -> int:
    found = known_as(heading, _RANK)
    return len(_RANK) if found is None else found


def _cell(row: Row, places: dict[str, int], field: str) -> str:
    place = places.get(field, len(row))
    return plain(row[place]) if place < len(row) else ""


def _no_card(text: str) -> bool:
    """Whether this says that there is no card: else the first of many would have the card of all."""
    number = card_number(text)
    return nothing(text) or not number.strip("0") or number in _NO_CARD


def _wrong_card(text: str) -> str:
    """What is expected in the place of such a card's number; empty where it is one."""
    if len(text) > LONGEST_CARD:
        return f"at most {LONGEST_CARD} characters, found {len(text)}"
    if _SHORTENED.fullmatch(text):
        return "a card's number, found one that a spreadsheet has shortened: format the column as text"
    return ""


def _seen_before(seen: dict[tuple[str, str], int], found: Listed) -> Mistake | None:
    """A number or a card stands in a list once."""
    for field, value in (("number", found.number), ("card", card_number(found.card))):
        first = seen.setdefault((field, value), found.line) if value else found.line
        if first != found.line:
            return Mistake(found.line, field, "…", f"each {field} once: it stands in line {first} already")
    return None


def _hushed(mistake: Mistake) -> Mistake:
    """Without what stands in the line: it may be somebody's number."""
    return msgspec.structs.replace(mistake, value="…")

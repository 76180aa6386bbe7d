"""Reads a file of products line by line, CSV or JSON Lines, whatever its size and however dirty.

Lines end as Windows, macOS, Linux or an old Mac end them, in one file or mixed. A cell in quotes may go over several
lines; a quote that is never closed costs its own line and no other.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from edge.products import columns
from edge.products.amounts import decimal_sign, is_foreign
from edge.products.columns import Column
from edge.products.encodings import WESTERN, Encoding, detect
from edge.products.fields import FIELDS, UNIT
from edge.products.file_kinds import kind_of
from edge.products.mistakes import BadFile, Mistake, did_you_mean, short
from edge.products.spelling import DAMAGE, odd_word
from edge.products.table import LONGEST_LINE, Row, Table
from edge.products.values import barcode, nothing, plain
from words.countries import decimals

SAMPLE: Final = 64 * 1024
"""Bytes that are read at a time."""
LOOKED_AT: Final = 200
"""Rows that are looked at to tell what a column is."""
SAVE: Final = "save it as UTF-8 (in Excel: CSV UTF-8)"

Record = dict[str, Any]
_AMOUNT: Final = re.compile(r"\D{0,4}\d{1,6}[.,]\d{1,3}\D{0,4}")
_PRICED: Final = re.compile(r"\D{0,4}\d[\d.,' ]{0,12}\D{0,4}")
_NEEDED: Final = frozenset(("gtin", "name", "name_zh", "name_en", "name_de", "price"))
"""What a row has at least; a spreadsheet leaves empty cells at its end away."""


class RecordFile:
    """One file. Iterating gives `(line, record)`, or `(line, mistakes)` for a line that is none."""

    def __init__(self, path: Path, kind: str | None = None, currency: str = "CNY") -> None:
        """`kind`: `.csv` or `.jsonl`, where the name does not tell; `currency`: that of prices.

        Raises `BadFile`, `OSError`.
        """
        self.path = path
        self._currency = currency
        self.size = path.stat().st_size
        self.offset = 0
        """Bytes read so far."""
        self.encoding: Encoding = detect(path)
        self.decimal = "."
        """What stands before decimals in prices: `.`, `,`, or empty where the file does not tell."""
        self.notes: list[Mistake] = []
        """What is wrong with the headings and loses no product; of a table, known with its first row."""
        self.ignored: set[str] = set()
        """Columns that mean nothing here."""
        kinds = {".csv": self._csv, ".jsonl": self._jsonl}
        self._read = kinds[kind or kind_of(path)]

    def __iter__(self) -> Iterator[tuple[int, Record | list[Mistake]]]:
        with self.path.open("rb") as file:
            yield from self._read(file)

    def texts(self) -> Iterator[tuple[int, str | Mistake]]:
        """Its lines as they stand, for whoever reads another table of them."""
        with self.path.open("rb") as file:
            yield from self._lines(file)

    def _lines(self, file: BinaryIO) -> Iterator[tuple[int, str | Mistake]]:
        """Lines with something in them, numbered as an editor does."""
        for number, whole in self._raw(file):
            if whole is None:
                yield number, Mistake(number, "", "…", f"at most {LONGEST_LINE} bytes in a line")
                continue
            raw = whole.rstrip(b"\0\x1a")  # what fills up a file, and what ends one of DOS
            try:
                text = raw.decode() if raw.isascii() else self.encoding.decode(raw)
            except UnicodeDecodeError as error:
                yield number, self._undecoded(number, raw, error)
                continue
            if expected := _damaged(text):
                yield number, Mistake(number, "", short(text.replace("\0", "\\0")), expected)
            elif self.encoding.name in WESTERN and (word := odd_word(text)):
                name = self.encoding.said.upper()
                hint = f"; {word!r} is no word in it: {SAVE}"
                yield number, Mistake(number, "", short(text), f"text in {name}", hint=hint)
            elif text.strip():
                yield number, text

    def _undecoded(self, number: int, raw: bytes, error: UnicodeDecodeError) -> Mistake:
        name = self.encoding.said.upper()
        bad = f"byte 0x{raw[error.start]:02X} in column {error.start + 1}"
        return Mistake(
            number, "", short(raw[:200].decode("latin-1")), f"text in {name}", hint=f"; {bad} is none: {SAVE}"
        )

    def _raw(self, file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
        """Lines without their ends; None for one that is too long. Never more than a chunk and a line in memory."""
        number, rest, long = 0, b"", False
        for chunk in self.encoding.chunks(file, SAMPLE):
            self.offset = file.tell()
            *lines, rest = (rest + chunk).splitlines(keepends=True) or [b""]
            # What the chunk ends in may go on in the next, and `\r` may be the half of `\r\n`.
            if rest.endswith(b"\n"):
                lines, rest = [*lines, rest], b""
            for line in lines:
                number += 1
                yield number, None if long or len(line) > LONGEST_LINE else line.rstrip(b"\r\n")
                long = False
            if len(rest) > LONGEST_LINE:
                rest, long = b"", True
        if rest or long:
            yield number + 1, None if long else rest.rstrip(b"\r\n")

    def _csv(self, file: BinaryIO) -> Iterator[tuple[int, Record | list[Mistake]]]:
        table = Table(self._lines(file))
        names, first = self._heading(table)
        if self.notes:
            yield table.line, self.notes
        most = table.longest(row for _, row in first)
        needed = max((place for place, name in enumerate(names) if name in _NEEDED), default=0)
        places = [(place, name) for place, name in enumerate(names) if name]
        unit = columns.priced_per(table.shown[names.index("price")]) if "price" in names else ""
        at = names.index("gtin")
        for number, row in itertools.chain(first, table.rows(len(names), at)):
            if isinstance(row, Mistake):
                yield number, [row]
            elif table.says_nothing(row, at):
                continue
            elif len(row) > most or any(map(str.strip, row[len(names) :])):
                yield number, [Mistake(number, "", short(table.separator.join(row)), _too_many(table, names, row))]
            elif len(row) <= needed:
                expected = f"{len(names)} columns, found {len(row)}"
                yield number, [Mistake(number, "", short(table.separator.join(row)), expected)]
            else:
                record = {name: row[place] for place, name in places if place < len(row)}
                if unit and nothing(record.get(UNIT)):
                    record[UNIT] = unit
                yield number, record

    def _heading(self, table: Table) -> tuple[list[str], list[tuple[int, Row | Mistake]]]:
        """The field of each column, and the rows that were read to tell. Raises `BadFile`."""
        found = table.heading()
        if found is None:
            wrong = table.unread
            said = f"no line that can be read; the first mistake: {wrong[0]}" if wrong else "no product: it is empty"
            raise BadFile(f"{self.path.name} has {said}", wrong, len(wrong))
        first = list(itertools.islice(table.rows(len(found), _code_at(found)), LOOKED_AT))
        rows = [row for _, row in first if not isinstance(row, Mistake)]
        try:
            names = columns.chosen(found, rows)
        except BadFile as bad:
            hint = _no_heading(found)
            raise BadFile(f"{self.path.name}: {hint or bad}") from None
        self.ignored.update(
            column.heading for column, name in zip(found, names, strict=True) if not name and column.heading
        )
        self._priceless(table, names, rows)
        prices = [place for place, name in enumerate(names) if name in columns.PRICES]
        for heading in (table.shown[place] for place in prices):
            if is_foreign(columns.currency_of(heading), self._currency):
                raise BadFile(f"{self.path.name}: column {heading!r}: expected prices in {self._currency}")
        cells = (row[place] for row in rows for place in prices if place < len(row))
        self.decimal = decimal_sign(cells, decimals(self._currency))
        return names, first

    def _priceless(self, table: Table, names: list[str], rows: list[Row]) -> None:
        """Notes a column that looks like prices and is not known as one, where no other is."""
        at = names.index("gtin")
        rows = [row for row in rows if at < len(row) and row[at].strip()]
        for place, heading in enumerate(table.shown):
            cells = [plain(row[place]) for row in rows if place < len(row) and row[place].strip()]
            looks = _PRICED if columns.says_price(heading) else _AMOUNT
            if "price" not in names and not names[place] and cells and all(map(looks.fullmatch, cells)):
                expected = "a heading that is known, such as price: without one no product has a price"
                self.notes.append(Mistake(table.line, "price", short(heading), expected, left_out=True))

    def _jsonl(self, file: BinaryIO) -> Iterator[tuple[int, Record | list[Mistake]]]:
        decoder = msgspec.json.Decoder(dict[str, Any])
        for number, text in self._lines(file):
            if isinstance(text, Mistake):
                yield number, [text]
                continue
            try:
                record = decoder.decode(text)
                twice = _first_doubled_key(text) if text.count(":") > len(record) else ""
            except (msgspec.DecodeError, RecursionError) as error:
                yield number, [Mistake(number, "", short(text), f"one JSON object in a line ({error})")]
                continue
            if twice:
                yield (
                    number,
                    [Mistake(number, short(twice), short(text), f"each key once, found {short(twice)!r} twice")],
                )
                continue
            wrong = [*_escaped(number, record), *_rename_fields(number, record), *self._unknown(number, record)]
            yield number, wrong or record

    def _unknown(self, number: int, record: Record) -> Iterator[Mistake]:
        for name in [name for name in record if name not in FIELDS and name != UNIT]:
            value = record.pop(name)
            meant = did_you_mean(name, FIELDS)
            if meant:
                yield Mistake(number, short(name), short(value), f"a known field: did you mean {meant!r}?")
            elif len(self.ignored) < 100:
                self.ignored.add(short(name))


def _damaged(text: str) -> str:
    """What is expected in the place of a text that an earlier conversion has spoilt; empty where none has."""
    if (wrong := DAMAGE.search(text)) is None:
        return ""
    said = "a zero byte" if wrong[0] == "\0" else f"{wrong[0]}, what a wrong conversion leaves"
    return f"text; in column {wrong.start() + 1} stands {said}: export it again"


def _first_doubled_key(text: str) -> str:
    """The first key that an object of this line has twice: which of its values is meant, nobody knows."""
    found: list[str] = []

    def seen(pairs: list[tuple[str, object]]) -> None:
        found.extend(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)

    # What numbers are is not asked for; the line was read already.
    json.loads(text, object_pairs_hook=seen, parse_int=str, parse_float=str, strict=False)
    return found[0] if found else ""


def _escaped(number: int, record: Record) -> Iterator[Mistake]:
    """Damage that the line hid, because JSON has escapes for all letters."""
    for name, value in record.items():
        if isinstance(value, str) and (expected := _damaged(value)):
            yield Mistake(number, short(name), short(value.replace("\0", "\\0")), expected)


def _rename_fields(number: int, record: Record) -> Iterator[Mistake]:
    """Gives the fields their own names: the bar code before the store's own number, and no field two values."""
    known = {name: field for name in record if name not in FIELDS and (field := columns.field_of(name))}
    for name in sorted(known, key=lambda name: known[name] == "code"):
        value, own = record.pop(name), known[name] == "code"
        field = "gtin" if own else known[name]
        if nothing(record.get(field)):
            record[field] = value
            if field == "price" and (unit := columns.priced_per(name)):
                record.setdefault(UNIT, unit)
        elif not own and not nothing(value) and value != record[field]:
            yield Mistake(number, short(name), short(value), f"one {field!r}, found {short(record[field])} as well")


def _code_at(found: list[Column]) -> int:
    return next((place for place, column in enumerate(found) if column.field in ("gtin", "code")), 0)


def _no_heading(found: list[Column]) -> str:
    """A sentence for a table that begins with its first product."""
    if any(barcode(column.heading) is not None for column in found) and not columns.known(found):
        return "its first line is a product: put a line with the names of the columns above it, such as gtin,name,price"
    return ""


def _too_many(table: Table, names: list[str], row: Row) -> str:
    said = f"{len(names)} columns, found {len(row)}: a separator within a name or a price needs quotes around it"
    return said + (", and every column a name in the heading" if table.width > len(names) else "")

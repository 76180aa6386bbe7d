"""Reads a file of products line by line, CSV or JSON Lines, whatever its size and however dirty."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from edge.products.fields import ALIASES, FIELDS, NAMES
from edge.products.mistakes import BadFile, Mistake, did_you_mean, short

LONGEST_LINE: Final = 64 * 1024
"""Bytes. A longer line is no product."""
SAMPLE: Final = 256 * 1024
"""Bytes that are looked at to learn the encoding."""
PAIRED: Final = 0.98
"""Two-byte Chinese encodings have their high bytes in pairs; Latin-1 has them alone."""

Record = dict[str, Any]


class Source:
    """One file. Iterating gives `(line, record)`, or `(line, mistakes)` for a line that is none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size
        self.offset = 0
        """Bytes read so far."""
        self.encoding = _encoding(path)
        self.ignored: set[str] = set()
        """Columns that mean nothing here."""
        kinds = {".csv": self._csv, ".tsv": self._csv, ".jsonl": self._jsonl, ".ndjson": self._jsonl}
        if path.suffix.lower() not in kinds:
            raise BadFile(f"{path.name}: expected a file that ends in .csv or .jsonl")
        self._read = kinds[path.suffix.lower()]

    def __iter__(self) -> Iterator[tuple[int, Record | list[Mistake]]]:
        with self.path.open("rb") as file:
            yield from self._read(file)

    def _lines(self, file: BinaryIO) -> Iterator[tuple[int, str | Mistake]]:
        number = 0
        while raw := file.readline(LONGEST_LINE):
            number += 1
            self.offset += len(raw)
            if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
                self._skip_rest(file)
                yield number, Mistake(number, "", short(raw[:200]), f"at most {LONGEST_LINE} bytes in a line")
                continue
            if number == 1:
                raw = raw.removeprefix(b"\xef\xbb\xbf")
            try:
                text = raw.decode(self.encoding).strip("\r\n")
            except UnicodeDecodeError as error:
                found = short(raw[error.start : error.start + 20])
                yield number, Mistake(number, "", found, f"text in {self.encoding.upper()}")
                continue
            if text.strip():
                yield number, text

    def _skip_rest(self, file: BinaryIO) -> None:
        while rest := file.readline(LONGEST_LINE):
            self.offset += len(rest)
            if rest.endswith(b"\n"):
                return

    def _csv(self, file: BinaryIO) -> Iterator[tuple[int, Record | list[Mistake]]]:
        columns: list[str] | None = None
        delimiter = ","
        for number, text in self._lines(file):
            if isinstance(text, Mistake):
                yield number, [text]
                continue
            if columns is None:
                delimiter = max(",;\t", key=text.count)
                columns = self._columns(next(csv.reader([text], delimiter=delimiter)))
                continue
            try:
                values = next(csv.reader([text], delimiter=delimiter, strict=True))
            except csv.Error as error:
                yield number, [Mistake(number, "", short(text), f"a product in one line, quotes closed ({error})")]
                continue
            if len(values) != len(columns):
                expected = f"{len(columns)} columns, found {len(values)}"
                yield number, [Mistake(number, "", short(text), expected)]
                continue
            yield number, {name: value for name, value in zip(columns, values, strict=True) if name}

    def _columns(self, header: list[str]) -> list[str]:
        """The fields of the columns; empty for one that is ignored. Raises `BadFile` with every mistake."""
        names, wrong = [], []
        for column in header:
            word = column.strip().lower()
            name = ALIASES.get(word, word)
            if name in FIELDS:
                if name in names:
                    wrong.append(f"column {column!r} stands there twice")
                names.append(name)
                continue
            meant = did_you_mean(word, [*FIELDS, *ALIASES])
            if meant:
                wrong.append(f"column {column!r} is unknown: did you mean {meant!r}?")
            self.ignored.add(column.strip())
            names.append("")
        if "gtin" not in names:
            wrong.append("column 'gtin' is missing")
        if not NAMES & set(names):
            wrong.append("a name is missing: expected 'name', 'name_zh' or 'name_en'")
        if wrong:
            raise BadFile(f"{self.path.name}: " + "; ".join(wrong))
        return names

    def _jsonl(self, file: BinaryIO) -> Iterator[tuple[int, Record | list[Mistake]]]:
        decoder = msgspec.json.Decoder(dict[str, Any])
        for number, text in self._lines(file):
            if isinstance(text, Mistake):
                yield number, [text]
                continue
            try:
                record = decoder.decode(text)
            except (msgspec.DecodeError, RecursionError) as error:
                yield number, [Mistake(number, "", short(text), f"one JSON object in a line ({error})")]
                continue
            wrong = list(self._unknown(number, record))
            yield number, wrong or record

    def _unknown(self, number: int, record: Record) -> Iterator[Mistake]:
        for name in [name for name in record if name not in FIELDS]:
            value = record.pop(name)
            known = ALIASES.get(name.strip().lower())
            meant = did_you_mean(name, FIELDS)
            if known:
                record[known] = value
            elif meant:
                yield Mistake(number, short(name), short(value), f"a known field: did you mean {meant!r}?")
            elif len(self.ignored) < 100:
                self.ignored.add(short(name))


def _encoding(path: Path) -> str:
    """UTF-8, or GB18030 where the file clearly is. Raises `BadFile` for UTF-16."""
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    if sample[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise BadFile(f"{path.name} is in UTF-16: save it as UTF-8 (in Excel: CSV UTF-8)")
    # The sample may end within a letter.
    whole = sample[: sample.rfind(b"\n") + 1] or sample
    try:
        whole.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030" if _chinese(whole) else "utf-8"
    return "utf-8"


def _chinese(sample: bytes) -> bool:
    """Whether the bytes are GB2312, GBK or GB18030: they decode, and nearly all high bytes stand in pairs."""
    try:
        text = sample.decode("gb18030")
    except UnicodeDecodeError:
        return False
    han = sum("\u4e00" <= letter <= "\u9fff" for letter in text)
    foreign = sum(not letter.isascii() for letter in text)
    runs = [len(run) for run in _high_runs(sample)]
    even = sum(length % 2 == 0 for length in runs)
    return bool(runs) and even >= PAIRED * len(runs) and han >= 0.6 * foreign


def _high_runs(sample: bytes) -> list[bytes]:
    return bytes(byte if byte >= 0x80 else 0x20 for byte in sample).split()

"""Rows of a table, of lines: which line is the heading, what parts the cells, and which cells go over several lines."""

from __future__ import annotations

import csv
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Final, NamedTuple

from edge.products import columns
from edge.products.columns import SEPARATORS, Column
from edge.products.mistakes import BadFile, Mistake, short
from edge.products.values import barcode, plain

LONGEST_LINE: Final = 64 * 1024
"""Bytes. A longer line is no product."""
BEFORE: Final = 30
"""Lines that may stand before the heading: a title, a date, a hint for spreadsheets."""
HEADING: Final = 1_000_000
"""Worth of a line that names a bar code and a name."""
CELL: Final = 100
"""Lines that one cell may have."""

Row = list[str]


class Kind(NamedTuple):
    """What the rows of a table are."""

    one: str
    """A row, in a sentence."""
    meaning: Callable[[str], str]
    """The field that a heading names; empty for none."""
    is_heading: Callable[[Iterable[Column]], bool]
    """Whether a line names what is needed."""
    begins: Callable[[str], bool]
    """Whether a row begins where its first field is this."""


PRODUCTS: Final = Kind("a product", columns.field_of, columns.is_heading, lambda cell: barcode(cell) is not None)


class Table:
    """Rows of cells, of lines."""

    def __init__(self, lines: Iterator[tuple[int, str | Mistake]], kind: Kind = PRODUCTS) -> None:
        self._lines = lines
        self._kind = kind
        self._back: deque[tuple[int, str | Mistake]] = deque()
        self.separator = ","
        self.named: Row = []
        """The cells of the heading."""
        self.shown: Row = []
        """The same, without blanks around them."""
        self.width = 0
        """How many cells it has, with the empty ones behind the last name."""
        self._fields: list[str] = []
        """What each of them means."""
        self.line = 1
        """Where the heading stands."""
        self.unread: list[Mistake] = []
        """Lines that cannot be read, of those that may be the heading."""

    def heading(self) -> list[Column] | None:
        """The heading, and the separator by the way: the first line that names what is needed.

        Else the line that names most, so that a sentence can say what is wrong with it; none of an empty file.
        """
        seen: list[tuple[int, str | Mistake]] = []
        best: tuple[int, int, str, Row] | None = None
        given = ""
        for number, text in itertools.islice(self._next(), BEFORE):
            seen.append((number, text))
            if isinstance(text, Mistake):
                self.unread.append(text)
                continue
            if told := _separator_of(text):
                given = told
                continue
            worth, separator, row = self._best_heading(text, given)
            if best is None or worth > best[0]:
                best = (worth, len(seen), separator, row)
            if worth >= HEADING:
                break
        if best is None:
            return None
        _, place, self.separator, self.named = best
        self.line = seen[place - 1][0]
        self._put_back(seen[place:])
        self._heading(seen[place - 1][1], self.separator)  # the rest of a heading that goes over several lines
        self._named_below()
        self.width = len(self.named)
        while len(self.named) > 1 and not self.named[-1].strip():
            self.named = self.named[:-1]  # Excel's ghost columns
        self.shown = [cell.strip() for cell in self.named]
        found = columns.columns(self.named, self._kind.meaning)
        self._fields = [each.field for each in found]
        return found

    def _named_below(self) -> None:
        """Takes the names of a second line, where cells of the heading were merged: 价格 over 零售价 and 会员价."""
        line = next(self._next(), None)
        below = _cells(line[1], self.separator) if line and isinstance(line[1], str) else None
        pairs = list(itertools.zip_longest(self.named, below or [], fillvalue=""))
        means = [(self._kind.meaning(upper), self._kind.meaning(lower)) for upper, lower in pairs]
        if any(lower for _, lower in means) and all(
            not upper or upper == lower or not pair[1].strip()
            for pair, (upper, lower) in zip(pairs, means, strict=True)
        ):
            self.named = [lower if lower.strip() else upper for upper, lower in pairs]
        elif line:
            self._put_back([line])

    def _best_heading(self, text: str, given: str) -> tuple[int, str, Row]:
        """With the separator that Excel's line tells, or the best one where that makes no heading."""
        told = max((self._as_heading(text, sign) for sign in given), default=(0, "", []))
        return told if told[0] >= HEADING else max(self._as_heading(text, sign) for sign in SEPARATORS)

    def _as_heading(self, text: str, separator: str) -> tuple[int, str, Row]:
        """How good a heading it is with this separator, and its cells."""
        row, more = self._heading(text, separator)
        self._put_back(more)
        found = columns.columns(row, self._kind.meaning)
        return self._kind.is_heading(found) * HEADING + columns.known(found) * 100 + min(len(row), 99), separator, row

    def _heading(self, text: str | Mistake, separator: str) -> tuple[Row, list[tuple[int, str | Mistake]]]:
        """The cells of a heading, and the further lines that it took."""
        if isinstance(text, Mistake):
            return [], []
        row = _cells(text, separator)
        more: list[tuple[int, str | Mistake]] = []
        while row is None and len(more) < CELL:
            line = next(self._next(), None)
            if line is None:
                break
            more.append(line)
            if isinstance(line[1], Mistake):
                break
            text = f"{text}\n{line[1]}"
            row = _cells(text, separator)
        if row is None:
            self._put_back(more)
            return text.partition("\n")[0].replace('"', "").split(separator), []
        return row, more

    def rows(self, count: int, first: int) -> Iterator[tuple[int, Row | Mistake]]:
        """The rows behind the heading. `count`: its columns; `first`: which of them begins a row, such as the code."""
        for number, text in self._next():
            if isinstance(text, Mistake):
                yield number, text
                continue
            if '"' not in text:
                row: Row | None = text.split(self.separator)
            else:
                row = _cells(text, self.separator)
                if row is None and _open(text, self.separator):
                    row = self._over_lines(text, count, first)
            expected = f"{self._kind.one} in one line, with every quote closed"
            if not row or not self._is_heading(number, row, first):
                yield number, row or Mistake(number, "", short(text), expected)

    def _is_heading(self, number: int, row: Row, first: int) -> bool:
        """Whether it is the heading once more. Raises `BadFile` for another: what stands below it is another table."""
        cell = row[first] if first < len(row) else ""
        if cell[:1].isdigit() or not self._kind.meaning(cell):
            return False
        found = columns.columns(row, self._kind.meaning)
        if not self._kind.is_heading(found):
            return False
        fields = [each.field for each in found]
        if fields[: len(self._fields)] != self._fields or any(fields[len(self._fields) :]):
            raise BadFile(f"line {number} is another heading: put the table below it into a file of its own")
        return True

    def longest(self, rows: Iterable[Row | Mistake]) -> int:
        """How many cells a row may have. Empty ones behind the last name are nothing, but where others of these rows
        hold something there: `12,90` without quotes fills the cell of the stock, too.
        """
        long = [row for row in rows if not isinstance(row, Mistake) and len(row) > len(self.named)]
        return max(self.width, len(self.named)) if any(row[-1].strip() for row in long) else LONGEST_LINE

    def says_nothing(self, row: Row, first: int) -> bool:
        """Whether it is a line of totals, or one with nothing in it."""
        cell = row[first].strip() if first < len(row) else ""
        if cell[:1].isdigit():
            return False
        words = [word for each in row if (word := plain(each))]
        said = next((word for word in words if any(map(str.isalpha, word))), "")  # goods may be of a brand Total
        return not words or (not any(map(str.isdigit, cell)) and columns.is_total(said))

    def _over_lines(self, text: str, count: int, first: int) -> Row | None:
        """A row whose cell goes on in the next lines; none where the quote is simply never closed."""
        taken: list[tuple[int, str | Mistake]] = []
        for number, more in itertools.islice(self._next(), CELL):
            taken.append((number, more))
            if isinstance(more, Mistake) or len(text) > LONGEST_LINE or self._begins(more, count, first):
                break
            text = f"{text}\n{more}"
            row = _cells(text, self.separator)
            if row is not None:
                if len(row) == count or (len(row) > count and not any(map(str.strip, row[count:]))):
                    return row
                break
        self._put_back(taken)
        return None

    def _begins(self, text: str, count: int, first: int) -> bool:
        """Whether a line is a row of its own."""
        row = _cells(text, self.separator) or text.replace('"', "").split(self.separator)
        return len(row) >= count and self._kind.begins(row[first])

    def _next(self) -> Iterator[tuple[int, str | Mistake]]:
        while True:
            if self._back:
                yield self._back.popleft()
                continue
            line = next(self._lines, None)
            if line is None:
                return
            yield line

    def _put_back(self, lines: list[tuple[int, str | Mistake]]) -> None:
        self._back.extendleft(reversed(lines))


def _cells(text: str, separator: str) -> Row | None:
    """The cells of a row; none where its quotes are not as they should be."""
    for blank_before_quote in (True, False):
        with suppress(csv.Error):
            reader = csv.reader([text], delimiter=separator, strict=True, skipinitialspace=blank_before_quote)
            return next(reader, [])
    return None


def _open(text: str, separator: str) -> bool:
    """Whether a cell's quote is not closed at the end."""
    try:
        next(csv.reader([text], delimiter=separator, strict=True), None)
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _separator_of(text: str) -> str:
    """The separator of Excel's first line `sep=;`."""
    word = text.strip().strip('"').lower()
    if not word.startswith("sep="):
        return ""
    sign = text.strip().strip('"')[4:5]
    return sign if sign in SEPARATORS and sign else "\t"

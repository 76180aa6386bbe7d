"""A document on paper of a certain width: what comes out line by line, in dots and columns. Pure.

The driver turns the result into bytes, `preview` draws it; so both show the same slip.
"""

from __future__ import annotations

import functools
import itertools
import math
import re
from typing import Final

import msgspec

from device_drivers.contract import documents as doc
from device_drivers.printers.document_wrap import balanced, plain, width, wrap
from words.line_breaks import clusters

DOTS_PER_COLUMN: Final = 12
MIN_COLUMNS: Final = 12
"""Cells without width need this many columns, or they move to a line of their own."""
GAP: Final = 1
"""Columns kept free between two cells."""
_NUMBER: Final = re.compile("[\x21-\x7e\xa0×¥€£]*[0-9][\x21-\x7e\xa0×¥€£]*")
"""With the signs around it, all of them one column wide."""


class Paper(msgspec.Struct, frozen=True):
    """What a roll is wide, and how much of it can be printed on."""

    millimetres: int
    dots: int

    @property
    def columns(self) -> int:
        """Latin letters per line."""
        return self.dots // DOTS_PER_COLUMN


PAPERS: Final = {58: Paper(58, 384), 80: Paper(80, 576)}


class TextLine(msgspec.Struct, frozen=True):
    """One line of text that fits: `width(text) * size` is at most the paper's columns."""

    text: str
    align: doc.Align = "left"
    bold: bool = False
    size: int = 1
    reverse: bool = False
    """White on black."""
    gaps: tuple[int, ...] = ()
    """Columns that lie between two cells."""


class Qr(msgspec.Struct, frozen=True):
    """A QR code with `module` dots per module that fits the paper with its quiet zone."""

    data: str
    module: int


class Bars(msgspec.Struct, frozen=True):
    """A bar code with `module` dots per module that fits the paper with its quiet zone."""

    symbology: str
    data: str
    module: int
    height: int


class Logo(msgspec.Struct, frozen=True):
    """A picture, by name or as base64 PNG; whoever prints it scales it down to the paper."""

    name: str | None
    png: str | None


class Rule(msgspec.Struct, frozen=True):
    """A line across the paper."""

    style: str


class Feed(msgspec.Struct, frozen=True):
    """Empty lines."""

    lines: int


class Cut(msgspec.Struct, frozen=True):
    """The end of a piece of paper."""


class Drawer(msgspec.Struct, frozen=True):
    """The drawer opens."""


Placed = TextLine | Qr | Bars | Logo | Rule | Feed | Cut | Drawer


def lay_out(document: doc.Document, paper: Paper) -> list[Placed]:
    """The slip from top to bottom; it ends with a `Cut`. Raises `BadDocument` for a code wider than the paper."""
    placed: list[Placed] = _banner(document, paper)
    for item in document.lines:
        if not (document.copy and isinstance(item, doc.Drawer)):
            placed += _place(item, paper)
    if document.copy:
        placed += [Feed(1), *_banner(document, paper)]
    if not isinstance(placed[-1], Cut):
        placed.append(Cut())
    return placed


def _banner(document: doc.Document, paper: Paper) -> list[Placed]:
    """A copy says so at its top and at its bottom: half of it must not pass for the first one."""
    if not document.copy:
        return []
    ordered = sorted(document.copy.items(), key=lambda label: label[0] != document.language)
    words = f" {' · '.join(word for _, word in ordered)} "
    size = 2 if width(words) * 2 <= paper.columns else 1
    return [TextLine(line, "center", bold=True, size=size, reverse=True) for line in wrap(words, paper.columns // size)]


@functools.singledispatch
def _place(item: object, paper: Paper) -> list[Placed]:  # noqa: ARG001 - the same for every kind
    raise TypeError(f"no layout for {type(item).__name__}")


@_place.register
def _(item: doc.Text, paper: Paper) -> list[Placed]:
    lines = (balanced if item.align == "center" else wrap)(item.text, paper.columns // item.size)
    return [TextLine(line, item.align, item.bold, item.size) for line in lines]


@_place.register
def _(item: doc.Columns, paper: Paper) -> list[Placed]:
    return [msgspec.structs.replace(line, bold=item.bold) for line in _row(item.cells, paper.columns)]


@_place.register
def _(item: doc.Totals, paper: Paper) -> list[Placed]:
    placed: list[Placed] = []
    for row in item.rows:
        size = 2 if row.strong and (width(row.label) + width(row.amount) + GAP) * 2 <= paper.columns else 1
        cells = (doc.Cell(row.label), doc.Cell(row.amount, "right"))
        lines = _row(cells, paper.columns // size)
        placed += [msgspec.structs.replace(line, bold=row.strong, size=size) for line in lines]
    return placed


@_place.register
def _(item: doc.Rule, paper: Paper) -> list[Placed]:  # noqa: ARG001
    return [Rule(item.style)]


@_place.register
def _(item: doc.Qr, paper: Paper) -> list[Placed]:
    modules = qr_modules(item.data) + 8
    module = min(item.size, paper.dots // modules)
    if module < 2:
        raise doc.BadDocument(f"qr: {len(item.data)} characters make {modules} modules, too fine for {paper.dots} dots")
    return [Qr(item.data, module)]


@_place.register
def _(item: doc.Barcode, paper: Paper) -> list[Placed]:
    modules = (95 if item.symbology == "ean13" else code128_modules(item.data)) + 20
    module = min(3, paper.dots // modules)
    if module < 1:
        raise doc.BadDocument(
            f"barcode: {len(item.data)} characters take {modules} modules, the paper has {paper.dots} dots"
        )
    return [Bars(item.symbology, item.data, module, item.height)]


@_place.register
def _(item: doc.Logo, paper: Paper) -> list[Placed]:  # noqa: ARG001
    return [Logo(item.name, item.png)]


@_place.register
def _(item: doc.Feed, paper: Paper) -> list[Placed]:  # noqa: ARG001
    return [Feed(item.lines)]


@_place.register
def _(item: doc.Cut, paper: Paper) -> list[Placed]:  # noqa: ARG001
    return [Cut()]


@_place.register
def _(item: doc.Drawer, paper: Paper) -> list[Placed]:  # noqa: ARG001
    return [Drawer()]


# Alphanumeric and kanji modes would be smaller; no printer is asked to choose them, so byte mode is what must fit.
_QR_BYTES_M: Final = (
    14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666, 711, 779, 857, 911,
    997, 1059, 1125, 1190, 1264, 1370, 1452, 1538, 1628, 1722, 1809, 1911, 1989, 2099, 2213, 2331,
)  # fmt: skip
"""ISO/IEC 18004, table 7: bytes that versions 1 to 40 hold at error correction M."""


def qr_modules(data: str) -> int:
    """Modules along one side of the QR code, without its quiet zone."""
    size = len(data.encode())
    version = next((version for version, holds in enumerate(_QR_BYTES_M, start=1) if size <= holds), None)
    if version is None:
        raise doc.BadDocument(f"qr: {size} bytes, a code holds {_QR_BYTES_M[-1]}")
    return 17 + 4 * version


def code128_set(data: str) -> str:
    """Code set C, two digits in one symbol, where the data are that; otherwise B."""
    return "C" if len(data) % 2 == 0 and data.isdigit() else "B"


def code128_modules(data: str) -> int:
    """Modules of a Code 128 in the set that `code128_set` names: start, symbols, check symbol, stop."""
    symbols = len(data) // 2 if code128_set(data) == "C" else len(data)
    return 11 * (symbols + 2) + 13


def _row(row: tuple[doc.Cell, ...], columns: int) -> list[TextLine]:
    """A table row as lines of full-grid text."""
    cells = tuple(msgspec.structs.replace(cell, text=plain(cell.text)) for cell in row)
    if len(cells) > 1 and all(cell.width is None for cell in cells):
        last = cells[-1]
        cells = (*cells[:-1], doc.Cell(last.text, "right", min(max(2, width(last.text)), columns)))
    cells = tuple(_wide_enough(cell, columns) for cell in cells)
    fixed = [cell for cell in cells if cell.width is not None]
    free = [cell for cell in cells if cell.width is None]
    rest = columns - sum(cell.width or 0 for cell in fixed) - GAP * (len(cells) - 1)
    if rest < 0 or (free and rest < min(MIN_COLUMNS, _wanted(free)) * len(free)):
        return _stacked(cells, columns)
    shares = iter(_shares(rest, len(free)))
    return _side_by_side([(cell, cell.width or next(shares)) for cell in cells])


def _wide_enough(cell: doc.Cell, columns: int) -> doc.Cell:
    """With room for the numbers in it, and their unit where it is short: half a weight looks like another one."""
    numbers = _NUMBER.findall(cell.text)
    if cell.width is None or not numbers:
        return cell
    whole = width(cell.text)
    longest = whole if whole <= MIN_COLUMNS else max(map(len, numbers))
    return msgspec.structs.replace(cell, width=min(max(cell.width, longest), columns))


def _wanted(cells: list[doc.Cell]) -> int:
    return max(2, *(width(cell.text) for cell in cells))


def _shares(total: int, count: int) -> list[int]:
    return [total // count + (place < total % count) for place in range(count)] if count else []


def _stacked(cells: tuple[doc.Cell, ...], columns: int) -> list[TextLine]:
    """Cells without width above, the others below, at the right; where even those are too wide, one per line."""
    lines = [TextLine(line) for cell in cells if cell.width is None for line in wrap(cell.text, columns)]
    below = [cell for cell in cells if cell.width is not None]
    taken = sum(cell.width or 0 for cell in below) + GAP * (len(below) - 1)
    if taken > columns:
        return lines + [
            TextLine(_aligned(line, cell.align, columns)) for cell in below for line in wrap(cell.text, columns)
        ]
    if not below:
        return lines
    padded = [(doc.Cell(""), columns - taken - GAP)] if columns - taken > GAP else []
    return lines + _side_by_side([*padded, *((cell, cell.width or 2) for cell in below)])


def _side_by_side(cells: list[tuple[doc.Cell, int]]) -> list[TextLine]:
    """Cells next to each other, each wrapped in its own width."""
    wrapped = [wrap(cell.text, share) for cell, share in cells]
    ends = itertools.accumulate(share + GAP for _, share in cells[:-1])
    gaps = tuple(column for end in ends for column in range(end - GAP, end))
    lines = []
    for place in range(max(map(len, wrapped))):
        parts = [
            _aligned(lines_of[place] if place < len(lines_of) else "", cell.align, share)
            for lines_of, (cell, share) in zip(wrapped, cells, strict=True)
        ]
        lines.append(TextLine((" " * GAP).join(parts).rstrip(" "), gaps=gaps))
    return lines


def _aligned(text: str, align: doc.Align, columns: int) -> str:
    """Padded with spaces to the width of its cell."""
    space = max(0, columns - width(text))
    left = {"left": 0, "right": space, "center": math.floor(space / 2)}[align]
    return " " * left + text + " " * (space - left)


def cells_of(text: str) -> list[tuple[str, int, int]]:
    """Each cluster of a line with the column where it begins and the columns it takes: the grid a line is drawn on."""
    placed, column = [], 0
    for cluster in clusters(text):
        placed.append((cluster.text, column, cluster.width))
        column += cluster.width
    return placed

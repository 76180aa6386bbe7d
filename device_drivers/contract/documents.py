"""A print document: what stands on a slip, as data. It knows neither printer nor paper.

It travels in the command `print {job, revision, document}` and is checked here once, strictly: an attribute that this
printer does not know would be missing on the paper, so here unknown fields are refused. What this module accepts can be
laid out on any paper, or `printers.document_layout` says what does not fit.
"""

from __future__ import annotations

import base64
import binascii
import unicodedata
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

Align = Literal["left", "center", "right"]
PNG: Final = b"\x89PNG\r\n\x1a\n"

_Text = Annotated[str, msgspec.Meta(max_length=2000)]
_Cell = Annotated[str, msgspec.Meta(max_length=200)]


class BadDocument(ValueError):
    """A document that cannot be printed: where it is wrong, what was found, what is expected."""


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What every part of a document has in common."""


class _Line(_Part, frozen=True, tag_field="kind", tag=""):
    """A part that stands on the paper, told from the others by its `kind`."""


class Text(_Line, frozen=True, tag="text"):
    """Running text. It is wrapped; a line feed in it begins a new line."""

    text: _Text
    align: Align = "left"
    bold: bool = False
    size: Annotated[int, msgspec.Meta(ge=1, le=2)] = 1
    """2 is twice as wide and twice as high."""


class Cell(_Part, frozen=True):
    """One cell of a row. `width` counts Latin letters, a Chinese character is two; None takes what is left."""

    text: _Cell
    align: Align = "left"
    width: Annotated[int, msgspec.Meta(ge=2, le=48)] | None = None


class Columns(_Line, frozen=True, tag="columns"):
    """One row of a table. Two cells without widths stand left and right.

    Where narrow paper leaves too little for the cells without width, they get a line of their own above the others.
    """

    cells: Annotated[tuple[Cell, ...], msgspec.Meta(min_length=1, max_length=6)]
    bold: bool = False


class Rule(_Line, frozen=True, tag="rule"):
    """A line across the paper."""

    style: Literal["solid", "dashed", "double"] = "solid"


class Total(_Part, frozen=True):
    """A label at the left and an amount at the right. The gateway writes the amount, with its currency."""

    label: _Cell
    amount: _Cell
    strong: bool = False
    """Large and bold: the sum that is to be paid."""


class Totals(_Line, frozen=True, tag="totals"):
    """The sums at the end of a receipt."""

    rows: Annotated[tuple[Total, ...], msgspec.Meta(min_length=1, max_length=40)]


class Qr(_Line, frozen=True, tag="qr"):
    """A QR code, centred, error correction M."""

    data: Annotated[str, msgspec.Meta(min_length=1, max_length=700)]
    size: Annotated[int, msgspec.Meta(ge=2, le=12)] = 6
    """Dots per module; smaller where it would not fit the paper."""


class Barcode(_Line, frozen=True, tag="barcode"):
    """A bar code, centred, with its text below."""

    symbology: Literal["ean13", "code128"]
    data: Annotated[str, msgspec.Meta(min_length=1, max_length=48)]
    """EAN-13: thirteen digits, the last of which is the check digit. Code 128: printable ASCII."""
    height: Annotated[int, msgspec.Meta(ge=24, le=200)] = 64
    """In dots; eight are one millimetre."""


class Logo(_Line, frozen=True, tag="logo"):
    """A picture, centred: one that the printer's box keeps under `name`, or `png` (base64, black and white)."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,38}$")] | None = None
    png: Annotated[str, msgspec.Meta(max_length=40_000)] | None = None


class Feed(_Line, frozen=True, tag="feed"):
    """Empty lines."""

    lines: Annotated[int, msgspec.Meta(ge=1, le=10)] = 1


class Cut(_Line, frozen=True, tag="cut"):
    """Feeds the slip out and cuts it. Every slip is cut at its end, also without one."""


class Drawer(_Line, frozen=True, tag="drawer"):
    """Opens the cash drawer that is connected to the printer; a copy never does."""


Item = Text | Columns | Rule | Totals | Qr | Barcode | Logo | Feed | Cut | Drawer


class Document(_Part, frozen=True):
    """A slip."""

    lines: Annotated[tuple[Item, ...], msgspec.Meta(min_length=1, max_length=400)]
    # Made by a factory, so that it is sent also where it is the default.
    language: Literal["zh-CN", "en"] = msgspec.field(default_factory=lambda: "zh-CN")
    """What the texts are written in; chooses the Chinese forms of shared characters, and the order of the banner."""
    copy: Annotated[dict[str, _Cell], msgspec.Meta(min_length=1, max_length=4)] | None = None
    """By language, what the banner of a second print says: `{"zh-CN": "副本", "en": "COPY"}`."""


def parse(raw: Any) -> Document:
    """The document in decoded JSON. Raises `BadDocument`."""
    try:
        document = msgspec.convert(raw, Document)
    except msgspec.ValidationError as error:
        raise BadDocument(f"document: {error}") from None
    check(document)
    return document


def check(document: Document) -> None:
    """What no type can say of a document. Raises `BadDocument`."""
    for place, item in enumerate(document.lines):
        where = f"document: lines[{place}]"
        for text in _texts(item):
            _check_text(text, where)
        if isinstance(item, Barcode):
            _check_barcode(item, where)
        elif isinstance(item, Logo):
            _check_logo(item, where)
    for label in (document.copy or {}).values():
        _check_text(label, "document: copy")


def _texts(item: Item) -> Iterable[str]:
    match item:
        case Text():
            return item.text.split("\n")
        case Columns():
            return [cell.text for cell in item.cells]
        case Totals():
            return [text for row in item.rows for text in (row.label, row.amount)]
        case Qr():
            return [item.data]
        case _:
            return []


def _check_text(text: str, where: str) -> None:
    """Control characters are commands to a printer: a text with one in it could open the drawer."""
    for place, character in enumerate(text):
        if unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp"):
            raise BadDocument(f"{where}: character {place} is U+{ord(character):04X}; expected printable ones")


def _check_barcode(item: Barcode, where: str) -> None:
    if item.symbology == "code128":
        if not all(" " <= character <= "~" for character in item.data):
            raise BadDocument(f"{where}: Code 128 of {len(item.data)} characters: expected printable ASCII")
    elif not (len(item.data) == 13 and item.data.isascii() and item.data.isdigit()):
        raise BadDocument(f"{where}: EAN-13 of {len(item.data)} characters: expected 13 digits")
    elif item.data[-1] != (expected := check_digit(item.data[:12])):
        raise BadDocument(f"{where}: EAN-13: check digit {item.data[-1]}, expected {expected}")


def check_digit(twelve: str) -> str:
    """The thirteenth digit of an EAN-13 (GS1 General Specifications 7.9)."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return str(-total % 10)


def _check_logo(item: Logo, where: str) -> None:
    if (item.name is None) == (item.png is None):
        raise BadDocument(f"{where}: a logo has either a name or a png")
    if item.png is not None:
        try:
            start = base64.b64decode(item.png, validate=True)[: len(PNG)]
        except binascii.Error as error:
            raise BadDocument(f"{where}: png is not base64: {error}") from None
        if start != PNG:
            raise BadDocument(f"{where}: png does not begin as a PNG file does")

"""What a table keeps for years, as bytes that take less room: names in less than half, long facts in a quarter of it.

A name that is a UUID is its 16 bytes in a column that is declared `ANY`: SQL has `short` and `long` for them. A fact as
JSON is packed in a column that is declared `BLOB`, and comes back letter by letter:
what is said again and again (a good's name in every language) stands once, in the table `phrases`; names and other
digits that were made up lie behind the rest as the bytes that they are; the rest is deflated. Another zlib may pack
otherwise, so whoever compares tables, or writes what other builds read, takes the text.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol

from edge.journal.entry import id_text

KEPT_SHORT: Final = frozenset({"ANY", "BLOB"})
"""Declared types of columns that hold something else than the text that it is."""
PHRASES: Final = "phrases"
SCHEMA: Final = "CREATE TABLE phrases (phrase INTEGER PRIMARY KEY, said TEXT NOT NULL) STRICT;"
"""By a part of what each says: whoever makes the tables anew finds the same."""


class RowWriter(Protocol):
    """As the transaction has them."""

    def run(self, sql: str, parameters: Sequence[Any] = ..., /) -> sqlite3.Cursor:
        """Run a statement that changes rows, or asks for them."""


One = Callable[..., Any]
"""Returns the row that a statement finds, given its parameters, as `Reads.one`."""

_NAME: Final = 16
"""Bytes of a UUID. No packed fact has as many."""
_UUID, _HEX, _PHRASE = b"\x01", b"\x02", b"\x03"
"""Stand in the text where something was taken out of it. JSON has none of these."""
_PLACE: Final = 4
"""Bytes by which a phrase is named."""
_TAKEN_OUT: Final = re.compile(
    rb'(\{(?:"[a-z]{2}(?:-[A-Z]{2})?":"(?:[^"\\]|\\.)*",?)+\})'
    rb"|([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|((?:[0-9a-f]{2}){6,127})"
)
_IS_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
_MARKS: Final = re.compile(rb"\x01|\x02(.)|\x03(.{4})", re.DOTALL)
_BITS: Final = -13
"""Bare, with a window in which such a text lies whole."""
_USUAL: Final = (
    b',"coupon":"","uses":1,"wasted":0,"points":0,"version":1,"words":\x03"burned":"worth":"terms":"session":"'
    b'"promoter":"","promise":{"collect":"counter","ready_ms":\x02"grams":"age":18,"away":"stock","amount":0,"usable"'
    b'"near":[{"kind":"nearly","campaign":"promo:\x02\x07","count":1,"products":["\x02\x07"],"categories":["'
    b'{"type":"order.paid.v1","basket":"\x01","currency":"CNY","total":1000,"shelf":1000,"discount":0,"lines":[{"id":"'
    b'\x01","gtin":"\x02\x07","quantity":2,"shelf":1980,"pay":990,"unit":990,"discounts":[{"campaign":"","amount":100}'
    b'],"tax_bp":1300,"names":\x03},{"id":"\x01","gtin":"\x02\x07","quantity":1,"shelf":1290,"pay":1290,"unit":1290,'
    b'"tax_bp":900,"names":\x03}],"quote":"\x02 ","as_of_ms":\x02\x06","member":"\x01","used":[{"campaign":"","amount":'
    b'"words":\x03}],"near":[{"kind":"nearly","campaign":"","amount":500,"words":\x03}],"taxes":[{"bp":900,"paid":1000,'
    b'"tax":80},{"bp":1300,"paid":1000,"tax":115}],"points":{"earned":10,"balance":10},"paid":[{"payment":"\x01","port"'
    b':"","amount":1000,"reference":"\x02\x06","by":"port"}],"catalogue":"\x02\x06","campaigns":"\x02\x06"}'
)
"""How such texts read. Whoever changes it raises the `rules` of every noun that packs."""


def pack(rows: RowWriter, text: bytes) -> bytes:
    """A fact as JSON, for a column of its table."""
    names: list[bytes] = []

    def take_out(found: re.Match[bytes]) -> bytes:
        phrase, uuid, digits = found.groups()
        if phrase is not None:
            return _named(rows, phrase)
        name = bytes.fromhex((uuid or digits).replace(b"-", b"").decode())
        names.append(name)
        return _UUID if uuid else _HEX + bytes([len(name)])

    rest = zlib.compressobj(9, zlib.DEFLATED, _BITS, 6, zlib.Z_DEFAULT_STRATEGY, _USUAL)
    packed = rest.compress(_TAKEN_OUT.sub(take_out, text)) + rest.flush() + b"".join(names)
    return packed + b"\x00" if len(packed) == _NAME else packed  # behind the last name nobody reads


def _named(rows: RowWriter, phrase: bytes) -> bytes:
    """The mark of a phrase; itself where another has that name already."""
    place = hashlib.sha256(phrase).digest()[:_PLACE]
    row = (int.from_bytes(place), phrase.decode())
    rows.run("INSERT OR IGNORE INTO phrases VALUES (?,?)", row)
    is_its = rows.run("SELECT 1 FROM phrases WHERE phrase=? AND said=?", row).fetchone()
    return _PHRASE + place if is_its else phrase


def unpack(one: One, packed: bytes) -> bytes:
    """What was packed."""
    rest = zlib.decompressobj(_BITS, _USUAL)
    text = rest.decompress(packed) + rest.flush()
    names, place = rest.unused_data, 0

    def put_back(found: re.Match[bytes]) -> bytes:
        nonlocal place
        length, phrase = found.groups()
        if phrase is not None:
            said: str = one("SELECT said FROM phrases WHERE phrase=?", int.from_bytes(phrase))[0]
            return said.encode()
        begin, place = place, place + (length[0] if length else _NAME)
        name = names[begin:place]
        return (name.hex() if length else id_text(name)).encode()

    return _MARKS.sub(put_back, text)


def short(name: str | None) -> bytes | str | None:
    """A name as a column keeps it; whatever is no UUID is kept as it is."""
    return bytes.fromhex(name.replace("-", "")) if name and _IS_UUID(name) else name


def long(name: bytes | str) -> str:
    """The name that a column keeps."""
    return id_text(name) if isinstance(name, bytes) else name


# Told so, sqlite3 takes these as they are: for each one it would look for another form, and make an error on the way.
sqlite3.register_adapter(bytes, bytes.__bytes__)
sqlite3.register_adapter(bool, int)
sqlite3.register_adapter(type(None), lambda none: none)


def known_to(connection: sqlite3.Connection) -> None:
    """Let SQL on this connection say `short(name)` and `long(name)`."""
    for function in (short, long):
        connection.create_function(function.__name__, 1, function, deterministic=True)


def plain(connection: sqlite3.Connection, row: Iterable[Any]) -> tuple[Any, ...]:
    """A row with the texts of what is short or packed in it."""

    def one(sql: str, phrase: int) -> Any:
        return connection.execute(sql, (phrase,)).fetchone()

    def text(value: Any) -> Any:
        if not isinstance(value, bytes):
            return value
        return id_text(value) if len(value) == _NAME else unpack(one, value).decode()

    return tuple([text(value) for value in row])


def packed_row(rows: RowWriter, kinds: Sequence[str], row: Sequence[Any]) -> list[Any]:
    """A plain row as its table keeps it, given its columns' declared types."""

    def kept(kind: str, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return short(value) if kind == "ANY" else pack(rows, value.encode()) if kind == "BLOB" else value

    return [kept(kind, value) for kind, value in zip(kinds, row, strict=True)]

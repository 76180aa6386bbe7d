"""Makes a version: one SQLite file, written beside the others, named by its content, never changed again.

Rows are numbered by how much they are worth to a shopper here (on a shelf, with a price, in the range, then the rest),
so that the first hits of the index are the best ones and a search may stop early.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from edge.products.folding import fold, pieces
from edge.products.mistakes import Mistake
from edge.products.pad_keys import keys_of
from edge.products.pinyin import MARK, spelled
from edge.products.product import Product
from edge.secrets.private import fsync_path
from gs1.trade import shown

APPLICATION: Final = 0x534B4331
"""`SKC1`: what a version's file says it is."""
FORMAT: Final = 1
CLASS: Final = 100_000_000
"""Rows of one class of worth; the rest of a row's number is the line it came from."""

SCHEMA: Final = """
CREATE TABLE products (row INTEGER PRIMARY KEY, gtin TEXT NOT NULL UNIQUE, category TEXT, text TEXT, body BLOB) STRICT;
CREATE TABLE names (name TEXT, row INTEGER, PRIMARY KEY (name, row)) STRICT, WITHOUT ROWID;
CREATE TABLE shelves (shelf TEXT, row INTEGER, PRIMARY KEY (shelf, row)) STRICT, WITHOUT ROWID;
CREATE TABLE keys (key TEXT, row INTEGER, PRIMARY KEY (key, row)) STRICT, WITHOUT ROWID;
CREATE TEMP TABLE unsorted (key TEXT, row INTEGER) STRICT;
CREATE VIRTUAL TABLE letters USING fts5(text, content='', tokenize='trigram case_sensitive 1');
CREATE VIRTUAL TABLE words USING fts5(
    text, content='', detail=none, columnsize=0, prefix='1 2 3',
    tokenize="unicode61 remove_diacritics 0 categories 'L* M* N*'");
"""

_ENCODER: Final = msgspec.json.Encoder()


class Built(msgspec.Struct, frozen=True):
    """A version that is on the disk, and not in force by that."""

    version: str
    sha256: str
    count: int
    path: Path


class Build:
    """A version in the making, in a file that nobody opens by mistake. `finish` it, or `discard` it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._path = folder / f".building-{os.getpid()}.db"
        self._path.unlink(missing_ok=True)
        # No journal and no waiting for the disk: what a crash leaves of this file is thrown away.
        self._db = sqlite3.connect(self._path, isolation_level=None)
        for statement in (
            "PRAGMA journal_mode=OFF",
            "PRAGMA synchronous=OFF",
            "PRAGMA cache_size=-65536",
            f"PRAGMA application_id={APPLICATION}",
            f"PRAGMA user_version={FORMAT}",
        ):
            self._db.execute(statement)
        self._db.executescript(SCHEMA)
        self._db.execute("BEGIN")
        self.count = 0

    def add(self, line: int, product: Product) -> list[Mistake]:
        """Take a product; a mistake where an earlier line has it already."""
        row = _worth(product) * CLASS + line
        names = dict.fromkeys(filter(None, map(fold, product.name.values())))
        text = "\n".join(dict.fromkeys((*names, *filter(None, map(fold, product.brand.values())))))
        done = self._db.execute(
            "INSERT OR IGNORE INTO products VALUES (?,?,?,?,?)",
            (row, product.gtin, product.category or None, text, _ENCODER.encode(product)),
        )
        if done.rowcount == 0:
            first = self._db.execute("SELECT row FROM products WHERE gtin=?", (product.gtin,)).fetchone()[0] % CLASS
            return [
                Mistake(line, "gtin", shown(product.gtin), f"every product once: it stands in line {first} already")
            ]
        self.count += 1
        self._db.executemany("INSERT INTO names VALUES (?,?)", [(name, row) for name in names])
        self._db.executemany("INSERT INTO unsorted VALUES (?,?)", [(key, row) for key in keys_of(product)])
        if product.shelves:
            self._db.executemany("INSERT INTO shelves VALUES (?,?)", [(shelf, row) for shelf in product.shelves])
        return []

    def finish(self) -> Built:
        """Make the indexes, name the file by its content, and put it where versions lie."""
        db = self._db
        db.execute("CREATE INDEX products_by_category ON products (category, row) WHERE category IS NOT NULL")
        db.execute("INSERT INTO keys SELECT key, row FROM unsorted ORDER BY key, row")
        db.execute("INSERT INTO letters (rowid, text) SELECT row, text FROM products ORDER BY row")
        db.executemany("INSERT INTO words (rowid, text) VALUES (?,?)", self._pieces())
        db.execute("INSERT INTO letters (letters) VALUES ('optimize')")
        db.execute("INSERT INTO words (words) VALUES ('optimize')")
        db.execute("COMMIT")
        db.execute("ANALYZE")
        db.close()
        digest = file_sha256(self._path)
        built = Built(digest[:12], digest, self.count, path_of(self._folder, digest[:12]))
        fsync_path(self._path)
        self._path.chmod(0o644)
        self._path.replace(built.path)
        fsync_path(self._folder)
        return built

    def discard(self) -> None:
        """Leave nothing behind. After `finish` there is nothing to leave."""
        self._db.close()
        self._path.unlink(missing_ok=True)

    def _pieces(self) -> Iterator[tuple[int, str]]:
        for row, text in self._db.execute("SELECT row, text FROM products ORDER BY row"):
            yield row, " ".join(dict.fromkeys((*pieces(text), *(MARK + each for each in spelled(text)))))


def path_of(folder: Path, version: str) -> Path:
    """Where a version lies."""
    return folder / f"catalogue-{version}.db"


def file_sha256(path: Path) -> str:
    """Of the whole file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sweep(folder: Path) -> None:
    """Remove what builds that were cut short have left; those still under way keep theirs."""
    for path in folder.glob(".building-*.db"):
        process = path.stem.rpartition("-")[2]
        if not Path("/proc", process).exists():
            with suppress(FileNotFoundError):
                path.unlink()


def build(folder: Path, products: Iterable[tuple[int, Product]]) -> Built:
    """A version of these products, each with a line number; of one that comes twice the first."""
    making = Build(folder)
    try:
        for line, product in products:
            making.add(line, product)
        return making.finish()
    finally:
        making.discard()


def _worth(product: Product) -> int:
    """0 is worth most to a shopper here."""
    if not product.here:
        return 3
    return 0 if product.shelves else 1 if product.price is not None else 2

"""What products cost in the last 90 days: a file beside the catalogue's versions, of which only a few are kept.

It is filled when a version comes into force and loses nothing but history when it is lost.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from edge.products.product import Product, Promotion

DAYS: Final = 90
REDUCED_DAYS: Final = 30
DAY_MS: Final = 86_400_000
OPEN_MS: Final = 1 << 62
"""The end of a promotion that has none."""
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS prices (
    gtin TEXT, from_ms INTEGER, until_ms INTEGER, price INTEGER, version TEXT, PRIMARY KEY (gtin, from_ms, price))
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS taken (version TEXT PRIMARY KEY) WITHOUT ROWID;
"""


class LowestPrice(msgspec.Struct, frozen=True):
    """The lowest price of the last days."""

    price: int
    at_ms: int
    """When it held last, or began."""
    since_ms: int
    """From when on prices are known."""


class PriceHistory:
    """One file; each question opens it, so that any thread may ask."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "prices.db"

    def knows(self, version: str) -> bool:
        """Whether it is this version's prices that were taken down last."""
        if not self._path.is_file():
            return False
        with _opened(self._path) as db:
            return db.execute("SELECT 1 FROM taken WHERE version=?", (version,)).fetchone() is not None

    def note(self, version: str, products: Iterable[Product], now_ms: int) -> int:
        """Take down what a version's products cost from now on. Returns how many prices are new. For a thread."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = 0
        with _opened(self._path) as db:
            last = dict(db.execute("SELECT gtin, price FROM prices WHERE until_ms IS NULL"))
            offered = {gtin for (gtin,) in db.execute("SELECT gtin FROM prices WHERE until_ms>?", (now_ms,))}
            gone = last.keys() | offered
            for product in products:
                gone.discard(product.gtin)
                if product.gtin in offered:
                    _withdrawn(db, product, now_ms)
                new += _note_product(db, product, last.get(product.gtin), now_ms, version)
            for gtin in gone:
                _unsold(db, gtin, now_ms)
            db.execute("DELETE FROM taken")  # one that comes back into force is taken down again
            db.execute("INSERT INTO taken VALUES (?)", (version,))
            # While a reduction lasts, what was asked before it stands beside it, however long that is ago.
            db.execute(
                "DELETE FROM prices WHERE until_ms<? AND gtin NOT IN (SELECT gtin FROM prices WHERE until_ms>?)",
                (now_ms - DAYS * DAY_MS, now_ms),
            )
        return new

    def lowest(self, gtin: str, now_ms: int) -> LowestPrice | None:
        """Returns the lowest price of the last 90 days; none where none is known."""
        if not self._path.is_file():
            return None
        begin = now_ms - DAYS * DAY_MS
        with _opened(self._path) as db:
            rows = db.execute(
                "SELECT price, from_ms, until_ms FROM prices WHERE gtin=? AND from_ms<=?"
                " AND (until_ms IS NULL OR until_ms>?) ORDER BY price, from_ms DESC",
                (gtin, now_ms, begin),
            ).fetchall()
        if not rows:
            return None
        price, _, until_ms = rows[0]
        at = now_ms if until_ms is None or until_ms > now_ms else until_ms
        return LowestPrice(price, at, max(begin, min(row[1] for row in rows)))

    def before_reduction(self, gtin: str, price: int, now_ms: int) -> LowestPrice | None:
        """The lowest price of the 30 days before the reduction to `price` that holds now; none where nobody knows one.

        EU 98/6, Article 6a: it stands beside what is announced as cheaper.
        """
        if not self._path.is_file():
            return None
        with _opened(self._path) as db:
            (begin,) = db.execute(
                "SELECT min(from_ms) FROM prices WHERE gtin=? AND price=? AND from_ms<=? AND until_ms>?",
                (gtin, price, now_ms, now_ms),
            ).fetchone()
            if begin is None:
                return None
            rows = db.execute(
                "SELECT price, from_ms, until_ms FROM prices WHERE gtin=? AND from_ms<=?"
                " AND NOT (from_ms=? AND price=?) AND (until_ms IS NULL OR until_ms>?) ORDER BY price, from_ms DESC",
                (gtin, begin, begin, price, begin - REDUCED_DAYS * DAY_MS),
            ).fetchall()
        if not rows:
            return None
        lowest, _, until_ms = rows[0]
        since = max(begin - REDUCED_DAYS * DAY_MS, min(row[1] for row in rows))
        return LowestPrice(lowest, min(begin, until_ms or begin), since)


class _opened:  # noqa: N801 - reads as a verb where it is used
    """A connection that commits or rolls back, and closes. Whoever comes first makes the tables, a reader as well."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, timeout=10)

    def __enter__(self) -> sqlite3.Connection:
        self._db.executescript(_SCHEMA)
        return self._db

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._db.commit()
        self._db.close()


def _unsold(db: sqlite3.Connection, gtin: str, now_ms: int) -> None:
    """What the version does not have costs nothing any more: its price and its promotion end, or never begin."""
    db.execute("DELETE FROM prices WHERE gtin=? AND until_ms>? AND from_ms>=?", (gtin, now_ms, now_ms))
    db.execute("UPDATE prices SET until_ms=? WHERE gtin=? AND (until_ms IS NULL OR until_ms>?)", (now_ms, gtin, now_ms))


def _withdrawn(db: sqlite3.Connection, product: Product, now_ms: int) -> None:
    """A promotion ends when the new version says, now where it has it no more; one that had not begun never was."""
    offer = product.promotion
    price = offer.price if offer else None
    begin, until = _times(offer, now_ms) if offer else (now_ms, now_ms)
    db.execute(
        "DELETE FROM prices WHERE gtin=? AND until_ms>? AND from_ms>=?"
        " AND NOT (price IS ? AND from_ms=? AND until_ms=?)",
        (product.gtin, now_ms, now_ms, price, begin, until),
    )
    db.execute(
        "UPDATE prices SET until_ms=CASE WHEN price IS ? AND ?<=? THEN ? ELSE ? END"
        " WHERE gtin=? AND until_ms>? AND from_ms<?",
        (price, begin, now_ms, max(now_ms, until), now_ms, product.gtin, now_ms, now_ms),
    )


def _times(offer: Promotion, now_ms: int) -> tuple[int, int]:
    """From when until when it holds, as far as it is still to come."""
    until = OPEN_MS if offer.until_ms is None else offer.until_ms
    return max(now_ms, offer.from_ms or now_ms), until


def _note_product(db: sqlite3.Connection, product: Product, last: int | None, now_ms: int, version: str) -> int:
    """One product's usual price from now on, and what its promotion makes of it."""
    new = 0
    if product.price != last:
        db.execute("UPDATE prices SET until_ms=? WHERE gtin=? AND until_ms IS NULL", (now_ms, product.gtin))
    if product.price is not None and product.price != last:
        db.execute(
            "INSERT OR REPLACE INTO prices VALUES (?,?,NULL,?,?)", (product.gtin, now_ms, product.price, version)
        )
        new += 1
    offer = product.promotion
    if offer is None or offer.price is None:
        return new
    begin, until = _times(offer, now_ms)
    if until > now_ms:  # what is over already was not asked from now on
        known = db.execute(
            "SELECT 1 FROM prices WHERE gtin=? AND price=? AND until_ms=?", (product.gtin, offer.price, until)
        ).fetchone()
        if known is None:
            db.execute(
                "INSERT OR REPLACE INTO prices VALUES (?,?,?,?,?)", (product.gtin, begin, until, offer.price, version)
            )
            new += 1
    return new

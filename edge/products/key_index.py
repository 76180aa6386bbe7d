"""The keys of a version's products, sorted: each question is one step into a tree, so a pad may ask at each touch."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final

from edge.products.pad_keys import EVERY, NUMBERS, one_slip

MAX_READ: Final = 20_000
"""Keys that are looked through for the best products: all that begin so, but for a letter or two of a long list."""


class KeyIndex:
    """Reads the keys of one version."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    @classmethod
    def of(cls, db: sqlite3.Connection) -> KeyIndex | None:
        """Those of a version's file; none where it has none."""
        has = db.execute("SELECT 1 FROM sqlite_master WHERE name='keys'").fetchone()
        return cls(db) if has else None

    def lit(self, pad: str, typed: str, keys: str) -> str:
        """Those of the keys that lead on to a product after what is typed."""
        return "".join(key for key in keys if self._leads(pad, typed + key))

    def rows(self, pad: str, typed: Iterable[str], most: int) -> list[int]:
        """The rows of products that one of these leads to, what is worth most to a shopper here first."""
        found = {row for each in typed for begin in _pads(pad, each) for row in self._begin(begin, most)}
        return sorted(found)[:most]

    def near(self, pad: str, typed: str, keys: str) -> list[str]:
        """What leads to a product, and is one letter left out, doubled, mistaken or swapped away."""
        found: dict[str, None] = {}
        for at in range(len(typed) + 1):
            if at and not self._leads(pad, typed[:at]):
                break
            found |= dict.fromkeys(each for each in one_slip(typed, at, keys) if self._leads(pad, each))
        return [each for each in found if each != typed]

    def _leads(self, pad: str, typed: str) -> bool:
        return any(
            self._db.execute("SELECT 1 FROM keys WHERE key>=? AND key<? LIMIT 1", _bounds(begin)).fetchone()
            for begin in _pads(pad, typed)
        )

    def _begin(self, begin: str, most: int) -> list[int]:
        rows = self._db.execute(
            "SELECT DISTINCT row FROM (SELECT row FROM keys WHERE key>=? AND key<? LIMIT ?) ORDER BY row LIMIT ?",
            (*_bounds(begin), MAX_READ, most),
        )
        return [row for (row,) in rows]


def _bounds(begin: str) -> tuple[str, str]:
    return begin, begin + "\U0010ffff"


def _pads(pad: str, typed: str) -> tuple[str, ...]:
    """Digits have a pad of their own; what has one name only is found on that of every language."""
    return (f"{pad}:{typed}",) if pad == NUMBERS else (f"{pad}:{typed}", f"{EVERY}:{typed}")

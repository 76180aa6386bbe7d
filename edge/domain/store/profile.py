"""Which store this is, to those who are in it: its name, money, time and languages."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.domain.callers import asked_by
from edge.journal import Applies, Entry, Fact, Reads, Rows, Tx
from words.languages import Words


class StoreDescribed(Fact, frozen=True, tag="store.described.v1"):
    """The store is called so, and speaks and counts like this."""

    name: Words
    currency: str
    """ISO 4217."""
    region: str
    """Two-letter country that a phone number without a prefix belongs to."""
    timezone: str
    """IANA name of the time on its wall."""
    languages: tuple[str, ...]
    """What it speaks; the first where nothing else is known."""
    contact: str = ""
    """Who answers for personal data."""


@asked_by("store")
def describe(tx: Tx, described: StoreDescribed) -> None:
    """Take over what the store is; only what differs becomes a fact."""
    if profile(tx) != described:
        tx.emit(described)


def profile(reads: Reads) -> StoreDescribed | None:
    """What was said last; none where nothing was said yet."""
    row = reads.one("SELECT described FROM store_profile")
    return msgspec.json.decode(row["described"], type=StoreDescribed) if row else None


def _described(rows: Rows, entry: Entry, _: StoreDescribed) -> None:
    rows.run("INSERT OR REPLACE INTO store_profile VALUES (1,?)", (entry.body.decode(),))


SCHEMA: Final = "CREATE TABLE store_profile (one INTEGER PRIMARY KEY, described TEXT) STRICT;"
APPLIES: Final[Applies] = {StoreDescribed: _described}

"""A noun of the tests: it needs no store."""

from __future__ import annotations

from typing import Any

from edge.journal import Entry, Fact, Projection, Rows, Tx


class CoinDropped(Fact, frozen=True, tag="coin.dropped.v1"):
    """What lies in a box; `extra` holds whatever a test wants to see stored."""

    box: str
    value: int
    note: str = ""
    weight: float = 1.0
    extra: Any = None


def _dropped(rows: Rows, _: Entry, fact: CoinDropped) -> None:
    rows.run(
        "INSERT INTO boxes VALUES (?1, ?2, 1, ?3) ON CONFLICT (box) DO UPDATE SET total=total+?2, coins=coins+1",
        (fact.box, fact.value, fact.weight),
    )


COINS = Projection(
    name="coins",
    schema="""CREATE TABLE boxes (
        box TEXT PRIMARY KEY, total INTEGER CHECK (total < 1000), coins INTEGER, weight REAL) STRICT;""",
    facts={CoinDropped: _dropped},
)


def drop(tx: Tx, box: str, value: int, note: str = "") -> int:
    """Returns what the box held before."""
    if value <= 0:
        raise tx.refuse("bad_request", expected="a coin of value", found=value)
    row = tx.one("SELECT total FROM boxes WHERE box=?", box)
    tx.emit(CoinDropped(box=box, value=value, note=note))
    return row["total"] if row else 0

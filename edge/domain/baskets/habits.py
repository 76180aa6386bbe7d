"""What the store's own paid baskets tell: what goes together, what somebody buys again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from edge.domain.members.rules import FIRM, UNDO_MS
from edge.journal import Reads

SUPPORT: Final = 5
"""Fewer baskets than this tell nothing, and might tell of somebody."""
LIFT: Final = 1.0
"""So many times as often as by chance must two goods meet, at least."""
DAY_MS: Final = 86_400_000


class Companion(msgspec.Struct, frozen=True):
    """A good that goes with another."""

    gtin: str
    of: str
    """The one that it goes with."""
    baskets: int
    """In which both lay."""
    of_baskets: int
    """In which that one lay."""
    lift: float
    """How much more often than by chance."""

    @property
    def share(self) -> float:
        """Of those who bought the one, how many bought this as well."""
        return self.baskets / self.of_baskets


def companions(reads: Reads, gtins: Iterable[str], most: int = 12) -> list[Companion]:
    """Returns what goes with these goods and is none of them, the surest first: at least `SUPPORT` baskets with both,
    and `LIFT` times as many as chance would give; in the order of how many of the buyers bought it.
    """
    own = list(dict.fromkeys(gtins))
    if not own:
        return []
    marks = ",".join("?" * len(own))
    rows = reads.all(
        "SELECT t.other, t.gtin, t.baskets, g.baskets AS of_baskets,"  # noqa: S608 - marks
        " 1.0*t.baskets*n.baskets/(g.baskets*o.baskets) AS lift FROM sold_together t"
        " JOIN sold_goods g ON g.gtin=t.gtin JOIN sold_goods o ON o.gtin=t.other JOIN sold_goods n ON n.gtin=''"
        f" WHERE t.gtin IN ({marks}) AND t.other NOT IN ({marks}) AND t.baskets>={SUPPORT}"
        f" AND 1.0*t.baskets*n.baskets>={LIFT}*g.baskets*o.baskets"
        " ORDER BY 1.0*t.baskets/g.baskets DESC, t.other LIMIT ?",
        *own,
        *own,
        most * 4,
    )
    best: dict[str, Companion] = {}
    for row in rows:
        best.setdefault(row["other"], Companion(*row))
    return list(best.values())[:most]


def bought(reads: Reads, member: str) -> dict[str, int]:
    """Returns when each good was bought last by a person, and by whoever is the same one."""
    rows = reads.all(
        "SELECT l.gtin, max(b.changed_ms) AS at_ms FROM kin k CROSS JOIN baskets b ON b.member=k.other"  # noqa: S608
        f" JOIN basket_lines l ON l.basket=b.basket WHERE k.member=?1 AND {FIRM} AND b.state='paid' GROUP BY l.gtin",
        *(member, reads.now - UNDO_MS),
    )
    return {row["gtin"]: row["at_ms"] for row in rows}


class Habit(msgspec.Struct, frozen=True):
    """Something that somebody buys again and again."""

    gtin: str
    times: int
    every_days: int
    """On average between two of them."""
    last_ms: int


def habits(reads: Reads, member: str, now_ms: int, most: int = 6) -> list[Habit]:
    """Returns what a person bought three times or more and is due again: four fifths of its usual pause are over."""
    rows = reads.all(
        "SELECT l.gtin, count(DISTINCT b.basket) AS times, min(b.changed_ms) AS first, max(b.changed_ms) AS last"  # noqa: S608
        " FROM kin k JOIN baskets b ON b.member=k.other AND b.state='paid' JOIN basket_lines l ON l.basket=b.basket"
        f" WHERE k.member=?1 AND {FIRM} GROUP BY l.gtin HAVING times>=3 ORDER BY times DESC, l.gtin LIMIT 50",
        *(member, reads.now - UNDO_MS),
    )
    found = []
    for row in rows:
        pause = (row["last"] - row["first"]) / (row["times"] - 1)
        if pause >= DAY_MS and now_ms - row["last"] >= 0.8 * pause:
            found.append(Habit(row["gtin"], row["times"], round(pause / DAY_MS), row["last"]))
    return found[:most]

"""What is asked of the ledger: balances, lots, history, levels, days in a row, commission.

A person may be several members (`kin`): what one of them has is theirs.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from edge.domain.games.queries import prize_coupons
from edge.domain.ledger.rules import LEVELS, YEAR_DAYS, LedgerRules, Level, begin_of, day_of
from edge.domain.members.rules import UNDO_MS
from edge.domain.store.queries import profile
from edge.journal import Reads
from pricing.basket import Member, Terms

_FAMILY: Final = "(SELECT other FROM kin WHERE member=?1)"
_SHORT: Final = "(SELECT short(other) FROM kin WHERE member=?1)"


class Balance(msgspec.Struct, frozen=True):
    """How many points somebody has."""

    points: int
    """Below 0 where a return took what had been spent."""
    reserved: int
    """Of these, kept for baskets."""

    @property
    def free(self) -> int:
        """What can be spent now."""
        return max(0, self.points - self.reserved)


class Lot(msgspec.Struct, frozen=True):
    """Points that came together and end together."""

    lot: str
    member: str
    left: int
    ends_ms: int | None
    told_ms: int | None = None
    """When its owner was told last that it ends."""


class LedgerEntry(msgspec.Struct, frozen=True):
    """One line of somebody's history."""

    place: int
    delta: int
    reason: str
    key: str
    order: str
    at_ms: int
    ends_ms: int | None


class LevelStatus(msgspec.Struct, frozen=True):
    """A person's level."""

    level: Level
    until_ms: int | None
    spent: int
    """In the last 365 days."""
    next: Level | None
    """The level above."""
    lacking: int
    """What has to be spent for it."""


class Streak(msgspec.Struct, frozen=True):
    """Days in a row."""

    day: str
    """The last check-in."""
    days: int
    """Up to that day."""
    longest: int
    forgiven: str
    """When a missed day was forgiven last; empty where none was."""


def rules_of(reads: Reads) -> LedgerRules:
    """The agreement about points, levels and commission as it stands."""
    row = reads.one("SELECT rules FROM ledger_rules")
    return _agreed(row["rules"]) if row else LedgerRules()


@lru_cache(4)
def _agreed(rules: str) -> LedgerRules:
    """Remembered: a sale asks three times."""
    return msgspec.json.decode(rules, type=LedgerRules)


def terms(reads: Reads) -> Terms:
    """What points are worth to the pricing of a basket."""
    points, store = rules_of(reads).points, profile(reads)
    return Terms(
        currency=store.currency if store else "CNY",
        point_worth=points.worth,
        burn_step=points.step,
        burn_most_bp=round(points.most * 10_000),
        earn_every=points.earn_every,
    )


def zone_of(reads: Reads) -> ZoneInfo:
    """The time on the store's wall."""
    store = profile(reads)
    return ZoneInfo(store.timezone if store else "UTC")


def balance(reads: Reads, member: str, now_ms: int, *, basket: str = "") -> Balance:
    """Returns a person's points now; what is kept for `basket` counts as free."""
    row = reads.one(
        "SELECT (SELECT coalesce(sum(left), 0) FROM lots WHERE left>0 AND (ends_ms IS NULL OR ends_ms>?2)"  # noqa: S608
        f" AND member IN {_SHORT}) AS points,"
        f" (SELECT coalesce(sum(points), 0) FROM points_owed WHERE member IN {_FAMILY}) AS owed,"
        f" (SELECT coalesce(sum(points), 0) FROM points_reserved WHERE basket<>?3 AND member IN {_FAMILY}) AS reserved",
        member,
        now_ms,
        basket,
    )
    return Balance(row["points"] - row["owed"], row["reserved"]) if row else Balance(0, 0)


def lots(reads: Reads, member: str, now_ms: int) -> list[Lot]:
    """Returns what a person has, the first to end first: so it is spent. What is theirs by the word of staff alone,
    which can be taken back still, comes last.
    """
    rows = reads.all(
        "SELECT l.lot, long(l.member), l.left, l.ends_ms, l.told_ms"
        " FROM kin k CROSS JOIN lots l ON l.member=short(k.other) AND l.left>0"
        " WHERE k.member=?1 AND (l.ends_ms IS NULL OR l.ends_ms>?2)"
        " ORDER BY coalesce(k.staff_ms, 0)>=?3, l.ends_ms IS NULL, l.ends_ms, l.lot",
        member,
        now_ms,
        now_ms - UNDO_MS,
    )
    return [Lot(*row) for row in rows]


def history(reads: Reads, member: str, *, before: int = 2**62, limit: int = 50) -> list[LedgerEntry]:
    """Returns a person's entries, the latest first."""
    rows = reads.all(
        "SELECT place, delta, reason, key, long(sale), at_ms, ends_ms FROM ledger_entries WHERE book='points'"  # noqa: S608
        f" AND account IN {_SHORT} AND place<?2 AND delta<>0 ORDER BY place DESC LIMIT ?3",
        member,
        before,
        limit,
    )
    return [LedgerEntry(*row) for row in rows]


def spent(reads: Reads, member: str, now_ms: int) -> int:
    """Returns the money paid, less what was given back, within the last 365 local days."""
    zone = zone_of(reads)
    since = begin_of(day_of(now_ms - YEAR_DAYS * 86_400_000, zone), zone)
    row = reads.one(
        "SELECT coalesce(sum(paid-repaid), 0) AS spent FROM ledger_sales"  # noqa: S608 - our own
        f" WHERE member IN {_SHORT} AND at_ms>=?2",
        member,
        since,
    )
    return row["spent"] if row else 0


def level(reads: Reads, member: str) -> Level:
    """Returns the highest level that this person has."""
    found = reads.all(f"SELECT level FROM levels WHERE member IN {_FAMILY}", member)  # noqa: S608 - our own
    return max((row["level"] for row in found), key=LEVELS.index, default="member")


def level_status(reads: Reads, member: str, now_ms: int) -> LevelStatus:
    """Returns a person's level and the way to the next."""
    own, paid = level(reads, member), spent(reads, member, now_ms)
    row = reads.one(
        f"SELECT max(until_ms) AS until_ms FROM levels WHERE level=?2 AND member IN {_FAMILY}",  # noqa: S608 - our own
        member,
        own,
    )
    above = rules_of(reads).levels.next(own)
    return LevelStatus(
        own,
        row["until_ms"] if row else None,
        paid,
        above[0] if above else None,
        max(0, above[1] - paid) if above else 0,
    )


def owed(reads: Reads, member: str) -> int:
    """Returns the fees that a person still owes, in the smallest unit. Nobody pays for somebody from whom they may be
    parted still.
    """
    row = reads.one(
        "SELECT coalesce(sum(delta), 0) AS owed FROM ledger_entries WHERE book='fees' AND account IN"
        " (SELECT short(other) FROM kin WHERE member=?1 AND (staff_ms IS NULL OR staff_ms<?2))",
        member,
        reads.now - UNDO_MS,
    )
    return max(0, row["owed"]) if row else 0


class Owing(msgspec.Struct, frozen=True):
    """Somebody who owes late fees."""

    member: str
    amount: int
    parcel: str
    """The parcel that was collected late last."""
    at_ms: int
    """When."""


def owing(reads: Reads) -> list[Owing]:
    """Returns each person who owes late fees, whoever collected last first. Nobody asks the erased for them."""
    rows = reads.all(
        "WITH owed AS (SELECT (SELECT min(other) FROM kin WHERE member=long(account)"
        " AND (staff_ms IS NULL OR staff_ms<?1)) AS member,"
        " sum(delta) AS amount, max(iif(delta>0, place, 0)) AS place FROM ledger_entries WHERE book='fees'"
        " GROUP BY 1 HAVING member IS NOT NULL AND sum(delta)>0)"
        " SELECT member, amount, key, at_ms FROM owed JOIN ledger_entries USING (place) ORDER BY place DESC",
        reads.now - UNDO_MS,
    )
    return [Owing(row["member"], row["amount"], row["key"].partition("/")[2], row["at_ms"]) for row in rows]


def order_count(reads: Reads, member: str) -> int:
    """Returns how many orders this person paid, also those that came back."""
    row = reads.one(f"SELECT count(*) AS n FROM ledger_sales WHERE member IN {_SHORT}", member)  # noqa: S608 - our own
    return row["n"] if row else 0


def buyer_standing(reads: Reads, member: str, now_ms: int, *, basket: str = "") -> Member:
    """Returns the buyer as the pricing of a basket asks for one."""
    first = reads.one(
        f"SELECT long(sale) AS sale FROM ledger_sales WHERE member IN {_SHORT} ORDER BY at_ms, 1 LIMIT 1",  # noqa: S608 - our own
        member,
    )
    return Member(
        id=member,
        level=level(reads, member),
        first_order=first is None,
        counted_order=first["sale"] if first else "",
        points=max(0, balance(reads, member, now_ms, basket=basket).free),
    )


def streak(reads: Reads, member: str) -> Streak | None:
    """Returns the days in a row of whoever of this person was here last."""
    row = reads.one(
        f"WITH own AS (SELECT * FROM streaks WHERE member IN {_FAMILY})"  # noqa: S608 - our own
        " SELECT day, streak, (SELECT max(longest) FROM own), (SELECT max(forgiven) FROM own) FROM own"
        " ORDER BY day DESC, streak DESC LIMIT 1",
        member,
    )
    return Streak(*row) if row else None


class Results(msgspec.Struct, frozen=True):
    """What came of one promoter's badge."""

    promoter: str
    members: int
    """Who registered there and is theirs."""
    refused: int
    """Who registered there and is nobody's."""
    first: int
    """Their members' first orders that count."""
    second: int
    """The second ones."""
    open: int
    """Commission that is not settled yet, in the smallest unit."""
    settled: int
    reversed: int
    unpaid: int
    """Orders that bring nothing because of who paid them."""
    pickups: int
    """Orders that they sold and that were picked up."""
    picked_up: int
    """What was paid for those, less what came back."""

    @property
    def orders(self) -> int:
        """What they are ranked by: orders that count, of both kinds."""
        return self.first + self.second + self.pickups


def results(reads: Reads, promoter: str, since_ms: int = 0) -> Results:
    """Returns what a promoter has brought since then, and what is due for it."""
    people = reads.one(
        "SELECT count(*) FILTER (WHERE why='') AS bound, count(*) FILTER (WHERE why<>'') AS refused"
        " FROM promoted WHERE promoter=? AND at_ms>=?",
        promoter,
        since_ms,
    )
    money = reads.one(
        "SELECT count(*) FILTER (WHERE number=1 AND state<>'reversed') AS first,"
        " count(*) FILTER (WHERE number=2 AND state<>'reversed') AS second,"
        " coalesce(sum(amount) FILTER (WHERE state='earned'), 0) AS open,"
        " coalesce(sum(amount) FILTER (WHERE state='settled'), 0) AS settled,"
        " coalesce(sum(amount) FILTER (WHERE state='reversed'), 0) AS gone"
        " FROM commissions WHERE promoter=? AND at_ms>=?",
        promoter,
        since_ms,
    )
    others = reads.one(
        "SELECT (SELECT count(*) FROM commissions_refused WHERE promoter=?1 AND at_ms>=?2) AS unpaid,"
        " count(*) AS pickups, coalesce(sum(amount), 0) AS picked_up FROM pickups WHERE adviser=?1 AND at_ms>=?2",
        promoter,
        since_ms,
    )
    return Results(promoter, *(people or (0, 0)), *(money or (0, 0, 0, 0, 0)), *(others or (0, 0, 0)))


def promoters(reads: Reads) -> list[str]:
    """Returns everybody at whose badge somebody registered, or who sold what was picked up."""
    rows = reads.all("SELECT promoter FROM promoted UNION SELECT adviser FROM pickups ORDER BY 1")
    return [row["promoter"] for row in rows]


def given_only(reads: Reads) -> frozenset[str]:
    """Returns the campaigns whose coupons nobody claims: they are had for points, won, or given to new members."""
    rules = rules_of(reads).commission
    rows = reads.all("SELECT campaign FROM mall WHERE withdrawn=0")
    named = (*(row["campaign"] for row in rows), *prize_coupons(reads), rules.welcome, rules.after_first)
    return frozenset(name for name in named if name)

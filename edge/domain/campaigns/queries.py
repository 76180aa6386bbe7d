"""What is asked of campaigns: which are in force, in which version, and how often each was used."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

import msgspec

from edge.domain.campaigns import leases
from edge.domain.campaigns.rules import CampaignStatus, digest
from edge.journal import Reads
from pricing.basket import Counters
from pricing.campaigns import Campaign

Edition = tuple[int, str]
"""How many times campaigns were put into force, and the name of what is."""

_CAMPAIGN: Final = msgspec.json.Decoder(Campaign)
MAX_KNOWN: Final = 1000
"""Definitions whose campaign is remembered."""
_STANDING: Final = (
    "SELECT c.*, coalesce(t.uses, 0) AS uses, coalesce(t.amount, 0) AS amount FROM campaigns c"
    " LEFT JOIN campaign_totals t ON t.campaign=c.campaign AND t.day=''"
)
HELD: Final = "campaign IN (SELECT campaign FROM wallet WHERE state IN ('claimed', 'reserved'))"
"""Of it somebody has a coupon that is not used up."""
_KIN: Final = "SELECT ?1 UNION ALL SELECT other FROM kin WHERE member=?1"
"""Whoever is one person with a member."""
_USED_UP: Final = (
    "(SELECT count(*) FROM kin k JOIN wallet w ON w.member=k.other AND w.campaign=u.campaign"
    " WHERE k.member=?1 AND w.state='redeemed')"
)


@lru_cache(MAX_KNOWN)
def _read(definition: str) -> Campaign:
    """Remembered: each page with offers on it reads all of them, and they hardly ever change."""
    return _CAMPAIGN.decode(definition)


def in_force(reads: Reads) -> tuple[Campaign, ...]:
    """Returns the campaigns that may be used now, as far as their own conditions hold, by id."""
    rows = reads.all("SELECT definition FROM campaigns WHERE withdrawn=0 AND paused=0 ORDER BY campaign")
    return tuple(_read(row["definition"]) for row in rows)


def version(reads: Reads) -> str:
    """Returns the name of what `in_force` gives: another one whenever that differs; empty before the first."""
    row = reads.one("SELECT version FROM campaign_versions ORDER BY place DESC LIMIT 1")
    if row is None:
        return ""
    paused = [row["campaign"] for row in reads.all("SELECT campaign FROM campaigns WHERE paused=1 AND withdrawn=0")]
    return f"{row['version']}-{_short(sorted(paused))}" if paused else str(row["version"])


def edition(reads: Reads) -> Edition:
    """Returns another one whenever `in_force` gives anything else, be it only how a version is counted."""
    row = reads.one("SELECT max(place) AS place FROM campaign_versions")
    return (row["place"] or 0 if row else 0), version(reads)


def _short(names: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:6]


def campaign(reads: Reads, name: str) -> Campaign | None:
    """Returns one campaign, whatever became of it."""
    row = reads.one("SELECT definition FROM campaigns WHERE campaign=?", name)
    return _read(row["definition"]) if row else None


def campaign_statuses(reads: Reads) -> list[CampaignStatus]:
    """Returns every campaign that is not withdrawn, with what staff did to it and what it has given, by id."""
    return [_campaign_status(row) for row in reads.all(f"{_STANDING} WHERE c.withdrawn=0 ORDER BY c.campaign")]


def withdrawn_with_coupons(reads: Reads) -> list[CampaignStatus]:
    """Returns the campaigns that were withdrawn, and of which somebody has a coupon still."""
    return [
        _campaign_status(row) for row in reads.all(f"{_STANDING} WHERE c.withdrawn=1 AND c.{HELD} ORDER BY c.campaign")
    ]


def campaign_status(reads: Reads, name: str) -> CampaignStatus | None:
    """Returns one of them; None where it is withdrawn, or never was."""
    row = reads.one(f"{_STANDING} WHERE c.withdrawn=0 AND c.campaign=?", name)
    return _campaign_status(row) if row else None


def last_campaign_status(reads: Reads, name: str) -> CampaignStatus | None:
    """Returns one campaign as it stands, or as it stood when it was withdrawn; None where it never was."""
    row = reads.one(f"{_STANDING} WHERE c.campaign=?", name)
    return _campaign_status(row) if row else None


def _campaign_status(row: sqlite3.Row) -> CampaignStatus:
    return CampaignStatus(
        campaign=_read(row["definition"]),
        paused=bool(row["paused"]),
        paused_by=row["paused_by"],
        paused_why=row["paused_why"],
        changed_ms=row["changed_ms"],
        uses=row["uses"],
        amount=row["amount"],
    )


def uses(reads: Reads, *, member: str, day: str, now_ms: int, basket: str = "") -> dict[str, Counters]:
    """Returns how often each campaign was used before, by id: what limits and budgets are held against.

    `day` is that of the store. What other baskets have reserved counts until it is freed, which waits for the end of a
    payment in doubt; what `basket` itself has does not. Persons who became one count as one. A coupon was counted when
    it was claimed; of a person's, those count that are used up, so that one that came back can be used again.
    """
    found: dict[str, dict[str, int]] = {}
    for name, column, amount, many in _counts(reads, member, day, basket):
        of_one = found.setdefault(name, {})
        of_one[column] = of_one.get(column, 0) + many
        if column == "uses":
            of_one["amount"] = of_one.get("amount", 0) + amount
    counters = {name: msgspec.convert(counts, Counters) for name, counts in found.items()}
    for shared in _shared(reads):
        before = counters.get(shared.id, Counters())
        counters[shared.id] = leases.counted(reads, shared, before, basket=basket, now_ms=now_ms)
    return counters


def _shared(reads: Reads) -> list[Campaign]:
    rows = reads.all("SELECT definition FROM campaigns WHERE withdrawn=0 AND paused=0 AND shared=1")
    return [_read(row["definition"]) for row in rows]


def _counts(reads: Reads, member: str, day: str, basket: str) -> Iterator[tuple[str, str, int, int]]:
    """Campaign, what is counted, money and number, row by row."""
    totals = (
        "SELECT t.campaign, t.day, iif(c.claim AND t.day='', 0, t.uses) AS uses, t.amount FROM campaigns c"
        " CROSS JOIN campaign_totals t ON t.campaign=c.campaign AND t.day IN ('', ?)"
    )
    for row in reads.all(totals, day):
        yield row["campaign"], "store_day" if row["day"] else "uses", row["amount"], row["uses"]
    if member:
        for row in reads.all(
            f"SELECT u.campaign, u.day, iif(c.claim AND u.day='', {_USED_UP}, sum(u.uses)) AS uses FROM campaign_uses u"  # noqa: S608
            f" LEFT JOIN campaigns c ON c.campaign=u.campaign WHERE u.day IN ('', ?2) AND u.member IN ({_KIN})"
            " GROUP BY u.campaign, u.day",
            member,
            day,
        ):
            yield row["campaign"], "member_day" if row["day"] else "member", 0, row["uses"]
    for row in reads.all(
        f"SELECT campaign, day=?2 AS today, member IN ({_KIN}) AS own, sum(uses) AS uses, sum(amount) AS amount"  # noqa: S608
        " FROM campaign_reserved WHERE basket <> ?3 GROUP BY 1, 2, 3",
        member,
        day,
        basket,
    ):
        yield row["campaign"], "uses", row["amount"], row["uses"]
        if row["today"]:
            yield row["campaign"], "store_day", 0, row["uses"]
        if member and row["own"]:
            yield row["campaign"], "member", 0, row["uses"]
            if row["today"]:
                yield row["campaign"], "member_day", 0, row["uses"]


def has_first_order_offer(reads: Reads, member: str, *, basket: str) -> bool:
    """Whether this person had an offer for a first order, or has one reserved with another basket than this one."""
    row = reads.one(
        f"SELECT 1 FROM (SELECT campaign FROM campaign_uses WHERE day='' AND member IN ({_KIN})"  # noqa: S608
        f" UNION ALL SELECT campaign FROM campaign_reserved WHERE basket<>?2 AND member IN ({_KIN})) t"
        " CROSS JOIN campaigns c ON c.campaign=t.campaign WHERE json_extract(c.definition, '$.when.first_order')",
        member,
        basket,
    )
    return row is not None


def known(reads: Reads) -> dict[str, tuple[str, int]]:
    """Returns digest and version of each campaign that is not withdrawn, and the version of those that are."""
    rows = reads.all("SELECT definition, version, withdrawn, campaign FROM campaigns")
    return {
        row["campaign"]: ("" if row["withdrawn"] else digest(_read(row["definition"])), row["version"]) for row in rows
    }

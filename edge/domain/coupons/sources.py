"""What can be claimed, from both of its sources: campaigns that are coupons, and the offers of `[[coupons]]`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from edge.domain.coupons.rules import Coupon
from edge.domain.held import queries as held
from edge.domain.ledger.queries import given_only
from edge.journal import Reads
from pricing.campaigns import Campaign
from words.languages import Wording

_OFFER: Final = f"""
SELECT c.*, c.claimed + coalesce(n.claimed, 0) AS taken, c.printed + coalesce(n.printed, 0) AS by_print,
    {held.COUPON} AS held
FROM coupons c LEFT JOIN coupon_counts n ON n.campaign=c.coupon
"""  # noqa: S608 - our own columns


def offered(reads: Reads, name: str) -> Coupon | None:
    """Returns what that name offers, whatever became of it."""
    row = reads.one(f"{_OFFER} WHERE c.coupon=?", name)
    return _offer(row) if row else None


def all_offered(reads: Reads, now_ms: int) -> list[Coupon]:
    """Returns everything that can be claimed now, the soonest to end first; nothing that is given or had for points."""
    rows, given = reads.all(f"{_OFFER} WHERE c.withdrawn=0 AND NOT {held.COUPON}"), given_only(reads)
    found = (each for each in map(_offer, rows) if each.coupon not in given)
    return _sorted(each for each in found if each.hindrance(now_ms) is None)


def _sorted(found: Iterable[Coupon]) -> list[Coupon]:
    return sorted(found, key=lambda each: (each.ends_ms is None, each.ends_ms or 0, each.coupon))


def titles(reads: Reads) -> dict[str, Wording]:
    """By coupon."""
    return dict(_titles(reads))


def _titles(reads: Reads) -> Iterator[tuple[str, Wording]]:
    for row in reads.all("SELECT coupon, title FROM coupons ORDER BY rowid"):
        yield row["coupon"], _words(row["title"])


def _offer(row: sqlite3.Row) -> Coupon:
    return Coupon(
        coupon=row["coupon"],
        zones=(row["zone"],),
        title=_words(row["title"]),
        subtitle=_words(row["subtitle"]),
        price=row["price"],
        was=row["was"],
        stock=row["stock"],
        claimed=row["taken"],
        starts_ms=row["starts_ms"],
        ends_ms=row["ends_ms"],
        art=row["art"],
        tint=row["tint"],
        terms=_words(row["terms"]),
        withdrawn=bool(row["withdrawn"]),
        printed=row["by_print"],
    )


def of_campaign(campaign: Campaign, *, claimed: int, printed: int, withdrawn: bool, paused: bool) -> Coupon:
    """Returns the coupon that a campaign is."""
    return Coupon(
        coupon=campaign.id,
        zones=campaign.when.zones,
        title=Wording(campaign.words),
        subtitle=Wording(campaign.subtitle),
        price=None,
        was=None,
        stock=campaign.budget.uses,
        claimed=claimed,
        starts_ms=None,
        ends_ms=campaign.when.until_ms,
        art=campaign.art,
        tint=campaign.tint,
        terms=Wording(campaign.terms),
        withdrawn=withdrawn or not campaign.claim,
        printed=printed,
        campaign=campaign,
        paused=paused,
    )


def _words(text: str) -> Wording:
    return Wording(msgspec.json.decode(text))

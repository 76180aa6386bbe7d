"""What can be claimed, from both of its sources: campaigns that are coupons, and the offers of `[[coupons]]`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from edge.domain.campaigns import queries as campaign_queries
from edge.domain.campaigns.rules import CampaignStatus
from edge.domain.coupons.facts import CouponOffered
from edge.domain.coupons.rules import Coupon, CouponDisplay
from edge.domain.held import queries as held
from edge.domain.ledger.queries import given_only
from edge.journal import Reads
from pricing.campaigns import Campaign
from words.languages import Wording

_DEFINITION: Final = msgspec.json.Decoder(CouponOffered)
_OFFER: Final = """
SELECT c.*, c.claimed + coalesce(n.claimed, 0) AS taken, c.printed + coalesce(n.printed, 0) AS by_print
FROM coupons c LEFT JOIN coupon_counts n ON n.campaign=c.coupon
"""


def offered(reads: Reads, name: str, *, had: bool = False) -> Coupon | None:
    """Returns what that name offers, whatever became of it; for who `had` it, also where it applies by itself now."""
    return _offered(reads, name, campaign_queries.campaign_status(reads, name), _count(reads, name), had=had)


def offered_by(reads: Reads, names: Iterable[str], *, had: bool = False) -> dict[str, Coupon]:
    """Returns as `offered` what these names offer; by name, without those that nothing has."""
    counts = _counts(reads)
    standing = {each.campaign.id: each for each in campaign_queries.campaign_statuses(reads)}
    found = {
        name: _offered(reads, name, standing.get(name), counts.get(name, (0, 0)), had=had)
        for name in dict.fromkeys(names)
    }
    return {name: coupon for name, coupon in found.items() if coupon is not None}


def _offered(
    reads: Reads, name: str, now: CampaignStatus | None, taken: tuple[int, int], *, had: bool
) -> Coupon | None:
    last = now or campaign_queries.last_campaign_status(reads, name)
    if last is not None and last.campaign.claim:
        return of_campaign(last.campaign, taken, withdrawn=now is None, paused=last.paused)
    row = reads.one(f"{_OFFER} WHERE c.coupon=?", name)
    if row is not None:
        return _offer(row)
    return of_campaign(last.campaign, taken, withdrawn=True, paused=last.paused) if had and last is not None else None


def all_offered(reads: Reads, now_ms: int) -> list[Coupon]:
    """Returns everything that can be claimed now, the soonest to end first; not what is given, or had for points."""
    found, counts, apart = {}, _counts(reads), kept_back(reads)
    for row in reads.all(f"{_OFFER} WHERE c.withdrawn=0"):
        found[row["coupon"]] = _offer(row)
    for campaign in campaign_queries.in_force(reads):
        if campaign.claim:
            taken = counts.get(campaign.id, (0, 0))
            found[campaign.id] = of_campaign(campaign, taken, withdrawn=False, paused=False)
    return _sorted(each for each in found.values() if each.hindrance(now_ms) is None and each.coupon not in apart)


def kept_back(reads: Reads) -> frozenset[str]:
    """Returns what nobody claims: what is won, given or had for points, and what a later build knows more of."""
    return held.coupons(reads) | given_only(reads)


def _count(reads: Reads, name: str) -> tuple[int, int]:
    """As `_counts`, of one campaign."""
    row = reads.one(
        "SELECT coalesce(sum(claimed), 0) AS claimed, coalesce(sum(printed), 0) AS printed FROM ("
        "SELECT claimed, printed FROM coupon_counts WHERE campaign=?1"
        " UNION ALL SELECT claimed, printed FROM coupons WHERE coupon=?1)",
        name,
    )
    return (row["claimed"], row["printed"]) if row else (0, 0)


def _counts(reads: Reads) -> dict[str, tuple[int, int]]:
    """By campaign: how many were claimed, and with printed codes; while it was an offer of `[[coupons]]` as well."""
    rows = reads.all(
        "SELECT campaign, sum(claimed) AS claimed, sum(printed) AS printed FROM ("
        "SELECT campaign, claimed, printed FROM coupon_counts"
        " UNION ALL SELECT coupon, claimed, printed FROM coupons) GROUP BY campaign"
    )
    return {row["campaign"]: (row["claimed"], row["printed"]) for row in rows}


def _sorted(found: Iterable[Coupon]) -> list[Coupon]:
    return sorted(found, key=lambda each: (each.ends_ms is None, each.ends_ms or 0, each.coupon))


def titles(reads: Reads) -> dict[str, Wording]:
    """By coupon."""
    return dict(_titles(reads))


def _titles(reads: Reads) -> Iterator[tuple[str, Wording]]:
    for row in reads.all("SELECT definition FROM coupons ORDER BY rowid"):
        said = _DEFINITION.decode(row["definition"])
        yield said.coupon, Wording(said.title)
    for standing in campaign_queries.campaign_statuses(reads):
        yield standing.campaign.id, Wording(standing.campaign.words)


def _offer(row: sqlite3.Row) -> Coupon:
    said = _DEFINITION.decode(row["definition"])
    return Coupon(
        coupon=said.coupon,
        zones=(said.zone,),
        look=CouponDisplay.of(said.title, said),
        price=said.price,
        was=said.was,
        stock=said.stock,
        claimed=row["taken"],
        starts_ms=said.starts_ms,
        ends_ms=said.ends_ms,
        withdrawn=bool(row["withdrawn"]),
        printed=row["by_print"],
    )


def of_campaign(campaign: Campaign, taken: tuple[int, int], *, withdrawn: bool, paused: bool) -> Coupon:
    """Returns the coupon that a campaign is."""
    return Coupon(
        coupon=campaign.id,
        zones=campaign.when.zones,
        look=CouponDisplay.of(campaign.words, campaign),
        price=None,
        was=None,
        stock=campaign.budget.uses,
        claimed=taken[0],
        starts_ms=None,
        ends_ms=campaign.when.until_ms,
        withdrawn=withdrawn,
        printed=taken[1],
        campaign=campaign,
        paused=paused,
    )

"""How each fact changes the tables of campaigns and of how often they were used."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.domain.campaigns.facts import (
    CampaignPaused,
    CampaignPublished,
    CampaignResumed,
    CampaignsActivated,
    CampaignsReleased,
    CampaignsReserved,
    CampaignsUsed,
    CampaignWithdrawn,
)
from edge.journal import Applies, Entry, Rows

SCHEMA: Final = """
CREATE TABLE campaigns (
    campaign TEXT PRIMARY KEY, definition TEXT, version INTEGER, withdrawn INTEGER, paused INTEGER, paused_by TEXT,
    paused_why TEXT, changed_ms INTEGER) STRICT;
CREATE TABLE campaign_versions (
    place INTEGER PRIMARY KEY, version TEXT, sha256 TEXT, count INTEGER, by TEXT, since_ms INTEGER) STRICT;
CREATE TABLE campaign_totals (
    campaign TEXT, day TEXT, uses INTEGER, amount INTEGER, PRIMARY KEY (campaign, day)) STRICT, WITHOUT ROWID;
CREATE TABLE campaign_uses (
    member TEXT, campaign TEXT, day TEXT, uses INTEGER, PRIMARY KEY (member, campaign, day)) STRICT, WITHOUT ROWID;
CREATE TABLE campaign_reserved (
    basket TEXT, campaign TEXT, member TEXT, day TEXT, uses INTEGER, amount INTEGER, until_ms INTEGER,
    PRIMARY KEY (basket, campaign)) STRICT, WITHOUT ROWID;
"""
EVER: Final = ""
"""In the place of a day, the sum of all days."""


def _published(rows: Rows, entry: Entry, fact: CampaignPublished) -> None:
    rows.run(
        "INSERT INTO campaigns VALUES (?,?,?,0,0,'','',?) ON CONFLICT (campaign) DO UPDATE SET"
        " definition=excluded.definition, version=excluded.version, withdrawn=0, changed_ms=excluded.changed_ms",
        (
            fact.campaign.id,
            msgspec.json.encode(fact.campaign).decode(),
            fact.campaign.version,
            entry.wall_ms,
        ),
    )


def _withdrawn(rows: Rows, entry: Entry, fact: CampaignWithdrawn) -> None:
    rows.run("UPDATE campaigns SET withdrawn=1, changed_ms=? WHERE campaign=?", (entry.wall_ms, fact.campaign))


def _paused(rows: Rows, entry: Entry, fact: CampaignPaused) -> None:
    rows.run(
        "UPDATE campaigns SET paused=1, paused_by=?, paused_why=?, changed_ms=? WHERE campaign=?",
        (fact.by, fact.reason, entry.wall_ms, fact.campaign),
    )


def _resumed(rows: Rows, entry: Entry, fact: CampaignResumed) -> None:
    rows.run(
        "UPDATE campaigns SET paused=0, paused_by='', paused_why='', changed_ms=? WHERE campaign=?",
        (entry.wall_ms, fact.campaign),
    )


def _activated(rows: Rows, entry: Entry, fact: CampaignsActivated) -> None:
    rows.run(
        "INSERT INTO campaign_versions (version, sha256, count, by, since_ms) VALUES (?,?,?,?,?)",
        (fact.version, fact.sha256, fact.count, fact.by, entry.wall_ms),
    )


def _reserved(rows: Rows, _: Entry, fact: CampaignsReserved) -> None:
    _free(rows, fact.basket)
    for use in fact.uses:
        rows.run(
            "INSERT INTO campaign_reserved VALUES (?,?,?,?,?,?,?)",
            (fact.basket, use.campaign, fact.member, fact.day, use.uses, use.amount, fact.until_ms),
        )


def _released(rows: Rows, _: Entry, fact: CampaignsReleased) -> None:
    _free(rows, fact.basket)


def _free(rows: Rows, basket: str) -> None:
    rows.run("DELETE FROM campaign_reserved WHERE basket=?", (basket,))


def _used(rows: Rows, _: Entry, fact: CampaignsUsed) -> None:
    _free(rows, fact.basket)
    for use in fact.uses:
        for day in (EVER, fact.day):
            rows.run(
                "INSERT INTO campaign_totals VALUES (?,?,?,?) ON CONFLICT (campaign, day) DO UPDATE SET"
                " uses=uses+excluded.uses, amount=amount+excluded.amount",
                (use.campaign, day, use.uses, use.amount),
            )
            if fact.member:
                rows.run(
                    "INSERT INTO campaign_uses VALUES (?,?,?,?) ON CONFLICT (member, campaign, day) DO UPDATE SET"
                    " uses=uses+excluded.uses",
                    (fact.member, use.campaign, day, use.uses),
                )


APPLIES: Final[Applies] = {
    CampaignPublished: _published,
    CampaignWithdrawn: _withdrawn,
    CampaignPaused: _paused,
    CampaignResumed: _resumed,
    CampaignsActivated: _activated,
    CampaignsReserved: _reserved,
    CampaignsReleased: _released,
    CampaignsUsed: _used,
}

"""How each fact changes the tables of campaigns and of how often they were used."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.domain.campaigns.facts import (
    BudgetExhausted,
    CampaignPaused,
    CampaignPublished,
    CampaignResumed,
    CampaignsActivated,
    CampaignsReleased,
    CampaignsReserved,
    CampaignsUsed,
    CampaignWithdrawn,
    LeaseGranted,
    LeaseReturned,
    LeaseSpent,
    Use,
)
from edge.journal import Applies, Entry, Rows

SCHEMA: Final = """
CREATE TABLE campaigns (
    campaign TEXT PRIMARY KEY, definition TEXT, version INTEGER, withdrawn INTEGER, paused INTEGER, paused_by TEXT,
    paused_why TEXT, changed_ms INTEGER, shared INTEGER, claim INTEGER) STRICT;
CREATE TABLE campaign_versions (
    place INTEGER PRIMARY KEY, version TEXT, sha256 TEXT, count INTEGER, by TEXT, since_ms INTEGER) STRICT;
CREATE TABLE campaign_totals (
    campaign TEXT, day TEXT, uses INTEGER, amount INTEGER, PRIMARY KEY (campaign, day)) STRICT, WITHOUT ROWID;
CREATE TABLE campaign_uses (
    member TEXT, campaign TEXT, day TEXT, uses INTEGER, PRIMARY KEY (member, campaign, day)) STRICT, WITHOUT ROWID;
CREATE TABLE campaign_reserved (
    basket TEXT, campaign TEXT, member TEXT, day TEXT, uses INTEGER, amount INTEGER, until_ms INTEGER,
    PRIMARY KEY (basket, campaign)) STRICT, WITHOUT ROWID;
CREATE TABLE leases (
    lease TEXT PRIMARY KEY, campaign TEXT, number INTEGER, stream TEXT, state TEXT, uses INTEGER, amount INTEGER,
    granted_ms INTEGER, ends_ms INTEGER, spent_uses INTEGER, spent_amount INTEGER, spent_ms INTEGER,
    key TEXT) STRICT, WITHOUT ROWID;
CREATE INDEX leases_of_campaign ON leases (campaign, ends_ms);
CREATE INDEX leases_held ON leases (ends_ms) WHERE state='held';
CREATE TABLE exhausted_budgets (campaign TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
"""
EVER: Final = ""
"""In the place of a day, the sum of all days."""


def _published(rows: Rows, entry: Entry, fact: CampaignPublished) -> None:
    rows.run(
        "INSERT INTO campaigns VALUES (?,?,?,0,0,'','',?,?,?) ON CONFLICT (campaign) DO UPDATE SET"
        " definition=excluded.definition, version=excluded.version, withdrawn=0, changed_ms=excluded.changed_ms,"
        " shared=excluded.shared, claim=excluded.claim",
        (
            fact.campaign.id,
            msgspec.json.encode(fact.campaign).decode(),
            fact.campaign.version,
            entry.wall_ms,
            fact.campaign.budget.shared,
            fact.campaign.claim,
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


def _used(rows: Rows, entry: Entry, fact: CampaignsUsed) -> None:
    _free(rows, fact.basket)
    for use in fact.uses:
        if not rows.run("SELECT 1 FROM campaigns WHERE campaign=? AND claim=1", (use.campaign,)).fetchone():
            _spend(rows, entry, use)
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


def _spend(rows: Rows, entry: Entry, use: Use) -> None:
    """From the leases that are held, the first to end first; what is beyond them all counts against the last."""
    held = rows.run(
        "SELECT lease, uses-spent_uses, amount-spent_amount FROM leases WHERE campaign=? AND state='held'"
        " ORDER BY ends_ms, lease",
        (use.campaign,),
    ).fetchall()
    uses, amount = use.uses, use.amount
    for place, (lease, uses_left, amount_left) in enumerate(held):
        last = place == len(held) - 1
        now_uses = uses if last or uses_left is None else min(uses, max(0, uses_left))
        now_amount = amount if last or amount_left is None else min(amount, max(0, amount_left))
        if now_uses or now_amount:
            rows.run(
                "UPDATE leases SET spent_uses=spent_uses+?, spent_amount=spent_amount+?, spent_ms=? WHERE lease=?",
                (now_uses, now_amount, entry.wall_ms, lease),
            )
        uses, amount = uses - now_uses, amount - now_amount


def _leased(rows: Rows, _: Entry, fact: LeaseGranted) -> None:
    rows.run(
        "INSERT INTO leases VALUES (?,?,?,?,'held',?,?,?,?,0,0,NULL,?)",
        (
            fact.lease,
            fact.campaign,
            fact.number,
            fact.stream,
            fact.uses,
            fact.amount,
            fact.granted_ms,
            fact.ends_ms,
            fact.key,
        ),
    )
    rows.run("DELETE FROM exhausted_budgets WHERE campaign=?", (fact.campaign,))


def _lease_spent(rows: Rows, entry: Entry, fact: LeaseSpent) -> None:
    _spend(rows, entry, Use(fact.campaign, fact.uses))


def _lease_returned(rows: Rows, _: Entry, fact: LeaseReturned) -> None:
    rows.run("UPDATE leases SET state='returned' WHERE lease=?", (fact.lease,))


def _exhausted(rows: Rows, _: Entry, fact: BudgetExhausted) -> None:
    rows.run("INSERT OR IGNORE INTO exhausted_budgets VALUES (?)", (fact.campaign,))


DOUBTS: Final = ("UPDATE leases SET state='void' WHERE state='held'",)
"""A lease is bound to its stream: the previous box may have spent it, or may spend it still."""
APPLIES: Final[Applies] = {
    CampaignPublished: _published,
    CampaignWithdrawn: _withdrawn,
    CampaignPaused: _paused,
    CampaignResumed: _resumed,
    CampaignsActivated: _activated,
    CampaignsReserved: _reserved,
    CampaignsReleased: _released,
    CampaignsUsed: _used,
    LeaseGranted: _leased,
    LeaseSpent: _lease_spent,
    LeaseReturned: _lease_returned,
    BudgetExhausted: _exhausted,
}

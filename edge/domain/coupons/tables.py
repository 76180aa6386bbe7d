"""How each fact changes the tables of coupons and wallets."""

from __future__ import annotations

from typing import Any, Final

from edge.domain.coupons.facts import (
    CouponClaimed,
    CouponEnded,
    CouponOffered,
    CouponPacked,
    CouponRedeemed,
    CouponReleased,
    CouponReminded,
    CouponReserved,
    CouponReturned,
    CouponWithdrawn,
    OfferClaimed,
)
from edge.domain.coupons.rules import NOTHING_TO_TELL, coupon_id
from edge.journal import Applies, Entry, Rows
from edge.journal.transaction import Carry

SCHEMA: Final = """
CREATE TABLE coupons (
    coupon TEXT PRIMARY KEY, definition TEXT, claimed INTEGER, printed INTEGER, withdrawn INTEGER) STRICT;
CREATE TABLE coupon_counts (
    campaign TEXT PRIMARY KEY, claimed INTEGER, printed INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE wallet (
    coupon TEXT PRIMARY KEY, campaign TEXT, member TEXT, touchpoint TEXT, claimed_ms INTEGER, usable_from_ms INTEGER,
    until_ms INTEGER, state TEXT, why TEXT, basket TEXT, order_id TEXT, changed_ms INTEGER, ending_told INTEGER,
    beginning_told INTEGER, given_for TEXT, request TEXT) STRICT, WITHOUT ROWID;
CREATE INDEX wallet_of_member ON wallet (member, campaign);
CREATE INDEX wallet_of_basket ON wallet (basket) WHERE state='reserved';
CREATE INDEX wallet_ending ON wallet (until_ms) WHERE state='claimed' AND until_ms IS NOT NULL;
CREATE INDEX wallet_beginning ON wallet (usable_from_ms) WHERE state='claimed' AND NOT beginning_told;
CREATE TABLE coupon_packs (
    coupon TEXT, pack TEXT, card TEXT, PRIMARY KEY (coupon, pack)) STRICT, WITHOUT ROWID;
CREATE TABLE coupon_claims (
    claim INTEGER PRIMARY KEY, coupon TEXT, browser TEXT, touchpoint TEXT, live TEXT, proven INTEGER,
    claimed_ms INTEGER) STRICT;
CREATE INDEX claims_of_phone ON coupon_claims (browser, coupon) WHERE browser<>'';
CREATE INDEX claims_of_code ON coupon_claims (touchpoint, coupon, live) WHERE live<>'';
CREATE INDEX printed_claims ON coupon_claims (coupon, claimed_ms) WHERE live='' AND NOT proven;
"""


def _offered(rows: Rows, entry: Entry, fact: CouponOffered) -> None:
    rows.run(
        "INSERT INTO coupons VALUES (?,?,0,0,0)"
        " ON CONFLICT (coupon) DO UPDATE SET definition=excluded.definition, withdrawn=0",
        (fact.coupon, entry.body.decode()),
    )


def _withdrawn(rows: Rows, _: Entry, fact: CouponWithdrawn) -> None:
    rows.run("UPDATE coupons SET withdrawn=1 WHERE coupon=?", (fact.coupon,))


def _offer_claimed(rows: Rows, entry: Entry, fact: OfferClaimed) -> None:
    _keep(rows, entry, fact, fact.coupon, coupon_id(fact.coupon, fact.member, 1), 0, None)
    printed = fact.live == "" and not fact.proven
    rows.run("UPDATE coupons SET claimed=claimed+1, printed=printed+? WHERE coupon=?", (printed, fact.coupon))


def _claimed(rows: Rows, entry: Entry, fact: CouponClaimed) -> None:
    _keep(rows, entry, fact, fact.campaign, fact.coupon, fact.usable_from_ms, fact.until_ms)
    rows.run("UPDATE wallet SET given_for=? WHERE coupon=?", (fact.why, fact.coupon))
    printed = fact.live == "" and not fact.proven
    rows.run(
        "INSERT INTO coupon_counts VALUES (?,1,?) ON CONFLICT (campaign) DO UPDATE SET"
        " claimed=claimed+1, printed=printed+excluded.printed",
        (fact.campaign, printed),
    )


def _keep(
    rows: Rows,
    entry: Entry,
    fact: CouponClaimed | OfferClaimed,
    campaign: str,
    coupon: str,
    begins: int,
    until: int | None,
) -> None:
    told = NOTHING_TO_TELL if begins <= entry.wall_ms else 0
    when = (entry.wall_ms, begins, until, entry.wall_ms)
    rows.run(
        "INSERT INTO wallet VALUES (?,?,?,?,?,?,?,'claimed','','','',?,0,?,'',?)",
        (coupon, campaign, fact.member, fact.touchpoint, *when, told, fact.request),
    )
    if fact.live is not None:
        rows.run(
            "INSERT INTO coupon_claims VALUES (?,?,?,?,?,?,?)",
            (entry.sequence, campaign, fact.browser, fact.touchpoint, fact.live, fact.proven, entry.wall_ms),
        )


def _reserved(rows: Rows, entry: Entry, fact: CouponReserved) -> None:
    rows.run(
        "UPDATE wallet SET state='reserved', basket=?, changed_ms=? WHERE coupon=?",
        (fact.basket, entry.wall_ms, fact.coupon),
    )


def _released(rows: Rows, entry: Entry, fact: CouponReleased) -> None:
    rows.run(
        "UPDATE wallet SET state='claimed', basket='', changed_ms=? WHERE coupon=? AND state='reserved' AND basket=?",
        (entry.wall_ms, fact.coupon, fact.basket),
    )


def _redeemed(rows: Rows, entry: Entry, fact: CouponRedeemed) -> None:
    rows.run(
        "UPDATE wallet SET state='redeemed', basket=?, order_id=?, changed_ms=? WHERE coupon=?",
        (fact.basket, fact.order, entry.wall_ms, fact.coupon),
    )


def _returned(rows: Rows, entry: Entry, fact: CouponReturned) -> None:
    rows.run(
        "UPDATE wallet SET state='claimed', basket='', order_id='', changed_ms=? WHERE coupon=? AND state='redeemed'",
        (entry.wall_ms, fact.coupon),
    )


def _ended(rows: Rows, entry: Entry, fact: CouponEnded) -> None:
    rows.run(
        "UPDATE wallet SET state='ended', why=?, basket='', changed_ms=? WHERE coupon=? AND state<>'redeemed'",
        (fact.why, entry.wall_ms, fact.coupon),
    )


def _reminded(rows: Rows, entry: Entry, fact: CouponReminded) -> None:
    told = "ending_told" if fact.about == "ends" else "beginning_told"
    rows.run(f"UPDATE wallet SET {told}=? WHERE coupon=?", (entry.wall_ms, fact.coupon))  # noqa: S608 - one of the two


def _packed(rows: Rows, _: Entry, fact: CouponPacked) -> None:
    rows.run(
        "INSERT INTO coupon_packs VALUES (?,?,?) ON CONFLICT (coupon, pack) DO UPDATE SET card=excluded.card",
        (fact.coupon, fact.pack, fact.card),
    )


def _carried(row: dict[str, Any]) -> dict[str, Any]:
    """A row of when a coupon had no name of its own."""
    if "campaign" in row and row["campaign"] is not None:
        return row
    return row | {
        "coupon": coupon_id(row["coupon"], row["member"], 1),
        "campaign": row["coupon"],
        "usable_from_ms": 0,
        "state": "claimed",
        "why": "",
        "basket": "",
        "order_id": "",
        "changed_ms": row["claimed_ms"],
        "ending_told": 0,
        "beginning_told": NOTHING_TO_TELL,
        "given_for": "",
    }


CARRY: Final[dict[str, Carry]] = {"wallet": _carried}
APPLIES: Final[Applies] = {
    CouponOffered: _offered,
    CouponWithdrawn: _withdrawn,
    OfferClaimed: _offer_claimed,
    CouponClaimed: _claimed,
    CouponReserved: _reserved,
    CouponReleased: _released,
    CouponRedeemed: _redeemed,
    CouponReturned: _returned,
    CouponEnded: _ended,
    CouponReminded: _reminded,
    CouponPacked: _packed,
}

"""How each fact changes the tables of coupons and wallets."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.domain.coupons.facts import CouponClaimed, CouponOffered, CouponWithdrawn
from edge.journal import Applies, Entry, Rows

SCHEMA: Final = """
CREATE TABLE coupons (
    coupon TEXT PRIMARY KEY, zone TEXT, title TEXT, subtitle TEXT, price INTEGER, was INTEGER, stock INTEGER,
    claimed INTEGER, starts_ms INTEGER, ends_ms INTEGER, art TEXT, tint TEXT, terms TEXT, withdrawn INTEGER,
    definition TEXT, printed INTEGER) STRICT;
CREATE TABLE wallet (
    member TEXT, coupon TEXT, touchpoint TEXT, claimed_ms INTEGER, PRIMARY KEY (member, coupon)) STRICT, WITHOUT ROWID;
CREATE TABLE coupon_claims (
    claim INTEGER PRIMARY KEY, coupon TEXT, browser TEXT, touchpoint TEXT, live TEXT, proven INTEGER,
    claimed_ms INTEGER) STRICT;
CREATE INDEX claims_of_phone ON coupon_claims (browser, coupon) WHERE browser<>'';
CREATE INDEX claims_of_code ON coupon_claims (touchpoint, coupon, live) WHERE live<>'';
CREATE INDEX printed_claims ON coupon_claims (coupon, claimed_ms) WHERE live='' AND NOT proven;
"""


def _offered(rows: Rows, entry: Entry, fact: CouponOffered) -> None:
    rows.run(
        "INSERT INTO coupons VALUES (?,?,?,?,?,?,?,0,?,?,?,?,?,0,?,0)"
        " ON CONFLICT (coupon) DO UPDATE SET zone=excluded.zone, title=excluded.title, subtitle=excluded.subtitle,"
        " price=excluded.price, was=excluded.was, stock=excluded.stock, starts_ms=excluded.starts_ms,"
        " ends_ms=excluded.ends_ms, art=excluded.art, tint=excluded.tint, terms=excluded.terms, withdrawn=0,"
        " definition=excluded.definition",
        (
            fact.coupon,
            fact.zone,
            msgspec.json.encode(fact.title).decode(),
            msgspec.json.encode(fact.subtitle).decode(),
            fact.price,
            fact.was,
            fact.stock,
            fact.starts_ms,
            fact.ends_ms,
            fact.art,
            fact.tint,
            msgspec.json.encode(fact.terms or {}).decode(),
            entry.body.decode(),
        ),
    )


def _withdrawn(rows: Rows, _: Entry, fact: CouponWithdrawn) -> None:
    rows.run("UPDATE coupons SET withdrawn=1 WHERE coupon=?", (fact.coupon,))


def _claimed(rows: Rows, entry: Entry, fact: CouponClaimed) -> None:
    rows.run("INSERT INTO wallet VALUES (?,?,?,?)", (fact.member, fact.coupon, fact.touchpoint, entry.wall_ms))
    printed = fact.live == "" and not fact.proven
    rows.run("UPDATE coupons SET claimed=claimed+1, printed=printed+? WHERE coupon=?", (printed, fact.coupon))
    if fact.live is not None:
        rows.run(
            "INSERT INTO coupon_claims VALUES (?,?,?,?,?,?,?)",
            (entry.sequence, fact.coupon, fact.browser, fact.touchpoint, fact.live, fact.proven, entry.wall_ms),
        )


APPLIES: Final[Applies] = {
    CouponOffered: _offered,
    CouponWithdrawn: _withdrawn,
    CouponClaimed: _claimed,
}

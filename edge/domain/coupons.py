"""Offers of a zone, and the wallets that they are claimed into."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec

from edge.domain import held
from edge.domain.texts import Words
from edge.journal import Entry, Fact, Noun, Reads, Rows, Tx


class CouponOffered(Fact, frozen=True, tag="coupon.offered.v1"):
    """A coupon is on offer in a zone."""

    coupon: str
    zone: str
    title: Words
    subtitle: Words
    price: int
    """With the coupon, in fen (1/100 of the currency unit)."""
    was: int
    """Without it, in fen."""
    stock: int
    """How many may be claimed in all."""
    art: str
    tint: str
    starts_ms: int | None = None
    ends_ms: int | None = None
    """Unix milliseconds."""


class CouponWithdrawn(Fact, frozen=True, tag="coupon.withdrawn.v1"):
    """A coupon is no longer on offer. Those in wallets stay good."""

    coupon: str


class CouponClaimed(Fact, frozen=True, tag="coupon.claimed.v1"):
    """A member put a coupon into the wallet."""

    coupon: str
    member: str
    touchpoint: str
    request: str


class Claim(msgspec.Struct, frozen=True):
    """The coupon is in the wallet."""

    coupon: str
    already: bool
    """It had been there before."""


def offer(tx: Tx, coupons: Sequence[CouponOffered]) -> None:
    """Take over the configured coupons; only what differs becomes a fact."""
    known = {
        row["coupon"]: row["definition"] for row in tx.all("SELECT coupon, definition FROM coupons WHERE withdrawn=0")
    }
    for coupon in coupons:
        if known.pop(coupon.coupon, None) != msgspec.json.encode(coupon).decode():
            tx.emit(coupon)
    for gone in known:
        tx.emit(CouponWithdrawn(coupon=gone))


def claim(tx: Tx, *, coupon: str, member: str, touchpoint: str, request: str) -> Claim:
    """Put a coupon into a member's wallet, once. Refuses: not_registered, coupon_unknown, _ended, _gone."""
    row = tx.one(
        "SELECT c.*, (SELECT 1 FROM members m WHERE m.member=?1) AS registered,"
        " (SELECT 1 FROM wallet w WHERE w.member=?1 AND w.coupon=c.coupon) AS owned FROM coupons c WHERE c.coupon=?2",
        member,
        coupon,
    )
    if row is None:
        raise tx.refuse("coupon_unknown", coupon=coupon)
    if not row["registered"]:
        raise tx.refuse("not_registered", member=member)
    if row["owned"]:
        return Claim(coupon, already=True)
    if row["withdrawn"] or not _running(row, tx.now):
        raise tx.refuse("coupon_ended", coupon=coupon)
    if row["claimed"] >= row["stock"]:
        raise tx.refuse("coupon_gone", coupon=coupon, stock=row["stock"])
    tx.emit(CouponClaimed(coupon=coupon, member=member, touchpoint=touchpoint, request=request))
    return Claim(coupon, already=False)


def on_offer(reads: Reads, zone: str, now_ms: int) -> list[sqlite3.Row]:
    """The coupons of a zone that can be claimed now, the soonest to end first."""
    rows = reads.all(
        f"SELECT * FROM coupons c WHERE zone=? AND withdrawn=0 AND claimed < stock AND NOT {held.COUPON}"  # noqa: S608
        " ORDER BY ends_ms IS NULL, ends_ms, coupon",
        zone,
    )
    return [row for row in rows if _running(row, now_ms)]


def wallet(reads: Reads, member: str) -> list[sqlite3.Row]:
    """A member's coupons, the latest first, each with `claimed_ms` and `from_touchpoint`."""
    return reads.all(
        "SELECT c.*, w.claimed_ms, w.touchpoint AS from_touchpoint FROM wallet w JOIN coupons c USING (coupon)"
        " WHERE w.member=? ORDER BY w.claimed_ms DESC, c.coupon",
        member,
    )


def _running(row: sqlite3.Row, now_ms: int) -> bool:
    return (row["starts_ms"] is None or row["starts_ms"] <= now_ms) and (
        row["ends_ms"] is None or now_ms < row["ends_ms"]
    )


def _offered(rows: Rows, entry: Entry, fact: CouponOffered) -> None:
    rows.run(
        "INSERT INTO coupons VALUES (?,?,?,?,?,?,?,0,?,?,?,?,0,?)"
        " ON CONFLICT (coupon) DO UPDATE SET zone=excluded.zone, title=excluded.title, subtitle=excluded.subtitle,"
        " price=excluded.price, was=excluded.was, stock=excluded.stock, starts_ms=excluded.starts_ms,"
        " ends_ms=excluded.ends_ms, art=excluded.art, tint=excluded.tint, withdrawn=0, definition=excluded.definition",
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
            entry.body.decode(),
        ),
    )


def _withdrawn(rows: Rows, _: Entry, fact: CouponWithdrawn) -> None:
    rows.run("UPDATE coupons SET withdrawn=1 WHERE coupon=?", (fact.coupon,))


def _claimed(rows: Rows, entry: Entry, fact: CouponClaimed) -> None:
    rows.run("INSERT INTO wallet VALUES (?,?,?,?)", (fact.member, fact.coupon, fact.touchpoint, entry.wall_ms))
    rows.run("UPDATE coupons SET claimed=claimed+1 WHERE coupon=?", (fact.coupon,))


NOUN = Noun(
    name="coupons",
    schema="""
CREATE TABLE coupons (
    coupon TEXT PRIMARY KEY, zone TEXT, title TEXT, subtitle TEXT, price INTEGER, was INTEGER, stock INTEGER,
    claimed INTEGER, starts_ms INTEGER, ends_ms INTEGER, art TEXT, tint TEXT, withdrawn INTEGER,
    definition TEXT) STRICT;
CREATE TABLE wallet (
    member TEXT, coupon TEXT, touchpoint TEXT, claimed_ms INTEGER, PRIMARY KEY (member, coupon)) STRICT, WITHOUT ROWID;
""",
    facts={CouponOffered: _offered, CouponWithdrawn: _withdrawn, CouponClaimed: _claimed},
    guarded=frozenset({CouponClaimed}),
)

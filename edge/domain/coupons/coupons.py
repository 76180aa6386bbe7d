"""Offers of a zone, and the wallets that they are claimed into.

A coupon is claimed with a code of its own zone. A screen's coupon needs the live code of that screen, and each live
code serves a few phones. A printed code is public knowledge: what people without a proven number can take with it is
bounded, by the hour and by a share of the stock. One phone claims a coupon once, whoever it says it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Annotated, Final, NamedTuple

import msgspec

from edge.domain import held
from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.members import consents
from edge.domain.setting import SHARE, Setting
from edge.journal import Applies, Entry, Fact, Reads, Rows, Tx
from words.languages import Words


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
    browser: str = ""
    """The phone's own random name."""
    live: str | None = None
    """Names the live code of the screen; "" for a printed one; none where it was not noted."""
    proven: bool = False
    """Whether the member's number was proven."""


class ClaimRules(msgspec.Struct, frozen=True):
    """How far a code goes with coupons. Kept in the tables: a restart forgives nothing."""

    live_code: Annotated[int, Setting(ge=1, le=1000)] = 8
    """How many phones one code of a screen serves, in the 30 to 60 seconds that it lives. Raise it for a big screen."""
    printed_an_hour: Annotated[int, Setting(ge=1, le=1_000_000)] = 120
    """How many of one coupon people without a proven number may save within an hour with printed codes."""
    printed_share: Annotated[float, Setting(unit=SHARE, ge=0, le=1)] = 0.5
    """What share of a coupon's stock they may have with printed codes; the rest is saved at the zone's screen. In zones
    without a screen that works it does not count."""


class Hand(msgspec.Struct, frozen=True):
    """The phone and the code that a coupon is claimed with."""

    touchpoint: str
    """Whose code it is."""
    live: str = ""
    """Names the live code; "" where it is printed."""
    browser: str = ""
    """The phone's own random name."""
    proven: bool = False
    """Whether the member's number was proven."""


CLAIMABLE: Final = ("screen", "shelf", "coupon")
"""Purposes whose code lets a shopper claim coupons."""
HOUR_MS: Final = 3_600_000


class Claim(msgspec.Struct, frozen=True):
    """The coupon is in the wallet."""

    coupon: str
    already: bool
    """It had been there before."""


@asked_by("store")
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


@asked_by(Proof.DEVICE)
def claim(tx: Tx, *, coupon: str, caller: Caller, hand: Hand, request: str, rules: ClaimRules | None = None) -> Claim:
    """Put a coupon into a member's wallet, once. Refuses: not_registered, coupon_unknown, and what `hindrance` says."""
    row = tx.one(
        "SELECT EXISTS (SELECT 1 FROM kin WHERE member=?1) AS registered,"
        " EXISTS (SELECT 1 FROM kin k JOIN wallet w ON w.member=k.other AND w.coupon=c.coupon WHERE k.member=?1)"
        " AS owned FROM coupons c WHERE c.coupon=?2",
        caller.member,
        coupon,
    )
    if row is None:
        raise tx.refuse("coupon_unknown", coupon=coupon)
    if not row["registered"]:
        raise tx.refuse("not_registered")
    if row["owned"]:
        return Claim(coupon, already=True)
    why = hindrance(tx, coupon=coupon, hand=hand, rules=rules or ClaimRules(), now_ms=tx.now)
    if why is not None:
        details = {"seconds": why.seconds} if why.seconds else {}
        raise tx.refuse(why.code, coupon=coupon, touchpoint=hand.touchpoint, **details)
    consents.need(tx, caller.member)
    tx.emit(
        CouponClaimed(
            coupon=coupon,
            member=caller.member,
            touchpoint=hand.touchpoint,
            request=request,
            browser=hand.browser,
            live=hand.live,
            proven=hand.proven,
        )
    )
    return Claim(coupon, already=False)


class Hindrance(NamedTuple):
    """Why a coupon cannot be claimed with this code now."""

    code: str
    """A refusal's."""
    seconds: int = 0
    """When to come back, where that helps."""


_QUESTION = """
SELECT c.*, t.zone AS here, t.purpose,
    (SELECT 1 FROM coupon_claims k WHERE k.browser=?3 AND k.coupon=c.coupon AND k.browser<>'') AS by_phone,
    (SELECT count(*) FROM coupon_claims k
        WHERE k.touchpoint=?2 AND k.coupon=c.coupon AND k.live=?4 AND k.live<>'') AS by_code,
    EXISTS (SELECT 1 FROM devices d
        WHERE d.kind='screen' AND d.zone=c.zone AND d.beside IS NULL AND d.online) AS on_screen
FROM coupons c LEFT JOIN touchpoints t ON t.touchpoint=?2 WHERE c.coupon=?1
"""


def hindrance(reads: Reads, *, coupon: str, hand: Hand, rules: ClaimRules, now_ms: int) -> Hindrance | None:
    """What stands between this phone and this coupon: coupon_unknown, _ended, _gone, _elsewhere, _taken_here,
    _at_screen, code_unknown, code_not_live, code_used_up, wrong_purpose, too_many_claims.
    """
    row = reads.one(_QUESTION, coupon, hand.touchpoint, hand.browser, hand.live)
    if row is None:
        return Hindrance("coupon_unknown")
    code = _never(row, now_ms) or _not_here(row, hand, rules)
    if code is not None:
        return Hindrance(code)
    return None if hand.live or hand.proven else _printed(reads, row, rules, now_ms)


def _never(row: sqlite3.Row, now_ms: int) -> str | None:
    if row["withdrawn"] or not _running(row, now_ms):
        return "coupon_ended"
    return "coupon_gone" if row["claimed"] >= row["stock"] else None


def _not_here(row: sqlite3.Row, hand: Hand, rules: ClaimRules) -> str | None:
    if row["here"] is None:
        return "code_unknown"
    if row["purpose"] not in CLAIMABLE:
        return "wrong_purpose"
    if row["here"] != row["zone"]:
        return "coupon_elsewhere"
    if row["purpose"] == "screen" and not hand.live:
        return "code_not_live"
    if row["by_phone"]:
        return "coupon_taken_here"
    return "code_used_up" if hand.live and row["by_code"] >= rules.live_code else None


def _printed(reads: Reads, coupon: sqlite3.Row, rules: ClaimRules, now_ms: int) -> Hindrance | None:
    """A printed code says nothing of where its reader is."""
    taken = reads.all(
        "SELECT claimed_ms FROM coupon_claims WHERE coupon=? AND live='' AND NOT proven AND claimed_ms > ?"
        " ORDER BY claimed_ms DESC LIMIT ?",
        *(coupon["coupon"], now_ms - HOUR_MS, rules.printed_an_hour),
    )
    if len(taken) >= rules.printed_an_hour:
        return Hindrance("too_many_claims", max(1, (taken[-1]["claimed_ms"] + HOUR_MS - now_ms) // 1000))
    if coupon["on_screen"] and coupon["printed"] >= rules.printed_share * coupon["stock"]:
        return Hindrance("coupon_at_screen")
    return None


def on_offer(reads: Reads, zone: str, now_ms: int) -> list[sqlite3.Row]:
    """The coupons of a zone that can be claimed now, the soonest to end first."""
    rows = reads.all(
        f"SELECT * FROM coupons c WHERE zone=? AND withdrawn=0 AND claimed < stock AND NOT {held.COUPON}"  # noqa: S608
        " ORDER BY ends_ms IS NULL, ends_ms, coupon",
        zone,
    )
    return [row for row in rows if _running(row, now_ms)]


def wallet(reads: Reads, member: str) -> list[sqlite3.Row]:
    """A member's coupons, the latest first, each with `claimed_ms` and `from_touchpoint`.

    Persons who became one may both have claimed the same: it counts once.
    """
    return reads.all(
        "SELECT c.*, min(w.claimed_ms) AS claimed_ms, w.touchpoint AS from_touchpoint FROM kin k"
        " JOIN wallet w ON w.member=k.other JOIN coupons c USING (coupon) WHERE k.member=?"
        " GROUP BY c.coupon ORDER BY min(w.claimed_ms) DESC, c.coupon",
        member,
    )


def _running(row: sqlite3.Row, now_ms: int) -> bool:
    return (row["starts_ms"] is None or row["starts_ms"] <= now_ms) and (
        row["ends_ms"] is None or now_ms < row["ends_ms"]
    )


def _offered(rows: Rows, entry: Entry, fact: CouponOffered) -> None:
    rows.run(
        "INSERT INTO coupons VALUES (?,?,?,?,?,?,?,0,?,?,?,?,0,?,0)"
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
    printed = fact.live == "" and not fact.proven
    rows.run("UPDATE coupons SET claimed=claimed+1, printed=printed+? WHERE coupon=?", (printed, fact.coupon))
    if fact.live is not None:
        rows.run(
            "INSERT INTO coupon_claims VALUES (?,?,?,?,?,?,?)",
            (entry.sequence, fact.coupon, fact.browser, fact.touchpoint, fact.live, fact.proven, entry.wall_ms),
        )


SCHEMA: Final = """
CREATE TABLE coupons (
    coupon TEXT PRIMARY KEY, zone TEXT, title TEXT, subtitle TEXT, price INTEGER, was INTEGER, stock INTEGER,
    claimed INTEGER, starts_ms INTEGER, ends_ms INTEGER, art TEXT, tint TEXT, withdrawn INTEGER,
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
APPLIES: Final[Applies] = {CouponOffered: _offered, CouponWithdrawn: _withdrawn, CouponClaimed: _claimed}
GUARDED: Final = frozenset({CouponClaimed})

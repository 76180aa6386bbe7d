"""What is asked of coupons: whether one can be claimed, what is on offer, and what is in a wallet."""

from __future__ import annotations

import sqlite3
from typing import Final

import msgspec

from edge.domain.coupons.rules import CLAIMABLE, HOUR_MS, ClaimRules, Coupon, Hand, Hindrance
from edge.domain.held import queries as held
from edge.domain.rows import columns
from edge.journal import Reads
from words.languages import Wording

_COUPON: Final = columns(Coupon, "c")
_WIDTH: Final = len(Coupon.__struct_fields__)
_WORDINGS: Final = ("title", "subtitle", "terms")


def _coupon(row: sqlite3.Row) -> Coupon:
    values = dict(zip(Coupon.__struct_fields__, row, strict=False))
    return Coupon(**values | {name: Wording(msgspec.json.decode(values[name])) for name in _WORDINGS})


class _Question(msgspec.Struct, frozen=True):
    """What a phone and a code have to do with a coupon."""

    zone: str | None
    """Of the code; none where there is no such code."""
    purpose: str | None
    by_phone: int | None
    by_code: int
    on_screen: int


_QUESTION: Final = f"""
SELECT {_COUPON}, t.zone AS here, t.purpose,
    (SELECT 1 FROM coupon_claims k WHERE k.browser=?3 AND k.coupon=c.coupon AND k.browser<>'') AS by_phone,
    (SELECT count(*) FROM coupon_claims k
        WHERE k.touchpoint=?2 AND k.coupon=c.coupon AND k.live=?4 AND k.live<>'') AS by_code,
    EXISTS (SELECT 1 FROM devices d
        WHERE d.kind='screen' AND d.zone=c.zone AND d.attached_to IS NULL AND d.online) AS on_screen
FROM coupons c LEFT JOIN touchpoints t ON t.touchpoint=?2 WHERE c.coupon=?1
"""  # noqa: S608 - our own columns


def hindrance(reads: Reads, *, coupon: str, hand: Hand, rules: ClaimRules, now_ms: int) -> Hindrance | None:
    """What stands between this phone and this coupon: coupon_unknown, _ended, _gone, _elsewhere, _taken_here,
    _at_screen, code_unknown, code_not_live, code_used_up, wrong_purpose, too_many_claims.
    """
    row = reads.one(_QUESTION, coupon, hand.touchpoint, hand.browser, hand.live)
    if row is None:
        return Hindrance("coupon_unknown")
    found, asked = _coupon(row), _Question(*tuple(row)[_WIDTH:])
    code = found.hindrance(now_ms) or _not_here(found, asked, hand, rules)
    if code is not None:
        return Hindrance(code)
    return None if hand.live or hand.proven else _printed(reads, found, asked, rules, now_ms)


def _not_here(coupon: Coupon, asked: _Question, hand: Hand, rules: ClaimRules) -> str | None:
    if asked.zone is None:
        return "code_unknown"
    if asked.purpose not in CLAIMABLE:
        return "wrong_purpose"
    if asked.zone != coupon.zone:
        return "coupon_elsewhere"
    if asked.purpose == "screen" and not hand.live:
        return "code_not_live"
    if asked.by_phone:
        return "coupon_taken_here"
    return "code_used_up" if hand.live and asked.by_code >= rules.live_code else None


def _printed(reads: Reads, coupon: Coupon, asked: _Question, rules: ClaimRules, now_ms: int) -> Hindrance | None:
    """A printed code says nothing of where its reader is."""
    taken = reads.all(
        "SELECT claimed_ms FROM coupon_claims WHERE coupon=? AND live='' AND NOT proven AND claimed_ms > ?"
        " ORDER BY claimed_ms DESC LIMIT ?",
        *(coupon.coupon, now_ms - HOUR_MS, rules.printed_an_hour),
    )
    if len(taken) >= rules.printed_an_hour:
        return Hindrance("too_many_claims", max(1, (taken[-1]["claimed_ms"] + HOUR_MS - now_ms) // 1000))
    if asked.on_screen and coupon.printed >= rules.printed_share * coupon.stock:
        return Hindrance("coupon_at_screen")
    return None


def coupon(reads: Reads, name: str) -> Coupon | None:
    """Returns one coupon, whatever became of it."""
    row = reads.one(f"SELECT {_COUPON} FROM coupons c WHERE c.coupon=?", name)  # noqa: S608 - our own columns
    return _coupon(row) if row else None


def on_offer(reads: Reads, zone: str, now_ms: int) -> list[Coupon]:
    """The coupons of a zone that can be claimed now, the soonest to end first."""
    rows = reads.all(
        f"SELECT {_COUPON} FROM coupons c WHERE zone=? AND withdrawn=0 AND claimed < stock AND NOT {held.COUPON}"  # noqa: S608
        " ORDER BY ends_ms IS NULL, ends_ms, coupon",
        zone,
    )
    return [found for found in map(_coupon, rows) if found.is_running(now_ms)]


def wallet(reads: Reads, member: str) -> list[Coupon]:
    """A member's coupons, the latest first. Persons who became one may both have claimed the same: it counts once."""
    rows = reads.all(
        f"SELECT {_COUPON} FROM kin k"  # noqa: S608 - our own columns
        " JOIN wallet w ON w.member=k.other JOIN coupons c ON c.coupon=w.coupon WHERE k.member=?"
        " GROUP BY c.coupon ORDER BY min(w.claimed_ms) DESC, c.coupon",
        member,
    )
    return list(map(_coupon, rows))


def claimed_by(reads: Reads, member: str) -> frozenset[str]:
    """Returns what is in a member's wallet."""
    rows = reads.all("SELECT w.coupon FROM kin k JOIN wallet w ON w.member=k.other WHERE k.member=?", member)
    return frozenset(row["coupon"] for row in rows)


def count_of(reads: Reads, member: str) -> int:
    """Returns how many coupons this person claimed."""
    row = reads.one("SELECT count(*) AS n FROM wallet WHERE member=?", member)
    return row["n"] if row else 0


def claimed_in_all(reads: Reads) -> int:
    """Returns how many coupons were ever claimed."""
    row = reads.one("SELECT sum(claimed) AS n FROM coupons")
    return (row["n"] or 0) if row else 0


def titles(reads: Reads) -> dict[str, Wording]:
    """By coupon."""
    rows = reads.all("SELECT coupon, title FROM coupons ORDER BY rowid")
    return {row["coupon"]: Wording(msgspec.json.decode(row["title"])) for row in rows}

"""The points mall: a coupon for points, in one decision. Its campaign says what that gives: points and money."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.coupons.coupon_facts import granting
from edge.domain.coupons.rules import CouponDisplay
from edge.domain.coupons.sources import offered
from edge.domain.ledger.facts import MallExchanged, MallOffered, MallWithdrawn
from edge.domain.ledger.postings import spending
from edge.domain.members.queries import no_member
from edge.errors import used_before
from edge.journal import Reads, Tx


class MallItem(msgspec.Struct, frozen=True):
    """Something that can be had for points, as one person sees it."""

    item: str
    points: int
    left: int
    had: int
    """How many this person has had."""
    most: int
    """How many one person may have; 0 is without limit."""
    look: CouponDisplay

    @property
    def enough(self) -> bool:
        """Whether this person may have no more."""
        return bool(self.most) and self.had >= self.most


class Exchanged(msgspec.Struct, frozen=True):
    """What came of it."""

    coupon: str
    points: int
    already: bool


@asked_by("store")
def offer(tx: Tx, items: Sequence[MallOffered]) -> None:
    """Take over the mall of the settings; only what differs becomes a fact."""
    known = {row["item"]: row["definition"] for row in tx.all("SELECT item, definition FROM mall WHERE withdrawn=0")}
    for each in items:
        if known.pop(each.item, None) != msgspec.json.encode(each).decode():
            tx.emit(each)
    for gone in known:
        tx.emit(MallWithdrawn(item=gone))


@asked_by(Proof.DEVICE)
def exchange(tx: Tx, *, caller: Caller, item: str, request: str) -> Exchanged:
    """Have something for points: they are spent and its coupon is in the wallet, or nothing of it happens.

    The same request does it once. Refuses: bad_request for one that had something else, not_registered,
    consent_missing, consent_outdated, mall_gone, mall_enough, points_short.
    """
    key = f"mall/{request}"
    done = _done(tx, caller.member, item, request, key)
    if done is not None:
        return done
    if (stranger := no_member(tx, caller.member)) is not None:
        raise stranger
    found = next((each for each in mall(tx, caller.member, tx.now) if each.item == item), None)
    row = tx.one("SELECT campaign FROM mall WHERE item=?", item)
    if found is None or row is None:
        raise tx.refuse("mall_gone", item=item)
    if found.enough:
        raise tx.refuse("mall_enough", item=item, most=found.most)
    spent = spending(tx, caller.member, found.points, tx.now, key=key, reason="mall")
    given = granting(tx, row["campaign"], caller.member, request=request, why=key, now_ms=tx.now)
    if given is None:
        raise tx.refuse("mall_gone", item=item)
    for fact in (spent, *given.facts):
        tx.emit(fact)
    tx.emit(MallExchanged(item=item, member=caller.member, coupon=given.coupon, points=found.points, request=request))
    return Exchanged(given.coupon, found.points, False)


def _done(tx: Tx, member: str, item: str, request: str, key: str) -> Exchanged | None:
    row = tx.one(
        "SELECT x.coupon, x.member, x.item, -e.delta AS points FROM exchanges x"
        " JOIN ledger_entries e ON e.key=?2 AND e.key<>'' WHERE x.request=?1",
        request,
        key,
    )
    if row is None:
        return None
    if (row["member"], row["item"]) != (member, item):
        raise used_before(request)
    return Exchanged(row["coupon"], row["points"], True)


def mall(reads: Reads, member: str, now_ms: int) -> list[MallItem]:
    """Returns what can be had for points now, the cheapest first, and what this person has had."""
    rows = reads.all(
        "SELECT m.*, (SELECT count(*) FROM exchanges x JOIN kin k ON k.other=x.member"
        " WHERE k.member=? AND x.item=m.item) AS had FROM mall m"
        " WHERE m.withdrawn=0 AND m.taken<m.stock ORDER BY m.points, m.item",
        member,
    )
    found = []
    for row in rows:
        coupon = offered(reads, row["campaign"])
        if coupon is not None and coupon.hindrance(now_ms) is None:
            left = row["stock"] - row["taken"]
            found.append(MallItem(row["item"], row["points"], left, row["had"], row["per_person"], coupon.look))
    return found

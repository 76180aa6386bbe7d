"""Carts: docked → granted → out → back, one member a cart, one cart a member.

A sensor advises and never vetoes; a grant (`edge.domain.actuations`) that ends badly leaves the cart docked and the
shopper's code as good as before.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Sequence
from typing import Final

import msgspec

from edge.domain.actuations import Actuation, GrantProgress, How
from edge.domain.callers import NEW_MS, Caller, Few, Proof, asked_by, is_new
from edge.domain.commands import Hop
from edge.domain.members import consents
from edge.journal import Applies, Entry, Fact, Reads, Rows, Tx

LATE_MS: Final = 10 * 60_000
"""How long after a lapsed grant a lock that is seen open is still put down to it."""
BACK: Final = "docked"
"""The event with which a cart reports that it was pushed back into its dock."""
REST_MS: Final = 60_000
"""An out cart that its dock has shown locked in for so long is back: it came unseen, or it never went."""
AGAIN_MS: Final = 10_000
"""A second question for a cart that was unlocked so lately is answered by the first."""
WAIT_S: Final = 20
"""When to ask again where too many unlocked carts stand in their docks."""
RIDE_MS: Final = 3_000
"""No ride is shorter: a `docked` that comes sooner after the unlock tells of the ride before it."""


class CartAdded(Fact, frozen=True, tag="cart.added.v1"):
    """The store has this cart."""

    cart: str


class CartRemoved(Fact, frozen=True, tag="cart.removed.v1"):
    """The store has this cart no more."""

    cart: str


class CartUnlockGranted(Fact, frozen=True, tag="cart.unlock_granted.v1"):
    """A member may take this cart: unlock it, once, before the order expires."""

    cart: str
    member: str
    touchpoint: str
    request: str
    fence: int


class CartUnlocked(Fact, frozen=True, tag="cart.unlocked.v1"):
    """The cart is out with the member of its grant."""

    grant: str
    cart: str
    outcome: How
    """The device's word, or what its sensor showed when no word came."""
    taken: bool = True
    """False where the lock opened too late: meanwhile the cart or the member was no longer free."""


class CartUnlockFailed(Fact, frozen=True, tag="cart.unlock_failed.v1"):
    """The device answered that it could not, or it could not be asked."""

    grant: str
    cart: str
    hop: Hop
    reason: str


class CartUnlockLapsed(Fact, frozen=True, tag="cart.unlock_lapsed.v1"):
    """The grant ended without an answer; it will never be carried out."""

    grant: str
    cart: str
    hop: Hop
    reason: str


class CartSeen(Fact, frozen=True, tag="cart.seen.v1"):
    """The cart's sensors show something new."""

    cart: str
    lock: str
    docked: bool | None = None


class CartReturned(Fact, frozen=True, tag="cart.returned.v1"):
    """The member brought the cart back: it is docked and locked."""

    cart: str
    member: str
    grant: str


class CartReleased(Fact, frozen=True, tag="cart.released.v1"):
    """Staff ended a ride: the cart is nobody's, wherever it is."""

    cart: str
    member: str
    grant: str
    staff: str
    reason: str


class Grant(msgspec.Struct, frozen=True):
    """The right to one unlock."""

    id: str
    """UUID, canonical text: the grant's entry, and the id of the command that carries it out."""
    cart: str
    member: str
    fence: int


@asked_by("store")
def stock(tx: Tx, carts: Sequence[str]) -> None:
    """Take over which carts there are; only what differs becomes a fact."""
    known = {row["cart"] for row in tx.all("SELECT cart FROM carts")}
    for cart in carts:
        if cart not in known:
            tx.emit(CartAdded(cart=cart))
    for cart in known.difference(carts):
        tx.emit(CartRemoved(cart=cart))


_QUESTION = """
SELECT c.state, c.member, c.grant_id, c.fence, d.online,
    (SELECT 1 FROM kin WHERE member=?1 AND other=?1) AS registered,
    (SELECT h.cart FROM kin k JOIN carts h ON h.member=k.other WHERE k.member=?1 AND h.cart<>?2 LIMIT 1) AS held,
    EXISTS (SELECT 1 FROM kin WHERE member=?1 AND other=c.member) AS own,
    EXISTS (SELECT 1 FROM kin WHERE member=?1 AND other=e.member) AS earlier_own,
    EXISTS (SELECT 1 FROM out_of_order o WHERE o.device=c.cart) AS out,
    e.grant_id AS earlier, e.cart AS earlier_cart, e.member AS earlier_member, e.fence AS earlier_fence,
    u.ended_ms AS unlocked_ms
FROM (SELECT ?2 AS cart) asked LEFT JOIN carts c ON c.cart=asked.cart LEFT JOIN devices d ON d.device=c.cart
LEFT JOIN grants u ON u.grant_id=c.grant_id AND u.state='unlocked'
LEFT JOIN grants e ON e.request=?3
"""


_GRANT_OF = """
SELECT g.grant_id, g.state, g.cart, g.member, g.observed, g.ended_ms, c.docked, c.lock
FROM grants g JOIN carts c ON c.cart=g.cart WHERE"""
_GRANT = _GRANT_OF + " g.grant_id=?"


@asked_by(Proof.DEVICE)
def unlock(tx: Tx, *, cart: str, caller: Caller, touchpoint: str, request: str, few: Few | None = None) -> Grant:
    """Grant a member one unlock of a cart.

    The same request gets the same grant, and so does one more for a cart that has just been unlocked. `few` bounds
    callers without a proven number: a script unlocks carts and pulls none out, and its people are new.
    Refuses: cart_unknown, not_registered, consent_missing, consent_outdated, already_has_cart, cart_out, cart_busy,
    cart_away, carts_waiting, kept_for_others.
    """
    row = tx.one(_QUESTION, caller.member, cart, request)
    if row is None or (row["state"] is None and row["earlier"] is None):
        raise tx.refuse("cart_unknown", cart=cart)
    if row["earlier"] is not None:
        if not row["earlier_own"]:
            raise tx.refuse("bad_request", request=request, expected="a request id of your own")
        return Grant(row["earlier"], row["earlier_cart"], row["earlier_member"], row["earlier_fence"])
    # A ride stays the person's who began it, also where a phone of the same family unlocks once more.
    member = row["member"] if row["own"] else caller.member
    if row["own"] and (row["state"] == "granted" or tx.now - (row["unlocked_ms"] or 0) < AGAIN_MS):
        return Grant(row["grant_id"], cart, member, row["fence"])  # a second tap joins the first
    consents.need(tx, caller.member)
    why = _hindrance(row)
    if why is not None:
        raise tx.refuse(why, cart=row["held"] if why == "already_has_cart" else cart)
    if few is not None and not row["own"] and caller.proof is Proof.DEVICE:
        _refuse_crowd(tx, caller.member, few)
    # Above every earlier one of this journal, and of a journal that was lost: seconds outlive both.
    fence = max(row["fence"] + 1, tx.now // 1000)
    identity = tx.emit(CartUnlockGranted(cart=cart, member=member, touchpoint=touchpoint, request=request, fence=fence))
    return Grant(str(uuid.UUID(bytes=identity)), cart, member, fence)


def _refuse_crowd(tx: Tx, member: str, few: Few) -> None:
    waiting = tx.one("SELECT count(*) AS n FROM carts WHERE state<>'docked' AND docked=1")
    if waiting is not None and waiting["n"] >= few.waiting:
        raise tx.refuse("carts_waiting", seconds=WAIT_S)
    if few.new is None or not is_new(tx, member, tx.now):
        return
    held = tx.one(
        "SELECT count(*) AS n FROM carts c JOIN members m ON m.member=c.member"
        " WHERE c.member IS NOT NULL AND m.registered_ms > ?",
        tx.now - NEW_MS,
    )
    if held is not None and held["n"] >= few.new:
        raise tx.refuse("kept_for_others", most=few.new)


def _hindrance(row: sqlite3.Row) -> str | None:
    """Why the caller cannot have this cart now. Sensors are not asked: they advise, they never veto."""
    if not row["registered"]:
        return "not_registered"
    if row["held"] is not None and not row["own"]:
        return "already_has_cart"
    if row["member"] is not None and not row["own"]:
        return "cart_busy" if row["state"] == "granted" else "cart_out"
    return "cart_away" if row["online"] == 0 or row["out"] else None


def _open(tx: Tx, row: sqlite3.Row, outcome: How) -> None:
    taken = row["state"] == "granted" or _still_free(tx, row["cart"], row["member"])
    tx.emit(CartUnlocked(grant=row["grant_id"], cart=row["cart"], outcome=outcome, taken=taken))
    if taken and row["observed"] and row["docked"] and row["lock"] == "locked":
        # It opened, went and came back before we knew that it had opened.
        tx.emit(CartReturned(cart=row["cart"], member=row["member"], grant=row["grant_id"]))


_HOME = """
SELECT c.*, d.online AND d.changed_ms > c.changed_ms AS started_anew
FROM carts c LEFT JOIN devices d ON d.device=c.cart WHERE c.cart=?
"""


@asked_by("machine")
def seen(tx: Tx, *, cart: str, lock: str, docked: bool | None) -> bool:
    """Take over what a cart's sensors show; physical truth wins over what we believed. False when it was known."""
    row = tx.one(_HOME, cart)
    if row is None:
        return False
    known = row["lock"] == lock and row["docked"] == docked
    if not known:
        tx.emit(CartSeen(cart=cart, lock=lock, docked=docked))
    # What a device shows that came online after the unlock is newer than the unlock, even if it looks as before.
    left = row["left_dock"] or _away(lock, docked) or row["started_anew"]
    if row["state"] == "out" and left and docked and lock == "locked":
        tx.emit(CartReturned(cart=cart, member=row["member"], grant=row["grant_id"]))
    elif row["state"] == "docked" and lock == "unlocked" and not known:
        _attribute(tx, row)
    return bool(tx.emitted)


@asked_by("machine")
def told(tx: Tx, *, cart: str, event: str) -> None:
    """A cart reports `docked`, and its sensors agree: it is back, also where nobody was there to see it leave.

    Sensors show what is now, and a ride between two looks leaves no trace in them; the event is kept until it is taken.
    """
    row = tx.one("SELECT * FROM carts WHERE cart=?", cart) if event == BACK else None
    if row is None or tx.now - row["changed_ms"] < RIDE_MS:
        return
    if row["state"] == "out" and row["docked"] and row["lock"] == "locked":
        tx.emit(CartReturned(cart=cart, member=row["member"], grant=row["grant_id"]))


_AT_REST = """
SELECT c.cart, c.member, c.grant_id FROM carts c JOIN devices d ON d.device=c.cart
WHERE c.state='out' AND c.docked AND c.lock='locked' AND d.online AND c.changed_ms < ?
"""


@asked_by("store")
def tend(tx: Tx) -> None:
    """What only time shows: who took no ride, or a ride too short for anybody to see, has no cart."""
    for row in tx.all(_AT_REST, tx.now - REST_MS):
        tx.emit(CartReturned(cart=row["cart"], member=row["member"], grant=row["grant_id"]))


@asked_by("staff")
def release(tx: Tx, *, cart: str, staff: str, reason: str) -> bool:
    """Staff ends a ride, for a reason that is kept: the member may take another cart. False when nobody has it out.

    Refuses: cart_unknown, bad_request without a reason.
    """
    row = tx.one("SELECT * FROM carts WHERE cart=?", cart)
    if row is None:
        raise tx.refuse("cart_unknown", cart=cart)
    if not reason.strip():
        raise tx.refuse("bad_request", field="reason")
    if row["state"] != "out":
        return False  # an unlock that is under way ends by itself
    tx.emit(CartReleased(cart=cart, member=row["member"], grant=row["grant_id"], staff=staff, reason=reason.strip()))
    return True


def _attribute(tx: Tx, cart: sqlite3.Row) -> None:
    """A lock that opens soon after its grant ended without a word was opened by that grant."""
    grant = tx.one(_GRANT, cart["last_grant"])
    if grant is None or grant["state"] not in ("failed", "lapsed") or tx.now - grant["ended_ms"] > LATE_MS:
        return
    if _still_free(tx, grant["cart"], grant["member"]):
        tx.emit(CartUnlocked(grant=grant["grant_id"], cart=grant["cart"], outcome="observed"))


def _still_free(tx: Tx, cart: str, member: str) -> bool:
    return (
        tx.one(
            "SELECT 1 FROM carts WHERE (cart=?2 AND member IS NOT NULL)"
            " OR member IN (SELECT other FROM kin WHERE member=?1)",
            member,
            cart,
        )
        is None
    )


def _away(lock: str, docked: bool | None) -> bool:
    return lock == "unlocked" or docked is False


def _added(rows: Rows, _: Entry, fact: CartAdded) -> None:
    rows.run("INSERT INTO carts VALUES (?,'docked',NULL,NULL,NULL,0,'unknown',NULL,0,0)", (fact.cart,))


def _removed(rows: Rows, _: Entry, fact: CartRemoved) -> None:
    rows.run("DELETE FROM carts WHERE cart=?", (fact.cart,))


def _granted(rows: Rows, entry: Entry, fact: CartUnlockGranted) -> None:
    grant = str(uuid.UUID(bytes=entry.id))
    rows.run(
        "INSERT INTO grants SELECT ?,?,?,?,?,'granted',NULL,NULL,0,?,NULL, state='out', NULL FROM carts WHERE cart=?",
        (grant, fact.cart, fact.member, fact.request, fact.fence, entry.wall_ms, fact.cart),
    )
    rows.run(
        "UPDATE carts SET left_dock=(left_dock AND state='out'), state='granted', member=?, grant_id=?, last_grant=?,"
        " fence=?, changed_ms=? WHERE cart=?",
        (fact.member, grant, grant, fact.fence, entry.wall_ms, fact.cart),
    )


def _unlocked(rows: Rows, entry: Entry, fact: CartUnlocked) -> None:
    rows.run(
        "UPDATE grants SET state='unlocked', hop=NULL, reason=NULL, observed=max(observed, ?), ended_ms=?"
        " WHERE grant_id=?",
        (fact.outcome == "observed", entry.wall_ms, fact.grant),
    )
    if fact.taken:
        rows.run(
            "UPDATE carts SET state='out', member=(SELECT member FROM grants WHERE grant_id=?1), grant_id=?1,"
            " left_dock=max(left_dock, (SELECT observed FROM grants WHERE grant_id=?1)), changed_ms=?2 WHERE cart=?3",
            (fact.grant, entry.wall_ms, fact.cart),
        )


def _ended(rows: Rows, entry: Entry, fact: CartUnlockFailed | CartUnlockLapsed) -> None:
    state = "failed" if isinstance(fact, CartUnlockFailed) else "lapsed"
    rows.run(
        "UPDATE grants SET state=?, hop=?, reason=?, ended_ms=? WHERE grant_id=?",
        (state, fact.hop, fact.reason, entry.wall_ms, fact.grant),
    )
    # A second unlock of a cart that is out leaves it out, however it ends.
    rows.run(
        "UPDATE carts SET state=iif(g.again, 'out', 'docked'), member=iif(g.again, g.member, NULL),"
        " grant_id=iif(g.again, g.grant_id, NULL), changed_ms=?1 FROM grants g"
        " WHERE g.grant_id=?2 AND carts.grant_id=?2",
        (entry.wall_ms, fact.grant),
    )


def _seen(rows: Rows, entry: Entry, fact: CartSeen) -> None:
    away = _away(fact.lock, fact.docked)
    rows.run(
        "UPDATE carts SET lock=?, docked=?, left_dock=max(left_dock, ? AND member IS NOT NULL), changed_ms=?"
        " WHERE cart=?",
        (fact.lock, fact.docked, away, entry.wall_ms, fact.cart),
    )
    if away:
        rows.run("UPDATE grants SET observed=1 WHERE grant_id=(SELECT grant_id FROM carts WHERE cart=?)", (fact.cart,))


def _returned(rows: Rows, entry: Entry, fact: CartReturned | CartReleased) -> None:
    rows.run(
        "UPDATE carts SET state='docked', member=NULL, grant_id=NULL, left_dock=0, changed_ms=? WHERE cart=?",
        (entry.wall_ms, fact.cart),
    )
    rows.run("UPDATE grants SET home_ms=? WHERE grant_id=?", (entry.wall_ms, fact.grant))


_PROGRESS: Final = "SELECT cart, member, state, hop, reason, observed, ended_ms, home_ms FROM grants WHERE grant_id=?"


def progress(reads: Reads, grant: str) -> GrantProgress | None:
    """Returns how far an unlock has come: asked, unlocked, seen unlocked, back again, or failed."""
    row = reads.one(_PROGRESS, grant)
    if row is None:
        return None
    stage = {"granted": "asked", "unlocked": "unlocked"}.get(row["state"], "failed")
    if stage == "unlocked":
        stage = "back" if row["home_ms"] else "seen" if row["observed"] else stage
    return GrantProgress(
        grant=grant,
        device=row["cart"],
        holder=row["member"],
        stage=stage,
        hop=row["hop"],
        reason=row["reason"],
        ended_ms=row["ended_ms"],
        over_ms=row["home_ms"],
    )


UNLOCK: Final = Actuation(
    verb="unlock",
    device="cart",
    granted=CartUnlockGranted,
    done=CartUnlocked,
    failed=CartUnlockFailed,
    lapsed=CartUnlockLapsed,
    select=_GRANT_OF,
    done_stage="unlocked",
    on_done=_open,
    progress=progress,
)
settle = UNLOCK.settle
lapse_all = UNLOCK.lapse_all

SCHEMA: Final = """
CREATE TABLE carts (
    cart TEXT PRIMARY KEY, state TEXT, member TEXT, grant_id TEXT, last_grant TEXT, fence INTEGER,
    lock TEXT, docked INTEGER, left_dock INTEGER, changed_ms INTEGER) STRICT;
CREATE UNIQUE INDEX one_cart_a_member ON carts (member) WHERE member IS NOT NULL;
CREATE INDEX carts_waiting ON carts (cart) WHERE state<>'docked' AND docked=1;
CREATE TABLE grants (
    grant_id TEXT PRIMARY KEY, cart TEXT, member TEXT, request TEXT UNIQUE, fence INTEGER, state TEXT, hop TEXT,
    reason TEXT, observed INTEGER, granted_ms INTEGER, ended_ms INTEGER,
    again INTEGER, home_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX open_grants ON grants (state) WHERE state='granted';
"""
APPLIES: Final[Applies] = {
    CartAdded: _added,
    CartRemoved: _removed,
    CartUnlockGranted: _granted,
    CartUnlocked: _unlocked,
    CartUnlockFailed: _ended,
    CartUnlockLapsed: _ended,
    CartSeen: _seen,
    CartReturned: _returned,
    CartReleased: _returned,
}
GUARDED: Final = frozenset({CartUnlockGranted})

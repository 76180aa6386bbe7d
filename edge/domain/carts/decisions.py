"""Carts: docked → granted → out → back, one member a cart, one cart a member.

A sensor advises and never vetoes; a grant (`edge.domain.actuations`) that ends badly leaves the cart docked and the
shopper's code as good as before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

import msgspec

from edge.domain.actuations import Actuation
from edge.domain.callers import Caller, Few, Proof, asked_by
from edge.domain.carts.facts import (
    CartAdded,
    CartReleased,
    CartRemoved,
    CartReturned,
    CartSeen,
    CartUnlocked,
    CartUnlockFailed,
    CartUnlockGranted,
    CartUnlockLapsed,
)
from edge.domain.carts.queries import progress
from edge.domain.carts.rules import AGAIN_MS, BACK, LATE_MS, REST_MS, RIDE_MS, WAIT_S, is_away
from edge.domain.endings import How
from edge.domain.members.queries import AGREES, is_new, lacking_consent
from edge.domain.members.rules import NEW_MS
from edge.errors import used_before
from edge.journal import Tx, id_text


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


_QUESTION = f"""
SELECT k.other, h.cart AS held, c.state, c.member, c.grant_id, c.fence, d.online,
    EXISTS (SELECT 1 FROM out_of_order o WHERE o.device=c.cart) AS out, {AGREES} AS agrees,
    iif(?4, EXISTS (SELECT 1 FROM carts WHERE member IS NOT NULL AND docked=1 LIMIT 1 OFFSET ?4-1), 0) AS crowded,
    e.grant_id AS earlier, u.ended_ms AS unlocked_ms
FROM (SELECT ?2 AS cart) asked LEFT JOIN carts c ON c.cart=asked.cart LEFT JOIN devices d ON d.device=c.cart
LEFT JOIN grants u ON u.grant_id=c.grant_id AND u.state='unlocked'
LEFT JOIN grants e ON e.request=?3
LEFT JOIN kin k ON k.member=?1 LEFT JOIN carts h ON h.member=k.other AND h.cart<>?2
"""  # noqa: S608 - texts of ours


class _Asked(msgspec.Struct, frozen=True):
    """What `_QUESTION` answers: a row for each of whom the caller is, at least one. By place, as a name of a row is
    looked for among all of its columns.
    """

    other: str | None
    """Of whom the caller is: themselves, and who became one person with them."""
    held: str | None
    """Another cart that this one has."""
    state: str | None
    member: str | None
    grant: str
    fence: int
    online: int | None
    out: int
    agrees: int
    crowded: int
    """Whether as many carts as were asked about stand unlocked in their docks."""
    earlier: str | None
    """The grant of the same request."""
    unlocked_ms: int | None


_GRANT_OF = """
SELECT g.grant_id, g.state, g.cart, g.member, g.observed, g.ended_ms, c.docked, c.lock
FROM grants g LEFT JOIN carts c ON c.cart=g.cart WHERE"""
_GRANT = _GRANT_OF + " g.grant_id=?"


@asked_by(Proof.DEVICE)
def unlock(tx: Tx, *, cart: str, caller: Caller, touchpoint: str, request: str, few: Few | None = None) -> Grant:
    """Grant a member one unlock of a cart.

    The same request gets the same grant, and so does one more for a cart that has just been unlocked. `few` bounds
    callers without a proven number: a script unlocks carts and pulls none out, and its people are new.
    Refuses: cart_unknown, not_registered, consent_missing, consent_outdated, already_has_cart, cart_out, cart_busy,
    cart_away, carts_waiting, kept_for_others.
    """
    crowd = few if caller.proof is Proof.DEVICE else None
    rows = tx.all(_QUESTION, caller.member, cart, request, crowd.waiting if crowd else None)
    asked = _Asked(*rows[0])
    family: dict[str | None, str | None] = {row[0]: row[1] for row in rows}  # whom the caller is; a cart that they have
    if asked.state is None and asked.earlier is None:
        raise tx.refuse("cart_unknown", cart=cart)
    if asked.earlier is not None:
        earlier = Grant(*tx.all("SELECT grant_id, cart, member, fence FROM grants WHERE grant_id=?", asked.earlier)[0])
        if earlier.member not in family or earlier.cart != cart:
            raise used_before(request)
        return earlier
    own = asked.member is not None and asked.member in family
    # A ride stays the person's who began it, also where a phone of the same family unlocks once more.
    member = asked.member if own and asked.member else caller.member
    if own and (asked.state == "granted" or 0 <= tx.now - (asked.unlocked_ms or 0) < AGAIN_MS):
        return Grant(asked.grant, cart, member, asked.fence)  # a second tap joins the first
    if not asked.agrees and (lacking := lacking_consent(tx, caller.member)) is not None:
        raise lacking
    held = next(filter(None, family.values()), None)
    why = _hindrance(asked, held, own=own) if caller.member in family else "not_registered"
    if why is not None:
        raise tx.refuse(why, cart=held if why == "already_has_cart" else cart)
    if crowd is not None and not own:
        _refuse_crowd(tx, caller.member, crowd, crowded=bool(asked.crowded))
    # Above every earlier one of this journal, and of a journal that was lost: seconds outlive both.
    fence = max(asked.fence + 1, tx.fence_floor + tx.now // 1000)
    identity = tx.emit(CartUnlockGranted(cart=cart, member=member, touchpoint=touchpoint, request=request, fence=fence))
    return Grant(id_text(identity), cart, member, fence)


def _refuse_crowd(tx: Tx, member: str, few: Few, *, crowded: bool) -> None:
    if crowded:
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


def _hindrance(asked: _Asked, held: str | None, *, own: bool) -> str | None:
    """Why the caller cannot have this cart now. Sensors are not asked: they advise, they never veto."""
    if held is not None and not own:
        return "already_has_cart"
    if asked.member is not None and not own:
        return "cart_busy" if asked.state == "granted" else "cart_out"
    return "cart_away" if asked.online == 0 or asked.out else None


def _open(tx: Tx, row: sqlite3.Row, outcome: How) -> None:
    taken = row["state"] == "granted" or _still_free(tx, row["cart"], row["member"])
    tx.emit(CartUnlocked(grant=row["grant_id"], cart=row["cart"], outcome=outcome, taken=taken))
    if taken and row["observed"] and row["docked"] and row["lock"] == "locked":
        # It opened, went and came back before we knew that it had opened.
        tx.emit(CartReturned(cart=row["cart"], member=row["member"], grant=row["grant_id"]))


_HOME = """
SELECT c.state, c.member, c.grant_id, c.last_grant, c.lock, c.docked, c.left_dock,
    d.online AND d.changed_ms > c.changed_ms AS started_anew
FROM carts c LEFT JOIN devices d ON d.device=c.cart WHERE c.cart=?
"""


@asked_by("machine")
def on_state(tx: Tx, *, cart: str, lock: str, docked: bool | None) -> bool:
    """Take over what a cart's sensors show; physical truth wins over what we believed. False when it was known."""
    row = tx.one(_HOME, cart)
    if row is None:
        return False
    state, member, grant, last_grant, old_lock, old_docked, left_dock, started_anew = row
    known = old_lock == lock and old_docked == docked
    if not known:
        tx.emit(CartSeen(cart=cart, lock=lock, docked=docked))
    # What a device shows that came online after the unlock is newer than the unlock, even if it looks as before.
    left = left_dock or is_away(lock, docked) or started_anew
    if state == "out" and left and docked and lock == "locked":
        tx.emit(CartReturned(cart=cart, member=member, grant=grant))
    elif state == "docked" and lock == "unlocked" and not known:
        _attribute(tx, last_grant)
    return bool(tx.emitted)


@asked_by("machine")
def on_event(tx: Tx, *, cart: str, event: str) -> None:
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
def on_tick(tx: Tx) -> None:
    """What only time shows: who took no ride, or a ride too short for anybody to see, has no cart."""
    for row in tx.all(_AT_REST, tx.now - REST_MS):
        tx.emit(CartReturned(cart=row["cart"], member=row["member"], grant=row["grant_id"]))


@asked_by("staff")
def release(tx: Tx, *, cart: str, staff: str, reason: str, shown: str = "") -> bool:
    """Staff ends a ride, for a reason that is kept: the member may take another cart. False when nobody has it out.

    `shown` is the grant of the ride that they saw. Refuses: cart_unknown, bad_request without a reason, page_outdated
    where the cart is on another ride by now, or on none.
    """
    row = tx.one("SELECT * FROM carts WHERE cart=?", cart)
    if row is None:
        raise tx.refuse("cart_unknown", cart=cart)
    if not reason.strip():
        raise tx.refuse("bad_request", field="reason")
    if shown and row["grant_id"] != shown:
        raise tx.refuse("page_outdated", cart=cart)
    if row["state"] != "out":
        return False  # an unlock that is under way ends by itself
    tx.emit(CartReleased(cart=cart, member=row["member"], grant=row["grant_id"], staff=staff, reason=reason.strip()))
    return True


def _attribute(tx: Tx, last_grant: str | None) -> None:
    """A lock that opens soon after its grant ended without a word was opened by that grant."""
    grant = tx.one(_GRANT, last_grant)
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

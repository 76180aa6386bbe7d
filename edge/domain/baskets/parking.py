"""A basket is handed over by a code: from a screen to a phone and back, or to a till. One taker, for half an hour.

The code names the basket and proves that this store made it; whoever shows it first has it. What lies in it comes to
the taker's own basket line by line, at the prices of now. Whoever comes second is told who has it.
"""

from __future__ import annotations

import sqlite3

import msgspec

from edge.domain.baskets.facts import BasketDropped, BasketOpened, BasketParked, BasketTaken
from edge.domain.baskets.merging import Changed, Prices, join
from edge.domain.baskets.parked import current, kind_of, of_basket, whose
from edge.domain.baskets.queries import BasketNow, now, owns
from edge.domain.baskets.reservations import releasing
from edge.domain.baskets.rules import FRESH_MS, PARK_MS, UNPAID, Owner
from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.members.queries import require_member
from edge.domain.payments.queries import open_of
from edge.journal import Tx


class Parking(msgspec.Struct, frozen=True):
    """A basket that can be taken with a code."""

    basket: str
    seed: str
    until_ms: int


class TakenBasket(msgspec.Struct, frozen=True):
    """A basket was taken."""

    basket: str
    """Where its goods lie now."""
    pieces: int = 0
    """How many came over."""
    changed: tuple[Changed, ...] = ()
    already: bool = False
    """Whether the same taker had it before."""


@asked_by("machine")
def park_at(tx: Tx, *, owner: Owner, seed: str, place: str) -> Parking:
    """Let what a session at a screen has gathered be taken with a code, for half an hour from now. `seed` names it
    where it has no code yet. Refuses: basket_empty.
    """
    return _park(tx, owner, seed, place)


@asked_by(Proof.DEVICE)
def park(tx: Tx, *, caller: Caller, seed: str) -> Parking:
    """Let the caller's basket be taken to a screen or a till with a code. It stays theirs until then. Refuses:
    basket_empty.
    """
    return _park(tx, Owner(member=caller.member), seed, "")


def _park(tx: Tx, owner: Owner, seed: str, place: str) -> Parking:
    found = current(tx, owner)
    if found is None or not found.lines:
        raise tx.refuse("basket_empty")
    until = tx.now + PARK_MS
    known = of_basket(tx, found.basket)
    if known is not None and known.until_ms - tx.now > PARK_MS - FRESH_MS:
        return Parking(found.basket, known.seed, known.until_ms)
    kept = known.seed if known is not None and known.until_ms > tx.now else seed
    tx.emit(BasketParked(basket=found.basket, seed=kept, place=place, until_ms=until))
    return Parking(found.basket, kept, until)


@asked_by(Proof.DEVICE)
def take(tx: Tx, *, caller: Caller, seed: str, basket: str, prices: Prices) -> TakenBasket:
    """Have the basket of a code, with the caller's own. `basket` names theirs where they have none yet. Sent twice it
    is taken once. Refuses: not_registered, basket_gone, basket_taken, basket_paying, basket_full.
    """
    require_member(tx, caller.member)
    return _take(tx, Owner(member=caller.member), seed, basket, prices)


@asked_by("machine")
def take_at(tx: Tx, *, owner: Owner, seed: str, basket: str, prices: Prices) -> TakenBasket:
    """As `take`, for a session at a screen or till."""
    return _take(tx, owner, seed, basket, prices)


def _take(tx: Tx, owner: Owner, seed: str, basket: str, prices: Prices) -> TakenBasket:
    row = tx.one("SELECT * FROM parked_baskets WHERE seed=?", seed)
    if row is None:
        raise tx.refuse("basket_gone")
    if row["taken_ms"] is not None:
        return _taken_before(tx, row, owner)
    other = _free(tx, row)
    if other.owner == owner or (owner.member and owns(tx, owner.member, other.basket)):
        return TakenBasket(other.basket, already=True)
    own = current(tx, owner)
    if own is None:
        tx.emit(BasketOpened(basket=basket, member=owner.member, session=owner.session))
    elif open_of(tx, own.basket) is not None:
        raise tx.refuse("basket_paying")
    into, lines = (own.basket, own.lines) if own else (basket, ())
    joined = join(into, lines, other, prices)
    for fact in (*releasing(tx, into, "edited"), *releasing(tx, other.basket, "merged"), *joined.facts):
        tx.emit(fact)
    tx.emit(BasketTaken(basket=other.basket, into=into, by=whose(owner)))
    return TakenBasket(into, other.pieces, joined.changed)


def _taken_before(tx: Tx, row: sqlite3.Row, owner: Owner) -> TakenBasket:
    """Whoever asks again has it; everybody else is told who does."""
    into = row["into_basket"]
    if row["taker"] == whose(owner) or (owner.member and owns(tx, owner.member, into)):
        return TakenBasket(into, already=True)
    raise tx.refuse("basket_taken", by=kind_of(row["taker"]), taken_ms=row["taken_ms"])


def _free(tx: Tx, row: sqlite3.Row) -> BasketNow:
    other = now(tx, row["basket"])
    if other is None or other.state not in UNPAID or not other.lines or row["until_ms"] <= tx.now:
        raise tx.refuse("basket_gone")
    if open_of(tx, other.basket) is not None:
        raise tx.refuse("basket_paying")
    return other


@asked_by("store")
def on_tick(tx: Tx) -> None:
    """Empty what screens had gathered and nobody took in time: whoever it was went away. A phone keeps its own."""
    for row in tx.all("SELECT basket FROM parked_baskets WHERE until_ms<=? AND waits=1", tx.now):
        found = now(tx, row["basket"])
        if found is None or found.state not in UNPAID or found.member or open_of(tx, found.basket) is not None:
            continue
        for fact in releasing(tx, found.basket, "timed_out"):
            tx.emit(fact)
        tx.emit(BasketDropped(basket=found.basket, idle=True))

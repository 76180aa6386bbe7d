"""An order at a till: it says at once what lies on its belt, however often, and the basket is that.

Such a basket is the till's alone, also where a member's code was shown there: their phone's own basket stays theirs.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from edge.domain.baskets.facts import (
    AgeConfirmed,
    BasketAgeAsked,
    BasketChosen,
    BasketLineAdded,
    BasketLineChanged,
    BasketLineRemoved,
    BasketMerged,
    BasketOpened,
)
from edge.domain.baskets.queries import BasketNow, now, of_session
from edge.domain.baskets.reservations import releasing
from edge.domain.baskets.rules import MAX_LINES, BasketLine, Choices
from edge.domain.callers import asked_by
from edge.domain.members.passes import Pass
from edge.domain.members.queries import code_used
from edge.domain.payments.queries import open_of
from edge.journal import Tx


class TillBasket(msgspec.Struct, frozen=True, kw_only=True):
    """What a till says of one order."""

    session: str
    """`till/<till>/<order>`."""
    basket: str
    """Its name, where the order is new."""
    lines: Sequence[BasketLine]
    choices: Choices = Choices()
    shown: Pass | None = None
    """The member's code that was scanned."""
    age_by: str = ""
    """Who at the till saw that the buyer is old enough."""


@asked_by("machine")
def fill(tx: Tx, *, belt: TillBasket) -> str:
    """Have the order's basket be exactly this. Returns it. The same said again changes nothing, and a hold stands.

    Refuses: basket_empty, basket_full, basket_paying, code_unknown, code_used, code_expired.
    """
    if not belt.lines:
        raise tx.refuse("basket_empty")
    if len(belt.lines) > MAX_LINES:
        raise tx.refuse("basket_full", most=MAX_LINES)
    name = of_session(tx, belt.session)
    found = now(tx, name) if name else None
    member = _member(tx, belt, found)
    if found is not None and found.member != member:
        _let_go(tx, found)
        tx.emit(BasketOpened(basket=belt.basket, member=member, session=belt.session))
        # Its lines are said anew. How the rest is fetched, and what was taken out without a scan, comes over.
        tx.emit(BasketMerged(basket=belt.basket, other=found.basket, lines=()))
        found = None
    elif found is None:
        tx.emit(BasketOpened(basket=belt.basket, member=member, session=belt.session))
    elif (found.lines, found.choices) != (_dated(belt.lines, found), belt.choices):
        _let_go(tx, found)
    _lines(tx, belt, found)
    return found.basket if found is not None else belt.basket


def _member(tx: Tx, belt: TillBasket, found: BasketNow | None) -> str:
    """Whose code was shown. One that is their own already needs no second code."""
    if belt.shown is None:
        return found.member if found is not None else ""
    owner = tx.one("SELECT member FROM passes WHERE pass=?", belt.shown.id)
    if found is not None and owner is not None and owner["member"] == found.member:
        return found.member
    used = code_used(tx, belt.shown, tx.now, purpose="till", at=belt.session.split("/")[1])
    tx.emit(used)
    return used.member


def _let_go(tx: Tx, found: BasketNow) -> None:
    if open_of(tx, found.basket) is not None:
        raise tx.refuse("basket_paying")
    for fact in releasing(tx, found.basket, "edited"):
        tx.emit(fact)


def _dated(lines: Sequence[BasketLine], found: BasketNow | None) -> tuple[BasketLine, ...]:
    """The same lines as they lie there already: when each was added is no difference."""
    there = {line.line: line.added_ms for line in found.lines} if found is not None else {}
    return tuple(msgspec.structs.replace(line, added_ms=there.get(line.line, 0)) for line in lines)


def _lines(tx: Tx, belt: TillBasket, found: BasketNow | None) -> None:
    basket = found.basket if found is not None else belt.basket
    there = {line.line: line for line in found.lines} if found is not None else {}
    for line in _dated(belt.lines, found):
        before = there.pop(line.line, None)
        if before == line:
            continue
        if before is not None and msgspec.structs.replace(before, quantity=line.quantity) == line:
            tx.emit(BasketLineChanged(basket=basket, line=line.line, quantity=line.quantity))
            continue
        if before is not None:
            tx.emit(BasketLineRemoved(basket=basket, line=line.line))
        tx.emit(BasketLineAdded(basket=basket, line=msgspec.structs.replace(line, added_ms=tx.now)))
    for line_id in there:
        tx.emit(BasketLineRemoved(basket=basket, line=line_id))
    if belt.choices != (found.choices if found is not None else Choices()):
        tx.emit(BasketChosen(basket=basket, **msgspec.structs.asdict(belt.choices)))
    age = max(line.age for line in belt.lines)
    if belt.age_by and age > (found.age_seen if found is not None else 0):
        tx.emit(BasketAgeAsked(basket=basket, age=age))
        tx.emit(AgeConfirmed(basket=basket, age=age, staff=belt.age_by, enough=True))

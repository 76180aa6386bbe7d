"""Filling a basket: by its owner's phones, by a scanner beside a screen, by a till.

One basket a person, whatever phone they use: where two phones turn out to be one person's, their baskets become one.
An edit ends a hold, except while a payment is under way: what is being paid stays as it is.
"""

from __future__ import annotations

import msgspec

from edge.domain.baskets.facts import (
    BasketChosen,
    BasketCollectChosen,
    BasketDropped,
    BasketLineAdded,
    BasketLineChanged,
    BasketLineRemoved,
    BasketMerged,
    BasketOpened,
)
from edge.domain.baskets.merging import join
from edge.domain.baskets.parked import current
from edge.domain.baskets.queries import BasketNow, all_of_member, now, of_session
from edge.domain.baskets.reservations import releasing
from edge.domain.baskets.rules import (
    HEAVIEST_G,
    MAX_LINES,
    MAX_PIECES,
    BasketLine,
    Choices,
    Collect,
    Good,
    Owner,
)
from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.lockers.queries import has_lockers
from edge.domain.members.queries import exists, related, require_member
from edge.domain.payments.queries import open_of
from edge.errors import Refusal, used_before
from edge.journal import Fact, Tx


class PutResult(msgspec.Struct, frozen=True):
    """A good lies in a basket."""

    basket: str
    line: str
    quantity: int
    """Of that line now."""
    already: bool = False
    """Whether the same request had put it in before."""


@asked_by(Proof.DEVICE)
def add(tx: Tx, *, caller: Caller, basket: str, good: Good, request: str) -> PutResult:
    """Put a good into the caller's basket; `basket` names it where there is none yet. The same request puts it once.

    Refuses: not_registered, bad_request, basket_full, basket_paying.
    """
    require_member(tx, caller.member)
    return _add(tx, Owner(member=caller.member), basket, good, request)


@asked_by("machine")
def add_at(tx: Tx, *, owner: Owner, basket: str, good: Good, request: str) -> PutResult:
    """Put a good into the basket of a session at a screen or till, or of whoever showed a member's code there.

    Refuses as `add` does.
    """
    if owner.member:
        require_member(tx, owner.member)
    return _add(tx, owner, basket, good, request)


def _add(tx: Tx, owner: Owner, basket: str, good: Good, request: str) -> PutResult:
    _check(tx, good, request)
    earlier = tx.one(
        "SELECT r.*, b.member FROM basket_requests r JOIN baskets b ON b.basket=r.basket WHERE request=?", request
    )
    if earlier is not None:
        asked = (good.gtin, good.grams, good.label_price, good.quantity)
        foreign = earlier["member"] and owner.member and not related(tx, owner.member, earlier["member"])
        if foreign or (earlier["gtin"], earlier["grams"], earlier["label_price"], earlier["added"]) != asked:
            raise used_before(request)
        return PutResult(earlier["basket"], earlier["line"], good.quantity, already=True)
    found = current(tx, owner)
    if found is None:
        tx.emit(BasketOpened(basket=basket, member=owner.member, session=owner.session))
        return _put(tx, basket, (), good, request)
    _unhold(tx, found)
    return _put(tx, found.basket, found.lines, good, request)


def _check(tx: Tx, good: Good, request: str) -> None:
    if not request:
        raise tx.refuse("bad_request", field="request", expected="a UUID")
    if not 1 <= good.quantity <= MAX_PIECES:
        raise tx.refuse("bad_request", field="quantity", expected=f"1 to {MAX_PIECES}", found=good.quantity)
    if good.grams is not None and not 1 <= good.grams <= HEAVIEST_G:
        raise tx.refuse("bad_request", field="grams", expected=f"1 to {HEAVIEST_G}", found=good.grams)


def _put(tx: Tx, basket: str, lines: tuple[BasketLine, ...], good: Good, request: str) -> PutResult:
    """The same good once more is one more piece of its line, where its price and age are what they were."""
    alike = (good.gtin, good.price, good.away, good.age)
    same = next(
        (each for each in lines if not each.alone and (each.gtin, each.price, each.away, each.age) == alike), None
    )
    if same is not None and not good.alone:
        quantity = same.quantity + good.quantity
        if quantity > MAX_PIECES:
            raise tx.refuse("basket_full", most=MAX_PIECES)
        tx.emit(BasketLineChanged(basket=basket, line=same.line, quantity=quantity, request=request))
        return PutResult(basket, same.line, quantity)
    if len(lines) >= MAX_LINES:
        raise tx.refuse("basket_full", most=MAX_LINES)
    tx.emit(
        BasketLineAdded(basket=basket, line=BasketLine(line=request, added_ms=tx.now, **msgspec.structs.asdict(good)))
    )
    return PutResult(basket, request, good.quantity)


@asked_by(Proof.DEVICE)
def change(tx: Tx, *, caller: Caller, line: str, quantity: int, request: str) -> bool:
    """Have so many pieces of a line; 0 takes it out. False where that was so already.

    Refuses: basket_empty, line_unknown, bad_request, basket_paying.
    """
    return _change(tx, Owner(member=caller.member), line, quantity, request)


@asked_by("machine")
def change_at(tx: Tx, *, owner: Owner, line: str, quantity: int, request: str) -> bool:
    """As `change`, for whoever stands before a screen."""
    return _change(tx, owner, line, quantity, request)


def _change(tx: Tx, owner: Owner, line: str, quantity: int, request: str) -> bool:
    found = _required(tx, owner)
    known = next((each for each in found.lines if each.line == line), None)
    if known is None:
        if quantity == 0:
            return False
        raise tx.refuse("line_unknown", line=line)
    most = 1 if known.alone else MAX_PIECES
    if not 0 <= quantity <= most:
        raise tx.refuse("bad_request", field="quantity", expected=f"0 to {most}", found=quantity)
    earlier = tx.one("SELECT line, quantity FROM basket_requests WHERE request=?", request) if request else None
    if earlier is not None and (earlier["line"], earlier["quantity"]) != (line, quantity):
        raise used_before(request)
    if quantity == known.quantity or earlier is not None:
        return False
    _unhold(tx, found)
    if quantity == 0:
        scanned = known.how in ("camera", "scanner")
        tx.emit(BasketLineRemoved(basket=found.basket, line=line, scanned=scanned))
    else:
        tx.emit(BasketLineChanged(basket=found.basket, line=line, quantity=quantity, request=request))
    return True


@asked_by(Proof.DEVICE)
def choose(tx: Tx, *, caller: Caller, choices: Choices) -> bool:
    """Note which coupons to use or to keep, and how many points. False where that was chosen already.

    Refuses: basket_empty, bad_request, basket_paying.
    """
    found = _required(tx, Owner(member=caller.member))
    if choices.burn is not None and choices.burn < 0:
        raise tx.refuse("bad_request", field="burn", expected="0 or more", found=choices.burn)
    if choices == found.choices:
        return False
    _unhold(tx, found)
    tx.emit(BasketChosen(basket=found.basket, **msgspec.structs.asdict(choices)))
    return True


@asked_by(Proof.DEVICE)
def collect(tx: Tx, *, caller: Caller, way: Collect) -> bool:
    """Note how the caller wants to get what is not on the shelf. False where that was chosen already.

    Refuses: basket_empty, locker_unknown where the store has no lockers.
    """
    return _collect(tx, Owner(member=caller.member), way)


@asked_by("machine")
def collect_at(tx: Tx, *, owner: Owner, way: Collect) -> bool:
    """As `collect`, for whoever stands before a screen. A locker wants a phone that shows its code: not_registered."""
    return _collect(tx, owner, way)


def _collect(tx: Tx, owner: Owner, way: Collect) -> bool:
    found = _required(tx, owner)
    if way == "locker" and not owner.member:
        raise tx.refuse("not_registered")
    if way == "locker" and not has_lockers(tx):
        raise tx.refuse("locker_unknown")
    if way == found.collect:
        return False
    tx.emit(BasketCollectChosen(basket=found.basket, collect=way))
    return True


@asked_by(Proof.DEVICE)
def drop(tx: Tx, *, caller: Caller) -> bool:
    """Empty the caller's basket as a whole. False where there is none. Refuses: basket_paying."""
    return _drop(tx, Owner(member=caller.member))


@asked_by("machine")
def drop_at(tx: Tx, *, owner: Owner) -> bool:
    """As `drop`, for whoever stands before a screen."""
    return _drop(tx, owner)


def _drop(tx: Tx, owner: Owner) -> bool:
    found = current(tx, owner)
    if found is None:
        return False
    _unhold(tx, found)
    tx.emit(BasketDropped(basket=found.basket))
    return True


@asked_by(Proof.DEVICE)
def merge(tx: Tx, *, caller: Caller) -> str | None:
    """Make one of all the baskets of the caller and of everybody who is the same person. Returns the one that stays.

    One that is being paid stays; what lies in others comes to it later, and so does what it has no room for.
    """
    return _merge(tx, all_of_member(tx, caller.member))


@asked_by("machine")
def take_over_session(tx: Tx, *, session: str, member: str, basket: str) -> str | None:
    """Somebody showed a member's code at a screen: what its session put into a basket is theirs from now on.

    `basket` names the member's where there is none yet. Returns it; none where neither has one.
    """
    left = of_session(tx, session)
    own = all_of_member(tx, member)
    if left is None or not exists(tx, member):
        return own[0] if own else None
    if own:
        return _merge(tx, [own[0], left])
    lines = now(tx, left)
    tx.emit(BasketOpened(basket=basket, member=member))
    for fact in releasing(tx, left, "merged"):
        tx.emit(fact)
    tx.emit(BasketMerged(basket=basket, other=left, lines=lines.lines if lines else ()))
    return basket


def _merge(tx: Tx, baskets: list[str]) -> str | None:
    if len(baskets) < 2:
        return baskets[0] if baskets else None
    stays = now(tx, baskets[0])
    assert stays is not None  # noqa: S101 - it was just found
    if _is_paying(tx, stays.basket):
        return stays.basket
    lines, facts = stays.lines, list[Fact]()
    for name in baskets[1:]:
        other = now(tx, name)
        if other is None or _is_paying(tx, name):
            continue
        try:
            joined = join(stays.basket, lines, other)
        except Refusal:
            continue  # more than one holds: it comes later too
        lines = joined.lines
        facts += [*releasing(tx, name, "merged"), *joined.facts]
    if facts:
        _unhold(tx, stays)
    for fact in facts:
        tx.emit(fact)
    return stays.basket


def _required(tx: Tx, owner: Owner) -> BasketNow:
    found = current(tx, owner)
    if found is None:
        raise tx.refuse("basket_empty")
    return found


def _is_paying(tx: Tx, basket: str) -> bool:
    return open_of(tx, basket) is not None


def _unhold(tx: Tx, found: BasketNow) -> None:
    """An edit ends the hold. Refuses: basket_paying."""
    if _is_paying(tx, found.basket):
        raise tx.refuse("basket_paying")
    for fact in releasing(tx, found.basket, "edited"):
        tx.emit(fact)

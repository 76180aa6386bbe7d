"""Holding a quote: the price that was shown is the price that is paid, and what it uses is nobody else's meanwhile."""

from __future__ import annotations

from edge.domain.baskets.facts import BasketAgeAsked, BasketDropped, BasketHeld, BasketRulesSet
from edge.domain.baskets.queries import confirming_age, now, owns, rules_of
from edge.domain.baskets.queries import hold as held_quote
from edge.domain.baskets.reservations import releasing, reserving
from edge.domain.baskets.rules import HOLD_MS, HOUR_MS, UNPAID, BasketRules, HoldResult, Owner
from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.ledger.postings import fees_open
from edge.domain.members.rules import FIRM, UNDO_MS
from edge.domain.payments.queries import open_of
from edge.journal import Tx
from pricing.quote import Quote


@asked_by(Proof.DEVICE)
def hold(tx: Tx, *, caller: Caller, basket: str, quote: Quote, seen: int | None) -> HoldResult:
    """Hold a quote of the caller's basket for ten minutes, with the late fees that they owe. `seen` is the total that
    they were shown: where it has risen meanwhile they are asked, where it fell they get the lower one.

    Sent twice it holds once. Refuses: basket_empty, basket_changed, price_changed, no_price, age_needs_staff.
    """
    if not owns(tx, caller.member, basket):
        raise tx.refuse("basket_empty")
    return _hold(tx, basket, quote, seen, fees=fees_open(tx, caller.member, basket=basket))


@asked_by("machine")
def hold_at(tx: Tx, *, owner: Owner, basket: str, quote: Quote, seen: int | None) -> HoldResult:
    """As `hold`, for a session at a screen or till."""
    found = now(tx, basket)
    if found is None or found.owner != owner:
        raise tx.refuse("basket_empty")
    return _hold(tx, basket, quote, seen)


def _hold(tx: Tx, basket: str, quote: Quote, seen: int | None, fees: int = 0) -> HoldResult:
    found = now(tx, basket)
    if found is None or found.state not in UNPAID or not found.lines:
        raise tx.refuse("basket_empty")
    standing = held_quote(tx, basket)
    if standing is not None and standing.revision == found.revision and tx.now < standing.until_ms:
        return HoldResult(basket, standing.revision, standing.total, standing.until_ms, already=True)
    # What an old hold had reserved is freed first (`on_tick`): here its rows would count as this one's.
    if found.revision != quote.revision or standing is not None:
        raise tx.refuse("basket_changed", expected=found.revision, found=quote.revision)
    total = quote.total + fees
    if seen is not None and total > seen:
        raise tx.refuse("price_changed", shown=seen, now=total, currency=quote.currency)
    if found.age > found.age_seen:
        raise tx.refuse("age_needs_staff", age=found.age)
    until = tx.now + HOLD_MS
    for fact in reserving(tx, quote, member=found.member, now_ms=tx.now, until_ms=until):
        tx.emit(fact)
    tx.emit(BasketHeld(basket=basket, revision=found.revision, quote=quote, until_ms=until, fees=fees))
    return HoldResult(basket, found.revision, total, until)


@asked_by(Proof.DEVICE)
def release(tx: Tx, *, caller: Caller) -> bool:
    """Let go of what is held for the caller's basket, not for one at a till. False where nothing is. Refuses:
    basket_paying.
    """
    rows = tx.all(
        # Both conditions on the state here and below: by the first the index of the unpaid is found.
        "SELECT b.basket FROM kin k JOIN baskets b ON b.member=k.other"  # noqa: S608 - our own condition
        f" WHERE k.member=?1 AND {FIRM} AND +b.session IS NULL AND b.state IN ('open','held') AND b.state='held'",
        *(caller.member, tx.now - UNDO_MS),
    )
    ended = [_release(tx, row["basket"]) for row in rows]
    return any(ended)


@asked_by("machine")
def release_at(tx: Tx, *, owner: Owner, basket: str) -> bool:
    """As `release`, for a session at a screen or till."""
    found = now(tx, basket)
    return found is not None and found.owner == owner and _release(tx, basket)


def _release(tx: Tx, basket: str) -> bool:
    if open_of(tx, basket) is not None:
        raise tx.refuse("basket_paying")
    facts = releasing(tx, basket, "cancelled")
    for fact in facts:
        tx.emit(fact)
    return bool(facts)


@asked_by(Proof.DEVICE)
def ask_age(tx: Tx, *, caller: Caller, basket: str, at: str = "") -> bool:
    """Call staff to look at the age of the buyer, who stands `at` that touchpoint, where the basket needs that. False
    where they were called already.
    """
    if not owns(tx, caller.member, basket):
        raise tx.refuse("basket_empty")
    found = now(tx, basket)
    if found is None or found.state not in UNPAID or found.age <= found.age_seen:
        return False
    if found.age_asked >= found.age and found.age_enough is None:
        return False
    tx.emit(BasketAgeAsked(basket=found.basket, age=found.age, at=at))
    return True


@asked_by("staff")
def confirm_age(tx: Tx, *, basket: str, age: int, staff: str, enough: bool) -> bool:
    """Staff looked at the buyer: of that age, or not. False where nobody waits for that: another age may be asked for
    by now.
    """
    found = now(tx, basket)
    if found is None or found.state not in UNPAID or (found.age_asked, found.age_enough) != (age, None):
        return False
    facts = confirming_age(tx, basket, staff, enough=enough)
    for fact in facts:
        tx.emit(fact)
    return bool(facts)


@asked_by("store")
def on_tick(tx: Tx) -> None:
    """End holds whose ten minutes are over. What is being paid is held until that has ended."""
    for row in tx.all("SELECT basket FROM basket_holds WHERE until_ms<=?", tx.now):
        if open_of(tx, row["basket"]) is None:
            for fact in releasing(tx, row["basket"], "timed_out"):
                tx.emit(fact)


@asked_by("store")
def tidy(tx: Tx) -> int:
    """Empty baskets that nobody touched for as long as the store waits. Returns how many."""
    oldest = tx.one("SELECT min(changed_ms) AS ms FROM baskets WHERE state IN ('open','held') AND state='open'")
    if oldest is None or oldest["ms"] is None:
        return 0
    until = tx.now - int(rules_of(tx).idle_hours * HOUR_MS)
    if oldest["ms"] > until:
        return 0
    rows = tx.all(
        "SELECT basket FROM baskets WHERE state IN ('open','held') AND state='open' AND changed_ms<=? LIMIT 100", until
    )
    for row in rows:
        tx.emit(BasketDropped(basket=row["basket"], idle=True))
    return len(rows)


@asked_by("store")
def agree(tx: Tx, rules: BasketRules) -> None:
    """Take over the rules of the settings; only what differs becomes a fact."""
    if rules_of(tx) != rules:
        tx.emit(BasketRulesSet(rules=rules))

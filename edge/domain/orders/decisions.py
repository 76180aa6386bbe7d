"""From paid to order: one decision redeems, books and records everything, or nothing of it happens."""

from __future__ import annotations

from collections.abc import Sequence

from edge.domain.baskets import queries as basket_queries
from edge.domain.baskets.queries import BasketNow, Hold
from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.ledger.promoting import promoter_of_member
from edge.domain.orders import queries
from edge.domain.orders.consequences import balance_after, of_sale
from edge.domain.orders.facts import AuditChosen, OrderHandedOver, OrderLine, OrderPaid, OrderPoints, PaidBy, Promise
from edge.domain.orders.repricing import terms_of
from edge.domain.orders.rules import MAX_AUDITED, MIN_AUDITED, Settled, Terms, audit_reason, promised
from edge.domain.payments import queries as payment_queries
from edge.domain.payments.rules import Evidence
from edge.journal import Tx, id_text
from pricing.campaigns import Campaign
from pricing.quote import Quote

NEAR: tuple[str, ...] = ("nearly", "take_gift", "wasted")


@asked_by("store")
def settle(tx: Tx, *, payment: str, evidence: Evidence, terms: Terms) -> Settled:
    """A payment was paid: its basket is sold, with all that follows, in this one decision.

    Asked again it is `already`. Money that no basket waits for any more goes back (`surplus`); what is not the amount
    that was asked for settles nothing (`doubtful`). Refuses: payment_gone.
    """
    known = payment_queries.payment(tx, payment)
    if known is None:
        raise tx.refuse("payment_gone", payment=payment)
    basket = basket_queries.now(tx, known.basket)
    hold = basket_queries.hold(tx, known.basket)
    wanted = basket is not None and hold is not None and hold.quote.hash == known.quote
    settling = payment_queries.settling(tx, known, evidence, wanted=wanted)
    for fact in settling.facts:
        tx.emit(fact)
    if settling.outcome != "paid" or basket is None or hold is None:
        earlier = queries.of_basket(tx, known.basket) if settling.outcome == "already" else None
        return Settled(settling.outcome, earlier.order if earlier else "")
    paid = PaidBy(payment, known.port, known.amount, evidence.reference, evidence.by)
    return Settled("paid", _sell(tx, basket, hold, (paid,), terms, evidence.payer))


@asked_by(Proof.DEVICE)
def settle_free(tx: Tx, *, caller: Caller, basket: str, terms: Terms) -> Settled:
    """Sell a held basket of the caller that offers and points pay for: there is no payment.

    Refuses: basket_empty, basket_not_held, basket_not_free.
    """
    if not basket_queries.owns(tx, caller.member, basket):
        raise tx.refuse("basket_empty")
    return _free(tx, basket, terms)


@asked_by("machine")
def settle_free_at(tx: Tx, *, basket: str, terms: Terms, paid_by: str = "") -> Settled:
    """As `settle_free`, at a screen or till that has seen whose basket it is. A till says by which way it would have
    been paid. Refuses as well: way_differs where nothing is due for another way alone.
    """
    chosen = basket_queries.paid_by(tx, basket)
    if paid_by and chosen not in ("", paid_by):
        raise tx.refuse("way_differs", expected=chosen, found=paid_by)
    return _free(tx, basket, terms)


def _free(tx: Tx, basket: str, terms: Terms) -> Settled:
    earlier = queries.of_basket(tx, basket)
    if earlier is not None:
        return Settled("already", earlier.order)
    found, hold = basket_queries.now(tx, basket), basket_queries.hold(tx, basket)
    if found is None or hold is None:
        raise tx.refuse("basket_not_held")
    if hold.total:
        raise tx.refuse("basket_not_free", amount=hold.total, currency=hold.quote.currency)
    return Settled("paid", _sell(tx, found, hold, (), terms))


def _sell(tx: Tx, basket: BasketNow, hold: Hold, paid: tuple[PaidBy, ...], terms: Terms, payer: str = "") -> str:
    promise = promised(terms.rules, {line.away for line in basket.lines}, basket.collected, tx.now)
    order = id_text(tx.emit(_order(tx, basket, hold, paid, promise, terms.promotions(hold.quote))))
    for fact in of_sale(tx, hold, member=basket.member, order=order, payer=payer, now_ms=tx.now):
        tx.emit(fact)
    for fact in basket_queries.paying(tx, basket.basket, order):
        tx.emit(fact)
    why = audit_reason(terms.rules, queries.trust(tx, basket.member, tx.now), basket.removed, terms.draw(basket.basket))
    pieces = sum(1 if line.alone else line.quantity for line in basket.lines if not line.away)
    if why is not None and pieces and not basket.session.startswith("till/"):
        tx.emit(
            AuditChosen(
                order=order, why=why, pieces=min(pieces, MIN_AUDITED if pieces < 2 * MAX_AUDITED else MAX_AUDITED)
            )
        )
    return order


def _order(
    tx: Tx,
    basket: BasketNow,
    hold: Hold,
    paid: tuple[PaidBy, ...],
    promise: Promise | None,
    promotions: Sequence[Campaign],
) -> OrderPaid:
    quote = hold.quote
    known = {line.line: line for line in basket.lines}
    lines = tuple(
        OrderLine(
            **{name: getattr(line, name) for name in line.__struct_fields__},
            age=known[line.id].age if line.id in known else 0,
            away=known[line.id].away if line.id in known else "",
        )
        for line in quote.lines
    )
    return OrderPaid(
        basket=basket.basket,
        member=basket.member,
        session=basket.session,
        currency=quote.currency,
        total=quote.total,
        shelf=quote.shelf,
        discount=quote.discount,
        lines=lines,
        quote=quote.hash,
        as_of_ms=quote.as_of_ms,
        used=quote.used,
        near=tuple(hint for hint in quote.hints if hint.kind in NEAR),
        taxes=quote.taxes,
        points=_points(tx, quote, basket.member),
        paid=paid,
        fees=hold.fees,
        promoter=promoter_of_member(tx, basket.member) if basket.member else "",
        catalogue=quote.catalogue,
        campaigns=quote.campaigns,
        terms=terms_of(tx, quote, basket.member, tx.now, promotions),
        promise=promise,
    )


def _points(tx: Tx, quote: Quote, member: str) -> OrderPoints:
    if not member:
        return OrderPoints()
    points = quote.points
    return OrderPoints(points.burned, points.worth, points.will_earn, balance_after(tx, quote, member, tx.now))


@asked_by("staff")
def hand_over(tx: Tx, *, order: str, by: str) -> bool:
    """Its goods leave the store. False where they have. Refuses: order_unknown, order_void, order_unchecked,
    returned_already where all of them came back.
    """
    found = queries.order(tx, order)
    if found is None:
        raise tx.refuse("order_unknown")
    if found.state == "void":
        raise tx.refuse("order_void")
    if found.audit in ("chosen", "full"):
        raise tx.refuse("order_unchecked")
    if found.state == "handed_over":
        return False
    if not any(found.left(line.id) for line in found.paid.lines):
        raise tx.refuse("returned_already", line=found.paid.lines[0].id if found.paid.lines else "")
    tx.emit(OrderHandedOver(order=order, by=by))
    return True

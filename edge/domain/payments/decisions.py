"""Payments: each attempt is on record before any port is told of it, and only the port's own word ends its doubt.

A basket has one open attempt at most. A new one is asked for after the last was paid, failed or closed, never while
nobody knows how it ended. What turns out paid late counts; what is paid twice goes back.
"""

from __future__ import annotations

from edge.domain.baskets import queries as baskets
from edge.domain.baskets.queries import Hold
from edge.domain.callers import asked_by
from edge.domain.payments import queries
from edge.domain.payments.facts import (
    PaymentAnswered,
    PaymentAsked,
    PaymentClosed,
    PaymentDoubtful,
    PaymentFailed,
    PaymentGivenBack,
    PaymentTrusted,
)
from edge.domain.payments.queries import Settling
from edge.domain.payments.rules import (
    DAY_MS,
    ENDABLE,
    LAST_ANSWER_MS,
    SILENT_MS,
    Evidence,
    Payment,
    PaymentRequest,
    PaymentRules,
    PortRefund,
    RefundAnswer,
    StartedPayment,
    State,
)
from edge.errors import used_before
from edge.journal import Tx, id_text


@asked_by("store")
def ask(tx: Tx, wanted: PaymentRequest) -> StartedPayment:
    """Put an attempt on record, before its port is told; what waits for a cashier does so at once. Sent twice, it is
    one. Refuses: payment_open, payment_unknown, payment_over where the basket is paid or costs nothing, basket_changed
    where nothing is held for it, way_differs where that price is for another way of paying, also where it was asked for
    already and may still be paid, bad_request for a request that asked for another basket or way.
    """
    known = queries.of_request(tx, wanted.request)
    if known is not None:
        if (known.basket, known.port, known.way, known.device) != (
            wanted.basket,
            wanted.port,
            wanted.way,
            wanted.device,
        ):
            raise used_before(wanted.request)
        if known.is_open:
            _check_way(tx, wanted)
        return StartedPayment(known, new=False)
    hold = _payable_hold(tx, wanted.basket)
    _check_way(tx, wanted)
    quote = hold.quote
    number = _free(tx, wanted.number)
    identity = tx.emit(
        PaymentAsked(
            basket=wanted.basket,
            quote=quote.hash,
            amount=hold.total,
            currency=quote.currency,
            port=wanted.port,
            way=wanted.way,
            device=wanted.device,
            number=number,
            request=wanted.request,
            until_ms=tx.now + wanted.open_ms,
        )
    )
    name = id_text(identity)
    if wanted.waits:
        tx.emit(PaymentAnswered(payment=name, shows=number))
    state: State = "waiting" if wanted.waits else "asked"
    made = Payment(
        name, wanted.basket, quote.hash, hold.total, quote.currency, wanted.port, wanted.way, wanted.device, number,
        state, number if wanted.waits else "", "", "", "", tx.now, tx.now, tx.now + wanted.open_ms, "",
    )  # fmt: skip
    return StartedPayment(made, new=True)


def _payable_hold(tx: Tx, basket: str) -> Hold:
    """What is to be paid: the price that stands. Refuses what `ask` does."""
    if queries.paid_of(tx, basket) is not None:
        raise tx.refuse("payment_over", basket=basket)
    other = queries.open_of(tx, basket)
    if other is not None:
        code = "payment_open" if other.state == "waiting" else "payment_unknown"
        raise tx.refuse(code, payment=other.payment, port=other.port)
    hold = baskets.hold(tx, basket)
    if hold is None or tx.now >= hold.until_ms:
        raise tx.refuse("basket_changed", expected="a price that is held", found="none")
    if hold.total <= 0:
        raise tx.refuse("payment_over", basket=basket)
    return hold


def _check_way(tx: Tx, wanted: PaymentRequest) -> None:
    """Refuses another way of paying than the one that the basket's price is for: way_differs."""
    chosen = baskets.paid_by(tx, wanted.basket)
    if chosen not in ("", wanted.paid_by or wanted.port):
        raise tx.refuse("way_differs", expected=chosen, found=wanted.paid_by or wanted.port)


def _free(tx: Tx, number: str) -> str:
    """The number, or where an open payment has it none: the shopper has the code to scan still."""
    other = queries.of_number(tx, number) if number else None
    return "" if other is not None and other.is_open else number


@asked_by("store")
def record_answer(tx: Tx, *, payment: str, shows: str = "", reference: str = "", answer: str = "") -> None:
    """The port has taken it. Nothing where that is known, or where it has ended. Refuses: payment_gone."""
    known = _existing_payment(tx, payment)
    news = known.state != "waiting" or (shows and shows != known.shows)
    if known.heeds_port and news:
        tx.emit(PaymentAnswered(payment=payment, shows=shows, reference=reference, answer=answer))


@asked_by("store")
def record_failure(tx: Tx, *, payment: str, reason: str, answer: str = "") -> None:
    """The port says that it was not paid and cannot be any more. Refuses: payment_gone."""
    known = _existing_payment(tx, payment)
    if known.heeds_port:
        tx.emit(PaymentFailed(payment=payment, basket=known.basket, reason=reason, answer=answer))


@asked_by("store")
def record_closure(tx: Tx, *, payment: str, reason: str, answer: str = "") -> None:
    """The port has confirmed that it can be paid no more. Refuses: payment_gone."""
    known = _existing_payment(tx, payment)
    if known.heeds_port:
        tx.emit(PaymentClosed(payment=payment, basket=known.basket, reason=reason, answer=answer))


@asked_by("store")
def record_doubt(tx: Tx, *, payment: str, reason: str, details: str = "", answer: str = "") -> None:
    """Nobody knows. Said once for each reason. Refuses: payment_gone."""
    known = _existing_payment(tx, payment)
    if known.heeds_port and (known.state, known.reason) != ("unknown", reason):
        tx.emit(PaymentDoubtful(payment=payment, basket=known.basket, reason=reason, details=details, answer=answer))


@asked_by("store")
def settle(tx: Tx, *, payment: str, evidence: Evidence) -> Settling:
    """Take over that a payment was paid. Refuses: payment_gone."""
    known = _existing_payment(tx, payment)
    settling = queries.settling(tx, known, evidence)
    for fact in settling.facts:
        tx.emit(fact)
    if settling.outcome == "paid":
        for each in baskets.paying(tx, known.basket, payment):
            tx.emit(each)
    return settling


@asked_by("staff")
def trust(tx: Tx, *, payment: str, staff: str, reason: str, rules: PaymentRules) -> bool:
    """Let goods go whose payment nobody knows of. False where somebody did already.

    Refuses: payment_gone, payment_over where it is known after all, reason_missing, payment_trust_used.
    """
    known = _existing_payment(tx, payment)
    if known.trusted:
        return False
    if not known.is_open:
        raise tx.refuse("payment_over", payment=payment, state=known.state)
    if not reason.strip():
        raise tx.refuse("reason_missing")
    if known.amount > rules.trust_most or queries.trusted_today(tx, tx.now) >= rules.trust_a_day:
        raise tx.refuse("payment_trust_used", most=rules.trust_most, a_day=rules.trust_a_day)
    tx.emit(
        PaymentTrusted(
            payment=payment, basket=known.basket, amount=known.amount, staff=staff, reason=reason.strip()[:200]
        )
    )
    return True


@asked_by("store")
def record_surplus_refund(tx: Tx, *, payment: str, answer: RefundAnswer) -> None:
    """How far surplus money is on its way back; nothing where that is known. Refuses: payment_gone."""
    now = _going_back(tx, payment)
    if now is not None and now.state != answer.state:
        _give_back(tx, payment, answer)


@asked_by("staff")
def record_cash_refund(tx: Tx, *, payment: str, by: str) -> bool:
    """Staff gave surplus money back by hand. False where it is back. Refuses: payment_gone, refund_on_its_way."""
    now = _going_back(tx, payment)
    if now is None:
        return False
    asked_last = now.reason == "absent" and tx.now < now.since_ms + LAST_ANSWER_MS
    if now.state != "abnormal" or asked_last:
        raise tx.refuse("refund_on_its_way")
    _give_back(tx, payment, RefundAnswer(state="done", reason="by_hand", by=by))
    return True


@asked_by("staff")
def record_lookup(tx: Tx, *, refund: str, is_back: bool, by: str) -> bool:
    """What `orders.refunds.record_lookup` is for a refund, for surplus money, whose refund has the payment's id.

    Refuses: payment_gone, refund_on_its_way.
    """
    now = _going_back(tx, refund)
    if now is None or now.state not in SILENT_MS:
        return False
    if tx.now < now.since_ms + SILENT_MS[now.state]:
        raise tx.refuse("refund_on_its_way")
    found = RefundAnswer(state="done", by=by) if is_back else RefundAnswer(state="abnormal", reason="absent", by=by)
    _give_back(tx, refund, found)
    return True


def _going_back(tx: Tx, payment: str) -> PortRefund | None:
    _existing_payment(tx, payment)
    backs = [*queries.surplus(tx), *queries.surplus(tx, ended=True)]
    return next((each for each in backs if each.payment == payment), None)


def _give_back(tx: Tx, payment: str, answer: RefundAnswer) -> None:
    known, state = _existing_payment(tx, payment), answer.state
    if state not in ("pending", "done", "abnormal"):
        return
    tx.emit(
        PaymentGivenBack(
            payment=payment,
            basket=known.basket,
            state=state,
            reason=answer.reason,
            reference=answer.reference,
            by=answer.by,
        )
    )


def _existing_payment(tx: Tx, payment: str) -> Payment:
    known = queries.payment(tx, payment)
    if known is None:
        raise tx.refuse("payment_gone", payment=payment)
    return known


@asked_by("staff")
def end_doubt(tx: Tx, *, payment: str, staff: str) -> bool:
    """Staff has looked at the port's own records and taken care of what was paid wrongly, or of goods that left and
    were never paid: it is over here.

    Refuses: payment_gone, bad_request for a payment that its port can still answer for.
    """
    known = _existing_payment(tx, payment)
    if not known.is_open and not known.is_lost:
        return False
    if known.is_open and known.reason not in ENDABLE and tx.now < known.until_ms + DAY_MS:
        raise tx.refuse("bad_request", field="target", expected="a payment that nobody can answer for any more")
    tx.emit(PaymentClosed(payment=payment, basket=known.basket, reason=f"staff/{staff}"))
    return True

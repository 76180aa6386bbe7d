"""How each fact changes the table of payments."""

from __future__ import annotations

from typing import Final

from edge.domain.payments.facts import (
    PaymentAnswered,
    PaymentAsked,
    PaymentClosed,
    PaymentDoubtful,
    PaymentFailed,
    PaymentGivenBack,
    PaymentPaid,
    PaymentSurplus,
    PaymentTrusted,
)
from edge.journal import Applies, Entry, Rows, id_text

SCHEMA: Final = """
CREATE TABLE payments (
    payment ANY PRIMARY KEY, basket ANY, amount INTEGER, currency TEXT, port TEXT, way TEXT, device TEXT, state TEXT,
    reference TEXT, reason TEXT, by TEXT, payer TEXT, asked_ms INTEGER, changed_ms INTEGER, until_ms INTEGER,
    trusted TEXT) STRICT, WITHOUT ROWID;
CREATE INDEX open_payments ON payments (state) WHERE state IN ('asked', 'waiting', 'unknown');
CREATE INDEX failed_payments ON payments (changed_ms) WHERE state IN ('failed', 'closed');
CREATE INDEX payments_of ON payments (basket);
CREATE INDEX payments_by_payer ON payments (substr(payer, 1, 8)) WHERE payer<>'';
CREATE TABLE payment_asks (
    payment ANY PRIMARY KEY, quote TEXT, number TEXT, request TEXT UNIQUE, shows TEXT) STRICT, WITHOUT ROWID;
CREATE INDEX payment_numbers ON payment_asks (number) WHERE number<>'';
CREATE TABLE surplus_payments (
    payment ANY PRIMARY KEY, amount INTEGER, why TEXT, state TEXT, reason TEXT, since_ms INTEGER) STRICT;
CREATE INDEX surplus_open ON surplus_payments (state) WHERE state<>'done';
CREATE TABLE trusted_payments (payment TEXT PRIMARY KEY, at_ms INTEGER) STRICT;
"""

ENDS: Final = (
    "DELETE FROM payments WHERE changed_ms<=?1 AND state IN ('failed', 'closed')",
    """DELETE FROM payment_asks WHERE NOT EXISTS (SELECT 1 FROM payments p WHERE p.payment=payment_asks.payment
        AND (p.changed_ms>?1 OR p.state IN ('asked', 'waiting', 'unknown')))""",
    "DELETE FROM trusted_payments WHERE at_ms<=?1",
)
"""Attempts that came to nothing, and how each was asked for. What was paid stays: it may be given back."""


def _asked(rows: Rows, entry: Entry, fact: PaymentAsked) -> None:
    payment = id_text(entry.id)
    rows.run(
        "INSERT INTO payments VALUES (short(?),short(?),?,?,?,?,?,'asked','','','','',?,?,?,'')",
        (
            payment, fact.basket, fact.amount, fact.currency, fact.port, fact.way, fact.device, entry.wall_ms,
            entry.wall_ms, fact.until_ms,
        ),
    )  # fmt: skip
    rows.run("INSERT INTO payment_asks VALUES (short(?),?,?,?,'')", (payment, fact.quote, fact.number, fact.request))


def _answered(rows: Rows, entry: Entry, fact: PaymentAnswered) -> None:
    rows.run(
        "UPDATE payment_asks SET shows=?1 WHERE ?1<>'' AND payment=(SELECT payment FROM payments"
        " WHERE payment=short(?2) AND state<>'paid')",
        (fact.shows, fact.payment),
    )
    rows.run(
        "UPDATE payments SET state='waiting', reference=iif(?1<>'', ?1, reference), reason='', changed_ms=?2"
        " WHERE payment=short(?3) AND state<>'paid'",
        (fact.reference, entry.wall_ms, fact.payment),
    )


def _paid(rows: Rows, entry: Entry, fact: PaymentPaid) -> None:
    rows.run(
        "UPDATE payments SET state='paid', reference=?, reason='', by=?, payer=?, changed_ms=? WHERE payment=short(?)",
        (fact.reference, fact.by, fact.payer, entry.wall_ms, fact.payment),
    )


def _ended(rows: Rows, entry: Entry, fact: PaymentFailed | PaymentClosed) -> None:
    state = "failed" if isinstance(fact, PaymentFailed) else "closed"
    rows.run(
        "UPDATE payments SET state=?, reason=?, changed_ms=? WHERE payment=short(?) AND state<>'paid'",
        (state, fact.reason, entry.wall_ms, fact.payment),
    )


def _doubtful(rows: Rows, entry: Entry, fact: PaymentDoubtful) -> None:
    rows.run(
        "UPDATE payments SET state='unknown', reason=?, changed_ms=? WHERE payment=short(?) AND state<>'paid'",
        (fact.reason, entry.wall_ms, fact.payment),
    )


def _trusted(rows: Rows, entry: Entry, fact: PaymentTrusted) -> None:
    rows.run("UPDATE payments SET trusted=? WHERE payment=short(?)", (fact.staff, fact.payment))
    rows.run("INSERT OR IGNORE INTO trusted_payments VALUES (?,?)", (fact.payment, entry.wall_ms))


def _surplus(rows: Rows, entry: Entry, fact: PaymentSurplus) -> None:
    rows.run(
        "INSERT OR IGNORE INTO surplus_payments VALUES (short(?),?,?,'decided','',?)",
        (fact.payment, fact.amount, fact.reason, entry.wall_ms),
    )


def _given_back(rows: Rows, entry: Entry, fact: PaymentGivenBack) -> None:
    rows.run(
        "UPDATE surplus_payments SET state=?, reason=?, since_ms=? WHERE payment=short(?) AND state<>'done'",
        (fact.state, fact.reason, entry.wall_ms, fact.payment),
    )


APPLIES: Final[Applies] = {
    PaymentAsked: _asked,
    PaymentAnswered: _answered,
    PaymentPaid: _paid,
    PaymentFailed: _ended,
    PaymentClosed: _ended,
    PaymentDoubtful: _doubtful,
    PaymentTrusted: _trusted,
    PaymentSurplus: _surplus,
    PaymentGivenBack: _given_back,
}

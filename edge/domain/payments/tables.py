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
from edge.journal import Applies, Entry, Rows, name_of

SCHEMA: Final = """
CREATE TABLE payments (
    payment TEXT PRIMARY KEY, basket ANY, quote TEXT, amount INTEGER, currency TEXT, port TEXT, way TEXT, device TEXT,
    number TEXT, request TEXT, state TEXT, shows TEXT, reference TEXT, reason TEXT, by TEXT, payer TEXT,
    asked_ms INTEGER, changed_ms INTEGER, until_ms INTEGER, trusted TEXT) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX payment_of_request ON payments (request) WHERE request IS NOT NULL;
CREATE INDEX open_payments ON payments (state) WHERE state IN ('asked', 'waiting', 'unknown');
CREATE INDEX payments_of ON payments (basket);
CREATE INDEX payments_by_payer ON payments (payer) WHERE payer<>'';
CREATE INDEX payment_numbers ON payments (number) WHERE number<>'';
CREATE TABLE surplus_payments (
    payment TEXT PRIMARY KEY, amount INTEGER, why TEXT, state TEXT, reason TEXT, since_ms INTEGER) STRICT;
CREATE INDEX surplus_open ON surplus_payments (state) WHERE state<>'done';
CREATE TABLE trusted_payments (payment TEXT PRIMARY KEY, at_ms INTEGER) STRICT;
"""

ENDS: Final = (
    "DELETE FROM payments WHERE request IS NOT NULL AND changed_ms<=?1 AND state IN ('failed', 'closed')",
    """UPDATE payments SET request=NULL, quote='', shows='', number=''
        WHERE request IS NOT NULL AND changed_ms<=?1 AND state='paid'""",
    "DELETE FROM trusted_payments WHERE at_ms<=?1",
)
"""Attempts that came to nothing. What was paid stays for as long as it may be given back, without what led there."""


def _asked(rows: Rows, entry: Entry, fact: PaymentAsked) -> None:
    rows.run(
        "INSERT INTO payments VALUES (?,short(?),?,?,?,?,?,?,?,?,'asked','','','','','',?,?,?,'')",
        (
            name_of(entry.id), fact.basket, fact.quote, fact.amount, fact.currency, fact.port, fact.way, fact.device,
            fact.number, fact.request, entry.wall_ms, entry.wall_ms, fact.until_ms,
        ),
    )  # fmt: skip


def _answered(rows: Rows, entry: Entry, fact: PaymentAnswered) -> None:
    rows.run(
        "UPDATE payments SET state='waiting', shows=iif(?1<>'', ?1, shows), reference=iif(?2<>'', ?2, reference),"
        " reason='', changed_ms=?3 WHERE payment=?4 AND state<>'paid'",
        (fact.shows, fact.reference, entry.wall_ms, fact.payment),
    )


def _paid(rows: Rows, entry: Entry, fact: PaymentPaid) -> None:
    rows.run(
        "UPDATE payments SET state='paid', reference=?, reason='', by=?, payer=?, changed_ms=? WHERE payment=?",
        (fact.reference, fact.by, fact.payer, entry.wall_ms, fact.payment),
    )


def _ended(rows: Rows, entry: Entry, fact: PaymentFailed | PaymentClosed) -> None:
    state = "failed" if isinstance(fact, PaymentFailed) else "closed"
    rows.run(
        "UPDATE payments SET state=?, reason=?, changed_ms=? WHERE payment=? AND state<>'paid'",
        (state, fact.reason, entry.wall_ms, fact.payment),
    )


def _doubtful(rows: Rows, entry: Entry, fact: PaymentDoubtful) -> None:
    rows.run(
        "UPDATE payments SET state='unknown', reason=?, changed_ms=? WHERE payment=? AND state<>'paid'",
        (fact.reason, entry.wall_ms, fact.payment),
    )


def _trusted(rows: Rows, entry: Entry, fact: PaymentTrusted) -> None:
    rows.run("UPDATE payments SET trusted=? WHERE payment=?", (fact.staff, fact.payment))
    rows.run("INSERT OR IGNORE INTO trusted_payments VALUES (?,?)", (fact.payment, entry.wall_ms))


def _surplus(rows: Rows, entry: Entry, fact: PaymentSurplus) -> None:
    rows.run(
        "INSERT OR IGNORE INTO surplus_payments VALUES (?,?,?,'decided','',?)",
        (fact.payment, fact.amount, fact.reason, entry.wall_ms),
    )


def _given_back(rows: Rows, _: Entry, fact: PaymentGivenBack) -> None:
    rows.run(
        "UPDATE surplus_payments SET state=?, reason=? WHERE payment=? AND state<>'done'",
        (fact.state, fact.reason, fact.payment),
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

"""How each fact changes the tables of orders, refunds and checks."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.domain.orders.facts import (
    AuditChosen,
    AuditFailed,
    AuditPassed,
    OrderHandedOver,
    OrderPaid,
    PickupHandedOver,
    PickupReady,
    RefundAbnormal,
    RefundDecided,
    RefundDone,
    RefundPending,
)
from edge.domain.orders.rules import number_of
from edge.journal import Applies, Entry, Rows, id_text
from edge.journal.packing import pack

SCHEMA: Final = """
CREATE TABLE orders (
    order_id ANY PRIMARY KEY, number TEXT, basket ANY, member ANY, session TEXT, state TEXT,
    total INTEGER, refunded INTEGER, at_ms INTEGER, handed_ms INTEGER, audit TEXT, audit_pieces INTEGER,
    audit_why TEXT, audit_ms INTEGER, definition BLOB) STRICT;
CREATE INDEX orders_by_number ON orders (number);
CREATE INDEX orders_by_basket ON orders (basket);
CREATE INDEX orders_of_member ON orders (member, at_ms) WHERE member<>'';
CREATE INDEX orders_of_session ON orders (session) WHERE session<>'';
CREATE INDEX orders_by_time ON orders (at_ms);
CREATE TABLE order_returns (
    order_id TEXT, line TEXT, units INTEGER, amount INTEGER, points INTEGER, absent INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (order_id, line)) STRICT, WITHOUT ROWID;
CREATE TABLE to_fetch (
    order_id TEXT PRIMARY KEY, collect TEXT, state TEXT, ready_ms INTEGER, since_ms INTEGER, parcel TEXT
    ) STRICT, WITHOUT ROWID;
CREATE INDEX to_fetch_waiting ON to_fetch (ready_ms) WHERE state<>'handed_over';
CREATE TABLE refunds (
    refund TEXT PRIMARY KEY, order_id TEXT, request TEXT, kind TEXT, way TEXT, amount INTEGER, currency TEXT,
    payment TEXT, port TEXT, state TEXT, reason TEXT, by TEXT, at_ms INTEGER, since_ms INTEGER,
    points_back INTEGER NOT NULL DEFAULT 0, points_taken INTEGER NOT NULL DEFAULT 0,
    units TEXT NOT NULL DEFAULT '{}') STRICT, WITHOUT ROWID;
CREATE INDEX refunds_of_order ON refunds (order_id);
CREATE INDEX refunds_by_request ON refunds (request);
CREATE INDEX refunds_open ON refunds (state, since_ms) WHERE state<>'done';
"""


def _paid(rows: Rows, entry: Entry, fact: OrderPaid) -> None:
    order = id_text(entry.id)
    rows.run(
        "INSERT INTO orders VALUES (short(?),?,short(?),short(?),?,'paid',?,0,?,NULL,'',0,'',NULL,?)",
        (
            order,
            number_of(order),
            fact.basket,
            fact.member,
            fact.session,
            fact.total,
            entry.wall_ms,
            pack(rows, entry.body),
        ),
    )
    if fact.promise is not None:
        promise = (order, fact.promise.collect, fact.promise.ready_ms, entry.wall_ms)
        rows.run("INSERT INTO to_fetch VALUES (?,?,'due',?,?,'')", promise)


def _pickup_ready(rows: Rows, entry: Entry, fact: PickupReady) -> None:
    rows.run(
        "UPDATE to_fetch SET state='ready', since_ms=?, parcel=? WHERE order_id=? AND state='due'",
        (entry.wall_ms, fact.parcel, fact.order),
    )


def _picked_up(rows: Rows, entry: Entry, fact: PickupHandedOver) -> None:
    rows.run(
        "UPDATE to_fetch SET state='handed_over', since_ms=? WHERE order_id=? AND state<>'handed_over'",
        (entry.wall_ms, fact.order),
    )


def _handed_over(rows: Rows, entry: Entry, fact: OrderHandedOver) -> None:
    rows.run(
        "UPDATE orders SET state='handed_over', handed_ms=? WHERE order_id=short(?) AND state='paid'",
        (entry.wall_ms, fact.order),
    )


def _audit(rows: Rows, entry: Entry, order: str, state: str) -> None:
    rows.run("UPDATE orders SET audit=?, audit_ms=? WHERE order_id=short(?)", (state, entry.wall_ms, order))


def _chosen(rows: Rows, entry: Entry, fact: AuditChosen) -> None:
    _audit(rows, entry, fact.order, "chosen")
    rows.run(
        "UPDATE orders SET audit_pieces=?, audit_why=? WHERE order_id=short(?)", (fact.pieces, fact.why, fact.order)
    )


def _passed(rows: Rows, entry: Entry, fact: AuditPassed) -> None:
    _audit(rows, entry, fact.order, "passed")


def _failed(rows: Rows, entry: Entry, fact: AuditFailed) -> None:
    _audit(rows, entry, fact.order, "failed" if fact.full else "full")


def _decided(rows: Rows, entry: Entry, fact: RefundDecided) -> None:
    state = "decided" if fact.way != "none" else "done"
    asked = {line.line: line.units for line in fact.lines} if fact.kind != "void" else {}
    rows.run(
        "INSERT INTO refunds VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            id_text(entry.id),
            fact.order,
            fact.request,
            fact.kind,
            fact.way,
            fact.amount,
            fact.currency,
            fact.payment,
            fact.port,
            state,
            "",
            fact.by,
            entry.wall_ms,
            entry.wall_ms,
            fact.points_back,
            fact.points_taken,
            msgspec.json.encode(asked).decode(),
        ),
    )
    if fact.kind == "exchange":
        return
    rows.run("UPDATE orders SET refunded=refunded+? WHERE order_id=short(?)", (fact.amount, fact.order))
    if fact.kind == "void":
        rows.run("UPDATE orders SET state='void' WHERE order_id=short(?)", (fact.order,))
    for line in fact.lines:
        absent = line.units if fact.kind == "absent" else 0
        rows.run(
            "INSERT INTO order_returns VALUES (?,?,?,?,?,?) ON CONFLICT (order_id, line) DO UPDATE SET"
            " units=units+excluded.units, amount=amount+excluded.amount, points=points+excluded.points,"
            " absent=absent+excluded.absent",
            (fact.order, line.line, line.units, line.amount, line.points, absent),
        )


def _state(rows: Rows, entry: Entry, refund: str, state: str, reason: str = "") -> None:
    rows.run(
        "UPDATE refunds SET state=?, reason=?, since_ms=? WHERE refund=? AND state<>'done'",
        (state, reason, entry.wall_ms, refund),
    )


def _pending(rows: Rows, entry: Entry, fact: RefundPending) -> None:
    _state(rows, entry, fact.refund, "pending")


def _done(rows: Rows, entry: Entry, fact: RefundDone) -> None:
    _state(rows, entry, fact.refund, "done")


def _abnormal(rows: Rows, entry: Entry, fact: RefundAbnormal) -> None:
    _state(rows, entry, fact.refund, "abnormal", fact.reason)


APPLIES: Final[Applies] = {
    OrderPaid: _paid,
    OrderHandedOver: _handed_over,
    PickupReady: _pickup_ready,
    PickupHandedOver: _picked_up,
    AuditChosen: _chosen,
    AuditPassed: _passed,
    AuditFailed: _failed,
    RefundDecided: _decided,
    RefundPending: _pending,
    RefundDone: _done,
    RefundAbnormal: _abnormal,
}

"""What is asked of orders: one of them, those of a person, and money that is on its way back."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

import msgspec

from edge.domain.lockers import queries as lockers
from edge.domain.lockers.rules import ENDED
from edge.domain.orders.facts import OrderPaid
from edge.domain.orders.rules import GIVEN_MS, MISS_MS, Order, Pickup, Refund, Trust, read_number
from edge.domain.payments.rules import SILENT_MS, PortRefund
from edge.domain.rows import columns
from edge.journal import Reads
from edge.journal.packing import long, unpack

_PAID: Final = msgspec.json.Decoder(OrderPaid)
_REFUND: Final = columns(Refund, "r").replace("r.order,", "r.order_id,")


def _refund(row: sqlite3.Row) -> Refund:
    return msgspec.structs.replace(Refund(*row), units=msgspec.json.decode(row["units"]))


def _order(reads: Reads, row: sqlite3.Row) -> Order:
    name = long(row["order_id"])
    back = reads.all("SELECT line, units, absent FROM order_returns WHERE order_id=?", name)
    return Order(
        order=name,
        number=row["number"],
        member=long(row["member"]),
        state=row["state"],
        at_ms=row["at_ms"],
        paid=_PAID.decode(unpack(reads.one, row["definition"])),
        returned={each["line"]: each["units"] for each in back},
        refunded=row["refunded"],
        audit=row["audit"],
        audit_pieces=row["audit_pieces"],
        audit_why=row["audit_why"],
        handed_ms=row["handed_ms"],
        pickup=_pickup(reads, name),
        absent={each["line"]: each["absent"] for each in back if each["absent"]},
    )


def _pickup(reads: Reads, order: str) -> Pickup | None:
    row = reads.one("SELECT collect, state, ready_ms, since_ms, parcel FROM to_fetch WHERE order_id=?", order)
    return Pickup(*row) if row else None


def to_fetch(reads: Reads) -> list[Order]:
    """Returns the orders whose goods are to be fetched, or wait for whoever bought them; the first promise first."""
    rows = reads.all(
        "SELECT o.* FROM to_fetch p JOIN orders o ON o.order_id=short(p.order_id) WHERE p.state<>'handed_over'"
        " ORDER BY p.ready_ms, p.order_id"
    )
    return [order for order in (_order(reads, row) for row in rows) if order.waits]


def awaited_by(reads: Reads, members: Sequence[str]) -> list[Order]:
    """Returns the orders of these persons whose goods they do not have yet, nor find behind a door."""
    rows = [
        row
        for member in members
        for row in reads.all(
            "SELECT o.* FROM orders o JOIN to_fetch p ON p.order_id=long(o.order_id)"
            " WHERE o.member=short(?) AND o.member<>'' AND p.state<>'handed_over' ORDER BY o.at_ms, o.order_id",
            member,
        )
    ]
    return [found for found in (_order(reads, row) for row in rows) if found.waits and not is_in_locker(reads, found)]


def order(reads: Reads, name: str) -> Order | None:
    """Returns one order; none where there is none of that id."""
    row = reads.one("SELECT * FROM orders WHERE order_id=short(?)", name)
    return _order(reads, row) if row else None


def of_number(reads: Reads, number: str) -> Order | None:
    """Returns the order of a receipt's number."""
    row = reads.one("SELECT * FROM orders WHERE number=? ORDER BY at_ms DESC LIMIT 1", number)
    return _order(reads, row) if row else None


def canonical_number(reads: Reads, text: str) -> str:
    """Returns the number that somebody typed as its receipt has it; what is no order's of this store, as it is."""
    found = of_number(reads, read_number(text))
    return found.number if found else text


def is_in_locker(reads: Reads, order: Order) -> bool:
    """Whether goods of an order lie behind the door of a locker: not what staff cleared out, nor what was taken."""
    known = lockers.parcel_of_order(reads, order.number) if order.pickup is not None else None
    return known is not None and known.state not in (*ENDED, "emptied")


def payers_of(reads: Reads, payer: str) -> set[str]:
    """Returns the members whose orders were paid by this payer, by the keyed hash of its port's name for them."""
    rows = reads.all(
        "SELECT DISTINCT long(o.member) AS member FROM payments p CROSS JOIN orders o ON o.basket=p.basket"
        # The plus keeps the first term, by whose index they are found.
        " WHERE substr(p.payer, 1, 8)=substr(?1, 1, 8) AND +p.payer=?1 AND p.payer<>''"
        " AND p.state='paid' AND o.member<>''",
        payer,
    )
    return {row["member"] for row in rows}


def of_basket(reads: Reads, basket: str) -> Order | None:
    """Returns the order that a basket became."""
    row = reads.one("SELECT * FROM orders WHERE basket=short(?)", basket)
    return _order(reads, row) if row else None


def of_session(reads: Reads, session: str) -> Order | None:
    """Returns the order that was last bought in a session at a screen or till."""
    row = reads.one("SELECT * FROM orders WHERE session=? AND session<>'' ORDER BY at_ms DESC LIMIT 1", session)
    return _order(reads, row) if row else None


def of_member(reads: Reads, member: str, limit: int = 100) -> list[Order]:
    """Returns the orders of this person and of everybody who is the same one, the latest first."""
    rows = reads.all(
        "SELECT o.* FROM kin k CROSS JOIN orders o ON o.member=short(k.other) AND o.member<>'' WHERE k.member=?"
        " ORDER BY o.at_ms DESC, o.order_id DESC LIMIT ?",
        member,
        limit,
    )
    return [_order(reads, row) for row in rows]


def owns(reads: Reads, member: str, name: str) -> bool:
    """Whether an order is this person's."""
    row = reads.one(
        "SELECT 1 FROM kin k JOIN orders o ON o.member=short(k.other) WHERE k.member=? AND o.order_id=short(?)",
        member,
        name,
    )
    return row is not None


def latest(reads: Reads, limit: int = 50) -> list[Order]:
    """Returns the store's last orders, the latest first."""
    rows = reads.all("SELECT * FROM orders ORDER BY at_ms DESC, order_id DESC LIMIT ?", limit)
    return [_order(reads, row) for row in rows]


def trust(reads: Reads, member: str, now_ms: int) -> Trust:
    """Returns what earlier checks say of a person; of nobody in particular nothing is known."""
    if not member:
        return Trust()
    rows = reads.all(
        "SELECT o.state, o.audit, coalesce(o.audit_ms, o.at_ms) AS at_ms"
        " FROM kin k CROSS JOIN orders o ON o.member=short(k.other) AND o.member<>'' WHERE k.member=?"
        " AND (o.audit IN ('passed','failed') OR o.state='void') ORDER BY o.at_ms DESC LIMIT 20",
        member,
    )
    passed = 0
    for row in rows:
        if row["audit"] == "failed":
            return Trust(passed, missed=passed == 0 and now_ms - row["at_ms"] < MISS_MS)
        if row["audit"] != "passed":
            return Trust(passed, voided=passed == 0)
        passed += 1
    return Trust(passed)


def refunds(reads: Reads, name: str) -> list[Refund]:
    """Returns what of an order came back, the first one first."""
    rows = reads.all(f"SELECT {_REFUND} FROM refunds r WHERE r.order_id=? ORDER BY r.at_ms, r.refund", name)  # noqa: S608
    return [_refund(row) for row in rows]


def refund(reads: Reads, name: str) -> Refund | None:
    """Returns one refund."""
    row = reads.one(f"SELECT {_REFUND} FROM refunds r WHERE r.refund=?", name)  # noqa: S608 - our own columns
    return _refund(row) if row else None


def refund_of_request(reads: Reads, request: str) -> Refund | None:
    """Returns the refund that was asked for by this request."""
    row = reads.one(f"SELECT {_REFUND} FROM refunds r WHERE r.request=? AND r.request<>''", request)  # noqa: S608
    return _refund(row) if row else None


def pending_refunds(reads: Reads) -> list[PortRefund]:
    """Returns the money that is to go back by the port that it came by, the oldest first, for whoever asks the ports.

    `orders.refunds.answered` takes what they say.
    """
    rows = reads.all(
        f"SELECT {_REFUND} FROM refunds r WHERE r.way='port' AND r.state IN ('decided','pending')"  # noqa: S608
        " AND r.state<>'done' ORDER BY r.since_ms, r.refund"
    )
    return [
        PortRefund(
            refund=each.refund,
            payment=each.payment,
            amount=each.amount,
            currency=each.currency,
            state=each.state,
            reason=each.reason,
            since_ms=each.since_ms,
        )
        for each in (Refund(*row) for row in rows)
    ]


def failed_refunds(reads: Reads) -> list[tuple[Refund, str]]:
    """Returns the refunds whose money found no way back, the oldest first, each with its order's number."""
    return _numbered(reads, "r.state='abnormal'")


def unpaid_cash_refunds(reads: Reads, now_ms: int) -> list[tuple[Refund, str]]:
    """Returns the refunds in cash that nobody noted as given for a while, as `failed_refunds` does."""
    open_ones = _numbered(reads, "r.way='cash' AND r.state='decided'")
    return [(each, number) for each, number in open_ones if now_ms - each.since_ms >= GIVEN_MS]


def unanswered_refunds(reads: Reads, now_ms: int) -> list[tuple[Refund, str]]:
    """Returns the refunds of which their ports have said nothing for too long, as `failed_refunds` does."""
    open_ones = _numbered(reads, "r.way='port' AND r.state IN ('decided','pending')")
    return [(each, number) for each, number in open_ones if now_ms - each.since_ms >= SILENT_MS[each.state]]


def _numbered(reads: Reads, condition: str) -> list[tuple[Refund, str]]:
    # Told twice, as the index of refunds under way is found by the second.
    rows = reads.all(
        f"SELECT {_REFUND}, o.number FROM refunds r JOIN orders o ON o.order_id=short(r.order_id)"  # noqa: S608 - our own
        f" WHERE {condition} AND r.state<>'done' ORDER BY r.since_ms, r.refund"
    )
    return [(Refund(*refund), number) for *refund, number in rows]


def unfetched(reads: Reads, since_ms: int, limit: int = 500) -> list[Order]:
    """Returns paid orders whose goods are in the store still, as far as anybody said, the latest first."""
    rows = reads.all(
        "SELECT * FROM orders WHERE at_ms>? AND state='paid' ORDER BY at_ms DESC, order_id DESC LIMIT ?",
        since_ms,
        limit,
    )
    return [_order(reads, row) for row in rows]


def first_orders(reads: Reads) -> frozenset[str]:
    """Returns the orders that were the first of whoever's they are; persons who became one had one first order."""
    rows = reads.all(
        "SELECT long(member) AS member, min(at_ms) AS at_ms, long(order_id) AS order_id FROM orders WHERE member<>''"
        " GROUP BY member"
    )
    found = {row["member"]: (row["at_ms"], row["order_id"]) for row in rows}
    kin = [(row["member"], row["other"]) for row in reads.all("SELECT member, other FROM kin WHERE member<>other")]
    later = {one for one, other in kin if one in found and other in found and found[other] < found[one]}
    return frozenset(order for member, (_, order) in found.items() if member not in later)

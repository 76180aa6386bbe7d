"""What is asked of baskets: whose is which, what lies in it, what is held, and what others must record of it."""

from __future__ import annotations

import sqlite3
from typing import Final

import msgspec

from edge.domain.baskets.facts import AgeConfirmed, BasketPaid
from edge.domain.baskets.rules import UNPAID, BasketLine, BasketRules, Choices, Collect, Owner, State
from edge.domain.members.rules import FIRM, UNDO_MS
from edge.domain.noun import InUse
from edge.journal import Fact, Reads
from pricing.basket import Basket, Line
from pricing.quote import Quote

_UNPAID: Final = "b.state IN ('open','held')"
assert UNPAID == ("open", "held")  # noqa: S101 - the indexes say the same


class BasketNow(msgspec.Struct, frozen=True):
    """A basket as it is now."""

    basket: str
    member: str
    """Empty where it is a session's."""
    session: str
    state: State
    revision: int
    choices: Choices
    order: str
    """The order that it became, once it was paid."""
    changed_ms: int
    age_asked: int
    """The age that staff was asked to look at; 0 where they were not."""
    age_seen: int
    """The highest age that staff has confirmed."""
    age_enough: bool | None
    """What staff said of the last question; none while it waits."""
    removed: int
    """How many scanned lines were taken out again."""
    lines: tuple[BasketLine, ...]
    collect: Collect = "counter"
    """How its owner wants to get what is not on the shelf."""

    @property
    def collected(self) -> Collect:
        """How what is not on the shelf is got: a locker is for somebody whose phone shows its code."""
        return "counter" if self.collect == "locker" and not self.member else self.collect

    @property
    def away(self) -> tuple[BasketLine, ...]:
        """What is not on the shelf."""
        return tuple(line for line in self.lines if line.away)

    @property
    def owner(self) -> Owner:
        """Whose it is."""
        return Owner(self.member, self.session)

    @property
    def age(self) -> int:
        """From which age on its goods may be sold; 0 for everybody."""
        return max((line.age for line in self.lines), default=0)

    @property
    def pieces(self) -> int:
        """How many pieces lie in it; a weighed bag is one."""
        return sum(line.quantity for line in self.lines)


class Hold(msgspec.Struct, frozen=True):
    """A quote that stands."""

    basket: str
    revision: int
    quote: Quote
    held_ms: int
    until_ms: int
    fees: int
    """Late fees that are paid along."""

    @property
    def total(self) -> int:
        """What is to be paid."""
        return self.quote.total + self.fees


_BASKET: Final = (
    "SELECT b.basket, coalesce(b.member, '') AS member, coalesce(b.session, '') AS session, b.state, b.revision,"
    " b.choices, coalesce(b.order_id, '') AS order_id, b.changed_ms, b.age_asked, b.age_seen, b.age_enough, b.removed,"
    " b.collect"
    " FROM baskets b WHERE "
)


def rules_of(reads: Reads) -> BasketRules:
    """Returns the agreement about baskets as it stands."""
    row = reads.one("SELECT rules FROM basket_rules")
    return msgspec.json.decode(row["rules"], type=BasketRules) if row else BasketRules()


def now(reads: Reads, basket: str) -> BasketNow | None:
    """Returns a basket as it is, whatever became of it."""
    row = reads.one(_BASKET + "b.basket=?", basket)
    return _now(reads, row) if row else None


def _now(reads: Reads, row: sqlite3.Row) -> BasketNow:
    lines = reads.all("SELECT definition, quantity FROM basket_lines WHERE basket=? ORDER BY place", row["basket"])
    return BasketNow(
        row["basket"],
        row["member"],
        row["session"],
        row["state"],
        row["revision"],
        msgspec.json.decode(row["choices"], type=Choices),
        row["order_id"],
        row["changed_ms"],
        row["age_asked"],
        row["age_seen"],
        None if row["age_enough"] is None else bool(row["age_enough"]),
        row["removed"],
        tuple(
            msgspec.structs.replace(msgspec.json.decode(line["definition"], type=BasketLine), quantity=line["quantity"])
            for line in lines
        ),
        row["collect"],
    )


def basket(reads: Reads, name: str) -> Basket | None:
    """Returns a basket as prices are computed for it."""
    found = now(reads, name)
    return priced(found) if found else None


def priced(found: BasketNow) -> Basket:
    """Returns what prices are computed for."""
    lines = tuple(
        Line(
            id=line.line,
            gtin=line.gtin,
            quantity=line.quantity,
            grams=line.grams,
            label_price=line.label_price,
            scanned=line.how if not line.at else f"{line.how} {line.at}",
            added_ms=line.added_ms,
        )
        for line in found.lines
    )
    return Basket(id=found.basket, owner=found.member or found.session, revision=found.revision, lines=lines)


def of_member(reads: Reads, member: str) -> str | None:
    """Returns the basket that this person, or who is the same one, has now: that which changed last.

    One at a till is not meant.
    """
    found = all_of_member(reads, member)
    return found[0] if found else None


def all_of_member(reads: Reads, member: str) -> list[str]:
    """Returns every unpaid basket of everybody who is this person, the last changed first. Several are to be merged."""
    rows = reads.all(
        # The cross join and the plus: from the member to the few baskets, never through those of every other member.
        "SELECT b.basket FROM kin k CROSS JOIN baskets b ON b.member=k.other"  # noqa: S608 - our own condition
        f" WHERE k.member=?1 AND {FIRM} AND +b.session IS NULL AND {_UNPAID}"
        " ORDER BY b.state='held' DESC, b.changed_ms DESC, b.basket",
        *(member, reads.now - UNDO_MS),
    )
    return [row["basket"] for row in rows]


def of_session(reads: Reads, session: str) -> str | None:
    """Returns the basket of a session at a screen or till."""
    row = reads.one(f"SELECT b.basket FROM baskets b WHERE b.session=? AND {_UNPAID}", session)  # noqa: S608
    return row["basket"] if row else None


def owns(reads: Reads, member: str, basket: str) -> bool:
    """Whether a basket is this person's."""
    row = reads.one(
        f"SELECT 1 FROM kin k JOIN baskets b ON b.member=k.other WHERE k.member=?1 AND {FIRM} AND b.basket=?3",  # noqa: S608
        *(member, reads.now - UNDO_MS, basket),
    )
    return row is not None


def paid_by(reads: Reads, basket: str) -> str:
    """Returns the way of paying that a basket's price is for; empty where it is for any."""
    found = now(reads, basket)
    return found.choices.paid_by if found is not None else ""


def hold(reads: Reads, basket: str) -> Hold | None:
    """Returns the quote that stands for a basket; none where none does. Its time may be over: ask `until_ms`."""
    row = reads.one("SELECT basket, revision, quote, held_ms, until_ms, fees FROM basket_holds WHERE basket=?", basket)
    if row is None:
        return None
    quote = msgspec.json.decode(row["quote"], type=Quote)
    return Hold(row["basket"], row["revision"], quote, row["held_ms"], row["until_ms"], row["fees"])


def fees_held(reads: Reads, member: str, *, besides: str = "") -> int:
    """Returns the late fees that a person is about to pay with other baskets than this one."""
    row = reads.one(
        "SELECT coalesce(sum(h.fees), 0) AS fees FROM kin k CROSS JOIN baskets b ON b.member=k.other"  # noqa: S608
        f" JOIN basket_holds h ON h.basket=b.basket WHERE k.member=?1 AND {FIRM} AND b.basket<>?3 AND {_UNPAID}",
        *(member, reads.now - UNDO_MS, besides),
    )
    return int(row["fees"]) if row else 0


def paying(reads: Reads, basket: str, order: str) -> list[Fact]:
    """Makes the facts that a basket was paid, for the decision on the payment; none where it was already."""
    found = now(reads, basket)
    return [BasketPaid(basket=basket, order=order)] if found and found.state in UNPAID else []


def confirming_age(reads: Reads, basket: str, staff: str, *, enough: bool) -> list[Fact]:
    """Makes the fact that staff looked at a buyer's age; none where nobody asked."""
    found = now(reads, basket)
    if found is None or not found.age_asked:
        return []
    return [AgeConfirmed(basket=basket, age=found.age_asked, staff=staff, enough=enough)]


def pieces_of(reads: Reads, member: str) -> int:
    """Returns how many pieces lie in a person's basket; one at a till is not meant."""
    row = reads.one(
        "SELECT coalesce(sum(l.quantity), 0) AS n FROM kin k JOIN baskets b ON b.member=k.other"  # noqa: S608 - our own
        " JOIN basket_lines l ON l.basket=b.basket"
        f" WHERE k.member=?1 AND {FIRM} AND b.session IS NULL AND {_UNPAID}",
        *(member, reads.now - UNDO_MS),
    )
    return int(row["n"]) if row else 0


def in_use(reads: Reads) -> list[InUse]:
    """Baskets whose quote stands: somebody is about to pay."""
    return [
        InUse("basket", row["basket"], row["held_ms"])
        for row in reads.all("SELECT basket, held_ms FROM basket_holds ORDER BY held_ms")
    ]

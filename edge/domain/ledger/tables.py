"""How each fact changes the tables of the ledger.

A member's balance is the sum of what is left of their lots, less what they owe: a return can take points that were
spent already, and what is earned next fills that first. `ledger_entries` is the history that people see.
"""

from __future__ import annotations

from typing import Final

import msgspec

from edge.domain.carts.facts import CartDepositHeld, CartDepositReturned
from edge.domain.ledger.facts import (
    CheckedIn,
    CommissionEarned,
    CommissionRefused,
    CommissionReversed,
    CommissionSettled,
    FeePaid,
    LedgerRulesSet,
    LevelChanged,
    MallExchanged,
    MallOffered,
    MallWithdrawn,
    PickUpCredited,
    PointsBooked,
    PointsEnded,
    PointsEnding,
    PointsReleased,
    PointsReserved,
    PointsReversed,
    PromoterBound,
    PromoterNotBound,
)
from edge.domain.ledger.rules import DAY_MS, NOTICE_DAYS
from edge.domain.lockers.facts import ParcelFeeDue
from edge.domain.members.facts import MemberErased, MemberImported, MembersLinked
from edge.domain.members.rules import UNDO_MS
from edge.domain.orders.facts import RefundDecided
from edge.journal import Applies, Entry, Rows

SCHEMA: Final = """
CREATE TABLE ledger_rules (one INTEGER PRIMARY KEY, rules TEXT) STRICT;
CREATE TABLE ledger_entries (
    place INTEGER PRIMARY KEY, book TEXT, account ANY, delta INTEGER, reason TEXT, key TEXT, sale ANY,
    at_ms INTEGER, ends_ms INTEGER) STRICT;
CREATE INDEX entries_of ON ledger_entries (account, book, place);
CREATE INDEX entries_by_key ON ledger_entries (key) WHERE key<>'';
CREATE TABLE lots (
    lot TEXT PRIMARY KEY, member ANY, points INTEGER, left INTEGER, ends_ms INTEGER, notice_ms INTEGER,
    sale ANY, told_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX lots_of ON lots (member) WHERE left>0;
CREATE INDEX lots_end ON lots (ends_ms) WHERE left>0;
CREATE INDEX lots_notice ON lots (notice_ms) WHERE left>0;
CREATE TABLE points_owed (member TEXT PRIMARY KEY, points INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE points_reserved (basket TEXT PRIMARY KEY, member TEXT, points INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX reserved_of ON points_reserved (member);
CREATE TABLE ledger_sales (
    sale ANY PRIMARY KEY, member ANY, number INTEGER, paid INTEGER, repaid INTEGER, earned INTEGER, gone INTEGER,
    burned INTEGER, back INTEGER, at_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX sales_of ON ledger_sales (member, at_ms);
CREATE TABLE ledger_refunds (refund TEXT PRIMARY KEY, sale TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE spent_lots (sale TEXT, lot TEXT, points INTEGER, back INTEGER, ends_ms INTEGER,
    PRIMARY KEY (sale, lot)) STRICT, WITHOUT ROWID;
CREATE TABLE levels (member TEXT PRIMARY KEY, level TEXT, until_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX levels_until ON levels (until_ms) WHERE until_ms IS NOT NULL;
CREATE TABLE streaks (
    member TEXT PRIMARY KEY, day TEXT, streak INTEGER, longest INTEGER, forgiven TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE mall (
    item TEXT PRIMARY KEY, campaign TEXT, points INTEGER, stock INTEGER, per_person INTEGER, taken INTEGER,
    withdrawn INTEGER, definition TEXT, place INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE exchanges (request TEXT PRIMARY KEY, item TEXT, member TEXT, coupon TEXT) STRICT, WITHOUT ROWID;
CREATE INDEX exchanges_of ON exchanges (member, item);
CREATE TABLE promoted (
    member TEXT PRIMARY KEY, promoter TEXT, touchpoint TEXT, browser TEXT, why TEXT, at_ms INTEGER)
    STRICT, WITHOUT ROWID;
CREATE INDEX promoted_by ON promoted (promoter, at_ms);
CREATE INDEX promoted_at ON promoted (browser) WHERE browser<>'';
CREATE TABLE commissions (
    sale TEXT PRIMARY KEY, promoter TEXT, member TEXT, number INTEGER, amount INTEGER, state TEXT, at_ms INTEGER,
    settles_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX commissions_open ON commissions (settles_ms) WHERE state='earned';
CREATE INDEX commissions_of ON commissions (promoter, at_ms);
CREATE INDEX commissions_for ON commissions (member);
CREATE TABLE commissions_refused (sale TEXT PRIMARY KEY, promoter TEXT, at_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE pickups (
    parcel TEXT PRIMARY KEY, adviser TEXT, sale TEXT, amount INTEGER, at_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX pickups_of ON pickups (adviser, at_ms);
CREATE INDEX pickups_sold ON pickups (sale) WHERE sale<>'';
"""


def _rules_set(rows: Rows, _: Entry, fact: LedgerRulesSet) -> None:
    rows.run("INSERT OR REPLACE INTO ledger_rules VALUES (1,?)", (msgspec.json.encode(fact.rules).decode(),))


def _write(
    rows: Rows, entry: Entry, account: tuple[str, str], delta: int, reason: str, key: str = "", sale: str = "",
    ends_ms: int | None = None,
) -> None:  # fmt: skip
    """A line of the history. `account` is a book, and whose."""
    rows.run(
        "INSERT INTO ledger_entries VALUES (?,?,short(?),?,?,?,short(?),?,?)",
        (entry.sequence, *account, delta, reason, key, sale, entry.wall_ms, ends_ms),
    )


def _booked(rows: Rows, entry: Entry, fact: PointsBooked) -> None:
    known = fact.reason in ("check_in", "streak") or (fact.reason == "order" and fact.number > 0)
    key = "" if known else fact.key  # by the day in a row, and by the sale
    _write(rows, entry, ("points", fact.member), fact.points, fact.reason, key, fact.order, fact.ends_ms)
    for share in fact.lots:
        rows.run("UPDATE lots SET left=max(0, left-?) WHERE lot=?", (share.points, share.lot))
        if fact.order:
            rows.run(
                "INSERT OR REPLACE INTO spent_lots VALUES (?,?,?,0,?)",
                (fact.order, share.lot, share.points, share.ends_ms),
            )
    if fact.points > 0:
        lot = (f"{entry.sequence}", fact.member, fact.points, fact.ends_ms, fact.order)
        rows.run("INSERT INTO lots VALUES (?1,short(?2),?3,?3,?4,?4-2592000000,short(?5),NULL)", lot)
        _fill(rows, entry, fact.member)
    if fact.order:
        rows.run(
            "INSERT INTO ledger_sales VALUES (short(?1),short(?2),?3,?4,0,?5,0,?6,0,?7)"
            " ON CONFLICT (sale) DO UPDATE SET number=max(number, excluded.number), paid=paid+excluded.paid,"
            " earned=earned+excluded.earned, burned=burned+excluded.burned",
            (
                *(fact.order, fact.member, fact.number, fact.paid),
                *(max(0, fact.points), max(0, -fact.points), entry.wall_ms),
            ),
        )


def _reserved(rows: Rows, _: Entry, fact: PointsReserved) -> None:
    rows.run("INSERT OR REPLACE INTO points_reserved VALUES (?,?,?)", (fact.basket, fact.member, fact.points))


def _released(rows: Rows, _: Entry, fact: PointsReleased) -> None:
    rows.run("DELETE FROM points_reserved WHERE basket=?", (fact.basket,))


def _reversed(rows: Rows, entry: Entry, fact: PointsReversed) -> None:
    delta = fact.back - fact.gone
    _write(rows, entry, ("points", fact.member), delta, "returned", f"refund/{fact.refund}", fact.order)
    rows.run("INSERT OR IGNORE INTO ledger_refunds VALUES (?,?)", (fact.refund, fact.order))
    rows.run(
        "UPDATE ledger_sales SET repaid=repaid+?, gone=gone+?, back=back+? WHERE sale=short(?)",
        (fact.paid, fact.gone, fact.back, fact.order),
    )
    for number, share in enumerate(fact.lots):
        rows.run("UPDATE spent_lots SET back=back+? WHERE sale=? AND lot=?", (share.points, fact.order, share.lot))
        # To whom they were taken from: of several who are one that day, it need not be the buyer.
        lot = (f"{entry.sequence}.{number}", fact.member, share.points, share.ends_ms, fact.order, share.lot)
        rows.run(
            "INSERT INTO lots VALUES (?1,coalesce((SELECT member FROM lots WHERE lot=?6),short(?2)),"
            "?3,?3,?4,?4-2592000000,short(?5),NULL)",
            lot,
        )
    rows.run(
        "INSERT INTO points_owed VALUES (?1,?2) ON CONFLICT (member) DO UPDATE SET points=points+?2",
        (fact.member, fact.gone),
    )
    _fill(rows, entry, fact.member, fact.order)


def _fill(rows: Rows, entry: Entry, member: str, sale: str = "") -> None:
    """What a person owes is taken of their lots, whichever of their phones owes or has them: of that order's own first,
    then of those that end first. Nobody's lots pay for somebody from whom they may be parted still.
    """
    firm = "kin WHERE member=?1 AND (staff_ms IS NULL OR staff_ms<?2)"
    asked = (member, entry.wall_ms - UNDO_MS)
    debts = rows.run(
        "SELECT member, points FROM points_owed WHERE points>0"  # noqa: S608 - our own
        f" AND member IN (SELECT ?1 UNION SELECT other FROM {firm}) ORDER BY member<>?1, member",
        asked,
    ).fetchall()
    if not debts:
        return
    lots = rows.run(
        "SELECT lot, left FROM lots WHERE left>0"  # noqa: S608 - our own
        f" AND member IN (SELECT short(?1) UNION SELECT short(other) FROM {firm})"
        " ORDER BY sale<>short(?3) OR sale='', ends_ms IS NULL, ends_ms, lot",
        (*asked, sale),
    ).fetchall()
    owed = sum(points for _, points in debts)
    filled = min(owed, sum(left for _, left in lots))
    _take(rows, "UPDATE lots SET left=left-? WHERE lot=?", lots, filled)
    _take(rows, "UPDATE points_owed SET points=points-? WHERE member=?", debts, filled)


def _take(rows: Rows, sql: str, shares: list[tuple[str, int]], points: int) -> None:
    """So many points of these, the first first."""
    for name, most in shares:
        part = min(most, points)
        points -= part
        if part:
            rows.run(sql, (part, name))


def _linked(rows: Rows, entry: Entry, fact: MembersLinked) -> None:
    _fill(rows, entry, fact.member)


def _ending(rows: Rows, entry: Entry, fact: PointsEnding) -> None:
    later = next((days for days in NOTICE_DAYS if days < fact.days), None)
    notice = None if later is None else fact.ends_ms - later * DAY_MS
    rows.run(
        "UPDATE lots SET notice_ms=?, told_ms=? WHERE member=short(?) AND ends_ms=?",
        (notice, entry.wall_ms, fact.member, fact.ends_ms),
    )


def _lots_ended(rows: Rows, entry: Entry, fact: PointsEnded) -> None:
    _write(rows, entry, ("points", fact.member), -fact.points, "ended")
    for lot in fact.lots:
        rows.run("UPDATE lots SET left=0 WHERE lot=?", (lot,))


def _level(rows: Rows, _: Entry, fact: LevelChanged) -> None:
    rows.run("INSERT OR REPLACE INTO levels VALUES (?,?,?)", (fact.member, fact.level, fact.until_ms))


def _checked_in(rows: Rows, _: Entry, fact: CheckedIn) -> None:
    rows.run(
        "INSERT INTO streaks VALUES (?1,?2,?3,?3,?4) ON CONFLICT (member) DO UPDATE SET day=?2, streak=?3,"
        " longest=max(longest, ?3), forgiven=iif(?4='', forgiven, ?4)",
        (fact.member, fact.day, fact.streak, fact.day if fact.forgiven else ""),
    )


def _offered(rows: Rows, entry: Entry, fact: MallOffered) -> None:
    rows.run(
        "INSERT INTO mall VALUES (?,?,?,?,?,0,0,?,?) ON CONFLICT (item) DO UPDATE SET campaign=excluded.campaign,"
        " points=excluded.points, stock=excluded.stock, per_person=excluded.per_person, withdrawn=0,"
        " definition=excluded.definition, place=excluded.place",
        (
            *(fact.item, fact.campaign, fact.points, fact.stock, fact.each),
            *(entry.body.decode(), entry.sequence),
        ),
    )


def _withdrawn(rows: Rows, _: Entry, fact: MallWithdrawn) -> None:
    rows.run("UPDATE mall SET withdrawn=1 WHERE item=?", (fact.item,))


def _exchanged(rows: Rows, _: Entry, fact: MallExchanged) -> None:
    rows.run("UPDATE mall SET taken=taken+1 WHERE item=?", (fact.item,))
    rows.run("INSERT OR IGNORE INTO exchanges VALUES (?,?,?,?)", (fact.request, fact.item, fact.member, fact.coupon))


def _bound(rows: Rows, entry: Entry, fact: PromoterBound | PromoterNotBound) -> None:
    rows.run(
        "INSERT OR IGNORE INTO promoted VALUES (?,?,?,?,?,?)",
        (
            *(fact.member, fact.promoter, fact.touchpoint),
            *((fact.browser, "") if isinstance(fact, PromoterBound) else ("", fact.why)),
            entry.wall_ms,
        ),
    )


def _earned(rows: Rows, entry: Entry, fact: CommissionEarned) -> None:
    _write(rows, entry, ("commission", fact.promoter), fact.amount, "earned", "", fact.order)
    rows.run(
        "INSERT OR IGNORE INTO commissions VALUES (?,?,?,?,?,'earned',?,?)",
        (fact.order, fact.promoter, fact.member, fact.number, fact.amount, entry.wall_ms, fact.settles_ms),
    )


def _unearned(rows: Rows, entry: Entry, fact: CommissionReversed) -> None:
    _write(rows, entry, ("commission", fact.promoter), -fact.amount, "returned", "", fact.order)
    rows.run("UPDATE commissions SET state='reversed' WHERE sale=?", (fact.order,))


def _settled(rows: Rows, _: Entry, fact: CommissionSettled) -> None:
    rows.run("UPDATE commissions SET state='settled' WHERE sale=?", (fact.order,))


def _refused(rows: Rows, entry: Entry, fact: CommissionRefused) -> None:
    rows.run("INSERT OR IGNORE INTO commissions_refused VALUES (?,?,?)", (fact.order, fact.promoter, entry.wall_ms))


def _picked_up(rows: Rows, entry: Entry, fact: PickUpCredited) -> None:
    rows.run(
        "INSERT OR IGNORE INTO pickups VALUES (?,?,?,?,?)",
        (fact.parcel, fact.adviser, fact.order, fact.amount, entry.wall_ms),
    )


def _came_back(rows: Rows, _: Entry, fact: RefundDecided) -> None:
    rows.run("UPDATE pickups SET amount=max(0, amount-?) WHERE sale=?", (fact.amount, fact.order))


def _opened(rows: Rows, entry: Entry, fact: MemberImported) -> None:
    """The old books' balance is the first entry."""
    if fact.points > 0:
        _write(rows, entry, ("points", fact.member), fact.points, "opening", f"opening/{fact.member}")
        lot = (f"{entry.sequence}", fact.member, fact.points)
        rows.run("INSERT INTO lots VALUES (?1,short(?2),?3,?3,NULL,NULL,'',NULL)", lot)


def _deposit(rows: Rows, entry: Entry, fact: CartDepositHeld | CartDepositReturned) -> None:
    held = isinstance(fact, CartDepositHeld)
    delta = fact.amount if held else -fact.amount
    _write(rows, entry, ("deposits", fact.member), delta, "held" if held else "returned", f"grant/{fact.grant}")


def _fee_due(rows: Rows, entry: Entry, fact: ParcelFeeDue) -> None:
    """What a parcel costs in all: of a second look into the same door only what came on top."""
    key = f"parcel/{fact.parcel}"
    booked = rows.run("SELECT coalesce(sum(delta), 0) FROM ledger_entries WHERE key=?", (key,)).fetchone()[0]
    _write(rows, entry, ("fees", fact.member), fact.amount - booked, "late", key)


def _fee_paid(rows: Rows, entry: Entry, fact: FeePaid) -> None:
    _write(rows, entry, ("fees", fact.member), -fact.amount, "paid", fact.key, fact.order)


def _erased(rows: Rows, _: Entry, fact: MemberErased) -> None:
    """What is the person's goes; what was sold and paid stays, under an id that says nothing any more."""
    rows.run("DELETE FROM lots WHERE member=short(?)", (fact.member,))
    for table in ("points_owed", "points_reserved", "levels", "streaks", "promoted", "exchanges"):
        rows.run(f"DELETE FROM {table} WHERE member=?", (fact.member,))  # noqa: S608 - our own tables


APPLIES: Final[Applies] = {
    LedgerRulesSet: _rules_set,
    PointsBooked: _booked,
    PointsReserved: _reserved,
    PointsReleased: _released,
    PointsReversed: _reversed,
    PointsEnding: _ending,
    PointsEnded: _lots_ended,
    LevelChanged: _level,
    CheckedIn: _checked_in,
    MallOffered: _offered,
    MallWithdrawn: _withdrawn,
    MallExchanged: _exchanged,
    PromoterBound: _bound,
    PromoterNotBound: _bound,
    CommissionEarned: _earned,
    CommissionReversed: _unearned,
    CommissionSettled: _settled,
    CommissionRefused: _refused,
    PickUpCredited: _picked_up,
    FeePaid: _fee_paid,
}
FOLLOWS: Final[Applies] = {
    MemberImported: _opened,
    MemberErased: _erased,
    MembersLinked: _linked,
    CartDepositHeld: _deposit,
    CartDepositReturned: _deposit,
    ParcelFeeDue: _fee_due,
    RefundDecided: _came_back,
}

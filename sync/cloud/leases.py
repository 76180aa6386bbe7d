"""Shared budgets: who got how much of one, and what of it is free again.

A lease does not come back by ending. What a store gave away while it was offline is unknown until its journal has been
read past the end, where it says how much that was; until then all of the lease counts as spent. So a budget is never
passed, whatever clocks, cables and boxes do.
"""

from __future__ import annotations

import sqlite3
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Final

import msgspec

from edge.domain.campaigns.facts import LeaseGranted, LeaseReturned
from edge.journal.entry import tag
from edge.secrets.private import alone, write_private
from sync.cloud import streams
from sync.messages import Lease, LeaseWish, SignedLease

LASTS_MS: Final = 12 * 3600_000
SHARE: Final = 10
"""One lease is at most this part of what is left: a tenth."""
FIRST: Final = 50
"""A store that cannot tell what it needs gets this part of what is left: a fiftieth."""
FILE: Final = "budgets.toml"

GRANTED: Final = tag(LeaseGranted)
RETURNED: Final = tag(LeaseReturned)

_COMMITTED: Final = (
    "SELECT coalesce(sum(coalesce(spent_uses, uses)), 0), coalesce(sum(coalesce(spent_amount, amount)), 0)"
    " FROM leases WHERE campaign=?"
)

Limit = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]


class SharedBudget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a campaign may give in all stores together."""

    uses: Limit | None = None
    amount: Limit | None = None
    """Money, in the smallest unit."""


class _Returned(msgspec.Struct, frozen=True):
    """What a store says of a lease that is over, as far as a number can be true."""

    lease: str
    uses: Limit
    amount: Limit


_returned = msgspec.json.Decoder(_Returned)
_granted = msgspec.json.Decoder(LeaseGranted)


class BudgetMistake(ValueError):
    """The file of budgets cannot be read as one."""


class NoLease(Exception):
    """There is none for this wish. `code`: budget_unknown, budget_gone, not_in_charge."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class Budgets:
    """The budgets of a receiver's folder, as its file has them now."""

    def __init__(self, data: Path) -> None:
        self._path = data / FILE

    def read(self) -> dict[str, SharedBudget]:
        """By campaign; empty where there is no file. Raises `BudgetMistake`."""
        try:
            return msgspec.convert(tomllib.loads(self._path.read_text("utf-8")), dict[str, SharedBudget])
        except FileNotFoundError:
            return {}
        except (ValueError, RecursionError) as error:
            raise BudgetMistake(f"{self._path}: expected [campaign] with uses or amount, found: {error}") from None

    def set(self, campaign: str, budget: SharedBudget) -> None:
        """From now on this is a campaign's budget. What was leased of it stays leased. Raises `BudgetMistake`."""
        with alone(self._path.parent):
            known = self.read() | {campaign: budget}
            lines = ["# What campaigns may give in all stores together. `storekeeper cloud budget`."]
            for name, each in sorted(known.items()):
                lines += ["", f"[{name}]"]
                lines += [f"{part} = {value}" for part, value in msgspec.to_builtins(each).items() if value is not None]
            write_private(self._path, "\n".join([*lines, ""]).encode())


class BudgetStatus(msgspec.Struct, frozen=True):
    """Where a budget stands."""

    campaign: str
    budget: SharedBudget
    committed_uses: int
    """Spent, and leased and not known to be unspent."""
    committed_amount: int
    leases: int
    open: int
    """Leases of which nothing came back yet."""


def grant(
    connection: sqlite3.Connection, store: str, wish: LeaseWish, budgets: Mapping[str, SharedBudget], now_ms: int
) -> Lease:
    """The lease for a wish, within the caller's transaction. Raises `NoLease`."""
    stream = bytes.fromhex(wish.stream)
    if (again := _find(connection, store, stream, wish)) is not None:
        return again
    if streams.current(connection, store) != stream:
        raise NoLease("not_in_charge", f"{store} works in another stream than {wish.stream}, as far as is known here")
    budget = budgets.get(wish.campaign)
    if budget is None:
        raise NoLease("budget_unknown", f"there is no budget for {wish.campaign!r} here: storekeeper cloud budget set")
    uses, amount = connection.execute(_COMMITTED, (wish.campaign,)).fetchone()
    parts = {
        "uses": _part(budget.uses, uses, wish.uses),
        "amount": _part(budget.amount, amount, wish.amount),
    }
    if 0 in parts.values():
        raise NoLease("budget_gone", f"everything that {wish.campaign!r} has is leased or spent")
    name = f"{store}/{wish.stream[:8]}/{wish.campaign}/{wish.number}"
    lease = Lease(name, store, wish.stream, wish.campaign, wish.number, now_ms, now_ms + LASTS_MS, **parts)
    connection.execute("INSERT INTO leases VALUES (?,?,?,?,?,?,?,?,?,NULL,NULL)", _row(lease))
    return lease


def _part(budget: int | None, committed: int, wish: int) -> int | None:
    """How much of uses, or of money, one lease has; none where the budget knows no bound of it."""
    if budget is None:
        return None
    left = max(0, budget - committed)
    most = -(-left // SHARE)
    return min(left, most, wish) if wish else min(left, -(-left // FIRST))


def _find(connection: sqlite3.Connection, store: str, stream: bytes, wish: LeaseWish) -> Lease | None:
    row = connection.execute(
        "SELECT lease, granted_ms, ends_ms, uses, amount FROM leases"
        " WHERE store=? AND stream=? AND campaign=? AND number=?",
        (store, stream, wish.campaign, wish.number),
    ).fetchone()
    if row is None:
        return None
    name, granted, ends, uses, amount = row
    return Lease(name, store, wish.stream, wish.campaign, wish.number, granted, ends, uses, amount)


def remember(
    connection: sqlite3.Connection, key: int, store: str, after: int, upto: int, is_mine: Callable[[SignedLease], bool]
) -> None:
    """Note again what was granted after the copy that this receiver was restored from, as the stores tell it."""
    rows = connection.execute(
        "SELECT e.sequence, s.stream, e.body FROM entries e JOIN streams s ON s.key=e.stream"
        " WHERE e.stream=? AND sequence>? AND sequence<=? AND type=?",
        (key, after, upto, GRANTED),
    ).fetchall()
    for sequence, stream, body in rows:
        try:
            told = _granted.decode(body)
            lease = msgspec.convert(msgspec.structs.asdict(told), Lease)
        except (ValueError, RecursionError) as error:
            connection.execute("INSERT OR IGNORE INTO quarantine VALUES (?,?,?)", (key, sequence, str(error)))
            continue
        if (lease.store, lease.stream) == (store, stream.hex()) and is_mine(
            SignedLease(lease, told.key, told.signature)
        ):
            connection.execute("INSERT OR IGNORE INTO leases VALUES (?,?,?,?,?,?,?,?,?,NULL,NULL)", _row(lease))


def _row(lease: Lease) -> tuple[str | int | bytes | None, ...]:
    stream = bytes.fromhex(lease.stream)
    place = (lease.lease, lease.store, stream, lease.campaign, lease.number)
    return (*place, lease.uses, lease.amount, lease.granted_ms, lease.ends_ms)


def settle(connection: sqlite3.Connection, key: int, store: str, after: int, upto: int) -> None:
    """Free what leases that came back have not spent, of the entries of one stream that are sorted now."""
    rows = connection.execute(
        "SELECT sequence, body FROM entries WHERE stream=? AND sequence>? AND sequence<=? AND type=?",
        (key, after, upto, RETURNED),
    ).fetchall()
    for sequence, body in rows:
        try:
            lease = _returned.decode(body)
        except (ValueError, RecursionError) as error:
            connection.execute("INSERT OR IGNORE INTO quarantine VALUES (?,?,?)", (key, sequence, str(error)))
            continue
        # Only the stream that it was granted to can say what became of it.
        connection.execute(
            "UPDATE leases SET spent_uses=?, spent_amount=? WHERE lease=? AND store=? AND spent_uses IS NULL"
            " AND stream=(SELECT stream FROM streams WHERE key=?)",
            (lease.uses, lease.amount, lease.lease, store, key),
        )


def standings(connection: sqlite3.Connection, budgets: Mapping[str, SharedBudget]) -> list[BudgetStatus]:
    """Where each budget stands."""
    return [BudgetStatus(name, budget, *_counts(connection, name)) for name, budget in sorted(budgets.items())]


def _counts(connection: sqlite3.Connection, campaign: str) -> tuple[int, int, int, int]:
    uses, amount = connection.execute(_COMMITTED, (campaign,)).fetchone()
    count, still = connection.execute(
        "SELECT count(*), coalesce(sum(spent_uses IS NULL), 0) FROM leases WHERE campaign=?", (campaign,)
    ).fetchone()
    return uses, amount, count, still

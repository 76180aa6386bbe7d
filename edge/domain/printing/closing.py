"""The closing report: what a day came to, counted in the tables, and what is left open. A slip like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from edge.domain.callers import asked_by
from edge.domain.printing import printing
from edge.domain.printing.printing import Job
from edge.journal import Reads, Tx
from words.languages import Words

COUNTS: Final = {
    "members": "SELECT count(*) FROM members WHERE registered_ms>=?1",
    "coupons": "SELECT count(*) FROM wallet WHERE claimed_ms>=?1",
    "carts": "SELECT count(*) FROM grants WHERE granted_ms>=?1 AND state='unlocked'",
    "carts_failed": "SELECT count(*) FROM grants WHERE granted_ms>=?1 AND state IN ('failed', 'lapsed')",
    "carts_out": "SELECT count(*) FROM carts WHERE state='out' AND ?1>=0",
    "parcels": "SELECT count(*) FROM parcels WHERE begun_ms>=?1 AND state<>'cancelled'",
    "collected": "SELECT count(*) FROM parcels WHERE changed_ms>=?1 AND state IN ('emptied', 'collected')",
    "cleared": "SELECT count(*) FROM parcels WHERE changed_ms>=?1 AND state='cleared'",
    "kept": "SELECT count(*) FROM doors WHERE parcel IS NOT NULL AND ?1>=0",
    "doors_failed": "SELECT count(*) FROM openings WHERE granted_ms>=?1 AND state IN ('failed', 'lapsed')",
    "slips": "SELECT count(*) FROM print_attempts WHERE ended_ms>=?1 AND state='printed'",
    "copies": "SELECT count(*) FROM print_attempts WHERE ended_ms>=?1 AND state='printed' AND copy",
    "unprinted": "SELECT count(*) FROM print_jobs WHERE since_ms>=?1 AND state IN ('failed', 'expired')",
    "receipts": "SELECT count(*) FROM print_jobs WHERE ordered_ms>=?1 AND slip='receipt' AND state<>'dropped'",
    "acts": "SELECT count(*) FROM staff_acts WHERE at_ms>=?1",
}
"""How often something happened since a moment, or is so now, by the name of its line."""

SUMS: Final = {
    "receipts_total": "SELECT total(json_extract(vals, '$.total')) FROM print_jobs"
    " WHERE ordered_ms>=?1 AND slip='receipt' AND state<>'dropped'",
    "fees": "SELECT total(owed) FROM parcels WHERE changed_ms>=?1",
}
"""Money in the currency's smallest unit."""

ALWAYS: Final = ("members", "coupons", "carts", "parcels", "collected", "slips")
"""Lines that also say zero; the others are left out where there is nothing to say."""


class Day(msgspec.Struct, frozen=True):
    """What a day came to."""

    counts: dict[str, int]
    sums: dict[str, int]


def count(reads: Reads, from_ms: int) -> Day:
    """The figures since that moment."""
    return Day({name: _number(reads, sql, from_ms) for name, sql in COUNTS.items()},
               {name: _number(reads, sql, from_ms) for name, sql in SUMS.items()})  # fmt: skip


def _number(reads: Reads, sql: str, from_ms: int) -> int:
    row = reads.one(sql, from_ms)
    return int(row[0] or 0) if row else 0


@asked_by("staff")
def report(
    tx: Tx,
    *,
    day: str,
    from_ms: int,
    labels: Mapping[str, Words],
    left: Sequence[Words],
    language: str,
    printer: str | None,
    by: str,
) -> Job:
    """Order the report of a day. Asked again after something changed, it is a new revision; otherwise the same slip.

    `day` names it (`2026-11-22`), `labels` say what each figure is, `left` what still wants a hand.
    Refuses: printer_unknown.
    """
    found = count(tx, from_ms)
    values: dict[str, Any] = {
        "from_ms": from_ms,
        "counts": [
            {"name": name, "label": labels[name], "count": number}
            for name, number in found.counts.items()
            if number or name in ALWAYS
        ],
        "sums": [{"label": labels[name], "amount": amount} for name, amount in found.sums.items() if amount],
        "open": [{"sentence": words} for words in left],
    }
    job = f"closing-{day}"
    newest = tx.one("SELECT * FROM print_jobs WHERE job=? ORDER BY revision DESC LIMIT 1", job)
    if newest is not None and _same(msgspec.json.decode(newest["vals"]), values):
        return printing.reprint(tx, job=job, revision=newest["revision"], by=by, printer=printer)
    return printing.order(
        tx,
        job=job,
        revision=newest["revision"] + 1 if newest else 1,
        slip="closing",
        values={**values, "day_ms": tx.now},
        language=language,
        printer=printer,
        by=by,
    )


_MOVES: Final = ("acts", "slips", "copies")
"""Figures that asking for the report itself moves: they alone make no new one."""


def _same(earlier: dict[str, Any], now: dict[str, Any]) -> bool:
    earlier.pop("day_ms", None)
    return bool(_still(earlier) == _still(msgspec.to_builtins(now)))


def _still(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "counts": [line for line in values["counts"] if line.get("name") not in _MOVES]}

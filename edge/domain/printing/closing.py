"""The closing report: what a day came to, counted in the tables, and what is left open. A slip like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from edge.domain.callers import asked_by
from edge.domain.printing.decisions import order, reprint
from edge.domain.printing.queries import count, newest
from edge.domain.printing.rules import Job
from edge.journal import Tx
from words.languages import Words

ALWAYS: Final = ("members", "coupons", "carts", "parcels", "collected", "slips")
"""Lines that also say zero; the others are left out where there is nothing to say."""


@asked_by("staff")
def report(
    tx: Tx,
    *,
    day: str,
    from_ms: int,
    until_ms: int | None = None,
    labels: Mapping[str, Words],
    left: Sequence[Words],
    language: str,
    printer: str | None,
    by: str,
) -> Job:
    """Order the report of a day. Asked again after something changed, it is a new revision; otherwise the same slip.

    `day` names it (`2026-11-22`), and is over where it has an `until_ms`; `labels` say what each figure is, `left` what
    still wants a hand.

    Refuses: printer_unknown.
    """
    found = count(tx, from_ms, until_ms)
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
    earlier = newest(tx, job)
    if earlier is not None and _is_same_report(earlier.values, values):
        return reprint(tx, job=job, revision=earlier.revision, by=by, printer=printer)
    return order(
        tx,
        job=job,
        revision=earlier.revision + 1 if earlier else 1,
        slip="closing",
        values={**values, "day_ms": tx.now if until_ms is None else until_ms},
        language=language,
        printer=printer,
        by=by,
    )


_MOVES: Final = ("acts", "slips", "copies")
"""Figures that asking for the report itself moves: they alone make no new one."""


def _is_same_report(earlier: dict[str, Any], now: dict[str, Any]) -> bool:
    earlier.pop("day_ms", None)
    return bool(_without_moving(earlier) == _without_moving(msgspec.to_builtins(now)))


def _without_moving(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "counts": [line for line in values["counts"] if line.get("name") not in _MOVES]}

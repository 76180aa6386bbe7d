"""A report of what screens showed, as a sheet that spreadsheets open."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final

from edge.domain.displays.queries import By, Exposure, rows_of

MARK: Final = "\ufeff"
"""By which spreadsheets know UTF-8."""
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
HEADS: Final = {"hour_ms": "hour", "times": "times", "shown_ms": "shown_s", "lit_ms": "lit_s", "dark_ms": "dark_s"}


def csv_of(found: Sequence[Exposure], by: Sequence[By], spelled: Callable[[int], str]) -> str:
    """Rows with heads; seconds to the thousandth, hours as `spelled` writes them. No cell begins as a formula does."""
    rows = rows_of(found, by)
    out = io.StringIO()
    made = csv.writer(out)
    names = list(rows[0]) if rows else [*({"hour": "hour_ms"}.get(name, name) for name in by), *list(HEADS)[1:]]
    made.writerow([HEADS.get(name, name) for name in names])
    made.writerows([_cell(name, row[name], spelled) for name in names] for row in rows)
    return MARK + out.getvalue()


def hour_of(hour_ms: int, zone: tzinfo) -> str:
    """The hour on the store's wall, `2026-11-28 09:00`, by its first moment that there was."""
    return f"{datetime.fromtimestamp(hour_ms / 1000, zone):%Y-%m-%d %H}:00"


def length(ms: int) -> str:
    """`1:02:03`."""
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"


def _cell(name: str, value: Any, spelled: Callable[[int], str]) -> str:
    if name == "hour_ms":
        return spelled(value)
    if name.endswith("_ms"):
        return f"{value / 1000:.3f}"
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text

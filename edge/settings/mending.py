"""What stands in for a value that this build does not take: the nearest that it takes, else the default.

For the last good settings alone: an earlier build took them, and without them the store would stay closed.
"""

from __future__ import annotations

from typing import Any, Final

BOUNDS: Final = {"greater_than_equal": "ge", "less_than_equal": "le"}
"""Mistakes of pydantic's that name the nearest value."""
NEEDED: Final = frozenset({"zones", "devices"})
"""Tables that are never left out: what is written down of the store stands on each of them."""


def mend(raw: dict[str, Any], found: Any) -> str:
    """Puts one mistake of pydantic's right in what was read of a file, and says how; "" where nothing can stand in."""
    kind, path = found["type"], [part for part in found["loc"] if part != "[key]"]
    bound = found["ctx"][BOUNDS[kind]] if kind in BOUNDS else None
    return _mend(raw, path[:-1] if kind == "missing" else path, bound)


def _mend(raw: dict[str, Any], path: list[str | int], bound: Any = None) -> str:
    where: Any = raw
    try:
        *way, key = path
        for part in way:
            where = where[part]
        value = where[key]
    except (LookupError, TypeError, ValueError):
        return ""
    if bound not in (None, value):
        where[key] = bound
        return f"{bound} stands in for it"
    if isinstance(where, list) and isinstance(value, dict):  # without it the lines of those after it would be others'
        return "" if way[-1] in NEEDED else _mend(raw, way)
    del where[key]
    return f"{'it' if isinstance(where, list) else key} is left out"

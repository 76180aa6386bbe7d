"""From rows to structs: a query names the columns that a struct has, in its order."""

from __future__ import annotations

import msgspec


def columns(kind: type[msgspec.Struct], table: str) -> str:
    """Returns the fields of a struct as columns of a table, for a question whose rows make it: `Door(*row)`."""
    return ", ".join(f"{table}.{name}" for name in kind.__struct_fields__)

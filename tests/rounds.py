"""How often something is tried: few times in `make test`, as often as `STOREKEEPER_ROUNDS` says in `make test-all`."""

from __future__ import annotations

import os


def rounds(few: int, most: int = 1_000_000) -> int:
    """`few`, or what `STOREKEEPER_ROUNDS` says, and never more than `most`."""
    return min(int(os.environ.get("STOREKEEPER_ROUNDS", few)), most)

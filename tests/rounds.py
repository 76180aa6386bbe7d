"""How often something is tried, and by which chance: little and the same in `make test`; in `make test-all` as often as
`STOREKEEPER_ROUNDS` says, each time another way.
"""

from __future__ import annotations

import os
import random


def rounds(few: int, most: int = 1_000_000) -> int:
    """`few`, or what `STOREKEEPER_ROUNDS` says, and never more than `most`."""
    return min(int(os.environ.get("STOREKEEPER_ROUNDS", few)), most)


def seed() -> int:
    """What `STOREKEEPER_SEED` says, to repeat a run; else the same in `make test`, and another one in the long run."""
    fresh = random.SystemRandom().randrange(1, 10**6) if "STOREKEEPER_ROUNDS" in os.environ else 1
    return int(os.environ.get("STOREKEEPER_SEED", fresh))

"""`kill -9` at every step of a checkout: each basket is sold once, paid once, and money and points add up.

`STOREKEEPER_ROUNDS` says how many kills: 6 in `make test`, 500 in `make test-all`.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from edge.domain.ledger.queries import balance
from edge.domain.nouns import NOUNS
from edge.domain.orders import queries
from edge.journal import Projections
from edge.journal.journal import Journal
from edge.journal.verify import verify
from tests.faults.checkout_worker import BALANCE
from tests.rounds import rounds, seed

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = rounds(6, most=500)
SEED = seed()
STEPS = 6

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900 + 10 * ROUNDS)]


def run(path: Path, first: int, last: int, until: int) -> bool:
    """Sells, and kills after so many steps. Returns whether it came to its end before."""
    command = [sys.executable, "-m", "tests.faults.checkout_worker", str(path), str(first), str(last)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        said = ""
        for _ in range(until):
            said = worker.stdout.readline().strip()
            if said in ("done", ""):
                break
        worker.kill()
        worker.wait()
    assert said, f"the worker ended by itself, seed {SEED}"
    return said == "done"


async def test_a_checkout_that_is_killed_at_any_step_sells_once(tmp_path: Path) -> None:
    chance, path = random.Random(SEED), tmp_path / "store.db"
    last = 0
    for number in range(ROUNDS):
        # Each step is killed after in turn; one more basket each round, and those before are asked for again.
        last = number // 2 + 1
        run(path, max(0, last - 2), last, 1 + (number + chance.randrange(3)) % (STEPS * 2))
    assert run(path, 0, last, 10**6)
    store = Journal(path, NOUNS)
    facts = Counter(entry.type for entry in store.after(0, 10**6))
    for kind in ("order.paid.v1", "payment.paid.v1", "refund.decided.v1", "basket.paid.v1", "points.reversed.v1"):
        assert facts[kind] == last, f"{kind}, seed {SEED}"
    for order in queries.latest(store.reads, last):
        line = order.paid.lines[0]
        has = balance(store.reads, order.member, order.at_ms + 1).points
        refund = next(each for each in queries.refunds(store.reads, order.order))
        assert order.refunded == refund.amount == line.pay // 2
        assert order.paid.total == sum(each.pay for each in order.paid.lines)
        kept = (order.paid.total - order.refunded) // 100
        assert has == BALANCE - 900 + line.points // 2 + kept, f"points, seed {SEED}"
    store.close()
    assert verify(path, Projections(NOUNS)).faults == ()

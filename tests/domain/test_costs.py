"""What is asked at every sale costs the same in an old store as in a young one: counted in SQLite's own steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from edge.domain.ledger.postings import is_booked
from edge.domain.members import queries as members
from edge.domain.orders import queries as orders
from edge.journal.transaction import open_readonly
from tests.domain.conftest import SetClock
from tests.domain.selling import MILK, bought

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from edge.journal import Reads
    from edge.journal.journal import Journal

OTHERS: Final = 12
"""Orders of other people that come between two looks; a look at each of them would be a hundred steps more."""


class Counted:
    """Reads the store's tables and counts."""

    now = SetClock.now

    def __init__(self, path: Path) -> None:
        self._connection = open_readonly(path)
        self._connection.set_progress_handler(self._step, 1)
        self.steps = 0

    def _step(self) -> int:
        self.steps += 1
        return 0

    def all(self, sql: str, *params: Any) -> list[Any]:
        return self._connection.execute(sql, params).fetchall()

    def one(self, sql: str, *params: Any) -> Any:
        return self._connection.execute(sql, params).fetchone()

    def close(self) -> None:
        self._connection.close()


QUESTIONS: Final[dict[str, Callable[[Reads, str], object]]] = {
    "what was booked": lambda reads, _: is_booked(reads, "order/of-nobody"),
    "what earlier checks say": lambda reads, member: orders.trust(reads, member, SetClock.now),
    "somebody's orders": lambda reads, member: orders.of_member(reads, member, 1),
    "the order of a screen's session": lambda reads, _: orders.of_session(reads, "screen/none"),
    "whom else a payer paid for": lambda reads, _: orders.payers_of(reads, "nobody"),
    "money on its way back": lambda reads, _: orders.pending_refunds(reads),
    "the session of a browser": lambda reads, _: members.session_at(reads, "a browser that is new"),
}


async def test_other_peoples_orders_make_a_sale_no_dearer(store: Journal, tmp_path: Path) -> None:
    mine = await bought(store, {MILK: 1})
    young = _steps(tmp_path, mine.member)
    for number in range(2, 2 + OTHERS):
        await bought(store, {MILK: 1}, number=number)
    old = _steps(tmp_path, mine.member)
    assert {what: (young[what], steps) for what, steps in old.items() if steps > young[what] + OTHERS} == {}


def _steps(folder: Path, member: str) -> dict[str, int]:
    taken = {}
    for what, ask in QUESTIONS.items():
        reads = Counted(folder / "store.db")
        ask(reads, member)
        reads.close()
        taken[what] = reads.steps
    return taken

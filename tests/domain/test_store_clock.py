"""What the store knows of its clock's past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.store.facts import ClockSet
from edge.domain.store.queries import latest_ms
from edge.journal import Tx

if TYPE_CHECKING:
    from edge.journal.journal import Journal
    from tests.domain.conftest import SetClock

HOUR_MS = 3_600_000


async def test_a_clock_that_was_set_back_is_remembered_over_restarts(store: Journal, clock: SetClock) -> None:
    """Screens had heard fences of before: for as long as the clock was set back they showed nothing that is scanned."""

    async def turn(by_ms: int) -> None:
        await store.write(Tx.emit, ClockSet(by_ms=by_ms, passed=False, why="staff"))
        clock.now += by_ms

    ahead = clock.now
    await turn(-30 * HOUR_MS)
    assert latest_ms(store.reads) == ahead
    await turn(-HOUR_MS)
    assert latest_ms(store.reads) == ahead
    await turn(40 * HOUR_MS)
    assert latest_ms(store.reads) == clock.now == ahead + 9 * HOUR_MS

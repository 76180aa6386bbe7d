"""The journal with real decisions, beside the same rows written bare into an equal table on the same disk.

python -m tests.bench.bench_journal [--quick]
"""

from __future__ import annotations

import asyncio
import logging
import statistics
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import structlog
import uvloop

from edge.bootstrap.journal import journal_path
from edge.domain.carts import decisions as carts
from edge.domain.nouns import NOUNS
from edge.gateway.gateway import Gateway
from edge.journal import Clock, Projections
from edge.journal.journal import Journal
from edge.journal.schema import open_writer
from edge.journal.tables import rebuild
from edge.settings.settings import Settings
from tests.bench import store
from tests.bench.floors import Entries
from tests.bench.history import Past
from tests.bench.place import free_port, on_disk
from tests.bench.report import Goal, arguments, percentile, show
from tests.callers import by

CALLERS = 256
SMALL = 1000
YOUNG = 32
"""How many carts the young store has: enrolling more would take more than its thousand facts."""

Decide = Callable[[int], Awaitable[int]]
"""One caller's next decisions; how many facts they wrote."""


class Hurried(Clock):
    """Its wall clock gains ten seconds a commit: a cart that was unlocked a moment ago is not unlocked again."""

    def __init__(self) -> None:
        super().__init__()
        self._gained = 0

    def wall_ms(self) -> int:
        self._gained += 10_000
        return super().wall_ms() + self._gained


class Store:
    """One journal with its past, and what its callers decide."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.journal = Journal(journal_path(settings), NOUNS, clock=Hurried())
        self.past = Past(self.journal, settings, store.vault(settings))
        self._locked = [True] * CALLERS

    @classmethod
    async def filled(cls, folder: Path, facts: int, number: int = CALLERS) -> Store:
        """A store with at least so many facts, and so many carts."""
        made = cls(store.settings(folder, number, free_port(), free_port()))
        await made.past.open()
        await made.past.fill(facts)
        return made

    async def see(self, caller: int) -> int:
        """The cart's lock shows something new: reads the cart, emits, updates the cart."""
        self._locked[caller] = not self._locked[caller]
        lock = "locked" if self._locked[caller] else "unlocked"
        await self.journal.write(carts.on_state, cart=f"cart-{caller:04}", lock=lock, docked=None)
        return 1

    async def visit(self, caller: int) -> int:
        """An unlock and its end: two decisions, two facts, grants and carts updated by both."""
        await self.unlock(caller)
        return 2

    async def unlock(self, caller: int) -> float:
        """Seconds until the grant is durable; then it is settled, so that the cart can be asked for again."""
        cart = f"cart-{caller:04}"
        member = self.past.members[cart]
        began = time.perf_counter()
        grant = await self.journal.write(
            carts.unlock, cart=cart, caller=by(member), touchpoint=cart, request=str(uuid.uuid4())
        )
        took = time.perf_counter() - began
        await self.journal.write(carts.settle, grant.id, "done", None, "device")
        return took


async def rate(decide: Decide, callers: int, seconds: float) -> float:
    """Facts a second from so many callers who each wait for the disk."""
    end, facts = time.perf_counter() + seconds, 0

    async def call(caller: int) -> None:
        nonlocal facts
        while time.perf_counter() < end:
            written = await decide(caller)
            facts += written

    began = time.perf_counter()
    await asyncio.gather(*[call(caller) for caller in range(callers)])
    return facts / (time.perf_counter() - began)


class Rates:
    """What each way of writing reached, round by round."""

    def __init__(self) -> None:
        self._found: dict[str, list[float]] = {}

    def add(self, what: str, found: float) -> None:
        self._found.setdefault(what, []).append(found)
        print(f"  {what:32} {found:9,.0f}/s", flush=True)

    def text(self, what: str) -> str:
        """Median and best."""
        return f"{statistics.median(self._found[what]):,.0f}/s (best {max(self._found[what]):,.0f})"

    def ratio(self, what: str, beside: str) -> float:
        """The median of the ratios within each round."""
        pairs = zip(self._found[what], self._found[beside], strict=True)
        return statistics.median(own / other for own, other in pairs)


async def throughput(small: Store, entries: Entries, rounds: int, seconds: float) -> list[Goal]:
    """From many callers and from one, beside bare inserts, in turns."""
    rates = Rates()
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}")
        rates.add("bare, 256 rows a commit", entries.groups(seconds))
        rates.add("carts.seen, 256 callers", await rate(small.see, CALLERS, seconds))
        rates.add("unlock + settle, 256 callers", await rate(small.visit, CALLERS, seconds))
        rates.add("bare, one by one", len(entries.singles(seconds)) / seconds)
        rates.add("carts.seen, one caller", await rate(small.see, 1, seconds))
    return [
        _beside(rates, "carts.seen, 256 callers", "bare, 256 rows a commit", 0.25),
        _beside(rates, "carts.seen, 256 callers", "bare, one by one", 8),
        _beside(rates, "carts.seen, one caller", "bare, one by one", 0.7),
        _beside(rates, "unlock + settle, 256 callers", "bare, 256 rows a commit", None),
        _beside(rates, "unlock + settle, 256 callers", "bare, one by one", None),
    ]


def _beside(rates: Rates, what: str, beside: str, wanted: float | None) -> Goal:
    ratio = rates.ratio(what, beside)
    target = f"{what}, facts beside {beside}" + (f" ≥ {wanted}" if wanted else "")
    return Goal(target, f"{rates.text(what)}; bare {rates.text(beside)}", f"{ratio:.2f}", wanted and ratio >= wanted)


async def growth(small: Store, large: Store, facts: int, unlocks: int) -> Goal:
    """An unlock's decision in a young store and in an old one, in turns."""
    taken: dict[bool, list[float]] = {True: [], False: []}
    for number in range(unlocks):
        for old in (True, False):
            taken[old].append(await (large if old else small).unlock(number % YOUNG))
    young, old_p50 = statistics.median(taken[False]), statistics.median(taken[True])
    return Goal(
        f"an unlock's decision, p50 at {facts:,} facts ≤ 1.2 × at 1,000",
        f"{old_p50 * 1e3:.2f} ms (p99 {percentile(taken[True], 99) * 1e3:.1f}); at {SMALL:,} {young * 1e3:.2f} ms"
        f" (p99 {percentile(taken[False], 99) * 1e3:.1f})",
        f"{old_p50 / young:.2f}",
        old_p50 / young <= 1.2,
    )


async def ready(settings: Settings, facts: int, times: int) -> Goal:
    """From nothing to a gateway that takes decisions: open the journal, take over the settings, close what was open."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        journal = Journal(journal_path(settings), NOUNS)
        gateway = Gateway(settings, journal, store.vault(settings))
        await gateway.start()
        taken.append(time.perf_counter() - began)
        await gateway.stop()
        journal.close()
    worst = max(taken)
    return Goal(
        f"ready in under 3 s with {facts:,} facts (journal open, gateway started; the file in the page cache)",
        f"{statistics.median(taken):.2f} s, worst of {times} {worst:.2f} s",
        f"{worst / 3:.2f} of 3 s",
        worst < 3,
    )


def again(settings: Settings) -> Goal:
    """All tables made anew from the journal, as `storekeeper journal rebuild` does."""
    connection = open_writer(str(journal_path(settings)))
    began = time.perf_counter()
    facts = rebuild(connection, Projections(NOUNS))
    took = time.perf_counter() - began
    connection.close()
    found = facts / took
    return Goal(
        "all tables rebuilt at ≥ 20,000 facts/s",
        f"{found:,.0f}/s ({facts:,} facts in {took:.1f} s)",
        f"{found / 20_000:.2f}",
        found >= 20_000,
    )


async def main() -> None:
    chosen = arguments(__doc__).parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    facts, rounds, seconds, unlocks = (20_000, 2, 0.5, 200) if chosen.quick else (1_000_000, 5, 2.0, 1000)
    with on_disk() as folder, ExitStack() as stack:
        small = await Store.filled(folder / "small", 4 * SMALL)
        row: Any = small.journal.reads.one("SELECT * FROM entries WHERE type='cart.unlock_granted.v1' LIMIT 1")
        entries = Entries(folder / "bare.db", tuple(row)[1:])
        stack.callback(entries.close)
        goals = await throughput(small, entries, rounds, seconds)
        small.journal.close()
        small = await Store.filled(folder / "young", SMALL, YOUNG)
        began = time.perf_counter()
        large = await Store.filled(folder / "large", facts)
        print(f"built {facts:,} facts in {time.perf_counter() - began:.0f} s")
        goals.append(await growth(small, large, facts, unlocks))
        small.journal.close()
        large.journal.close()
        goals += [await ready(large.settings, facts, 3), again(large.settings)]
        print(f"{journal_path(large.settings).stat().st_size / 1e6:,.0f} MB on disk")
    show("Journal", goals)


if __name__ == "__main__":
    uvloop.run(main())

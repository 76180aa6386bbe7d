"""A store that lives for a year at 50,000 facts a day while old facts leave: its size, its start, its shoppers.

python -m tests.bench.bench_year [--quick] [--facts N] [--minutes M]

The facts are made by real decisions. Beside it, in the same run: the bare rows that as many facts would take, and the
start of a young store.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import statistics
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog
import uvloop

from edge.bootstrap.journal import journal_path, verify_journal
from edge.domain.carts import decisions as carts
from edge.domain.nouns import NOUNS
from edge.gateway.gateway import Gateway
from edge.journal import Clock
from edge.journal.journal import Journal
from edge.journal.pruning import prune
from edge.journal.reader import JournalReader
from edge.settings.settings import Settings
from operations.retention.leaving import DAY_MS, Leaving, may_leave
from sync.status import Report
from tests.bench import store
from tests.bench.floors import Entries
from tests.bench.history import Past
from tests.bench.place import free_port, on_disk
from tests.bench.report import Goal, arguments, percentile, show
from tests.callers import by

CARTS: Final = 256
A_DAY: Final = 50_000
YEAR: Final = 365
EVERY: Final = 4
"""Days between two prunings here, to save the machine time. In a store it is a night."""
YOUNG: Final = 1_000
GIGABYTE: Final = 1e9


class Days(Clock):
    """A clock that runs through a day while its facts are made."""

    now: int = 1_790_000_000_000
    step: int = 440_000
    """Milliseconds to the next commit: 256 facts share one."""

    def wall_ms(self) -> int:
        self.now += self.step
        return self.now


class Year:
    """One store, day by day."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.path = journal_path(settings)
        self.clock = Days()
        self.journal = Journal(self.path, NOUNS, clock=self.clock)
        self.past = Past(self.journal, settings, store.vault(settings))
        self._leaving = False
        self.sizes: list[tuple[int, int]] = []
        """Facts ever made, and the bytes of the file with its log."""
        self.nights: list[float] = []
        """Seconds that each pruning took, beside shoppers."""
        self.waits: list[float] = []
        """Seconds that decisions of shoppers took meanwhile."""

    async def live(self, facts: int, a_day: int, until: float) -> None:
        """Day after day, until so many facts were made or the time is over."""
        await self.past.open()
        day = 0
        while self.past.facts < facts and time.monotonic() < until:
            day += 1
            begin = self.clock.now
            await self.past.fill(self.past.facts + a_day)
            self.clock.now = max(self.clock.now, begin + DAY_MS)
            self._acknowledge()
            leaving = may_leave(self.path, self.path.with_name("sync.json"), self.clock.now)
            if day % EVERY == 0:
                await self._night(leaving)
                size = sum(file.stat().st_size for file in self.path.parent.glob(f"{self.path.name}*"))
                self.sizes.append((self.past.facts, size))
            if day % 20 == 0:
                print(f"  day {day}: {self.past.facts:,} facts, {self.sizes[-1][1] / 1e6:,.0f} MB", flush=True)

    def _acknowledge(self) -> None:
        """As sync notes it once the cloud has everything."""
        with closing(JournalReader(self.path)) as reader:
            last, digest = reader.last()
        report = Report(acked=last, acked_hash=digest.hex(), last=last, state="ok", recovery_point_s=24 * 3600)
        self.path.with_name("sync.json").write_bytes(msgspec.json.encode(report))

    async def _night(self, leaving: Leaving) -> None:
        if not leaving.any:
            return
        self.clock.step = 10
        self._leaving = True
        shopper = asyncio.create_task(self._shop())
        began = time.monotonic()
        await prune(self.journal, leaving.first, leaving.first - 1, leaving.because)
        self.nights.append(time.monotonic() - began)
        self._leaving = False
        await shopper
        self.clock.step = Days.step

    async def _shop(self) -> None:
        """One shopper after the other: an unlock and its end."""
        cart = f"cart-{0:04}"
        while self._leaving:
            member = self.past.members[cart]
            began = time.perf_counter()
            grant = await self.journal.write(
                carts.unlock, cart=cart, caller=by(member), touchpoint=cart, request=str(uuid.uuid4())
            )
            self.waits.append(time.perf_counter() - began)
            await self.journal.write(carts.settle, grant.id, "done", None, "device")
            for lock, docked in (("unlocked", True), ("unlocked", False), ("locked", True)):
                await self.journal.write(carts.on_state, cart=cart, lock=lock, docked=docked)
            self.clock.now += 30_000
            await asyncio.sleep(0.02)


def size_goal(year: Year, bare: float, a_day: int) -> Goal:
    """The file after a year, and beside it the bare rows of all its facts."""
    facts, size = year.sizes[-1]
    whole = YEAR * a_day
    later = [found for found in year.sizes if found[0] >= facts / 2]
    slope = (later[-1][1] - later[0][1]) / max(1, later[-1][0] - later[0][0])
    at_a_year = size + slope * max(0, whole - facts)
    how = f"measured with {facts:,} facts" + (
        "" if facts >= whole else f", {size / 1e6:,.0f} MB; the rest extrapolated"
    )
    return Goal(
        f"a year at {a_day:,} facts a day with a cloud < 2 GB",
        f"{at_a_year / 1e6:,.0f} MB ({how}); bare rows of as many facts {whole * bare / 1e6:,.0f} MB",
        f"{at_a_year / (whole * bare):.2f}",
        at_a_year < 2 * GIGABYTE,
    )


async def start_of(settings: Settings, times: int) -> list[float]:
    """Seconds from nothing to a gateway that takes decisions."""
    return [await _start(settings) for _ in range(times)]


async def _start(settings: Settings) -> float:
    began = time.perf_counter()
    journal = Journal(journal_path(settings), NOUNS)
    gateway = Gateway(settings, journal, store.vault(settings))
    await gateway.start()
    took = time.perf_counter() - began
    await gateway.stop()
    journal.close()
    return took


def night_goals(year: Year) -> Iterator[Goal]:
    """How long facts take to leave, and what shoppers notice."""
    if not year.nights:
        return
    yield Goal(
        f"{EVERY * A_DAY:,} facts leave beside shoppers (no target)",
        f"{statistics.median(year.nights):.1f} s, worst of {len(year.nights)} {max(year.nights):.1f} s",
        "",
        None,
    )
    p50, p99 = statistics.median(year.waits), percentile(year.waits, 99)
    yield Goal(
        "an unlock's decision meanwhile (no target)",
        f"p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.0f} ms, worst {max(year.waits) * 1e3:.0f} ms",
        f"p99 {p99 / p50:.0f} × p50",
        None,
    )


def bare_bytes(folder: Path, journal: Journal) -> float:
    """Bytes of a row in a table like the journal's, without ours around it."""
    row: Any = journal.reads.one("SELECT * FROM entries WHERE type='cart.seen.v1' ORDER BY sequence DESC LIMIT 1")
    count = 20_000
    with ExitStack() as stack:
        entries = Entries(folder / "bare.db", tuple(row)[1:])
        stack.callback(entries.close)
        while count > 0:
            count -= round(entries.groups(0.05) * 0.05)
    with closing(sqlite3.connect(folder / "bare.db")) as connection:
        rows = connection.execute("SELECT count(*) FROM bare").fetchone()[0]
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    return float(pages * 4096 / rows)


async def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--facts", type=int, default=20_000_000, help="how many facts are made at most")
    parser.add_argument("--minutes", type=float, default=120.0, help="after so long the rest is extrapolated")
    chosen = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    facts, a_day = (160_000, 2_500) if chosen.quick else (chosen.facts, A_DAY)
    with on_disk() as folder:
        young = Year(store.settings(folder / "young", CARTS, free_port(), free_port()))
        await young.live(YOUNG, YOUNG, time.monotonic() + 60)
        young.journal.close()
        year = Year(store.settings(folder / "year", CARTS, free_port(), free_port()))
        await year.live(facts, a_day, time.monotonic() + chosen.minutes * 60)
        bare = bare_bytes(folder, year.journal)
        year.journal.close()
        first = await start_of(young.settings, 3)
        old = await start_of(year.settings, 5)
        goals = [
            size_goal(year, bare, a_day),
            Goal(
                f"starts in < 1 s after {year.past.facts:,} facts",
                f"{statistics.median(old):.2f} s, worst of {len(old)} {max(old):.2f} s; a young store"
                f" {statistics.median(first):.2f} s",
                f"{statistics.median(old) / statistics.median(first):.1f} × the young one",
                max(old) < 1,
            ),
            *night_goals(year),
        ]
        began = time.perf_counter()
        verdict = verify_journal(year.settings)
        goals.append(
            Goal(
                "the chain and every table hold in the end",
                f"{len(verdict.faults)} faults, proven from entry {verdict.first:,} on"
                f" in {time.perf_counter() - began:.0f} s",
                "",
                not verdict.faults,
            )
        )
        for fault in verdict.faults:
            print(fault)
    show("A year", goals)


if __name__ == "__main__":
    uvloop.run(main())

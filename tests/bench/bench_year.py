"""A store that lives for a year at 50,000 facts a day while old facts leave: its size, its start, its shoppers.

python -m tests.bench.bench_year [--quick] [--facts N] [--minutes M]

The facts are those of a real day in the example store, lived again by other people (`tests.bench.days`). Beside it, in
the same run: the bare rows that as many facts would take, and the start of a young store.
"""

from __future__ import annotations

import asyncio
import logging
import math
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
from edge.cli.options import with_data
from edge.domain.carts import decisions as carts
from edge.domain.devices import decisions as devices
from edge.domain.members import decisions as members
from edge.domain.members.facts import Consents
from edge.domain.nouns import NOUNS
from edge.gateway.configure import take_over
from edge.gateway.gateway import Gateway
from edge.journal import Clock
from edge.journal.journal import Journal
from edge.journal.pruning import prune
from edge.journal.reader import JournalReader
from edge.journal.sync_status import SyncStatus
from edge.journal.transaction import open_readonly
from edge.secrets import store_key
from edge.settings.settings import Settings
from operations.retention.leaving import DAY_MS, KEPT_MS, Leaving, may_leave, old_segments
from tests.bench import store
from tests.bench.days import GROUP, Day, lived
from tests.bench.floors import Entries
from tests.bench.place import on_disk
from tests.bench.report import Goal, arguments, percentile, show, table
from tests.callers import browser_of, by

A_DAY: Final = 50_000
YEAR: Final = 365
RECORDED: Final = 4_600
"""Facts of shoppers that the day is made of which is lived again and again."""
NIGHT: Final = 4
"""Days that leave in one measured pruning, beside shoppers: as many facts as leave at once at most. In a store it is a
night's."""
ROUND: Final = 73
"""Days between two rounds, a fifth of a year, to save the machine time: all that may leave goes at once, and after the
first, the third and so on a night."""
SHOPPERS: Final = 100
CART: Final = "cart-01"
"""It is the bench's own; nobody takes it in what is lived again."""
GIGABYTE: Final = 1e9


class Days(Clock):
    """A clock that moves by itself a little, and by a day's share with each commit of a day that is lived again."""

    now: int = 1_790_000_000_000
    pace: int = 10
    """Milliseconds to the next commit."""

    def wall_ms(self) -> int:
        self.now += self.pace
        return self.now


class Year:
    """One store, day by day."""

    def __init__(self, day: Day, folder: Path) -> None:
        self.settings = with_data(day.settings, folder)
        self.path = journal_path(self.settings)
        self._vault = store.vault(self.settings)
        self.clock = Days()
        self.journal = Journal(self.path, NOUNS, clock=self.clock)
        self.facts = 0
        self._day = day
        self._leaving = False
        self.sizes: list[tuple[int, int]] = []
        """Facts ever made, and bytes that they take."""
        self.nights: list[float] = []
        """Seconds that each of these prunings took, beside shoppers."""
        self.waits: list[float] = []
        """Seconds that decisions of shoppers took meanwhile."""

    async def open(self) -> None:
        """Take over the settings; one shopper is there. The key is on record: sealed numbers of others do not count."""
        await store_key.take(self.journal, self.settings.gateway.data)
        await self.journal.write(take_over, self.settings, NOUNS)
        sealed = self._vault.seal("+8613800138000")
        registration = await self.journal.write(
            members.make_member,
            sealed=sealed,
            browser=browser_of(sealed.member),
            consents=Consents(service=True, marketing=False),
            language="zh-CN",
            touchpoint=CART,
            request=str(uuid.uuid4()),
        )
        self._member = registration.member
        await self.journal.write(devices.on_presence, device=CART, online=True, boot="b1")

    async def live(self, facts: int, a_day: int, until: float) -> None:
        """Day after day, until so many facts were made or the time is over."""
        days, began = math.ceil(facts / a_day), time.monotonic()
        for day in range(1, days + 1):
            if time.monotonic() > until:
                break
            await self._live_day(day, a_day)
            leaving = self._acknowledge()
            if day % ROUND == 0:
                await self._let_go(leaving)
            elif day % (2 * ROUND) == ROUND + NIGHT:
                await self._night(leaving)
            else:
                continue
            self._weigh(f"  day {day}, {time.monotonic() - began:,.0f} s")

    async def _live_day(self, day: int, a_day: int) -> None:
        self.clock.pace = DAY_MS * GROUP // a_day
        while self.facts < day * a_day:
            self.facts += await self._day.again(self.journal, self.clock.now)
        self.clock.pace = Days.pace
        self.clock.now = max(self.clock.now, Days.now + day * DAY_MS)

    def _weigh(self, when: str) -> None:
        """Bytes in use, and the log. Pages that many nights at once left free are no store's."""
        with closing(open_readonly(self.path)) as connection:
            pages, free, bytes_ = (
                connection.execute(f"PRAGMA {what}").fetchone()[0]
                for what in ("page_count", "freelist_count", "page_size")
            )
        size = int((pages - free) * bytes_) + self.path.with_name(f"{self.path.name}-wal").stat().st_size
        self.sizes.append((self.facts, size))
        print(f"{when}: {self.facts:,} facts, {size / 1e6:,.0f} MB", flush=True)

    def _acknowledge(self) -> Leaving:
        """As sync notes it once the cloud has everything. Returns what may leave then."""
        with closing(JournalReader(self.path)) as reader:
            last, digest = reader.last()
        status = self.path.with_name("sync.json")
        report = SyncStatus(acked=last, acked_hash=digest.hex(), last=last, state="ok", recovery_point_s=24 * 3600)
        report.cloud_ms = self.clock.now
        status.write_bytes(msgspec.json.encode(report))
        return may_leave(self.path, status, self.clock.now)

    async def _let_go(self, leaving: Leaving) -> None:
        """Everything that may leave, however many nights that are."""
        if leaving.any:
            before_ms = self.clock.now - KEPT_MS
            first = old_segments(self.path, leaving.first, self.journal.sequence, before_ms)
            await prune(self.journal, first, first - 1, leaving.because)

    async def _night(self, leaving: Leaving) -> None:
        """What leaves in a night, and what shoppers notice."""
        if not leaving.any:
            return
        self._leaving = True
        shopper = asyncio.create_task(self._shop())
        began = time.monotonic()
        await prune(self.journal, leaving.first, leaving.first - 1, leaving.because)
        self.nights.append(time.monotonic() - began)
        self._leaving = False
        await shopper

    async def _shop(self) -> None:
        """One shopper after the other: an unlock and its end."""
        write = self.journal.write
        while self._leaving:
            began = time.perf_counter()
            grant = await write(
                carts.unlock, cart=CART, caller=by(self._member), touchpoint=CART, request=str(uuid.uuid4())
            )
            self.waits.append(time.perf_counter() - began)
            await write(carts.settle, grant.id, "done", None, "device")
            for lock, docked in (("unlocked", True), ("unlocked", False), ("locked", True)):
                await write(carts.on_state, cart=CART, lock=lock, docked=docked)
            self.clock.now += 30_000
            await asyncio.sleep(0.02)


def size_goal(year: Year, bare: float, a_day: int) -> Goal:
    """The file after a year, and beside it the bare rows of all its facts."""
    target, whole = f"a year at {a_day:,} facts a day with a cloud < 2 GB", YEAR * a_day
    full = [found for found in year.sizes if found[0] >= ROUND * a_day]
    full = full[: 1 + sum(facts < whole for facts, _ in full)]
    if len(full) < 2:
        return Goal(target, f"too few days: {year.facts:,} facts", "", None)
    (earlier, before), (facts, size) = full[0], full[-1]
    at_a_year = size + (size - before) / (facts - earlier) * max(0, whole - facts)
    how = "measured" if facts >= whole else f"{size / 1e6:,.0f} MB with {facts:,} facts; the rest extrapolated"
    return Goal(
        target,
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
        f"the facts of {NIGHT} days leave beside shoppers (no target)",
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
    facts, a_day = (220_000, 2_500) if chosen.quick else (chosen.facts, A_DAY)
    with on_disk() as folder:
        day = lived(folder / "day", SHOPPERS, RECORDED // (4 if chosen.quick else 1), CART)
        print(day.what())
        young = Year(day, folder / "young")
        await young.open()
        young.journal.close()
        year = Year(day, folder / "year")
        await year.open()
        await year.live(facts, a_day, time.monotonic() + chosen.minutes * 60)
        bare = bare_bytes(folder, year.journal)
        year.journal.close()
        first = await start_of(young.settings, 3)
        old = await start_of(year.settings, 5)
        goals = [
            size_goal(year, bare, a_day),
            Goal(
                f"starts in < 1 s after {year.facts:,} facts",
                f"{statistics.median(old):.2f} s, worst of {len(old)} {max(old):.2f} s; a young store"
                f" {statistics.median(first):.2f} s",
                f"{statistics.median(old) / statistics.median(first):.1f} × the young one",
                max(old) < 1,
            ),
            *night_goals(year),
        ]
        print(table(goals), flush=True)
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

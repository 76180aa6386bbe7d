"""Any history of orders, faults and people: nothing comes out twice unmarked, nothing is lost, tables are a cache."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.domain.devices import decisions as devices
from edge.domain.nouns import NOUNS
from edge.domain.printing import decisions as printing
from edge.domain.printing import queue as print_queue
from edge.errors import Refusal
from edge.journal import Projections
from edge.journal.journal import Journal
from edge.journal.schema import open_writer
from edge.journal.tables import rebuild
from edge.journal.verify import verify
from tests.domain.conftest import SetClock, furnish
from tests.domain.test_histories import dump
from tests.domain.test_printing import ALL, online, printers
from tests.rounds import rounds

JOBS = st.sampled_from([f"j-{n}" for n in range(6)])
PRINTERS = st.sampled_from(ALL)
SLIPS = ("order", "coupon", "receipt", "closing", "test", "locker")
COVERS = st.sampled_from(["closed", "open"])
ENDS = st.sampled_from(["done", "lost_reply", "unknown_printed", "unknown_not", "paper_out", "internal", "bad_args"])
STEPS = st.one_of(
    st.tuples(st.just("order"), JOBS, st.integers(1, 2), PRINTERS),
    st.tuples(st.just("work"), PRINTERS, ENDS),
    st.tuples(st.just("work"), PRINTERS, ENDS),
    st.tuples(st.just("says"), PRINTERS, st.sampled_from(["ok", "out", "unknown"]), COVERS),
    st.tuples(st.just("present"), PRINTERS, st.booleans()),
    st.tuples(st.just("later"), st.sampled_from([100, 3_000, 21_000, 130_000, 1_900_000])),
    st.tuples(st.just("reprint"), JOBS, PRINTERS),
    st.tuples(st.just("verdict"), JOBS, st.integers(1, 2), st.sampled_from(["copy", "drop"])),
    st.tuples(st.just("drop"), JOBS, st.integers(1, 2)),
    st.tuples(st.just("out"), PRINTERS, st.booleans()),
)  # fmt: skip


class Shop:
    """The queues on a real journal, and printers that know what is on their paper."""

    def __init__(self, journal: Journal, clock: SetClock) -> None:
        self.journal = journal
        self.clock = clock
        self.paper: list[tuple[str, int, bool]] = []
        self.answers: dict[str, tuple[str, str | None]] = {}
        """By command: what the device answers, now and whenever it is asked again."""

    async def step(self, kind: str, *args: Any) -> None:
        try:
            await getattr(self, kind)(*args)
        except Refusal:
            return

    async def order(self, job: str, revision: int, printer: str) -> None:
        slip = SLIPS[int(job[2:]) % len(SLIPS)]
        await self.journal.write(printing.order, job=job, revision=revision, slip=slip, values={}, printer=printer)

    async def work(self, printer: str, end: str) -> None:
        found = await self.journal.write(print_queue.advance, printer=printer)
        if found.attempt is None:
            return
        attempt, identity = found.attempt, str(found.attempt.id)
        if not self._is_online(printer):
            await self._settle(identity, "lapsed", "no_reply")
            return
        if identity not in self.answers:
            self.answers[identity] = self._act(attempt, end)
            if end == "lost_reply":
                await self._settle(identity, "lapsed", "no_reply")
                return
        await self._settle(identity, *self.answers[identity])

    def _act(self, attempt: print_queue.Attempt, end: str) -> tuple[str, str | None]:
        if end in ("done", "lost_reply", "unknown_printed"):
            self.paper.append((attempt.job, attempt.revision, attempt.copy))
        if end in ("done", "lost_reply"):
            return "done", None
        return ("unknown", None) if end.startswith("unknown") else ("failed", end)

    async def _settle(self, identity: str, outcome: str, reason: str | None) -> None:
        await self.journal.write(printing.settle, identity, outcome, reason, "device")

    def _is_online(self, printer: str) -> bool:
        row = self.journal.reads.one("SELECT online FROM devices WHERE device=?", printer)
        return bool(row and row["online"])

    async def says(self, printer: str, paper: str, cover: str) -> None:
        await self.journal.write(devices.on_state, device=printer, state={"paper": paper, "cover": cover})

    async def present(self, printer: str, there: bool) -> None:
        await self.journal.write(devices.on_presence, device=printer, online=there, boot=str(self.clock.now))

    async def later(self, ms: int) -> None:
        self.clock.now += ms

    async def reprint(self, job: str, printer: str) -> None:
        await self.journal.write(printing.reprint, job=job, by="li", printer=printer)

    async def verdict(self, job: str, revision: int, verdict: Any) -> None:
        await self.journal.write(printing.settle_doubt, job=job, revision=revision, verdict=verdict, by="li")

    async def drop(self, job: str, revision: int) -> None:
        await self.journal.write(printing.drop, job=job, revision=revision, by="li")

    async def out(self, printer: str, yes: bool) -> None:
        if yes:
            await self.journal.write(devices.take_out, device=printer, reason="r", by="li")
        else:
            await self.journal.write(devices.put_back, device=printer, by="li")

    def check(self) -> None:
        unmarked = Counter((job, revision) for job, revision, copy in self.paper if not copy)
        assert all(times == 1 for times in unmarked.values()), unmarked
        reads = self.journal.reads
        open_ = Counter(row["printer"] for row in reads.all("SELECT printer FROM print_attempts WHERE state='open'"))
        assert all(times == 1 for times in open_.values()), open_
        for row in reads.all("SELECT * FROM print_jobs WHERE state='printed'"):
            assert any(slip[:2] == (row["job"], row["revision"]) for slip in self.paper), dict(row)

    async def heal(self) -> None:
        """All is well again: what is still wanted must come out."""
        for printer in ALL:
            await self.out(printer, False)
            await self.present(printer, True)
            await self.says(printer, "ok", "closed")
        for _ in range(40):
            for printer in ALL:
                await self.work(printer, "done")
            self.clock.now += 2_000
        left = self.journal.reads.all("SELECT * FROM print_jobs WHERE state IN ('queued','held','printing')")
        assert left == [], [dict(row) for row in left]


async def play(folder: Path, steps: list[tuple[Any, ...]]) -> None:
    clock = SetClock()
    journal = Journal(folder / "p.db", NOUNS, clock=clock)
    for begin in (furnish, printers, online):
        await journal.write(begin)
    shop = Shop(journal, clock)
    for step in steps:
        await shop.step(*step)
        shop.check()
    await shop.heal()
    shop.check()
    journal.close()
    assert verify(folder / "p.db", Projections(NOUNS)).faults == ()
    before = dump(folder / "p.db")
    connection = open_writer(str(folder / "p.db"))
    rebuild(connection, Projections(NOUNS))
    connection.close()
    assert dump(folder / "p.db") == before


@settings(
    max_examples=rounds(25, most=300),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(STEPS, min_size=5, max_size=60))
def test_nothing_is_lost_and_nothing_comes_out_twice_unmarked(steps: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder), steps))


def test_long_random_histories() -> None:
    for seed in range(3):
        chance = random.Random(seed)
        steps = [_draw(chance) for _ in range(400)]
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(play(Path(folder), steps))


def _draw(chance: random.Random) -> tuple[Any, ...]:
    printer, job = chance.choice(ALL), f"j-{chance.randrange(60)}"
    ends = ["done"] * 6 + ["lost_reply", "unknown_printed", "unknown_not", "paper_out", "internal"]
    return chance.choice(
        [
            ("order", job, chance.randint(1, 3), printer),
            ("work", printer, chance.choice(ends)),
            ("work", printer, chance.choice(ends)),
            ("work", printer, chance.choice(ends)),
            ("says", printer, chance.choice(["ok", "ok", "out"]), chance.choice(["closed", "closed", "open"])),
            ("present", printer, chance.random() < 0.7),
            ("later", chance.choice([500, 3_000, 22_000])),
            ("reprint", job, printer),
            ("verdict", job, 1, chance.choice(["copy", "drop"])),
        ]
    )

"""A store whose box's clock is turned: run by `test_clock.py` under libfaketime, with the monotonic clock left alone.

Reads commands from its input, a line each, and answers each with a line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from pathlib import Path
from typing import Any

import structlog

from edge.domain.nouns import NOUNS
from edge.domain.store import queries as store_queries
from edge.domain.store.decisions import clock_set, confirm_clock
from edge.gateway.clock_watch import ClockWatch
from edge.journal import Projections
from edge.journal.journal import Journal
from edge.journal.steady_clock import SteadyClock, newest_entry
from edge.journal.verify import verify
from tests.domain.conftest import join
from tests.domain.locking import Bank, build


class Store:
    """The store, and what may be done to it."""

    def __init__(self, path: Path) -> None:
        self._clock = SteadyClock(newest_entry(path))
        self.journal = Journal(path, NOUNS, clock=self._clock, followed=clock_set)
        self._trusted = ""
        self._watch = ClockWatch(self.journal, self._clock, lambda: self._trusted)
        self._bank = Bank(self.journal)

    async def deposit(self) -> None:
        await self.journal.write(build)
        await self._bank.look()
        opening = await self._bank.deposit(await self.journal.write(join, 1), request=str(uuid.uuid4()))
        await self._bank.end(opening)
        await self._bank.opens(opening.door)
        await self._bank.closes(opening.door, occupied=True)

    async def trust(self, who: str) -> None:
        self._trusted = who

    async def confirm(self) -> None:
        await self.journal.write(confirm_clock, staff="li")

    async def tick(self) -> None:
        for _ in range(3):
            await self._watch.look()
            for decision in (each for noun in NOUNS for each in noun.on_tick):
                await self.journal.write(decision)

    def seen(self) -> dict[str, Any]:
        row = self.journal.reads.one("SELECT state, due_ms, changed_ms, owed FROM parcels")
        now = self._clock.wall_ms()
        facts = [entry.type for entry in self.journal.after(0, 10_000)]
        return (dict(row) if row else {}) | {
            "now": now,
            "apart": self._clock.apart_ms,
            "lay_ms": now - row["changed_ms"] if row else 0,
            "needs": [need.kind for need in store_queries.needs(self.journal.reads, now)],
            "clock": [fact for fact in facts if fact.startswith("clock.")],
            "reminded": facts.count("parcel.reminder_due.v1"),
        }


async def main(path: Path) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    store = Store(path)
    print(json.dumps("ready"), flush=True)
    loop = asyncio.get_running_loop()
    while (line := (await loop.run_in_executor(None, sys.stdin.readline)).split()) and line[0] != "stop":
        await getattr(store, line[0])(*line[1:])
        print(json.dumps(store.seen()), flush=True)
    store.journal.close()
    print(json.dumps({"faults": list(verify(path, Projections(NOUNS)).faults)}))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))

"""The gateway's memory while 20 shoppers hurry through a store, by facts: what grows, and where it ends.

python -m tests.bench.bench_memory [--quick] [--minutes N]

SQLite's page cache is at its bound before the clock starts: the tables are made anew from 60,000 facts at the start.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import statistics
import time
from pathlib import Path

import structlog

from edge.bootstrap.journal import journal_path
from edge.secrets import store_key
from tests.bench.bench_journal import Store
from tests.bench.place import on_disk
from tests.bench.report import Goal, arguments, show
from tests.faults.house import House, until
from tests.faults.shoppers import Crowd

FACTS = 60_000
SHOPPERS = 20
LOOK_S = 5.0
LIMIT = 40.0
"""Bytes a fact that may be noise of the allocator; 260 were seen once."""


def resident(pid: int) -> int:
    """Bytes of memory that are the process's own."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("RssAnon"))


async def past(folder: Path) -> Path:
    """A journal with a past, whose tables are made anew at the next start."""
    store = await Store.filled(folder, FACTS)
    path = journal_path(store.settings)
    store.journal.close()
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM cache")
    connection.commit()
    connection.close()
    return path


def watch(house: House, minutes: float) -> list[tuple[int, int]]:
    """(facts, bytes) every few seconds."""
    seen, end = [], time.monotonic() + minutes * 60
    pid = house.parts["gateway"].pid
    while time.monotonic() < end:
        time.sleep(LOOK_S)
        facts = house.rows("SELECT max(sequence) AS n FROM entries")[0]["n"]
        seen.append((facts, resident(pid)))
        print(f"  {facts:9,} facts {seen[-1][1] / 1e6:8.2f} MB", flush=True)
    return seen


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    chosen = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    minutes = 3.0 if chosen.quick else chosen.minutes
    with on_disk() as folder:
        before = asyncio.run(past(folder / "past"))
        with House(folder / "house") as house:
            house.data.mkdir(parents=True, exist_ok=True)
            for part in ("gateway", "sync"):
                house.parts[part].end()
            for old in house.data.glob("storekeeper.db*"):
                old.unlink()
            for suffix in ("", "-wal"):
                made = Path(f"{before}{suffix}")
                if made.exists():
                    (house.data / f"storekeeper.db{suffix}").write_bytes(made.read_bytes())
            key = store_key.path_of(house.data)
            key.unlink()
            key.write_bytes(store_key.path_of(before.parent).read_bytes())
            house.parts["gateway"].start()
            until(house.open, 120, house.last_words)
            crowd = Crowd(house, seed=1, size=SHOPPERS)
            crowd.start()
            seen = watch(house, minutes)
            crowd.leave()
    late = seen[len(seen) // 3 :]
    slope = statistics.linear_regression([n for n, _ in late], [size for _, size in late]).slope
    grown = (late[-1][1] - late[0][1]) / 1e6
    found = f"{slope:.0f} B a fact ({grown:+.2f} MB in {late[-1][0] - late[0][0]:,} facts, {minutes:g} minutes)"
    show(
        "Memory",
        [
            Goal(
                f"grows less than {LIMIT:.0f} B a fact",
                found,
                f"{slope / LIMIT:.2f}",
                slope < LIMIT,
            )
        ],
    )


if __name__ == "__main__":
    main()

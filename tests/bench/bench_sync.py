"""Draining a long queue beside the bare limit, and what it does to the shoppers meanwhile.

    python -m tests.bench.bench_sync [--quick]

The limit is a loop that reads pages of rows, joins bodies as lines, compresses and posts them, and a receiver that
decompresses, splits, and inserts with `executemany` into the same table, as durably. It verifies nothing: it would
neither notice a loss nor survive a duplicate.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import requests
import uvicorn
import zstandard
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edge.bootstrap.journal import journal_path
from edge.bus.brokers import mosquitto
from edge.journal.reader import JournalReader
from sync.cloud.schema import open_writer
from sync.wire import GENESIS, pack
from tests.bench import store
from tests.bench.devices import name
from tests.bench.load import load, write_requests
from tests.bench.place import free_port, on_disk
from tests.bench.report import Goal, arguments, show
from tests.sync.journals import JournalFile
from tests.sync.processes import TOKEN, context, cursor, is_listening, receive, wait_for

BATCH = 2000
CARTS = 4096
"""More than are unlocked within one turn; before the next all of them come back."""
OTHER_DISK = Path("/dev/shm")
"""The receiver stands in another house. Here it shares the cores: beside shoppers it runs only when nobody else wants
to, and its file is not on the box's disk."""


def bare_receiver(port: int, database: str) -> None:
    """Takes lines and inserts them."""
    connection = open_writer(Path(database), None)
    connection.execute(
        "INSERT INTO streams (key, store, stream, cursor, hash, last, verdict, contact_ms)"
        " VALUES (1, 's001', x'00', 0, x'00', 0, 'ok', 0)"
    )
    writer = ThreadPoolExecutor(1)
    sixteen = bytes(16)
    sequence = 0

    def keep(content: bytes) -> None:
        nonlocal sequence
        lines = zstandard.ZstdDecompressor().decompress(content).splitlines()
        rows = [
            (1, number, line[:16], "cart.unlocked.v1", 1_790_000_000_000, 5_000_000, sixteen, line, sixteen)
            for number, line in enumerate(lines, sequence + 1)
        ]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO entries VALUES (?,?,?,?,?,?,?,?,?)", rows)
        sequence += len(rows)
        connection.execute("UPDATE streams SET cursor=?", (sequence,))
        connection.execute("COMMIT")

    async def entries(request: Request) -> Response:
        await asyncio.get_running_loop().run_in_executor(writer, keep, await request.body())
        return Response(b"{}")

    app = Starlette(routes=[Route("/entries", entries, methods=["POST"])])
    uvicorn.run(app, host="127.0.0.1", port=port, access_log=False, log_level="warning")


def bare_sender(journal: str, port: int) -> None:
    """Reads pages, joins bodies, compresses, posts."""
    connection = sqlite3.connect(f"{Path(journal).as_uri()}?mode=ro", uri=True)
    session = requests.Session()
    sequence = 0
    select = "SELECT * FROM entries WHERE sequence > ? ORDER BY sequence LIMIT ?"
    while rows := connection.execute(select, (sequence, BATCH)).fetchall():
        content = zstandard.ZstdCompressor(level=1).compress(b"\n".join([row[7] for row in rows]))
        session.post(f"http://127.0.0.1:{port}/entries", data=content, timeout=20).raise_for_status()
        sequence = rows[-1][0]


def send(journal: str, status: str, port: int) -> None:
    """The uplink as it is."""
    from sync.uplink import run

    run(Path(journal), Path(status), f"http://127.0.0.1:{port}", "s001", TOKEN)


@contextmanager
def running(target: Callable[..., None], *args: Any) -> Iterator[BaseProcess]:
    """A process that is killed in the end."""
    made = context().Process(target=target, args=args, daemon=True)
    made.start()
    try:
        yield made
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(made.pid or 0, signal.SIGKILL)
        made.join()


def facts_a_second(folder: Path, journal: JournalFile, *, bare: bool) -> float:
    """From the sender's start until the last fact is on the receiver's disk."""
    port, database = free_port(), folder / f"{'bare' if bare else 'ours'}-{time.monotonic_ns()}.db"
    receiver = running(bare_receiver, port, str(database)) if bare else running(receive, port, str(database), TOKEN)
    with receiver as receiving:
        wait_for(lambda: is_listening(port))
        began = time.perf_counter()
        status = str(folder / "sync.json")
        sender = (
            running(bare_sender, str(journal.path), port) if bare else running(send, str(journal.path), status, port)
        )
        with sender:
            wait_for(lambda: cursor(database) == journal.sequence, 300)
            rate = journal.sequence / (time.perf_counter() - began)
        spent = store.cpu_seconds(receiving.pid or 0) / journal.sequence * 1e6
    database.unlink()
    print(f"  {'limit' if bare else 'ours':5}  {rate:9,.0f} facts/s   receiver {spent:.1f} us CPU a fact", flush=True)
    return rate


def bytes_a_fact(journal: JournalFile, size: int) -> float:
    """Compressed bytes a fact in batches of `size`."""
    reader, sequence, total, previous = JournalReader(journal.path), 0, 0, GENESIS
    while entries := reader.after(sequence, size):
        total += len(pack(entries, previous).content)
        sequence, previous = entries[-1].sequence, entries[-1].hash
    reader.close()
    return total / sequence


def drain(folder: Path, facts: int, rounds: int) -> list[Goal]:
    """The queue of a long outage."""
    journal = JournalFile(folder / "storekeeper.db")
    for _ in range(facts // 1000):
        journal.append(1000)
    limits, ours = [], []
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}: {facts:,} facts, batches of {BATCH}")
        limits.append(facts_a_second(folder, journal, bare=True))
        ours.append(facts_a_second(folder, journal, bare=False))
    ratio = statistics.median(mine / limit for mine, limit in zip(ours, limits, strict=True))
    sizes = {size: bytes_a_fact(journal, size) for size in (1, 20, 100, 500, BATCH)}
    journal.close()
    told = ", ".join(f"{size} in a batch: {cost:.0f}" for size, cost in sizes.items())
    rates = f"{statistics.median(ours):,.0f}/s; the bare limit {statistics.median(limits):,.0f}/s"
    return [
        Goal(f"{facts:,} waiting facts drain at ≥ 0.6 × the bare limit", rates, f"{ratio:.2f}", ratio >= 0.6),
        Goal("≤ 80 bytes a fact on the wire, draining", told, f"{sizes[BATCH] / 80:.2f}", sizes[BATCH] <= 80),
    ]


def beside_shoppers(folder: Path, facts: int, rounds: int, seconds: float) -> list[Goal]:
    """Unlocks one after the other, while nothing is sent and while a queue drains, in turns."""
    mqtt, http = free_port(), free_port()
    with ExitStack() as stack:
        broker = mosquitto(mqtt, folder / "broker", None, store=store.STORE)
        broker.start()
        stack.callback(broker.stop)
        settings = store.settings(folder, CARTS, mqtt, http)
        people = asyncio.run(store.enrol(settings, CARTS))
        asked = write_requests(folder / "asked", store.requests(settings, people, [*map(name, range(CARTS))]))
        # Facts that no noun knows: they are carried, and the tables need no rebuild.
        queue = JournalFile(journal_path(settings))
        for _ in range(facts // 1000):
            queue.append(1000)
        queue.close()
        stack.enter_context(store.gateway(settings, folder / "gateway.log"))
        log = folder / "gateway.log"
        devices = ("tests.bench.devices", str(mqtt), store.STORE, str(CARTS), "--connections", "16")
        carts = stack.enter_context(store.process(*devices, log=folder / "carts.log"))
        store.wait_for(lambda: store.online(settings) == CARTS, None, log, 30)
        load(http, asked, 1, 1.0)
        ratios, told = [], []
        for _ in range(rounds):
            store.bring_back(settings, carts, log)
            quiet = load(http, asked, 1, seconds)
            store.bring_back(settings, carts, log)
            with tempfile.TemporaryDirectory(dir=OTHER_DISK if OTHER_DISK.is_dir() else None) as elsewhere:
                busy, sent = _while_draining(Path(elsewhere) / "cloud.db", settings, http, asked, seconds)
            ratios.append(busy.p99 / quiet.p99)
            told.append(f"{quiet.p99 * 1e3:.1f} → {busy.p99 * 1e3:.1f}")
            print(
                f"  unlock p50 {quiet.p50 * 1e3:.2f} → {busy.p50 * 1e3:.2f} ms, p99 {told[-1]} ms,"
                f" while {sent:,} facts went; errors {quiet.errors + busy.errors}",
                flush=True,
            )
    ratio = statistics.median(ratios)
    return [Goal("draining raises an unlock's p99 by ≤ 1.5 ×", f"{', '.join(told)} ms", f"{ratio:.2f}", ratio <= 1.5)]


def _while_draining(database: Path, settings: Any, http: int, asked: Path, seconds: float) -> tuple[Any, int]:
    port = free_port()
    with running(receive, port, str(database), TOKEN) as receiver:
        wait_for(lambda: is_listening(port))
        for thread in Path(f"/proc/{receiver.pid}/task").iterdir():
            os.sched_setscheduler(int(thread.name), os.SCHED_IDLE, os.sched_param(0))
        status = str(database.with_suffix(".json"))
        with running(send, str(journal_path(settings)), status, port):
            wait_for(lambda: cursor(database) > 0)
            before = cursor(database)
            answered = load(http, asked, 1, seconds)
            return answered, cursor(database) - before


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--only", choices=["drain", "shoppers"])
    parser.add_argument("--facts", type=int, help="facts in the queue that is drained")
    chosen = parser.parse_args()
    facts, rounds, seconds = (20_000, 2, 1.0) if chosen.quick else (100_000, 5, 3.0)
    facts = chosen.facts or facts
    goals: list[Goal] = []
    if chosen.only != "shoppers":
        with on_disk() as folder:
            goals += drain(folder, facts, rounds)
    if chosen.only != "drain":
        with on_disk() as folder:
            # Long enough that the queue is not through before the shoppers are.
            goals += beside_shoppers(folder, round(200_000 * seconds), rounds, seconds)
    show("Sync", goals)


if __name__ == "__main__":
    main()

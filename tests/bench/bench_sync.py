"""Draining a long queue, beside the bare limit in the same run: same batches, same compression, same inserts.

    python -m tests.bench.bench_sync [--facts 100000] [--rounds 3]

The limit is a loop that reads pages of bodies, joins lines, compresses and posts them, and a receiver that decompresses,
splits, and inserts with `executemany` into the same table with the same durability. It verifies nothing, and would
neither notice a loss nor survive a duplicate.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sqlite3
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.process import BaseProcess
from pathlib import Path

import psutil
import requests
import uvicorn
import zstandard
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edge.journal.reader import JournalReader
from sync.cloud.schema import open_writer
from sync.wire import GENESIS, pack
from tests.sync.journals import JournalFile
from tests.sync.processes import TOKEN, context, cursor, free_port, is_listening, receive, wait_for

BATCH = 2000


def bare_receiver(port: int, database: str) -> None:
    """Takes lines and inserts them."""
    path = Path(database)
    connection = open_writer(path, None)
    connection.execute("INSERT INTO streams VALUES (1, 's001', x'00', 0, x'00', 0, 'ok', 0, 0)")
    writer = ThreadPoolExecutor(1)
    sequence = 0

    def keep(content: bytes) -> None:
        nonlocal sequence
        lines = zstandard.ZstdDecompressor().decompress(content).splitlines()
        sixteen = bytes(16)
        rows = [
            (1, sequence + number, line[:16], "cart.unlocked.v1", 1_790_000_000_000, 5_000_000, sixteen, line, sixteen)
            for number, line in enumerate(lines, 1)
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
    while True:
        rows = connection.execute(
            "SELECT * FROM entries WHERE sequence > ? ORDER BY sequence LIMIT ?", (sequence, BATCH)
        ).fetchall()
        if not rows:
            return
        content = zstandard.ZstdCompressor(level=1).compress(b"\n".join([row[7] for row in rows]))
        session.post(f"http://127.0.0.1:{port}/entries", data=content, timeout=20).raise_for_status()
        sequence = rows[-1][0]


def send(journal: str, status: str, port: int) -> None:
    """The uplink as it is."""
    from sync.uplink import run

    run(Path(journal), Path(status), f"http://127.0.0.1:{port}", "s001", TOKEN)


def timed(folder: Path, journal: JournalFile, *, bare: bool) -> tuple[float, float, float]:
    """Seconds from the sender's start until the last fact is on the receiver's disk; CPU seconds of both sides."""
    port, database = free_port(), folder / f"{'bare' if bare else 'ours'}-{time.monotonic_ns()}.db"
    receiver = process(bare_receiver, port, str(database)) if bare else process(receive, port, str(database), TOKEN)
    wait_for(lambda: is_listening(port))
    started = time.perf_counter()
    sender = (
        process(bare_sender, str(journal.path), port)
        if bare
        else process(send, str(journal.path), str(folder / "sync.json"), port)
    )
    wait_for(lambda: cursor(database) == journal.sequence, 120)
    took = time.perf_counter() - started
    costs = (cpu(sender), cpu(receiver))
    for each in (sender, receiver):
        with contextlib.suppress(ProcessLookupError):
            os.kill(each.pid or 0, signal.SIGKILL)
        each.join()
    return took, *costs


def process(target: object, *args: object) -> BaseProcess:
    made = context().Process(target=target, args=args, daemon=True)  # type: ignore[arg-type]
    made.start()
    return made


def cpu(running: BaseProcess) -> float:
    try:
        times = psutil.Process(running.pid).cpu_times()
    except psutil.NoSuchProcess:
        return float("nan")
    return float(times.user + times.system)


def bytes_a_fact(journal: JournalFile, size: int) -> float:
    """Compressed bytes a fact in batches of `size`."""
    reader, sequence, total, previous = JournalReader(journal.path), 0, 0, GENESIS
    while entries := reader.after(sequence, size):
        total += len(pack(entries, previous).content)
        sequence, previous = entries[-1].sequence, entries[-1].hash
    reader.close()
    return total / sequence


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--facts", type=int, default=100_000)
    arguments.add_argument("--rounds", type=int, default=5)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        journal = JournalFile(folder / "storekeeper.db")
        for _ in range(chosen.facts // 1000):
            journal.append(1000)
        print(f"{chosen.facts} facts, batches of {BATCH}, zstd-1, SQLite WAL synchronous=FULL; facts/s")
        rates: dict[bool, list[float]] = {True: [], False: []}
        for number in range(chosen.rounds):
            for bare in (True, False):
                took, sender, receiver = timed(folder, journal, bare=bare)
                rates[bare].append(chosen.facts / took)
                print(
                    f"  {number + 1}  {'limit' if bare else 'ours ':5}  {chosen.facts / took:9,.0f}/s"
                    f"   CPU us a fact: sender {sender / chosen.facts * 1e6:.1f}, receiver {receiver / chosen.facts * 1e6:.1f}"
                )
        limit, ours = statistics.median(rates[True]), statistics.median(rates[False])
        print(f"median: limit {limit:,.0f}/s, ours {ours:,.0f}/s, ratio {ours / limit:.2f} (goal 0.60)")
        for size in (1, 20, 100, 500, BATCH):
            print(f"bytes a fact on the wire, batches of {size:4}: {bytes_a_fact(journal, size):.1f}")
        journal.close()


if __name__ == "__main__":
    main()

"""Unlocks while a long queue drains to the cloud, beside the same unlocks while nothing drains, in turns.

    python -m tests.bench.bench_drain [--quick]

Gateway, sync, receiver, broker, carts and load share the cores; in a store the receiver is somewhere else, so this is
harder than that.
"""

from __future__ import annotations

import asyncio
import logging
import statistics
import time
from contextlib import ExitStack
from pathlib import Path

import msgspec
import structlog
import uvloop

from edge import credentials
from edge.bootstrap import journal_path
from edge.brokers import mosquitto
from edge.domain import NOUNS
from edge.journal import Journal
from edge.settings import Settings
from tests.bench import store
from tests.bench.devices import name
from tests.bench.history import Past
from tests.bench.load import Answered, load, write_requests
from tests.bench.place import free_port, on_disk
from tests.bench.report import Goal, arguments, show

CARTS = 256
RATES = (1, 16)
"""Connections that ask meanwhile."""

Found = dict[tuple[int, bool], list[Answered]]


def main() -> None:
    chosen = arguments(__doc__).parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    facts, rounds, seconds = (150_000, 1, 1.0) if chosen.quick else (1_000_000, 4, 3.0)
    with on_disk() as folder, ExitStack() as stack:
        mqtt, http, cloud = free_port(), free_port(), free_port()
        broker = mosquitto(mqtt, folder / "broker", None, store=store.STORE)
        broker.start()
        stack.callback(broker.stop)
        settings = store.settings(folder, CARTS, mqtt, http)
        with (folder / "config" / "gateway.toml").open("a", encoding="utf-8") as file:
            file.write(f'[cloud]\nurl = "http://127.0.0.1:{cloud}"\n')
        credentials.prepare(settings.gateway.data, ())
        uvloop.run(_fill(settings, facts))
        _start(stack, settings, folder, cloud)
        found: Found = {}
        drained = _turns(settings, folder, rounds, seconds, found)
    show("Draining", [_goal(connections, found, drained) for connections in RATES])


async def _fill(settings: Settings, facts: int) -> None:
    journal = Journal(journal_path(settings), NOUNS)
    past = Past(journal, settings, store.vault(settings))
    await past.open()
    await past.fill(facts)
    journal.close()


def _start(stack: ExitStack, settings: Settings, folder: Path, cloud: int) -> None:
    people = asyncio.run(store.enrol(settings, CARTS))
    write_requests(folder / "requests", store.requests(settings, people, [name(number) for number in range(CARTS)]))
    config = str(folder / "config")
    receiver = ("edge", "cloud", "run", "--port", str(cloud), "--config", config)
    stack.enter_context(store.process(*receiver, log=folder / "cloud.log", ready=lambda: store.answers(cloud, "/")))
    stack.enter_context(store.gateway(settings, folder / "gateway.log"))
    mqtt = settings.gateway.broker.url.rpartition(":")[2]
    stack.enter_context(store.process("tests.bench.devices", mqtt, store.STORE, str(CARTS), log=folder / "carts.log"))
    store.wait_for(lambda: store.online(settings) >= CARTS, None, folder / "gateway.log", 30)


def _turns(settings: Settings, folder: Path, rounds: int, seconds: float, found: Found) -> float:
    """Ask without and with sync. Returns the facts a second that it drained meanwhile."""
    drained, took = 0, 0.0
    for _ in range(rounds):
        for connections in RATES:
            for draining in (False, True):
                with ExitStack() as stack:
                    if draining:
                        sync = ("edge", "sync", "run", "--config", str(folder / "config"))
                        before = _acked(settings)

                        def moves(before: int = before) -> bool:
                            return _acked(settings) > before

                        stack.enter_context(store.process(*sync, log=folder / "sync.log", ready=moves))
                    acked, began = _acked(settings), time.perf_counter()
                    answered = load(settings.gateway.http.port, folder / "requests", connections, seconds)
                    found.setdefault((connections, draining), []).append(answered)
                    if draining:
                        drained, took = drained + _acked(settings) - acked, took + time.perf_counter() - began
                        _still_behind(settings)
                print(
                    f"  {connections:2} connections, {'draining' if draining else 'quiet   '}: p50"
                    f" {answered.p50 * 1e3:6.2f} ms, p99 {answered.p99 * 1e3:7.2f} ms, {answered.rate:6,.0f}/s,"
                    f" errors {answered.errors}",
                    flush=True,
                )
    return drained / took


def _acked(settings: Settings) -> int:
    try:
        return int(msgspec.json.decode((settings.gateway.data / "sync.json").read_bytes())["acked"])
    except FileNotFoundError:
        return 0


def _still_behind(settings: Settings) -> None:
    if store.count(settings, "SELECT max(sequence) FROM entries") - _acked(settings) < 1000:
        raise SystemExit("the queue was empty before the end: more facts are needed to measure this")


def _goal(connections: int, found: Found, drained: float) -> Goal:
    quiet, draining = found[connections, False], found[connections, True]
    ratio = statistics.median(each.p99 / beside.p99 for each, beside in zip(draining, quiet, strict=True))
    p99, before = (statistics.median(each.p99 for each in turns) * 1e3 for turns in (draining, quiet))
    p50, p50_before = (statistics.median(each.p50 for each in turns) * 1e3 for turns in (draining, quiet))
    return Goal(
        f"draining raises unlock p99 by at most 1.5 ×, {connections} connection{'s' * (connections > 1)}",
        f"p99 {p99:.1f} ms beside {before:.1f}, p50 {p50:.2f} beside {p50_before:.2f}, while {drained:,.0f} facts/s drain",
        f"{ratio:.2f}",
        ratio <= 1.5,
    )


if __name__ == "__main__":
    main()

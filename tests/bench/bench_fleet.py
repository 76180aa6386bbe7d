"""Many devices: memory with 500 connected, heartbeats of 5,000, unlocks meanwhile; and unlocks while the queue drains.

    python -m tests.bench.bench_fleet [--quick]

The devices are `tests.bench.devices`: 500 with a connection each, 5,000 on 50 connections (the gateway has one
connection whatever they do; the broker's cost is not measured here).
"""

from __future__ import annotations

import asyncio
import logging
import statistics
import time
from contextlib import ExitStack
from pathlib import Path

import structlog
import uvloop

from edge.bootstrap.journal import journal_path
from edge.bus.brokers import Broker, mosquitto
from edge.domain.nouns import NOUNS
from edge.journal.journal import Journal
from edge.settings.settings import Settings
from tests.bench import store
from tests.bench.devices import name
from tests.bench.history import Past
from tests.bench.load import Answered, load, write_requests
from tests.bench.place import free_port, on_disk
from tests.bench.report import Goal, arguments, show

CONNECTED = 500
BEATING = 5000
"""More than are unlocked within one turn; after it all of them come back."""
EVERY_S = 30.0
CALM = 0.02
"""The share of a core below which a gateway is idle."""
CALM_WITHIN_S = 30.0


def main() -> None:
    chosen = arguments(__doc__).parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    facts, rounds, seconds = (20_000, 2, 2.0) if chosen.quick else (1_000_000, 5, 6.0)
    with on_disk() as folder, ExitStack() as stack:
        mqtt, http = free_port(), free_port()
        broker = mosquitto(mqtt, folder / "broker", None, store=store.STORE)
        broker.start()
        stack.callback(broker.stop)
        settings = store.settings(folder, CONNECTED, mqtt, http)
        uvloop.run(_fill(settings, facts))
        goals = connected(settings, folder, broker, facts)
        settings = store.settings(folder, BEATING, mqtt, http)
        goals += beating(settings, folder, rounds, seconds)
    show("Fleet", goals)


async def _fill(settings: Settings, facts: int) -> None:
    journal = Journal(journal_path(settings), NOUNS)
    past = Past(journal, settings, store.vault(settings))
    await past.open()
    await past.fill(facts)
    journal.close()
    print(f"{past.facts:,} facts built", flush=True)


def connected(settings: Settings, folder: Path, broker: Broker, facts: int) -> list[Goal]:
    """Memory with every device connected, after some unlocks; and how long the process took to be ready."""
    with ExitStack() as stack:
        requests = _requests(settings, folder, CONNECTED)
        began = time.perf_counter()
        pid = stack.enter_context(store.gateway(settings, folder / "gateway.log"))
        ready = time.perf_counter() - began
        devices = _devices(stack, settings, folder, CONNECTED, CONNECTED, 0)
        for _ in range(3):
            load(settings.gateway.http.port, requests, 16, 1)
            store.bring_back(settings, devices, folder / "gateway.log")
        time.sleep(1)
        memory, beside = store.memory(pid), store.memory(broker.pid or 0)
    print(f"gateway {memory}, broker {beside}", flush=True)
    return [
        Goal(
            f"gateway's memory ≤ 150 MB with {CONNECTED} devices connected and {facts:,} facts",
            f"RSS {memory['rss']:.0f} MB, PSS {memory['pss']:.0f} MB (Mosquitto {beside['rss']:.0f} MB)",
            f"{memory['rss'] / 150:.2f} of 150 MB",
            memory["rss"] <= 150,
        ),
        Goal(
            f"`storekeeper run` ready (/readyz) in under 3 s with {facts:,} facts, a process from its start",
            f"{ready:.2f} s",
            f"{ready / 3:.2f} of 3 s",
            ready < 3,
        ),
    ]


def beating(settings: Settings, folder: Path, rounds: int, seconds: float) -> list[Goal]:
    """What heartbeats cost the gateway, and the unlocks: the same seconds without and with them, in turns."""
    idle: dict[bool, list[float]] = {True: [], False: []}
    asked: dict[bool, list[Answered]] = {True: [], False: []}
    requests = _requests(settings, folder, BEATING)
    with ExitStack() as outer:
        pid = outer.enter_context(store.gateway(settings, folder / "gateway.log"))
        for number in range(rounds):
            for beats in (False, True):
                with ExitStack() as stack:
                    devices = _devices(stack, settings, folder, BEATING, 50, EVERY_S if beats else 0)
                    _settled(pid, 0.25 if beats else CALM)
                    idle[beats].append(_share(pid, seconds))
                    asked[beats].append(load(settings.gateway.http.port, requests, 1, 2.0))
                    store.bring_back(settings, devices, folder / "gateway.log")
                answered = asked[beats][-1]
                print(
                    f"  {number + 1}  heartbeats {'on ' if beats else 'off'}: {idle[beats][-1]:.3f} of a core;"
                    f" unlocks p50 {answered.p50 * 1e3:.2f} ms, p99 {answered.p99 * 1e3:.1f} ms,"
                    f" errors {answered.errors}",
                    flush=True,
                )
    with_beats, without = statistics.median(idle[True]), statistics.median(idle[False])
    share = with_beats - without
    return [
        Goal(
            f"heartbeats of {BEATING:,} devices every {EVERY_S:.0f} s cost under 0.25 of a core",
            f"{with_beats:.3f} of a core, {without:.3f} without: {share:.3f}"
            f" ({share / (BEATING / EVERY_S) * 1e6:.0f} us a heartbeat)",
            f"{share / 0.25:.2f} of 0.25",
            share < 0.25,
        ),
        _meanwhile("p50", asked),
        _meanwhile("p99", asked),
    ]


def _meanwhile(what: str, asked: dict[bool, list[Answered]]) -> Goal:
    with_beats, without = (statistics.median(getattr(each, what) for each in asked[beats]) for beats in (True, False))
    errors = sum(each.errors for turns in asked.values() for each in turns)
    return Goal(
        f"unlock {what} at 1 connection with these heartbeats beside without",
        f"{with_beats * 1e3:.2f} ms; without {without * 1e3:.2f} ms; errors {errors}",
        f"{with_beats / without:.2f}",
        None,
    )


def _share(pid: int, seconds: float) -> float:
    """How much of one core a process uses."""
    before, began = store.cpu_seconds(pid), time.perf_counter()
    time.sleep(seconds)
    return (store.cpu_seconds(pid) - before) / (time.perf_counter() - began)


def _settled(pid: int, at_most: float) -> None:
    """Wait until what the devices' coming meant for the gateway is over: they were online before it had heard of all.

    In a second that was fixed the slower of two gateways was measured at that, and the quicker one at rest.
    """
    until = time.monotonic() + CALM_WITHIN_S
    while _share(pid, 1.0) > at_most and time.monotonic() < until:
        pass


def _requests(settings: Settings, folder: Path, count: int) -> Path:
    people = asyncio.run(store.enrol(settings, count))
    asked = store.requests(settings, people, [name(number) for number in range(count)])
    return write_requests(folder / "requests", asked)


def _devices(stack: ExitStack, settings: Settings, folder: Path, count: int, connections: int, every_s: float) -> int:
    """Their process, when all of them are online."""
    mqtt = settings.gateway.broker.url.rpartition(":")[2]
    command = ["tests.bench.devices", mqtt, store.STORE, str(count), "--connections", str(connections)]
    log = folder / f"devices-{time.monotonic_ns()}.log"
    pid = stack.enter_context(store.process(*command, "--heartbeat", str(every_s), log=log))
    store.wait_for(lambda: store.online(settings) >= count, None, folder / "gateway.log", 60)
    return pid


if __name__ == "__main__":
    main()

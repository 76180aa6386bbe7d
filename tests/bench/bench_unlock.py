"""An unlock over HTTP: durable grant, order to the cart, durable outcome. Beside its floors and its peer, in turns.

    python -m tests.bench.bench_unlock [--quick] [--profile FILE | --turns]

The gateway is `storekeeper run` on Mosquitto; wrk asks; the carts are `tests.bench.devices` (a light double that
answers at once, the peer's too), and for one line our own agent with the simulated lock. Broker, carts and wrk share
the cores with the gateway, as they do with the peer.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from edge.bootstrap.journal import journal_path
from edge.bus.brokers import mosquitto
from edge.journal.transaction import open_readonly
from edge.settings.settings import Settings
from tests.bench import peer, store
from tests.bench.devices import name
from tests.bench.floors import Entries, Paho
from tests.bench.load import Answered, load, one_by_one, raw_request, write_requests
from tests.bench.place import free_port, on_disk
from tests.bench.report import Goal, arguments, show

CARTS = 8192
"""More than are asked for within one turn: a cart that its member has already is not unlocked a second time. Between
two turns all of them come back.
"""
PEERS = 512
HOME_S = 90
"""For a ride too short for anybody to see, as on a busy machine: the store takes the cart for back after a minute."""
CONNECTIONS = (1, 16, 64)
OURS, REAL = "gateway", "our agent"


class Course:
    """Everything that runs, and what was measured of it."""

    def __init__(self, chosen: Settings, seconds: float) -> None:
        self.chosen = chosen
        self.seconds = seconds
        self.ports: dict[str, int] = {}
        self.files: dict[str, Path] = {}
        self.pids: dict[str, int] = {}
        self.carts = 0
        """Pid of the carts' process."""
        self.found: dict[tuple[str, int], list[Answered]] = {}
        self.cpu: dict[tuple[str, int], list[float]] = {}
        """Microseconds of CPU of the server for each answer."""
        self.floors: list[list[float]] = []
        """Seconds of bare FastAPI, paho's round trip and one commit, for each round."""

    def serve(self, who: str, port: int, pid: int, requests: Path) -> None:
        """Somebody who answers."""
        self.ports[who], self.pids[who], self.files[who] = port, pid, requests

    def ask(self, who: str, connections: int) -> Answered:
        """One turn of the load."""
        before = store.cpu_seconds(self.pids[who])
        if who == REAL:
            answered = one_by_one(self.ports[who], self.files[who], self.seconds, self._real_is_back)
        else:
            answered = load(self.ports[who], self.files[who], connections, self.seconds)
        spent = store.cpu_seconds(self.pids[who]) - before
        self.found.setdefault((who, connections), []).append(answered)
        self.cpu.setdefault((who, connections), []).append(spent / max(1, answered.requests) * 1e6)
        print(
            f"  {who:10} {connections:3} connections: {answered.rate:7,.0f}/s   p50 {answered.p50 * 1e3:6.2f} ms"
            f"   p99 {answered.p99 * 1e3:7.2f} ms   {self.cpu[who, connections][-1]:5,.0f} us CPU"
            f"   errors {answered.errors}",
            flush=True,
        )
        if who == OURS:
            store.bring_back(self.chosen, self.carts, self.files[who])
            if answered.requests > CARTS - CONNECTIONS[-1]:
                raise SystemExit(f"{answered.requests} answers within a turn: more than there are carts")
        return answered

    def _real_is_back(self) -> None:
        sql = f"SELECT count(*) FROM carts WHERE cart='{store.REAL}' AND state='docked'"
        store.wait_for(lambda: store.count(self.chosen, sql) == 1, None, self.files[REAL], HOME_S)

    def median(self, who: str, connections: int, what: str) -> float:
        """The median of all rounds."""
        return statistics.median(getattr(each, what) for each in self.found[who, connections])


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--profile", type=Path, help="record the gateway at 64 connections with py-spy (raw) and stop")
    parser.add_argument("--turns", action="store_true", help="the gateway alone: a turn for each number on stdin")
    chosen = parser.parse_args()
    rounds, seconds = (2, 1.0) if chosen.quick else (9, 1.0)
    with on_disk() as folder, ExitStack() as stack:
        course = open_store(folder, stack, seconds, alone=chosen.turns or chosen.profile is not None)
        if chosen.profile:
            profile(course, chosen.profile)
            return
        if chosen.turns:
            print("ready", flush=True)
            for line in sys.stdin:
                course.ask(OURS, int(line))
                print("turned", flush=True)
            return
        floors = open_floors(course, folder, stack)
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}")
            turn(course, floors)
        goals = judge(course)
    show("Unlock", goals)


def open_store(folder: Path, stack: ExitStack, seconds: float, *, alone: bool) -> Course:
    """Broker, carts, gateway; and the peer where it is wanted and can be had."""
    mqtt, http = free_port(), free_port()
    broker = mosquitto(mqtt, folder / "broker", None, store=store.STORE)
    broker.start()
    stack.callback(broker.stop)
    settings = store.settings(folder, CARTS + 1, mqtt, http)
    people = asyncio.run(store.enrol(settings, CARTS + 1))
    carts = [name(number) for number in range(CARTS)]
    asked = store.requests(settings, people, [*carts, store.REAL])
    course = Course(settings, seconds)
    pid = stack.enter_context(store.gateway(settings, folder / "gateway.log"))
    course.serve(OURS, http, pid, write_requests(folder / "ours", asked[:-1]))
    devices = ("tests.bench.devices", str(mqtt), "--connections", "32")
    log = folder / "carts.log"
    course.carts = stack.enter_context(store.process(*devices, store.STORE, str(CARTS + 1), log=log))
    expected = CARTS + 1  # the one above is for the floor alone: it must hear its own replies only
    if not alone:
        stack.enter_context(
            store.process("tests.bench.agent", str(mqtt), str(folder / "agent"), log=folder / "agent.log")
        )
        course.serve(REAL, http, pid, write_requests(folder / "real", asked[-1:]))
        expected += 1
        open_peer(course, folder, stack, mqtt)
    store.wait_for(lambda: store.online(settings) == expected, None, folder / "gateway.log", 180)
    return course


def open_peer(course: Course, folder: Path, stack: ExitStack, mqtt: int) -> None:
    """Node-RED and carts of its own, behind the same broker."""
    program = peer.install()
    if program is None:
        return
    http = free_port()
    stack.enter_context(
        store.process("tests.bench.devices", str(mqtt), "peer", str(PEERS), log=folder / "peer-carts.log")
    )
    pid = stack.enter_context(peer.node_red(program, folder / "node-red", http, mqtt))
    asked = [raw_request(http, "/unlock", f'{{"cart":"{name(number)}","request":"%s"}}') for number in range(PEERS)]
    course.serve("Node-RED", http, pid, write_requests(folder / "peer", asked))


def open_floors(course: Course, folder: Path, stack: ExitStack) -> tuple[Paho, Entries]:
    """FastAPI that does nothing, paho alone, and a table alone."""
    http = free_port()
    reads = open_readonly(journal_path(course.chosen))
    row: Any = reads.execute("SELECT * FROM entries WHERE type='member.registered.v1' LIMIT 1").fetchone()
    reads.close()
    entries = Entries(folder / "bare.db", tuple(row)[1:])
    stack.callback(entries.close)
    paho = Paho(int(course.chosen.gateway.broker.url.rpartition(":")[2]), store.STORE, name(CARTS))
    stack.callback(paho.close)

    def ready() -> bool:
        return store.answers(http, "/openapi.json")

    pid = stack.enter_context(
        store.process("tests.bench.floors", "web", str(http), log=folder / "web.log", ready=ready)
    )
    asked = [raw_request(http, "/nothing", '{"code":"cart-0001.abcdefgh","request":"%s"}')]
    course.serve("FastAPI", http, pid, write_requests(folder / "nothing", asked))
    return paho, entries


def turn(course: Course, floors: tuple[Paho, Entries]) -> None:
    """One round: everybody once, in the same order."""
    paho, entries = floors
    before = unlocked(course.chosen)
    answered = 0
    # The disk's mood changes within seconds: the floor is measured right before and right after what stands on it.
    before_ours = _floor(course, paho, entries)
    answered += course.ask(OURS, 1).requests
    after_ours = _floor(course, paho, entries)
    course.floors.append([statistics.mean(pair) for pair in zip(before_ours, after_ours, strict=True)])
    web_s, paho_s, commit_s = (part * 1e3 for part in course.floors[-1])
    print(f"  floor: FastAPI {web_s:.2f} ms, paho round trip {paho_s:.2f} ms, one commit {commit_s:.2f} ms")
    if "Node-RED" in course.ports:
        course.ask("Node-RED", 1)
    for connections in CONNECTIONS[1:]:
        answered += course.ask(OURS, connections).requests
        if "Node-RED" in course.ports:
            course.ask("Node-RED", connections)
    answered += course.ask(REAL, 1).requests
    store.wait_for(lambda: unlocked(course.chosen) - before >= answered, None, course.files[OURS], 20)
    # Every answer was an unlock of its own: as many are in the journal, and those that wrk did not wait for.
    extra = unlocked(course.chosen) - before - answered
    if extra > 2 * sum(CONNECTIONS):
        raise SystemExit(f"{extra} more unlocks in the journal than answers")


def _floor(course: Course, paho: Paho, entries: Entries) -> tuple[float, float, float]:
    """Median seconds of each part, without our code."""
    web = course.ask("FastAPI", 1).p50
    return (
        web,
        statistics.median(paho.round_trips(course.seconds / 3)),
        statistics.median(entries.singles(course.seconds / 3)),
    )


def unlocked(chosen: Settings) -> int:
    """How many unlocks are on the disk, granted and ended well."""
    return store.count(chosen, "SELECT count(*) FROM grants WHERE state='unlocked'")


def judge(course: Course) -> list[Goal]:
    """The goals of the project."""
    errors = sum(each.errors for (who, _), turns in course.found.items() if who != "FastAPI" for each in turns)
    sums = [web + trip + 2 * commit for web, trip, commit in course.floors]
    web_s, trip_s, commit_s = (statistics.median(part) for part in zip(*course.floors, strict=True))
    ours = [each.p50 for each in course.found[OURS, 1]]
    ratio = statistics.median(mine / floor for mine, floor in zip(ours, sums, strict=True))
    goals = [
        Goal(
            "p50 at 1 connection ≤ 2 × (bare FastAPI + paho round trip + two commits)",
            f"{statistics.median(ours) * 1e3:.2f} ms (p99 {course.median('gateway', 1, 'p99') * 1e3:.2f}); floor"
            f" {web_s * 1e3:.2f} + {trip_s * 1e3:.2f} + 2 × {commit_s * 1e3:.2f}"
            f" = {statistics.median(sums) * 1e3:.2f} ms",
            f"{ratio:.2f}",
            ratio <= 2,
        )
    ]
    goals += [_beside_peer(course, connections) for connections in CONNECTIONS]
    goals.append(Goal("no errors", f"{errors}", "", errors == 0))
    p50 = course.median(REAL, 1, "p50")
    goals.append(
        Goal(
            "p50 at 1 connection, our agent with its ledger on disk and the simulated lock",
            f"{p50 * 1e3:.2f} ms",
            "",
            None,
        )
    )
    return goals


def _beside_peer(course: Course, connections: int) -> Goal:
    ours = course.median(OURS, connections, "rate")
    mine = (
        f"{ours:,.0f}/s (best {max(each.rate for each in course.found['gateway', connections]):,.0f}),"
        f" p50 {course.median('gateway', connections, 'p50') * 1e3:.1f} ms,"
        f" p99 {course.median('gateway', connections, 'p99') * 1e3:.1f} ms,"
        f" {statistics.median(course.cpu['gateway', connections]):,.0f} us CPU"
    )
    target = f"{connections} connection{'s' * (connections > 1)}: unlocks/s beside Node-RED at QoS 0 without a record"
    if "Node-RED" not in course.ports:
        return Goal(target, mine + "; peer skipped", "", None)
    pairs = zip(course.found[OURS, connections], course.found["Node-RED", connections], strict=True)
    ratio = statistics.median(own.rate / other.rate for own, other in pairs)
    theirs = (
        f"Node-RED {course.median('Node-RED', connections, 'rate'):,.0f}/s,"
        f" p50 {course.median('Node-RED', connections, 'p50') * 1e3:.1f} ms,"
        f" {statistics.median(course.cpu['Node-RED', connections]):,.0f} us CPU"
    )
    return Goal(
        target + (" ≥ 1" if connections > 1 else ""),
        f"{mine}; {theirs}",
        f"{ratio:.2f}",
        ratio >= 1 if connections > 1 else None,
    )


def profile(course: Course, output: Path) -> None:
    """Where the gateway's time goes at 64 connections: stacks with their counts, as py-spy writes them.

    The carts' coming back between two turns is in it.
    """
    command = [
        "py-spy",
        "record",
        "-p",
        str(course.pids[OURS]),
        "-f",
        "raw",
        "-r",
        "500",
        "-d",
        "8",
        "-o",
        str(output),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as recorder:
        while recorder.poll() is None:
            course.ask(OURS, 64)


if __name__ == "__main__":
    main()

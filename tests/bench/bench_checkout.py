"""Two hundred shoppers at once: a coupon, a basket, the price held, paid. Beside the same number of durable rows, bare.

    python -m tests.bench.bench_checkout [--quick]

The gateway is `storekeeper run` on Mosquitto; a till takes the money. The floor is the same server that writes one row
for each request and answers once it is on the disk. Both are asked by the same client, in turns. Somebody unlocks carts
one after the other meanwhile, as in the idle store before.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import uvloop

from edge.bus.brokers import mosquitto
from edge.cli.catalogue_desk import Operator
from edge.domain.nouns import NOUNS
from edge.products.importing import import_file
from edge.products.references import store_of
from edge.secrets import tills
from edge.settings.settings import Settings, load
from tests.bench import store
from tests.bench.devices import name
from tests.bench.place import free_port, on_disk
from tests.bench.report import Goal, arguments, percentile, show

SHOPPERS = 200
CARTS = 4096
GOODS = 50
LINES = 3
CAMPAIGN = """
[[campaigns]]
id = "milk-2"
name = {{ zh-CN = "减2元", en = "2 off" }}
claim = true
benefit = {{ kind = "off", amount = 200 }}
when = {{ zones = ["entrance"], min_spend = 1000 }}
budget = {{ uses = 100000000 }}

[[campaigns]]
id = "tenth"
name = {{ zh-CN = "九五折", en = "5 % off" }}
benefit = {{ kind = "percent", percent = 5 }}
when = {{ min_spend = 2000 }}
"""


class Client:
    """One phone: one connection, one answer after the other."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self._port, self._cookie = port, f"Cookie: {cookie}\r\n" if cookie else ""
        self.taken: list[float] = []
        self.errors: list[str] = []

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def post(self, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
        """The answer; what is no success is counted with what it says."""
        content = msgspec.json.encode(body)
        bearer = f"Authorization: Bearer {token}\r\n" if token else ""
        began = time.perf_counter()
        self._writer.write(
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n{bearer or self._cookie}"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n".encode()
            + content
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        answer = await self._reader.readexactly(int(length[1]) if length else 0)
        self.taken.append(time.perf_counter() - began)
        if not head.startswith(b"HTTP/1.1 2"):
            self.errors.append(f"{path}: {answer[:300].decode(errors='replace')}")
            return {}
        return msgspec.json.decode(answer, type=dict[str, Any]) if answer.startswith(b"{") else {}

    def close(self) -> None:
        self._writer.close()


def request() -> str:
    return str(uuid.uuid4())


async def visit(phone: Client, shelf: str, goods: list[str], till: str) -> int:
    """From the coupon to the paid order. Returns how many durable decisions that took at least."""
    await phone.post("/api/v1/coupons/claim", {"code": shelf, "coupon": "milk-2", "request": request()})
    for gtin in goods:
        await phone.post("/api/v1/basket/lines", {"code": gtin, "how": "search", "request": request()})
    await phone.post("/api/v1/basket/hold", {})
    asked = await phone.post("/api/v1/payments", {"port": "counter", "request": request()})
    taken = {"amount": asked.get("amount", 1), "currency": asked.get("currency", "CNY")}
    paid = await phone.post(f"/api/v1/payments/at-till/{asked.get('shows', '0')}/paid", taken, token=till)
    if paid.get("state") != "paid":
        phone.errors.append(f"not paid: {paid}")
    return len(goods) + 4


Pids = dict[str, int]
"""Whose processor's time is looked at, by process."""


class Course:
    """The store that is open, its people, and what was measured."""

    def __init__(self, settings: Settings, cookies: list[str], codes: dict[str, str], floor: int, pids: Pids) -> None:
        """`cookies` are those of whoever unlocks carts, then those of the shoppers, `SHOPPERS` for each round."""
        self.settings, self.cookies, self.codes, self.floor = settings, cookies, codes, floor
        self.pids = pids
        self.till = tills.add(tills.file_of(settings.gateway.data), "till-1")
        self.rates: list[tuple[float, float]] = []
        """Decisions a second of the store, and of the floor."""
        self.visits: list[float] = []
        self.requests: list[float] = []
        self.errors: list[str] = []
        self.unlocks: dict[str, list[float]] = {"idle": [], "busy": []}
        self._cart = self._round = 0
        self.spent: dict[str, list[float]] = {"gateway": [], "floor": [], "client": [], "floor's client": []}
        """Processor's time for one request, of both sides, in microseconds: they share the cores."""

    async def unlock(self, when: str, until: asyncio.Event) -> None:
        """Carts, one after the other."""
        phones: list[Client] = []
        while not until.is_set() and self._cart < CARTS:
            phone = Client(self.settings.gateway.http.port, self.cookies[self._cart])
            await phone.open()
            cart = name(self._cart)
            self._cart += 1
            await phone.post("/api/v1/carts/unlock", {"code": self.codes[cart], "request": request()})
            self.unlocks[when] += phone.taken
            self.errors += phone.errors
            phones.append(phone)
            await asyncio.sleep(0.002)
        for phone in phones:
            phone.close()

    async def idle(self, seconds: float) -> None:
        """Unlocks alone."""
        over = asyncio.Event()
        asyncio.get_running_loop().call_later(seconds, over.set)
        await self.unlock("idle", over)

    async def busy(self, goods: list[str]) -> tuple[float, float]:
        """Everybody shops once, each round others. Returns how many decisions that took, and seconds."""
        first = CARTS + self._round * SHOPPERS
        self._round += 1
        phones = [Client(self.settings.gateway.http.port, cookie) for cookie in self.cookies[first : first + SHOPPERS]]
        await asyncio.gather(*(phone.open() for phone in phones))
        over = asyncio.Event()
        unlocking = asyncio.create_task(self.unlock("busy", over))

        async def one(number: int, phone: Client) -> int:
            mine = [goods[(number * LINES + each) % len(goods)] for each in range(LINES)]
            began = time.perf_counter()
            decided = await visit(phone, self.codes["shelf"], mine, self.till)
            self.visits.append(time.perf_counter() - began)
            return decided

        with self._spending("gateway", "client", SHOPPERS * (LINES + 4)):
            began = time.perf_counter()
            decided = sum(await asyncio.gather(*(one(number, phone) for number, phone in enumerate(phones))))
            took = time.perf_counter() - began
        over.set()
        await unlocking
        for phone in phones:
            self.requests += phone.taken
            self.errors += phone.errors
            phone.close()
        return decided, took

    async def bare(self, decisions: int) -> float:
        """As many rows, asked for by as many at once. Returns seconds."""
        phones = [Client(self.floor) for _ in range(SHOPPERS)]
        await asyncio.gather(*(phone.open() for phone in phones))

        async def one(phone: Client) -> None:
            for _ in range(decisions // SHOPPERS):
                await phone.post("/durable", {"code": "4006381333931", "request": request()})

        with self._spending("floor", "floor's client", decisions):
            began = time.perf_counter()
            await asyncio.gather(*(one(phone) for phone in phones))
            took = time.perf_counter() - began
        for phone in phones:
            self.errors += phone.errors
            phone.close()
        return took

    @contextmanager
    def _spending(self, server: str, client: str, requests: int) -> Iterator[None]:
        """What each side spends. The unlocks meanwhile are in the gateway's and the client's."""
        before, own = store.cpu_seconds(self.pids[server]), time.process_time()
        yield
        self.spent[server].append((store.cpu_seconds(self.pids[server]) - before) / requests * 1e6)
        self.spent[client].append((time.process_time() - own) / requests * 1e6)


def furnish(folder: Path, mqtt: int, http: int) -> tuple[Settings, list[str]]:
    """A store with goods, campaigns and played payments."""
    store.settings(folder, CARTS, mqtt, http)
    config = folder / "config"
    (config / "campaigns").mkdir()
    (config / "campaigns" / "all.toml").write_text(CAMPAIGN.replace("{{", "{").replace("}}", "}"), encoding="utf-8")
    settings = load(config)
    goods = [f"{400638133390 + number}" for number in range(GOODS)]
    goods = [each + str(-sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(each)) % 10) for each in goods]
    lines = [
        {"gtin": gtin, "name_en": f"Good {number}", "name_zh": f"商品{number}", "price": f"{5 + number % 17}.90"}
        for number, gtin in enumerate(goods)
    ]
    file_ = folder / "products.jsonl"
    file_.write_bytes(b"\n".join(map(msgspec.json.encode, lines)))
    operator = Operator(settings, "bench", NOUNS)
    built = import_file(file_, operator.folder, store_of(settings)).built
    if built is None:
        raise SystemExit("the goods of the bench were not taken")
    operator.activate(built.version)
    return settings, goods


async def measure(course: Course, goods: list[str], rounds: int) -> None:
    """Idle, then everybody, then the floor, in turns."""
    for number in range(rounds):
        await course.idle(1.0)
        decided, took = await course.busy(goods)
        bare = await course.bare(int(decided))
        course.rates.append((decided / took, decided / bare))
        print(f"round {number + 1}: {decided / took:,.0f} decisions/s, bare {decided / bare:,.0f}/s", flush=True)


def judge(course: Course) -> list[Goal]:
    """What was promised, and what came of it."""
    ratio = statistics.median(ours / bare for ours, bare in course.rates)
    idle, busy = (percentile(course.unlocks[when], 99) for when in ("idle", "busy"))
    for error in course.errors[:5]:
        print(f"  error: {error}")
    rate = statistics.median(ours for ours, _ in course.rates)
    bare = statistics.median(bare for _, bare in course.rates)
    p50, p99 = (percentile(course.visits, each) for each in (50, 99))
    ours_us, theirs_us, client_us, bare_us = (statistics.median(each) for each in course.spent.values())
    one50, one99 = (percentile(course.requests, each) * 1e3 for each in (50, 99))
    return [
        Goal(f"{SHOPPERS} at once, claim to paid: no error", f"{len(course.errors)}", "", not course.errors),
        Goal("rate ≥ 0.5 × as many bare durable rows", f"{rate:,.0f} of {bare:,.0f}/s", f"{ratio:.2f}", ratio >= 0.5),
        Goal(f"one visit of {LINES + 4} requests", f"p50 {p50:.2f} s, p99 {p99:.2f} s", "", None),
        Goal(
            "processor for one request: the gateway's; the floor's",
            f"{ours_us:,.0f} µs and {client_us:,.0f} of the client; {theirs_us:,.0f} and {bare_us:,.0f}",
            f"{theirs_us / ours_us:.2f}",
            None,
        ),
        Goal("one request of it", f"p50 {one50:.0f} ms, p99 {one99:.0f} ms", "", None),
        Goal(
            "unlock p99 meanwhile ≤ 1.5 × idle",
            f"{busy * 1e3:.1f} of {idle * 1e3:.1f} ms ({len(course.unlocks['busy'])} of them)",
            f"{busy / idle:.2f}",
            busy <= 1.5 * idle,
        ),
    ]


def main() -> None:
    chosen = arguments(__doc__).parse_args()
    with on_disk() as folder, ExitStack() as stack:
        mqtt, http, bare = free_port(), free_port(), free_port()
        broker = mosquitto(mqtt, folder / "broker", None, store=store.STORE)
        broker.start()
        stack.callback(broker.stop)
        settings, goods = furnish(folder, mqtt, http)
        rounds = 2 if chosen.quick else 5
        people = asyncio.run(store.enrol(settings, CARTS + SHOPPERS * rounds))
        cookies, codes = store.passes(settings, people, ["shelf", *map(name, range(CARTS))])
        gateway = stack.enter_context(store.gateway(settings, folder / "gateway.log"))
        stack.enter_context(
            store.process(
                "tests.bench.devices", str(mqtt), "--connections", "32", store.STORE, str(CARTS),
                log=folder / "carts.log",
            )
        )  # fmt: skip
        floor = stack.enter_context(
            store.process(
                "tests.bench.floors", "durable", str(bare), str(folder / "bare.db"), log=folder / "bare.log",
                ready=lambda: store.answers(bare, "/openapi.json"),
            )
        )  # fmt: skip
        store.wait_for(lambda: store.online(settings) == CARTS, None, folder / "gateway.log", 180)
        course = Course(settings, cookies, codes, bare, {"gateway": gateway, "floor": floor})
        uvloop.run(measure(course, goods, rounds))
        goals = judge(course)
    show("Checkout", goals)


if __name__ == "__main__":
    main()

"""What a shopper's visit costs the gateway, request by request: its functions, its statements, its processor, and how
long it waits.

    python -m tests.bench.bench_visit [--quick]

The store of `bench_checkout` in this process, asked by ASGI one request after the other: no client, no socket, and no
other decision in the same commit. Calls and statements are counted, so that they are the same on a busy machine; the
processor's time is that of the loop's thread, the least of three turns; the rest of the time is the commit's, and that
of whatever else the machine does.
"""

from __future__ import annotations

import asyncio
import cProfile
import pstats
import statistics
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import msgspec
import uvloop

from edge.bootstrap.gateway import open_gateway
from edge.bus.brokers import mosquitto
from edge.secrets import tills
from edge.settings.settings import Settings
from edge.web.app import create_apps
from tests.bench import store
from tests.bench.bench_checkout import LINES, furnish, visit
from tests.bench.place import free_port, on_disk
from tests.bench.report import arguments

ROOT: Final = str(Path(__file__).parents[2]) + "/"
KINDS: Final = {
    "/api/v1/coupons/claim": "claim",
    "/api/v1/basket/lines": "a line",
    "/api/v1/basket/hold": "hold",
    "/api/v1/payments": "pay",
}
TURNS: Final = 3
PARTS: Final = ("SQLite", "frameworks", "ours", "Python's own")


class Costs:
    """What was counted of one kind of request."""

    def __init__(self) -> None:
        self.profile = cProfile.Profile()
        self.profiled = 0
        self.cpu: list[float] = []
        self.waited: list[float] = []

    def counted(self) -> tuple[float, float, dict[str, float]]:
        """Calls and statements of one request, and which part of its time each layer has."""
        found: Any = pstats.Stats(self.profile)
        layers = dict.fromkeys(PARTS, 0.0)
        calls = statements = 0
        for (path, _, name), (_, count, own, _, _) in found.stats.items():
            calls += count
            statements += count if "execute" in name and "sqlite3" in name else 0
            layers[_layer(path, name)] += own
        whole = sum(layers.values())
        return calls / self.profiled, statements / self.profiled, {each: own / whole for each, own in layers.items()}


def _layer(path: str, name: str) -> str:
    if "sqlite3" in name:
        return "SQLite"
    if "site-packages" in path or "pydantic" in name or "msgspec" in name:
        return "frameworks"
    return "ours" if path.startswith(ROOT) else "Python's own"


class Inside:
    """A phone within the process."""

    def __init__(self, app: Any, cookie: str, costs: dict[str, Costs], *, profiled: bool) -> None:
        self._app, self._cookie, self._costs, self._profiled = app, cookie, costs, profiled
        self.errors: list[str] = []

    async def post(self, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
        """The answer; counted by the kind of the request."""
        costs = self._costs.setdefault(KINDS.get(path, "paid"), Costs())
        who = (b"authorization", f"Bearer {token}".encode()) if token else (b"cookie", self._cookie.encode())
        scope = _scope(path, [who])
        said: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": msgspec.json.encode(body), "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            said.append(message)

        cpu, wall = time.thread_time(), time.perf_counter()
        if self._profiled:
            costs.profile.enable()
            costs.profiled += 1
        await self._app(scope, receive, send)
        costs.profile.disable()
        if not self._profiled:
            costs.cpu.append(time.thread_time() - cpu)
            costs.waited.append(time.perf_counter() - wall - costs.cpu[-1])
        answer = b"".join(each.get("body", b"") for each in said[1:])
        if said[0]["status"] >= 300:
            self.errors.append(f"{path}: {answer[:300].decode()}")
            return {}
        return msgspec.json.decode(answer, type=dict[str, Any])


def _scope(path: str, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json"), *headers],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {},
    }  # fmt: skip


async def measure(settings: Settings, goods: list[str], cookies: list[str], shelf: str) -> dict[str, Costs]:
    """Everybody shops once: a few to warm up, a few counted, the others in three turns."""
    costs: dict[str, Costs] = {}
    till = tills.add(tills.file_of(settings.gateway.data), "till-1")
    async with open_gateway(settings) as gateway:
        (app,) = create_apps(gateway.parts, apart=False)
        share = len(cookies) // (TURNS + 2)
        for number, cookie in enumerate(cookies):
            phone = Inside(app, cookie, costs if number >= share else {}, profiled=number < 2 * share)
            mine = [goods[(number * LINES + each) % len(goods)] for each in range(LINES)]
            await visit(phone, shelf, mine, till)  # type: ignore[arg-type]
            if phone.errors:
                raise SystemExit(phone.errors[0])
    return costs


def say(costs: dict[str, Costs]) -> None:
    """The table: of each kind, and of a whole visit."""
    print("| request | calls | statements | processor, µs | " + ", ".join(PARTS) + " | waiting, ms |")
    print("|---|---|---|---|---|---|")
    whole = [0.0, 0.0, 0.0]
    for kind, each in costs.items():
        calls, statements, parts = each.counted()
        turn = max(1, len(each.cpu) // TURNS)
        cpu = min(statistics.median(each.cpu[at : at + turn]) for at in range(0, turn * TURNS, turn)) * 1e6
        times = LINES if kind == "a line" else 1
        whole = [before + times * one for before, one in zip(whole, (calls, statements, cpu), strict=True)]
        shares = ", ".join(f"{cpu * share:,.0f}" for share in parts.values())
        wait = statistics.median(each.waited) * 1e3
        print(f"| {kind} | {calls:,.0f} | {statements:.0f} | {cpu:,.0f} | {shares} | {wait:.1f} |")
    print(f"| a visit of {LINES + 4} | {whole[0]:,.0f} | {whole[1]:.0f} | {whole[2]:,.0f} | | |")


def main() -> None:
    chosen = arguments(__doc__).parse_args()
    count = 100 if chosen.quick else 500
    with on_disk() as folder, ExitStack() as stack:
        mqtt = free_port()
        broker = mosquitto(mqtt, folder / "broker", None, store=store.STORE)
        broker.start()
        stack.callback(broker.stop)
        settings, goods = furnish(folder, mqtt, free_port())
        people = asyncio.run(store.enrol(settings, count))
        cookies, codes = store.passes(settings, people, ["shelf"])
        say(uvloop.run(measure(settings, goods, cookies, codes["shelf"])))


if __name__ == "__main__":
    main()

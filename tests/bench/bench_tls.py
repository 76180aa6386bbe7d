"""An unlock over TLS beside one without: pages by https, the gateway's own way to Mosquitto by mqtts, in turns.

    python -m tests.bench.bench_tls [--quick]

Two stores stand all the time, alike but for that. The carts speak in clear with both brokers: what a cart pays
itself is not the box's. Connections stay, as a phone's do within a visit; what one costs that is new is told apart.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import statistics
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from edge.bus.brokers import LOOPBACK, Mosquitto, mosquitto
from edge.settings.settings import Settings, load
from operations.certificates.authority import CERTIFICATE, Authority, Names
from tests.bench import store
from tests.bench.devices import name
from tests.bench.load import Answered, unchecked, write_requests
from tests.bench.load import load as ask
from tests.bench.place import free_port, on_disk
from tests.bench.report import Goal, arguments, show

CARTS: Final = 4096
CONNECTIONS: Final = (1, 16)
NEW: Final = 40
"""Connections that are made anew in a turn."""


class Secured(Mosquitto):
    """Mosquitto with a second listener, by TLS with a certificate of the store's own authority."""

    def __init__(self, port: int, secure: int, folder: Path) -> None:
        super().__init__(port, folder, None, store.STORE)
        self._secure = secure

    def prepare(self) -> list[str]:
        argv = super().prepare()
        with (self.folder / "mosquitto.conf").open("a") as conf:
            conf.write(f"\nlistener {self._secure} {LOOPBACK}\ncertfile {self.folder}/server.pem\n")
            conf.write(f"keyfile {self.folder}/server.key\n")
        return argv


class Side:
    """One of both stores."""

    def __init__(self, folder: Path, stack: ExitStack, *, secure: bool) -> None:
        self.secure, self._http, mqtt = secure, free_port(), free_port()
        self.port = free_port() if secure else self._http
        self.found: dict[int, list[tuple[Answered, float]]] = {number: [] for number in CONNECTIONS}
        """What came of each turn, and the gateway's CPU for an answer, by connections."""
        self.greetings: list[float] = []
        """Seconds of CPU of the gateway for each new connection."""
        through = free_port()
        broker = Secured(mqtt, through, folder / "broker") if secure else mosquitto(mqtt, folder / "broker", None)
        self.settings = store.settings(folder, CARTS, mqtt, self._http)
        if secure:
            self.settings = self._secured(folder, through)
        broker.start()
        stack.callback(broker.stop)
        people = asyncio.run(store.enrol(self.settings, CARTS))
        asked = store.requests(self.settings, people, [name(number) for number in range(CARTS)])
        self._requests = write_requests(folder / "requests", asked)
        self._pid = stack.enter_context(store.gateway(self.settings, folder / "gateway.log"))
        devices = ("tests.bench.devices", str(mqtt), "--connections", "32", store.STORE, str(CARTS))
        self._carts = stack.enter_context(store.process(*devices, log=folder / "carts.log", within=300))
        store.wait_for(lambda: store.online(self.settings) == CARTS, None, folder / "gateway.log", 300)

    def _secured(self, folder: Path, through: int) -> Settings:
        leaf = Authority.make(folder / "ca", store.STORE, Names.of([LOOPBACK]), datetime.now(UTC)).sign(
            "broker", Names.of([LOOPBACK]), datetime.now(UTC)
        )
        (folder / "broker").mkdir()
        (folder / "broker" / "server.pem").write_bytes(leaf.certificate)
        (folder / "broker" / "server.key").write_bytes(leaf.key)
        said = folder / "config" / "gateway.toml"
        text = said.read_text("utf-8").partition("[broker]")[0]
        said.write_text(
            f'{text}[broker]\nkind = "mosquitto"\nurl = "mqtts://{LOOPBACK}:{through}"\n'
            f'authority = "{folder / "ca" / CERTIFICATE}"\n[https]\nhost = "{LOOPBACK}"\nport = {self.port}\n'
            f'certificate = "{folder}/broker/server.pem"\nkey = "{folder}/broker/server.key"\n',
            "utf-8",
        )
        return load(folder / "config")

    def turn(self, connections: int, seconds: float) -> None:
        """One turn of the load; then all carts come home."""
        before = store.cpu_seconds(self._pid)
        answered = ask(self.port, self._requests, connections, seconds, tls=self.secure)
        spent = (store.cpu_seconds(self._pid) - before) / max(1, answered.requests)
        self.found[connections].append((answered, spent))
        print(
            f"  {'tls' if self.secure else 'clear':6} {connections:3} connections: {answered.rate:7,.0f}/s"
            f"   p50 {answered.p50 * 1e3:6.2f} ms   {spent * 1e6:5,.0f} us CPU   errors {answered.errors}",
            flush=True,
        )
        store.bring_back(self.settings, self._carts, self._requests)

    def greet(self) -> None:
        """Phones that arrive: a connection each, one request, and away."""
        before = store.cpu_seconds(self._pid)
        for _ in range(NEW):
            with contextlib.closing(socket.create_connection((LOOPBACK, self.port), 20)) as phone:
                whole = unchecked().wrap_socket(phone) if self.secure else phone
                whole.sendall(f"GET /healthz HTTP/1.1\r\nHost: {LOOPBACK}:{self._http}\r\n\r\n".encode())
                whole.recv(1000)
        time.sleep(0.1)
        self.greetings.append((store.cpu_seconds(self._pid) - before) / NEW)


def judge(clear: Side, tls: Side) -> list[Goal]:
    """Each of one beside the same of the other in the same round."""
    goals = []
    for connections in CONNECTIONS:
        pairs = list(zip(clear.found[connections], tls.found[connections], strict=True))
        errors = sum(one.errors + other.errors for (one, _), (other, _) in pairs)
        for what, of, unit in (
            ("p50", [(a.p50, b.p50) for (a, _), (b, _) in pairs], 1e3),
            ("CPU of the gateway", [(a, b) for (_, a), (_, b) in pairs], 1e6),
        ):
            bare, ours = (statistics.median(side) * unit for side in zip(*of, strict=True))
            goals.append(
                Goal(
                    f"an unlock over TLS, {connections} connections: {what} (no target)",
                    f"{ours:,.2f} {'ms' if unit == 1e3 else 'us'}; in clear {bare:,.2f}; {errors} errors",
                    f"{statistics.median(b / a for a, b in of):.2f}",
                    None,
                )
            )
    bare, ours = (statistics.median(side.greetings) * 1e3 for side in (clear, tls))
    goals.append(
        Goal("CPU of a new connection (no target)", f"{ours:.2f} ms; in clear {bare:.2f}", f"{ours / bare:.1f}", None)
    )
    return goals


def main() -> None:
    chosen = arguments(__doc__).parse_args()
    with on_disk() as folder, ExitStack() as stack:
        clear = Side(folder / "clear", stack, secure=False)
        tls = Side(folder / "tls", stack, secure=True)
        for number in range(3 if chosen.quick else 9):
            print(f"round {number + 1}", flush=True)
            for connections in CONNECTIONS:
                for side in (clear, tls):
                    side.turn(connections, 1.0)
            for side in (clear, tls):
                side.greet()
        show("An unlock over TLS", judge(clear, tls))


if __name__ == "__main__":
    main()

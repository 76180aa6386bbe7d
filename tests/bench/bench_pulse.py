"""From a shopper's request to the pulse on the wire of a lock board: over HTTP, the journal, the broker and the driver.

    python -m tests.bench.bench_pulse [--quick]

The gateway is `storekeeper run` on Mosquitto; the driver is `locks.kerong_dock` in `storekeeper devices run`, which
asks four boards on the same line all the time; the boards are `tests.bench.board`, an emulator that holds every byte to
19,200 baud. 200 carts of `tests.bench.devices` chatter meanwhile. The floor is the same frame written straight to a pty
of that emulator; the disk's part, the grant's flush and the driver's note, is measured beside it as bare commits.
"""

from __future__ import annotations

import asyncio
import random
import re
import socket
import statistics
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Self

import serialx

from device_drivers.locks.kerong_frames import Dialect, KerongBoard
from edge.bootstrap.journal import journal_path
from edge.bus.brokers import mosquitto
from edge.journal.transaction import open_readonly
from edge.settings.settings import Settings, load
from tests.bench import store
from tests.bench.floors import Entries
from tests.bench.place import free_port, on_disk
from tests.bench.report import Goal, arguments, percentile, show

CHATTERING = 200
BEAT_S = 2.0
"""Each of them says how it is every so many seconds."""
DOCKS = tuple(f"dock-{number:02}" for number in range(16))
BOARDS = 4
"""On one line; the docks are spread over them."""
BEYOND_S = 0.030
"""What is promised for p99, beyond the frame's own time."""
DEVICE = """
[[devices]]
id = "{id}"
kind = "cart"
driver = "locks.kerong_dock"
zone = "entrance"
label = {{ zh-CN = "{id}", en = "{id}" }}
at = [1.0, 1.0]
settings = {{ url = "{url}", dialect = "cu48", lock = "{lock}", closed_bit = 1 }}
"""


class Pulses:
    """What the emulator wrote down."""

    def __init__(self, path: Path) -> None:
        self._file = path.open(encoding="ascii")

    def next(self, *place: int) -> float:
        """When the next pulse was whole; raises `SystemExit` where it is not at this line, board and lock."""
        deadline = time.monotonic() + 5
        while not (text := self._file.readline()).endswith("\n"):
            if time.monotonic() > deadline or text:
                raise SystemExit(f"no pulse at {place}: {text!r}")
            time.sleep(0.002)
        *found, at = text.split()
        if tuple(map(int, found)) != place:
            raise SystemExit(f"a pulse at {found}, asked for was one at {place}")
        return float(at)

    def none_left(self) -> bool:
        """Whether there were no more pulses than unlocks."""
        return not self._file.readline()


class Phone:
    """A connection that is kept, as a browser keeps it."""

    def __init__(self, port: int, requests: list[str]) -> None:
        self._requests = [request.replace("\\r\\n", "\r\n") for request in requests]
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._count = 0

    def unlock(self, number: int) -> tuple[float, float]:
        """When the request went out, and when the answer was there. Raises `SystemExit` for any but 200."""
        self._count += 1
        request = self._requests[number].replace("%s", f"00000000-0000-7000-8000-{self._count:012x}").encode()
        asked = time.monotonic()
        self._socket.sendall(request)
        answer = b""
        while (end := _end(answer)) is None or len(answer) < end:
            answer += self._socket.recv(65536)
        if not answer.startswith(b"HTTP/1.1 200"):
            raise SystemExit(answer.decode(errors="replace"))
        return asked, time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def _end(answer: bytes) -> int | None:
    head, found, _ = answer.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    return len(head) + 4 + int(length[1]) if found and length else None


class Round:
    """What one round found, in seconds."""

    def __init__(self) -> None:
        self.bare: list[float] = []
        self.commit: list[float] = []
        self.pulse: list[float] = []
        self.answer: list[float] = []

    def beyond(self, percent: float) -> float:
        """How much later than the frame's own time a pulse is whole."""
        return percentile(self.pulse, percent) - statistics.median(self.bare)


def main() -> None:
    quick = arguments(__doc__).parse_args().quick
    rounds, unlocks = (2, 40) if quick else (7, 120)
    with on_disk() as folder, ExitStack() as stack:
        log = folder / "pulses"
        log.touch()
        board = folder / "board.log"
        emulator = ("tests.bench.board", str(folder / "ptys"), str(log), "2", str(BOARDS))
        stack.enter_context(store.process(*emulator, log=board))
        urls = board.read_text(encoding="utf-8").split()[:2]
        settings, phone = open_store(folder, stack, urls[0])
        pulses = Pulses(log)
        bare = stack.enter_context(closing(Bare(urls[1], pulses)))
        entries = open_entries(settings, folder)
        stack.callback(entries.close)
        found = [measure(settings, phone, pulses, bare, entries, number, unlocks) for number in range(rounds)]
        errors = 0 if pulses.none_left() else 1
        unlocked = store.count(settings, "SELECT count(*) FROM grants WHERE state='unlocked'")
    if unlocked != rounds * unlocks:
        raise SystemExit(f"{unlocked} unlocks in the journal, {rounds * unlocks} were answered")
    show("Pulse", judge(found, errors))


class Bare:
    """The floor: the pulse's frame, written to a port as it is."""

    def __init__(self, url: str, pulses: Pulses) -> None:
        path = url.removeprefix("serial://").partition("?")[0]
        self._port = serialx.serial_for_url(path, baudrate=19200)
        self._port.open()
        self._pulses = pulses
        self._frame = KerongBoard(Dialect.CU48, 0).lock(1).pulse()

    def pulse(self) -> float:
        """Seconds from the write to the last byte at the other end."""
        began = time.monotonic()
        self._port.write(self._frame)
        return self._pulses.next(1, 0, 0) - began

    def close(self) -> None:
        """Give the port back."""
        self._port.close()


def open_store(folder: Path, stack: ExitStack, url: str) -> tuple[Settings, Phone]:
    """Broker, gateway, drivers and the chattering carts; the phone of somebody who unlocks."""
    mqtt, http = free_port(), free_port()
    broker = mosquitto(mqtt, folder / "broker", None, store=store.STORE)
    broker.start()
    stack.callback(broker.stop)
    store.settings(folder, CHATTERING, mqtt, http)
    devices = folder / "config" / "devices.toml"
    with devices.open("a", encoding="utf-8") as file:
        file.writelines(
            DEVICE.format(id=dock, url=url, lock=f"{number % BOARDS}/{number // BOARDS + 1}")
            for number, dock in enumerate(DOCKS)
        )
    settings = load(folder / "config")
    people = asyncio.run(store.enrol(settings, len(DOCKS)))
    asked = store.requests(settings, people, DOCKS)
    stack.enter_context(store.gateway(settings, folder / "gateway.log"))
    chatter = ["tests.bench.devices", str(mqtt), store.STORE, str(CHATTERING), "--connections", str(CHATTERING)]
    stack.enter_context(store.process(*chatter, "--heartbeat", str(BEAT_S), log=folder / "carts.log"))
    run = ["edge.cli", "devices", "run", *DOCKS, "--config", str(folder / "config")]

    def docked() -> bool:
        seen = "SELECT count(*) FROM carts WHERE lock='locked' AND docked"
        return store.count(settings, seen) == CHATTERING + len(DOCKS)

    stack.enter_context(store.process(*run, log=folder / "drivers.log", ready=docked))
    return settings, stack.enter_context(Phone(http, asked))


def open_entries(settings: Settings, folder: Path) -> Entries:
    """A table alone, in a file beside the journal."""
    with closing(open_readonly(journal_path(settings))) as reads:
        row = reads.execute("SELECT * FROM entries WHERE type='member.registered.v1' LIMIT 1").fetchone()
    return Entries(folder / "bare.db", tuple(row)[1:])


def wait_home(settings: Settings, dock: str) -> None:
    """Until the store knows that the cart of the unlock before is back and its hook is shut."""
    home = f"SELECT count(*) FROM carts WHERE cart='{dock}' AND state='docked' AND lock='locked' AND docked"
    store.wait_for(lambda: store.count(settings, home) == 1, None, journal_path(settings), 10)


def measure(
    settings: Settings, phone: Phone, pulses: Pulses, bare: Bare, entries: Entries, number: int, unlocks: int
) -> Round:
    """One round: an unlock at a time, whatever the driver is asking then; a bare frame beside each fourth."""
    found, chance = Round(), random.Random(number)
    for count in range(unlocks):
        dock = count % len(DOCKS)
        wait_home(settings, DOCKS[dock])
        asked, answered = phone.unlock(dock)
        found.pulse.append(pulses.next(0, dock % BOARDS, dock // BOARDS) - asked)
        found.answer.append(answered - asked)
        if count % 4 == 0:
            found.bare.append(bare.pulse())
            found.commit += entries.singles(0.0001)
        time.sleep(chance.uniform(0.0, 0.1))
    p50, beyond = percentile(found.pulse, 50), [found.beyond(percent) * 1e3 for percent in (50, 99, 100)]
    print(
        f"  round {number + 1}: pulse p50 {p50 * 1e3:5.1f} ms; beyond the frame p50 {beyond[0]:5.1f},"
        f" p99 {beyond[1]:5.1f}, worst {beyond[2]:5.1f} ms; bare frame {statistics.median(found.bare) * 1e3:.2f} ms;"
        f" bare commit p50 {percentile(found.commit, 50) * 1e3:.1f}, worst {max(found.commit) * 1e3:.1f} ms;"
        f" answer p50 {percentile(found.answer, 50) * 1e3:.0f} ms",
        flush=True,
    )
    return found


def judge(found: list[Round], errors: int) -> list[Goal]:
    """The goal of the project, and how far from the frame's own time it is."""
    bare = statistics.median(statistics.median(each.bare) for each in found)
    p50, p99 = (statistics.median(percentile(each.pulse, percent) for each in found) for percent in (50, 99))
    beyond = statistics.median(each.beyond(99) for each in found)
    best = min(each.beyond(99) for each in found)
    commits = [percentile([took for each in found for took in each.commit], percent) * 1e3 for percent in (50, 99)]
    count = sum(len(each.pulse) for each in found)
    ratio50, ratio99 = (
        statistics.median(percentile(each.pulse, percent) / statistics.median(each.bare) for each in found)
        for percent in (50, 99)
    )
    return [
        Goal(
            f"unlock to pulse: p99 ≤ 30 ms beyond the frame's own time, {CHATTERING} other devices chattering",
            f"{beyond * 1e3:.1f} ms beyond (best round {best * 1e3:.1f}); whole {p99 * 1e3:.1f} ms,"
            f" bare frame {bare * 1e3:.2f} ms",
            f"{ratio99:.1f} × the bare frame",
            beyond <= BEYOND_S,
        ),
        Goal("p50 (no target)", f"{p50 * 1e3:.1f} ms", f"{ratio50:.1f} × the bare frame", None),
        Goal("a bare commit, of which it holds two", f"p50 {commits[0]:.1f}, p99 {commits[1]:.1f} ms", "", None),
        Goal("one pulse for each unlock", f"{count} unlocks, {errors} pulses too many", "", errors == 0),
    ]


if __name__ == "__main__":
    main()

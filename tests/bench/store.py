"""A store for the benches: its settings, members with their cookies, and its gateway as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from edge.bootstrap.journal import journal_path
from edge.domain.members import decisions as members
from edge.domain.members.facts import Consents
from edge.domain.members.rules import Browser
from edge.domain.nouns import NOUNS
from edge.domain.touchpoints import queries as touchpoint_queries
from edge.domain.touchpoints.codes import Codes
from edge.gateway.configure import take_over
from edge.gateway.sessions import Sessions as LiveSessions
from edge.journal.journal import Journal
from edge.journal.transaction import Reader, open_readonly
from edge.secrets.vault import Vault
from edge.settings.bounds import wide
from edge.settings.settings import Settings, load
from edge.web.cookies import MEMBER, Cookies
from tests.bench.devices import name
from tests.bench.load import raw_request

STORE = "s001"
REAL = "cart-real"
"""A cart that stands beside the others, for our own agent."""


def settings(folder: Path, carts: int, mqtt: int, http: int) -> Settings:
    """A store of one zone with so many carts and one coupon; written to `<folder>/config` and read as always."""
    config = folder / "config"
    config.mkdir(parents=True, exist_ok=True)
    both = '{{ zh-CN = "{0}", en = "{0}" }}'
    (config / "store.toml").write_text(
        f'[store]\nid = "{STORE}"\nname = {both.format("Bench")}\n'
        f'[[zones]]\nid = "entrance"\nname = {both.format("Entrance")}\nplan = [0, 0, 10, 10]\n'
        f'[[touchpoints]]\nid = "shelf"\npurpose = "shelf"\nzone = "entrance"\nat = [1.0, 2.0]\n'
        f"label = {both.format('Shelf')}\n"
        f'[[coupons]]\nid = "milk"\nzone = "entrance"\ntitle = {both.format("Milk")}\nsubtitle = {both.format("1 l")}\n'
        "price = 1290\nwas = 1980\nstock = 100000000\n" + wide(),
        encoding="utf-8",
    )
    devices = [
        f'[[devices]]\nid = "{cart}"\nkind = "cart"\ndriver = "locks.simulated_cart"\nzone = "entrance"\n'
        f"label = {both.format(cart)}\nat = [1.0, 1.0]\n"
        for cart in (*map(name, range(carts)), REAL)
    ]
    (config / "devices.toml").write_text("\n".join(devices), encoding="utf-8")
    (config / "gateway.toml").write_text(
        f'data = "{folder / "data"}"\npublic_url = "http://127.0.0.1:{http}"\n'
        f'[http]\nhost = "127.0.0.1"\nport = {http}\n[broker]\nkind = "mosquitto"\nurl = "mqtt://127.0.0.1:{mqtt}"\n',
        encoding="utf-8",
    )
    return load(config)


def vault(chosen: Settings) -> Vault:
    """The store's keys; made on first use."""
    return Vault.open(chosen.gateway.data / "secrets" / "store.key")


async def enrol(chosen: Settings, count: int) -> list[str]:
    """The sessions of so many members, each registered by a decision as every shopper is. The gateway must not run."""
    journal, keys = Journal(journal_path(chosen), NOUNS), vault(chosen)
    await journal.write(take_over, chosen, NOUNS)
    made = await asyncio.gather(
        *[
            journal.write(
                members.make_member,
                sealed=keys.seal(f"+86138{number:08}"),
                consents=Consents(service=True, marketing=False),
                language="zh-CN",
                touchpoint=name(0),
                request=f"enrol-{number}",
                browser=Browser(f"browser-{number}", f"session-{number}"),
            )
            for number in range(count)
        ]
    )
    journal.close()
    return [registration.session for registration in made]


def passes(chosen: Settings, people: Sequence[str], touchpoints: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The cookie of each session, and what stands on the sticker of each touchpoint."""
    keys = vault(chosen)
    reads = Reader(journal_path(chosen))
    cookies = Cookies(keys.derive("web sessions"), LiveSessions(reads, 90))
    codes = Codes(keys.derive("codes"), STORE, lambda place: touchpoint_queries.touchpoint(reads, place))
    found = [f"{MEMBER}={cookies.signed(session)}" for session in people], {it: codes.static(it) for it in touchpoints}
    reads.close()
    return found


def requests(chosen: Settings, people: Sequence[str], carts: Sequence[str]) -> list[str]:
    """The member of each session asks for a cart of his own: what a phone sends that has scanned its code."""
    cookies, codes = passes(chosen, people, carts)
    return [
        raw_request(
            chosen.gateway.http.port,
            "/api/v1/carts/unlock",
            f'{{"code":"{codes[cart]}","request":"%s"}}',
            cookie,
        )
        for cookie, cart in zip(cookies, carts, strict=True)
    ]


@contextmanager
def process(*command: str, log: Path, ready: Callable[[], bool] | None = None, within: float = 60) -> Iterator[int]:
    """A Python module as a process of its own, from when it is ready until the end of the block. Gives its pid."""
    with log.open("ab") as output:
        running = subprocess.Popen([sys.executable, "-m", *command], stdout=output, stderr=output)
    try:
        wait_for(ready or (lambda: "ready" in log.read_text(errors="replace")), running, log, within)
        yield running.pid
    finally:
        running.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(20)
        if running.poll() is None:
            running.kill()
            running.wait()


def gateway(chosen: Settings, log: Path, within: float = 60) -> contextlib.AbstractContextManager[int]:
    """`storekeeper run`, until it is ready for shoppers."""
    config = str(log.parent / "config")
    port = chosen.gateway.http.port
    return process(
        "edge.cli", "run", "--config", config, log=log, ready=lambda: answers(port, "/readyz"), within=within
    )


def answers(port: int, path: str) -> bool:
    """Whether a GET is answered with 2xx."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
            return bool(200 <= answer.status < 300)
    except OSError:
        return False


def wait_for(done: Callable[[], bool], running: subprocess.Popen[bytes] | None, log: Path, within: float) -> None:
    """Raises `SystemExit` with the process's last words when it ends or is not ready in time."""
    deadline = time.monotonic() + within
    while not done():
        if time.monotonic() > deadline or (running is not None and running.poll() is not None):
            raise SystemExit(f"not ready: {log.name}: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.02)


def count(chosen: Settings, sql: str) -> int:
    """The one number that a query to the store's tables gives."""
    reads = open_readonly(journal_path(chosen))
    try:
        return int(reads.execute(sql).fetchone()[0])
    finally:
        reads.close()


def online(chosen: Settings) -> int:
    """How many carts the gateway knows to be connected."""
    return count(chosen, "SELECT count(*) FROM devices WHERE online=1")


_HOME: Final = ("state<>'docked' AND left_dock=0", "state<>'docked'", "docked=1")
"""Carts for which the gateway does not know yet, after each step of `devices.HOMEWARD`."""


def bring_back(chosen: Settings, devices: int, log: Path) -> None:
    """Every cart of that process is pulled out, and back in its dock: each can be unlocked anew.

    A second unlock of a cart that its member has is the first, for some seconds, and costs next to nothing.
    """
    carts = f"SELECT count(*) FROM carts WHERE cart<>'{REAL}' AND "
    time.sleep(0.5)  # what the load left on its way is granted by then: a cart granted later would miss a step
    wait_for(lambda: count(chosen, f"{carts} state='granted'") == 0, None, log, 120)
    for left in _HOME:
        os.kill(devices, signal.SIGUSR1)
        wait_for(lambda left=left: count(chosen, carts + left) == 0, None, log, 120)  # type: ignore[misc]


def cpu_seconds(pid: int) -> float:
    """CPU time of a process so far, all its threads: to the nanosecond, where `stat` counts hundredths of a second."""
    total = 0
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError):  # a thread that has ended meanwhile
            total += int(task.read_text(encoding="ascii").split()[0])
    return total / 1e9


def memory(pid: int) -> dict[str, float]:
    """Resident and proportional memory of a process in MB (10^6 bytes)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    sizes = {line.partition(":")[0]: int(line.split()[1]) * 1024 / 1e6 for line in lines if line.endswith("kB")}
    return {"rss": sizes["Rss"], "pss": sizes["Pss"]}

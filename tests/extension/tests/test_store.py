"""The noun in a whole store: journal, broker, device, API, page, what staff need, figures."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import time
import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import requests
import uvicorn
from umbrella_stand import queries
from umbrella_stand.noun import NOUN

from device_drivers.host import DeviceEntry, Host, Links, entries
from edge.bootstrap.gateway import open_gateway
from edge.bootstrap.journal import journal_path
from edge.bus import brokers
from edge.domain.nouns import NOUNS
from edge.journal import Projections
from edge.journal.journal import Journal
from edge.journal.verify import verify
from edge.web.app import create_apps
from edge.web.server.listeners import configured

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from edge.gateway.gateway import Gateway
    from edge.settings.settings import Settings


class Store:
    """An open store, and one shopper's phone."""

    def __init__(self, gateway: Gateway, base: str, host: Host) -> None:
        self.gateway = gateway
        self.stand: Any = host.agents["stand-1"]._driver
        self._base = base
        self._phone = requests.Session()

    async def ask(self, method: str, path: str, language: str = "en", **more: Any) -> requests.Response:
        headers = {"Accept-Language": language, "Accept": "text/html, application/json"}
        return await asyncio.to_thread(
            self._phone.request, method, self._base + path, headers=headers, timeout=60, **more
        )

    @property
    def code(self) -> str:
        return self.gateway.lookup.codes.static("stand-1")

    def stage(self, grant: str) -> str:
        progress = self.gateway.devices.outcomes.progress(grant)
        return progress.stage if progress else ""

    async def register(self) -> None:
        body = {"code": self.code, "phone": "13800138000", "consents": {"service": True}, "request": str(uuid.uuid4())}
        (await self.ask("POST", "/api/v1/members", json=body)).raise_for_status()

    async def lend(self) -> requests.Response:
        body = {"code": self.code, "request": str(uuid.uuid4())}
        return await self.ask("POST", "/api/v1/umbrellas/lend", json=body)


async def until(condition: Callable[[], Any], patience: float = 60.0) -> Any:
    """What the condition gives as soon as it is true."""
    deadline = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < deadline, "still not so"
        await asyncio.sleep(0.02)
    return found


def free_port() -> int:
    """Below those that outgoing connections take, which may take one before its owner does."""
    for port in random.SystemRandom().sample(range(14_000, 20_000), 100):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("there is always another one")


@asynccontextmanager
async def opened(settings: Settings, config: Path, tmp_path: Path) -> AsyncIterator[Store]:
    listener = socket.create_server(("127.0.0.1", 0))
    port = free_port()
    broker = brokers.embedded(port, tmp_path / "broker")
    broker.prepare()
    await asyncio.to_thread(broker.start)
    box = settings.gateway
    changed = {"data": tmp_path / "data", "broker": box.broker.model_copy(update={"url": broker.url}), "demo": True}
    settings = settings.model_copy(update={"gateway": box.model_copy(update=changed)})
    host = Host(Links("127.0.0.1", port, settings.store.id), tmp_path / "data", settings.extensions.drivers)
    try:
        async with open_gateway(settings) as gateway:
            (app,) = create_apps(gateway.parts, apart=False)
            server = uvicorn.Server(configured(app))
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            devices = entries(config / "devices.toml")
            host.start(
                [each for each in devices if isinstance(each, DeviceEntry) and each.id in ("stand-1", "screen-fresh")]
            )
            assert host.failures == {}
            await until(lambda: queries.stands(gateway.reads))
            yield Store(gateway, f"http://127.0.0.1:{listener.getsockname()[1]}", host)
            server.should_exit = True
            await serving
    finally:
        await asyncio.to_thread(host.stop)
        broker.stop()


async def test_an_umbrella_is_lent_shown_and_comes_back(settings: Settings, config: Path, tmp_path: Path) -> None:
    async with opened(settings, config, tmp_path) as store:
        gateway = store.gateway
        assert (await store.ask("GET", "/api/v1/umbrellas")).json() == [{"stand": "stand-1", "free": 2}]
        # A stranger is told to register, on the page as in the API.
        assert (await store.lend()).json()["code"] == "not_registered"
        assert "2 umbrellas left" in (await store.ask("GET", f"/t/{store.code}")).text
        await store.register()
        lent = await store.lend()
        assert lent.status_code == 200, lent.text
        grant = lent.json()["grant"]
        await until(lambda: store.stage(grant) == "unlocked")
        # One at a time, and the sentence for it is the extension's own.
        second = (await store.lend()).json()
        assert (second["code"], second["status"]) == ("umbrellas.have_one", 409)
        assert second["detail"] == "You have umbrella 1 already. Please bring it back first."
        assert "Umbrella 1 is yours" in (await store.ask("GET", f"/t/{store.code}")).text
        figures = (await store.ask("GET", "/metrics")).text
        assert 'storekeeper_umbrellas{where="out"} 1.0' in figures
        # The screen was told.
        assert [each for each in gateway.journal.after(0, 10_000) if each.type == "umbrella.shown.v1"]
        # Too late: staff hear of it, in words of ours.
        (need,) = queries.needs(gateway.reads, time.time_ns() // 1_000_000 + 3 * 3_600_000)
        assert need.kind == "umbrella_overdue"
        await asyncio.to_thread(store.stand.put_back, "1")
        await until(lambda: store.stage(grant) == "back")
        assert (await store.ask("GET", "/api/v1/umbrellas")).json() == [{"stand": "stand-1", "free": 2}]
        # With the form, as a phone without a script sends it; in the third language there is.
        form = {"do": "umbrella", "request": str(uuid.uuid4())}
        taken = await store.ask("POST", f"/t/{store.code}", language="zh-CN", data=form)
        assert "1 号伞归您使用" in taken.text
        path = journal_path(gateway.settings)
    assert verify(path, Projections((*NOUNS, NOUN))).faults == ()


async def test_without_the_extension_the_store_opens_and_keeps_its_facts(
    settings: Settings, config: Path, tmp_path: Path
) -> None:
    async with opened(settings, config, tmp_path) as store:
        await store.register()
        await store.lend()
        path = journal_path(store.gateway.settings)
        facts = [each.type for each in store.gateway.journal.after(0, 10_000)]
    assert "umbrella.lent.v1" in facts
    for nouns in (NOUNS, (*NOUNS, NOUN)):
        journal = Journal(path, nouns)
        kept = [each.type for each in journal.after(0, 10_000)]
        journal.close()
        assert kept[: len(facts)] == facts
        assert verify(path, Projections(nouns)).faults == ()

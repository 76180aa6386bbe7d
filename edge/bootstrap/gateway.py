"""Opens a gateway with its pages, and runs it until a signal ends it."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import structlog
import uvloop

from edge.bootstrap.damaged import say_so
from edge.bootstrap.journal import journal_path
from edge.bootstrap.nouns import nouns_of
from edge.bootstrap.opening import Startup
from edge.domain import callers
from edge.domain.box import decisions as box
from edge.domain.needs import Need
from edge.domain.noun import Noun
from edge.domain.store.decisions import clock_set
from edge.errors import JournalDamaged, JournalError
from edge.gateway import effects, ingest, replaced, service_manager
from edge.gateway.clock_watch import ClockWatch, vouched
from edge.gateway.gateway import Gateway
from edge.gateway.leasing import Leasing
from edge.gateway.phone_certificate import PhoneCertificate
from edge.gateway.supervision import supervised
from edge.journal.journal import Journal
from edge.journal.steady_clock import SteadyClock, newest_entry
from edge.secrets import store_key
from edge.secrets.vault import Vault
from edge.settings.own_address import own_address
from edge.settings.settings import GatewaySettings, Settings
from edge.web.server.listeners import Listeners
from operations.floor.workshop import Workshop
from operations.retention.pruning import Pruning
from operations.retention.recovery import SoundnessWatch, doubt, recover
from operations.retention.repair import Fetch
from operations.retention.soundness import is_spoilt
from operations.retention.watch import DiskWatch

log = structlog.get_logger(__name__)

BROKEN_EXIT = 70
"""EX_SOFTWARE: the disk is not to be trusted; the service manager starts the gateway again, which recovers."""

JOURNAL_S: Final = 5
"""How long the last facts may take to the disk."""
CHECK_AFTER_S: Final = 3
"""When the devices' settings are checked by their drivers: once shoppers are served."""
GRACE_S: Final = 2
"""How long answers that are under way may take when the gateway stops."""
YOUNG_OBJECTS: Final = 10_000
"""How many more objects there are before garbage is looked for. With the usual 700 that was a tenth of an unlock."""

SWITCH_S: Final = 0.0005
"""How long the thread of the flush waits at most for the interpreter, in seconds: a price or a page that is being made
gave way to it after the usual 5 ms, and an unlock waits for two flushes."""


def longest_stop_s(unlock_ttl_ms: int) -> float:
    """How long a stop takes at most: what is under way ends, and its end is recorded. The service unit waits longer."""
    return GRACE_S + effects.longest_stop_s(unlock_ttl_ms) + ingest.STOP_S + JOURNAL_S


@asynccontextmanager
async def open_gateway(
    settings: Settings,
    *,
    new_key: bool = False,
    needs: Sequence[Need] = (),
    workshop: Workshop | None = None,
    fetch: Fetch | None = None,
    good: Callable[[], None] = lambda: None,
) -> AsyncIterator[Gateway]:
    """A gateway that runs; stopped and closed in the end. Raises `KeyLost`, unless `new_key` allows another key.

    `needs` are what staff must see of this start, `workshop` is what its setup page asks of the box; `fetch` asks the
    cloud for facts that cannot be read here any more; `good` takes note that the settings have proven good. Raises
    `JournalDamaged` where that is of no help.
    """
    callers.check()
    nouns = nouns_of(settings)
    path, status = journal_path(settings), settings.gateway.sync_status
    await asyncio.to_thread(recover, path, status, nouns.all, fetch)
    clock = SteadyClock(newest_entry(path))
    journal = await _open_journal(settings, nouns.all, clock, fetch)
    vault = await _vault_of(journal, settings, new_key=new_key)
    disk, sound = DiskWatch(journal), SoundnessWatch(journal, status, fetch)

    def more_needs(now: int) -> list[Need]:
        return [*nouns.needs(now), *disk.needs(now), *sound.needs(now), *replaced.needs(status), *needs]

    figures = lambda: [*disk.metrics(), *sound.metrics()]  # noqa: E731 - asked at each scrape
    gateway = Gateway(settings, journal, vault, nouns.all, more_needs, figures, workshop, good)
    watches = [
        supervised(ClockWatch(journal, clock, lambda: vouched(status)).run, "clock"),
        supervised(disk.run, "disk"),
        supervised(sound.run, "soundness"),
        supervised(Pruning(journal, status, settings.store.zone, lambda: disk.level).run, "pruning"),
    ]
    # It hears of the gateway for as long as the storage answers, to the end of its stop.
    watchdog = asyncio.create_task(service_manager.run_watchdog(lambda: journal.pulse.answers))
    try:
        await gateway.start()
        yield gateway
    finally:
        await gateway.stop()
        for watch in watches:
            watch.cancel()
        watchdog.cancel()
        journal.close()
        if journal.pulse.broken.is_set():
            doubt(path, "a write ended in an unknown way")


async def _open_journal(settings: Settings, nouns: Sequence[Noun], clock: SteadyClock, fetch: Fetch | None) -> Journal:
    """The journal, made whole first where opening shows that it is damaged."""
    path = journal_path(settings)
    try:
        return Journal(path, nouns, clock=clock, followed=clock_set)
    except JournalError as error:
        if not is_spoilt(error):
            raise
        doubt(path, str(error))
    await asyncio.to_thread(recover, path, settings.gateway.sync_status, nouns, fetch)
    return Journal(path, nouns, clock=clock, followed=clock_set)


async def _vault_of(journal: Journal, settings: Settings, *, new_key: bool) -> Vault:
    """Whoever has no key has no journal either: it is closed again."""
    try:
        return Vault(await store_key.take(journal, settings.gateway.data, new_key=new_key))
    except BaseException:
        journal.close()
        raise


DeviceCheck = Callable[[], Mapping[str, Sequence[str]]]
"""What is wrong in the settings of devices, by device. Blocks: it asks a process that may import drivers."""


def run(
    settings: Settings,
    *,
    new_key: bool = False,
    check: DeviceCheck | None = None,
    opening: Startup | None = None,
    fetch: Fetch | None = None,
) -> int:
    """Run the gateway and its pages until a signal ends it. Returns the exit code. Raises `KeyLost`.

    What `check` finds of the devices' settings is logged and told staff, and keeps nobody from working.
    """
    started = opening or Startup()
    try:
        return uvloop.run(_serve(with_public_url(settings), new_key=new_key, check=check, opening=started, fetch=fetch))
    except JournalDamaged as error:
        return uvloop.run(say_so(settings, error, fetch, BROKEN_EXIT))
    except JournalError as error:
        log.critical("gateway.stopped", error=str(error))
        return BROKEN_EXIT


async def _serve(
    settings: Settings, *, new_key: bool, check: DeviceCheck | None, opening: Startup, fetch: Fetch | None
) -> int:
    async with open_gateway(
        settings,
        new_key=new_key,
        needs=opening.needs,
        workshop=opening.workshop,
        fetch=fetch,
        good=opening.opened,
    ) as gateway:
        listeners = Listeners(gateway.parts, GRACE_S)
        # What was loaded stays: looking through it for garbage again and again held every shopper up for 80 ms.
        gc.collect()
        gc.freeze()
        # What each device leaves is looked through as well, and hardly anything here is garbage that counting misses.
        gc.set_threshold(YOUNG_OBJECTS)
        sys.setswitchinterval(SWITCH_S)
        _leave_on_signals(listeners)
        tasks = [
            asyncio.create_task(_stop_when_broken(gateway, listeners)),
            asyncio.create_task(_tell_open(gateway, listeners, opening)),
            *([asyncio.create_task(_check_devices(gateway, check))] if check else []),
            *([asyncio.create_task(Leasing(gateway.journal, opening.ask).run())] if opening.ask else []),
        ]
        await listeners.serve()
        service_manager.notify("STOPPING=1")
        for task in tasks:
            task.cancel()
        return BROKEN_EXIT if gateway.journal.pulse.broken.is_set() else 0


def _leave_on_signals(listeners: Listeners) -> None:
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, listeners.stop)


async def _tell_open(gateway: Gateway, listeners: Listeners, opening: Startup) -> None:
    while not listeners.started:  # noqa: ASYNC110 - uvicorn tells nobody
        await asyncio.sleep(0.05)
    service_manager.notify("READY=1")
    await asyncio.to_thread(opening.opened)
    for fact in opening.facts:
        await gateway.decide(box.record, fact)


async def _check_devices(gateway: Gateway, check: DeviceCheck) -> None:
    await asyncio.sleep(CHECK_AFTER_S)
    found = await asyncio.to_thread(check)
    for device, mistakes in found.items():
        log.error("device.settings_wrong", device=device, mistakes=list(mistakes))
    gateway.devices.mistakes.misset(found)


async def _stop_when_broken(gateway: Gateway, listeners: Listeners) -> None:
    await gateway.journal.pulse.broken.wait()
    listeners.stop()


def with_public_url(settings: Settings) -> Settings:
    """Settings whose public address is known: the configured one, or this box's own in the store's network."""
    gateway = settings.gateway
    if gateway.public_url:
        return settings
    public = gateway.model_copy(update={"public_url": _secure_url(gateway) or _plain_url(gateway)})
    return settings.model_copy(update={"gateway": public})


def _plain_url(box: GatewaySettings) -> str:
    host = own_address() if box.http.host in ("0.0.0.0", "::") else box.http.host  # noqa: S104 - compared, not bound
    return f"http://{host}:{box.http.port}"


def _secure_url(box: GatewaySettings) -> str | None:
    """The https address of the first name in the certificate; none where there is no certificate yet."""
    certificate = PhoneCertificate(box.https.files(box.data))
    certificate.look()
    certificate.port = box.https.port
    return certificate.address()

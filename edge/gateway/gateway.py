"""The gateway: decide, commit, carry out, record the outcome. Start and stop order.

It knows no HTTP; pages and API call `decide` and read `reads`.
"""

from __future__ import annotations

import asyncio
import base64
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import msgspec
import structlog

from device_drivers.broker import BrokerAddress
from device_drivers.contract import DeviceId, Outcome, Reply, Snapshot, StoreId
from edge.bus import Bus, Login, NoReply, Received
from edge.domain.commands import DeviceCommand
from edge.domain.layout import Layout
from edge.domain.members import consents, erasure
from edge.domain.members import queries as member_queries
from edge.domain.members.passes import Passes
from edge.domain.needs import Need
from edge.domain.noun import Change, Noun, Part, starts
from edge.domain.nouns import NOUNS
from edge.domain.staff import decisions as staff
from edge.domain.staff import queries as staff_queries
from edge.domain.store.from_settings import described
from edge.domain.touchpoints.codes import Codes, Touchpoint
from edge.errors import BusDown, JournalHeldUp
from edge.gateway.after_commit import AfterCommit, Notice
from edge.gateway.bounds import Bounds
from edge.gateway.caretaker import Caretaker
from edge.gateway.configure import take_over
from edge.gateway.crowd import Crowd
from edge.gateway.device_mistakes import Mistakes
from edge.gateway.documents import Templates
from edge.gateway.effects import FULL_PAUSE_S, Effects, hop_of
from edge.gateway.erasures import ErasureList
from edge.gateway.feed import Feed
from edge.gateway.here import Here
from edge.gateway.ingest import Ingest
from edge.gateway.legal import Documents
from edge.gateway.linking import Linking
from edge.gateway.meaning import meanings, paired_screens, scenes
from edge.gateway.outcomes import Outcomes
from edge.gateway.page_counts import PageCounts
from edge.gateway.parcel_codes import for_paper, scan
from edge.gateway.proving import Proving, sender_of
from edge.gateway.quotas import Quotas
from edge.gateway.scans import Scans
from edge.gateway.sessions import Sessions
from edge.gateway.signage import Signage
from edge.gateway.spooler import Spooler
from edge.gateway.staff_needs import StaffNeeds
from edge.journal import Journal, Tx
from edge.products import Products
from edge.products.versions import Switch, folder_of
from edge.secrets.staff_pins import Team
from edge.secrets.vault import Vault
from edge.settings.settings import Settings

log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

SNAPSHOT_TTL_MS: Final = 3000


class DeviceView(msgspec.Struct, frozen=True):
    """A device as pages show it."""

    id: str
    kind: str
    zone: str
    at: tuple[float, float]
    label: dict[str, str]
    online: bool
    state: dict[str, Any]
    battery: float | None
    """Charge, 0 to 1."""
    last_seen: float | None
    """Seconds since its last message; none when it has not spoken since the gateway started."""


class Readiness(msgspec.Struct, frozen=True):
    """Whether the store works. The internet is no part of it."""

    journal: bool
    broker: bool

    @property
    def ready(self) -> bool:
        """Whether shoppers are served."""
        return self.journal and self.broker


class Gateway:
    """One store's gateway. Make it inside the event loop, then `start`; `stop` in the end."""

    def __init__(
        self,
        settings: Settings,
        journal: Journal,
        vault: Vault,
        nouns: Sequence[Noun] = NOUNS,
        more_needs: Callable[[int], list[Need]] = lambda _: [],
    ) -> None:
        """`more_needs` is what staff must see beside what nouns and devices need."""
        self.settings = settings
        self.journal = journal
        self.vault = vault
        self.nouns = nouns
        self.reads = journal.reads
        self.feed = Feed()
        self._places: dict[str, Touchpoint] = {}
        self.layout = Layout(self.reads, settings.store.id, described(settings.store))
        self.codes = Codes(vault.derive("codes"), settings.store.id, self._place)
        self._granted_verbs = {actuation.verb for noun in nouns for actuation in noun.actuations}
        self.outcomes = Outcomes(self.reads, nouns)
        self.sessions = Sessions(self.reads, settings.members.proof_days)
        self.linking = Linking(vault.derive("link codes"))
        self.proving = Proving(sender_of(settings.gateway.sms, demo=settings.gateway.demo))
        self.bounds = Bounds(settings.bounds)
        self.page_counts = PageCounts()
        self.here = Here()
        self.crowd = Crowd(settings.bounds.things, self.layout)
        self.products = Products(folder_of(settings.gateway.data))
        self.switch = Switch(journal, self.products.folder)
        self.passes = Passes(vault.derive("codes"), settings.store.id)
        self.meanings = meanings(settings, self.codes, self.passes, self.reads, self.products)
        self._tasks: list[asyncio.Task[None]] = []
        self._looks_again = False
        self.erasures = ErasureList(settings.gateway.data)
        self.legal = Documents.load(settings.store.texts)
        self.team = Team(settings.gateway.data, demo=settings.gateway.demo)
        self._reach(settings)
        self.needs = StaffNeeds(nouns, self.reads, (self.bounds.needs, self.mistakes.needs, more_needs))
        parts: dict[Part, Notice] = {
            "catalogue": self.products.notice,
            "layout": self._changed_layout,
            "erasures": lambda fact: self.erasures.add([fact.member]),
            "printers": lambda _: self.spooler.wake(),
            "screens": lambda _: self.signage.refresh(),
            "sessions": self.sessions.notice,
        }
        self._after = AfterCommit(nouns, self.reads, self.effects, self.outcomes, self.feed, parts)
        self.commands = self._after.commands
        journal.watch(self._after)

    def _reach(self, settings: Settings) -> None:
        """The parts that reach devices, and what comes back from them."""
        journal, box = self.journal, settings.gateway
        login = Login(BrokerAddress.parse(box.broker.url), box.broker.username, box.broker.password)
        self.mistakes = Mistakes()
        store = StoreId(settings.store.id)
        self.bus = Bus(login, store, self._heard, self._broker_changed, self._late, self.mistakes)
        self.effects = Effects(self.bus, journal, box.unlock_ttl_ms, self._command_sent)
        self.scans = Scans(
            journal,
            self.bus,
            self.meanings,
            self.passes,
            key=self.vault.derive("codes read"),
            screens=lambda: paired_screens(self.layout, settings),
            scenes=scenes(self.reads, self.products, self.layout, self.public_url),
            collect=lambda tx, event: scan(tx, self.codes, event),
        )
        quotas = Quotas(settings.quotas)
        self.ingest = Ingest(journal, self.nouns, self.bus.ack, self._device_changed, self.scans, quotas, self.mistakes)
        self.signage = Signage(
            self.bus,
            self.reads,
            self.codes,
            layout=self.layout,
            url=self.url,
        )
        own = settings.store
        self.slips = Templates(own.name, own.currency, for_paper(self.codes, self.url), zone=own.zone)
        self.spooler = Spooler(journal, self.effects, lambda: self.bus.connected, self.slips.of, box.print_ttl_ms)

    async def start(self) -> None:
        """Take over the settings, close what a crash left open, then connect to the devices.

        Where the disk is full, what can be served is served, and the store opens when there is space.
        """
        try:
            await self._open()
        except JournalHeldUp as error:
            log.warning("gateway.waits_for_space", error=str(error))
            self._tasks.append(asyncio.create_task(self._open_later(), name="open"))

    async def _open(self) -> None:
        # Before anything else: a journal that was restored may hold persons who were erased since.
        back = await self.decide(erasure.carry_out_again, self.erasures.read())
        if back:
            log.warning("members.erased_again", count=back, why="the journal came from a backup that still had them")
        self.erasures.add(member_queries.erased(self.reads))
        await self.decide(consents.publish, self.legal.published())
        await self.decide(take_over, self.settings, self.nouns)
        self.products.open(self.reads)
        lapsed = sum([await self.decide(on_start) for on_start in starts(self.nouns)])
        if lapsed:
            log.warning("grants.lapsed", count=lapsed, why="the gateway restarted while they were open")
        await self.appoint()
        self.ingest.know(self.reads)
        await self.spooler.start()
        self.bus.start()
        self._tasks.append(asyncio.create_task(self.products.prove(self.reads), name="catalogue"))
        self._tasks.append(asyncio.create_task(self.signage.run(), name="signage"))
        ticks = [on_tick for noun in self.nouns for on_tick in noun.on_tick]
        self._tasks.append(asyncio.create_task(Caretaker(self.journal, ticks).run(), name="caretaker"))

    async def _open_later(self) -> None:
        opened = False
        while not opened:
            await asyncio.sleep(FULL_PAUSE_S)
            with suppress(JournalHeldUp):
                await self._open()
                opened = True

    async def appoint(self) -> None:
        """Take over who is staff, as far as it is new."""
        await self.decide(staff.appoint, self.team.members(), whole=self.team.whole)
        if "staff" not in self.team.whole and not self.team.for_show and staff_queries.people(self.reads):
            log.error("staff.lost", file="secrets/staff.toml", why="nobody can log in: storekeeper staff add")

    async def stop(self) -> None:
        """Let what is under way end, and record it."""
        await self.spooler.stop()
        await self.effects.stop()
        await self.ingest.stop()
        await self.bus.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def decide(self, decision: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a decision. What it returns is durable; the commands of its facts are under way.

        Raises `Refusal`, `JournalHeldUp`, `JournalBroken`, `JournalClosed`.
        """
        return await self.journal.write(decision, *args, **kwargs)

    def devices(self) -> list[DeviceView]:
        """Every device, with what it said last."""
        now = time.monotonic()
        views = []
        for row in self.reads.all("SELECT device, kind, zone, at, label, online, state FROM devices ORDER BY device"):
            live = self.ingest.live.get(row["device"])
            state = msgspec.json.decode(row["state"]) if row["state"] else {}
            if live and live.state:
                state = msgspec.to_builtins(live.state)
            views.append(
                DeviceView(
                    id=row["device"],
                    kind=row["kind"],
                    zone=row["zone"],
                    at=msgspec.json.decode(row["at"]),
                    label=msgspec.json.decode(row["label"]),
                    online=bool(row["online"]),
                    state=state,
                    battery=state.get("battery"),
                    last_seen=now - live.heard if live and live.heard else None,
                )
            )
        return views

    def ready(self) -> Readiness:
        """Whether a write ended within the last seconds, and the broker is there."""
        return Readiness(journal=self.journal.pulse.writes, broker=self.bus.connected)

    async def snapshot(self, device: str) -> bytes | None:
        """A screen's picture as PNG; none where it has none to give now."""
        fence = int(time.time())
        try:
            reply = await self.bus.call(device, Snapshot(), id=str(uuid.uuid4()), fence=fence, ttl_ms=SNAPSHOT_TTL_MS)
        except (BusDown, NoReply):
            return None
        picture = reply.observed.png
        if reply.outcome is not Outcome.DONE or picture is None:
            return None
        try:
            return base64.b64decode(picture, validate=True)
        except ValueError:
            return None

    def url(self, code: str) -> str:
        """The address that a code's QR holds."""
        return f"{self.public_url}/t/{code}"

    @property
    def public_url(self) -> str:
        """Where phones reach the gateway."""
        box = self.settings.gateway
        return (box.public_url or f"http://{box.http.host}:{box.http.port}").rstrip("/")

    def _place(self, name: str) -> Touchpoint | None:
        known = self._places.get(name)
        if known is None and (found := self.layout.touchpoint(name)) is not None:
            known = self._places[name] = Touchpoint(found.id, found.purpose, found.zone, found.label, found.device)
        return known  # what is not there is not remembered: what people type must not fill the memory

    def _changed_layout(self, fact: object) -> None:
        """What the store consists of is another: whoever keeps something of it looks again, once for many facts."""
        self.layout.notice(fact)
        self._places.clear()
        if not self._looks_again:
            self._looks_again = True
            asyncio.get_running_loop().call_soon(self._look_again)

    def _look_again(self) -> None:
        self._looks_again = False
        self.ingest.know(self.reads)
        self.signage.refresh()

    def _command_sent(self, command: DeviceCommand) -> None:
        if command.verb in self._granted_verbs:
            self.outcomes.sent(command.id)
        if self.feed.watched:
            self.feed.tell(Change("grant", command.id))

    def _heard(self, message: Received) -> None:
        self.ingest.take(message)

    def _device_changed(self, device: str) -> None:
        if self.feed.watched:
            self.feed.tell(Change("device", device))

    def _broker_changed(self, connected: bool) -> None:
        if connected:
            self.signage.refresh()
            self.spooler.wake()
            self._tasks = [task for task in self._tasks if not task.done()]
            self._tasks.append(asyncio.create_task(self.ingest.sweep(time.monotonic())))
        if self.feed.watched:
            self.feed.tell(Change("device", "broker"))

    def _late(self, device: DeviceId, reply: Reply) -> None:
        """A reply that nobody waits for any more: after the ttl, or from before a crash. Physical truth wins."""
        if self.spooler.late(device, reply):
            return
        if reply.outcome in (Outcome.DONE, Outcome.ALREADY):
            # The tables know whose command it was; the device that answers must be that one.
            commands = (each.command_of(self.reads, reply.id) for noun in self.nouns for each in noun.actuations)
            command = next((command for command in commands if command is not None and command.device == device), None)
            if command is not None:
                self.effects.record(command, reply.outcome.value, reply.reason, hop_of(reply))

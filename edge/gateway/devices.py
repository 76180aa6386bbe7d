"""The devices: what is sent to them, what they say, what they show, and what is known of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from device_drivers.broker import BrokerAddress
from device_drivers.contract import DeviceId, Outcome, Reply, StoreId, Verb
from edge.bus import BrokerLogin, Bus, Received
from edge.domain.commands import DeviceCommand
from edge.domain.layout import Layout
from edge.domain.needs import Need
from edge.domain.noun import Change, Noun
from edge.domain.store.queries import latest_ms
from edge.gateway.broker_certificate import BrokerCertificate
from edge.gateway.code_reading import paired_screens, scenes
from edge.gateway.device_mistakes import Mistakes
from edge.gateway.device_views import DevicePicture, DeviceView, device_views, restart, screen_picture
from edge.gateway.direct_addresses import direct_addresses
from edge.gateway.documents import Templates
from edge.gateway.door_lights import DoorLights
from edge.gateway.effects import Effects, hop_of
from edge.gateway.feed import ChangeFeed
from edge.gateway.home_assistant import HomeAssistant
from edge.gateway.ingest import Ingest
from edge.gateway.lookup import Lookup
from edge.gateway.media import MediaStore
from edge.gateway.outcomes import Outcomes
from edge.gateway.parcel_codes import for_paper, scan
from edge.gateway.quotas import Quotas
from edge.gateway.recorder import Recorder
from edge.gateway.scans import Scans
from edge.gateway.screen_baskets import ScreenBaskets
from edge.gateway.screen_playlists import ScreenPlaylists
from edge.gateway.signage import Signage
from edge.gateway.spooler import Spooler
from edge.gateway.supervision import supervised
from edge.gateway.tracing import Traces
from edge.journal.journal import Journal
from edge.journal.streams import fence_floor
from edge.secrets.vault import Vault
from edge.settings.settings import Settings


class Devices:
    """Make it inside the event loop, then `start`; `stop` before the journal closes."""

    def __init__(
        self,
        settings: Settings,
        nouns: Sequence[Noun],
        journal: Journal,
        vault: Vault,
        layout: Layout,
        lookup: Lookup,
        feed: ChangeFeed,
        baskets: ScreenBaskets,
    ) -> None:
        self._journal = journal
        self._reads = journal.reads
        self._feed = feed
        self._actuations = [actuation for noun in nouns for actuation in noun.actuations]
        self._granted_verbs = {actuation.verb for actuation in self._actuations}
        self._tasks: list[asyncio.Task[None]] = []
        box = settings.gateway
        self.home_assistant: HomeAssistant | None = None
        """Announces the devices to Home Assistant, where it is to know."""
        self.public_url = (box.public_url or f"http://{box.http.host}:{box.http.port}").rstrip("/")
        """Where phones reach the gateway."""
        self.outcomes = Outcomes(self._reads, nouns)
        self.mistakes = Mistakes()
        self.recorder = Recorder()
        self.traces: Traces | None = None
        """Who takes note of where an unlock spends its time."""
        broker = BrokerAddress.parse(box.broker.url, box.broker.authority)
        self.certificate = BrokerCertificate(broker)
        login = BrokerLogin(broker, box.broker.username, box.broker.password)
        store = StoreId(settings.store.id)
        self.bus = Bus(
            login,
            store,
            self._on_message,
            self._broker_changed,
            self._late,
            self.mistakes,
            fence_floor(journal.generation),
            partial(latest_ms, journal.reads),
        )
        self.effects = Effects(self.bus, journal, box.unlock_ttl_ms, self._command_sent)
        self.scans = self._scanners(settings, vault, layout, lookup, baskets)
        self.ingest = Ingest(
            journal, nouns, self.bus.ack, self._device_changed, self.scans, Quotas(settings.quotas), self.mistakes
        )
        self._lights = DoorLights(self.bus, self.has_light)
        self._open_signage(settings, layout, lookup)
        self.slips = Templates(lambda: layout.store, for_paper(lookup.codes, self.url))
        self.spooler = Spooler(journal, self.effects, lambda: self.bus.connected, self.slips.of, box.print_ttl_ms)

    def _open_signage(self, settings: Settings, layout: Layout, lookup: Lookup) -> None:
        """What screens play, and what tells them."""
        self.playlists = ScreenPlaylists(self._reads, settings.playing, lookup.products, layout, self.public_url)
        """What screens play."""
        self.media = MediaStore(settings.gateway.data, settings.playing)
        """Their pictures and films."""
        self.signage = Signage(
            self.bus,
            self._reads,
            lookup.codes,
            layout=layout,
            url=self.url,
            offering=lookup.offering,
            playlists=self.playlists,
            panels=settings.displays.panel_hours,
            direct=partial(direct_addresses, settings.gateway, self.public_url),
        )

    def _scanners(
        self, settings: Settings, vault: Vault, layout: Layout, lookup: Lookup, baskets: ScreenBaskets
    ) -> Scans:
        return Scans(
            self._journal,
            self.bus,
            lookup.code_reader,
            lookup.passes,
            key=vault.derive("codes read"),
            screens=lambda: paired_screens(layout, settings),
            scenes=scenes(self._reads, lookup.products, layout, self.public_url, lookup.codes),
            collect=lambda tx, event: scan(tx, lookup.codes, event),
            baskets=baskets,
        )

    async def start(self) -> None:
        """Connect to the devices, and keep printers and screens going."""
        self.ingest.know(self._reads)
        await self.spooler.start()
        self.bus.start()
        self._tasks.append(asyncio.create_task(asyncio.to_thread(self.media.open), name="media"))
        self._tasks.append(supervised(self.signage.run, "signage"))
        self._tasks.append(supervised(self.certificate.run, "broker certificate"))

    @property
    def needs(self) -> tuple[Callable[[int], list[Need]], ...]:
        """What asks for a hand beside what nouns say of devices."""
        return self.mistakes.needs, self.certificate.needs, self.media.needs

    async def stop(self) -> None:
        """Let what is under way end, and record it."""
        await self.spooler.stop()
        await self.effects.stop()
        await self.ingest.stop()
        await self.bus.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def changed(self) -> None:
        """The store's devices are others, or what screens show of the store is."""
        self.ingest.know(self._reads)
        self.signage.refresh()
        self.announce(whole=False)

    def announce(self, *, whole: bool) -> None:
        """Tell Home Assistant what is there, where it is to know."""
        if self.home_assistant is not None:
            self.home_assistant.refresh(whole=whole)

    def views(self) -> list[DeviceView]:
        """Returns every device, with what it said last."""
        return device_views(self._reads, self.ingest.live)

    async def snapshot(self, device: str) -> bytes | None:
        """Returns a screen's picture as PNG; none where it has none to give now."""
        found = await screen_picture(self.bus, device)
        return found.png if found is not None else None

    async def look(self, device: str) -> DevicePicture | None:
        """Returns a screen's picture, with what it says it shows; none where it has none to give now."""
        return await screen_picture(self.bus, device)

    async def restart(self, device: str) -> bool:
        """Tell a device to start anew. Returns whether it said that it would."""
        return await restart(self.bus, device)

    def has_light(self, bank: str, door: str) -> bool:
        """Whether a door can be lit. A bank may beep at `find`: one with lights says of each whether it is on."""
        live = self.ingest.live.get(bank)
        if live is None or not live.online or live.state is None or Verb.FIND not in live.verbs:
            return False
        seen = (live.state.doors or {}).get(door)
        return seen is not None and seen.lit is not None

    async def light(self, bank: str, door: str, fence: int) -> None:
        """Lights a door once more, with the fence of what opened it."""
        await self._lights.light(bank, door, fence)

    def url(self, code: str) -> str:
        """Returns the address that a code's QR holds."""
        return f"{self.public_url}/t/{code}"

    def _on_message(self, message: Received) -> None:
        self.recorder.add(message.device, message.channel.value, message.size)
        self.ingest.take(message)

    def _command_sent(self, command: DeviceCommand) -> None:
        self.recorder.add(command.device, f"command {command.verb}", 0)
        if self.traces is not None:
            self.traces.sent(str(command.id))
        self._lights.sent(command)
        if command.verb in self._granted_verbs:
            self.outcomes.sent(str(command.id))
        if self._feed.watched:
            self._feed.tell(Change("grant", str(command.id)))

    def _device_changed(self, device: str) -> None:
        if self._feed.watched:
            self._feed.tell(Change("device", device))

    def _broker_changed(self, connected: bool) -> None:
        self.ingest.broker_changed(connected)
        if connected:
            self.signage.refresh()
            self.spooler.wake()
            self.announce(whole=True)
        self._device_changed("broker")

    def _late(self, device: DeviceId, reply: Reply) -> None:
        """A reply that nobody waits for any more: after the ttl, or from before a crash. Physical truth wins."""
        if self.spooler.late(device, reply):
            return
        if reply.outcome in (Outcome.DONE, Outcome.ALREADY):
            # The tables know whose command it was; the device that answers must be that one.
            commands = (actuation.command_of(self._reads, reply.id) for actuation in self._actuations)
            command = next((command for command in commands if command is not None and command.device == device), None)
            if command is not None:
                self.effects.record(command, reply.outcome.value, reply.reason, hop_of(reply))

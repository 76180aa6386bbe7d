"""The gateway: decide, commit, begin what was decided, tell who waits and who watches.

It knows no HTTP; the web gets its `Parts`.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog

from edge.domain.layout import Layout
from edge.domain.needs import Need
from edge.domain.noun import Metric, Noun, Part, starts
from edge.domain.nouns import NOUNS
from edge.errors import JournalHeldUp
from edge.gateway.after_commit import AfterCommit, Notice
from edge.gateway.bulk_opening import BulkOpenings
from edge.gateway.checkout import Checkout
from edge.gateway.configure import take_over
from edge.gateway.content_reload import ContentReload
from edge.gateway.decide import TURN
from edge.gateway.devices import Devices
from edge.gateway.draws import SimpleDraws
from edge.gateway.effects import FULL_PAUSE_S
from edge.gateway.feed import ChangeFeed
from edge.gateway.handover import Handover
from edge.gateway.home_assistant import HomeAssistant, configs
from edge.gateway.lookup import Lookup
from edge.gateway.parts import Parts
from edge.gateway.payments.desk import PaymentDesk
from edge.gateway.payments.ports import ports_of
from edge.gateway.people import People
from edge.gateway.phone_certificate import phone_certificate
from edge.gateway.pricing import Pricing
from edge.gateway.rounds import Rounds
from edge.gateway.screen_baskets import ScreenBaskets
from edge.gateway.screen_guests import ScreenGuests
from edge.gateway.screen_visits import ScreenVisits
from edge.gateway.spot_checks import SpotChecks
from edge.gateway.staff_needs import StaffNeeds
from edge.gateway.supervision import supervised
from edge.gateway.ticker import Ticker
from edge.gateway.tracing import traces
from edge.journal import Tx
from edge.journal.journal import Journal
from edge.secrets.vault import Vault
from edge.settings.settings import Settings
from operations.floor.workshop import Workshop

log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


class Gateway:
    """One store's gateway. Make it inside the event loop, then `start`; `stop` in the end."""

    def __init__(
        self,
        settings: Settings,
        journal: Journal,
        vault: Vault,
        nouns: Sequence[Noun] = NOUNS,
        more_needs: Callable[[int], list[Need]] = lambda _: [],
        more_metrics: Callable[[], Iterable[Metric]] = tuple,
        workshop: Workshop | None = None,
        good: Callable[[], None] = lambda: None,
    ) -> None:
        """`more_needs` is what staff must see beside what nouns and devices need, `more_metrics` the box's figures,
        `workshop` what the setup page asks of the box; `good` takes note that the settings in force have proven good.
        """
        self.settings = settings
        self.journal = journal
        self.nouns = nouns
        self.reads = journal.reads
        self.feed = ChangeFeed()
        self.layout = Layout(self.reads, settings.store.id, settings.store.described)
        self.people = People(settings, self.reads, vault, self.layout)
        self.lookup = Lookup(settings, journal, vault, self.layout)
        self._open_checkout(settings, vault)
        self.screen_baskets = self._screens(settings)
        self.devices = Devices(
            settings, nouns, journal, vault, self.layout, self.lookup, self.feed, self.screen_baskets
        )
        self.after_commit = AfterCommit(
            nouns, self.reads, self.devices.effects, self.devices.outcomes, self.feed, self._notices()
        )
        self.content = ContentReload(
            settings,
            self.decide,
            self.devices.media,
            self.devices.playlists,
            self.devices.signage.refresh,
            good,
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._looks_again = False
        self.parts = self._parts(vault, more_needs, more_metrics, workshop)
        self._tell_others()

    def _parts(
        self,
        vault: Vault,
        more_needs: Callable[[int], list[Need]],
        more_metrics: Callable[[], Iterable[Metric]],
        workshop: Workshop | None,
    ) -> Parts:
        """What the web is given of the gateway."""
        certificate = phone_certificate(self.settings.gateway)
        games = [each.to_struct() for each in self.settings.games]
        many = self.many = BulkOpenings(self.decide, self.reads, self.devices.outcomes)
        draws = self.draws = SimpleDraws(self.decide, self.reads, vault.derive("games"), games)
        return Parts(
            settings=self.settings,
            nouns=self.nouns,
            vault=vault,
            journal=self.journal,
            decide=self.decide,
            feed=self.feed,
            layout=self.layout,
            people=self.people,
            lookup=self.lookup,
            pricing=self.pricing,
            checkout=self.checkout,
            handover=self.handover,
            visits=self.visits,
            desk=self.desk,
            many=many,
            draws=draws,
            rounds=Rounds(draws),
            screen_guests=ScreenGuests(self.decide),
            devices=self.devices,
            content=self.content,
            needs=self._needs(certificate.needs, more_needs),
            certificate=certificate,
            workshop=workshop,
            commands=self.after_commit.commands,
            more_metrics=more_metrics,
        )

    def _open_checkout(self, settings: Settings, vault: Vault) -> None:
        """What says a price, and what takes the money."""
        self.pricing = Pricing(self.reads, self.lookup.products, self.layout, settings.baskets)
        self.handover = Handover(self.decide, self.reads, self.lookup.codes, self.pricing)
        self.checkout = Checkout(self.reads, vault, settings.orders, self.pricing.promotions)
        self.desk = PaymentDesk(
            self.decide,
            self.reads,
            ports_of(settings, self.reads, self.decide),
            vault.derive("payers"),
            self.checkout.settle,
            [self.checkout.refund_source(self.decide)],
        )

    def _screens(self, settings: Settings) -> ScreenBaskets:
        """Who stands before the screens, and what is scanned there."""
        self.visits = ScreenVisits()
        return ScreenBaskets(
            settings.baskets.screens,
            self.journal,
            self.lookup.products,
            self.pricing,
            self.layout,
            self.visits,
            self.handover,
        )

    def _tell_others(self) -> None:
        """What follows each commit, and what others are told of this store, where the settings say so."""
        self.journal.watch(self.after_commit)
        self.journal.swapped.add_done_callback(self.pricing.notice)
        box, store = self.settings.gateway, self.settings.store
        found = traces(box.tracing.endpoint, store.id, importlib.metadata.version("storekeeper"))
        self.traces = self.after_commit.traces = self.devices.traces = found
        if box.home_assistant.enabled:
            self.devices.home_assistant = HomeAssistant(
                self.devices.bus.announce,
                lambda: configs(self.layout, box.home_assistant.prefix),
                lambda: self.parts.needs.all(self.reads.now),
                store.id,
            )

    def _needs(self, *more: Callable[[int], list[Need]]) -> StaffNeeds:
        """What nouns and devices need, and more."""
        return StaffNeeds(self.nouns, self.reads, (self.people.bounds.needs, *self.devices.needs, *more))

    def _notices(self) -> dict[Part, Notice]:
        """What is kept in memory, by the name that nouns know it by."""
        return {
            "catalogue": self._catalogue_changed,
            "erasures": lambda fact: self.people.erasures.add_soon(fact.member),
            "layout": self._layout_changed,
            "prices": self.pricing.notice,
            "printers": lambda _: self.devices.spooler.wake(),
            "screens": lambda _: self.devices.signage.refresh(),
            "sessions": self.people.sessions.notice,
        }

    def _catalogue_changed(self, fact: Any) -> None:
        """Another version answers from now on, and its prices are taken down beside."""
        self.lookup.products.notice(fact)
        self._keep(asyncio.create_task(self.lookup.products.remember_prices(self.reads.now), name="prices"))

    def _layout_changed(self, fact: object) -> None:
        """What the store consists of is another: whoever keeps something of it looks again, once for many facts."""
        self.layout.notice(fact)
        self.lookup.changed()
        if not self._looks_again:
            self._looks_again = True
            asyncio.get_running_loop().call_soon(self._look_again)

    def _look_again(self) -> None:
        self._looks_again = False
        self.devices.changed()

    async def start(self) -> None:
        """Take over the settings, close what a crash left open, then connect to the devices.

        Where the disk is full, what can be served is served, and the store opens when there is space.
        """
        try:
            await self._open()
        except JournalHeldUp as error:
            log.warning("gateway.waits_for_space", error=str(error))
            self._keep(supervised(self._open_later, "open"))

    async def _open(self) -> None:
        await self.people.erase_again(self.decide)
        await self.people.publish(self.decide)
        await self.decide(take_over, self.settings, self.nouns)
        self.lookup.products.open(self.reads)
        lapsed = sum([await self.decide(on_start) for on_start in starts(self.nouns)])
        if lapsed:
            log.warning("grants.lapsed", count=lapsed, why="the gateway restarted while they were open")
        await self.people.appoint(self.decide)
        await self.draws.open()
        await self.devices.start()
        self.desk.start()
        self._keep(asyncio.create_task(self.lookup.products.prove(self.reads), name="catalogue"))
        self._keep(supervised(self.draws.run, "draws"))
        if self.devices.home_assistant is not None:
            self._keep(supervised(self.devices.home_assistant.run, "home assistant"))
        ticks = [on_tick for noun in self.nouns for on_tick in noun.on_tick]
        self._keep(supervised(Ticker(self.journal, ticks).run, "caretaker"))
        self._keep(supervised(self._spot_checks().run, "secret looks"))

    def _keep(self, task: asyncio.Task[None]) -> None:
        """It runs until it is done, or the gateway stops."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _spot_checks(self) -> SpotChecks:
        """Looks at screens that nobody announces."""
        devices = self.devices
        a_day = self.settings.displays.samples_a_day
        return SpotChecks(self.reads, self.decide, devices.look, devices.playlists.now, devices.media.path, a_day)

    async def _open_later(self) -> None:
        opened = False
        while not opened:
            await asyncio.sleep(FULL_PAUSE_S)
            with suppress(JournalHeldUp):
                await self._open()
                opened = True

    async def stop(self) -> None:
        """Let what is under way end, and record it."""
        await self.many.close()
        await self.desk.stop()
        await self.devices.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.traces is not None:
            await asyncio.to_thread(self.traces.close)

    async def decide(self, decision: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a decision. What it returns is durable; the commands of its facts are under way.

        Raises `Refusal`, `JournalHeldUp`, `JournalBroken`, `JournalClosed`.
        """
        written = self.journal.write(decision, *args, **kwargs)
        turn = TURN.get()
        return await (written if turn is None else turn.lend(written))

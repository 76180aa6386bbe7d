"""What the web gets of the gateway: each part by itself, and nothing that starts or stops it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec

from edge.domain.layout import Layout
from edge.domain.noun import Metric, Noun
from edge.gateway.bulk_opening import BulkOpenings
from edge.gateway.checkout import Checkout
from edge.gateway.content_reload import ContentReload
from edge.gateway.decide import Decide
from edge.gateway.devices import Devices
from edge.gateway.draws import Draws
from edge.gateway.feed import ChangeFeed
from edge.gateway.handover import Handover
from edge.gateway.lookup import Lookup
from edge.gateway.payments.desk import PaymentDesk
from edge.gateway.people import People
from edge.gateway.phone_certificate import PhoneCertificate
from edge.gateway.pricing import Pricing
from edge.gateway.rounds import Rounds
from edge.gateway.screen_guests import ScreenGuests
from edge.gateway.screen_visits import ScreenVisits
from edge.gateway.staff_needs import StaffNeeds
from edge.journal.journal import Journal
from edge.secrets.vault import Vault
from edge.settings.settings import Settings
from operations.floor.workshop import Workshop


class Readiness(msgspec.Struct, frozen=True):
    """Whether the store works. The internet is no part of it."""

    journal: bool
    broker: bool

    @property
    def ready(self) -> bool:
        """Whether shoppers are served."""
        return self.journal and self.broker


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """Made by the gateway, once."""

    settings: Settings
    nouns: Sequence[Noun]
    vault: Vault
    journal: Journal
    decide: Decide
    feed: ChangeFeed
    layout: Layout
    people: People
    lookup: Lookup
    pricing: Pricing
    checkout: Checkout
    handover: Handover
    visits: ScreenVisits
    """Who stands before the screens."""
    desk: PaymentDesk
    many: BulkOpenings
    draws: Draws
    rounds: Rounds
    screen_guests: ScreenGuests
    devices: Devices
    content: ContentReload
    needs: StaffNeeds
    more_metrics: Callable[[], Iterable[Metric]]
    """Figures of the box that no noun has."""
    certificate: PhoneCertificate
    """What phones are shown by https."""
    workshop: Workshop | None
    """What the setup page asks of the box; none where nobody says where the settings lie."""
    commands: Counter[tuple[str, str]]
    """How many commands ended how, by verb and outcome."""

    def ready(self) -> Readiness:
        """Returns whether a write ended within the last seconds, and whether the broker is there."""
        return Readiness(journal=self.journal.pulse.writes, broker=self.devices.bus.connected)

    async def appoint(self) -> None:
        """Take over who is staff, as far as it is new."""
        await self.people.appoint(self.decide)

"""What the store consists of now: its name, its zones, devices, codes and offers, as the tables have them.

Asked of the tables once, and again after a fact that changes it: what arrives while the store runs is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from edge.domain.coupons.queries import titles
from edge.domain.devices.queries import Device, devices
from edge.domain.fixtures.facts import FixtureDefined
from edge.domain.fixtures.queries import fixtures
from edge.domain.lockers.queries import door_names
from edge.domain.store.facts import StoreDescribed
from edge.domain.store.queries import Zone, profile, zones
from edge.domain.touchpoints.queries import TouchpointPlace, touchpoints
from edge.journal import Reads
from words.languages import Language, Wording

T = TypeVar("T")


class Store(msgspec.Struct, frozen=True):
    """Which store this is, to those who are in it."""

    id: str
    name: Wording
    currency: str
    """ISO 4217."""
    region: str
    """Two-letter country that a phone number without a prefix belongs to."""
    zone: ZoneInfo
    """The time on its wall."""
    languages: tuple[Language, ...]
    """What it speaks; the first where nothing else is known."""
    contact: str
    """Who answers for personal data."""


class Layout:
    """`otherwise` is what the store is where no fact has said it yet."""

    def __init__(self, reads: Reads, store: str, otherwise: StoreDescribed) -> None:
        self._reads = reads
        self._id = store
        self._otherwise = otherwise
        self._known: dict[str, Any] = {}

    def notice(self, _: object) -> None:
        """A fact changes what the store consists of."""
        self._known = {}

    @property
    def store(self) -> Store:
        """Which store this is."""
        return self.once("store", self._store)

    @property
    def zones(self) -> tuple[Zone, ...]:
        """Its areas."""
        return self.once("zones", lambda: zones(self._reads))

    @property
    def devices(self) -> tuple[Device, ...]:
        """What stands in it."""
        return self.once("devices", lambda: devices(self._reads))

    @property
    def touchpoints(self) -> tuple[TouchpointPlace, ...]:
        """Every code that can be scanned."""
        return self.once("touchpoints", lambda: touchpoints(self._reads))

    @property
    def fixtures(self) -> tuple[FixtureDefined, ...]:
        """What stands on its floor."""
        return self.once("fixtures", lambda: fixtures(self._reads))

    @property
    def offers(self) -> dict[str, Wording]:
        """The titles of its coupons."""
        return self.once("offers", lambda: titles(self._reads))

    @property
    def doors(self) -> dict[str, tuple[str, ...]]:
        """The doors of each locker bank."""
        return self.once("doors", lambda: door_names(self._reads))

    def count(self, kind: str) -> int:
        """How many devices of a kind it has."""
        return self.once(f"count of {kind}", lambda: sum(each.kind == kind for each in self.devices))

    @property
    def zone_names(self) -> dict[str, Wording]:
        """The names of its zones."""
        return self.once("zone names", lambda: {each.id: each.name for each in self.zones})

    @property
    def device_labels(self) -> dict[str, Wording]:
        """What its devices are called."""
        return self.once("device labels", lambda: {each.id: each.label for each in self.devices})

    @property
    def touchpoint_labels(self) -> dict[str, Wording]:
        """What stands over its codes."""
        return self.once("touchpoint labels", lambda: {each.id: each.label for each in self.touchpoints})

    def device(self, name: str | None) -> Device | None:
        """The device of that id."""
        return self.once("device by id", lambda: {each.id: each for each in self.devices}).get(name or "")

    def kind_of(self, device: str) -> str:
        """The kind of a device; empty for what is none of ours."""
        found = self.device(device)
        return found.kind if found else ""

    def touchpoint(self, name: str | None) -> TouchpointPlace | None:
        """The code of that id."""
        return self.once("touchpoint by id", lambda: {each.id: each for each in self.touchpoints}).get(name or "")

    def once(self, what: str, ask: Callable[[], T]) -> T:
        """The answer to a question about it, asked again after the next fact that changes it."""
        # Whoever asks while a fact is noticed keeps an answer that the next one does not get.
        known = self._known
        if what not in known:
            known[what] = ask()
        found: T = known[what]
        return found

    def _store(self) -> Store:
        said = profile(self._reads) or self._otherwise
        return Store(
            self._id,
            Wording(said.name),
            said.currency,
            said.region,
            ZoneInfo(said.timezone),
            tuple(Language(language) for language in said.languages),
            said.contact,
        )

"""What happens to the store itself: what it is, its zones, its key, its clock."""

from __future__ import annotations

from typing import Annotated, Literal

from edge.domain.setting import Setting
from edge.journal.entry import Fact
from words.languages import Words


class StoreDescribed(Fact, frozen=True, tag="store.described.v1"):
    """The store is called so, and speaks and counts like this."""

    name: Words
    currency: str
    """ISO 4217."""
    region: str
    """Two-letter country that a phone number without a prefix belongs to."""
    timezone: str
    """IANA name of the time on its wall."""
    languages: tuple[str, ...]
    """What it speaks; the first where nothing else is known."""
    contact: str = ""
    """Who answers for personal data."""


class ZoneDefined(Fact, frozen=True, tag="zone.defined.v1"):
    """A zone has this name and this place."""

    zone: Annotated[str, Setting("id", form="id")]
    """Name in settings and facts. Keep it when the zone moves."""
    name: Annotated[Words, Setting(form="text")]
    """What screens and pages call the zone."""
    plan: Annotated[tuple[float, float, float, float], Setting(form="plan")]
    """x, y, width, height in metres from the top left corner of the floor plan. Change it when shelves move."""


class ZoneRemoved(Fact, frozen=True, tag="zone.removed.v1"):
    """The store has this zone no more."""

    zone: str


KeyReason = Literal["first", "new", "earlier", "persons_given_up"]
"""`first`: nothing was recorded before. `new` and `earlier`: somebody decided to go on with another key.
`persons_given_up`: somebody decided to go on without the keys of persons.
"""


class StoreKeyTaken(Fact, frozen=True, tag="store_key.taken.v1"):
    """From here on the store works with this key."""

    check: str
    """Names the key without telling it: 32 hexadecimal digits of a keyed hash."""
    why: KeyReason
    sealed: int
    """How many sealed numbers the journal held then. They do not open with a key that is new."""


class ClockJumped(Fact, frozen=True, tag="clock.jumped.v1"):
    """The box's clock differs from the store's time. Nothing follows from it."""

    by_ms: int
    """How far it is ahead; below zero, behind."""


class ClockConfirmed(Fact, frozen=True, tag="clock.confirmed.v1"):
    """Staff looked at the box's clock: it is right."""

    staff: str


class ClockSet(Fact, frozen=True, tag="clock.set.v1"):
    """The store's time follows the box's clock from here on."""

    by_ms: int
    passed: bool
    """Whether that time has really passed, because the box was off."""
    why: str
    """Who says that it is right: `time_server`, `cloud`, `staff`."""


class ClockAgreed(Fact, frozen=True, tag="clock.agreed.v1"):
    """The box's clock came back to the store's time by itself."""

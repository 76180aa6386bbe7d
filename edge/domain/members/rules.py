"""The terms of members: whom a browser acts for, and how long that lasts."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from edge.domain.callers import Caller
from edge.domain.members.consent_texts import Purpose
from edge.domain.setting import DAYS, Setting

NEW_MS: Final = 3_600_000
"""For so long after registering somebody is new."""


class SealedPhone(msgspec.Struct, frozen=True):
    """A phone number as the store may keep it; made by `edge.secrets.vault`."""

    member: str
    """A fresh member id."""
    index: str
    """Keyed blind index: equal numbers have equal indices, and only the key tells which number."""
    sealed: str
    """AES-GCM under the person's own key."""
    wrapped_key: bytes
    """That key, wrapped; destroying it erases the person."""


class Browser(msgspec.Struct, frozen=True):
    """A browser that asks to be let in."""

    name: str
    """Its own random name."""
    session: str
    """A fresh name for the session that it may get."""
    agent: str = ""
    """What kind of phone it is."""
    caller: Caller | None = None
    """Whom it acts for now."""
    named: bool = True
    """Whether it brought its name; one that keeps no cookies gets another each time."""


class Registration(msgspec.Struct, frozen=True):
    """Who a browser is now."""

    member: str
    session: str
    browser: str = ""


NEVER: Final = 2**62
AGAIN_MS: Final = 10 * 60_000
"""How long a registration of a browser without a name may be sent again."""

MAX_PERSONS: Final = 8
"""So many persons at most become one: more is no person with phones."""
UNDO_MS: Final = 24 * 3600_000
"""How long a link that staff made can be taken back, and until when it lets nobody decide about the others."""

FIRM: Final = "(k.staff_ms IS NULL OR k.staff_ms<?2)"
"""Of a row `k` of kin, with `?2` `UNDO_MS` ago: what says who the other is, what nothing parts again and what is
decided about the other waits for it. Wallet, points, orders and rides do not.
"""

LIFE_MS: Final = 180 * 24 * 3600_000
"""How long a browser stays logged in."""


class Newcomer(msgspec.Struct, frozen=True):
    """One line of the list."""

    phone: SealedPhone
    points: int = 0
    card: str = ""
    """Keyed blind index of the card's number; empty where there is none."""


class Consent(msgspec.Struct, frozen=True):
    """Where a person stands with one purpose."""

    purpose: Purpose
    given: bool
    version: str = ""
    """To which it was given, or given last."""
    since_ms: int = 0
    wanted: str = ""
    """The version in force; empty where no text is."""

    @property
    def current(self) -> bool:
        """Whether it covers what the text in force says."""
        return self.given and self.version >= self.wanted


class ErasureBlocker(msgspec.Struct, frozen=True):
    """What has to end first."""

    kind: Literal["cart", "parcel", "order", "payment"]
    device: str
    """The cart, the bank, the number of the order whose goods are still to be fetched, or the payment's last letters.
    """
    door: str = ""


class ErasureResult(msgspec.Struct, frozen=True):
    """What came of asking."""

    erased: tuple[str, ...]
    """The persons that are gone; empty where it waits."""
    holds: tuple[ErasureBlocker, ...] = ()


DAY_MS = 24 * 3600_000


class Session(msgspec.Struct, frozen=True):
    """A browser that acts for a member, while it does."""

    session: str
    member: str
    browser: str
    agent: str
    """What kind of phone."""
    opened_ms: int
    proven_ms: int | None
    """When the member's number was proven from it."""


class Link(msgspec.Struct, frozen=True):
    """Two persons who were found to be one."""

    link: str
    member: str
    kin: str
    how: str
    staff: str
    evidence: str
    at_ms: int
    parted_ms: int | None
    """When it was taken back."""
    named: str
    """The phone that joined, for its owner; who confirmed it, for staff."""


Ask = Literal["before", "after", "never"]


class AskRules(msgspec.Struct, frozen=True):
    """When the store asks for a number: "before" an act, "after" it (guests may, and are asked to register later), or
    "never" for it. Some regions forbid to make a service depend on a registration: choose "after" or "never" there.
    """

    ride: Annotated[Ask, Setting()] = "before"
    """For a cart."""
    deposit: Annotated[Ask, Setting()] = "before"
    """For a locker. A guest's code lives in the browser and on a slip."""
    coupon: Annotated[Ask, Setting()] = "before"
    """For a coupon."""
    screen: Annotated[Ask, Setting()] = "never"
    """For a locker at a screen beside it, where nobody has a phone out: the code stands on the glass and on paper. With
    "before" it begins on the phone, or with a member's code held to the scanner there."""


class MemberRules(msgspec.Struct, frozen=True):
    """What the store agrees on about who its members are."""

    ask: Annotated[AskRules, Setting()] = AskRules()
    """When a number is asked for."""
    proof_days: Annotated[float, Setting(unit=DAYS, gt=0, le=3650)] = 90
    """How long a proven number counts. A number that was proven longer ago may belong to somebody else by now: proving
    it again on another phone opens a new person, never the old wallet. Lower it where numbers are given out again
    sooner."""
    staff_confirms: Annotated[int, Setting(ge=0, le=1000)] = 5
    """How often a day each member of staff may confirm that two phones belong to one person. 0 forbids it."""

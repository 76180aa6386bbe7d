"""What happens to umbrellas, and what the store agrees on about them."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from edge.domain.endings import Hop, How
from edge.domain.setting import HOURS, Setting
from edge.journal import Fact

KIND: Final = "umbrella_stand"
"""The kind of the device, and what its code is for."""
HOUR_MS: Final = 3_600_000


class UmbrellaRules(msgspec.Struct, frozen=True):
    """What the store agrees on about umbrellas."""

    out_ms: Annotated[int, Setting("hours", HOURS, gt=0, le=720)] = 24 * HOUR_MS
    """How long an umbrella may be out before staff hear of it."""
    screen: Annotated[str, Setting()] = ""
    """The screen that shows which umbrella is free. Leave it out where none stands there."""


class UmbrellaRulesSet(Fact, frozen=True, tag="umbrella.rules_set.v1"):
    """The store agrees on this about umbrellas from now on."""

    rules: UmbrellaRules


class UmbrellaSeen(Fact, frozen=True, tag="umbrella.seen.v1"):
    """A stand shows which of its places hold an umbrella."""

    stand: str
    places: dict[str, bool]


class UmbrellaLent(Fact, frozen=True, tag="umbrella.lent.v1"):
    """A member may take the umbrella of this place: unlock it, once."""

    stand: str
    door: str
    member: str
    request: str
    fence: int


class UmbrellaFreed(Fact, frozen=True, tag="umbrella.freed.v1"):
    """The lock let it go."""

    grant: str
    stand: str
    door: str
    outcome: How


class UmbrellaStuck(Fact, frozen=True, tag="umbrella.stuck.v1"):
    """The lock did not open."""

    grant: str
    stand: str
    door: str
    hop: Hop
    reason: str


class UmbrellaLapsed(Fact, frozen=True, tag="umbrella.lapsed.v1"):
    """Nobody knows that it opened, and it is not tried any more."""

    grant: str
    stand: str
    door: str
    hop: Hop
    reason: str


class UmbrellaShown(Fact, frozen=True, tag="umbrella.shown.v1"):
    """The screen at the stand is told which one it is."""

    screen: str
    door: str
    fence: int


class UmbrellaReturned(Fact, frozen=True, tag="umbrella.returned.v1"):
    """It is back in its place."""

    grant: str
    stand: str
    door: str

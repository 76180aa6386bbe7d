"""The rules of games, as data and plain functions: which prize a ticket is, and what a game may cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import msgspec

from edge.domain.games.fairness import MILLION
from words.languages import Words

Kind = Literal["wheel", "draw", "shake"]
"""How it is shown: a wheel that turns, a box that opens, phones that are shaken. All of them draw alike."""
Why: TypeAlias = Literal["won", "nothing", "gone", "cap"]
"""Why a draw came out so: a prize; a blank; its prize is used up; it would cost more than the game may."""
PPM_PER_PERCENT: Final = 10_000
MAX_PLAYERS: Final = 4
"""Phones at one screen."""


class Prize(msgspec.Struct, frozen=True, omit_defaults=True):
    """What can be won."""

    id: str
    name: Words
    ppm: int
    """Its chance: so many tickets of a million."""
    cost: int = 0
    """What it costs the store when it is won, in the smallest unit; kept aside in the same step."""
    stock: int | None = None
    """How many there are; none is without bound."""
    coupon: str = ""
    """The campaign whose coupon it is."""
    points: int = 0
    art: str = "gift"


class Game(msgspec.Struct, frozen=True, omit_defaults=True):
    """A game as it is played: nothing of it changes without a new root."""

    id: str
    kind: Kind
    name: Words
    prizes: tuple[Prize, ...]
    zones: tuple[str, ...] = ()
    """Whose screens offer it; none is every zone."""
    cap: int = 0
    """What all prizes together may cost, ever."""
    cap_day: int = 0
    """What they may cost in one day of the store."""
    per_day: int = 1
    """Chances of one member in a day."""
    proven: bool = False
    """Whether only proven numbers play."""
    players: int = MAX_PLAYERS

    @property
    def blank(self) -> int:
        """Tickets of a million that win nothing."""
        return MILLION - sum(each.ppm for each in self.prizes)

    def is_of(self, zone: str) -> bool:
        """Whether this zone's screens offer it."""
        return not self.zones or zone in self.zones


class PrizesLeft(msgspec.Struct, frozen=True):
    """What has been given so far."""

    given: Mapping[str, int]
    """By prize."""
    spent: int
    spent_day: int


class Award(msgspec.Struct, frozen=True):
    """What a ticket comes to."""

    prize: Prize | None
    why: Why

    @property
    def cost(self) -> int:
        """What it costs the store."""
        return self.prize.cost if self.prize else 0


def prize_of_ticket(game: Game, ticket: int) -> Prize | None:
    """The prize whose range a ticket lies in; the ranges follow each other in the order of the prizes."""
    start = 0
    for prize in game.prizes:
        if start <= ticket < start + prize.ppm:
            return prize
        start += prize.ppm
    return None


def award(game: Game, ticket: int, left: PrizesLeft) -> Award:
    """What a ticket wins. It is never drawn again: a prize that is used up, or too dear by now, gives nothing."""
    prize = prize_of_ticket(game, ticket)
    if prize is None:
        return Award(None, "nothing")
    if prize.stock is not None and left.given.get(prize.id, 0) >= prize.stock:
        return Award(None, "gone")
    if left.spent + prize.cost > game.cap or left.spent_day + prize.cost > game.cap_day:
        return Award(None, "cap")
    return Award(prize, "won")

"""What the gateway answers a screen that asks for games (`screens.Service`), and the phones that play there: odds in
words, a round with its seats, and how a draw came out.
"""

from __future__ import annotations

import msgspec


class Odds(msgspec.Struct, frozen=True):
    """One line of what can be won. A blank is one, too: all lines add up to 100 per cent."""

    prize: str
    """"" for a blank."""
    name: str
    percent: str
    """Exact, with the point as the decimal sign."""
    art: str
    left: int | None = None
    """How many there still are; none is without bound."""


class Game(msgspec.Struct, frozen=True):
    """A game that can be played here, before it is played."""

    id: str
    kind: str
    name: str
    odds: tuple[Odds, ...]
    per_day: int
    players: int
    fair: str = ""
    """Where its proof is, for phones."""
    prizes_left: int | None = None
    """Of prizes that are counted, all together; none where none is."""
    root: str = ""
    run: int = 0
    played: int = 0


class Seat(msgspec.Struct, frozen=True):
    """A phone that has joined."""

    sign: str
    energy: int
    ready: bool


class DrawResult(msgspec.Struct, frozen=True):
    """How a draw came out."""

    number: int
    seat: str
    """The sign of the phone that it fell on."""
    prize: str
    """"" where it won nothing."""
    name: str
    why: str
    art: str
    note: str
    """What to do with it, or why it is nothing."""
    proof: str
    """Where its proof is, for phones."""


class Round(msgspec.Struct, frozen=True):
    """A round as a screen or a phone shows it."""

    id: str
    stage: str
    seats: tuple[Seat, ...]
    most: int
    join: str
    """What phones scan."""
    outcome: DrawResult | None = None
    refused: str = ""
    """Why the last draw came to nothing, as a sentence."""
    game: str = ""
    kind: str = ""
    mine: str = ""
    """The sign of the phone that asks."""

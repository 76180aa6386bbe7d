"""What happens in games: every fact. Money in the smallest unit."""

from __future__ import annotations

from edge.domain.games.rules import Game, Why
from edge.journal.entry import Fact


class GameOpened(Fact, frozen=True, tag="game.opened.v1"):
    """A game can be played from now on, with these odds, and with the seeds that this root commits the store to."""

    game: Game
    run: int
    """The how-manyth opening of this game it is: each has seeds of its own."""
    root: str
    """s_0, hexadecimal."""
    length: int
    """How many plays the chain of seeds has."""
    terms: str
    """SHA-256 of the game as it stands here, hexadecimal: what was promised."""


class GameClosed(Fact, frozen=True, tag="game.closed.v1"):
    """Nobody can play it any more. What was played is revealed all the same."""

    game: str


class GamePlayed(Fact, frozen=True, tag="game.played.v1"):
    """A play has its number. Only after this is durable its seed is looked at."""

    game: str
    run: int
    number: int
    request: str
    """The player's own: nobody could choose seeds by it."""
    players: tuple[str, ...]
    """Members, in the order of their seats. The draw falls on one of them."""
    screen: str = ""
    day: str = ""
    """The store's day, which its chance is of."""


class GameRevealed(Fact, frozen=True, tag="game.revealed.v1"):
    """How a play came out, with the seed that proves it."""

    game: str
    run: int
    number: int
    seed: str
    """Hexadecimal; its SHA-256 is the seed of the play before, or the root."""
    ticket: int
    seat: int
    """Which of the players it falls on, from 0."""
    member: str
    prize: str
    """"" where it won nothing."""
    why: Why
    cost: int
    """Kept aside for the prize."""
    day: str
    coupon: str = ""
    """The coupon's own name in the winner's wallet."""
    points: int = 0

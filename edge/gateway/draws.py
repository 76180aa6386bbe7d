"""Draws: what screens and phones ask of games, and the store's own simple draw behind it.

A draw of another kind (rules, prizes and chances of a campaign engine) implements `Draws` and takes its place.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Final, Protocol

import structlog

from edge.domain.callers import Caller
from edge.domain.games import decisions, queries
from edge.domain.games.fairness import LENGTH, Chains
from edge.domain.games.queries import GameStatus, Play
from edge.domain.games.rules import Game
from edge.errors import JournalError, Refusal
from edge.gateway.decide import Decide
from edge.journal import Reads

log = structlog.get_logger(__name__)

LOOK_S: Final = 5.0
"""How often it is looked for plays that nobody revealed: the disk was full just then."""


class Draws(Protocol):
    """What decides what is won."""

    def offered(self, zone: str | None = None) -> Sequence[GameStatus]:
        """The games that can be played at screens of a zone now; in the whole store where none is named."""

    async def may_play(self, game: str, caller: Caller, beside: Sequence[str] = ()) -> int:
        """How many chances somebody has today, beside these members. Raises `Refusal` where there is none, with the
        reason.
        """

    async def play(self, game: str, players: Sequence[Caller], request: str, screen: str = "") -> Play:
        """One draw that falls on one of the players, durable and revealed. The same request is the same draw.

        Raises `Refusal`, `JournalError`.
        """


class SimpleDraws:
    """The store's own: chances and caps of `[[games]]`, proven by a chain of seeds (`edge.domain.games.fairness`)."""

    def __init__(
        self, decide: Decide, reads: Reads, key: bytes, games: Sequence[Game], *, length: int = LENGTH
    ) -> None:
        self._decide = decide
        self._reads = reads
        self._chains = Chains(key)
        self._games = games
        self._length = length

    async def open(self) -> None:
        """Publish the roots of games that are new, and reveal what a crash left. Raises `JournalError`."""
        if self._games or queries.game_statuses(self._reads):
            await self._open()
            await self._reveal_all()

    async def run(self) -> None:
        """Reveal for ever what nobody else did."""
        while True:
            await asyncio.sleep(LOOK_S)
            if queries.unrevealed_plays(self._reads):
                with contextlib.suppress(JournalError):
                    await self._reveal_all()

    def offered(self, zone: str | None = None) -> Sequence[GameStatus]:
        """See `Draws`."""
        return queries.open_games(self._reads, zone)

    async def may_play(self, game: str, caller: Caller, beside: Sequence[str] = ()) -> int:
        """See `Draws`."""
        return await self._decide(decisions.may_play, game=game, caller=caller, beside=beside)

    async def play(self, game: str, players: Sequence[Caller], request: str, screen: str = "") -> Play:
        """See `Draws`. It has its number on the disk before its seed is looked at."""
        try:
            play = await self._play(game, players, request, screen)
        except Refusal as refusal:
            if refusal.code != "game_over":
                raise
            await self._open()
            play = await self._play(game, players, request, screen)
        while not play.seed:
            await self._decide(decisions.reveal, game, self._chains)
            play = queries.play(self._reads, play.game, play.run, play.number) or play
        return play

    async def _play(self, game: str, players: Sequence[Caller], request: str, screen: str) -> Play:
        return await self._decide(decisions.play, game=game, players=players, request=request, screen=screen)

    async def _open(self) -> None:
        await self._decide(decisions.open_games, self._games, self._chains, self._length)

    async def _reveal_all(self) -> None:
        for game in sorted({play.game for play in queries.unrevealed_plays(self._reads)}):
            try:
                while await self._decide(decisions.reveal, game, self._chains):
                    pass
            except Refusal as refusal:
                # The store's key is another one than when the game was opened: nothing of it can be proven any more.
                log.error("game.not_revealed", game=game, why=refusal.code)  # noqa: TRY400 - the code says it all

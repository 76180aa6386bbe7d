"""Several phones at one screen: who has joined, whose turn it is, and the one draw of a round.

In memory: a round lives for as long as its screen shows it. What is won is in the journal.
"""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Callable
from typing import Final, Literal, TypeAlias

import msgspec

from edge.domain.callers import Caller
from edge.domain.games.queries import Play
from edge.errors import Refusal
from edge.gateway.draws import Draws

AWAY_S: Final = 20.0
"""A screen that has not looked for so long shows something else: the round is over."""
GONE_S: Final = 45.0
"""A phone that has not been heard of for so long has left its seat, as long as nothing is drawn."""
SPIN_S: Final = 5.5
"""So long the screen turns before it says the result; phones say it no sooner."""
WAIT_S: Final = 10.0
"""So long the others are waited for, once one phone is ready."""
FULL: Final = 100
"""A phone that was shaken so much is ready."""
MAX_SHAKE: Final = 34
"""What one message of a phone counts at most: shaking takes a moment, whoever writes the messages."""
SIGNS: Final = ("strawberry", "apple", "milk", "croissant")
"""The pictures that seats are known by, in their order: nobody is called by name on a screen."""

Stage: TypeAlias = Literal["joining", "drawing", "shown", "over"]


class Player(msgspec.Struct):
    """One phone of a round."""

    sign: str
    caller: Caller
    energy: int = 0
    heard: float = 0.0

    @property
    def ready(self) -> bool:
        """Whether it has done its part."""
        return self.energy >= FULL


class GameRound(msgspec.Struct):
    """One game at one screen."""

    id: str
    """In the address that phones scan; nobody can guess it."""
    screen: str
    session: str
    """The kiosk's session: another one gets another round."""
    game: str
    most: int
    kind: str
    request: str
    asked: list[str] = []
    """Of whom the request spoke last: it is the same draw for the same people alone."""
    seats: list[Player] = []
    stage: Stage = "joining"
    play: Play | None = None
    ready_at: float | None = None
    seen: float = 0.0
    drawn_at: float = 0.0
    refused: str = ""
    """Why the last draw came to nothing, as a refusal's code."""

    @property
    def members(self) -> list[str]:
        """Who has joined."""
        return [seat.caller.member for seat in self.seats]

    def seat_of(self, member: str) -> Player | None:
        """Where a member sits."""
        return next((seat for seat in self.seats if seat.caller.member == member), None)


class Rounds:
    """The rounds of all screens, one a screen."""

    def __init__(self, draws: Draws, clock: Callable[[], float] = time.monotonic) -> None:
        self._draws = draws
        self._clock = clock
        self._rounds: dict[str, GameRound] = {}
        self._of_screen: dict[str, str] = {}

    # --- the screen ---

    def open(self, screen: str, session: str, zone: str, game: str) -> GameRound:
        """The round of a screen. The same session goes on with its own. Raises `Refusal`: game_unknown."""
        self._forget()
        found = next((each.game for each in self._draws.offered(zone) if each.game.id == game), None)
        if found is None:
            raise Refusal("game_unknown", game=game)
        now = self._rounds.get(self._of_screen.get(screen, ""))
        if now is not None and (now.session, now.game) == (session, game) and now.stage != "over":
            now.seen = self._clock()
            return now
        self.close(screen)
        made = GameRound(
            id=secrets.token_hex(8),
            screen=screen,
            session=session,
            game=game,
            most=found.players,
            kind=found.kind,
            request=str(uuid.uuid4()),
            seen=self._clock(),
        )
        self._rounds[made.id] = made
        self._of_screen[screen] = made.id
        return made

    async def look(self, screen: str, round_id: str) -> GameRound:
        """The round as its screen shows it; a draw that is due is made. Raises `Refusal`: round_unknown, round_over."""
        found = self._round_of_screen(screen, round_id)
        found.seen = self._clock()
        self._clear_seats(found)
        if found.ready_at is not None and self._clock() - found.ready_at >= WAIT_S:
            await self._draw(found)
        return found

    async def draw(self, screen: str, round_id: str) -> GameRound:
        """The screen's own key: draws for who has joined. Raises `Refusal`."""
        found = self._round_of_screen(screen, round_id)
        found.seen = self._clock()
        await self._draw(found)
        return found

    def again(self, screen: str, round_id: str) -> GameRound:
        """Another draw of the same people. Raises `Refusal`."""
        found = self._round_of_screen(screen, round_id)
        if found.stage == "shown":
            found.stage, found.play, found.ready_at, found.request = "joining", None, None, str(uuid.uuid4())
            for seat in found.seats:
                seat.energy = 0
        return found

    def close(self, screen: str) -> None:
        """The screen shows something else. Phones are told that the round is over."""
        found = self._rounds.get(self._of_screen.pop(screen, ""))
        if found is not None:
            found.stage = "over"

    # --- phones ---

    def find(self, round_id: str) -> GameRound:
        """Raises `Refusal`: round_unknown, round_over."""
        found = self._rounds.get(round_id)
        if found is None:
            raise Refusal("round_unknown")
        if found.stage == "over" or self._clock() - found.seen > AWAY_S:
            found.stage = "over"
            raise Refusal("round_over", game=found.game)
        return found

    async def join(self, round_id: str, caller: Caller) -> Player:
        """Sit down. The same person has one seat. Raises `Refusal`: round_unknown, round_over, game_full, and why
        somebody cannot play.
        """
        found = self.find(round_id)
        seat = found.seat_of(caller.member)
        if seat is None:
            await self._draws.may_play(found.game, caller, found.members)
            found = self.find(round_id)
            seat = found.seat_of(caller.member) or self._sit(found, caller)
        seat.heard = self._clock()
        return seat

    def _sit(self, found: GameRound, caller: Caller) -> Player:
        self._clear_seats(found)
        taken = {seat.sign for seat in found.seats}
        free = [sign for sign in SIGNS[: found.most] if sign not in taken]
        if not free or found.stage != "joining":
            raise Refusal("game_full", game=found.game, most=found.most)
        seat = Player(free[0], caller)
        found.seats.append(seat)
        found.seats.sort(key=lambda each: SIGNS.index(each.sign))
        return seat

    async def shake(self, round_id: str, caller: Caller, amount: int) -> GameRound:
        """A phone was shaken, or its key touched. Once all are ready it is drawn. Raises `Refusal`."""
        found = self.find(round_id)
        seat = found.seat_of(caller.member)
        if seat is None:
            raise Refusal("round_unknown")
        seat.heard = self._clock()
        if found.stage == "joining":
            seat.energy = min(FULL, seat.energy + max(0, min(amount, MAX_SHAKE)))
            if seat.ready and found.ready_at is None:
                found.ready_at = self._clock()
            if all(each.ready for each in found.seats):
                await self._draw(found)
        return found

    def hear(self, round_id: str, member: str) -> GameRound:
        """A phone looks. Raises `Refusal`: round_unknown, round_over."""
        found = self.find(round_id)
        if (seat := found.seat_of(member)) is not None:
            seat.heard = self._clock()
        return found

    def is_revealed(self, found: GameRound) -> bool:
        """Whether phones may say how it came out: the screen is about to."""
        return found.stage == "shown" and self._clock() - found.drawn_at >= SPIN_S

    def leave(self, round_id: str, member: str) -> None:
        """Get up."""
        found = self._rounds.get(round_id)
        if found is not None and found.stage != "drawing":
            self._keep(found, [seat for seat in found.seats if seat.caller.member != member])

    # --- both ---

    async def _draw(self, found: GameRound) -> None:
        """One draw for the whole round, however many ask for it at once."""
        if found.stage != "joining" or not found.seats:
            return
        found.stage, found.ready_at, found.refused = "drawing", None, ""
        players = [seat.caller for seat in found.seats]
        if found.asked and found.asked != found.members:
            found.request = str(uuid.uuid4())
        found.asked = found.members
        try:
            found.play = await self._draws.play(found.game, players, found.request, found.screen)
            found.stage, found.drawn_at = "shown", self._clock()
        except Refusal as refusal:
            await self._send_away(found)
            found.stage, found.refused, found.request = "joining", refusal.code, str(uuid.uuid4())
        except BaseException:
            # Whether it has a number is not known: the same request asks again, and is the same draw.
            found.stage = "joining"
            raise

    async def _send_away(self, found: GameRound) -> None:
        """Whoever cannot play any more gives up the seat; the others go on."""
        for seat in list(found.seats):
            try:
                await self._draws.may_play(found.game, seat.caller, found.members)
                seat.energy = 0
            except Refusal:
                found.seats.remove(seat)

    def _round_of_screen(self, screen: str, round_id: str) -> GameRound:
        found = self.find(round_id)
        if found.screen != screen:
            raise Refusal("round_unknown")
        return found

    def _clear_seats(self, found: GameRound) -> None:
        if found.stage == "joining":
            now = self._clock()
            self._keep(found, [seat for seat in found.seats if now - seat.heard <= GONE_S])

    @staticmethod
    def _keep(found: GameRound, seats: list[Player]) -> None:
        """These stay. Where whoever was ready has left, nobody is waited for."""
        found.seats = seats
        if not any(seat.ready for seat in seats):
            found.ready_at = None

    def _forget(self) -> None:
        now = self._clock()
        over = [each.id for each in self._rounds.values() if now - each.seen > 10 * AWAY_S]
        for each in over:
            del self._rounds[each]

"""A game at a screen: which one, who has joined by phone, and how the draw came out. The gateway decides all of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from typing import Final, TypeAlias

import msgspec

from device_drivers.contract.answers.games import Game, Round
from kiosk_ui.gateway import Gateway, Refused, Unreachable
from kiosk_ui.places import Games
from kiosk_ui.screen import Asked, Context, Step

LOOK_S: Final = 0.5
"""How often the round is looked at."""
STILL_S: Final = 120.0
"""A round in which nothing new has happened for so long is nobody's: the screen idles as ever."""
SPIN_S: Final = 5.0
"""How long it is turned, shaken or opened before the result is said."""
RETRY_S: Final = 10.0
"""How soon it is asked again after no answer."""


class GamesAnswer(msgspec.Struct, frozen=True):
    """What the gateway says."""

    games: tuple[Game, ...]


class Memory(Asked, frozen=True):
    """What the screen remembers."""

    games: tuple[Game, ...] | None = None
    """None until the gateway has said them."""
    chosen: str = ""
    round: Round | None = None
    changed_at: float = 0.0
    """When something new was heard last."""
    came_at: float = 0.0
    """When the outcome was heard."""
    waits: bool = False
    """Phones play: the screen does not idle."""
    problem: Refused | Unreachable | None = None
    """Why there is nothing to see."""
    problem_at: float = 0.0

    @property
    def game(self) -> Game | None:
        """The one that is played."""
        return next((each for each in self.games or () if each.id == self.chosen), None)


GamesContext: TypeAlias = Context[Games, Memory]
Said: TypeAlias = tuple[Game, ...] | Round | Refused | Unreachable


def start(_at: float) -> Memory:
    """Nothing is known."""
    return Memory()


def busy(playing: Memory) -> bool:
    """Phones play, or it is drawn."""
    return playing.waits


def sound(context: GamesContext) -> str:
    """A prize, once the wheel has stopped."""
    outcome = context.memory.round.outcome if context.memory.round else None
    return "won" if outcome is not None and outcome.prize and revealed(context.memory, context.at) else ""


def on_front(context: GamesContext) -> Step[Memory]:
    """It is in front: asks what there is, and goes on with the round."""
    playing = msgspec.structs.replace(context.memory, problem=None)
    return context.begin(partial(_begin, context.gateway, playing.chosen), playing)


def choose_game(context: GamesContext, game: str) -> Step[Memory]:
    """One of several games."""
    playing = msgspec.structs.replace(context.memory, chosen=game, round=None, problem=None)
    return context.begin(partial(_begin, context.gateway, game), playing)


def leave(context: GamesContext, _argument: str) -> Step[Memory]:
    """The way back: to the list where there is one, else to what stands behind."""
    playing = context.memory
    if playing.chosen and len(playing.games or ()) > 1:
        return Step(msgspec.structs.replace(playing, chosen="", round=None, waits=False, asking=False))
    return Step(playing, back=True)


def draw(context: GamesContext, _argument: str) -> Step[Memory]:
    """The main key: draws for who has joined."""
    return _act(context, "draw")


def draw_again(context: GamesContext, _argument: str) -> Step[Memory]:
    """Another draw of the same people."""
    return _act(context, "again")


def _act(context: GamesContext, what: str) -> Step[Memory]:
    playing = context.memory
    if playing.round is None or not playing.round.seats:
        return Step(playing)
    job = partial(_follow, context.gateway, f"games/rounds/{playing.round.id}/{what}")
    return Step(msgspec.structs.replace(playing, asking=True, changed_at=context.at, problem=None), job)


def on_result(context: GamesContext, said: Said) -> Memory | Step[Memory]:
    """The gateway says something."""
    playing = context.memory
    if isinstance(said, Refused | Unreachable):
        return msgspec.structs.replace(playing, problem=said, problem_at=context.at, asking=False, waits=False)
    if isinstance(said, tuple):
        only = said[0].id if len(said) == 1 else playing.chosen
        playing = msgspec.structs.replace(playing, games=said, chosen=only)
        if not playing.chosen:
            return msgspec.structs.replace(playing, asking=False)
        return playing
    came = said.outcome is not None and (playing.round is None or playing.round.outcome is None)
    return msgspec.structs.replace(
        playing,
        round=said,
        changed_at=context.at,
        came_at=context.at if came else playing.came_at,
        waits=bool(said.seats),
    )


def on_tick(context: GamesContext) -> Memory | Step[Memory]:
    """A second went by: an answer in another language is asked for, and a round that nobody plays is left alone. Why
    something was refused stays, to be read in that language.
    """
    playing = context.memory
    if playing.waits and context.at - playing.changed_at >= STILL_S:
        return msgspec.structs.replace(playing, waits=False)
    again = playing.problem is not None and context.at - playing.problem_at >= RETRY_S
    if context.covered or not (again or playing.language != context.language):
        return playing
    asks = on_front(context)
    stays = playing.problem if isinstance(playing.problem, Refused) and not again else None
    return msgspec.structs.replace(asks, memory=msgspec.structs.replace(asks.memory, problem=stays))


def revealed(playing: Memory, at: float) -> bool:
    """Whether the turning is over and the result is said."""
    there = playing.round is not None and playing.round.outcome is not None
    return there and at - playing.came_at >= SPIN_S


# --- jobs ---


def _begin(gateway: Gateway, chosen: str) -> Iterator[tuple[Game, ...] | Round | None]:
    """The games; and the round of the chosen one, or of the only one."""
    games: tuple[Game, ...] = gateway.get("games", GamesAnswer).games
    yield games
    known = chosen or (games[0].id if len(games) == 1 else "")
    if known:
        yield from _follow(gateway, f"games/{known}/round")


def _follow(gateway: Gateway, path: str) -> Iterator[Round | None]:
    """Does it, and goes on looking at the round."""
    latest: Round = gateway.post(path, shape=Round)
    yield latest
    while True:
        time.sleep(LOOK_S)
        found: Round = gateway.get(f"games/rounds/{latest.id}", Round)
        yield found if found != latest else None
        latest = found

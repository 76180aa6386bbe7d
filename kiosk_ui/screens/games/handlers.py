"""A game at a screen: which one, who has joined by phone, and how the draw came out. The gateway decides all of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from typing import Any, Final, TypeAlias

import msgspec

from device_drivers.contract.answers.games import Game, Round
from kiosk_ui.gateway import Gateway, Refused, Unreachable
from kiosk_ui.places import Games
from kiosk_ui.screen import Context, Step

LOOK_S: Final = 0.5
"""How often the round is looked at."""
STILL_S: Final = 120.0
"""A round in which nothing new has happened for so long is nobody's: the screen idles as ever."""
SPIN_S: Final = 5.0
"""How long it is turned, shaken or opened before the result is said."""
RETRY_S: Final = 10.0
"""How soon it is asked again after no answer."""


class Memory(msgspec.Struct, frozen=True):
    """What the screen remembers."""

    language: str = ""
    """In which the gateway was asked."""
    games: tuple[Game, ...] | None = None
    """None until the gateway has said them."""
    chosen: str = ""
    round: Round | None = None
    changed_at: float = 0.0
    """When something new was heard last."""
    came_at: float = 0.0
    """When the outcome was heard."""
    asking: bool = False
    """A job goes on."""
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


def loads(playing: Memory) -> bool:
    """The gateway is asked."""
    return playing.asking


def sound(context: GamesContext) -> str:
    """A prize, once the wheel has stopped."""
    outcome = context.memory.round.outcome if context.memory.round else None
    return "won" if outcome is not None and outcome.prize and revealed(context.memory, context.at) else ""


def on_front(context: GamesContext) -> Step[Memory]:
    """It is in front: asks what there is, and goes on with the round."""
    playing = msgspec.structs.replace(context.memory, asking=True, language=context.language, problem=None)
    return Step(playing, partial(_begin, context.gateway, playing.chosen))


def choose_game(context: GamesContext, game: str) -> Step[Memory]:
    """One of several games."""
    playing = msgspec.structs.replace(context.memory, chosen=game, asking=True, round=None, problem=None)
    return Step(playing, partial(_begin, context.gateway, game))


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
    job = partial(_follow, context.gateway, playing.round.id, what)
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


def _begin(gateway: Gateway, chosen: str) -> Iterator[Said | None]:
    """The games; and the round of the chosen one, or of the only one."""
    try:
        games = msgspec.convert(gateway.get("games")["games"], tuple[Game, ...])
        yield games
        known = chosen or (games[0].id if len(games) == 1 else "")
        if not known:
            return
        opened = _round(gateway.post(f"games/{known}/round"))
        yield opened
        yield from _watch(gateway, opened)
    except (Unreachable, msgspec.ValidationError, KeyError, TypeError):
        yield Unreachable()
    except Refused as refused:
        yield refused


def _follow(gateway: Gateway, name: str, what: str) -> Iterator[Said | None]:
    """Does it, and goes on looking."""
    try:
        found = _round(gateway.post(f"games/rounds/{name}/{what}"))
        yield found
        yield from _watch(gateway, found)
    except (Unreachable, msgspec.ValidationError):
        yield Unreachable()
    except Refused as refused:
        yield refused


def _watch(gateway: Gateway, latest: Round) -> Iterator[Round | None]:
    while True:
        time.sleep(LOOK_S)
        found = _round(gateway.get(f"games/rounds/{latest.id}"))
        if found != latest:
            latest = found
            yield found
        else:
            yield None


def _round(found: Any) -> Round:
    return msgspec.convert(found, Round)

"""What is to be seen of a game: every word, ready to be drawn."""

from __future__ import annotations

from typing import Final

import msgspec

from device_drivers.contract.answers.games import DrawResult, Game, Odds, Round
from kiosk_ui.screens.games.handlers import GamesContext, Memory, revealed

FEW: Final = 4
"""As many signs as there are seats at most."""
BOXES: Final = 6


class PrizeChance(msgspec.Struct, frozen=True):
    """One prize and its chance."""

    art: str
    name: str
    percent: str


class Choice(msgspec.Struct, frozen=True):
    """One game of several."""

    game: str
    name: str
    note: str
    art: str


class SeatView(msgspec.Struct, frozen=True):
    """A seat: taken, or free where it has no picture."""

    art: str
    name: str
    share: float
    """How far its phone is, 0 to 1."""
    lit: bool = False
    """The draw fell on it."""


class Result(msgspec.Struct, frozen=True):
    """What came of it."""

    lead: str
    name: str
    note: str
    proof: str
    url: str
    """Where its proof is, as a code."""
    art: str
    won: bool
    again: str
    done: str
    whose: str


class GamesView(msgspec.Struct, frozen=True):
    """The whole screen."""

    stage: str
    """`list`, `play`, `result`, `empty`, `loading`."""
    title: str
    note: str
    clock: str
    kind: str = "wheel"
    choices: tuple[Choice, ...] = ()
    lines: tuple[PrizeChance, ...] = ()
    odds_title: str = ""
    odds_note: str = ""
    fair: str = ""
    slices: tuple[tuple[str, str], ...] = ()
    """Name and picture of each slice of the wheel, in their order."""
    winner: int = -1
    """The slice, or the box, that it came out at; below 0 while nothing is drawn."""
    turning: bool = False
    seats: tuple[SeatView, ...] = ()
    join: str = ""
    join_title: str = ""
    join_note: str = ""
    key: str = ""
    """On the main key; empty while nobody has joined."""
    offline: str = ""
    result: Result | None = None


def view(context: GamesContext) -> GamesView:
    """The whole screen."""
    playing, game = context.memory, context.memory.game
    if playing.games is None or (playing.problem and not playing.round):
        return _without_games(context)
    if not playing.games:
        return _still(context, "empty", context.text("kiosk_games.none"), context.text("kiosk_games.none_note"))
    if game is None:
        return _list(context)
    return _play(context, game)


def _clock(context: GamesContext) -> str:
    return context.local.strftime("%H:%M")


def _still(context: GamesContext, stage: str, title: str, note: str) -> GamesView:
    return GamesView(stage, title, note, _clock(context))


def _without_games(context: GamesContext) -> GamesView:
    playing = context.memory
    if not playing.problem and not context.offline:
        return _still(context, "loading", context.text("kiosk_games.loading"), "")
    said = context.why(context.memory.problem, "kiosk_games.offline") or context.text("kiosk_games.offline")
    return _still(context, "empty", said, context.text("kiosk_games.offline_note"))


def _list(context: GamesContext) -> GamesView:
    choices = tuple(
        Choice(
            each.id,
            each.name,
            context.text("kiosk_games.prizes", count=sum(bool(line.prize) for line in each.odds)),
            next((line.art for line in each.odds if line.art), "gift"),
        )
        for each in context.memory.games or ()
    )
    seen = _still(context, "list", context.text("kiosk_games.title"), context.text("kiosk_games.title_note"))
    return msgspec.structs.replace(seen, choices=choices)


def _play(context: GamesContext, game: Game) -> GamesView:
    playing, text, found = context.memory, context.text, context.memory.round
    outcome = found.outcome if found else None
    said = revealed(playing, context.at)
    seats = found.seats if found else ()
    return GamesView(
        stage="result" if said else "play",
        title=game.name,
        note=_note(context, game, found),
        clock=_clock(context),
        kind=game.kind,
        lines=tuple(
            PrizeChance(each.art, each.name, text("number.percent", number=each.percent)) for each in game.odds
        ),
        odds_title=text("kiosk_games.odds"),
        odds_note=_odds_note(context, game),
        fair=text("kiosk_games.fair"),
        slices=tuple((each.name, each.art) for each in game.odds),
        winner=_place(game.odds, outcome, game.kind),
        turning=outcome is not None and not said,
        seats=_seats(context, found, outcome if said else None),
        join="" if outcome or found is None else found.join,
        join_title=text("kiosk_games.join"),
        join_note=_join_note(context, found),
        key=text("kiosk_games.draw") if seats and outcome is None and found and found.stage == "joining" else "",
        offline=context.why(context.memory.problem, "kiosk_games.offline")
        or (text("kiosk_games.offline") if context.offline else ""),
        result=_result(context, found, outcome) if said and outcome else None,
    )


def _note(context: GamesContext, game: Game, found: Round | None) -> str:
    if found is not None and found.refused:
        return found.refused
    return context.text("kiosk_games.chances", count=game.per_day)


def _odds_note(context: GamesContext, game: Game) -> str:
    equal = context.text("kiosk_games.equal") if game.kind == "wheel" else context.text("kiosk_games.sum")
    left = "" if game.prizes_left is None else context.text("kiosk_games.left", count=game.prizes_left)
    return context.text("gap").join(filter(None, (equal, left)))


def _join_note(context: GamesContext, found: Round | None) -> str:
    count, most = (len(found.seats), found.most) if found else (0, FEW)
    if not count:
        return context.text("kiosk_games.nobody", most=most)
    return context.text("kiosk_games.joined", count=count, most=most)


def _place(odds: tuple[Odds, ...], outcome: DrawResult | None, kind: str) -> int:
    if outcome is None:
        return -1
    if kind == "draw":
        return outcome.number % BOXES
    return next((place for place, each in enumerate(odds) if each.prize == outcome.prize), len(odds) - 1)


def _seats(context: GamesContext, found: Round | None, outcome: DrawResult | None) -> tuple[SeatView, ...]:
    if found is None:
        return ()
    taken = tuple(
        SeatView(
            each.sign,
            context.text(f"kiosk_games.sign.{each.sign}"),
            each.energy / 100,
            lit=outcome is not None and outcome.seat == each.sign,
        )
        for each in found.seats
    )
    free = found.most - len(taken) if taken else 0
    return (*taken, *[SeatView("", "", 0.0)] * free)


def _result(context: GamesContext, found: Round | None, outcome: DrawResult) -> Result:
    text, several = context.text, found is not None and len(found.seats) > 1
    won = bool(outcome.prize)
    whose = text(f"kiosk_games.sign.{outcome.seat}") if outcome.seat else ""
    return Result(
        lead=text("kiosk_games.won") if won else text("kiosk_games.not_won"),
        name=outcome.name,
        note=outcome.note,
        proof=text("kiosk_games.proof", number=outcome.number),
        url=outcome.proof,
        art=outcome.art or "gift",
        won=won,
        again=text("kiosk_games.again"),
        done=text("kiosk_games.done"),
        whose=text("kiosk_games.whose", sign=whose)
        if several and whose
        else text("kiosk_games.in_phone")
        if won
        else "",
    )


__all__ = ["BOXES", "FEW", "Choice", "GamesView", "Memory", "PrizeChance", "Result", "SeatView", "view"]

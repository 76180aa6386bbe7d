"""`/fair/{game}`: what a game promised before its first play, how every play came out, and a script that checks it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from edge.domain.games import queries
from edge.domain.games.rules import PPM_PER_PERCENT, Game, prize_of_ticket
from edge.errors import Refusal
from edge.web.audience import ANYBODY, audience
from edge.web.page import Page
from words.languages import in_language

if TYPE_CHECKING:
    from edge.domain.games.queries import Play, Run
    from edge.web.web import Web

AT_ONCE: Final = 50
"""Plays on one page; as JSON there are all of them."""
ENOUGH: Final = 5.0
"""Plays that each prize must be expected to have had before χ² says anything."""
SCRIPT: Final = Path(__file__).with_name("verify.py")
Z_ONE_IN_1000: Final = 3.0902


class PrizeRow(msgspec.Struct, frozen=True):
    """One prize: what was promised and what was seen."""

    name: str
    promised: float
    """Percent."""
    expected: float
    seen: int


class ChiSquared(msgspec.Struct, frozen=True):
    """Whether the plays follow the odds."""

    value: float
    df: int
    limit: float
    good: bool


Count = Annotated[int, Query(ge=0, le=2**53)]


def router(web: Web) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/fair/{game}")
    @audience(ANYBODY)
    async def shown(game: str, request: Request, run: Count = 0, number: Count = 0, before: Count = 0) -> Response:
        """The latest opening of a game, or the one that is named."""
        found = _run(web, game, run)
        language = web.language(request)
        start = number + 1 if number else before or None
        plays = queries.plays(web.reads, game, found.run, AT_ONCE, start)
        lines = _lines(web, found, language)
        values: dict[str, Any] = {
            "name": in_language(found.game.name, language),
            "run": found,
            "lines": lines,
            "chi": chi_squared(lines),
            "plays": [_play_view(found.game, play, language) for play in plays],
            "older": plays[-1].number if plays and plays[-1].number > 1 else 0,
            "runs": [each for each in queries.runs(web.reads, game) if each.run != found.run],
            "language_url": lambda each: f"/fair/{game}?run={found.run}&lang={each}",
        }
        return web.page(request, "fair/fair.html", 200, **values)

    @routes.get("/fair/{game}/plays.json")
    @audience(ANYBODY)
    async def listed(game: str, run: Count = 0) -> Response:
        """Everything that the script needs: promises, and every play with its seed. No player is in it."""
        return _json(document(web, _run(web, game, run)))

    @routes.get("/fair/{game}/verify.py")
    @audience(ANYBODY)
    async def script(game: str) -> Response:
        """The script that computes every play anew."""
        del game
        return Response(SCRIPT.read_text("utf-8"), media_type="text/x-python; charset=utf-8")

    return routes


def _run(web: Web, game: str, number: int) -> Run:
    now = queries.game_status(web.reads, game)
    found = queries.run(web.reads, game, number or (now.run if now else 0))
    if found is None:
        raise Refusal("not_found")
    return found


def document(web: Web, found: Run) -> dict[str, Any]:
    """A run as the script reads it."""
    plays = queries.plays(web.reads, found.game.id, found.run, found.length)
    return {
        "game": found.game.id,
        "run": found.run,
        "root": found.root,
        "length": found.length,
        "terms": found.terms,
        "prizes": [{"id": each.id, "ppm": each.ppm} for each in found.game.prizes],
        "plays": [
            {
                "number": play.number,
                "request": play.request,
                "players": len(play.players),
                "seed": play.seed,
                "ticket": play.ticket,
                "seat": play.seat,
                "prize": play.prize,
                "why": play.why,
            }
            for play in reversed(plays)
        ],
    }


def _lines(web: Web, found: Run, language: str) -> list[PrizeRow]:
    seen = queries.prize_counts(web.reads, found.game.id, found.run)
    total = sum(seen.values())
    prizes = [(each.id, in_language(each.name, language), each.ppm) for each in found.game.prizes]
    if found.game.blank:
        prizes.append(("", web.texts.say(language, "games.blank"), found.game.blank))
    return [
        PrizeRow(name, ppm / PPM_PER_PERCENT, total * ppm / 1_000_000, seen.get(key, 0)) for key, name, ppm in prizes
    ]


def chi_squared(lines: list[PrizeRow]) -> ChiSquared | None:
    """χ² of the plays; prizes that are seldom are taken together. None where there are too few plays."""
    cells: list[tuple[float, int]] = []
    seldom = [(each.expected, each.seen) for each in lines if each.expected < ENOUGH]
    cells += [(each.expected, each.seen) for each in lines if each.expected >= ENOUGH]
    if seldom:
        cells.append((sum(expected for expected, _ in seldom), sum(seen for _, seen in seldom)))
    cells = [cell for cell in cells if cell[0] >= ENOUGH]
    if len(cells) < 2:
        return None
    value, df = sum((seen - expected) ** 2 / expected for expected, seen in cells), len(cells) - 1
    limit = _critical(df)
    return ChiSquared(value, df, limit, value <= limit)


def _critical(df: int) -> float:
    """The value that χ² exceeds once in a thousand times (Wilson and Hilferty)."""
    return df * (1 - 2 / (9 * df) + Z_ONE_IN_1000 * math.sqrt(2 / (9 * df))) ** 3


def _play_view(game: Game, play: Play, language: str) -> dict[str, Any]:
    prize = next((each for each in game.prizes if each.id == play.prize), None)
    drawn = prize_of_ticket(game, play.ticket) if play.seed else None
    return {
        "play": play,
        "prize": in_language(prize.name, language) if prize else "",
        "drawn": in_language(drawn.name, language) if drawn else "",
        "players": len(play.players),
    }


def _json(body: Any) -> Response:
    return Response(msgspec.json.encode(body), 200, {"Cache-Control": "no-store"}, "application/json")


PAGE: Final = Page[Any, Any]("fair", routes=router)

"""`/api/v1/screens/games`: what can be won at a screen, and the round of phones that it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from edge.web.audience import SCREEN, audience
from edge.web.screens import asking_screen
from edge.web.views import games as views

if TYPE_CHECKING:
    from edge.gateway.rounds import GameRound
    from edge.web.web import Web


def router(web: Web) -> APIRouter:
    """The routes of games at screens."""
    routes = APIRouter(prefix="/api/v1/screens/games", tags=["screens"])

    @routes.get("")
    @audience(SCREEN)
    async def offered(request: Request) -> Response:
        """The games of this screen's zone, each with its odds: all of them add up to 100."""
        asking, address = asking_screen(web, request), web.address(request)
        found = [views.game(web, each, asking.language, address) for each in web.draws.offered(asking.zone)]
        return _answered({"games": found})

    @routes.post("/{game}/round")
    @audience(SCREEN)
    async def opened(game: str, request: Request) -> Response:
        """The round of this session; the same one as long as the session goes on. Refused: game_unknown."""
        asking = asking_screen(web, request)
        return _round_answer(web, request, web.rounds.open(asking.screen, asking.session, asking.zone, game))

    @routes.get("/rounds/{name}")
    @audience(SCREEN)
    async def looked(name: str, request: Request) -> Response:
        """The round as it stands. A screen that does not ask for twenty seconds has left it. Refused: round_unknown,
        round_over.
        """
        return _round_answer(web, request, await web.rounds.look(asking_screen(web, request).screen, name))

    @routes.post("/rounds/{name}/draw")
    @audience(SCREEN)
    async def drawn(name: str, request: Request) -> Response:
        """Draws, for all who have joined. Refused: round_unknown, round_over."""
        return _round_answer(web, request, await web.rounds.draw(asking_screen(web, request).screen, name))

    @routes.post("/rounds/{name}/again")
    @audience(SCREEN)
    async def again(name: str, request: Request) -> Response:
        """Another draw of the same people. Refused: round_unknown, round_over."""
        return _round_answer(web, request, web.rounds.again(asking_screen(web, request).screen, name))

    return routes


def _round_answer(web: Web, request: Request, found: GameRound) -> Response:
    asking = asking_screen(web, request)
    return _answered(views.round_view(web, found, asking.language, web.address(request)))


def _answered(body: Any) -> Response:
    return Response(msgspec.json.encode(body), 200, {"Cache-Control": "no-store"}, "application/json")

"""`/play/{round}`: what a phone does at a game that a screen shows: join, shake or tap, and see what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from edge.errors import JournalError, Refusal
from edge.gateway.rounds import MAX_SHAKE
from edge.web import limits
from edge.web.actions.shopping import require_caller
from edge.web.audience import SHOPPER, audience
from edge.web.page import Page
from edge.web.problems import Problem
from edge.web.views import games as views

if TYPE_CHECKING:
    from device_drivers.contract.answers import games
    from edge.gateway.rounds import GameRound
    from edge.web.web import Web

TEMPLATE: Final = "play/play.html"


def router(web: Web) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/play/{name}")
    @audience(SHOPPER)
    async def shown(name: str, request: Request) -> Response:
        """The round as this phone sees it."""
        return _page(web, request, name)

    @routes.post("/play/{name}")
    @audience(SHOPPER)
    async def send(
        name: str,
        request: Request,
        do: Annotated[Literal["join", "shake", "leave"], Form()],
        amount: Annotated[int, Form(ge=0, le=100)] = MAX_SHAKE,
    ) -> Response:
        """Join, do one's part, or get up. A script asks for the state as JSON; a form is led back to the page."""
        try:
            caller = require_caller(web.caller(request))
            limits.take(web, request, "shopping", member=caller.member)
            if do == "join":
                await web.rounds.join(name, caller)
            elif do == "shake":
                await web.rounds.shake(name, caller, amount)
            else:
                web.rounds.leave(name, caller.member)
        except (Refusal, JournalError) as error:
            if _wants_json(request):
                raise
            problem = Problem.of(error)
            return _page(web, request, name, problem.status, problem=problem.sentence(web.texts, web.language(request)))
        return _state(web, request, name) if _wants_json(request) else RedirectResponse(f"/play/{name}", 303)

    @routes.get("/play/{name}/state")
    @audience(SHOPPER)
    async def state(name: str, request: Request) -> Response:
        """The round as it stands, for the page's script. A screen that went on is `over`."""
        return _state(web, request, name)

    return routes


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _state(web: Web, request: Request, name: str) -> Response:
    try:
        found = _view(web, request, _round(web, request, name))
        body = msgspec.to_builtins(found)
    except Refusal:
        body = {"stage": "over", "mine": "", "seats": []}
    return Response(msgspec.json.encode(body), 200, {"Cache-Control": "no-store"}, "application/json")


def _round(web: Web, request: Request, name: str) -> GameRound:
    member = limits.member(web, request)
    return web.rounds.hear(name, member) if member else web.rounds.find(name)


def _view(web: Web, request: Request, found: GameRound) -> games.Round:
    member = limits.member(web, request) or ""
    return views.round_view(web, found, web.language(request), web.address(request), member)


def _page(web: Web, request: Request, name: str, status: int = 200, **more: Any) -> Response:
    try:
        found: GameRound | None = _round(web, request, name)
    except Refusal as refusal:
        found, status = None, status if status != 200 else Problem.of(refusal).status
    caller, language = web.caller(request), web.language(request)
    standing = next((each for each in web.draws.offered() if found and each.game.id == found.game), None)
    values = {
        "round": _view(web, request, found) if found else None,
        "name": name,
        "game": views.game(web, standing, language, "") if standing else None,
        "member": caller.member if caller else None,
        "registers": f"/t/{web.codes.static(found.screen)}" if found else "",
        "language_url": lambda each: f"/play/{name}?lang={each}",
    }
    return web.page(request, TEMPLATE, status, **(values | more))


PAGE: Final = Page[Any, Any]("play", routes=router)

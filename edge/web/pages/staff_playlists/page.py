"""`/staff/playlists`: what each screen plays now and why; what is shown is taken off every screen at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from edge.domain.playlists import decisions
from edge.errors import Refusal
from edge.web.audience import FLOOR, audience
from edge.web.moments import now_ms
from edge.web.page import Page, Typed
from edge.web.pages.staff_playlists import views
from edge.web.problems import Problem

if TYPE_CHECKING:
    from edge.domain.staff.rules import Person
    from edge.web.web import Web

AT: Final = "/staff/playlists"
REASONS: Final = ("wrong", "over", "asked")
"""Why somebody takes something off the screens, with one tap."""


class PlaylistForm(BaseModel):
    """Take something off the screens, or let it be shown again."""

    do: str = Field(max_length=10)
    content: str = Field(max_length=80)
    reason: str = Field("", max_length=20)
    other: Typed = Field("", max_length=200)


def router(web: Web) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(prefix=AT, include_in_schema=False)

    @routes.get("")
    @audience(FLOOR)
    async def show(request: Request, done: str = "") -> Response:
        """All screens, and all that they show."""
        return _page(web, request, web.access.required(request), done)

    @routes.post("")
    @audience(FLOOR)
    async def act(request: Request, form: Annotated[PlaylistForm, Form()]) -> Response:
        """What the decision refuses stands on the page."""
        person = web.access.required(request)
        try:
            await _decide(web, person, form)
        except Refusal as refusal:
            return _page(web, request, person, "", Problem.of(refusal))
        return RedirectResponse(f"{AT}?done={'off' if form.do == 'withdraw' else 'on'}", 303)

    return routes


async def _decide(web: Web, person: Person, form: PlaylistForm) -> None:
    if form.do == "withdraw":
        reason = form.other.strip()
        if not reason and form.reason in REASONS:
            reason = web.texts.say(web.layout.store.languages[0], f"playlists.reason_{form.reason}")
        await web.decide(decisions.withdraw, content=form.content, by=person.staff, reason=reason)
    elif form.do == "restore":
        await web.decide(decisions.restore, content=form.content, by=person.staff)
    else:
        raise Refusal("bad_request", field="do", expected="withdraw or restore", found=form.do)


def _page(web: Web, request: Request, person: Person, done: str, problem: Problem | None = None) -> Response:
    language, now = web.language(request), now_ms()
    return web.page(
        request,
        "staff_playlists/staff_playlists.html",
        problem.status if problem else 200,
        person=person,
        screens=views.screens(web, language, now),
        contents=views.contents(web, language, now),
        reasons=REASONS,
        done=done if done in ("off", "on") else "",
        problem=web.texts.refusal(language, problem.code, **problem.members) if problem else None,
    )


PAGE: Final = Page[Any, Any]("staff_playlists", routes=router)

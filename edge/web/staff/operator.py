"""`/operator`: for who looks after the box. Login by password, over loopback or https alone; who is logged in where."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from edge.domain import staff
from edge.errors import Refusal
from edge.operators import LONGEST
from edge.web.audience import ENTRANCE, OPERATOR, audience
from edge.web.front import now_ms
from edge.web.language import chosen
from edge.web.problems import Problem

if TYPE_CHECKING:
    from edge.web.front import Front
    from edge.web.staff.door import Door


class Login(BaseModel):
    """The login form."""

    name: str = Field(max_length=60)
    password: str = Field(max_length=LONGEST * 2)


class Ending(BaseModel):
    """Which session is to end."""

    session: str = Field(max_length=64)


def router(front: Front, door: Door) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(prefix="/operator", include_in_schema=False)
    gateway = front.gateway

    def page(request: Request, refusal: Refusal | None = None, name: str = "") -> Response:
        problem = Problem.of(refusal) if refusal else None
        person = door.who(request)
        mine = person is not None and person.role == "operator"
        said = front.texts.say(chosen(request), f"refusals.{problem.code}", **problem.members) if problem else None
        return front.page(
            request,
            "operator.html",
            problem.status if problem else 200,
            person=person if mine else None,
            sessions=staff.sessions(gateway.reads, now_ms()) if mine else [],
            known=any(member.role == "operator" for member in gateway.team.members()),
            name=name,
            clock=lambda ms: datetime.fromtimestamp(ms / 1000).astimezone().strftime("%m-%d %H:%M"),
            problem=said,
        )

    @routes.get("")
    @audience(ENTRANCE)
    async def show(request: Request) -> Response:
        """Who is logged in, or the login."""
        return page(request)

    @routes.post("/login")
    @audience(ENTRANCE)
    async def log_in(request: Request, form: Annotated[Login, Form()]) -> Response:
        """To the store page; a wrong password gets the login again."""
        response = RedirectResponse("/", 303)
        try:
            await door.log_in(request, response, form.name, form.password, by="password")
        except Refusal as refusal:
            return page(request, refusal, form.name)
        return response

    @routes.post("/logout")
    @audience(ENTRANCE)
    async def log_out(request: Request) -> Response:
        """Back to the login."""
        response = RedirectResponse("/operator", 303)
        await door.log_out(request, response)
        return response

    @routes.post("/end")
    @audience(OPERATOR)
    async def end(form: Annotated[Ending, Form()]) -> Response:
        """End anybody's session, at once. It may have ended before."""
        await gateway.decide(staff.log_out, session=form.session)
        return RedirectResponse("/operator", 303)

    return routes

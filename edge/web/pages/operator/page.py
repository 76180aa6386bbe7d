"""`/operator`: for who looks after the box. Login by password, over loopback or https alone; who is logged in where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from edge.domain.staff import decisions as staff
from edge.domain.staff import queries as staff_queries
from edge.errors import Refusal
from edge.secrets.operators import LONGEST
from edge.web.audience import ENTRANCE, OPERATOR, audience
from edge.web.login_return import LONGEST as LONGEST_WAY
from edge.web.login_return import WAY, in_language
from edge.web.page import Page
from edge.web.problems import Problem

if TYPE_CHECKING:
    from edge.web.web import Web


class LoginForm(BaseModel):
    """The login form."""

    name: str = Field(max_length=60)
    password: str = Field(max_length=LONGEST * 2)
    to: str = Field("", max_length=LONGEST_WAY, pattern=WAY)
    """The page that asked for it; empty is the store's."""


class EndSessionForm(BaseModel):
    """Which session is to end."""

    session: str = Field(max_length=64)


def router(web: Web) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(prefix="/operator", include_in_schema=False)
    page = OperatorPage(web)
    routes.add_api_route("", page.show, methods=["GET"])
    routes.add_api_route("/login", page.log_in, methods=["POST"])
    routes.add_api_route("/logout", page.log_out, methods=["POST"])
    routes.add_api_route("/end", page.end, methods=["POST"])
    return routes


class OperatorPage:
    """Everything below `/operator`."""

    def __init__(self, web: Web) -> None:
        self._web = web

    @audience(ENTRANCE)
    async def show(self, request: Request) -> Response:
        """Who is logged in, or the login."""
        return operator_page(self._web, request)

    @audience(ENTRANCE)
    async def log_in(self, request: Request, form: Annotated[LoginForm, Form()]) -> Response:
        """To the page that asked for it, else to the store page; a wrong password gets the login again."""
        response = RedirectResponse(form.to or "/", 303)
        try:
            await self._web.access.log_in(request, response, form.name, form.password, by="password")
        except Refusal as refusal:
            return operator_page(self._web, request, Problem.of(refusal), name=form.name, to=form.to)
        return response

    @audience(ENTRANCE)
    async def log_out(self, request: Request) -> Response:
        """Back to the login."""
        response = RedirectResponse("/operator", 303)
        await self._web.access.log_out(request, response)
        return response

    @audience(OPERATOR)
    async def end(self, form: Annotated[EndSessionForm, Form()]) -> Response:
        """End anybody's session, at once. It may have ended before."""
        await self._web.decide(staff.log_out, session=form.session)
        return RedirectResponse("/operator", 303)


def operator_page(
    web: Web, request: Request, problem: Problem | None = None, *, name: str = "", to: str = ""
) -> Response:
    """Who is logged in; or the login, also in the place of every page that needs it."""
    person = web.access.who(request)
    mine = person is not None and person.role == "operator"
    return web.page(
        request,
        "operator/operator.html",
        problem.status if problem else 200,
        person=person if mine else None,
        sessions=staff_queries.sessions(web.reads, web.reads.now) if mine else [],
        section="operator",
        command="storekeeper operators add",
        known=any(member.role == "operator" for member in web.team.members()),
        name=name,
        to=to,
        language_url=lambda language: in_language(to or "/operator", language),
        problem=problem.sentence(web.texts, web.language(request)) if problem else None,
    )


PAGE: Final = Page[Any, Any]("operator", routes=router)

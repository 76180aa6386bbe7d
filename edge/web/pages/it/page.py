"""`/it`: one page for store IT. What is wrong and what to do first, then everything else."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from edge.web.audience import OPERATOR, audience
from edge.web.page import Page
from edge.web.pages.it import exposure, recorder, rehearsal
from edge.web.pages.it.board import ItBoard
from edge.web.pages.it.reconciliation import reconciliation_view
from edge.web.problems import Problem
from operations.diagnosis.books import report
from words.money import format_span

if TYPE_CHECKING:
    from edge.web.web import Web

MARKS: Final = (70, 85, 95)
"""Percent of the disk at which less is kept."""


Day = Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}-\d{2}$")]


def router(web: Web) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(prefix="/it", include_in_schema=False)
    page = ItPage(web)
    routes.add_api_route("", page.show, methods=["GET"])
    routes.add_api_route("/board", page.board, methods=["GET"])
    routes.add_api_route("/findings.json", page.findings, methods=["GET"])
    routes.add_api_route("/reconciliation", page.reconciliation, methods=["GET"])
    routes.add_api_route("/reconciliation.json", page.books, methods=["GET"])
    rehearsal.add(routes, web)
    recorder.add(routes, web)
    exposure.add(routes, web)
    return routes


class ItPage:
    """Everything below `/it` that only shows."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._board = ItBoard(web)

    @audience(OPERATOR)
    async def show(self, request: Request) -> Response:
        """The page."""
        return self._web.page(request, "it/it.html", **await self._values(request))

    @audience(OPERATOR)
    async def board(self, request: Request) -> Response:
        """The part of the page that moves."""
        return self._web.page(request, "it/_board.html", **await self._values(request))

    @audience(OPERATOR)
    async def findings(self) -> Response:
        """What was found of the box, for programs."""
        found = await self._web.box.look()
        return Response(msgspec.json.encode(found.findings), 200, {"Cache-Control": "no-store"}, "application/json")

    @audience(OPERATOR)
    async def reconciliation(self, request: Request, day: Day = None) -> Response:
        """One day's books, and every difference by its id."""
        web, language = self._web, self._web.language(request)
        books = await asyncio.to_thread(reconciliation_view, web, language, day)
        if books is None and day is not None:
            raise Problem("not_found")
        person = web.access.who(request)
        values = {"books": books, "person": person.name if person else "", "section": "it"}
        return web.page(request, "it/reconciliation.html", **values)

    @audience(OPERATOR)
    async def books(self, day: Day = None) -> Response:
        """The same, whole, for programs."""
        data = self._web.settings.gateway.data
        found = report.read(data, day) if day else report.newest(data)
        if found is None:
            raise Problem("not_found")
        return Response(msgspec.json.encode(found), 200, {"Cache-Control": "no-store"}, "application/json")

    async def _values(self, request: Request) -> dict[str, Any]:
        web, language = self._web, self._web.language(request)
        try:
            answer = await self._board.answer(language)
        except OSError as error:
            raise Problem("internal", id=type(error).__name__) from error
        person = web.access.who(request)
        return {
            "board": answer,
            "marks": MARKS,
            "person": person.name if person else "",
            "span": partial(format_span, language=language),
            "section": "it",
        }


PAGE: Final = Page[Any, Any]("it", routes=router, assets=("it.css", "it.js"))

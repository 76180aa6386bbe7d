"""`/staff`: for the people on the floor, on a phone or at a till. Plain forms; a little script keeps it live."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import APIRouter, Form, Path, Request
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse

from edge.domain.members.phones import parse_phone
from edge.domain.printing.queries import revision_of
from edge.domain.staff import queries as staff_queries
from edge.errors import Refusal, StorekeeperError
from edge.gateway.bounds import Requester
from edge.gateway.documents import picture
from edge.web.audience import ANYBODY, FLOOR, audience
from edge.web.page import Page, Typed
from edge.web.pages.staff.action_request import ActionRequest, Confirming, PickupOrder
from edge.web.pages.staff.actions import act
from edge.web.pages.staff.board import StaffBoard
from edge.web.pages.staff.confirming import CONFIRM, confirming, recent, use_up
from edge.web.pages.staff.login import PinForm, login
from edge.web.pages.staff.reasons import REASONS
from edge.web.problems import Problem
from edge.web.request_ids import checked_request
from edge.web.server.event_streams import stream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from edge.domain.staff.rules import Person
    from edge.web.web import Web

CALM_S: Final = 0.3
"""A busy store changes hundreds of times a second; the page moves at most three times."""
IDLE_S: Final = 5.0
"""Some needs come with time alone: the page looks this often when nothing else happens."""


class ActForm(BaseModel):
    """An act's form."""

    do: str = Field(max_length=40)
    target: str = Field(max_length=120)
    shown: str = Field("", max_length=36)
    request: str = Field(max_length=36)
    reason: str = Field("", max_length=200)
    other: Typed = Field("", max_length=200)
    verdict: str = Field("", max_length=20)
    printer: str = Field("", max_length=40)
    size: Literal["S", "M", "L"] = "M"
    number: Typed = Field("", max_length=60)
    adviser: str = Field("", max_length=64)
    phone: str = Field("", max_length=200)
    slip: str = Field("", max_length=5)
    code: str = Field("", max_length=200)
    evidence: str = Field("", max_length=20)
    proof: str = Field("", max_length=200)


def router(web: Web) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(prefix="/staff", include_in_schema=False)
    page = StaffPage(web)
    routes.add_api_route("", page.show, methods=["GET"])
    routes.add_api_route("/login", page.log_in, methods=["POST"])
    routes.add_api_route("/logout", page.log_out, methods=["POST"])
    routes.add_api_route("/act", page.act, methods=["POST"])
    routes.add_api_route("/board", page.board, methods=["GET"])
    routes.add_api_route("/events", page.events, methods=["GET"])
    routes.add_api_route("/slips/{job}/{revision}.png", page.slip, methods=["GET"])
    return routes


class StaffPage:
    """Everything below `/staff`."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._board = StaffBoard(web)

    @audience(ANYBODY)
    async def show(self, request: Request) -> Response:
        """The board, or the login where nobody is logged in."""
        person = self._web.access.who(request)
        if person is None or person.role == "operator":
            return await login(self._web, request)
        return self._page(request, person)

    @audience(ANYBODY)
    async def log_in(self, request: Request, form: Annotated[PinForm, Form()]) -> Response:
        """PIN in, the board or the page that asked for it out; a wrong one gets the login again, and its wait."""
        response = RedirectResponse(form.to or "/staff", 303)
        try:
            await self._web.access.log_in(request, response, form.name or form.staff, form.pin)
        except Refusal as refusal:
            return await login(self._web, request, Problem.of(refusal), form=form)
        return response

    @audience(ANYBODY)
    async def log_out(self, request: Request) -> Response:
        """Back to the login."""
        response = RedirectResponse("/staff", 303)
        await self._web.access.log_out(request, response)
        return response

    @audience(FLOOR)
    async def act(self, request: Request, form: Annotated[ActForm, Form()]) -> Response:
        """One act. A script gets what was done as JSON, a plain form its page again."""
        person = self._web.access.required(request)
        language = self._web.language(request)
        script = "application/json" in request.headers.get("accept", "")
        try:
            asked = self._action_request(person, form, language)
            await self._web.decide(act, person=person, asked=asked)
            if asked.confirming is not None:
                use_up(self._web, asked.confirming, form.code, form.proof)
        except StorekeeperError as error:
            if script:
                raise
            return self._page(request, person, Problem.of(error), form)
        return JSONResponse({"done": asked.do}) if script else RedirectResponse("/staff", 303)

    def _action_request(self, person: Person, form: ActForm, language: str) -> ActionRequest:
        """What a form asks for, with what a decision cannot find out itself. Raises `Refusal` bad_phone."""
        return ActionRequest(
            do=form.do,
            target=form.target,
            shown=form.shown,
            request=checked_request(form.request),
            reason=form.other.strip() or form.reason,
            verdict=form.verdict,
            printer=form.printer,
            language=language,
            order=self._order(form) if form.do == "fill" else None,
            confirming=self._confirming(person, form),
            payments=self._web.settings.payments,
            evening=self._board.evening(self._web.reads.now) if form.do == "closing" else None,
        )

    def _confirming(self, person: Person, form: ActForm) -> Confirming | None:
        """None where the same form was sent before: its codes are used up. Six digits of a slip can be guessed: wrong
        ones use up what each of the staff may enter, wherever they sit. Raises `Refusal` too_many_guesses.
        """
        if form.do != CONFIRM or staff_queries.done_before(self._web.reads, form.request, CONFIRM, form.target):
            return None
        with self._web.bounds.guess("confirming", Requester(f"staff/{person.staff}"), "evidence_wrong"):
            return confirming(self._web, form.code, form.evidence, form.proof)

    def _order(self, form: ActForm) -> PickupOrder:
        return PickupOrder(
            size=form.size,
            number=form.number,
            phone=self._web.vault.seal(parse_phone(form.phone, self._web.layout.store.region)),
            proof_ms=self._web.sessions.proof_ms,
            codes=self._web.codes,
            slip=bool(form.slip),
            adviser=form.adviser,
        )

    @audience(FLOOR)
    async def board(self, request: Request) -> Response:
        """What moves, as HTML: for pages whose stream does not come through."""
        self._web.access.required(request)
        return HTMLResponse(self._moving(self._web.language(request)), headers={"Cache-Control": "no-store"})

    @audience(FLOOR)
    async def events(self, request: Request) -> StreamingResponse:
        """The same as a stream, each time it changed; it ends with the session."""
        self._web.access.required(request)
        return stream(self._follow(request))

    @audience(FLOOR)
    async def slip(self, request: Request, job: str, revision: Annotated[int, Path(ge=1, le=9999)]) -> Response:
        """A slip as it looks on paper. Raises `Refusal` staff_only, job_unknown."""
        self._web.access.required(request)
        # What a revision says never changes; who may see it does: a browser asks each time.
        kept = {"Cache-Control": "private, no-cache", "ETag": f'"{revision}"'}
        row = revision_of(self._web.reads, job, revision)
        if row is None:
            raise Refusal("job_unknown", job=job)
        if request.headers.get("if-none-match") == kept["ETag"]:
            return Response(status_code=304, headers=kept)
        try:
            png = await asyncio.to_thread(picture, self._web.slips.of_job(row))
        except (ValueError, KeyError, OSError):
            raise Refusal("not_found", job=job) from None
        return Response(png, 200, kept, "image/png")

    async def _follow(self, request: Request) -> AsyncIterator[dict[str, str]]:
        language = self._web.language(request)
        before = None
        async with self._web.feed.subscribe() as changes:
            while self._web.access.who(request) is not None:
                moving = self._moving(language)
                if moving != before:
                    before = moving
                    yield {"html": moving}
                try:
                    async with asyncio.timeout(IDLE_S):
                        await changes.get()
                except TimeoutError:
                    continue
                await asyncio.sleep(CALM_S)
                while not changes.empty():
                    changes.get_nowait()
        yield {"html": ""}

    def _moving(self, language: str) -> str:
        template = self._web.templates.get_template("staff/_staff_board.html")
        # The script gives every form a request id of its own when it is sent.
        return template.render(**self._shared(language), new_request=str)

    def _shared(self, language: str) -> dict[str, Any]:
        def t(key: str, **named: Any) -> str:
            return self._web.texts.say(language, key, **named)

        return {
            "language": language,
            "t": t,
            "state": self._board.state(language, self._web.reads.now),
            "reasons": lambda do: REASONS.get(do, ()),
            "banks": self._board.banks(language),
            "printers_known": self._board.printers(language),
            "advisers": staff_queries.people(self._web.reads),
            "sent": None,
            "problem": None,
            "refused": None,
        }

    def _page(
        self, request: Request, person: Person, problem: Problem | None = None, form: ActForm | None = None
    ) -> Response:
        language = self._web.language(request)
        shared = self._shared(language)
        return self._web.page(
            request,
            "staff/staff.html",
            problem.status if problem else 200,
            person=person,
            old_pin=self._web.team.wants_new_pin(person.staff),
            state=shared["state"],
            reasons=shared["reasons"],
            banks=shared["banks"],
            printers_known=shared["printers_known"],
            advisers=shared["advisers"],
            confirmed=recent(self._web) if person.role == "manager" else [],
            doors=self._board.doors(language),
            devices=self._board.devices(language),
            cameras=self._board.cameras(language),
            problem=self._sentence(language, problem) if problem else None,
            sent=form,
            refused=problem.code if problem else None,
            words=self._web.texts.section(language, "staff"),
        )

    def _sentence(self, language: str, problem: Problem) -> str:
        return self._web.texts.refusal(language, problem.code, **problem.members)


PAGE: Final = Page[Any, Any]("staff", routes=router, assets=("staff.css", "staff.js"))

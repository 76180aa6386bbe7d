"""`/setup`: the floor plan as an editor. It writes the settings files as a person would, and applies them as a release.

While a store has no operator, whoever sits at the box or came with its printed code may use it; from then on operators.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, RedirectResponse, Response

from edge.errors import Refusal
from edge.secrets import operators
from edge.secrets.operators import LONGEST, BadPassword
from edge.web.access import is_private
from edge.web.audience import ENTRANCE, OPERATOR, audience
from edge.web.first_start import FirstStart
from edge.web.login_return import in_language
from edge.web.page import Page
from edge.web.pages.setup.pairing import device_of_label
from edge.web.problems import Problem
from operations.floor.changes import BadChange, FloorChange, read
from operations.floor.toml_blocks import CannotEdit

if TYPE_CHECKING:
    from edge.web.web import Web
    from operations.floor.workshop import Workshop
    from words.languages import Language

NO_STORE: Final = {"Cache-Control": "no-store"}
MAX_CODES: Final = 2000


class CodeForm(BaseModel):
    """The form of the printed code."""

    code: str = Field(max_length=64)


class FirstOperatorForm(BaseModel):
    """The form of the first operator."""

    id: str = Field(max_length=39, pattern=r"^[a-z0-9][a-z0-9-]{1,38}$")
    name: str = Field("", max_length=60)
    password: str = Field(max_length=LONGEST * 2)


class HardwareForm(BaseModel):
    """Where to look for hardware."""

    urls: list[Annotated[str, Field(max_length=200)]] = Field(default=[], max_length=20)


class DeviceLabel(BaseModel):
    """What stands on a device."""

    text: str = Field(max_length=512)


def router(web: Web) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(prefix="/setup", include_in_schema=False)
    page = SetupPage(web)
    routes.add_api_route("", page.show, methods=["GET"])
    routes.add_api_route("/enter", page.enter, methods=["POST"])
    routes.add_api_route("/operator", page.first_operator, methods=["POST"])
    routes.add_api_route("/plan", page.plan, methods=["GET"])
    routes.add_api_route("/check", page.check, methods=["POST"])
    routes.add_api_route("/apply", page.apply, methods=["POST"])
    routes.add_api_route("/find", page.find, methods=["POST"])
    routes.add_api_route("/said", page.said, methods=["GET"])
    routes.add_api_route("/pair", page.pair, methods=["POST"])
    routes.add_api_route("/codes.pdf", page.codes, methods=["GET"])
    return routes


class SetupPage:
    """Everything below `/setup`."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._first: FirstStart = web.access.first

    @property
    def _workshop(self) -> Workshop:
        if self._web.workshop is None:
            raise Problem("not_found")
        return self._web.workshop

    @audience(ENTRANCE)
    async def show(self, request: Request) -> Response:
        """The editor, or the way to it."""
        web = self._web
        if web.access.may_set_up(request):
            return self._editor(request)
        if self._first.lasts():
            return web.page(request, "setup/enter.html", wrong=False, language_url=_other_language)
        raise Refusal("login_needed" if web.access.who(request) is None else "operator_only")

    @audience(ENTRANCE)
    async def enter(self, request: Request, form: Annotated[CodeForm, Form()]) -> Response:
        """Take the printed code, once."""
        response = RedirectResponse("/setup", 303)
        if self._first.enter(request, response, form.code):
            return response
        return self._web.page(request, "setup/enter.html", 403, wrong=True, language_url=_other_language)

    @audience(OPERATOR)
    async def first_operator(self, request: Request, form: Annotated[FirstOperatorForm, Form()]) -> Response:
        """Make the first operator, who logs in from then on. A password is taken where nobody listens."""
        if not is_private(request):
            raise Refusal("not_private")
        if not self._first.lasts():
            raise Refusal("forbidden")
        if self._web.team.comes(form.id, "pin"):  # it would be the member of staff, who has no password
            raise Refusal("bad_request", field="id", expected="an id that nobody on the staff has", found=form.id)
        try:
            path = operators.file_of(self._web.settings.gateway.data)
            await asyncio.to_thread(operators.put, path, form.id, form.name or form.id, form.password)
        except BadPassword:
            return self._editor(request, 422, weak=True)
        await self._web.appoint()
        response = RedirectResponse("/setup", 303)
        await self._web.access.log_in(request, response, form.id, form.password, by="password")
        return response

    def _editor(self, request: Request, status: int = 200, *, weak: bool = False) -> Response:
        web = self._web
        language = web.language(request)
        return web.page(
            request,
            "setup/setup.html",
            status,
            words=web.texts.section(language, "plan"),
            spoken=list(web.layout.store.languages),
            names={each: _names(web, each) for each in web.layout.store.languages},
            first=self._first.lasts(),
            private=is_private(request),
            weak=weak,
            ready=web.workshop is not None,
        )

    @audience(OPERATOR)
    async def plan(self) -> Response:
        """What stands in the settings, and which devices answer."""
        try:
            found = await asyncio.to_thread(self._workshop.plan)
        except (OSError, ValueError) as error:
            return JSONResponse({"mistakes": [str(error)]}, 409, NO_STORE)
        online = {view.id: view.online for view in self._web.devices()}
        said = self._workshop.said()
        body = {**found, "online": online, "said": msgspec.to_builtins(said) if said else None}
        return Response(msgspec.json.encode(body), 200, NO_STORE, "application/json")

    @audience(OPERATOR)
    async def check(self, request: Request) -> Response:
        """Every mistake that the settings would have."""
        try:
            wanted = read(await request.body())
            mistakes = await asyncio.to_thread(self._workshop.check, wanted)
        except (BadChange, CannotEdit, OSError) as error:
            mistakes = [str(error)]
        return JSONResponse({"mistakes": mistakes}, headers=NO_STORE)

    @audience(OPERATOR)
    async def apply(self, request: Request) -> Response:
        """Bring the changes into force, as a release. `said` tells how it went."""
        try:
            wanted: list[FloorChange] = read(await request.body())
            mistakes = await asyncio.to_thread(self._workshop.check, wanted)
            number = "" if mistakes else await asyncio.to_thread(self._workshop.apply, wanted)
        except (BadChange, CannotEdit, OSError) as error:
            mistakes = [str(error)]
        if mistakes:
            return JSONResponse({"mistakes": mistakes}, 409, NO_STORE)
        return JSONResponse({"number": number}, 202, NO_STORE)

    @audience(OPERATOR)
    async def find(self, places: HardwareForm) -> Response:
        """Look for hardware that nobody uses yet. `said` tells what answered."""
        number = await asyncio.to_thread(self._workshop.find, places.urls)
        return JSONResponse({"number": number}, 202, NO_STORE)

    @audience(OPERATOR)
    async def said(self) -> Response:
        """How the last thing that was asked for went."""
        said = await asyncio.to_thread(self._workshop.said)
        return Response(msgspec.json.encode(said), 200, NO_STORE, "application/json")

    @audience(OPERATOR)
    async def pair(self, printed: DeviceLabel) -> Response:
        """What a code printed on a device stands for."""
        return Response(
            msgspec.json.encode(device_of_label(self._web, printed.text)), 200, NO_STORE, "application/json"
        )

    @audience(OPERATOR)
    async def codes(self, id_: Annotated[list[str] | None, Query(alias="id", max_length=MAX_CODES)] = None) -> Response:
        """Codes to print, as a PDF; all of them where none is named."""
        known = {each.id for each in self._web.layout.touchpoints}
        wanted = [each for each in id_ or [] if each in known]
        if id_ and not wanted:
            raise Problem("not_found")
        made = await asyncio.to_thread(self._workshop.print_codes, wanted)
        named = {"Content-Disposition": 'inline; filename="codes.pdf"'}
        return Response(made, 200, NO_STORE | named, "application/pdf")


def _other_language(language: str) -> str:
    return in_language("/setup", language)


def _names(web: Web, language: Language) -> dict[str, str]:
    """What each kind of thing is called, for the label of a new one."""
    found = web.texts.section(language, "plan")
    return {key.removeprefix("kind_"): said for key, said in found.items() if key.startswith("kind_")}


PAGE: Final = Page[Any, Any]("setup", routes=router, assets=("setup.css", "setup.js"))

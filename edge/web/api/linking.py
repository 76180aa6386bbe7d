"""`/api/v1/link`: an old phone lets a new one in. `/api/v1/number`: a code by SMS proves the member's number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from edge.gateway.linking import spelled
from edge.web.actions import phones
from edge.web.actions.shopping import require_caller
from edge.web.audience import SHOPPER, audience
from edge.web.document import BOUNDED

if TYPE_CHECKING:
    from edge.gateway.linking import PendingLink
    from edge.web.web import Web

Name = Annotated[str, Path(max_length=64)]


class LinkCode(BaseModel):
    """What the old phone shows."""

    code: str
    """To be typed on the new phone; good for one use."""
    url: str
    """The same as an address, for a QR code."""
    seconds: int
    """How long it is taken still."""


class LinkRequest(BaseModel):
    """The new phone has the code."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(max_length=200)


class LinkQuestion(BaseModel):
    """A question from phone to phone."""

    ask: str
    digits: str
    """Both phones show them."""
    state: Literal["asked", "allowed", "denied", "over"]
    agent: str = ""
    """What kind of phone asks."""
    at_ms: int


class CodeSent(BaseModel):
    """A code is on its way to the member's number."""

    seconds: int
    """How long it is taken."""


class SmsCode(BaseModel):
    """The code that came by SMS."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(max_length=20)


class ProvenNumber(BaseModel):
    """The number is the member's."""

    joined: bool
    """Whether the store knew somebody with this number, who is one with this phone's member now."""


def router(web: Web) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(prefix="/api/v1", tags=["link"])
    linking = web.linking

    @routes.post("/link/codes", status_code=201)
    @audience(SHOPPER)
    async def offer(request: Request) -> LinkCode:
        """A code for another phone of the same member."""
        code, seconds = linking.offer(require_caller(web.caller(request)))
        return LinkCode(code=spelled(code), url=f"{web.address(request)}/link/{code}", seconds=seconds)

    @routes.post("/link/asks", status_code=202, responses=BOUNDED)
    @audience(SHOPPER)
    async def ask(body: LinkRequest, request: Request, response: Response) -> LinkQuestion:
        """Asks the phone that shows this code; follow it at `Location`."""
        found, browser = phones.ask(web, request, body.code)
        web.cookies.greet(request, response, browser.name)
        response.headers["Location"] = f"/api/v1/link/asks/{found.id}"
        return _question(found)

    _add_answers(routes, web)
    _add_number(routes, web)
    return routes


def _add_answers(routes: APIRouter, web: Web) -> None:
    linking = web.linking

    @routes.get("/link/asks")
    @audience(SHOPPER)
    async def open_asks(request: Request, response: Response) -> list[LinkQuestion]:
        """What this phone is asked now."""
        response.headers["Cache-Control"] = "no-store"
        return [_question(each) for each in linking.asked_of(require_caller(web.caller(request)))]

    @routes.get("/link/asks/{ask}")
    @audience(SHOPPER)
    async def follow(ask: Name, request: Request, response: Response) -> LinkQuestion:
        """Where the question stands; once it is allowed, the session's cookie comes with it."""
        response.headers["Cache-Control"] = "no-store"
        found = linking.asked_by(ask, web.browser(request))
        let_in = phones.receive(web, request, response, found)
        return _question(found, "asked" if found.state == "allowed" and not let_in else found.state)

    @routes.post("/link/asks/{ask}/{answer}", status_code=204)
    @audience(SHOPPER)
    async def answer(ask: Name, answer: Literal["allow", "deny"], request: Request) -> Response:
        """The phone that was asked says yes or no."""
        await phones.answer(web, web.caller(request), ask, allow=answer == "allow")
        return Response(status_code=204)


def _add_number(routes: APIRouter, web: Web) -> None:
    @routes.delete("/links/{link}", status_code=204)
    @audience(SHOPPER)
    async def take_back(link: Name, request: Request) -> Response:
        """It was not them: what staff confirmed less than a day ago is undone."""
        await phones.take_back(web, web.caller(request), link)
        return Response(status_code=204)

    @routes.post("/number/code", status_code=202, responses=BOUNDED)
    @audience(SHOPPER)
    async def send_code(request: Request) -> CodeSent:
        """Sends a code to the member's number."""
        return CodeSent(seconds=await phones.send_code(web, request))

    @routes.post("/number/proof")
    @audience(SHOPPER)
    async def prove(body: SmsCode, request: Request) -> ProvenNumber:
        """The code came back from this phone."""
        return ProvenNumber(joined=await phones.prove(web, request, body.code))


def _question(found: PendingLink, state: str | None = None) -> LinkQuestion:
    return LinkQuestion(
        ask=found.id, digits=found.digits, state=state or found.state, agent=found.asking.agent, at_ms=found.at_ms
    )

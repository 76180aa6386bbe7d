"""`/api/v1/members`: a shopper registers, once a phone number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from edge.web import limits
from edge.web.actions import shopping
from edge.web.audience import SHOPPER, audience
from edge.web.document import BOUNDED, RequestId, Switch
from edge.web.request_ids import checked_request

if TYPE_CHECKING:
    from edge.web.web import Web


class RegistrationConsent(BaseModel):
    """What the shopper agreed to; each is asked for by itself."""

    model_config = ConfigDict(extra="forbid")

    service: Switch
    """To the service terms; without it nobody is registered."""
    marketing: Switch = False
    """To messages with offers."""
    version: str = Field("", max_length=32)
    """The version of the service's texts that was shown; empty for the one in force."""


class RegisterRequest(BaseModel):
    """A registration at a touchpoint."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(max_length=512)
    """The scanned code, the last part of its address."""
    ticket: str | None = Field(None, max_length=1024)
    """From a page that this browser opened while the code was valid."""
    phone: str = Field(max_length=200)
    """As the shopper spells it."""
    consents: RegistrationConsent
    request: RequestId
    """A UUID made by the caller: the same one registers once."""


class Registered(BaseModel):
    """The person of this browser; the cookie `sk_member` comes with it."""

    member: str


class GuestRequest(BaseModel):
    """Somebody who gives no number."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(max_length=512)
    """The scanned code."""
    ticket: str | None = Field(None, max_length=1024)
    request: str = Field(max_length=36)
    """A UUID made by the caller: the same one makes one guest."""


def router(web: Web) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(prefix="/api/v1", tags=["members"])

    @routes.post("/members", status_code=201, responses=BOUNDED)
    @audience(SHOPPER)
    async def register(body: RegisterRequest, request: Request, response: Response) -> Registered:
        """Registers a shopper: a person of this browser's own, whether or not the store knows the number."""
        touchpoint = limits.touchpoint(web, request, body.code, body.ticket)
        limits.take(web, request, "registering", touchpoint)
        browser = web.cookies.asking(request)
        registration = await shopping.register(
            web,
            touchpoint,
            browser,
            phone=body.phone,
            service=body.consents.service,
            marketing=body.consents.marketing,
            language=web.language(request),
            request=checked_request(body.request),
            shown={"service": body.consents.version},
        )
        web.cookies.let_in(request, response, registration.session, registration.browser)
        return Registered(member=registration.member)

    @routes.post("/guests", status_code=201, responses=BOUNDED)
    @audience(SHOPPER)
    async def come(body: GuestRequest, request: Request, response: Response) -> Registered:
        """Lets a browser in as a guest, where the store asks for no number before what the code is for."""
        touchpoint = limits.touchpoint(web, request, body.code, body.ticket)
        limits.take(web, request, "registering", touchpoint)
        browser, asked = web.cookies.asking(request), checked_request(body.request)
        caller = await shopping.come_as_guest(web, touchpoint, browser, web.language(request), asked)
        web.cookies.let_in(request, response, caller.session, caller.device)
        return Registered(member=caller.member)

    return routes

"""`/t/{code}`: what a shopper's phone shows after a scan. Works by plain forms; a little script makes it quicker."""

from __future__ import annotations

import uuid
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from edge.domain.members import CONSENT_VERSION
from edge.errors import JournalError, Refusal
from edge.money import spell
from edge.web import acts, parcels, reading
from edge.web.front import checked_request, now_ms
from edge.web.language import chosen, other
from edge.web.pages import help as help_page
from edge.web.pages import lockers
from edge.web.pages.purposes import PURPOSES
from edge.web.problems import Problem
from edge.web.session import new_visitor

if TYPE_CHECKING:
    from edge.domain.touchpoints import Touchpoint
    from edge.web.front import Front


class Sent(BaseModel):
    """Every field that a form of these pages may send."""

    do: Literal[
        "register", "unlock", "claim", "find",
        "deposit", "take", "code", "digits", "again", "inside", "empty", "share", "unshare", "slip",
    ]  # fmt: skip
    request: str = Field(max_length=36)
    ticket: str | None = Field(None, max_length=1024)
    phone: str = Field("", max_length=40)
    service: str = ""
    marketing: str = ""
    coupon: str | None = Field(None, max_length=64)
    parcel: str = Field("", max_length=36)
    size: str = Field("", max_length=1)
    low: str = ""
    slip: str = ""
    door: str = Field("", max_length=8)
    digits: str = Field("", max_length=12)
    keep: str = Field("", max_length=5)
    """Nothing is to be done: the page is wanted once more, in another language, with what was typed."""


SAID = "sk_said"
"""What a page is to say once, of what its form has done."""

BESIDE = {"bad_phone": "phone", "consent_missing": "service", "parcel_code_wrong": "digits", "parcel_wait": "digits"}
"""Refusals that a form shows beside the field that they are about."""


class Visit:
    """One request for a touchpoint's page: the code, what it means, and who asks."""

    def __init__(self, front: Front, request: Request, code: str, ticket: str | None) -> None:
        self.front = front
        self.request = request
        self.code = code
        self.touchpoint: Touchpoint = front.touchpoint(code, ticket)
        self.member = front.member(request)
        self.language = chosen(request)
        self.other = other(self.language)
        self.sent: Sent | None = None
        # A code from a screen dies within a minute; the ticket lets the shopper register first.
        self.ticket = ticket
        if not ticket and self.touchpoint.coupon:
            self.ticket = front.gateway.codes.ticket(self.touchpoint, now_ms())

    def say(self, key: str, **values: Any) -> str:
        """A sentence in the shopper's language."""
        return self.front.texts.say(self.language, key, **values)

    def url(self, **query: str) -> str:
        """The address of the page, with the ticket if it has one."""
        parts = {**({"ticket": self.ticket} if self.ticket else {}), **query}
        tail = "&".join(f"{name}={value}" for name, value in parts.items())
        return f"/t/{self.code}" + (f"?{tail}" if tail else "")

    def render(self, status: int = 200, **extra: Any) -> Response:
        """The page of the touchpoint's purpose."""
        template, values = PURPOSES[self.touchpoint.purpose](self)
        names = {zone.id: zone.name[self.language] for zone in self.front.gateway.settings.zones}
        shared: dict[str, Any] = {
            "action": f"/t/{self.code}",
            "code": self.code,
            "consent_version": CONSENT_VERSION,
            "language_url": self.url(lang=self.other),
            "sent": self.sent,
            "phone": self.sent.phone if self.sent else "",
            "service": bool(self.sent and self.sent.service == "yes"),
            "marketing": bool(self.sent and self.sent.marketing == "yes"),
            "member": self.member,
            "ticket": self.ticket,
            "keep": self.url(),
            "zone": names.get(self.touchpoint.zone, ""),
            "zones": names,
        }
        shown = {**shared, **values, **extra}
        response = self.front.page(
            self.request, template, status, **shown, keep_form="reg" if self.asks(shown) else None
        )
        help_page.stand(self.request, response, self.code)
        return response

    def asks(self, shown: dict[str, Any]) -> bool:
        """Whether the page has the registration form: then the language is changed without losing what stands in it."""
        if self.member is not None:
            return False
        if self.touchpoint.purpose == "locker":
            return bool(shown.get("chooses"))
        coupon = shown.get("coupon")
        return not shown.get("why") and (coupon is None or coupon.state in ("ready", "ending"))


def router(front: Front) -> APIRouter:
    """The routes of these pages."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/t/{code}")
    async def arrive(code: str, request: Request, ticket: str | None = None) -> Response:
        """The page of a code; a code that is no good gets a friendly page that says what to do."""
        try:
            visit = Visit(front, request, code, ticket)
        except Refusal as refusal:
            return refused(front, request, refusal)
        visitor = front.sessions.visitor(request) or new_visitor()
        await acts.scanned(front, visit.touchpoint, visit.member, visitor)
        notice = _notice(visit)
        response = visit.render(notice=notice)
        if notice:
            response.delete_cookie(SAID, path="/t")
        front.sessions.greet(request, response, visitor)
        return response

    @routes.post("/t/{code}")
    async def act(code: str, request: Request, form: Annotated[Sent, Form()]) -> Response:
        """A form of the page: register, unlock or claim; then back to the page, so that a reload repeats nothing."""
        try:
            visit = Visit(front, request, code, form.ticket)
        except Refusal as refusal:
            return refused(front, request, refusal)
        visit.sent = form
        if form.keep:
            return visit.render()
        try:
            return await ACTS[form.do](visit, form)
        except (Refusal, JournalError) as error:
            return _again(visit, error)

    @routes.get("/wallet")
    async def wallet(request: Request) -> HTMLResponse:
        """A member's coupons with their states."""
        member = front.member(request)
        coupons = reading.wallet(front.gateway, member, now_ms()) if member else []
        kept = parcels.parcels(front.gateway, member, now_ms()) if member else []
        language = chosen(request)
        banks = {each.id: each.label[language] for each in front.gateway.settings.devices if each.kind == "locker"}
        return front.page(
            request,
            "wallet.html",
            member=member,
            coupons=coupons,
            parcels=[each for each in kept if each.held],
            banks=banks,
            spell=partial(spell, front.gateway.settings.store.currency),
        )

    return routes


async def _register(visit: Visit, form: Sent) -> Response:
    registration = await acts.register(
        visit.front,
        visit.touchpoint,
        phone=form.phone,
        service=form.service == "yes",
        marketing=form.marketing == "yes",
        language=visit.language,
        request=checked_request(form.request),
    )
    done = "recognised" if registration.known else "registered"
    if form.coupon and visit.touchpoint.purpose in acts.CLAIMABLE:
        done = await _claim_too(visit, form, registration.member) or done
    response = _back(visit, done)
    visit.front.sessions.remember(visit.request, response, registration.member)
    return response


async def _claim_too(visit: Visit, form: Sent, member: str) -> str | None:
    """Whoever registered at a coupon wanted it: one tap. What stands in its way is said by the page that follows."""
    request = str(uuid.uuid5(uuid.UUID(checked_request(form.request)), "claim"))
    try:
        claim = await acts.claim(visit.front, visit.touchpoint, form.coupon, member, request)
    except Refusal:
        return None
    return "claimed_already" if claim.already else "claimed"


async def _unlock(visit: Visit, form: Sent) -> Response:
    grant = await acts.unlock(visit.front, visit.touchpoint, visit.member, checked_request(form.request))
    return RedirectResponse(visit.url(grant=grant.id), 303)


async def _claim(visit: Visit, form: Sent) -> Response:
    claim = await acts.claim(visit.front, visit.touchpoint, form.coupon, visit.member, checked_request(form.request))
    return _back(visit, "claimed_already" if claim.already else "claimed")


async def _find(visit: Visit, form: Sent) -> Response:  # noqa: ARG001 - the same for every form
    await acts.find(visit.front, visit.touchpoint, visit.member)
    return _back(visit, "blinking")


ACTS = {"register": _register, "unlock": _unlock, "claim": _claim, "find": _find, **lockers.ACTS}
NOTICES = frozenset({"registered", "recognised", "claimed", "claimed_already", "blinking"})


def _back(visit: Visit, done: str) -> Response:
    """Back to the page, which says once what was done: a reload greets nobody again."""
    response = RedirectResponse(visit.url(done=done), 303)
    response.set_cookie(SAID, done, max_age=60, path="/t", httponly=True, samesite="lax")
    return response


def _notice(visit: Visit) -> str | None:
    done = visit.request.query_params.get("done")
    if done != visit.request.cookies.get(SAID):
        return None
    # The page of a single coupon says by itself that it was claimed.
    if done not in NOTICES or (visit.touchpoint.coupon and done == "claimed"):
        return None
    return visit.say(f"shopper.{done}")


def _again(visit: Visit, error: Exception) -> Response:
    problem = Problem.of(error)
    said = visit.say(f"refusals.{problem.code}", **problem.members)
    field = BESIDE.get(problem.code)
    return visit.render(problem.status, problem=said, refused=problem.code if field else None)


def refused(front: Front, request: Request, error: Exception, reference: str | None = None) -> Response:
    """A page instead of a problem document: what happened, what to do, and the right status."""
    problem = Problem.of(error)
    language = chosen(request)
    help_key = f"help.{problem.code}"
    return front.page(
        request,
        "message.html",
        problem.status,
        sentence=front.texts.say(language, f"refusals.{problem.code}"),
        advice=front.texts.say(language, help_key if front.texts.has(help_key) else "help.other"),
        again=None,
        reference=reference,
    )

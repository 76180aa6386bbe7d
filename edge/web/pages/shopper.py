"""`/t/{code}`: what a shopper's phone shows after a scan. Works by plain forms; a little script makes it quicker."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from edge.domain import code_text, families
from edge.domain.members import CONSENT_VERSION
from edge.errors import JournalError, Refusal
from edge.legal import TEXTS
from edge.money import spell
from edge.web import acts, limits, parcels, reading
from edge.web.audience import SHOPPER, audience
from edge.web.front import checked_request, now_ms
from edge.web.language import chosen, other
from edge.web.pages import lockers, seen
from edge.web.pages.purposes import PURPOSES
from edge.web.problems import Problem
from edge.web.session import new_browser

if TYPE_CHECKING:
    from edge.bounds import Act
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
    phone: str = Field("", max_length=200)
    service: str = ""
    marketing: str = ""
    coupon: str | None = Field(None, max_length=64)
    parcel: str = Field("", max_length=36)
    size: str = Field("", max_length=1)
    low: str = ""
    slip: str = ""
    door: str = Field("", max_length=8)
    digits: str = Field("", max_length=12)
    agreed: str = Field("", max_length=32)
    """The version of the service's texts that the shopper has just agreed to, before this is done."""


ASKS_PHONE = frozenset({"bad_phone", "consent_missing", "too_many_registrations"})
"""Refusals that the registration form itself shows, with what the shopper had typed."""


class Visit:
    """One request for a touchpoint's page: the code, what it means, and who asks."""

    def __init__(
        self, front: Front, request: Request, code: str, ticket: str | None, browser: str | None = None
    ) -> None:
        self.front = front
        self.request = request
        self.touchpoint: Touchpoint = limits.touchpoint(front, request, code, ticket)
        self.code = front.code(code, self.touchpoint)
        self.caller = front.caller(request)
        self.member = self.caller.member if self.caller else None
        self.language = chosen(request)
        self.browser = browser or front.browser(request)
        # A code from a screen dies within a minute; the ticket lets the shopper register first.
        self.ticket = ticket
        if not ticket and self.touchpoint.live and self.browser:
            self.ticket = front.gateway.codes.ticket(self.touchpoint, self.browser, now_ms())

    def is_theirs(self, member: str | None) -> bool:
        """Whether the shopper is that member, or one with it."""
        known = self.member is not None and member is not None
        return known and families.related(self.front.gateway.reads, self.member or "", member or "")

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
            "language_url": self.url(lang=other(self.language)),
            "member": self.member,
            "ticket": self.ticket,
            "keep": self.url(),
            "zone": names.get(self.touchpoint.zone, ""),
            "zones": names,
        }
        return self.front.page(self.request, template, status, **{**shared, **values, **extra})


@audience(SHOPPER)
async def as_it_arrived(code: str, request: Request, rest: str = "") -> Response:  # noqa: ARG001 - of the path
    """From an address in capitals, or with something behind the code, to the page."""
    meant = next(code_text.candidates(code), None)
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/t/{meant.text if meant else quote(code, safe='')}{query}", 308)


def router(front: Front) -> APIRouter:
    """The routes of these pages."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/t/{code}")
    @audience(SHOPPER)
    async def arrive(code: str, request: Request, ticket: str | None = None) -> Response:
        """The page of a code; a code that is no good gets a friendly page that says what to do."""
        visitor = front.browser(request) or new_browser()
        try:
            limits.take(front, request, "visiting")
            visit = Visit(front, request, code, ticket, visitor)
        except Refusal as refusal:
            return refused(front, request, refusal)
        seen.fetched(front, request, visit.touchpoint)
        view = front.gateway.codes.view(visit.touchpoint.id, visitor, now_ms())
        response = visit.render(notice=_notice(visit), seen=view)
        front.sessions.greet(request, response, visitor)
        return response

    routes.add_api_route("/t/{code}/{rest:path}", as_it_arrived)
    routes.add_api_route("/T/{code:path}", as_it_arrived)

    @routes.post("/t/{code}")
    @audience(SHOPPER)
    async def act(code: str, request: Request, form: Annotated[Sent, Form()]) -> Response:
        """A form of the page: register, unlock or claim; then back to the page, so that a reload repeats nothing."""
        try:
            limits.take(front, request, "visiting")
            visit = Visit(front, request, code, form.ticket)
        except Refusal as refusal:
            return refused(front, request, refusal)
        try:
            if form.do in BOUNDED:
                limits.take(front, request, BOUNDED[form.do], visit.touchpoint, visit.member)
            if form.agreed:
                await acts.agree(front, visit.caller, form.agreed, visit.language, form.request)
            return await ACTS[form.do](visit, form)
        except (Refusal, JournalError) as error:
            return _again(visit, form, error)

    _add_wallet(routes, front)
    return routes


def _add_wallet(routes: APIRouter, front: Front) -> None:
    @routes.get("/wallet")
    @audience(SHOPPER)
    async def wallet(request: Request) -> HTMLResponse:
        """A member's coupons with their states."""
        caller = front.caller(request)
        member = caller.member if caller else None
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


async def _register(visit: Visit, form: Sent) -> Response:
    browser = visit.front.sessions.asking(visit.request)
    registration = await acts.register(
        visit.front,
        visit.touchpoint,
        browser,
        phone=form.phone,
        service=form.service == "yes",
        marketing=form.marketing == "yes",
        language=visit.language,
        request=checked_request(form.request),
    )
    response = RedirectResponse(visit.url(done="registered"), 303)
    visit.front.sessions.let_in(visit.request, response, registration.session, browser.name)
    return response


async def _unlock(visit: Visit, form: Sent) -> Response:
    grant = await acts.unlock(visit.front, visit.touchpoint, visit.caller, checked_request(form.request))
    return RedirectResponse(visit.url(grant=grant.id), 303)


async def _claim(visit: Visit, form: Sent) -> Response:
    claim = await acts.claim(visit.front, visit.touchpoint, form.coupon, visit.caller, checked_request(form.request))
    return RedirectResponse(visit.url(done="claimed_already" if claim.already else "claimed"), 303)


async def _find(visit: Visit, form: Sent) -> Response:  # noqa: ARG001 - the same for every form
    await acts.find(visit.front, visit.touchpoint, visit.caller)
    return RedirectResponse(visit.url(done="blinking"), 303)


ACTS = {"register": _register, "unlock": _unlock, "claim": _claim, "find": _find, **lockers.ACTS}
BOUNDED: Final[dict[str, Act]] = {
    "register": "registering",
    "claim": "claiming",
    "find": "finding",
    **dict.fromkeys(("unlock", "deposit", "take", "code", "digits", "again"), "opening"),
}
"""What each form counts as."""
NOTICES = frozenset({"registered", "claimed", "claimed_already", "blinking"})


def _notice(visit: Visit) -> str | None:
    done = visit.request.query_params.get("done")
    # The page of a single coupon says by itself that it was claimed.
    if done not in NOTICES or (visit.touchpoint.coupon and done == "claimed"):
        return None
    return visit.say(f"shopper.{done}")


def _again(visit: Visit, form: Sent, error: Exception) -> Response:
    problem = Problem.of(error)
    if problem.code in ASKS_CONSENT and visit.member:
        return _ask_consent(visit, form, problem)
    kept: dict[str, Any] = {}
    if problem.code in ASKS_PHONE:
        kept = {"phone": form.phone, "marketing": form.marketing == "yes", "refused": problem.code}
    page = visit.render(problem.status, problem=problem.sentence(visit.front.texts, visit.language), **kept)
    page.headers.update(problem.headers or {})
    return page


ASKS_CONSENT: Final = frozenset({"consent_missing", "consent_outdated"})


def _ask_consent(visit: Visit, form: Sent, problem: Problem) -> Response:
    """The texts in force, and a button that agrees and does what was asked for."""
    legal = visit.front.gateway.legal
    fields = {name: value for name, value in form.model_dump(exclude={"agreed"}).items() if value}
    return visit.front.page(
        visit.request,
        "consent.html",
        409,
        action=f"/t/{visit.code}",
        fields=fields,
        keep=visit.url(),
        member=visit.member,
        outdated=problem.code == "consent_outdated",
        version=problem.members["version"],
        versions={text: legal.current(text).version for text in TEXTS},
    )


def refused(front: Front, request: Request, error: Exception, reference: str | None = None) -> Response:
    """A page instead of a problem document: what happened, what to do, and the right status."""
    problem = Problem.of(error)
    language = chosen(request)
    help_key = f"help.{problem.code}"
    page = front.page(
        request,
        "message.html",
        problem.status,
        sentence=problem.sentence(front.texts, language),
        advice=front.texts.say(language, help_key if front.texts.has(help_key) else "help.other"),
        again=None,
        reference=reference,
    )
    page.headers.update(problem.headers or {})
    return page

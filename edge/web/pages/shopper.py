"""`/t/{code}`: what a shopper's phone shows after a scan. Works by plain forms; a little script makes it quicker."""

from __future__ import annotations

import uuid
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from edge.domain.callers import Caller, Proof
from edge.domain.coupons import coupons
from edge.domain.members import families
from edge.domain.touchpoints import code_text
from edge.errors import JournalError, Refusal
from edge.gateway.legal import TEXTS
from edge.web import acts, limits, parcels, reading
from edge.web.audience import SHOPPER, audience
from edge.web.front import checked_request, now_ms
from edge.web.language import chosen, other
from edge.web.pages import help as help_page
from edge.web.pages import lockers, seen
from edge.web.pages.purposes import PURPOSES
from edge.web.problems import Problem
from edge.web.session import new_browser
from words.money import spell

if TYPE_CHECKING:
    from edge.domain.touchpoints.touchpoints import Touchpoint
    from edge.gateway.bounds import Act
    from edge.web.front import Front


class Sent(BaseModel):
    """Every field that a form of these pages may send."""

    do: Literal[
        "register", "guest", "unlock", "claim", "find",
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
    version: str = Field("", max_length=32)
    """Of the service's texts that stood in the registration form."""
    agreed: str = Field("", max_length=32)
    """The version of the service's texts that the shopper has just agreed to, before this is done."""
    keep: str = Field("", max_length=5)
    """Nothing is to be done: the page is wanted once more, in another language, with what was typed."""


SAID = "sk_said"
"""What a page is to say once, of what its form has done."""

BESIDE = {
    "bad_phone": "phone",
    "consent_missing": "service",
    "consent_outdated": "service",
    "parcel_code_wrong": "digits",
    "parcel_wait": "digits",
}
"""Refusals that a form shows beside the field that they are about."""


ASKS_LATER = frozenset({"enter", "badge"})
"""Purposes whose page asks guests to register, where the store asks after the act."""


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
        self.other = other(self.language)
        self.sent: Sent | None = None
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
            "consent_version": self.front.gateway.legal.version_of("service"),
            "language_url": self.url(lang=self.other),
            "sent": self.sent,
            "phone": self.sent.phone if self.sent else "",
            "service": bool(self.sent and self.sent.service == "yes"),
            "marketing": bool(self.sent and self.sent.marketing == "yes"),
            "member": self.member,
            "guest": ask if (ask := acts.asks(self.front, self.touchpoint.purpose)) != "before" else None,
            "ticket": self.ticket,
            "keep": self.url(),
            "zone": names.get(self.touchpoint.zone, ""),
            "zones": names,
        }
        shown = {**shared, **values, **extra}
        if self.touchpoint.purpose in ASKS_LATER and self.member and acts.asked_later(self.front, self.member):
            shown["member"] = None  # a guest has not registered yet
        response = self.front.page(
            self.request, template, status, **shown, keep_form="reg" if self.asks(shown) else None
        )
        help_page.stand(self.request, response, self.code)
        return response

    def asks(self, shown: dict[str, Any]) -> bool:
        """Whether the page has the registration form: then the language is changed without losing what stands in it."""
        if self.member is not None or shown.get("guest") == "never":
            return False
        if self.touchpoint.purpose == "locker":
            return bool(shown.get("chooses"))
        coupon = shown.get("coupon")
        open_to_all = coupon is None or coupon.state in ("ready", "ending")
        return open_to_all and not shown.get("why") and not shown.get("blocked")


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
        front.gateway.here.note(visitor, visit.touchpoint.id)
        response = _greeted(visit, seen=front.gateway.codes.view(visit.touchpoint.id, visitor, now_ms()))
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
        visit.sent = form
        if form.keep:
            return visit.render()
        try:
            if form.do in BOUNDED:
                limits.take(front, request, BOUNDED[form.do], visit.touchpoint, visit.member)
            return await _act(visit, form)
        except (Refusal, JournalError) as error:
            return _again(visit, error)

    _add_wallet(routes, front)
    return routes


def _add_wallet(routes: APIRouter, front: Front) -> None:
    @routes.get("/wallet")
    @audience(SHOPPER)
    async def wallet(request: Request) -> HTMLResponse:
        """A member's coupons with their states."""
        caller = front.caller(request)
        member = caller.member if caller else None
        saved = reading.wallet(front.gateway, member, now_ms()) if member else []
        kept = parcels.parcels(front.gateway, member, now_ms()) if member else []
        language = chosen(request)
        banks = {each.id: each.label[language] for each in front.gateway.settings.devices if each.kind == "locker"}
        return front.page(
            request,
            "wallet.html",
            member=member,
            coupons=saved,
            parcels=[each for each in kept if each.held],
            banks=banks,
            spell=partial(spell, front.gateway.settings.store.currency),
        )


async def _act(visit: Visit, form: Sent) -> Response:
    """What the form asks for; first, where it comes from the page of a new text, the consent."""
    if form.agreed:
        await acts.agree(visit.front, visit.caller, form.agreed, visit.language, form.request)
    return await ACTS[form.do](visit, form)


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
        shown={"service": form.version},
    )
    done = "registered"
    if form.coupon and visit.touchpoint.purpose in coupons.CLAIMABLE:
        caller = Caller(registration.member, browser.name, Proof.DEVICE, registration.session)
        done = await _claim_too(visit, form, caller) or done
    response = _back(visit, done)
    visit.front.sessions.let_in(visit.request, response, registration.session, registration.browser)
    return response


async def _claim_too(visit: Visit, form: Sent, caller: Caller) -> str | None:
    """Whoever registered at a coupon wanted it: one tap. What stands in its way is said by the page that follows."""
    request = str(uuid.uuid5(uuid.UUID(checked_request(form.request)), "claim"))
    try:
        claim = await acts.claim(visit.front, visit.touchpoint, form.coupon, caller, request)
    except Refusal:
        return None
    return "claimed_already" if claim.already else "claimed"


async def _guest(visit: Visit, form: Sent) -> Response:
    """Whoever gives no number: a guest of this browser, and the cart at once where it is one."""
    browser, request = visit.front.sessions.asking(visit.request), checked_request(form.request)
    visit.caller = await acts.come_as_guest(visit.front, visit.touchpoint, browser, visit.language, request)
    visit.member = visit.caller.member
    try:
        response = await _unlock(visit, form) if visit.touchpoint.purpose == "cart" else _back(visit, "guest")
    except (Refusal, JournalError) as error:
        response = _again(visit, error)
    visit.front.sessions.let_in(visit.request, response, visit.caller.session, browser.name)
    return response


async def _unlock(visit: Visit, form: Sent) -> Response:
    grant = await acts.unlock(visit.front, visit.touchpoint, visit.caller, checked_request(form.request))
    return RedirectResponse(visit.url(grant=grant.id), 303)


async def _claim(visit: Visit, form: Sent) -> Response:
    claim = await acts.claim(visit.front, visit.touchpoint, form.coupon, visit.caller, checked_request(form.request))
    return _back(visit, "claimed_already" if claim.already else "claimed")


async def _find(visit: Visit, form: Sent) -> Response:  # noqa: ARG001 - the same for every form
    await acts.find(visit.front, visit.touchpoint, visit.caller)
    return _back(visit, "blinking")


ACTS = {"register": _register, "guest": _guest, "unlock": _unlock, "claim": _claim, "find": _find, **lockers.ACTS}
BOUNDED: Final[dict[str, Act]] = {
    **dict.fromkeys(("register", "guest"), "registering"),
    "claim": "claiming",
    "find": "finding",
    **dict.fromkeys(("unlock", "deposit"), "opening"),
    **dict.fromkeys(("take", "code", "digits", "again"), "collecting"),
    **dict.fromkeys(("share", "unshare", "slip", "inside", "empty"), "changing"),
}
"""What each form counts as."""
NOTICES = frozenset({"registered", "claimed", "claimed_already", "blinking"})


def _back(visit: Visit, done: str) -> Response:
    """Back to the page, which says once what was done: a reload greets nobody again."""
    response = RedirectResponse(visit.url(done=done), 303)
    response.set_cookie(SAID, done, max_age=60, path="/t", httponly=True, samesite="lax")
    return response


def _greeted(visit: Visit, **values: Any) -> Response:
    notice = _notice(visit)
    response = visit.render(notice=notice, **values)
    if notice:
        response.delete_cookie(SAID, path="/t")
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
    if problem.code in ASKS_CONSENT and visit.member and visit.sent:
        return _ask_consent(visit, visit.sent, problem)
    said = problem.sentence(visit.front.texts, visit.language)
    page = visit.render(problem.status, problem=said, refused=problem.code if problem.code in BESIDE else None)
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

"""A visit to the page that a scanned code leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from pydantic import Field
from starlette.responses import Response

from edge.domain.members import queries as member_queries
from edge.errors import Refusal
from edge.gateway.legal import TEXTS
from edge.web import limits
from edge.web.actions import shopping
from edge.web.last_touchpoint import remember_touchpoint
from edge.web.moments import now_ms
from edge.web.page import Action, PageForm
from edge.web.visit import Visit

if TYPE_CHECKING:
    from starlette.requests import Request

    from edge.domain.touchpoints.codes import Touchpoint
    from edge.web.problems import Problem
    from edge.web.registry import Pages
    from edge.web.web import Web

SAID: Final = "sk_said"
"""What a page is to say once, of what its form has done."""
ASKS_LATER: Final = frozenset({"enter", "badge"})
"""Purposes whose page asks guests to register, where the store asks after the act."""
ASKS_CONSENT: Final = frozenset({"consent_missing", "consent_outdated"})
BESIDE_FIELD: Final = frozenset({"bad_phone", *ASKS_CONSENT, "parcel_code_wrong", "parcel_wait"})
"""Refusals that a form shows beside the field that they are about."""


WHY: Final = {"cart": "unlock", "locker": "deposit", "screen": "claim", "shelf": "claim", "coupon": "claim"}
"""By purpose, which act of its page is explained."""


class TouchpointForm(PageForm):
    """What the forms of all these pages send: who registers, and the act."""

    request: str = Field(max_length=36)
    ticket: str | None = Field(None, max_length=1024)
    phone: str = Field("", max_length=200)
    service: str = ""
    marketing: str = ""
    coupon: str | None = Field(None, max_length=64)
    version: str = Field("", max_length=32)
    """Of the service's texts that stood in the registration form."""
    agreed: str = Field("", max_length=32)
    """The version of the service's texts that the shopper has just agreed to, before this is done."""
    keep: str = Field("", max_length=5)
    """Nothing is to be done: the page is wanted once more, in another language, with what was typed."""


class TouchpointVisit(Visit):
    """One request: the code, what it means, and who asks."""

    touchpoint: Touchpoint

    def __init__(
        self, web: Web, pages: Pages, request: Request, code: str, ticket: str | None, browser: str | None = None
    ) -> None:
        self.touchpoint = limits.touchpoint(web, request, code, ticket)
        super().__init__(web, pages.of_purpose(self.touchpoint.purpose), request)
        self._pages = pages
        self.code = web.code(code, self.touchpoint)
        self.browser = browser or web.browser(request)
        self.seen: str | None = None
        """What the page sends back once it is shown to somebody."""
        # A code from a screen dies within a minute; the ticket lets the shopper register first.
        self.ticket = ticket
        if not ticket and self.touchpoint.live and self.browser:
            self.ticket = web.codes.ticket(self.touchpoint, self.browser, now_ms())

    def is_theirs(self, member: str | None) -> bool:
        """Whether the shopper is that member, or one with it."""
        known = self.member is not None and member is not None
        return known and member_queries.related(self.web.reads, self.member or "", member or "")

    def url(self, **query: str) -> str:
        """The address of the page, with the ticket if it has one."""
        parts = {**({"ticket": self.ticket} if self.ticket else {}), **query}
        tail = "&".join(f"{name}={value}" for name, value in parts.items())
        return f"/t/{self.code}" + (f"?{tail}" if tail else "")

    def why(self) -> str:
        """Where the reason of a refusal of this page's act is told; empty where there is none to tell."""
        of = WHY.get(self.touchpoint.purpose, "")
        query = {"code": self.code, "ticket": self.ticket or "", "coupon": (self.form and self.form.coupon) or ""}
        return f"/why/{of}?{urlencode({name: value for name, value in query.items() if value})}" if of else ""

    def back(self, **query: str) -> Response:
        """Back to the page, which says once what was done: a reload greets nobody again."""
        response = super().back(**query)
        if "done" in query:
            response.set_cookie(SAID, query["done"], max_age=60, path="/t", httponly=True, samesite="lax")
        return response

    def action_of(self, form: PageForm) -> Action[Any, Any]:
        """Raises `Refusal` wrong_purpose for what pages of other purposes do."""
        others = self._pages.purposes_with(form.do)
        if form.do not in self.page.actions and others:
            raise Refusal("wrong_purpose", expected=" or ".join(others), found=self.touchpoint.purpose)
        return super().action_of(form)

    def notice(self) -> str | None:
        """What is said once, when the page is opened."""
        done = self.request.query_params.get("done", "")
        if self.form is not None or done != self.request.cookies.get(SAID):
            return None
        # The page of a single coupon says by itself that it was claimed.
        if self.touchpoint.coupon and done == "claimed":
            return None
        return super().notice()

    def values(self) -> dict[str, Any]:
        """What the registration form needs, and where it all is."""
        names = {zone.id: zone.name[self.language] for zone in self.web.layout.zones}
        sent = self.form
        return {
            "action": f"/t/{self.code}",
            "code": self.code,
            "consent_version": self.web.legal.version_of("service"),
            "language_url": lambda language: self.url(lang=language),
            "sent": sent,
            "phone": sent.phone if sent else "",
            "service": bool(sent and sent.service == "yes"),
            "marketing": bool(sent and sent.marketing == "yes"),
            "member": self.member,
            "notice": self.notice(),
            "guest": ask if (ask := shopping.asks(self.web, self.touchpoint.purpose)) != "before" else None,
            "ticket": self.ticket,
            "pick": lambda coupon: self.url(coupon=coupon),
            "keep": self.url(),
            "seen": self.seen,
            "zone": names.get(self.touchpoint.zone, ""),
            "zones": names,
        }

    def render(self, status: int = 200, template: str = "", **extra: Any) -> Response:
        """The page of the touchpoint's purpose. From now on this browser stands there."""
        assert self.page.show is not None  # noqa: S101 - every page of a purpose shows something
        found = self.page.show(self)
        if isinstance(found, Response):
            return found
        own, values = found
        shown = {**self.values(), **values, **extra}
        asks = bool(shown.get("registers", False)) and self.member is None and shown["guest"] != "never"
        if self.touchpoint.purpose in ASKS_LATER and self.member and shopping.asked_later(self.web, self.member):
            shown["member"] = None  # a guest has not registered yet
        # Where the page has the registration form, the language is changed without losing what stands in it.
        response = self.web.page(self.request, template or own, status, **shown, keep_form="reg" if asks else None)
        if shown["notice"]:
            response.delete_cookie(SAID, path="/t")
        remember_touchpoint(self.request, response, self.code)
        return response

    def again(self, problem: Problem) -> Response:
        """The page with what was refused; or the texts in force, where that is what has to be agreed to first."""
        if problem.code in ASKS_CONSENT and self.member and self.form:
            return self._ask_consent(problem)
        self.problem = problem
        said = problem.sentence(self.web.texts, self.language)
        beside = problem.code if problem.code in BESIDE_FIELD else None
        page = self.render(problem.status, problem=said, refused=beside, why_url=self.why())
        page.headers.update(problem.headers or {})
        return page

    def _ask_consent(self, problem: Problem) -> Response:
        """The texts in force, and a button that agrees and does what was asked for."""
        legal = self.web.legal
        fields = {name: value for name, value in self.form.model_dump(exclude={"agreed"}).items() if value}
        return self.web.page(
            self.request,
            "touchpoint/consent.html",
            409,
            action=f"/t/{self.code}",
            fields=fields,
            keep=self.url(),
            member=self.member,
            outdated=problem.code == "consent_outdated",
            version=problem.members["version"],
            versions={text: legal.current(text).version for text in TEXTS},
        )

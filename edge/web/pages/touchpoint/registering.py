"""Registering on the page of a code, and coming as a guest: actions that every such page may have."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from edge.domain.coupons import queries as coupon_queries
from edge.errors import JournalError, Refusal
from edge.web.actions import shopping
from edge.web.page import Action
from edge.web.pages.touchpoint.visit import TouchpointForm, TouchpointVisit
from edge.web.problems import Problem
from edge.web.request_ids import checked_request

if TYPE_CHECKING:
    from starlette.responses import Response

Run = Callable[[TouchpointVisit, TouchpointForm], Awaitable["Response"]]


async def _register(visit: TouchpointVisit, form: TouchpointForm) -> Response:
    browser = visit.web.cookies.asking(visit.request)
    registration = await shopping.register(
        visit.web,
        visit.touchpoint,
        browser,
        phone=form.phone,
        service=form.service == "yes",
        marketing=form.marketing == "yes",
        language=visit.language,
        request=checked_request(form.request),
        shown={"service": form.version},
        coupon=form.coupon,
    )
    has = form.coupon and form.coupon in coupon_queries.claimed_by(visit.web.reads, registration.member)
    done = "claimed" if has else "registered"
    response = visit.back(done=done)
    visit.web.cookies.let_in(visit.request, response, registration.session, registration.browser)
    return response


async def guest(visit: TouchpointVisit, form: TouchpointForm, then: Run | None = None) -> Response:
    """Whoever gives no number: a guest of this browser, and what the page is for at once, where that is one act."""
    browser, request = visit.web.cookies.asking(visit.request), checked_request(form.request)
    visit.caller = await shopping.come_as_guest(visit.web, visit.touchpoint, browser, visit.language, request)
    visit.member = visit.caller.member
    try:
        response = await then(visit, form) if then else visit.back(done="guest")
    except (Refusal, JournalError) as error:
        response = visit.again(Problem.of(error))
    visit.web.cookies.let_in(visit.request, response, visit.caller.session, visit.caller.device)
    return response


REGISTERING: Final[Mapping[str, Action[TouchpointVisit, Any]]] = {
    "register": Action(_register, bound="registering"),
    "guest": Action(guest, bound="registering"),
}
"""What the page of a code does for somebody who is nobody yet."""
NOTICES: Final[Mapping[str, str]] = {"registered": "shopper.registered"}

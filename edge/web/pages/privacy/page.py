"""`/me/privacy`: what the store holds of a shopper, what they agreed to, a download, and the end of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from edge.domain.members import consents, erasure
from edge.domain.members import queries as member_queries
from edge.web import limits
from edge.web.actions.shopping import require_caller
from edge.web.audience import SHOPPER, audience
from edge.web.page import Action, Page, PageForm, Shown
from edge.web.request_ids import checked_request
from edge.web.views.journal_lines import JournalLines
from edge.web.views.personal_data import PersonalData, masked
from edge.web.visit import Visit

if TYPE_CHECKING:
    from edge.domain.members.consent_texts import Purpose
    from edge.web.web import Web

PATH = "/me/privacy"


WHERE: Final = {"order": "/orders", "payment": "/pay"}
"""Where somebody sees to what has to end first."""


class PrivacyForm(PageForm):
    """Every field that a form of these pages may send."""

    purpose: Literal["service", "marketing"] = "marketing"
    version: str = Field("", max_length=32)
    request: str = Field(max_length=36)


def show(visit: Visit) -> Shown:
    """What is held, agreed to, and can be done; of a refused erasure, what has to be done first."""
    if visit.problem is not None and visit.problem.code == "erase_waits":
        return "privacy/erase.html", _values(visit)
    return "privacy/privacy.html", _values(visit)


def _values(visit: Visit) -> dict[str, Any]:
    caller, language = visit.caller, visit.language
    if caller is None:
        return {}
    own, tail = PersonalData(visit.web), JournalLines(visit.web)
    number = own.number(caller.member)
    holds = [
        {
            "kind": hold.kind,
            "where": tail.name("bank" if hold.kind == "parcel" else hold.kind, hold.device, language),
            "door": hold.door,
            "href": WHERE.get(hold.kind, "/wallet"),
        }
        for hold in own.holds(caller)
    ]
    return {
        "number": masked(number) if number else "",
        "counts": own.counts(caller),
        "agreed": {state.purpose: state for state in own.agreed(caller.member)},
        "holds": holds,
        "tags": [
            tail.name("touchpoint", each.touchpoint, language)
            for each in member_queries.tags_of(visit.web.reads, caller.member)
        ],
        "asked_ms": own.asked_ms(caller),
    }


def router(web: Web) -> APIRouter:
    """The page before erasing, and the download."""
    routes = APIRouter(include_in_schema=False)
    own = PersonalData(web)

    @routes.get(f"{PATH}/erase")
    @audience(SHOPPER)
    async def ask(request: Request) -> Response:
        """What erasing means: what is lost, what has to be done first, and the buttons that do it."""
        visit = Visit(web, PAGE, request)
        return visit.render(template="privacy/erase.html") if visit.caller else visit.render()

    @routes.get(f"{PATH}/data")
    @audience(SHOPPER)
    async def data(request: Request) -> Response:
        """The download."""
        caller = require_caller(web.caller(request))
        limits.take(web, request, "asking", member=caller.member)
        content = msgspec.json.format(msgspec.json.encode(await own.whole(caller, web.language(request))), indent=2)
        headers = {"Content-Disposition": 'attachment; filename="my-data.json"', "Cache-Control": "no-store"}
        return Response(content, 200, headers, "application/json")

    return routes


async def _agree(visit: Visit, form: PrivacyForm) -> Response:
    shown: dict[Purpose, str] = {form.purpose: form.version}
    await visit.web.decide(
        consents.give,
        caller=require_caller(visit.caller),
        shown=shown,
        language=visit.language,
        request=checked_request(form.request),
    )
    return visit.back(done="agreed")


async def _withdraw(visit: Visit, form: PrivacyForm) -> Response:
    await visit.web.decide(
        consents.withdraw,
        caller=require_caller(visit.caller),
        purpose=form.purpose,
        request=checked_request(form.request),
    )
    # Without the service there is no reason to keep the number: what now, is the next page's question.
    return RedirectResponse(f"{PATH}/erase", 303) if form.purpose == "service" else visit.back(done="withdrawn")


async def _erase(visit: Visit, form: PrivacyForm) -> Response:
    if visit.caller is None:
        return visit.back()  # a second tap: the page says that nobody is known here any more
    done = await visit.web.decide(
        erasure.request_erasure,
        caller=visit.caller,
        patient=form.do == "wait",
        request=checked_request(form.request),
    )
    response = visit.back(done="erased" if done.erased else "waits")
    if done.erased:
        visit.web.cookies.forget(response)
    return response


async def _stay(visit: Visit, form: PrivacyForm) -> Response:
    await visit.web.decide(
        erasure.withdraw_request, caller=require_caller(visit.caller), request=checked_request(form.request)
    )
    return visit.back(done="stays")


PAGE: Final = Page[Visit, PrivacyForm](
    "privacy",
    path=PATH,
    show=show,
    form=PrivacyForm,
    actions={
        "agree": Action(_agree, bound="changing"),
        "withdraw": Action(_withdraw, bound="changing"),
        **dict.fromkeys(("erase", "wait"), Action(_erase, bound="changing")),
        "stay": Action(_stay, bound="changing"),
    },
    notices={done: f"data.done_{done}" for done in ("withdrawn", "agreed", "waits", "stays", "erased")},
    routes=router,
)

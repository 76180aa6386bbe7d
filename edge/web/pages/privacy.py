"""`/me/privacy`: what the store holds of a shopper, what they agreed to, a download, and the end of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from edge.domain.members import consents, erasure
from edge.errors import JournalError, Refusal
from edge.web import limits
from edge.web.acts import known
from edge.web.audience import SHOPPER, audience
from edge.web.front import checked_request
from edge.web.language import chosen
from edge.web.own_data import OwnData, masked
from edge.web.problems import Problem
from edge.web.tail import Tail

if TYPE_CHECKING:
    from edge.domain.callers import Caller
    from edge.domain.members.consent_texts import Purpose
    from edge.web.front import Front
    from words.languages import Language

PATH = "/me/privacy"
NOTICES = frozenset({"withdrawn", "agreed", "waits", "stays", "erased"})


class Sent(BaseModel):
    """Every field that a form of these pages may send."""

    do: Literal["agree", "withdraw", "erase", "wait", "stay"]
    purpose: Literal["service", "marketing"] = "marketing"
    version: str = Field("", max_length=32)
    request: str = Field(max_length=36)


class Page:
    """The pages of one store."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.own = OwnData(front)
        self._tail = Tail(front)

    def shown(self, request: Request, status: int = 200, **extra: Any) -> Response:
        """What is held, agreed to, and can be done."""
        caller = self.front.caller(request)
        done = request.query_params.get("done", "")
        notice = self.front.texts.say(chosen(request), f"data.done_{done}") if done in NOTICES else None
        values = self._values(caller, chosen(request)) if caller else {}
        member = caller.member if caller else None
        return self.front.page(
            request, "privacy.html", status, **{"member": member, "notice": notice, **values, **extra}
        )

    def erasing(self, request: Request, status: int = 200, **extra: Any) -> Response:
        """What is lost, what has to be done first, and the buttons that do it."""
        caller = known(self.front.caller(request))
        values = self._values(caller, chosen(request))
        return self.front.page(request, "erase.html", status, **{"member": caller.member, **values, **extra})

    def _values(self, caller: Caller, language: Language) -> dict[str, Any]:
        own, number = self.own, self.own.number(caller.member)
        holds = [
            {
                "kind": hold.kind,
                "where": self._tail.name("bank" if hold.kind == "parcel" else "cart", hold.device, language),
                "door": hold.door,
                "href": "/wallet",
            }
            for hold in own.holds(caller)
        ]
        return {
            "number": masked(number) if number else "",
            "counts": own.counts(caller),
            "agreed": {state.purpose: state for state in own.agreed(caller.member)},
            "holds": holds,
            "asked_ms": own.asked_ms(caller),
        }


def router(front: Front) -> APIRouter:
    """The routes of these pages."""
    routes = APIRouter(include_in_schema=False)
    page = Page(front)

    @routes.get(PATH)
    @audience(SHOPPER)
    async def show(request: Request) -> Response:
        """Everything about the caller's data; a stranger is told that there is none."""
        return page.shown(request)

    @routes.get(f"{PATH}/erase")
    @audience(SHOPPER)
    async def ask(request: Request) -> Response:
        """What erasing means, before it is done."""
        return page.erasing(request) if front.caller(request) else page.shown(request)

    @routes.get(f"{PATH}/data")
    @audience(SHOPPER)
    async def data(request: Request) -> Response:
        """The download."""
        caller = known(front.caller(request))
        limits.take(front, request, "asking", member=caller.member)
        content = msgspec.json.format(msgspec.json.encode(await page.own.whole(caller, chosen(request))), indent=2)
        headers = {"Content-Disposition": 'attachment; filename="my-data.json"', "Cache-Control": "no-store"}
        return Response(content, 200, headers, "application/json")

    @routes.post(PATH)
    @audience(SHOPPER)
    async def act(request: Request, form: Annotated[Sent, Form()]) -> Response:
        """A form of these pages; then back to the page, so that a reload repeats nothing."""
        try:
            limits.take(front, request, "changing", member=limits.member(front, request))
            return await ACTS[form.do](page, request, form)
        except (Refusal, JournalError) as error:
            problem = Problem.of(error)
            again = page.erasing if problem.code == "erase_waits" else page.shown
            return again(request, problem.status, problem=problem.sentence(front.texts, chosen(request)))

    return routes


async def _agree(page: Page, request: Request, form: Sent) -> Response:
    shown: dict[Purpose, str] = {form.purpose: form.version}
    await page.front.gateway.decide(
        consents.give,
        caller=known(page.front.caller(request)),
        shown=shown,
        language=chosen(request),
        request=checked_request(form.request),
    )
    return RedirectResponse(f"{PATH}?done=agreed", 303)


async def _withdraw(page: Page, request: Request, form: Sent) -> Response:
    await page.front.gateway.decide(
        consents.withdraw,
        caller=known(page.front.caller(request)),
        purpose=form.purpose,
        request=checked_request(form.request),
    )
    # Without the service there is no reason to keep the number: what now, is the next page's question.
    return RedirectResponse(f"{PATH}/erase" if form.purpose == "service" else f"{PATH}?done=withdrawn", 303)


async def _erase(page: Page, request: Request, form: Sent) -> Response:
    done = await page.front.gateway.decide(
        erasure.ask,
        caller=known(page.front.caller(request)),
        patient=form.do == "wait",
        request=checked_request(form.request),
    )
    response = RedirectResponse(f"{PATH}?done={'erased' if done.erased else 'waits'}", 303)
    if done.erased:
        page.front.sessions.forget(response)
    return response


async def _stay(page: Page, request: Request, form: Sent) -> Response:
    caller = known(page.front.caller(request))
    await page.front.gateway.decide(erasure.drop, caller=caller, request=checked_request(form.request))
    return RedirectResponse(f"{PATH}?done=stays", 303)


ACTS = {"agree": _agree, "withdraw": _withdraw, "erase": _erase, "wait": _erase, "stay": _stay}

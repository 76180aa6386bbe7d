"""`/staff/campaigns`: what is cheaper, until when, and what it cost; managers stop one; anybody tries a basket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from edge.domain.campaigns import decisions as campaigns
from edge.domain.campaigns import queries
from edge.errors import Refusal
from edge.web.audience import FLOOR, audience
from edge.web.page import Page, Typed
from edge.web.pages.staff_campaigns import views
from edge.web.pages.staff_campaigns.trying import BadTrial, TrialInput, TrialQuote, run_trial
from edge.web.problems import Problem

if TYPE_CHECKING:
    from edge.domain.staff.rules import Person
    from edge.web.web import Web

REASONS: Final = ("price", "stock", "other")
"""Why somebody stops a campaign, with one tap."""
AT: Final = "/staff/campaigns"


class CampaignForm(BaseModel):
    """Stop one, or let it go on."""

    do: str = Field(max_length=10)
    campaign: str = Field(max_length=40)
    reason: str = Field("", max_length=200)
    other: Typed = Field("", max_length=200)


class TrialForm(BaseModel):
    """A basket to try."""

    goods: str = Field("", max_length=2000)
    when: str = Field("", max_length=40)
    zone: str = Field("", max_length=40)
    level: str = Field("", max_length=80)
    tag: str = Field("", max_length=40)
    member: str = Field("", max_length=3)
    first: str = Field("", max_length=3)
    coupons: str = Field("", max_length=3)
    done: str = Field("", max_length=10)


def router(web: Web) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(prefix=AT, include_in_schema=False)

    @routes.get("")
    @audience(FLOOR)
    async def show(request: Request, trial: Annotated[TrialForm, Query()]) -> Response:
        """All of them, and the basket that is tried."""
        return _page(web, request, web.access.required(request), trial)

    @routes.post("")
    @audience(FLOOR)
    async def act(request: Request, form: Annotated[CampaignForm, Form()]) -> Response:
        """Raises `Refusal`: manager_only, bad_request; what the decision refuses stands on the page."""
        person = web.access.required(request)
        try:
            await _decide(web, person, form)
        except Refusal as refusal:
            return _page(web, request, person, TrialForm(), Problem.of(refusal))
        return RedirectResponse(f"{AT}?done={'stopped' if form.do == 'stop' else 'resumed'}", 303)

    return routes


async def _decide(web: Web, person: Person, form: CampaignForm) -> None:
    if person.role != "manager":
        raise Refusal("manager_only")
    if form.do == "stop":
        reason = form.other.strip() or form.reason
        if reason in REASONS:
            reason = web.texts.say(web.layout.store.languages[0], f"campaigns.reason_{reason}")
        await web.decide(campaigns.pause, campaign=form.campaign, by=person.staff, reason=reason)
    elif form.do == "resume":
        await web.decide(campaigns.resume, campaign=form.campaign, by=person.staff)
    else:
        raise Refusal("bad_request", field="do", expected="stop or resume", found=form.do)


def _page(web: Web, request: Request, person: Person, trial: TrialForm, problem: Problem | None = None) -> Response:
    language, now = web.language(request), web.reads.now
    asked = TrialInput(
        trial.goods,
        trial.when,
        trial.zone,
        trial.level,
        trial.tag,
        bool(trial.member),
        bool(trial.first),
        bool(trial.coupons),
    )
    result, wrong = _tried(web, asked, now, language) if trial.goods or trial.when else (None, "")
    return web.page(
        request,
        "staff_campaigns/staff_campaigns.html",
        problem.status if problem else 200,
        person=person,
        campaigns=views.campaigns(web, language, now),
        version=queries.version(web.reads),
        zones=[(each.id, each.name[language]) for each in web.layout.zones],
        reasons=REASONS,
        asked=asked,
        tried=result,
        not_used=views.not_used(web, result, language) if result else [],
        wrong=wrong,
        done=trial.done if trial.done in ("stopped", "resumed") else "",
        problem=web.texts.refusal(language, problem.code, **problem.members) if problem else None,
    )


def _tried(web: Web, asked: TrialInput, now: int, language: str) -> tuple[TrialQuote | None, str]:
    try:
        return run_trial(web, asked, now), ""
    except BadTrial as bad:
        return None, web.texts.say(language, f"campaigns.{bad.key}", **bad.values)


PAGE: Final = Page[Any, Any]("staff_campaigns", routes=router)

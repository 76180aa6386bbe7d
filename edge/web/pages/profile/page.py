"""`/profile`: what the store knows somebody as: level, number, other names, tags; each with its way out.

Beside it the ways in that somebody else vouches for: WeChat's page and a customer system's signed link.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from edge.domain.ledger import queries as ledger_queries
from edge.domain.members import aliases, birthdays
from edge.domain.members import queries as member_queries
from edge.web.actions import wechat_login
from edge.web.actions.shopping import require_caller
from edge.web.audience import SHOPPER, audience
from edge.web.moments import now_ms
from edge.web.page import Action, Page, PageForm, Shown
from edge.web.problems import Problem
from edge.web.views.personal_data import PersonalData, masked
from edge.web.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.domain.members.facts import AliasKind
    from edge.web.web import Web

WECHAT: Final = "/login/wechat"


class ProfileForm(PageForm):
    """The forms of this page."""

    kind: str = Field("", max_length=20)
    id: str = Field("", max_length=64)
    until: int = Field(0, ge=0, le=2**40)
    signature: str = Field("", max_length=64)
    month: int = Field(0, ge=0, le=12)
    day: int = Field(0, ge=0, le=31)


def show(visit: Visit) -> Shown:
    """What is known of the caller; a stranger finds the ways in."""
    web, member = visit.web, visit.member
    values: dict[str, Any] = {"wechat": web.identities.offers_wechat, "known": None, "asked": None}
    if member is not None:
        values |= {
            "known": member_queries.member(web.reads, member),
            "guest": member_queries.is_guest(web.reads, member),
            "number": _number(web, member),
            "standing": ledger_queries.level_status(web.reads, member, web.reads.now),
            "points": ledger_queries.balance(web.reads, member, web.reads.now).points,
            "birthday": birthdays.birthday(web.reads, member),
            "names": sorted(
                {
                    _name_of_kind(kind)
                    for each in member_queries.firm(web.reads, member, web.reads.now)
                    for kind in member_queries.alias_kinds(web.reads, each)
                }
            ),
        }
    return "profile/profile.html", values


def _number(web: Web, member: str) -> str:
    number = PersonalData(web).number(member)
    return masked(number) if number else ""


def _name_of_kind(kind: str) -> str:
    return "wechat" if kind.startswith("wechat") else kind


def router(web: Web) -> APIRouter:
    """The ways in."""
    routes = APIRouter(include_in_schema=False)

    async def join(request: Request, code: str, _state: str) -> Response:
        """Whoever proved this account is one with the caller, or lets the phone in."""
        return await _join(web, request, await web.identities.wechat(code))

    wechat_login.add_routes(
        routes,
        web,
        WECHAT,
        opens=lambda _: web.identities.offers_wechat,
        otherwise="/profile",
        arrived=join,
        refused=lambda request, refusal: Visit(web, PAGE, request).again(Problem.of(refusal)),
    )

    @routes.get("/login/crm")
    @audience(SHOPPER)
    async def crm(
        request: Request,
        id: Annotated[str, Query(max_length=64)] = "",
        until: Annotated[int, Query(ge=0, le=2**40)] = 0,
        signature: Annotated[str, Query(max_length=64)] = "",
    ) -> Response:
        """A link that a customer system signed for its own member. Only the tap joins both: a preview does not, and
        neither does a link that somebody else sent. The browser gets its name here: the link is good once, and a
        second tap is no second browser's.
        """
        response = Visit(web, PAGE, request).render(asked={"id": id, "until": until, "signature": signature})
        web.cookies.greet(request, response, web.cookies.asking(request).name)
        return response

    return routes


async def _join(
    web: Web, request: Request, names: Mapping[AliasKind, str], link: aliases.SignedLink | None = None
) -> Response:
    caller, response = web.caller(request), RedirectResponse("/profile?done=joined", 303)
    if caller is not None:
        await web.decide(aliases.prove, caller=caller, names=names, link=link)
        return response
    browser = web.cookies.asking(request)
    session = await web.decide(aliases.enter, browser=browser, names=names, link=link)
    web.cookies.let_in(request, response, session, browser.name)
    return response


async def _crm(visit: Visit, form: ProfileForm) -> Response:
    web = visit.web
    store, browser = web.layout.store.id, web.cookies.asking(visit.request).name
    names, link = web.identities.crm(store, form.id, form.until, form.signature, now_ms() // 1000, browser)
    return await _join(web, visit.request, names, link)


async def _give_up(visit: Visit, form: ProfileForm) -> Response:
    kinds: dict[str, tuple[AliasKind, ...]] = {"wechat": ("wechat", "wechat_union"), "crm": ("crm",)}
    if visit.caller is not None:
        for kind in kinds.get(form.kind, ()):
            await visit.web.decide(aliases.give_up, caller=visit.caller, kind=kind)
    return visit.back(done="parted")


async def _birthday(visit: Visit, form: ProfileForm) -> Response:
    caller = require_caller(visit.caller)
    await visit.web.decide(birthdays.name, caller=caller, month=form.month, day=form.day)
    return visit.back(done="birthday")


async def _no_birthday(visit: Visit, _: ProfileForm) -> Response:
    await visit.web.decide(birthdays.forget, caller=require_caller(visit.caller))
    return visit.back(done="no_birthday")


PAGE: Final = Page[Visit, ProfileForm](
    "profile",
    path="/profile",
    show=show,
    form=ProfileForm,
    actions={
        "crm": Action(_crm, bound="guessing"),
        "give_up": Action(_give_up, bound="changing"),
        "birthday": Action(_birthday, bound="changing"),
        "no_birthday": Action(_no_birthday, bound="changing"),
    },
    notices={
        "joined": "profile.joined",
        "parted": "profile.parted",
        "birthday": "profile.birthday_kept",
        "no_birthday": "profile.birthday_forgotten",
    },
    routes=router,
)

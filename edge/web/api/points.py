"""`/api/v1/points`: the caller's points, their level, and the day's check-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from edge.domain.ledger import checking_in, exchanging
from edge.web import limits
from edge.web.actions.shopping import require_caller
from edge.web.audience import SHOPPER, audience
from edge.web.document import RequestId
from edge.web.request_ids import checked_request
from edge.web.views import points as views

if TYPE_CHECKING:
    from edge.web.web import Web


class CheckInAnswer(BaseModel):
    """What a check-in came to."""

    already: bool
    """It was done today; nothing was booked again."""
    days: int
    """In a row, today included."""
    points: int
    """What it brought now."""
    forgiven: bool
    """Whether a missed day was forgiven for it."""


class MallItem(BaseModel):
    """Something that can be had for points."""

    item: str
    points: int
    left: int
    title: str
    subtitle: str
    enough: bool
    """The caller may have no more of it."""


class ExchangeRequest(BaseModel):
    """Has something for points."""

    model_config = ConfigDict(extra="forbid")

    item: str = Field(min_length=1, max_length=64)
    request: RequestId
    """A UUID made by the caller: the same one acts once."""


class ExchangeResult(BaseModel):
    """The coupon that it is."""

    coupon: str
    points: int
    """What was spent for it."""
    already: bool
    """It had been done; nothing was spent again."""


def router(web: Web) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(prefix="/api/v1/points", tags=["points"])

    @routes.get("")
    @audience(SHOPPER)
    async def points(
        request: Request,
        response: Response,
        before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = views.AT_ONCE,
    ) -> dict[str, Any]:
        """The balance, what it is worth, level and days in a row, what ends when, and the entries, the latest first;
        `before` with what `more` said asks for those before.
        """
        caller = require_caller(web.caller(request))
        response.headers["Cache-Control"] = "no-store"
        found = views.points(web, caller.member, web.reads.now, before=before or 2**62, limit=limit)
        return dict(msgspec.to_builtins(found))

    @routes.post("/check-in")
    @audience(SHOPPER)
    async def check_in(request: Request) -> CheckInAnswer:
        """Checks the caller in for today. It counts once a day of the store's, however often it is asked for. Refused
        with not_registered where no number was given.
        """
        caller = require_caller(web.caller(request))
        limits.take(web, request, "changing", member=caller.member)
        done = await web.decide(checking_in.check_in, caller=caller)
        return CheckInAnswer(already=done.already, days=done.days, points=done.points, forgiven=done.forgiven)

    _add_mall(routes, web)
    return routes


def _add_mall(routes: APIRouter, web: Web) -> None:
    @routes.get("/mall")
    @audience(SHOPPER)
    async def mall(request: Request, response: Response) -> list[MallItem]:
        """What can be had for points now, the cheapest first."""
        caller = require_caller(web.caller(request))
        response.headers["Cache-Control"] = "no-store"
        language = web.language(request)
        return [
            MallItem(
                item=each.item,
                points=each.points,
                left=each.left,
                title=each.look.title[language],
                subtitle=each.look.subtitle[language],
                enough=each.enough,
            )
            for each in exchanging.mall(web.reads, caller.member, web.reads.now)
        ]

    @routes.post("/mall")
    @audience(SHOPPER)
    async def exchange(body: ExchangeRequest, request: Request) -> ExchangeResult:
        """Has something for points: a coupon, which is in the wallet then. The same request does it once. Refused with
        mall_gone, mall_enough, points_short.
        """
        caller = require_caller(web.caller(request))
        limits.take(web, request, "changing", member=caller.member)
        done = await web.decide(
            exchanging.exchange, caller=caller, item=body.item, request=checked_request(body.request)
        )
        return ExchangeResult(coupon=done.coupon, points=done.points, already=done.already)

"""`/api/v1/screens/coupons`: one offer of the zone with its code of now; saved here by who shows a code of theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict

from edge.web.actions import at_screen
from edge.web.audience import SCREEN, audience
from edge.web.document import RequestId
from edge.web.request_ids import checked_request
from edge.web.screens import asking_screen
from edge.web.views import screen_coupon as views

if TYPE_CHECKING:
    from edge.web.screens import ScreenRequest
    from edge.web.web import Web

Name = Annotated[str, Path(min_length=1, max_length=200)]


class CouponAction(BaseModel):
    """Saves or prints it."""

    model_config = ConfigDict(extra="forbid")
    request: RequestId
    """A UUID: sent again, it is done once."""


def router(web: Web) -> APIRouter:
    """The routes of a screen's coupons."""
    routes = APIRouter(prefix="/api/v1/screens/coupons", tags=["screens"])

    @routes.get("/{coupon}")
    @audience(SCREEN)
    async def read(coupon: Name, request: Request, response: Response) -> dict[str, Any]:
        """What it saves, until when, where and how often; its code and six digits, which change each half minute."""
        response.headers["Cache-Control"] = "no-store"
        return _coupon_answer(web, asking_screen(web, request), coupon)

    @routes.post("/{coupon}/claim")
    @audience(SCREEN)
    async def claim(coupon: Name, body: CouponAction, request: Request) -> dict[str, Any]:
        """Saves it for the member whose things are open here. Refused with not_registered where nobody's are, and as
        on a phone.
        """
        asking = asking_screen(web, request)
        await at_screen.claim(web, asking, coupon, checked_request(body.request))
        return _coupon_answer(web, asking, coupon)

    @routes.post("/{coupon}/print")
    @audience(SCREEN)
    async def put_on_paper(coupon: Name, body: CouponAction, request: Request) -> dict[str, Any]:  # noqa: ARG001 - of the form
        """Prints it in this zone, once for each session: one phone saves it with the code on the slip. Refused with
        printer_unknown where there is no printer.
        """
        asking = asking_screen(web, request)
        await at_screen.put_on_paper(web, asking, coupon)
        return _coupon_answer(web, asking, coupon)

    return routes


def _coupon_answer(web: Web, asking: ScreenRequest, coupon: str) -> dict[str, Any]:
    here = at_screen.visit(web, asking)
    return msgspec.to_builtins(views.coupon_view(web, asking, here, coupon))  # type: ignore[no-any-return]

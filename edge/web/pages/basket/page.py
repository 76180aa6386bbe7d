"""`/basket`: what lies in it, what each thing costs and why, coupons and points, and the way to pay. Plain forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import Field
from starlette.responses import RedirectResponse, Response

from edge.domain.baskets import queries as basket_queries
from edge.domain.baskets.rules import MAX_PIECES, Choices, Collect
from edge.domain.codes.code_reader import LONGEST
from edge.errors import Refusal
from edge.web.actions import basket as actions
from edge.web.last_touchpoint import last_touchpoint_id
from edge.web.page import Action, Page, PageForm, Shown
from edge.web.request_ids import checked_request
from edge.web.views import basket as views
from edge.web.views.suggestions import suggestions

if TYPE_CHECKING:
    from edge.domain.baskets.queries import BasketNow
    from edge.web.visit import Visit

PAY: Final = "/pay"
"""Where a basket is paid whose price is held."""


class BasketForm(PageForm):
    """A button of the page, or of a page that puts something into the basket."""

    line: str = Field("", max_length=36)
    quantity: int = Field(1, ge=0, le=MAX_PIECES)
    code: str = Field("", max_length=LONGEST)
    symbology: str | None = Field(None, max_length=32, pattern="^[a-z0-9-]+$")
    gtin: str = Field("", max_length=14, pattern="^[0-9]*$")
    how: Literal["camera", "digits", "search", "page"] = "page"
    at: str = Field("", max_length=64)
    coupon: str = Field("", max_length=200)
    points: int = Field(0, ge=0, le=10**9)
    seen: int | None = Field(None, ge=0, le=10**12)
    way: Collect = "counter"


def _basket_of(visit: Visit) -> BasketNow | None:
    if visit.member is None:
        return None
    name = basket_queries.of_member(visit.web.reads, visit.member)
    return basket_queries.now(visit.web.reads, name) if name else None


def show(visit: Visit) -> Shown:
    """The basket as it is now."""
    found = _basket_of(visit)
    return "basket/basket.html", {
        "b": views.basket(visit.web, found, visit.language),
        "suggested": suggestions(visit.web, found, visit.member, visit.language) if found else [],
        "choices": found.choices if found else Choices(),
        "why": lambda each: views.reason_in_words(visit.web, each, visit.language),
    }


async def _add(visit: Visit, form: BasketForm) -> Response:
    web, request = visit.web, visit.request
    asked = checked_request(form.request)
    if form.gtin:
        good = actions.good_of_product(web, form.gtin, how=form.how, at=actions.place(web, request, form.at))
    elif form.code.strip():
        good = actions.good_of_code(web, request, form.code, form.symbology, how=form.how, at=form.at)
    else:
        raise Refusal("bad_request", field="code")
    caller, fresh = await actions.caller_or_guest(web, request, asked, form.at)
    await actions.add(web, caller, good, max(1, form.quantity), asked)
    response = visit.back(done="added")
    actions.let_in(web, request, response, caller, fresh)
    return response


async def _set(visit: Visit, form: BasketForm) -> Response:
    await actions.change(visit.web, visit.caller, form.line, form.quantity, checked_request(form.request))
    return visit.back(**({} if form.quantity else {"done": "out"}))


async def _choose(visit: Visit, form: BasketForm) -> Response:
    """One coupon more or less, or the points: the rest of what was chosen stays."""
    found = _basket_of(visit)
    if found is None:
        raise Refusal("basket_empty")
    had = found.choices
    pins = tuple(each for each in had.pins if each != form.coupon)
    without = tuple(each for each in had.without if each != form.coupon)
    burn = had.burn
    if form.do == "points":
        burn = form.points
    elif form.do == "keep":
        without = (*without, form.coupon)[-20:]
    elif form.do == "use":
        pins = (*pins, form.coupon)[-20:]
    await actions.choose(visit.web, visit.caller, Choices(pins, without, burn, had.paid_by))
    return visit.back()


async def _collect(visit: Visit, form: BasketForm) -> Response:
    await actions.collect(visit.web, visit.caller, form.way)
    return visit.back()


async def _pay(visit: Visit, form: BasketForm) -> Response:
    stands = last_touchpoint_id(visit.web, visit.request)
    at = actions.place(visit.web, visit.request, form.at)
    await actions.hold(visit.web, visit.caller, form.seen, at, stands)
    return RedirectResponse(PAY, 303)


async def _release(visit: Visit, _: BasketForm) -> Response:
    await actions.release(visit.web, visit.caller)
    return visit.back()


async def _drop(visit: Visit, _: BasketForm) -> Response:
    await actions.drop(visit.web, visit.caller)
    return visit.back(done="emptied")


PAGE: Final = Page[Any, BasketForm](
    "basket",
    path="/basket",
    show=show,
    form=BasketForm,
    actions={
        "add": Action(_add, bound="shopping"),
        "set": Action(_set, bound="shopping"),
        "points": Action(_choose, bound="shopping"),
        "keep": Action(_choose, bound="shopping"),
        "use": Action(_choose, bound="shopping"),
        "free": Action(_choose, bound="shopping"),
        "collect": Action(_collect, bound="shopping"),
        "pay": Action(_pay, bound="shopping"),
        "release": Action(_release, bound="shopping"),
        "drop": Action(_drop, bound="shopping"),
    },
    notices={
        "took": "handover.took",
        "took_changed": "handover.took_changed",
        "added": "basket.added",
        "out": "basket.out",
        "emptied": "basket.emptied",
        "changed": "refusals.basket_changed",
    },
)

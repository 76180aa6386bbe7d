"""`/staff/pickups`: what is to be fetched for whom and by when; where it waits; that it was handed over, or cannot be
had.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from edge.domain.lockers import decisions as lockers
from edge.domain.lockers import queries as locker_queries
from edge.domain.lockers.rules import HELD, Size
from edge.domain.orders import picking_up, queries, refunds
from edge.domain.orders.refunds import RefundRequest
from edge.errors import Refusal
from edge.web.audience import FLOOR, audience
from edge.web.page import Page
from edge.web.problems import Problem
from edge.web.request_ids import checked_request
from words.languages import in_language

if TYPE_CHECKING:
    from edge.domain.orders.facts import OrderLine
    from edge.domain.orders.rules import Order
    from edge.domain.staff.rules import Person
    from edge.web.web import Web
    from words.languages import Language

DONE: Final = ("ready", "hand_over", "absent", "locker")


class PickupForm(BaseModel):
    """A button of the page."""

    do: str = Field(max_length=10)
    order: str = Field(max_length=40)
    request: str = Field(max_length=36)
    line: str = Field("", max_length=200)
    bank: str = Field("", max_length=64)
    size: Size = "M"


class PickupRow(msgspec.Struct, frozen=True):
    """Something that is to be fetched."""

    line: str
    name: str
    count: int
    away: str
    stores: str
    """Who has it, as far as the catalogue knows."""


class PickupCard(msgspec.Struct, frozen=True):
    """One order."""

    order: str
    number: str
    state: str
    collect: str
    by_ms: int
    late: bool
    since_ms: int
    behind: str
    """Bank and door where it lies; empty where it lies in no locker."""
    goods: list[PickupRow]
    owned: bool
    """A person's whose phone can show a locker's code."""


def router(web: Web) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(prefix="/staff/pickups", include_in_schema=False)

    @routes.get("")
    @audience(FLOOR)
    async def show(request: Request, done: Annotated[str, Query(max_length=20)] = "") -> Response:
        """Every order with something to be fetched, or that waits; the first promise first."""
        web.access.required(request)
        return _page(web, request, done=done)

    @routes.post("")
    @audience(FLOOR)
    async def act(request: Request, form: Annotated[PickupForm, Form()]) -> Response:
        """One act; what is refused is said on the page."""
        person = web.access.required(request)
        try:
            await _do(web, person, form, web.language(request))
        except Refusal as refusal:
            return _page(web, request, problem=Problem.of(refusal))
        return RedirectResponse(f"/staff/pickups?done={form.do}", 303)

    return routes


async def _do(web: Web, person: Person, form: PickupForm, language: Language) -> None:
    asked, by = checked_request(form.request), f"staff/{person.staff}"
    if form.do == "ready":
        await web.decide(picking_up.mark_ready, order=form.order, by=by)
    elif form.do == "hand_over":
        await web.decide(picking_up.hand_over, order=form.order, by=by)
    elif form.do == "absent":
        await web.decide(refunds.refund, wanted=_absent(web, form, by, asked, language), rules=web.checkout.rules)
    elif form.do == "locker":
        await _into_locker(web, person, form, asked)
    else:
        raise Refusal("bad_request", field="do", expected=", ".join(DONE), found=form.do)


def _order(web: Web, name: str) -> Order:
    found = queries.order(web.reads, name)
    if found is None:
        raise Refusal("order_unknown")
    return found


def _absent(web: Web, form: PickupForm, by: str, asked: str, language: Language) -> RefundRequest:
    order = _order(web, form.order)
    count = next((left for line, left in order.to_fetch if line.id == form.line), 0)
    return RefundRequest(
        order=form.order,
        request=asked,
        by=by,
        units={form.line: count},
        kind="absent",
        reason=web.texts.say(language, "pickups.absent_reason"),
        goods=web.pricing.goods([line.gtin for line in order.paid.lines], web.reads.now),
    )


async def _into_locker(web: Web, person: Person, form: PickupForm, asked: str) -> None:
    """A door opens for whoever holds the goods; once it is shut, the buyer's phone has the code."""
    order = _order(web, form.order)
    if order.waits != "due":
        raise Refusal("pickup_none")
    await web.decide(
        lockers.fill,
        codes=web.codes,
        bank=form.bank,
        size=form.size,
        owner=order.member,
        filler=person.staff,
        order=order.number,
        request=asked,
        once=True,
    )


def _page(web: Web, request: Request, *, done: str = "", problem: Problem | None = None) -> Response:
    language = web.language(request)
    cards = [_card(web, order, language) for order in queries.to_fetch(web.reads)]
    return web.page(
        request,
        "staff_pickups/pickups.html",
        problem.status if problem else 200,
        due=[card for card in cards if card.state == "due"],
        waits=[card for card in cards if card.state == "ready"],
        banks=[
            (device.id, device.label[language])
            for device in web.layout.devices
            if device.kind == "locker" and locker_queries.doors(web.reads, device.id)
        ],
        done=web.texts.say(language, f"pickups.done_{done}") if done in DONE else None,
        problem=problem.sentence(web.texts, language) if problem else None,
    )


def _card(web: Web, order: Order, language: Language) -> PickupCard:
    pickup = order.pickup
    assert pickup is not None  # noqa: S101 - that is why it was found
    return PickupCard(
        order=order.order,
        number=order.number,
        state=pickup.state,
        collect=pickup.collect,
        by_ms=pickup.ready_ms,
        late=pickup.state == "due" and web.reads.now > pickup.ready_ms,
        since_ms=pickup.since_ms,
        behind=_door_text(web, pickup.parcel, language),
        goods=[_awaited(web, line, count, language) for line, count in order.to_fetch],
        owned=bool(order.member),
    )


def _door_text(web: Web, parcel: str, language: Language) -> str:
    found = locker_queries.parcel(web.reads, parcel) if parcel else None
    bank = web.layout.device(found.bank) if found else None
    if found is None or found.state not in HELD:
        return ""
    return web.texts.say(language, "pickups.behind", bank=bank.label[language] if bank else found.bank, door=found.door)


def _awaited(web: Web, line: OrderLine, count: int, language: Language) -> PickupRow:
    product = web.products.find(line.gtin)
    stores = [each for each in product.elsewhere if each.count] if product and line.away == "elsewhere" else []
    return PickupRow(
        line.id,
        in_language(line.names, language, line.gtin),
        count,
        line.away,
        " · ".join(f"{in_language(each.store, language)} {each.count}" for each in stores),
    )


PAGE: Final = Page[Any, Any]("staff_pickups", routes=router)

"""`/staff/doors`: staff open many doors of a bank, one after the other; a manager those with parcels as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from edge.domain.lockers import queries
from edge.errors import Refusal
from edge.gateway.bulk_opening import Which, at_once, chosen
from edge.web.audience import FLOOR, audience
from edge.web.page import Page
from edge.web.problems import Problem
from edge.web.request_ids import checked_request
from words.money import format_number

if TYPE_CHECKING:
    from edge.domain.staff.rules import Person
    from edge.web.web import Web

REASONS: Final = ("inspection", "cleaning", "overdue", "stuck")
WITH_PARCELS: Final = frozenset({"overdue", "kept", "all"})
"""What a manager alone may open."""


class DoorsForm(BaseModel):
    """The form of a bank."""

    bank: str = Field(max_length=40)
    do: str = Field(max_length=10)
    which: Which = "free"
    reason: str = Field("", max_length=200)
    request: str = Field(max_length=36)


def router(web: Web) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(prefix="/staff/doors", include_in_schema=False)

    @routes.get("")
    @audience(FLOOR)
    async def show(request: Request) -> Response:
        """Every bank, what would open, and the round that goes on."""
        return _page(web, request, web.access.required(request))

    @routes.post("")
    @audience(FLOOR)
    async def act(request: Request, form: Annotated[DoorsForm, Form()]) -> Response:
        """Begins a round, or stops it."""
        person = web.access.required(request)
        try:
            begin(web, person, form)
        except Refusal as refusal:
            return _page(web, request, person, Problem.of(refusal))
        return RedirectResponse("/staff/doors", 303)

    return routes


def begin(web: Web, person: Person, form: DoorsForm) -> None:
    """Raises `Refusal` manager_only, and those of `OpeningMany.begin`."""
    if form.do == "stop":
        web.many.stop(form.bank)
        return
    if form.which in WITH_PARCELS and person.role != "manager":
        raise Refusal("manager_only")
    if form.do == "screen":
        web.many.prepare(bank=form.bank, which=form.which, staff=person.staff, reason=form.reason)
        return
    web.many.begin(
        bank=form.bank,
        which=form.which,
        staff=person.staff,
        reason=form.reason,
        request=checked_request(form.request),
    )


def _page(web: Web, request: Request, person: Person, problem: Problem | None = None) -> Response:
    language = web.language(request)
    rules = queries.rules_of(web.reads)
    return web.page(
        request,
        "staff_doors/doors.html",
        problem.status if problem else 200,
        problem=problem.sentence(web.texts, language) if problem else None,
        banks=[_bank(web, device, language) for device in web.layout.devices if device.kind == "locker"],
        manager=person.role == "manager",
        reasons=REASONS,
        rules=rules,
        seconds=format_number(rules.between_ms / 1000, 0 if rules.between_ms % 1000 == 0 else 1, language),
        at_once=at_once(rules),
    )


def _bank(web: Web, device: Any, language: str) -> dict[str, Any]:
    doors = queries.doors(web.reads, device.id)
    known = web.many.latest(device.id)
    stages = web.many.stages(known) if known else {}
    counts = {which: len(chosen(doors, which)) for which in ("free", "overdue", "kept", "all")}
    done = sum(stage in ("opened", "failed", "refused") for stage in stages.values())
    return {
        "id": device.id,
        "label": device.label[language],
        "counts": counts,
        "round": known,
        "stages": stages,
        "done": done,
        "digits": waiting.digits if (waiting := web.many.waiting(device.id)) is not None else "",
        "runs": known is not None and not known.over,
    }


PAGE: Final = Page[Any, Any]("staff_doors", routes=router)

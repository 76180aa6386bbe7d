"""`/staff/results`: what came of one's badge and advice today, this month and in all; a manager sees everybody's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from edge.domain.ledger import queries as ledger
from edge.domain.ledger.rules import begin_of, day_of
from edge.domain.staff import queries as staff
from edge.web.audience import FLOOR, audience
from edge.web.page import Page

if TYPE_CHECKING:
    from edge.domain.ledger.queries import Results
    from edge.domain.staff.rules import Person
    from edge.journal import Reads
    from edge.web.web import Web


class StaffResults(msgspec.Struct, frozen=True):
    """One person's results."""

    name: str
    spans: dict[str, Results]
    """`today`, `month` and `all`."""
    rank: int
    """This month, by orders; whoever has as many has the same."""


def router(web: Web) -> APIRouter:
    """The route of this page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/staff/results")
    @audience(FLOOR)
    async def show(request: Request) -> Response:
        """One's own first; the others' for a manager."""
        person = web.access.required(request)
        found = results(web.reads, person, web.reads.now)
        return web.page(request, "staff_results/results.html", results=found, among=_among(web.reads, person))

    return routes


def results(reads: Reads, person: Person, now: int) -> list[StaffResults]:
    """What somebody may see: their own, and of a manager everybody's by rank."""
    zone = ledger.zone_of(reads)
    today = day_of(now, zone)
    since = {"today": today, "month": today - timedelta(days=today.day - 1)}
    found: dict[str, dict[str, Results]] = {}
    for name in _everybody(reads, person):
        spans = {span: ledger.results(reads, name, begin_of(day, zone)) for span, day in since.items()}
        found[name] = {**spans, "all": ledger.results(reads, name)}
    month = [spans["month"].orders for spans in found.values()]
    shown = [
        StaffResults(staff.name_of(reads, name) or name, spans, 1 + sum(each > spans["month"].orders for each in month))
        for name, spans in found.items()
        if name == person.staff or person.role == "manager"
    ]
    own = staff.name_of(reads, person.staff)
    return sorted(shown, key=lambda each: (each.name != own, each.rank, each.name))


def _everybody(reads: Reads, person: Person) -> list[str]:
    return sorted({person.staff, *ledger.promoters(reads)})


def _among(reads: Reads, person: Person) -> int:
    return len(_everybody(reads, person))


PAGE: Final = Page[Any, Any]("staff_results", routes=router)

"""`/it/rehearsal`: what an outage would do to this store, found out while it works."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from edge.errors import Refusal
from edge.journal import outage
from edge.settings.store_time import local
from edge.web.audience import OPERATOR, audience
from edge.web.problems import Problem
from operations.diagnosis.rehearsal import judge
from words.money import format_span

if TYPE_CHECKING:
    from edge.web.web import Web
    from operations.diagnosis.rehearsal.judge import RehearsalReport

WIDTH, HEIGHT = 600, 130


class RehearsalForm(BaseModel):
    """The form."""

    of: Literal["uplink", "broker"]
    seconds: int = Field(ge=5, le=900)
    closed: Literal["", "yes"] = ""


def add(routes: APIRouter, web: Web) -> None:
    """Its addresses."""
    page = RehearsalPage(web)
    routes.add_api_route("/rehearsal", page.show, methods=["GET"])
    routes.add_api_route("/rehearsal", page.begin, methods=["POST"])
    routes.add_api_route("/rehearsal/end", page.end, methods=["POST"])


class RehearsalPage:
    """Everything below `/it/rehearsal`."""

    def __init__(self, web: Web) -> None:
        self._web = web

    @audience(OPERATOR)
    async def show(self, request: Request) -> Response:
        """The one under way, or the last one; and how to begin another."""
        return self._page(request)

    @audience(OPERATOR)
    async def begin(self, request: Request, form: Annotated[RehearsalForm, Form()]) -> Response:
        """Begin one."""
        person = self._web.access.who(request)
        try:
            by = person.name if person else "IT"
            self._web.rehearsals.begin(form.of, form.seconds, by, closed=form.closed == "yes")
        except Refusal as refusal:
            return self._page(request, refusal)
        return RedirectResponse("/it/rehearsal", 303)

    @audience(OPERATOR)
    async def end(self) -> Response:
        """End it now."""
        self._web.rehearsals.end()
        return RedirectResponse("/it/rehearsal", 303)

    def _page(self, request: Request, refusal: Refusal | None = None) -> Response:
        web, language = self._web, self._web.language(request)
        now = web.rehearsals.now
        report = now or judge.newest(web.settings.gateway.data)
        found = outage.read(web.settings.gateway.data)
        person = web.access.who(request)
        problem = Problem.of(refusal) if refusal else None
        return web.page(
            request,
            "it/rehearsal.html",
            problem.status if problem else 200,
            report=report,
            running=now is not None,
            left=found.left_s() if found else 0.0,
            person=person.name if person else "",
            span=partial(format_span, language=language),
            problem=web.texts.refusal(language, problem.code, **problem.members) if problem else None,
            **_drawn(web, report),
        )


def _drawn(web: Web, report: RehearsalReport | None) -> dict[str, Any]:
    """The curves, and where the outage is shaded."""
    if report is None or len(report.samples) < 2:
        return {"curves": [], "shade": None}
    low, high = report.samples[0].at_s, max(report.samples[-1].at_s, report.samples[0].at_s + 1)
    place = WIDTH / (high - low)
    backlog = judge.curve([(each.at_s, each.backlog) for each in report.samples], WIDTH, HEIGHT, (low, high))
    curves = [{"name": "backlog", **backlog}]
    slow = _slowest(report)
    if slow:
        curves.append({"name": "unlock", **judge.curve(slow, WIDTH, HEIGHT, (low, high))})
    zone = web.layout.store.zone
    ends = [local(report.from_ms + at * 1000, zone).strftime("%H:%M:%S") for at in (low, high)]
    width = min(float(report.seconds), high) * place
    return {
        "curves": curves,
        "shade": {"x": round(-low * place, 1), "w": round(width, 1), "start": ends[0], "end": ends[1]},
    }


def _slowest(report: RehearsalReport) -> list[tuple[float, float]]:
    """The slowest lock of every 15 seconds."""
    slots: dict[int, float] = {}
    for ride in report.rides:
        if ride.done and report.samples[0].at_s <= ride.at_s <= report.samples[-1].at_s:
            slot = int(ride.at_s // 15)
            slots[slot] = max(slots.get(slot, 0.0), ride.took_s)
    low, high = report.samples[0].at_s, report.samples[-1].at_s
    return [(min(max(slot * 15 + 7.5, low), high), took) for slot, took in sorted(slots.items())]

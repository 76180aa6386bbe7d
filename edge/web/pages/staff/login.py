"""The login of staff, by PIN: at `/staff`, and in the place of every page that needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from edge.secrets.staff_pins import DEMO
from edge.web.login_return import LONGEST, WAY, in_language

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from edge.web.problems import Problem
    from edge.web.web import Web


class PinForm(BaseModel):
    """The login form."""

    staff: str = Field("", max_length=40)
    """Chosen, at a browser that knows its people."""
    name: str = Field("", max_length=40)
    """Typed; it goes before what was chosen."""
    pin: str = Field(max_length=32)
    to: str = Field("", max_length=LONGEST, pattern=WAY)
    """The page that asked for it; empty is the board."""


async def login(
    web: Web, request: Request, problem: Problem | None = None, *, form: PinForm | None = None, to: str = ""
) -> Response:
    """The form, with what was wrong and what was typed."""
    await web.appoint()
    people = web.access.people(request)
    chosen = form.staff if form else people[0].staff if len(people) == 1 else ""
    typed, to = (form.name, form.to) if form else ("", to)
    return web.page(
        request,
        "staff/staff_login.html",
        problem.status if problem else 200,
        section="staff",
        command="storekeeper staff add",
        known=any(member.role != "operator" for member in web.team.members()),
        people=people,
        name="" if typed else chosen,
        other_name=typed,
        to=to,
        language_url=lambda language: in_language(to or "/staff", language),
        demo=[(person[1], person[3]) for person in DEMO] if web.access.tells_pins(request) else [],
        wait=problem.members.get("seconds", 0) if problem else 0,
        problem=problem.sentence(web.texts, web.language(request)) if problem else None,
    )

"""Whoever is not logged in gets the login in the place of the page that they asked for, and then that page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.web.access import is_private
from edge.web.audience import INSIDE, audience_of
from edge.web.login_return import way_back
from edge.web.pages.message.page import refused
from edge.web.pages.operator.page import operator_page
from edge.web.pages.staff.login import login
from edge.web.problems import Problem

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from edge.web.web import Web

HELPS: Final = frozenset({"login_needed", "staff_only", "operator_only"})
"""What a login mends."""


async def login_for(web: Web, request: Request, problem: Problem) -> Response | None:
    """The login that lets this caller go on; none where none would."""
    if problem.code not in HELPS:
        return None
    # A page that was opened by its address needs no word: the form says it. What was sent, or refused to who is logged
    # in, does.
    said = problem if request.method != "GET" or problem.code == "operator_only" else None
    to = way_back(request)
    if problem.code == "staff_only" or (audience_of(request.scope["route"]) is INSIDE and not is_private(request)):
        page = await login(web, request, said, to=to)
    elif is_private(request):
        page = operator_page(web, request, said, to=to)
    else:
        return refused(web, request, Problem("not_private"))
    page.status_code = problem.status
    return page

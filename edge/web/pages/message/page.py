"""A page instead of a problem document: what happened, what to do, and the right status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from edge.web.login_return import way_back
from edge.web.page import Page
from edge.web.problems import Problem

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from edge.web.web import Web

PAGE: Final = Page[Any, Any]("message")
NOT_FOUND: Final = 404
"""What is not there is not there either when somebody tries again."""
LATER: Final = frozenset({429, 500, 502, 503, 507})
"""What may go well when it is tried again."""
DESKS: Final = {"/staff": "staff.back", "/it": "it.page.back"}
"""Where whoever works here goes back to, and the word for it; a shopper scans a code."""


def refused(web: Web, request: Request, error: Exception, reference: str | None = None) -> Response:
    """For a browser that asked for a page, or sent a form of one."""
    problem = Problem.of(error)
    language = web.language(request)
    usual = "help.not_found" if problem.status == NOT_FOUND else "help.other"
    if web.texts.has(f"help.{problem.code}"):
        usual = f"help.{problem.code}"
    desk = next((each for each in DESKS if f"{request.url.path}/".startswith(f"{each}/")), "")
    page = web.page(
        request,
        "message/message.html",
        problem.status,
        sentence=problem.sentence(web.texts, language),
        # Where the sentence says when, "try again" beside it would only contradict it.
        advice="" if "seconds" in problem.members else web.texts.say(language, usual),
        again=way_back(request) if problem.status in LATER else "",
        desk=desk,
        desk_word=DESKS.get(desk),
        offer_secure=problem.code == "not_private",
        reference=reference,
    )
    page.headers.update(problem.headers or {})
    return page

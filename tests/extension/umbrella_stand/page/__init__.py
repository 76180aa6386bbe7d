"""The page that a stand's code leads to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from edge.web.actions import shopping
from edge.web.page import Action, Page, Shown
from edge.web.pages.touchpoint.registering import NOTICES, REGISTERING, guest
from edge.web.pages.touchpoint.visit import TouchpointForm, TouchpointVisit
from edge.web.request_ids import checked_request
from umbrella_stand import decisions, queries
from umbrella_stand.facts import KIND

if TYPE_CHECKING:
    from starlette.responses import Response


def show(visit: TouchpointVisit) -> Shown:
    """What is left, what the shopper has, and one button."""
    reads, stand = visit.web.reads, visit.touchpoint.device or ""
    loan = queries.loan_of(reads, visit.member) if visit.member else None
    return "umbrellas/stand.html", {"free": len(queries.free(reads, stand)), "loan": loan, "registers": loan is None}


async def _take(visit: TouchpointVisit, form: TouchpointForm) -> Response:
    caller, stand = shopping.require_caller(visit.caller), visit.touchpoint.device or ""
    await visit.web.decide(decisions.lend, stand=stand, caller=caller, request=checked_request(form.request))
    return visit.back(done="lent")


PAGE: Final = Page[TouchpointVisit, TouchpointForm](
    "umbrellas",
    show=show,
    purposes=(KIND,),
    form=TouchpointForm,
    actions={
        **REGISTERING,
        "guest": Action(partial(guest, then=_take), bound="registering"),
        "umbrella": Action(_take, bound="opening"),
    },
    notices={**NOTICES, "lent": "umbrellas.lent"},
    package="umbrella_stand.page",
)

"""`/points`: a member's points, the way to the next level, the day's check-in, and what was booked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import Field

from edge.domain.ledger import checking_in, exchanging
from edge.web.page import Action, Page, PageForm, Shown
from edge.web.request_ids import checked_request
from edge.web.views import points as views
from edge.web.visit import Visit

if TYPE_CHECKING:
    from starlette.responses import Response

    from edge.domain.ledger.queries import LedgerEntry

MAX_SEQUENCE: Final = 2**62
DIGITS: Final = 18


class PointsForm(PageForm):
    """The forms of this page."""

    item: str = Field("", max_length=64)


def show(visit: Visit) -> Shown:
    """Points and what they are for; a stranger is told how to become a member."""
    if visit.member is None:
        return "points/points.html", {"points": None}
    asked = visit.request.query_params.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= DIGITS else MAX_SEQUENCE
    found = views.points(
        visit.web, visit.member, visit.web.reads.now, before=before, limit=views.AT_ONCE if asked else 8
    )
    return "points/points.html", {
        "points": found,
        "mall": exchanging.mall(visit.web.reads, visit.member, visit.web.reads.now) if not asked else [],
        "entries": [_entry(visit, entry) for entry in found.entries],
        "whole": bool(asked),
    }


def _entry(visit: Visit, entry: LedgerEntry) -> dict[str, object]:
    key = f"points.reason_{entry.reason}"
    return {
        "what": visit.say(key),
        "order": entry.order if entry.reason in ("order", "spent", "returned") else "",
        "delta": entry.delta,
        "at_ms": entry.at_ms,
    }


async def _check_in(visit: Visit, _: PointsForm) -> Response:
    if visit.caller is None:
        return visit.back()
    done = await visit.web.decide(checking_in.check_in, caller=visit.caller)
    return visit.back(done="already" if done.already else "forgiven" if done.forgiven else "checked")


async def _exchange(visit: Visit, form: PointsForm) -> Response:
    if visit.caller is None:
        return visit.back()
    asked = checked_request(form.request)
    await visit.web.decide(exchanging.exchange, caller=visit.caller, item=form.item, request=asked)
    return visit.back(done="exchanged")


PAGE: Final = Page[Visit, PointsForm](
    "points",
    path="/points",
    show=show,
    form=PointsForm,
    actions={
        "check_in": Action(_check_in, bound="changing"),
        "exchange": Action(_exchange, bound="changing"),
    },
    notices={
        "checked": "points.checked",
        "already": "points.already",
        "forgiven": "points.forgiven",
        "exchanged": "points.exchanged",
    },
)

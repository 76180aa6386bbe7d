"""The page of a cart: what is so, then the one thing to do. What cannot be had is said before anything is asked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import RedirectResponse, Response

from edge.domain import serving
from edge.domain.carts import queries as cart_queries
from edge.domain.store import queries as store_queries
from edge.web import moments
from edge.web.actions import shopping
from edge.web.page import Action, Page, Shown
from edge.web.pages.touchpoint.registering import NOTICES, REGISTERING, guest
from edge.web.pages.touchpoint.visit import TouchpointForm, TouchpointVisit
from edge.web.request_ids import checked_request
from edge.web.views.grants import HOPELESS, step_marks
from edge.web.views.unlocks import unlock_view
from words.languages import in_language

if TYPE_CHECKING:
    from edge.domain.actuations import GrantProgress
    from edge.domain.serving import Spot
    from edge.web.views.unlocks import UnlockProgress

STAGES: Final = ("asked", "sent", "unlocked", "seen")


def show(visit: TouchpointVisit) -> Shown:
    """The cart, big; what stands in the way; registration, and one tap."""
    cart = visit.touchpoint.device or visit.touchpoint.id
    web = visit.web
    row = cart_queries.cart(web.reads, cart)
    yours = bool(row and row.state == "out" and visit.is_theirs(row.member))
    asked = _own_unlock(visit, cart)
    progress = unlock_view(visit.web.texts, visit.language, asked) if asked else None
    spot = cart_queries.spots(web.reads).get(cart)
    why = None if progress or yours else _hindrance(visit, spot, row)
    other = None if progress or why or yours else _other(visit, cart)
    state = _state(progress, why, yours=yours, other=other)
    broken_down = progress is not None and progress.stage == "failed" and progress.reason in HOPELESS
    return "cart/cart.html", {
        "state": state,
        "heading": visit.say(f"shopper.cart_{state}"),
        "number": number(cart),
        "label": visit.touchpoint.label[visit.language],
        "yours": yours,
        "progress": progress,
        "marks": _marks(progress.stage, progress.hop) if progress else None,
        "ride": _ride(visit, asked) if asked and asked.stage == "back" else None,
        "why": why,
        "registers": why is None,
        "known": why in serving.BROKEN,
        "held": other,
        "nearest": nearest(visit, cart) if why or broken_down else None,
        "language_url": lambda language: visit.url(lang=language, **({"grant": progress.grant} if progress else {})),
    }


def _state(progress: UnlockProgress | None, why: str | None, *, yours: bool, other: Any) -> str:
    """Which sentence is the page's title."""
    if progress is not None:
        return {"unlocked": "open", "seen": "open", "back": "back", "failed": "failed"}.get(progress.stage, "opening")
    if yours:
        return "riding"
    if why is not None:
        return "cannot" if why in serving.BROKEN else "taken"
    return "other" if other else "ready"


def _ride(visit: TouchpointVisit, asked: GrantProgress) -> dict[str, str]:
    """A ride that is over: from when to when, and how long."""
    began, ended = asked.ended_ms or 0, asked.over_ms or 0
    zone = visit.web.layout.store.zone
    return {
        "from": moments.time_of_day(began, zone),
        "to": moments.time_of_day(ended, zone),
        "lasted": moments.duration_in_words(visit.web.texts, visit.language, ended - began),
        "when": moments.moment_in_words(visit.web.texts, visit.language, ended, visit.web.reads.now, zone),
    }


def number(cart: str) -> str:
    """What stands on the cart."""
    return cart.rpartition("-")[2]


def _hindrance(visit: TouchpointVisit, spot: Spot | None, row: cart_queries.Cart | None) -> str | None:
    """Why nobody, or nobody but its shopper, can have this cart now."""
    mine = row is not None and visit.is_theirs(row.member)
    return None if spot is None or mine else spot.why


def nearest(visit: TouchpointVisit, cart: str) -> dict[str, Any]:
    """The nearest cart that can be had, where it stands, and the next ones."""
    reads = visit.web.reads
    found = cart_queries.nearest(reads, cart)
    if not found:
        return {"number": None}
    here, first = cart_queries.spots(reads).get(cart), found[0]
    away = max(1, round(serving.metres(here, first))) if here else 1
    zones = {zone.id: zone.name[visit.language] for zone in visit.web.layout.zones}
    near = here is not None and here.zone == first.zone
    where = visit.say(
        "shopper.nearest_here" if near else "shopper.nearest_there", metres=away, zone=zones.get(first.zone, "")
    )
    return {"number": number(first.id), "where": where, "more": [number(spot.id) for spot in found[1:]]}


def _other(visit: TouchpointVisit, cart: str) -> dict[str, str] | None:
    """The other cart that this shopper has: which it is, where it stands, and its page."""
    web = visit.web
    held = cart_queries.held_by(web.reads, visit.member) if visit.member else None
    if held in (None, cart):
        return None
    device = web.layout.device(held)
    seen = cart_queries.zone_of(web.reads, held)
    return {
        "number": number(held),
        "label": device.label[visit.language] if device else held,
        "zone": in_language(store_queries.zone_name(web.reads, seen), visit.language) if seen else "",
        "href": f"/t/{web.codes.static(held)}",
    }


def _own_unlock(visit: TouchpointVisit, cart: str) -> GrantProgress | None:
    """The unlock that the address names, while it is this shopper's and this cart's."""
    grant = visit.request.query_params.get("grant")
    found = visit.web.outcomes.progress(grant) if grant else None
    return found if found is not None and found.device == cart and visit.is_theirs(found.holder) else None


def _marks(stage: str, hop: str | None) -> list[str]:
    if stage == "failed":
        return step_marks(0, hop or "lock")
    return step_marks(len(STAGES) if stage == "back" else STAGES.index(stage) + 1)


async def _unlock(visit: TouchpointVisit, form: TouchpointForm) -> Response:
    grant = await shopping.unlock(visit.web, visit.touchpoint, visit.caller, checked_request(form.request))
    return RedirectResponse(visit.url(grant=grant.id), 303)


async def _find(visit: TouchpointVisit, form: TouchpointForm) -> Response:  # noqa: ARG001 - the same for every form
    await shopping.find(visit.web, visit.touchpoint, visit.caller)
    return visit.back(done="blinking")


PAGE: Final = Page[TouchpointVisit, TouchpointForm](
    "cart",
    show=show,
    purposes=("cart",),
    form=TouchpointForm,
    actions={
        **REGISTERING,
        "guest": Action(partial(guest, then=_unlock), bound="registering"),
        "unlock": Action(_unlock, bound="opening"),
        "find": Action(_find, bound="finding"),
    },
    notices={**NOTICES, "blinking": "shopper.blinking"},
)

"""`/wallet`: a member's coupons with their states, and the parcels that wait for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from edge.web.moments import now_ms
from edge.web.page import Page, Shown
from edge.web.views import offers as offer_views
from edge.web.views import parcels as parcel_views

if TYPE_CHECKING:
    from edge.web.visit import Visit


def show(visit: Visit) -> Shown:
    """What is this member's; a stranger is told how to get something."""
    web, member, language = visit.web, visit.member, visit.language
    kept = parcel_views.parcels(web, member, now_ms()) if member else []
    return "wallet/wallet.html", {
        "coupons": offer_views.wallet(web, member, now_ms()) if member else [],
        "parcels": [each for each in kept if each.held],
        "banks": {each.id: each.label[language] for each in web.layout.devices if each.kind == "locker"},
    }


PAGE: Final = Page[Any, Any]("wallet", path="/wallet", show=show)

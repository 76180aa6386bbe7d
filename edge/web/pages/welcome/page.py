"""The page of the entrance and of a promoter's badge: register, and today's offers of the whole store."""

from __future__ import annotations

from typing import Final

from edge.web.page import Page, Shown
from edge.web.pages.offers.page import CLAIM_NOTICES, CLAIMING, offer_list
from edge.web.pages.touchpoint.visit import TouchpointForm, TouchpointVisit

WORDS: Final = {
    "enter": ("shopper.enter_title", "shopper.enter_lead"),
    "badge": ("shopper.badge_title", "shopper.badge_lead"),
}


def show(visit: TouchpointVisit) -> Shown:
    """Welcome. At a promoter's badge the visit counts for the badge."""
    heading, lead = WORDS[visit.touchpoint.purpose]
    return offer_list(visit, None, heading, lead, "shopper.enter_known")


PAGE: Final = Page[TouchpointVisit, TouchpointForm](
    "welcome",
    show=show,
    purposes=("enter", "badge"),
    form=TouchpointForm,
    actions=CLAIMING,
    notices=CLAIM_NOTICES,
)

"""Which offers do not go together: groups, exclusions, and those that take part alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from pricing.offers import Offer


def note_conflicts(offers: Sequence[Offer]) -> None:
    """Note for each of these offers those that it does not go with, by their places in the list."""
    campaigns: dict[str, int] = defaultdict(int)
    groups: dict[str, int] = defaultdict(int)
    excluded_by: dict[str, int] = defaultdict(int)
    alone = 0
    for at, offer in enumerate(offers):
        each, own = offer.campaign, 1 << at
        campaigns[each.id] |= own
        if each.group:
            groups[each.group] |= own
        for name in each.excludes:
            excluded_by[name] |= own
        if each.alone:
            alone |= own
    everyone = (1 << len(offers)) - 1
    for offer in offers:
        each = offer.campaign
        against = everyone if each.alone else alone | excluded_by.get(each.id, 0)
        if each.group:
            against |= groups[each.group] | excluded_by.get(each.group, 0)
        for name in each.excludes:
            against |= campaigns.get(name, 0) | groups.get(name, 0)
        offer.conflicts = against & ~campaigns[each.id]

"""Which offers do not go together: groups, exclusions, and those that take part alone."""

from __future__ import annotations

from collections.abc import Sequence

from pricing.offers import Offer


def note_conflicts(offers: Sequence[Offer]) -> None:
    """Note for each of these offers those that it does not go with, by their places in the list."""
    groups: dict[str, int] = {}
    campaigns: dict[str, int] = {}
    for at, offer in enumerate(offers):
        each = offer.campaign
        campaigns[each.id] = campaigns.get(each.id, 0) | 1 << at
        if each.group:
            groups[each.group] = groups.get(each.group, 0) | 1 << at
    everyone = (1 << len(offers)) - 1
    for offer in offers:
        each = offer.campaign
        against = everyone if each.alone else groups.get(each.group, 0)
        for name in each.excludes:
            against |= campaigns.get(name, 0) | groups.get(name, 0)
        offer.conflicts = against & ~campaigns[each.id]
    for at, offer in enumerate(offers):
        if offer.campaign.alone or offer.campaign.excludes:
            _both_ways(offers, at, offer.conflicts)


def _both_ways(offers: Sequence[Offer], at: int, against: int) -> None:
    while against:
        lowest = against & -against
        offers[lowest.bit_length() - 1].conflicts |= 1 << at
        against ^= lowest

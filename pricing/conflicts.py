"""Which offers do not go together: groups, exclusions, those that take part alone. And which have nothing to do with
each other.
"""

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


def independent(offers: Sequence[Offer]) -> list[list[Offer]]:
    """Returns offers in parts, each in their order: those of different parts go together and share no good."""
    places = frozenset[int]().union(*(offer.touched for offer in offers))
    if any(len(offer.touched) == len(places) for offer in offers):
        return [list(offers)]
    tied: dict[int | str, int | str] = {}
    """Of positions and names of campaigns and groups: another one of the same part, or itself."""
    for offer in offers:
        each = offer.campaign
        for name in (*offer.touched, *each.excludes, *([each.group] if each.group else ())):
            tied[_root(tied, each.id)] = _root(tied, name)
    parts: dict[int | str, list[Offer]] = defaultdict(list)
    for offer in offers:
        parts[_root(tied, offer.campaign.id)].append(offer)
    return list(parts.values())


def _root(tied: dict[int | str, int | str], name: int | str) -> int | str:
    """The one that stands for all of a part."""
    while tied.setdefault(name, name) != name:
        tied[name] = name = tied[tied[name]]
    return name

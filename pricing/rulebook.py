"""Campaigns in force, made ready once for many baskets: most of them name goods that do not lie in one at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

import msgspec

from pricing.campaigns import Budget, Bundle, Campaign, Condition, Gift, Limits
from pricing.missing import missing
from pricing.offers import NO_BOUND
from pricing.positions import Key, Shelves, keys_of
from pricing.quote import NotUsed

_NO_LIMITS: Final = Limits()
_NO_BUDGET: Final = Budget()


class _Entry(msgspec.Struct, frozen=True):
    campaign: Campaign
    absent: NotUsed
    """What stands in its way where none of its goods lies in the basket; of a coupon, where nobody holds it."""
    begins: int
    ends: int
    """Only between these is it nothing else that does."""


class Rulebook:
    """Campaigns by id, found by the goods of a basket."""

    def __init__(self, campaigns: Iterable[Campaign]) -> None:
        self.campaigns = tuple(sorted(campaigns, key=lambda each: each.id))
        self._always: list[Campaign] = []
        """Those that any basket may lack something else for than their goods."""
        self._entries: list[_Entry] = []
        self._naming: dict[Key, list[str]] = {}
        nothing = Shelves([])
        for each in self.campaigns:
            keys = _keys(each)
            if each.claim:
                self._entries.append(_Entry(each, NotUsed(campaign=each.id, code="not_claimed"), 0, NO_BOUND))
            elif keys and (absent := missing(each, nothing)) is not None:
                self._entries.append(_entry(each, absent))
                for key in keys:
                    self._naming.setdefault(key, []).append(each.id)
            else:
                self._always.append(each)

    def about(self, shelves: Shelves, now_ms: int, named: Collection[str]) -> tuple[list[Campaign], list[NotUsed]]:
        """Those to be looked at for a basket, with some that are named by somebody, and what stands in the way of the
        others.
        """
        wanted = set(named)
        for key in shelves.keys:
            wanted.update(self._naming.get(key, ()))
        found, refused = self._always[:], []
        for entry in self._entries:
            if entry.campaign.id in wanted or not entry.begins <= now_ms < entry.ends:
                found.append(entry.campaign)
            else:
                refused.append(entry.absent)
        return found, refused


def _entry(campaign: Campaign, absent: NotUsed) -> _Entry:
    begins, ends = campaign.when.from_ms, campaign.when.until_ms
    return _Entry(campaign, absent, begins or 0, NO_BOUND if ends is None else ends)


def _keys(campaign: Campaign) -> set[Key]:
    """What it names goods by, where only its dates and its goods decide whether it holds; else nothing."""
    when = campaign.when
    plain = Condition(
        goods=when.goods, spend_of=when.spend_of, min_spend=when.min_spend, min_qty=when.min_qty,
        from_ms=when.from_ms, until_ms=when.until_ms,
    )  # fmt: skip
    if when != plain or campaign.limits != _NO_LIMITS or campaign.budget != _NO_BUDGET:
        return set()
    if isinstance(campaign.benefit, Bundle | Gift) or when.goods.everything or campaign.scope.everything:
        return set()
    return {*keys_of(when.goods), *keys_of(campaign.scope)}

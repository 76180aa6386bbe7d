"""Campaigns in force, made ready once for many baskets: most of them name goods that do not lie in one at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from pricing.campaigns import Budget, Bundle, Campaign, Condition, Gift, Limits, Points
from pricing.missing import missing
from pricing.positions import Shelves
from pricing.quote import NotUsed

_NO_LIMITS: Final = Limits()
_NO_BUDGET: Final = Budget()


class Rulebook:
    """Campaigns by id, found by the goods of a basket."""

    def __init__(self, campaigns: Iterable[Campaign]) -> None:
        self.campaigns = tuple(sorted(campaigns, key=lambda each: each.id))
        self._always: list[Campaign] = []
        """Those that any basket may lack something else for than their goods."""
        self._found: dict[str, Campaign] = {}
        """The others: those that are asked for by name or by their goods."""
        self._absent: dict[str, NotUsed] = {}
        """What stands in the way of each where none of its goods lies in the basket; of a coupon, where nobody holds
        it."""
        self._dated: list[Campaign] = []
        """Those of them where it may be the moment that does."""
        self._products: dict[str, list[str]] = {}
        self._categories: dict[str, list[str]] = {}
        self._brands: dict[str, list[str]] = {}
        self.plain = frozenset(each.id for each in self.campaigns if _plain(each))
        """Those that nothing but moment and goods decides on."""
        self.instants = _instants(self.campaigns)
        """When any of them begins or ends to hold by its date."""
        nothing = Shelves([])
        for each in self.campaigns:
            if each.claim:
                self._enter(each, NotUsed(campaign=each.id, code="not_claimed"))
            elif self._by_goods(each) and (absent := missing(each, nothing)) is not None:
                self._enter(each, absent)
                self._name(each)
                if each.when.from_ms is not None or each.when.until_ms is not None:
                    self._dated.append(each)
            else:
                self._always.append(each)

    def _enter(self, campaign: Campaign, absent: NotUsed) -> None:
        self._found[campaign.id], self._absent[campaign.id] = campaign, absent

    def _by_goods(self, campaign: Campaign) -> bool:
        """Whether it holds for no basket without goods that it names."""
        named = not (campaign.when.goods.everything or campaign.scope.everything)
        return named and campaign.id in self.plain and not isinstance(campaign.benefit, Bundle | Gift)

    def _name(self, campaign: Campaign) -> None:
        for goods in (campaign.when.goods, campaign.scope):
            for index, names in (
                (self._products, goods.products), (self._categories, goods.categories), (self._brands, goods.brands)
            ):  # fmt: skip
                for name in names:
                    index.setdefault(name, []).append(campaign.id)

    def about(self, shelves: Shelves, now_ms: int, named: Collection[str]) -> tuple[list[Campaign], list[NotUsed]]:
        """Those to be looked at for a basket, with some that are named by somebody, and what stands in the way of the
        others.
        """
        wanted = {each.id for each in self._dated if not _in_force(each.when, now_ms)}.union(named)
        for index, there in (
            (self._products, shelves.products), (self._categories, shelves.categories), (self._brands, shelves.brands)
        ):  # fmt: skip
            for name in index.keys() & there.keys():
                wanted.update(index[name])
        found, absent = self._always[:], self._absent.copy()
        for name in sorted(wanted & absent.keys()):
            found.append(self._found[name])
            del absent[name]
        return found, list(absent.values())


def _in_force(when: Condition, now_ms: int) -> bool:
    return (when.from_ms or 0) <= now_ms and (when.until_ms is None or now_ms < when.until_ms)


def _instants(campaigns: Iterable[Campaign]) -> tuple[int, ...]:
    found = ((each.when.from_ms, each.when.until_ms) for each in campaigns)
    return tuple(sorted({at_ms for pair in found for at_ms in pair if at_ms is not None}))


def _plain(campaign: Campaign) -> bool:
    when = campaign.when
    plain = Condition(
        goods=when.goods, spend_of=when.spend_of, min_spend=when.min_spend, min_qty=when.min_qty,
        from_ms=when.from_ms, until_ms=when.until_ms,
    )  # fmt: skip
    asks = when != plain or isinstance(campaign.benefit, Points)
    return not asks and campaign.limits == _NO_LIMITS and campaign.budget == _NO_BUDGET

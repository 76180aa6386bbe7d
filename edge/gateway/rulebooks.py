"""The campaigns in force, made ready once for all baskets until something changes in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from edge.domain.campaigns import queries
from edge.domain.campaigns.rules import as_used
from pricing.campaigns import Campaign
from pricing.rulebook import Rulebook

if TYPE_CHECKING:
    from edge.journal import Reads


class InForce(msgspec.Struct, frozen=True):
    """Campaigns that may be used, and the same as a basket uses them."""

    edition: queries.Edition
    campaigns: tuple[Campaign, ...]
    rulebook: Rulebook


class Rulebooks:
    """Keeps the latest one."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._latest: InForce | None = None
        self._stands = False
        """Whether no fact has changed them since they were asked for."""

    def notice(self) -> None:
        """A fact changes what is in force."""
        self._stands = False

    def now(self, promised: Iterable[Campaign] = ()) -> InForce:
        """Returns the campaigns in force, with those whose coupons were promised while they were."""
        latest = self._latest if self._latest is not None and self._stands else self._look()
        known = {each.id for each in latest.campaigns}
        more = tuple(each for each in promised if each.id not in known)
        if not more:
            return latest
        return _in_force(latest.edition, (*latest.campaigns, *more))

    def _look(self) -> InForce:
        edition, latest = queries.edition(self._reads), self._latest
        if latest is None or latest.edition != edition:
            latest = self._latest = _in_force(edition, queries.in_force(self._reads))
        self._stands = True
        return latest


def _in_force(edition: queries.Edition, campaigns: tuple[Campaign, ...]) -> InForce:
    return InForce(edition, campaigns, Rulebook(map(as_used, campaigns)))

"""Prices that were shown a moment ago: shown again where nothing that they depend on has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from pricing.conditions import room

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edge.gateway.price_inputs import Inputs
    from pricing.basket import Counters
    from pricing.campaigns import Campaign
    from pricing.quote import Quote

_MINUTE_MS: Final = 60_000
MAX_USES: Final = 1_000_000
"""More than any basket has pieces."""
_MAX_KEPT: Final = 500
"""Baskets whose price is kept; the oldest gives way."""


class PriceCache:
    """The last price of each basket, with what it was computed from."""

    def __init__(self, compute: Callable[[Inputs], Quote]) -> None:
        self._compute = compute
        self._kept: dict[str, tuple[Inputs, Quote]] = {}

    def of(self, inputs: Inputs) -> Quote:
        """Returns what a basket costs: computed anew where anything changed, or may have by the clock."""
        kept = self._kept.pop(inputs.basket.id, None)
        if kept is None or not _still_valid(*kept, inputs):
            kept = (inputs, self._compute(inputs))
        self._kept[inputs.basket.id] = kept
        if len(self._kept) > _MAX_KEPT:
            self._kept.pop(next(iter(self._kept)), None)
        return kept[1]


def _still_valid(then: Inputs, quote: Quote, now: Inputs) -> bool:
    if then.now_ms // _MINUTE_MS != now.now_ms // _MINUTE_MS or then.now_ms > now.now_ms:
        return False  # Days and hours begin with a minute.
    if now.member is not None and now.member.bought:
        return False  # What was bought a number of days ago may have been so any moment.
    if any(then.now_ms < at_ms <= now.now_ms for at_ms in _instants(now)):
        return False
    for each in now.rulebook.campaigns:
        before, after = then.counters.get(each.id), now.counters.get(each.id)
        if before != after and _room_left(each, before, quote.shelf) != _room_left(each, after, quote.shelf):
            return False
    return msgspec.structs.replace(now, now_ms=then.now_ms, counters=then.counters) == then


def _room_left(campaign: Campaign, counted: Counters | None, most: int) -> tuple[bool, list[int]]:
    """What limits and budget leave to a basket of `most` money. While others pay it is never the same for long, and
    seldom so little that it matters to one basket.
    """
    offline = counted is not None and counted.offline
    return offline, [min(left, max(most, MAX_USES)) for _, left in room(campaign, counted)]


def _instants(inputs: Inputs) -> Iterator[int]:
    """When something begins or ends."""
    yield from inputs.rulebook.instants
    for coupon in inputs.wallet:
        yield coupon.usable_from_ms
        if coupon.until_ms is not None:
            yield coupon.until_ms

"""How many carts and doors people without a proven number may have: by the settings, or by how many there are now."""

from __future__ import annotations

from edge.domain.callers import Few
from edge.domain.layout import Layout
from edge.settings.bounds import ThingBounds


class CrowdLimits:
    """The bounds of one store."""

    def __init__(self, bounds: ThingBounds, layout: Layout) -> None:
        self._bounds = bounds
        self._layout = layout

    @property
    def carts(self) -> Few:
        """Of its carts."""
        return self._layout.once("few carts", self._few_carts)

    def doors(self, bank: str) -> Few | None:
        """Of the doors of a bank; none where there is no such bank."""
        count = len(self._layout.doors.get(bank, ()))
        return Few(self._bounds.doors(count), self._new(count)) if count else None

    def _few_carts(self) -> Few:
        fleet = self._layout.count("cart")
        waiting = self._bounds.carts(fleet)
        # As many as there are never wait beside the one that is asked for: to look at each of them is for nothing.
        return Few(waiting if waiting < fleet else None, self._new(fleet))

    def _new(self, count: int) -> int | None:
        share = self._bounds.new_share
        return None if share == 1 else max(1, int(share * count))

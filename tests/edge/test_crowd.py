"""How many carts and doors may wait for a hand."""

from __future__ import annotations

from typing import Any

import pytest

from edge.domain.callers import Few
from edge.gateway.crowd import CrowdLimits
from edge.settings.bounds import ThingBounds


class _Fleet:
    """A store of so many carts; a real layout is read from a journal."""

    def __init__(self, carts: int) -> None:
        self._carts = carts

    def count(self, kind: str) -> int:
        assert kind == "cart"
        return self._carts

    def once(self, name: str, made: Any) -> Any:
        assert name == "few carts"
        return made()


@pytest.mark.parametrize(
    ("carts", "said", "waiting"),
    [(100, None, 6), (6, None, 4), (5, None, 4), (4, None, None), (100, 99, 99), (100, 100, None), (100, 10_000, None)],
)
def test_a_bound_that_all_carts_together_do_not_reach_is_none(
    carts: int, said: int | None, waiting: int | None
) -> None:
    fleet: Any = _Fleet(carts)
    assert CrowdLimits(ThingBounds(carts_waiting=said, new_share=1), fleet).carts == Few(waiting)

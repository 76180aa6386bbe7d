"""A price that takes too long is cut short: it says so, and what it was made of gives the same again."""

from __future__ import annotations

from edge.gateway.price_inputs import Inputs
from edge.gateway.pricing import compute, settled
from edge.gateway.time_box import LEAST, SEARCH_S, TimeBox
from pricing.rulebook import Rulebook
from tests.bench.offers_generator import unrelated

_NOW_MS = 1_767_225_600_000


def inputs(number: int) -> Inputs:
    """20 offers that have nothing to do with each other: more partial sets than are looked at in any case."""
    case = unrelated(number)
    return Inputs(basket=case.basket, catalogue=case.catalogue, rulebook=Rulebook(case.campaigns), now_ms=_NOW_MS)


def clock(*at: float) -> TimeBox:
    """A box whose clock shows these, and then the last of them for ever."""
    left = list(at)
    return TimeBox(lambda: left.pop(0) if len(left) > 1 else left[0])


def test_where_time_is_up_the_best_so_far_is_taken_and_the_bound_is_stated() -> None:
    given = inputs(11)
    _, whole = settled(given, clock(0.0))
    cut, quote = settled(given, clock(0.0, SEARCH_S))
    assert whole.exact
    assert not quote.exact
    assert quote.discount <= whole.discount <= quote.discount + quote.bound
    assert cut.terms.nodes == LEAST
    again, same = settled(cut, clock(0.0))
    assert same == quote
    assert again == cut


def test_however_late_it_is_so_many_are_looked_at() -> None:
    late = clock(0.0, 1e9)
    assert [late(nodes) for nodes in (1, LEAST, LEAST + 1)] == [False, False, True]
    assert late.ended_at == LEAST + 1
    early = clock(0.0)
    assert not early(10_000)
    assert early.ended_at is None


def test_what_ends_in_time_is_what_it_is_without_a_clock() -> None:
    given = inputs(0)
    kept, quote = settled(given, clock(0.0))
    assert kept is given
    assert quote.hash == settled(given, clock(0.0, 0.0))[1].hash
    assert compute(given).basket == quote.basket

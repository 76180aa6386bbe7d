"""One noun that cannot say what it needs hides nothing of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.needs import LOOK, Need
from edge.domain.noun import Noun
from edge.gateway.staff_needs import StaffNeeds

if TYPE_CHECKING:
    from edge.journal import Reads


def _broken(_: Reads, _now: int) -> list[Need]:
    raise ZeroDivisionError


def _paper(_: Reads, now: int) -> list[Need]:
    return [Need("paper", LOOK, "printer-1", "no_paper", now)]


def test_one_noun_that_fails_hides_nothing_of_the_others() -> None:
    nouns = [Noun(name=name, schema="", facts={}, needs=(ask,)) for name, ask in (("a", _broken), ("b", _paper))]
    needs = StaffNeeds(nouns, None, [])  # type: ignore[arg-type]
    assert [need.id for need in needs.by_tables(7)] == ["paper"]
    assert [need.id for need in needs.all(7)] == ["paper"]

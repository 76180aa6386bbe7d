"""Every decision says who may ask it; one that says nothing keeps the store shut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import edge.bootstrap.gateway
from edge.domain import callers
from edge.domain.callers import Caller, Proof, UndeclaredDecisions, asked_by
from edge.domain.carts import decisions as carts
from edge.errors import Refusal
from edge.journal import Tx
from tests.callers import by, member_of

if TYPE_CHECKING:
    from edge.journal.journal import Journal


def says_nothing(tx: Tx, *, cart: str) -> None:
    """A decision whose author forgot."""


@asked_by(Proof.DEVICE)
def knows_no_caller(tx: Tx, *, member: str) -> None:
    """Says a proof, and believes whatever member it is given."""


@asked_by(Proof.DEVICE)
def acts_for_others(tx: Tx, *, caller: Caller, member: str) -> None:
    """Takes a caller and a member beside it."""


@asked_by("staff")
def hides_its_caller(tx: Tx, *, caller: Caller) -> None:
    """Takes a caller and says no proof."""


@asked_by(Proof.VERIFIED)
def moves_money(tx: Tx, *, caller: Caller) -> str:  # noqa: ARG001 - what a decision looks like
    """Needs a number that was proven."""
    return caller.member


@pytest.mark.parametrize(
    ("decision", "complaint"),
    [
        (says_nothing, "does not say who may ask it"),
        (knows_no_caller, "takes no caller: Caller"),
        (acts_for_others, "takes a member beside its caller"),
        (hides_its_caller, "does not say which proof it needs"),
    ],
)
def test_what_a_decision_leaves_unsaid_is_found(decision: object, complaint: str) -> None:
    (said,) = callers.undeclared([decision])  # type: ignore[list-item]
    assert complaint in said


def test_every_decision_of_ours_says_it() -> None:
    found = callers.decisions()
    assert edge.bootstrap.gateway.open_gateway
    assert carts.unlock in found
    assert len(found) > 80
    callers.check()


def test_the_store_does_not_open_with_one_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a noun of ours held it: the check at the start walks all that was loaded."""
    monkeypatch.setattr(says_nothing, "__module__", carts.__name__)
    monkeypatch.setattr(carts, "says_nothing", says_nothing, raising=False)
    with pytest.raises(UndeclaredDecisions, match="says_nothing does not say"):
        callers.check()


async def test_a_proof_that_is_missing_is_refused(store: Journal) -> None:
    assert callers.undeclared([moves_money]) == []
    with pytest.raises(Refusal, match="proof_missing"):
        await store.write(moves_money, caller=by(member_of(1)))
    assert await store.write(moves_money, caller=by(member_of(1), Proof.VERIFIED)) == member_of(1)

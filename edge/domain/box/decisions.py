"""What is recorded of the box."""

from __future__ import annotations

from edge.domain.box.facts import BoxNoted
from edge.domain.box.queries import newest
from edge.domain.box.rules import words_of
from edge.domain.callers import asked_by
from edge.journal import Fact, Tx


@asked_by("store")
def record(tx: Tx, fact: Fact) -> bool:
    """Record what happened to the box. False where the last word on the subject says the same already."""
    said = newest(tx, words_of(type(fact))[0], getattr(fact, "about", ""))
    if said is not None and said.fact == fact:
        return False
    tx.emit(fact)
    return True


@asked_by("staff")
def note(tx: Tx, *, subject: str, about: str, staff: str) -> None:
    """Somebody has seen what went wrong. Refuses: bad_request where nothing did."""
    if newest(tx, subject, about) is None:
        raise tx.refuse("bad_request", field="target")
    tx.emit(BoxNoted(subject=subject, about=about, staff=staff))

"""Tags by a code's rule: for who wants to be told of offers, once, and gone with the consent or the person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge.domain.members import consents, erasure
from edge.domain.members.queries import tags_of
from edge.domain.touchpoints import decisions as touchpoints
from edge.domain.touchpoints.facts import TouchpointDefined
from tests.callers import by
from tests.domain.conftest import SetClock
from tests.domain.test_promoting import register

if TYPE_CHECKING:
    from edge.journal.journal import Journal

NAMES = {"zh-CN": "码", "en": "code"}


@pytest.fixture
async def shelf(store: Journal) -> Journal:
    """A code that says something, and one that says nothing."""
    codes = [
        TouchpointDefined(touchpoint=name, purpose="shelf", zone="baby", label=NAMES, at=(1.0, 1.0), tag=tag)
        for name, tag in (("shelf-baby", "baby"), ("shelf-milk", None))
    ]
    await store.write(touchpoints.define, codes)
    return store


async def scan(store: Journal, clock: SetClock, member: str, touchpoint: str = "shelf-baby") -> list[str]:
    clock.now += 120_000
    await store.write(
        touchpoints.scanned, touchpoint=touchpoint, visitor=f"browser-{member}", shown_ms=clock.now, member=member
    )
    return [each.tag for each in tags_of(store.reads, member)]


async def agree(store: Journal, member: str) -> None:
    await store.write(consents.give, caller=by(member), shown={"marketing": ""}, language="en", request="c")


async def test_nobody_is_tagged_without_their_word(shelf: Journal, clock: SetClock) -> None:
    anna = await register(shelf, 1, at="shelf-milk")
    assert await scan(shelf, clock, anna) == []
    await agree(shelf, anna)
    assert [each.tag for each in tags_of(shelf.reads, anna)] == [], (
        "what was scanned before the word counts for nothing"
    )
    assert await scan(shelf, clock, anna, "shelf-milk") == []
    assert await scan(shelf, clock, anna) == ["baby"]
    assert await scan(shelf, clock, anna) == ["baby"]
    assert [entry.type for entry in shelf.after(0, 1000)].count("member.tagged.v1") == 1


async def test_a_tag_goes_with_the_consent_and_with_the_person(shelf: Journal, clock: SetClock) -> None:
    anna = await register(shelf, 1)
    await agree(shelf, anna)
    await scan(shelf, clock, anna)
    await shelf.write(consents.withdraw, caller=by(anna), purpose="marketing", request="w")
    assert tags_of(shelf.reads, anna) == []
    await agree(shelf, anna)
    assert await scan(shelf, clock, anna) == ["baby"]
    await shelf.write(erasure.request_erasure, caller=by(anna), patient=False, request="e")
    assert shelf.reads.all("SELECT * FROM member_tags") == []

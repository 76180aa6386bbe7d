"""The box's last words, what staff must see of them, and how that ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge.domain.box import decisions as box
from edge.domain.box import queries
from edge.domain.box.facts import FACTS, SettingsApplied, SettingsRolledBack
from edge.domain.box.needs import TROUBLES, needs
from edge.domain.box.rules import words_of
from edge.errors import Refusal

if TYPE_CHECKING:
    from edge.journal.journal import Journal

APPLIED = SettingsApplied(number=3, sha256="aa", by="chen")
BACK = SettingsRolledBack(number=4, back_to=3, because="not_ready", by="chen")


def kinds(store: Journal) -> list[str]:
    return [need.kind for need in needs(store.reads, 0)]


async def test_the_last_word_of_each_kind_is_kept(store: Journal) -> None:
    assert queries.last(store.reads, SettingsApplied) is None
    assert queries.newest(store.reads, "settings") is None
    await store.write(box.record, APPLIED)
    await store.write(box.record, BACK)
    said = queries.last(store.reads, SettingsApplied)
    assert said is not None
    assert said.fact == APPLIED
    newest = queries.newest(store.reads, "settings")
    assert newest is not None
    assert newest.fact == BACK


async def test_the_same_word_twice_is_one_fact(store: Journal) -> None:
    assert await store.write(box.record, APPLIED)
    assert not await store.write(box.record, APPLIED)
    assert await store.write(box.record, BACK)
    assert await store.write(box.record, APPLIED), "again, after something else"


async def test_trouble_stands_until_it_is_mended(store: Journal) -> None:
    await store.write(box.record, APPLIED)
    assert kinds(store) == []
    await store.write(box.record, BACK)
    assert kinds(store) == ["settings_rolled_back"]
    await store.write(box.record, APPLIED)
    assert kinds(store) == []


async def test_trouble_stands_until_somebody_has_seen_it(store: Journal) -> None:
    await store.write(box.record, BACK)
    await store.write(box.acknowledge, subject="settings", about="", staff="li")
    assert kinds(store) == []
    await store.write(box.record, SettingsRolledBack(number=5, back_to=3, because="not_ready", by="chen"))
    assert kinds(store) == ["settings_rolled_back"], "another one"


async def test_what_never_happened_is_not_noted(store: Journal) -> None:
    with pytest.raises(Refusal) as refused:
        await store.write(box.acknowledge, subject="settings", about="", staff="li")
    assert refused.value.code == "bad_request"


def test_what_ends_trouble_is_about_the_same_subject() -> None:
    for fact, trouble in TROUBLES.items():
        assert {fact, *trouble.ends} <= set(FACTS)
        assert {words_of(end)[0] for end in trouble.ends} <= {words_of(fact)[0]}

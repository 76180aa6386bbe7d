"""Playlists as facts: only what differs is published; what is withdrawn stays so until somebody restores it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from edge.domain.playlists import decisions, queries
from edge.domain.playlists.facts import Shown
from edge.errors import Refusal

if TYPE_CHECKING:
    from edge.journal.journal import Journal

SHA = "a" * 64
ONE: dict[str, Any] = {"id": "one", "items": [{"show": "picture", "id": "pic", "media": {"en": SHA}}]}
TWO: dict[str, Any] = {"id": "two", "items": [{"show": "today", "id": "today"}]}


def tags(store: Journal) -> list[str]:
    return [entry.type for entry in store.after(0, 10_000) if entry.type.startswith("playlist.")]


async def publish(store: Journal, *definitions: dict[str, Any]) -> bool:
    media = {"one": [Shown(SHA, "breakfast.jpg", "image/jpeg", 9)]}
    return await store.write(decisions.publish, definitions, media, 86_400_000)


async def test_only_what_differs_becomes_a_fact(store: Journal) -> None:
    assert await publish(store, ONE, TWO)
    assert not await publish(store, ONE, TWO)
    assert tags(store) == ["playlist.published.v1", "playlist.published.v1"]
    assert await publish(store, TWO, ONE), "their order decides among equal priorities"
    assert await publish(store, TWO)
    assert tags(store)[2:] == ["playlist.published.v1", "playlist.published.v1", "playlist.ended.v1"]
    assert [msgspec.json.decode(each) for each in queries.definitions(store.reads)] == [TWO]


async def test_what_is_withdrawn_stays_so_whatever_is_published(store: Journal) -> None:
    await publish(store, ONE, TWO)
    assert queries.contents(store.reads)[SHA] == "breakfast.jpg"
    assert await store.write(decisions.withdraw, content=SHA, by="wang", reason=" wrong price ")
    assert not await store.write(decisions.withdraw, content=SHA, by="li", reason="again")
    await publish(store, {**ONE, "priority": 5}, TWO)
    (gone,) = queries.withdrawn(store.reads)
    assert (gone.content, gone.by, gone.reason) == (SHA, "wang", "wrong price")
    assert await store.write(decisions.restore, content=SHA, by="wang")
    assert not await store.write(decisions.restore, content=SHA, by="wang")
    assert queries.withdrawn(store.reads) == []


@pytest.mark.parametrize("content", ["one", "one/pic", SHA])
async def test_a_list_an_item_or_a_file_may_be_withdrawn(store: Journal, content: str) -> None:
    await publish(store, ONE)
    assert await store.write(decisions.withdraw, content=content, by="wang", reason="over")
    assert queries.is_withdrawn(store.reads, content)


@pytest.mark.parametrize(
    ("content", "reason", "code"),
    [("nothing", "over", "content_unknown"), ("one/other", "over", "content_unknown"), ("one", "  ", "reason_missing")],
)
async def test_what_cannot_be_withdrawn_is_refused(store: Journal, content: str, reason: str, code: str) -> None:
    await publish(store, ONE)
    with pytest.raises(Refusal, match=code):
        await store.write(decisions.withdraw, content=content, by="wang", reason=reason)
    assert queries.withdrawn(store.reads) == []

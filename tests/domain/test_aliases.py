"""Other names of a person: joined by proof on both sides, gone with the person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec import structs

from edge.domain.members import aliases, erasure, joining
from edge.domain.members import queries as member_queries
from edge.domain.members.facts import AliasKind
from edge.domain.members.rules import Browser
from edge.domain.nouns import NOUNS
from edge.errors import Refusal
from edge.journal.journal import Journal
from tests.callers import by, member_of
from tests.domain.conftest import SetClock, join

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


async def prove(store: Journal, member: str, names: Mapping[AliasKind, str]) -> bool:
    return await store.write(aliases.prove, caller=by(member), names=names)


async def test_who_proves_the_same_unionid_is_one_person(store: Journal) -> None:
    anna, ben, cleo = [await store.write(join, number) for number in (1, 2, 3)]
    assert not await prove(store, anna, {"wechat": "o1", "wechat_union": "u1"})
    assert await prove(store, ben, {"wechat": "o2", "wechat_union": "u1"})
    assert member_queries.related(store.reads, anna, ben)
    assert not await prove(store, cleo, {"wechat": "o3", "wechat_union": "u2"})
    assert not member_queries.related(store.reads, anna, cleo)
    before = len(store.after(0, 10_000))
    assert not await prove(store, ben, {"wechat": "o2", "wechat_union": "u1"})
    assert len(store.after(0, 10_000)) == before, "the same again says nothing new"


async def test_one_person_has_one_name_of_a_kind(store: Journal) -> None:
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    await prove(store, anna, {"crm": "c1"})
    await prove(store, ben, {"crm": "c2"})
    for names in ({"crm": "c2"}, {"wechat_union": "u9", "crm": "c2"}):
        with pytest.raises(Refusal, match="alias_differs"):
            await prove(store, anna, names)  # type: ignore[arg-type]
    assert not member_queries.related(store.reads, anna, ben)
    assert await store.write(aliases.give_up, caller=by(anna), kind="crm")
    assert await prove(store, anna, {"crm": "c2"})


async def test_a_name_is_given_up_by_whichever_phone(store: Journal) -> None:
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    for member in (anna, ben):
        await prove(store, member, {"wechat": "o1", "wechat_union": "u1"})
    assert await store.write(aliases.give_up, caller=by(ben), kind="wechat")
    assert await store.write(aliases.give_up, caller=by(ben), kind="wechat_union")
    assert [member_queries.alias_kinds(store.reads, member) for member in (anna, ben)] == [[], []]
    with pytest.raises(Refusal, match="not_registered"):
        await store.write(aliases.enter, browser=Browser("b", "s"), names={"wechat": "o1", "wechat_union": "u1"})


async def test_a_phone_enters_by_a_name_and_no_other(store: Journal) -> None:
    anna = await store.write(join, 1)
    await prove(store, anna, {"wechat": "o1"})
    phone = Browser("new", "session-new")
    assert await store.write(aliases.enter, browser=phone, names={"wechat": "o1"}) == "session-new"
    session = member_queries.session(store.reads, "session-new")
    assert session is not None
    assert (session.member, session.proven_ms) == (anna, None)
    for names in ({"wechat": "o2"}, {"crm": "o1"}):
        with pytest.raises(Refusal, match="not_registered"):
            await store.write(aliases.enter, browser=Browser("x", "s"), names=names)


async def test_the_erased_leave_no_name(store: Journal) -> None:
    anna = await store.write(join, 1)
    await prove(store, anna, {"wechat": "o1", "wechat_union": "u1"})
    await store.write(erasure.request_erasure, caller=by(anna), patient=False, request="e")
    assert store.reads.all("SELECT 1 FROM person_cards") == []
    assert store.reads.all("SELECT 1 FROM aliases") == []
    ben = await store.write(join, 2)
    assert not await prove(store, ben, {"wechat": "o1", "wechat_union": "u1"})


def holding(folder: Path, canary: bytes) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and canary in path.read_bytes()]


async def test_the_erased_leave_no_link(store: Journal, tmp_path: Path) -> None:
    """Its index stood in the journal for ever: who has the box's keys could have tried names and moments on it."""
    anna = await store.write(join, 1)
    link = aliases.SignedLink("canary-of-a-link", "a", SetClock.now + 600_000)
    await store.write(aliases.prove, caller=by(anna), names={"crm": "c1"}, link=link)
    await store.write(erasure.request_erasure, caller=by(anna), patient=False, request="e")
    store.close()
    assert holding(tmp_path, b"canary-of-a-link") == []


async def test_strangers_have_no_names(store: Journal) -> None:
    with pytest.raises(Refusal, match="not_registered"):
        await prove(store, "nobody", {"crm": "c1"})


async def test_a_signed_link_is_good_in_one_browser_also_after_the_store_began_again(tmp_path: Path) -> None:
    link = aliases.SignedLink("l1", "a", SetClock.now + 600_000)
    for again in (False, True):
        store = Journal(tmp_path / "s.db", NOUNS, clock=SetClock())
        if not again:
            await store.write(join, 1)
            caller = by(member_of(1))
            assert not await store.write(aliases.prove, caller=caller, names={"crm": "c1"}, link=link)
        phone = Browser("b", "session-b")
        with pytest.raises(Refusal, match="alias_refused"):
            await store.write(
                aliases.enter, browser=phone, names={"crm": "c1"}, link=structs.replace(link, browser="b")
            )
        assert not await store.write(aliases.prove, caller=by(member_of(1)), names={"crm": "c1"}, link=link)
        store.close()


async def test_a_signed_link_that_was_refused_is_not_used_up(store: Journal) -> None:
    await store.write(join, 1)
    link = aliases.SignedLink("l1", "a", SetClock.now + 600_000)
    with pytest.raises(Refusal, match="not_registered"):
        await store.write(aliases.enter, browser=Browser("a", "session-a"), names={"crm": "c1"}, link=link)
    theirs = structs.replace(link, browser="b")
    assert not await store.write(aliases.prove, caller=by(member_of(1)), names={"crm": "c1"}, link=theirs)


async def test_whose_name_it_is_says_nothing_to_whom_staff_let_in_today(store: Journal) -> None:
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    await prove(store, anna, {"crm": "c1"})
    await store.write(joining.confirm, staff="li", session=by(ben).session, owner=anna, evidence="member_card", most=1)
    assert not await prove(store, ben, {"crm": "c2"})
    assert member_queries.alias_kinds(store.reads, ben) == ["crm"]

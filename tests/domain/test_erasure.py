"""Erasing a person: at once or when nothing of theirs is in the store, whole families, and again after a restore."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge.domain.callers import Caller, Proof
from edge.domain.carts import decisions as carts
from edge.domain.members import decisions as members
from edge.domain.members import erasure, joining
from edge.domain.members import queries as member_queries
from edge.domain.members.facts import Consents, How, MembersLinked
from edge.domain.members.rules import Browser, ErasureResult
from edge.errors import Refusal
from edge.journal import Tx
from tests.callers import member_of
from tests.domain.conftest import SetClock, join, person

if TYPE_CHECKING:
    from edge.journal.journal import Journal

DAY_MS = 24 * 3600_000


def caller(number: int) -> Caller:
    return Caller(member_of(number), f"browser-{number}", Proof.DEVICE, f"session-{number}")


async def arrive(store: Journal, number: int) -> Caller:
    made = await store.write(
        members.register,
        shown={},
        sealed=person(number),
        consents=Consents(service=True, marketing=False),
        language="en",
        touchpoint="cart-01",
        request=f"r{number}",
        browser=Browser(f"browser-{number}", f"session-{number}"),
    )
    return Caller(made.member, f"browser-{number}", Proof.DEVICE, made.session)


async def erase(store: Journal, who: Caller, *, patient: bool = False) -> ErasureResult:
    return await store.write(erasure.request_erasure, caller=who, patient=patient, request="e")


def rows(store: Journal, member: str) -> set[str]:
    """Tables that still know the person."""
    asked = {
        "person_keys": "subject", "person_numbers": "subject", "members": "member", "sessions": "member",
        "kin": "member", "consents": "member",
    }  # fmt: skip
    return {
        table
        for table, column in asked.items()
        if store.reads.one(f"SELECT 1 FROM {table} WHERE {column}=?", member) is not None
    }


async def test_nothing_that_opens_or_finds_the_person_is_left(store: Journal) -> None:
    who = await arrive(store, 1)
    assert rows(store, who.member) >= {"person_keys", "person_numbers", "members", "sessions", "kin", "consents"}
    assert (await erase(store, who)).erased == (who.member,)
    assert rows(store, who.member) == set()
    assert member_queries.session(store.reads, who.session) is None
    assert member_queries.erased(store.reads) == [who.member]


async def test_an_erased_person_acts_no_more(store: Journal) -> None:
    who = await arrive(store, 1)
    await erase(store, who)
    with pytest.raises(Refusal, match="not_registered"):
        await store.write(carts.unlock, cart="cart-01", caller=who, touchpoint="cart-01", request="u")
    with pytest.raises(Refusal, match="not_registered"):
        await erase(store, who)
    again = await arrive(store, 2)
    assert again.member != who.member


async def test_a_cart_that_is_out_comes_first(store: Journal) -> None:
    who = await arrive(store, 1)
    grant = await store.write(carts.unlock, cart="cart-01", caller=who, touchpoint="cart-01", request="u")
    with pytest.raises(Refusal, match="erase_waits"):
        await erase(store, who)
    waits = await erase(store, who, patient=True)
    assert waits.erased == ()
    assert [(hold.kind, hold.device) for hold in waits.holds] == [("cart", "cart-01")]
    await store.write(erasure.on_tick)
    assert "members" in rows(store, who.member)
    await store.write(carts.settle, grant.id, "expired", None, "gateway")
    await store.write(erasure.on_tick)
    assert rows(store, who.member) == set()
    before = store.sequence
    await store.write(erasure.on_tick)
    assert store.sequence == before


async def test_who_changes_their_mind_stays(store: Journal) -> None:
    who = await arrive(store, 1)
    grant = await store.write(carts.unlock, cart="cart-01", caller=who, touchpoint="cart-01", request="u")
    await erase(store, who, patient=True)
    assert member_queries.erasure_asked_ms(store.reads, [who.member]) is not None
    assert await store.write(erasure.withdraw_request, caller=who, request="d")
    assert not await store.write(erasure.withdraw_request, caller=who, request="d")
    await store.write(carts.settle, grant.id, "expired", None, "gateway")
    await store.write(erasure.on_tick)
    assert "members" in rows(store, who.member)


def linked(tx: Tx, one: str, other: str, how: How) -> None:
    joining.link(tx, MembersLinked(member=one, kin=other, how=how, staff="li" if how == "staff" else ""))


async def test_a_family_is_erased_whole(store: Journal) -> None:
    first, second, stranger = [await arrive(store, number) for number in (1, 2, 3)]
    await store.write(linked, second.member, first.member, "phone")
    grant = await store.write(carts.unlock, cart="cart-01", caller=first, touchpoint="cart-01", request="u")
    with pytest.raises(Refusal, match="erase_waits"):
        await erase(store, second)
    await store.write(carts.settle, grant.id, "expired", None, "gateway")
    assert set((await erase(store, second)).erased) == {first.member, second.member}
    assert rows(store, first.member) == rows(store, second.member) == set()
    assert "members" in rows(store, stranger.member)


async def test_a_link_that_can_still_be_taken_back_erases_nobody_else(store: Journal, clock: SetClock) -> None:
    old, new = await arrive(store, 1), await arrive(store, 2)
    await store.write(linked, new.member, old.member, "staff")
    assert (await erase(store, new)).erased == (new.member,)
    assert {"members", "sessions", "kin"} <= rows(store, old.member)
    clock.now += 2 * DAY_MS


async def test_a_restored_journal_forgets_again(store: Journal) -> None:
    who, other = await arrive(store, 1), await arrive(store, 2)
    assert await store.write(erasure.repeat_erasures, [who.member, "somebody of another journal"]) == 1
    assert rows(store, who.member) == set()
    assert "members" in rows(store, other.member)
    before = store.sequence
    assert await store.write(erasure.repeat_erasures, [who.member]) == 0
    assert store.sequence == before


async def test_whoever_runs_the_box_erases_for_a_person(store: Journal) -> None:
    who = await arrive(store, 1)
    done = await store.write(erasure.request_erasure_for, members=[who.member], patient=False, request="e")
    assert done.erased == (who.member,)
    with pytest.raises(Refusal, match="customer_unknown"):
        await store.write(erasure.request_erasure_for, members=[who.member], patient=False, request="e")


async def test_members_of_a_simple_store_can_be_erased_too(store: Journal) -> None:
    await store.write(join, 7)
    who = Caller(member_of(7), "b", Proof.DEVICE, "s")
    assert (await erase(store, who)).erased == (member_of(7),)

"""Whose a number is: whoever proved it last, for a while; and never who only typed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge.domain.lockers import queries as locker_queries
from edge.domain.members import decisions as members
from edge.domain.members import erasure, joining, numbers, sessions
from edge.domain.members import queries as member_queries
from edge.domain.members.facts import CodeUsed, Consents, MemberImported, MemberRegistered, PassIssued
from edge.domain.members.passes import Passes
from edge.domain.members.rules import LIFE_MS, SealedPhone
from edge.errors import Refusal
from edge.journal import Projections
from edge.journal.verify import verify
from tests.callers import browser_of, by
from tests.domain.locking import Bank, build

if TYPE_CHECKING:
    from edge.journal import Tx
    from edge.journal.journal import Journal
    from tests.domain.conftest import SetClock

DAY_MS = 24 * 3600_000
PROOF_MS = 90 * DAY_MS
NUMBER = "index-of-a-number"


async def come(store: Journal, name: str, number: str = NUMBER) -> str:
    """Somebody who types a number on a browser of their own."""
    registration = await store.write(
        members.make_member,
        sealed=SealedPhone(name, number, "sealed", b"wrapped"),
        consents=Consents(service=True, marketing=False),
        language="en",
        touchpoint="cart-01",
        request=name,
        browser=browser_of(name),
    )
    return registration.member


async def prove(store: Journal, member: str, number: str = NUMBER) -> bool:
    return await store.write(numbers.prove, caller=by(member), index=number, proof_ms=PROOF_MS)


def of_before(tx: Tx, *, member: str, number: str = NUMBER) -> None:
    """As the store wrote it until numbers had to be proven: nobody has a session, and a pass belongs to a member."""
    agreed = Consents(service=True, marketing=True)
    tx.emit(
        MemberRegistered(
            member=member, phone_index=number, phone_sealed="sealed", language="en", consents=agreed,
            touchpoint="cart-01", request=f"old-{member}",
        )
    )  # fmt: skip
    tx.keep_number(member, number)
    tx.emit(PassIssued(member=member, code_pass="PASS2PASS2"))
    tx.emit(CodeUsed(member=member, nonce="n", stamp=5, purpose="greet", at="cart-01"))


async def test_who_typed_it_is_nobody_when_another_proves_it(store: Journal) -> None:
    thief, owner = await come(store, "thief"), await come(store, "owner")
    assert await prove(store, owner) is False
    assert not member_queries.related(store.reads, owner, thief)
    with pytest.raises(Refusal, match="bad_request"):
        await prove(store, owner, "another")


async def test_who_proves_it_within_90_days_is_the_same_person(store: Journal, clock: SetClock) -> None:
    old, new = await come(store, "old"), await come(store, "new")
    await prove(store, old)
    clock.now += 89 * DAY_MS
    assert await prove(store, new) is True
    assert member_queries.family(store.reads, new) == [new, old]


async def test_after_90_days_it_may_be_somebody_else(store: Journal, clock: SetClock) -> None:
    await store.write(build)
    bank = Bank(store)
    old, new = await come(store, "old"), await come(store, "new")
    await prove(store, old)
    kept = await bank.kept(old)
    clock.now += 91 * DAY_MS
    assert await prove(store, new) is False
    assert not member_queries.related(store.reads, new, old)
    assert member_queries.owner_of(store.reads, NUMBER, clock.now, PROOF_MS) == new
    assert [each.parcel for each in locker_queries.parcels_of(store.reads, old)] == [kept.parcel], "lost to nobody"
    clock.now += DAY_MS
    assert await prove(store, old) is True, "the same person after all, who has the number in hand now"


async def test_a_clock_that_was_ahead_makes_no_old_proof_young(store: Journal, clock: SetClock) -> None:
    old, new = await come(store, "old"), await come(store, "new")
    clock.now += 400 * DAY_MS
    await prove(store, old)
    clock.now -= 400 * DAY_MS
    assert await prove(store, new) is False


async def test_members_of_a_list_and_of_before_wait_for_their_number(store: Journal, clock: SetClock) -> None:
    def listed(tx: Tx) -> None:
        tx.emit(MemberImported(member="listed", phone_sealed="sealed", card=True, points=120))
        tx.keep_number("listed", NUMBER)

    await store.write(listed)
    await store.write(of_before, member="before")
    clock.now += 60 * DAY_MS
    owner = await come(store, "owner")
    assert await prove(store, owner) is True
    assert member_queries.family(store.reads, owner) == [owner, "before", "listed"]
    clock.now += 200 * DAY_MS
    later = await come(store, "later")
    assert await prove(store, later) is False, "they are the first one's for good"


async def test_a_proof_makes_firm_what_staff_confirmed(store: Journal, clock: SetClock) -> None:
    old, new = await come(store, "old"), await come(store, "new")
    await prove(store, old)
    await store.write(joining.confirm, staff="li", session=by(new).session, owner=old, evidence="member_card", most=1)
    (link,) = store.reads.all("SELECT link FROM links")
    assert member_queries.firm(store.reads, new, clock.now) == [new]
    assert await prove(store, new)
    assert set(member_queries.firm(store.reads, new, clock.now)) == {old, new}
    assert [row["since"] for row in store.reads.all("SELECT since FROM kin WHERE member=?", new)] == [0, 0]
    assert member_queries.confirmed_links(store.reads, 0) == []
    with pytest.raises(Refusal, match="page_outdated"):
        await store.write(joining.take_back, caller=by(old), link=link["link"])
    assert not await prove(store, new), "once"


async def test_who_was_there_long_ago_is_left_alone(store: Journal, clock: SetClock) -> None:
    await store.write(of_before, member="before")
    clock.now += 91 * DAY_MS
    assert await prove(store, await come(store, "owner")) is False


async def test_codes_of_before_are_good_no_more(store: Journal, clock: SetClock) -> None:
    """The phone that makes them has no session that could be ended."""
    await store.write(of_before, member="before")
    own = Passes(b"k" * 32, "s001")
    shown = own.read(own.code("PASS2PASS2", clock.now), clock.now)
    assert shown
    with pytest.raises(Refusal, match="code_unknown"):
        member_queries.pass_owner(store.reads, shown)
    assert verify(store.path, Projections(store.nouns.nouns)).faults == ()


async def test_a_code_ends_with_its_session_s_time(store: Journal, clock: SetClock) -> None:
    """The phone goes on making codes by itself, whatever became of its cookie."""
    caller, passes = by(await come(store, "old")), Passes(b"key", "store")
    made = await store.write(sessions.issue_pass, caller=caller, fresh="PASS2PASS2")

    def shown() -> str:
        found = passes.read(passes.code(made, clock.now), clock.now)
        assert found is not None
        return member_queries.pass_owner(store.reads, found)

    clock.now += LIFE_MS - 1000
    assert shown() == "old"
    assert [each.member for each in member_queries.sessions_of(store.reads, caller, clock.now)] == ["old"]
    clock.now += 1000
    with pytest.raises(Refusal, match="code_unknown"):
        shown()
    assert member_queries.sessions_of(store.reads, caller, clock.now) == []


async def test_a_number_that_an_order_was_kept_for_alone_is_forgotten_a_day_later(
    store: Journal, clock: SetClock
) -> None:
    await store.write(build)
    bank = Bank(store)
    await bank.look()
    sealed = SealedPhone("order-for", NUMBER, "sealed", b"wrapped")
    nobody, proven = await store.write(numbers.recipient, sealed, staff="li", proof_ms=PROOF_MS)
    assert (nobody, proven) == ("order-for", False)
    opening = await bank.fill(nobody, "li", order="4711")
    clock.now += 2 * DAY_MS
    await store.write(erasure.on_tick)
    assert member_queries.exists(store.reads, nobody), "its order lies behind a door"
    await bank.end(opening, "failed", "jammed")
    await store.write(erasure.on_tick)
    assert not member_queries.exists(store.reads, nobody)
    assert store.reads.all("SELECT 1 FROM person_keys") + store.reads.all("SELECT 1 FROM person_numbers") == []


async def test_who_comes_for_it_is_kept(store: Journal, clock: SetClock) -> None:
    sealed = SealedPhone("order-for", NUMBER, "sealed", b"wrapped")
    waiting, _ = await store.write(numbers.recipient, sealed, staff="li", proof_ms=PROOF_MS)
    owner = await come(store, "owner")
    await prove(store, owner)
    clock.now += 2 * DAY_MS
    await store.write(erasure.on_tick)
    assert member_queries.related(store.reads, owner, waiting)


async def test_who_was_taken_for_somebody_by_mistake_is_forgotten_all_the_same(store: Journal, clock: SetClock) -> None:
    sealed = SealedPhone("order-for", NUMBER, "sealed", b"wrapped")
    waiting, _ = await store.write(numbers.recipient, sealed, staff="li", proof_ms=PROOF_MS)
    other = await come(store, "other", "another number")
    await store.write(
        joining.confirm, staff="li", session=by(other).session, owner=waiting, evidence="parcel_slip", most=1
    )
    (link,) = store.reads.all("SELECT link FROM links")
    await store.write(joining.take_back_by_staff, link=link["link"], staff="wang")
    clock.now += 2 * DAY_MS
    await store.write(erasure.on_tick)
    assert not member_queries.exists(store.reads, waiting)
    assert member_queries.exists(store.reads, other)

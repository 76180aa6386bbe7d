"""Consents by purpose and version: a new text asks again, for what it covers alone; taken back at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge.domain.callers import Caller, Proof
from edge.domain.carts import decisions as carts
from edge.domain.carts.decisions import Grant
from edge.domain.members import consents, joining
from edge.domain.members import decisions as members
from edge.domain.members import queries as member_queries
from edge.domain.members.consent_texts import PublishedText
from edge.domain.members.facts import ConsentGiven, Consents, MemberRegistered
from edge.domain.members.rules import Browser
from edge.errors import Refusal
from tests.callers import member_of
from tests.domain.conftest import join, person

if TYPE_CHECKING:
    from edge.domain.members.consent_texts import Purpose
    from edge.journal import Fact
    from edge.journal.journal import Journal


def texts(service: str = "2026-11-26", marketing: str = "2026-11-26") -> list[PublishedText]:
    return [
        PublishedText("terms", "service", service, f"digest of {service}"),
        PublishedText("privacy", "service", "2026-11-26", "digest"),
        PublishedText("marketing", "marketing", marketing, f"digest of {marketing}"),
    ]


async def register(store: Journal, number: int = 1, *, marketing: bool = False, **shown: str) -> Caller:
    versions: dict[Purpose, str] = shown  # type: ignore[assignment]
    made = await store.write(
        members.register,
        shown=versions,
        sealed=person(number),
        consents=Consents(service=True, marketing=marketing),
        language="zh-CN",
        touchpoint="cart-01",
        request=f"r{number}",
        browser=Browser(f"b{number}", f"s{number}"),
    )
    return Caller(made.member, f"b{number}", Proof.DEVICE, made.session)


def facts_of(store: Journal) -> list[Fact]:
    return [store.nouns.decode(entry.body) for entry in store.after(0, 10_000)]


async def unlock(store: Journal, caller: Caller, cart: str = "cart-01") -> Grant:
    return await store.write(carts.unlock, cart=cart, caller=caller, touchpoint=cart, request=f"{caller.member}/{cart}")


async def test_registering_keeps_to_which_texts_somebody_agreed(store: Journal) -> None:
    await store.write(consents.publish, texts(marketing="2027-01-01"))
    caller = await register(store, marketing=True)
    facts = [fact for fact in facts_of(store) if isinstance(fact, ConsentGiven)]
    assert [(fact.purpose, fact.version, fact.texts) for fact in facts] == [
        ("service", "2026-11-26", {"terms": "2026-11-26", "privacy": "2026-11-26"}),
        ("marketing", "2027-01-01", {"marketing": "2027-01-01"}),
    ]
    assert member_queries.consent(store.reads, caller.member, "marketing").current
    before = store.sequence
    await register(store, marketing=True)  # the same form once more
    assert store.sequence == before


async def test_a_new_text_asks_again_before_the_next_use(store: Journal) -> None:
    await store.write(consents.publish, texts())
    caller = await register(store)
    await store.write(consents.publish, texts(service="2027-05-01"))
    with pytest.raises(Refusal, match="consent_outdated"):
        await unlock(store, caller)
    await store.write(consents.give, caller=caller, shown={"service": "2027-05-01"}, language="en", request="g")
    assert await unlock(store, caller)


async def test_a_new_marketing_text_never_blocks_a_cart(store: Journal) -> None:
    await store.write(consents.publish, texts())
    caller = await register(store, marketing=True)
    await store.write(consents.publish, texts(marketing="2027-05-01"))
    assert await unlock(store, caller)
    state = member_queries.consent(store.reads, caller.member, "marketing")
    assert (state.given, state.current) == (True, False), "messages wait until the new text was agreed to"


async def test_publishing_the_same_texts_is_no_fact(store: Journal) -> None:
    await store.write(consents.publish, texts())
    before = store.sequence
    await store.write(consents.publish, texts())
    assert store.sequence == before


async def test_who_agreed_before_texts_had_versions_is_asked(store: Journal) -> None:
    def of_before(tx: object) -> None:
        old = Consents(service=True, marketing=True, version="2026-11")
        tx.emit(  # type: ignore[attr-defined]
            MemberRegistered(
                member="old", phone_sealed="sealed", language="en", consents=old, touchpoint="cart-01", request="r"
            )
        )

    await store.write(of_before)
    await store.write(consents.publish, texts())
    state = member_queries.consent(store.reads, "old", "service")
    assert (state.given, state.version, state.current) == (True, "2026-11", False)
    with pytest.raises(Refusal, match="consent_outdated"):
        await unlock(store, Caller("old", "b", Proof.DEVICE, "s"))


async def test_a_form_with_an_earlier_text_does_not_count(store: Journal) -> None:
    await store.write(consents.publish, texts(service="2027-05-01"))
    with pytest.raises(Refusal, match="consent_outdated"):
        await register(store, service="2026-11-26")
    caller = await register(store, service="2027-05-01")
    with pytest.raises(Refusal, match="consent_outdated"):
        await store.write(consents.give, caller=caller, shown={"marketing": "2001-01-01"}, language="en", request="g")


async def test_what_was_taken_back_gates_what_it_covers(store: Journal) -> None:
    await store.write(consents.publish, texts())
    caller = await register(store, marketing=True)
    assert await store.write(consents.withdraw, caller=caller, purpose="marketing", request="w1")
    assert not await store.write(consents.withdraw, caller=caller, purpose="marketing", request="w1")
    assert await unlock(store, caller)
    assert await store.write(consents.withdraw, caller=caller, purpose="service", request="w2")
    other = await register(store, 2)
    with pytest.raises(Refusal, match="consent_missing"):
        await unlock(store, caller, "cart-02")
    assert await unlock(store, other, "cart-03"), "nobody else is concerned"


async def test_a_store_without_texts_asks_nobody(store: Journal) -> None:
    await store.write(join, 1)
    assert await unlock(store, Caller(member_of(1), "b-1", Proof.DEVICE, "s-1"))


async def test_persons_who_become_one_want_no_news_that_one_of_them_did_not_want(store: Journal) -> None:
    await store.write(consents.publish, texts())
    wants, does_not = await register(store, 1, marketing=True), await register(store, 2)
    assert member_queries.consent(store.reads, wants.member, "marketing").given
    await store.write(joining.let_in, caller=wants, asking=Browser("b2", "sx", caller=does_not))
    for caller in (wants, does_not):
        assert not member_queries.consent(store.reads, caller.member, "marketing").given
        assert member_queries.consent(store.reads, caller.member, "service").given
    await store.write(consents.give, caller=does_not, shown={"marketing": ""}, language="en", request="g")
    for caller in (wants, does_not):
        assert member_queries.consent(store.reads, caller.member, "marketing").given, "asked anew, they said yes"


async def test_a_guest_who_was_never_asked_narrows_nothing(store: Journal) -> None:
    await store.write(consents.publish, texts())
    name = person(1).member
    guest = Browser("b9", "s9")
    await store.write(
        members.come_as_guest, member=name, language="en", touchpoint="cart-01", request="r9", browser=guest
    )
    caller = Caller(name, "b9", Proof.DEVICE, "s9")
    made = await store.write(
        members.register,
        shown={},
        sealed=person(2),
        consents=Consents(service=True, marketing=True),
        language="en",
        touchpoint="cart-01",
        request="r1",
        browser=Browser("b9", "s1", caller=caller),
    )
    here = Caller(made.member, "b9", Proof.DEVICE, made.session)
    assert member_queries.consent(store.reads, made.member, "marketing").current
    assert await store.write(consents.withdraw, caller=here, purpose="marketing", request="w")
    assert not member_queries.consent(store.reads, made.member, "marketing").given


async def test_the_short_question_answers_as_the_long_one(store: Journal) -> None:
    def agree(caller: Caller) -> bool:
        row = store.reads.one(f"SELECT {member_queries.AGREES} AS agrees", caller.member)
        lacking = member_queries.lacking_consent(store.reads, caller.member)
        assert row is not None
        assert bool(row["agrees"]) == (lacking is None)
        return lacking is None

    caller = await register(store)
    answers = [agree(caller)]
    await store.write(consents.publish, texts(service="2027-01-01"))
    answers.append(agree(caller))
    shown: dict[Purpose, str] = {"service": "2027-01-01"}
    await store.write(consents.give, caller=caller, shown=shown, language="en", request="g1")
    answers.append(agree(caller))
    await store.write(consents.publish, texts(service="2028-01-01"))
    answers.append(agree(caller))
    await store.write(consents.withdraw, caller=caller, purpose="service", request="w1")
    answers.append(agree(caller))
    assert answers == [True, False, True, False, False]

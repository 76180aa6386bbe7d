"""Reminders by kind: what somebody switched off is not stated, and what they switch on again is told of what is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge.domain.coupons import reminding
from edge.domain.coupons import wallet as wallets
from edge.domain.ledger import decisions as ledger
from edge.domain.ledger import queries as ledger_queries
from edge.domain.members import erasure, reminders
from edge.domain.members.facts import MembersLinked
from edge.domain.members.queries import is_reminded
from edge.errors import Refusal
from tests.callers import by
from tests.domain.conftest import SetClock, join
from tests.domain.locking import RULES, Bank
from tests.domain.test_ledger import anna, give  # noqa: F401 - a fixture
from tests.domain.test_wallet import DAY_MS, NOW, campaign, claim, owner, publish

if TYPE_CHECKING:
    from edge.domain.members.facts import Reminder
    from edge.journal.journal import Journal


async def switch(store: Journal, member: str, about: Reminder, *, on: bool) -> None:
    await store.write(reminders.switch, caller=by(member), about=about, wanted=on)


def count(store: Journal, fact: str) -> int:
    return sum(entry.type == fact for entry in store.after(0, 10_000))


async def test_a_coupon_is_told_of_to_who_wants_it_and_to_who_wants_it_again(store: Journal, clock: SetClock) -> None:
    member, _ = await owner(store, ends=NOW + 2 * DAY_MS)
    await switch(store, member, "coupons", on=False)
    clock.now = NOW + DAY_MS
    await store.write(reminding.on_tick)
    assert count(store, "coupon.reminded.v1") == 0
    await switch(store, member, "coupons", on=True)
    await store.write(reminding.on_tick)
    await store.write(reminding.on_tick)
    assert count(store, "coupon.reminded.v1") == 1
    (kept,) = wallets.wallet(store.reads, member, clock.now)
    assert [(told.about, told.at_ms) for told in kept.told] == [("ends", clock.now)]


async def test_those_who_want_none_hold_up_nobody(
    store: Journal, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(store, campaign(ends=NOW + 2 * DAY_MS))
    for number in (1, 2, 3):
        member = await store.write(join, number)
        await claim(store, "five", member)
        if number < 3:
            await switch(store, member, "coupons", on=False)
    clock.now = NOW + DAY_MS
    monkeypatch.setattr(reminding, "AT_ONCE", 1)
    await store.write(reminding.on_tick)
    assert count(store, "coupon.reminded.v1") == 1


async def test_points_end_without_a_word_where_none_is_wanted(
    store: Journal,
    anna: str,  # noqa: F811 - the fixture
    clock: SetClock,
) -> None:
    await give(store, anna, clock, 70)
    (lot,) = ledger_queries.lots(store.reads, anna, clock.now)
    await switch(store, anna, "points", on=False)
    for days in (30, 7):
        clock.now = (lot.ends_ms or 0) - days * DAY_MS
        await store.write(ledger.on_tick)
    assert count(store, "points.ending.v1") == 0
    await switch(store, anna, "points", on=True)
    await store.write(ledger.on_tick)
    assert count(store, "points.ending.v1") == 1
    (told,) = ledger_queries.lots(store.reads, anna, clock.now)
    assert told.told_ms == clock.now


async def test_a_parcel_waits_in_silence_where_that_is_wanted(
    bank: Bank,
    store: Journal,
    clock: SetClock,
) -> None:
    member = await store.write(join, 5)
    kept = await bank.kept(member)
    await switch(store, member, "parcels", on=False)
    clock.now += RULES.due_ms
    await bank.tend()
    await bank.tend()
    assert (bank.state(kept.parcel), count(store, "parcel.reminder_due.v1")) == ("overdue", 0)
    await switch(store, member, "parcels", on=True)
    await bank.tend()
    assert count(store, "parcel.reminder_due.v1") == 1


async def test_persons_who_are_one_want_what_both_want(store: Journal) -> None:
    phone, old = await store.write(join, 1), await store.write(join, 2)
    await switch(store, old, "points", on=False)
    await store.write(lambda tx: tx.emit(MembersLinked(member=phone, kin=old, how="number")))
    assert not is_reminded(store.reads, phone, "points")
    assert is_reminded(store.reads, phone, "coupons")
    await switch(store, phone, "points", on=True)
    assert is_reminded(store.reads, old, "points")


async def test_switches_go_with_their_person_and_strangers_have_none(store: Journal) -> None:
    member = await store.write(join, 1)
    await switch(store, member, "points", on=False)
    await switch(store, member, "points", on=False)
    assert count(store, "member.reminder_switched.v1") == 1
    await store.write(erasure.request_erasure, caller=by(member), patient=False, request="e")
    assert store.reads.all("SELECT * FROM reminders_off") == []
    with pytest.raises(Refusal, match="not_registered"):
        await switch(store, member, "points", on=True)

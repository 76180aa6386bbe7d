"""Who may collect: codes, six digits, guesses, and codes that are shared."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from edge.domain.lockers import code_entry
from edge.domain.lockers import decisions as lockers
from edge.domain.lockers import queries as locker_queries
from edge.domain.lockers.code_entry import CodeEntry
from edge.domain.lockers.facts import LockerCodeRefused
from edge.domain.lockers.rules import (
    HOUR_MS,
    MINUTE_MS,
)
from edge.domain.members import joining
from edge.domain.members.facts import MembersLinked
from edge.errors import Refusal
from tests.callers import by
from tests.domain.conftest import SetClock
from tests.domain.locking import BANK, CODES, PHONE, RULES, Bank, digits, seed, wrong

if TYPE_CHECKING:
    from edge.journal import Tx
    from edge.journal.journal import Journal


async def test_six_digits_open_the_right_door(bank: Bank, anna: str, ben: str) -> None:
    mine, theirs = await bank.kept(anna), await bank.kept(ben)
    out = await digits(bank, CODES.digits(seed(bank, theirs.parcel)))
    assert out is not None
    assert (out.parcel, out.door) == (theirs.parcel, theirs.door)
    assert bank.state(mine.parcel) == "kept"


async def test_a_code_is_good_until_the_parcel_is_gone(bank: Bank, anna: str, clock: SetClock) -> None:
    kept = await bank.kept(anna)
    code = CODES.digits(seed(bank, kept.parcel))
    await bank.end(await digits(bank, code))  # type: ignore[arg-type]
    await bank.opens(kept.door)
    await bank.closes(kept.door, occupied=False)
    again = await digits(bank, code)
    assert again is not None, "within the grace minute it opens once more"
    await bank.end(again)
    await bank.opens(kept.door)
    assert bank.state(kept.parcel) == "taking"
    await bank.closes(kept.door, occupied=False)
    clock.now += RULES.grace_ms + 1
    with pytest.raises(Refusal, match="parcel_gone"):
        await bank.take(kept.parcel, anna)
    await bank.tend()
    assert bank.state(kept.parcel) == "collected"
    assert await digits(bank, code) is None


async def test_who_asks_again_what_was_collected_meanwhile_tries_nothing_wrong(
    bank: Bank, anna: str, clock: SetClock
) -> None:
    kept = await bank.kept(anna)
    asked = {
        "codes": CODES,
        "bank": BANK,
        "digits": CODES.digits(seed(bank, kept.parcel)),
        "request": "r",
        "place": PHONE,
    }
    assert isinstance(await bank.store.write(code_entry.look_by_digits, **asked), code_entry.DoorContent)
    out = await bank.store.write(lockers.take_by_digits, **asked)
    await bank.end(out)
    await bank.opens(kept.door)
    await bank.closes(kept.door, occupied=False)
    clock.now += RULES.grace_ms + 1
    await bank.tend()
    assert bank.state(kept.parcel) == "collected"
    assert await bank.store.write(code_entry.look_by_digits, **asked) == out
    assert bank.store.reads.all("SELECT * FROM wrong_codes") == []


async def test_guessing_gets_slower_and_slower(bank: Bank, anna: str, clock: SetClock) -> None:
    kept = await bank.kept(anna)
    guess, good = wrong(bank), CODES.digits(seed(bank, kept.parcel))
    for _ in range(5):
        assert await digits(bank, guess) is None
    for minutes in (1, 2, 4):
        with pytest.raises(Refusal, match="parcel_wait") as refused:
            await digits(bank, good)
        assert refused.value.details["seconds"] == minutes * 60
        clock.now += minutes * MINUTE_MS
        assert await digits(bank, guess) is None
    # Guessing cost the guesser alone: another phone, the keypad and the owner's own phone go on.
    for elsewhere in (CodeEntry("phone of a friend"), CodeEntry("keypad", keypad=True)):
        opened = await digits(bank, good, place=elsewhere)
        assert opened is not None
        await bank.end(opened)
        await bank.opens(kept.door)
        await bank.closes(kept.door, occupied=True)
    # The owner's phone needs no digits, and after a quiet hour the phone is forgiven.
    assert (await bank.take(kept.parcel, anna)).door == kept.door
    clock.now += 2 * HOUR_MS
    assert await digits(bank, guess) is None
    assert await digits(bank, good) is not None


async def test_a_keypad_waits_a_minute_at_most(bank: Bank, anna: str, clock: SetClock) -> None:
    kept = await bank.kept(anna)
    keypad = CodeEntry("keypad", keypad=True)
    for _ in range(12):
        assert await digits(bank, wrong(bank), place=keypad) is None
        clock.now += MINUTE_MS
    assert await digits(bank, CODES.digits(seed(bank, kept.parcel)), place=keypad) is not None


async def test_wrong_digits_of_an_earlier_build_stop_nobody(bank: Bank, anna: str, clock: SetClock) -> None:
    kept = await bank.kept(anna)

    def as_before(tx: Tx) -> None:
        tx.emit(LockerCodeRefused(bank=BANK, wrong=9, until_ms=clock.now + HOUR_MS))

    await bank.store.write(as_before)
    assert await digits(bank, CODES.digits(seed(bank, kept.parcel))) is not None


async def test_the_journal_holds_no_code(bank: Bank, anna: str, store: Journal) -> None:
    kept = await bank.kept(anna)
    code = CODES.digits(seed(bank, kept.parcel)).encode()
    assert not any(code in entry.body for entry in store.after(0, 1000))


async def test_two_parcels_at_a_bank_never_share_their_digits(bank: Bank, anna: str, ben: str) -> None:
    class Alike:
        """Codes whose digits collide often."""

        @staticmethod
        def digits(seed: str) -> str:
            return f"{int(seed.rpartition('-')[2]) % 3:06d}"

        @staticmethod
        def seed(request: str, number: int) -> str:
            return f"{request}-{number}"

    seeds = []
    for member in (anna, ben):
        opening = await bank.store.write(
            lockers.deposit, codes=Alike(), bank=BANK, size="S", caller=by(member), request=str(uuid.uuid4())
        )
        seeds.append(seed(bank, opening.parcel))
    assert len({Alike.digits(each) for each in seeds}) == 2


async def test_somebody_else_s_parcel_looks_like_none(bank: Bank, anna: str, ben: str, store: Journal) -> None:
    kept = await bank.kept(anna)
    for decision in (lockers.take, lockers.add_more):
        with pytest.raises(Refusal, match="parcel_unknown"):
            await store.write(decision, parcel=kept.parcel, caller=by(ben), request=str(uuid.uuid4()))
    for decision in (lockers.confirm, lockers.withdraw, lockers.unshare):
        with pytest.raises(Refusal, match="parcel_unknown"):
            await store.write(decision, parcel=kept.parcel, caller=by(ben))


async def test_a_shared_code_opens_and_can_be_taken_back(bank: Bank, anna: str, store: Journal) -> None:
    kept = await bank.kept(anna)
    first = await store.write(lockers.share, codes=CODES, parcel=kept.parcel, caller=by(anna), request="s1")
    assert await store.write(lockers.share, codes=CODES, parcel=kept.parcel, caller=by(anna), request="s2") == first
    assert first != seed(bank, kept.parcel)
    await store.write(lockers.unshare, parcel=kept.parcel, caller=by(anna))
    with pytest.raises(Refusal, match="parcel_unknown"):
        await store.write(lockers.take_by_code, seed=first, request="t1")
    second = await store.write(lockers.share, codes=CODES, parcel=kept.parcel, caller=by(anna), request="s3")
    assert (await store.write(lockers.take_by_code, seed=second, request="t2")).door == kept.door
    row = store.reads.one("SELECT by FROM openings WHERE request='t2'")
    assert row["by"] == "shared_code"


async def test_a_code_that_was_taken_back_is_not_given_away_again(bank: Bank, anna: str, clock: SetClock) -> None:
    kept = await bank.kept(anna)
    asked = {"codes": CODES, "parcel": kept.parcel or "", "caller": by(anna), "request": "share-at-the-screen"}
    given = await bank.store.write(lockers.share, **asked)
    assert await bank.store.write(lockers.share, **asked) == given
    await bank.store.write(lockers.unshare, parcel=kept.parcel or "", caller=by(anna))
    clock.now += 1
    assert await bank.store.write(lockers.share, **asked) != given
    with pytest.raises(Refusal, match="parcel_unknown"):
        await bank.store.write(lockers.take_by_code, seed=given, request=str(uuid.uuid4()))


async def test_a_code_is_none_of_a_parcel_that_was_put_in_by_the_same_request(
    bank: Bank, anna: str, clock: SetClock
) -> None:
    gone = await bank.kept(anna, request="r1")
    await bank.end(await bank.take(gone.parcel, anna))
    await bank.opens(gone.door)
    await bank.closes(gone.door, occupied=False)
    clock.now += RULES.grace_ms + 1
    await bank.tend()
    kept = await bank.kept(anna)
    shared = await bank.store.write(lockers.share, codes=CODES, parcel=kept.parcel or "", caller=by(anna), request="r1")
    assert shared not in (seed(bank, gone.parcel), seed(bank, kept.parcel))


async def test_a_phone_that_staff_let_in_is_not_told_of_doors_that_were_filled_before(
    bank: Bank, anna: str, ben: str
) -> None:
    kept = await bank.kept(anna)
    await bank.store.write(
        joining.link, MembersLinked(member=ben, kin=anna, how="staff", staff="li", evidence="member_card")
    )
    await bank.end(await bank.take(kept.parcel, anna))
    reads = bank.store.reads
    assert [each.door for each in locker_queries.doors_under_way(reads, anna)] == [kept.door]
    assert locker_queries.doors_under_way(reads, ben) == []
    later = await bank.deposit(anna)
    assert [each.door for each in locker_queries.doors_under_way(reads, ben)] == [later.door]


async def test_a_clock_that_was_set_back_keeps_nobody_from_entering_digits(
    bank: Bank, anna: str, clock: SetClock
) -> None:
    kept = await bank.kept(anna)
    for _ in range(6):
        assert await digits(bank, wrong(bank)) is None
        clock.now += HOUR_MS // 20
    assert await digits(bank, wrong(bank)) is None
    with pytest.raises(Refusal, match="parcel_wait"):
        await digits(bank, wrong(bank))
    clock.now -= 30 * HOUR_MS
    opened = await digits(bank, CODES.digits(seed(bank, kept.parcel)))
    assert opened is not None
    assert opened.door == kept.door

"""What staff do at a bank: fill a door for an order, open one for a reason, vouch for what lies in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge.domain.devices import decisions as devices
from edge.domain.lockers import decisions as lockers
from edge.domain.lockers import staff as locker_staff
from edge.domain.lockers.rules import (
    HOUR_MS,
)
from edge.domain.lockers.staff import Purpose
from edge.errors import Refusal
from tests.callers import by
from tests.domain.conftest import SetClock, join
from tests.domain.locking import BANK, DOORS, RULES, Bank, staff_opens

if TYPE_CHECKING:
    from edge.journal.journal import Journal


async def test_an_order_is_filled_by_staff_and_collected_by_the_shopper(bank: Bank, anna: str, store: Journal) -> None:
    kept = await bank.fill(anna, "li", order="A-1007")
    await bank.end(kept)
    await bank.opens(kept.door)
    await bank.closes(kept.door, occupied=True)
    row = bank.parcel(kept.parcel)
    assert (row["member"], row["filler"], row["order_ref"]) == (anna, "li", "A-1007")
    with pytest.raises(Refusal, match="grace_over"):
        await store.write(lockers.add_more, parcel=kept.parcel, caller=by(anna), request="a1")
    await bank.end(await bank.take(kept.parcel, anna))
    assert bank.state(kept.parcel) == "taking"


@pytest.mark.parametrize(
    ("purpose", "while_open", "after"),
    [("hand_over", "taking", "emptied"), ("clear", "clearing", "cleared"), ("inspect", "kept", "kept")],
)
async def test_staff_opens_for_a_reason(
    bank: Bank, anna: str, store: Journal, purpose: Purpose, while_open: str, after: str
) -> None:
    kept = await bank.kept(anna)
    opening = await store.write(
        locker_staff.staff_open,
        bank=BANK,
        door=kept.door,
        staff="li",
        purpose=purpose,
        reason="lost phone",
        request="r1",
    )
    await bank.end(opening)
    await bank.opens(kept.door)
    assert bank.state(kept.parcel) == while_open
    await bank.closes(kept.door, occupied=purpose == "inspect")
    assert bank.state(kept.parcel) == after


async def test_staff_open_for_the_parcel_that_they_saw(bank: Bank, anna: str, store: Journal) -> None:
    kept = await bank.kept(anna)
    asked = {"bank": BANK, "door": kept.door, "staff": "li", "reason": "overdue"}
    for request, shown in (("r1", "00000000-0000-4000-8000-000000000000"), ("r2", "x")):
        with pytest.raises(Refusal, match="page_outdated"):
            await store.write(locker_staff.staff_open, **asked, purpose="clear", request=request, shown=shown)
    with pytest.raises(Refusal, match="page_outdated"):
        await store.write(locker_staff.confirm_parcel, **asked, shown="x")
    opened = await store.write(locker_staff.staff_open, **asked, purpose="clear", request="r3", shown=kept.parcel)
    assert opened.parcel == kept.parcel


@pytest.mark.parametrize(
    ("purpose", "occupied", "after"),
    [
        ("inspect", True, "kept"),
        ("inspect", False, "unsure"),
        ("inspect", None, "kept"),
        ("clear", False, "cleared"),
        ("clear", True, "kept"),
        ("hand_over", False, "emptied"),
    ],
)
async def test_staff_open_a_door_that_somebody_is_filling(
    bank: Bank, anna: str, purpose: Purpose, occupied: bool | None, after: str
) -> None:
    opening = await bank.deposit(anna)
    await bank.end(opening)
    await bank.opens(opening.door)
    await bank.end(await staff_opens(bank, opening.door, purpose), "already")
    await bank.closes(opening.door, occupied=occupied)
    assert bank.state(opening.parcel) == after


async def test_staff_clear_a_door_that_its_owner_left_open(bank: Bank, anna: str) -> None:
    kept = await bank.kept(anna)
    await bank.end(await bank.take(kept.parcel, anna))
    await bank.opens(kept.door)
    await bank.end(await staff_opens(bank, kept.door, "clear"), "already")
    await bank.closes(kept.door, occupied=False)
    assert bank.state(kept.parcel) == "cleared"


async def test_staff_needs_a_reason_and_may_open_what_is_broken(bank: Bank) -> None:
    store = bank.store
    with pytest.raises(Refusal, match="bad_request"):
        await store.write(
            locker_staff.staff_open, bank=BANK, door="01", staff="li", purpose="inspect", reason=" ", request="r1"
        )
    await store.write(locker_staff.set_usable, bank=BANK, door="01", staff="li", reason="hinge", usable=False)
    opening = await store.write(
        locker_staff.staff_open, bank=BANK, door="01", staff="li", purpose="clear", reason="repair", request="r2"
    )
    assert (opening.door, opening.parcel) == ("01", None)


async def test_staff_who_looked_behind_a_forced_door_has_vouched(
    bank: Bank, anna: str, store: Journal, clock: SetClock
) -> None:
    kept = await bank.kept(anna)
    clock.now += HOUR_MS
    await bank.opens(kept.door)
    await bank.closes(kept.door, occupied=True)
    look = await store.write(
        locker_staff.staff_open, bank=BANK, door=kept.door, staff="li", purpose="inspect", reason="forced", request="r1"
    )
    await bank.end(look)
    await bank.opens(kept.door)
    assert bank.state(kept.parcel) == "forced"
    await bank.closes(kept.door, occupied=True)
    await bank.tend()
    assert (bank.state(kept.parcel), bank.troubles()) == ("kept", set())


async def test_a_bank_out_of_order_takes_nothing_and_gives_everything_back(
    bank: Bank, anna: str, store: Journal
) -> None:
    kept = await bank.kept(anna)
    await store.write(devices.take_out, device=BANK, reason="hinge", by="li")
    with pytest.raises(Refusal, match="locker_away"):
        await bank.deposit(anna)
    assert (await bank.take(kept.parcel, anna)).door == kept.door


async def test_a_door_that_staff_open_at_this_moment_is_given_to_nobody(bank: Bank, anna: str) -> None:
    """Others are free: it is no reason to send anybody away."""
    looked_at = await staff_opens(bank, "01", "inspect")
    assert looked_at.parcel is None
    assert (await bank.deposit(anna)).door == "02"
    with pytest.raises(Refusal, match="door_taken"):
        await bank.deposit(await bank.store.write(join, 7), door="01")


async def test_a_door_that_staff_took_out_of_use_stays_so_when_its_bank_is_put_back(bank: Bank, anna: str) -> None:
    out = {"bank": BANK, "door": "01", "staff": "li", "reason": "broken"}
    await bank.store.write(locker_staff.set_usable, **out, usable=False)
    taken_out = bank.door("01")
    await bank.store.write(lockers.install, {}, RULES)
    await bank.store.write(lockers.install, {BANK: DOORS}, RULES)
    await bank.look()
    kept = ("out_of_order", "out_by", "out_ms")
    assert [bank.door("01")[name] for name in kept] == [taken_out[name] for name in kept]
    assert (await bank.deposit(anna)).door == "02"
    for _ in range(2):  # tapped twice it is one fact
        await bank.store.write(locker_staff.set_usable, **out, usable=True)
    assert [entry.type for entry in bank.store.after(0, 1000)].count("locker.back_in_order.v1") == 1
    for banks in ({}, {BANK: DOORS}):
        await bank.store.write(lockers.install, banks, RULES)
    assert bank.door("01")["out_of_order"] is None


async def test_a_second_order_joins_no_door_that_opens_for_the_first(bank: Bank, anna: str) -> None:
    first = await bank.fill(anna, "li", order="A-1")
    assert (await bank.fill(anna, "li", order="A-1")).parcel == first.parcel, "a second tap"
    with pytest.raises(Refusal, match="locker_close_first"):
        await bank.fill(anna, "li", order="A-2")
    await bank.end(first)
    await bank.opens(first.door)
    await bank.closes(first.door, occupied=True)
    second = await bank.fill(anna, "li", order="A-2")
    assert bank.parcel(second.parcel)["order_ref"] == "A-2"

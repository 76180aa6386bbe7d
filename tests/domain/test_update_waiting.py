from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from edge.domain.box import decisions as box
from edge.domain.box.facts import UpdateHeld, UpdateInstalled, UpdateLetGo, UpdateWaits
from edge.domain.carts import decisions as carts
from edge.domain.noun import InUse, Noun
from edge.domain.nouns import NOUNS
from edge.errors import Refusal
from edge.settings.hours import checked, hours
from operations.updates.waiting import ASKED_FOR_MS, LONGEST_HOLD_MS, holding, is_hour
from tests.callers import by
from tests.domain.conftest import join

if TYPE_CHECKING:
    from edge.journal.journal import Journal

HOUR_MS = 3_600_000


def now_of(store: Journal) -> int:
    row = store.reads.one("SELECT max(wall_ms) AS at FROM entries")
    return int(row["at"]) if row and row["at"] else 0


async def test_a_store_that_nobody_uses_keeps_nothing_waiting(store: Journal) -> None:
    assert holding(store.path, NOUNS, 0).sentence == ""


async def test_whoever_is_in_the_middle_of_something_is_waited_for(store: Journal) -> None:
    busy = Noun(name="baskets", schema="", facts={}, in_use=(lambda _: [InUse("basket", "b-7", 1)],))
    found = holding(store.path, [*NOUNS, busy], 0)
    assert found.in_use == (InUse("basket", "b-7", 1),)
    assert found.sentence == "in use: basket b-7"


async def test_an_unlock_is_waited_for_until_it_has_ended(store: Journal) -> None:
    anna = await store.write(join, 1)
    grant = await store.write(carts.unlock, cart="cart-01", caller=by(anna), touchpoint="cart-01", request="r1")
    assert holding(store.path, NOUNS, 0).sentence == "in use: cart cart-01"
    await store.write(carts.settle, grant.id, "done", None, "lock")
    assert holding(store.path, NOUNS, 0).sentence == "", "a cart that is out needs no gateway"


async def test_a_hold_is_a_lease_that_ends_by_itself(store: Journal) -> None:
    await store.write(box.record, UpdateHeld(by="manager", why="promotion", until_ms=2**52))
    now = now_of(store)
    assert "manager holds updates off until" in holding(store.path, NOUNS, now + 1).sentence
    assert holding(store.path, NOUNS, now + LONGEST_HOLD_MS + 1).held is None, "a week at most, whatever it says"
    await store.write(box.record, UpdateLetGo(by="manager"))
    assert holding(store.path, NOUNS, now + 1).held is None


async def test_staff_say_when_and_it_counts_for_a_while(store: Journal) -> None:
    with pytest.raises(Refusal):
        await store.write(box.request_update, staff="li")
    assert not holding(store.path, NOUNS, now_of(store)).asked
    await store.write(box.record, UpdateWaits(version="1.1.0"))
    assert holding(store.path, NOUNS, now_of(store)).asked
    assert not holding(store.path, NOUNS, now_of(store)).wanted
    await store.write(box.request_update, staff="li")
    now = now_of(store)
    assert holding(store.path, NOUNS, now + 1).wanted
    assert not holding(store.path, NOUNS, now + ASKED_FOR_MS + 1).wanted
    assert not holding(store.path, NOUNS, now - ASKED_FOR_MS - 1).wanted, "nor for a day where the clock goes back"
    await store.write(box.record, UpdateInstalled(version="1.1.0", before="1.0.0", closed_ms=1))
    assert not holding(store.path, NOUNS, now_of(store)).asked


def test_hours_lie_across_midnight_and_in_the_stores_own_time() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    at = int(datetime(2027, 1, 5, 23, 30, tzinfo=shanghai).timestamp() * 1000)
    assert is_hour("22:00-06:00", shanghai, at)
    assert is_hour("22:00-06:00", shanghai, at + 6 * HOUR_MS)
    assert not is_hour("22:00-06:00", shanghai, at + 7 * HOUR_MS)
    assert not is_hour("22:00-06:00", ZoneInfo("Europe/Berlin"), at)
    assert is_hour("00:00-00:00", shanghai, at), "the whole day"
    assert hours("02:00-05:00") == (120, 300)


@pytest.mark.parametrize("text", ["", "2-5", "25:00-26:00", "02:00", "02:00-05:60", "02:00 - 05:00"])
def test_other_hours_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match='expected hours such as "22:00-06:00"; found'):
        checked(text)

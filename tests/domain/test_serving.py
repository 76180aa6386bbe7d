"""What can serve, and which is the nearest that can: every way in which a cart or a bank may not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge.domain.carts import care as cart_care
from edge.domain.carts import decisions as carts
from edge.domain.carts import needs as cart_needs
from edge.domain.carts import queries as cart_queries
from edge.domain.carts.decisions import Grant
from edge.domain.devices import decisions as devices
from edge.domain.devices.facts import DeviceEnrolled
from edge.domain.endings import FAULTS
from edge.domain.lockers import needs as locker_needs
from edge.domain.lockers import serving as locker_serving
from edge.domain.lockers.rules import FORGIVEN_MS
from edge.errors import Refusal
from tests.callers import by
from tests.domain.conftest import SetClock, join
from tests.domain.locking import BANK, Bank

if TYPE_CHECKING:
    from edge.journal.journal import Journal


def why(store: Journal, cart: str = "cart-01") -> str | None:
    return cart_queries.spots(store.reads)[cart].why


async def granted(store: Journal, cart: str, member: str) -> Grant:
    return await store.write(carts.unlock, cart=cart, caller=by(member), touchpoint=cart, request=f"{cart}-{member}")


async def test_a_sound_cart_serves_and_a_taken_one_does_not(store: Journal) -> None:
    anna = await store.write(join, 1)
    assert why(store) is None
    grant = await granted(store, "cart-01", anna)
    assert why(store) == "busy"
    await store.write(carts.settle, grant.id, "done", None, "lock")
    assert why(store) == "taken"


async def test_what_is_wrong_with_a_cart_is_said_and_ends(store: Journal, clock: SetClock) -> None:
    await store.write(devices.take_out, device="cart-01", reason="wheel", by="li")
    assert why(store) == "out_of_order"
    await store.write(devices.put_back, device="cart-01", by="li")
    await store.write(carts.on_state, cart="cart-01", lock="jammed", docked=True)
    assert why(store) == "jammed"
    await store.write(carts.on_state, cart="cart-01", lock="locked", docked=True)
    await store.write(cart_care.on_charge, cart="cart-01", charge=0.02)
    assert why(store) == "dead"
    assert [need.kind for need in cart_needs.care_needs(store.reads, clock.now)] == ["cart_dead"]
    await store.write(cart_care.on_charge, cart="cart-01", charge=0.2)
    assert why(store) is None, "low, and good for a ride"
    await store.write(devices.on_presence, device="cart-01", online=True, boot="b1")
    await store.write(devices.on_presence, device="cart-01", online=False)
    assert why(store) == "offline"


@pytest.mark.parametrize("charge", [0.0, 0.03, 0.049])
async def test_a_battery_that_drains_slowly_is_dead_in_the_end(store: Journal, charge: float) -> None:
    for now in (0.5, 0.14, 0.1, charge):
        await store.write(cart_care.on_charge, cart="cart-01", charge=now)
    assert why(store) == "dead"
    await store.write(cart_care.on_charge, cart="cart-01", charge=0.9)
    assert why(store) is None


@pytest.mark.parametrize("reason", sorted(FAULTS))
async def test_a_cart_whose_unlock_broke_down_is_not_offered_again(
    store: Journal, clock: SetClock, reason: str
) -> None:
    anna = await store.write(join, 1)
    await store.write(carts.settle, (await granted(store, "cart-01", anna)).id, "failed", reason, "lock")
    assert why(store) == "faulty"
    assert [need.kind for need in cart_needs.needs(store.reads, clock.now) if need.device == "cart-01"] == [
        "cart_faulty"
    ]
    assert (await store.write(carts.unlock, cart="cart-01", caller=by(anna), touchpoint="cart-01", request="again")).id
    await store.write(carts.settle, serving_grant(store), "failed", reason, "lock")
    clock.now += 1
    assert await store.write(devices.put_back, device="cart-01", by="li")
    assert why(store) is None, "somebody has seen to it"


def serving_grant(store: Journal) -> str:
    row = store.reads.one("SELECT last_grant FROM carts WHERE cart='cart-01'")
    assert row is not None
    return str(row["last_grant"])


async def test_a_lost_answer_is_not_held_against_a_cart(store: Journal) -> None:
    anna = await store.write(join, 1)
    await store.write(carts.settle, (await granted(store, "cart-01", anna)).id, "lapsed", "no_reply", "device")
    assert why(store) is None


async def test_the_nearest_that_can_in_the_same_zone_first(store: Journal) -> None:
    await store.write(
        devices.enrol,
        [
            DeviceEnrolled(device=cart, kind="cart", zone=zone, label={"zh-CN": "车", "en": "cart"}, at=(x, 1.0))
            for cart, zone, x in (("cart-01", "entrance", 1.0), ("cart-02", "entrance", 9.0), ("cart-03", "baby", 2.0))
        ],
    )
    for cart in ("cart-01", "cart-02", "cart-03"):
        await store.write(devices.on_presence, device=cart, online=True, boot="b")
    assert [spot.id for spot in cart_queries.nearest(store.reads, "cart-01")] == ["cart-02", "cart-03"]
    await store.write(devices.take_out, device="cart-02", reason="wheel", by="li")
    assert [spot.id for spot in cart_queries.nearest(store.reads, "cart-01")] == ["cart-03"]


async def test_a_mute_board_offers_no_doors_and_is_one_card(bank: Bank, store: Journal, clock: SetClock) -> None:
    anna = await store.write(join, 1)
    for _ in range(2):
        await bank.end(await bank.deposit(anna), "failed", "no_response")
    await bank.tend()
    spot = locker_serving.spot(store.reads, BANK, clock.now)
    assert spot is not None
    assert (spot.why, spot.free) == ("dead", 0)
    with pytest.raises(Refusal, match="locker_away"):
        await bank.deposit(anna)
    assert [need.kind for need in locker_needs.needs(store.reads, clock.now)] == ["bank_dead"]


async def test_one_word_is_enough_where_no_sensor_is_heard(bank: Bank, store: Journal, clock: SetClock) -> None:
    anna = await store.write(join, 1)
    opening = await bank.deposit(anna)
    for door in [row["door"] for row in store.reads.all("SELECT door FROM doors WHERE bank=?", BANK)]:
        await bank.show(door, lock="unknown", door="unknown", occupied=None)
    await bank.end(opening, "failed", "no_response")
    spot = locker_serving.spot(store.reads, BANK, clock.now)
    assert spot is not None
    assert spot.why == "dead"


async def test_a_bank_that_answers_again_serves_again(bank: Bank, store: Journal, clock: SetClock) -> None:
    anna = await store.write(join, 1)
    kept = await bank.kept(anna)
    for _ in range(2):
        await bank.end(await bank.deposit(anna), "failed", "no_response")
    clock.now += 1
    await bank.end(await bank.take(kept.parcel, anna))
    spot = locker_serving.spot(store.reads, BANK, clock.now)
    assert spot is not None
    assert spot.why is None, "what lies in a bank is always asked for, and an answer is an answer"


async def test_a_lost_answer_is_forgiven_in_time(bank: Bank, store: Journal, clock: SetClock) -> None:
    anna = await store.write(join, 1)
    for _ in range(2):
        await bank.end(await bank.deposit(anna), "lapsed", "no_reply")
    assert locker_serving.spots(store.reads, clock.now)[BANK].why == "dead"
    clock.now += FORGIVEN_MS + 1
    assert locker_serving.spots(store.reads, clock.now)[BANK].why is None


async def test_a_jammed_door_is_given_to_nobody(bank: Bank, store: Journal, clock: SetClock) -> None:
    anna = await store.write(join, 1)
    free = locker_serving.spots(store.reads, clock.now)[BANK].free
    await bank.show("01", lock="jammed")
    assert locker_serving.spots(store.reads, clock.now)[BANK].free == free - 1
    with pytest.raises(Refusal, match="door_taken"):
        await bank.deposit(anna, door="01")
    for row in store.reads.all("SELECT door FROM doors WHERE bank=?", BANK):
        await bank.show(row["door"], lock="jammed")
    assert locker_serving.spots(store.reads, clock.now)[BANK].why == "full"
    with pytest.raises(Refusal, match="locker_full"):
        await bank.deposit(anna)

"""Low batteries, lights, late rides, docks, zones, and the deposit's ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge.domain.carts import care as cart_care
from edge.domain.carts import decisions as carts
from edge.domain.carts import needs as cart_needs
from edge.domain.carts.queries import spots
from edge.domain.carts.rules import FIND_PAUSE_MS, CartRules
from edge.domain.devices import decisions as devices
from edge.domain.devices.facts import DeviceEnrolled
from edge.errors import Refusal
from tests.callers import by
from tests.domain.conftest import SetClock, join
from tests.domain.test_carts import end, row, take

if TYPE_CHECKING:
    from edge.journal.journal import Journal

HOUR_MS = 3_600_000


def facts(store: Journal, *words: str) -> list[str]:
    return [entry.type for entry in store.after(0, 1000) if any(word in entry.type for word in words)]


async def tend(store: Journal) -> None:
    await store.write(cart_care.on_tick)


async def test_a_low_battery_is_said_once_until_it_was_charged(store: Journal) -> None:
    for charge in (0.5, 0.14, 0.13, 0.16, 0.12, None, 0.24, 0.1):
        await store.write(cart_care.on_charge, cart="cart-01", charge=charge)
    assert facts(store, "battery") == ["cart.battery_low.v1"]
    assert [need.kind for need in cart_needs.care_needs(store.reads, 0)] == ["cart_low"]
    await store.write(cart_care.on_charge, cart="cart-01", charge=0.9)
    await store.write(cart_care.on_charge, cart="cart-99", charge=0.01)
    assert facts(store, "battery") == ["cart.battery_low.v1", "cart.battery_good.v1"]
    assert cart_needs.care_needs(store.reads, 0) == []


@pytest.mark.parametrize("low", [0.0, 0.03])
async def test_a_dead_battery_is_told_of_and_over_whatever_counts_as_low(store: Journal, low: float) -> None:
    await store.write(cart_care.agree, CartRules(low=low))
    await store.write(cart_care.on_charge, cart="cart-01", charge=0.04)
    assert [need.kind for need in cart_needs.care_needs(store.reads, 0)] == ["cart_dead"]
    assert spots(store.reads)["cart-01"].why == "dead"
    await store.write(cart_care.on_charge, cart="cart-01", charge=1.0)
    assert cart_needs.care_needs(store.reads, 0) == []
    assert spots(store.reads)["cart-01"].why is None


async def test_a_cart_that_the_store_has_no_more_wants_no_charging(store: Journal) -> None:
    for cart in ("cart-01", "cart-02"):
        await store.write(cart_care.on_charge, cart=cart, charge=0.1)
    await store.write(carts.stock, ["cart-02", "cart-03"])
    assert [need.device for need in cart_needs.care_needs(store.reads, 0)] == ["cart-02"]


async def test_a_cart_blinks_and_is_not_asked_twice_in_a_moment(store: Journal, clock: SetClock) -> None:
    assert await store.write(cart_care.find, cart="cart-01", caller=by("anna"))
    assert not await store.write(cart_care.find, cart="cart-01", caller=by("ben"))
    clock.now -= 30 * HOUR_MS
    assert await store.write(cart_care.find, cart="cart-01", caller=by("anna")), "the clock was set back"
    clock.now += FIND_PAUSE_MS
    assert await store.write(cart_care.find, cart="cart-01", caller=by("ben"), seconds=3)
    entries = [entry for entry in store.after(0, 1000) if entry.type == "cart.find_asked.v1"]
    order = store.nouns.decode(entries[-1].body)
    made = cart_care.find_command(entries[-1], order)
    assert (made.device, made.verb, made.args) == ("cart-01", "find", {"seconds": 3})
    with pytest.raises(Refusal, match="cart_unknown"):
        await store.write(cart_care.find, cart="cart-99", caller=by("anna"))
    await store.write(devices.on_presence, device="cart-02", online=False)
    with pytest.raises(Refusal, match="cart_away"):
        await store.write(cart_care.find, cart="cart-02", caller=by("anna"))


async def test_a_light_does_not_overtake_a_lock(store: Journal) -> None:
    anna = await store.write(join, 1)
    grant = await take(store, "cart-01", anna, "r1")
    await store.write(cart_care.find, cart="cart-01", caller=by(anna))
    fact = next(store.nouns.decode(e.body) for e in store.after(0, 1000) if e.type == "cart.find_asked.v1")
    assert fact.fence == grant.fence  # type: ignore[attr-defined]


async def test_a_ride_that_takes_too_long_is_said_once(store: Journal, clock: SetClock) -> None:
    anna = await store.write(join, 1)
    await end(store, await take(store, "cart-01", anna, "r1"), "done")
    clock.now += 4 * HOUR_MS
    await tend(store)
    assert facts(store, "too_long") == []
    clock.now += 1
    await tend(store)
    await tend(store)
    assert facts(store, "too_long") == ["cart.too_long_away.v1"]
    needs = cart_needs.care_needs(store.reads, clock.now)
    assert [(need.kind, need.action) for need in needs] == [("cart_late", "release_cart")]
    assert await store.write(carts.release, cart="cart-01", staff="li", reason="found outside")
    assert cart_needs.care_needs(store.reads, clock.now) == []


async def test_staff_releases_a_cart_for_a_reason(store: Journal) -> None:
    anna = await store.write(join, 1)
    assert not await store.write(carts.release, cart="cart-01", staff="li", reason="lost")
    grant = await take(store, "cart-01", anna, "r1")
    assert not await store.write(carts.release, cart="cart-01", staff="li", reason="lost"), "it is still being asked"
    await end(store, grant, "done")
    with pytest.raises(Refusal, match="bad_request"):
        await store.write(carts.release, cart="cart-01", staff="li", reason=" ")
    assert await store.write(carts.release, cart="cart-01", staff="li", reason="lost")
    assert (await row(store))["member"] is None
    assert (await take(store, "cart-02", anna, "r2")).cart == "cart-02"
    with pytest.raises(Refusal, match="cart_unknown"):
        await store.write(carts.release, cart="cart-99", staff="li", reason="lost")


async def test_a_ride_is_released_where_it_is_the_one_that_staff_saw(store: Journal) -> None:
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    await end(store, seen := await take(store, "cart-01", anna, "r1"), "done")
    assert await store.write(carts.release, cart="cart-01", staff="li", reason="lost", shown=seen.id)
    with pytest.raises(Refusal, match="page_outdated"):
        await store.write(carts.release, cart="cart-01", staff="li", reason="lost", shown=seen.id)
    await end(store, await take(store, "cart-01", ben, "r2"), "done")
    with pytest.raises(Refusal, match="page_outdated"):
        await store.write(carts.release, cart="cart-01", staff="li", reason="lost", shown=seen.id)
    assert (await row(store))["member"] == ben


async def test_a_deposit_is_held_with_the_ride_and_given_back_with_its_end(store: Journal) -> None:
    await store.write(cart_care.agree, CartRules(deposit=1000))
    await store.write(cart_care.agree, CartRules(deposit=1000))
    anna = await store.write(join, 1)
    await end(store, await take(store, "cart-01", anna, "r1"), "done")
    await tend(store)
    again = await take(store, "cart-01", anna, "r2")
    await tend(store)
    await end(store, again, "done")
    await tend(store)
    assert facts(store, "deposit") == ["cart.deposit_held.v1"], "a second unlock is the same ride"
    await store.write(carts.on_state, cart="cart-01", lock="unlocked", docked=False)
    await store.write(carts.on_state, cart="cart-01", lock="locked", docked=True)
    await tend(store)
    await tend(store)
    assert facts(store, "deposit") == ["cart.deposit_held.v1", "cart.deposit_returned.v1"]
    assert facts(store, "cart.rules") == ["cart.rules_set.v1"]


async def test_without_a_deposit_there_is_no_ledger(store: Journal) -> None:
    anna = await store.write(join, 1)
    await end(store, await take(store, "cart-01", anna, "r1"), "done")
    await tend(store)
    assert facts(store, "deposit") == []


async def test_another_dock_is_as_good(store: Journal) -> None:
    for dock in ("dock-1", "dock-1", "dock-2"):
        await store.write(cart_care.on_event, device="cart-01", event="docked", data={"dock": dock})
    assert facts(store, "dock_seen") == ["cart.dock_seen.v1"] * 2
    await store.write(cart_care.on_event, device="cart-01", event="docked", data={})
    assert store.reads.one("SELECT dock FROM cart_care WHERE cart='cart-01'")["dock"] == "dock-2"


async def test_the_beacons_say_where_a_cart_is(store: Journal) -> None:
    names = {"zh-CN": "信标", "en": "beacon"}
    beacon = DeviceEnrolled(device="beacon-1", kind="beacon", zone="baby", label=names, at=(1.0, 1.0))
    await store.write(lambda tx: tx.emit(beacon))
    for device, data in (
        ("cart-01", {"zone": "baby"}),
        ("cart-01", {"zone": "baby"}),
        ("beacon-1", {"cart": "cart-01", "zone": "entrance"}),
        ("cart-02", {"cart": "cart-01", "zone": "baby"}),
        ("screen-baby", {"cart": "cart-01", "zone": "baby"}),
        ("cart-01", {"zone": "moon"}),
        ("cart-01", {"zone": 7}),
        ("cart-99", {"zone": "baby"}),
    ):
        await store.write(cart_care.on_event, device=device, event="zone_changed", data=data)
    assert facts(store, "zone_seen") == ["cart.zone_seen.v1"] * 2
    seen = {row["cart"]: row["zone"] for row in store.reads.all("SELECT cart, zone FROM cart_care")}
    assert seen == {"cart-01": "entrance"}, "a cart or a screen does not speak for another"

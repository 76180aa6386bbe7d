"""Who gets a cart, and what becomes of a grant."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from edge.domain.callers import Few, Proof
from edge.domain.carts import decisions as carts
from edge.domain.carts import queries as cart_queries
from edge.domain.carts.decisions import Grant
from edge.domain.carts.rules import AGAIN_MS, LATE_MS, REST_MS, RIDE_MS, WAIT_S
from edge.domain.devices import decisions as devices
from edge.domain.members.rules import NEW_MS
from edge.errors import Refusal
from tests.callers import by, member_of
from tests.domain.conftest import SetClock, join

if TYPE_CHECKING:
    from edge.journal.journal import Journal


def facts(store: Journal) -> list[str]:
    """The types of all that happened after the store was furnished."""
    return [
        entry.type for entry in store.after(0, 1000) if entry.type.startswith("cart.") and entry.type != "cart.added.v1"
    ]


async def take(store: Journal, cart: str, member: str, request: str) -> Grant:
    return await store.write(carts.unlock, cart=cart, caller=by(member), touchpoint=cart, request=request)


async def end(store: Journal, grant: Grant, outcome: str, reason: str | None = None) -> None:
    await store.write(carts.settle, grant.id, outcome, reason, "lock")


async def row(store: Journal, cart: str = "cart-01") -> dict[str, object]:
    return dict(store.reads.one("SELECT * FROM carts WHERE cart=?", cart))


async def test_a_visit_from_dock_to_dock(store: Journal) -> None:
    anna = await store.write(join, 1)
    grant = await take(store, "cart-01", anna, "r1")
    assert (await row(store))["state"] == "granted"
    await end(store, grant, "done")
    assert (await row(store))["member"] == anna
    await store.write(carts.on_state, cart="cart-01", lock="unlocked", docked=True)
    await store.write(carts.on_state, cart="cart-01", lock="unlocked", docked=False)
    assert (await row(store))["state"] == "out"
    await store.write(carts.on_state, cart="cart-01", lock="locked", docked=True)
    assert (await row(store))["state"] == "docked"
    assert facts(store)[-1] == "cart.returned.v1"


async def test_the_same_request_gets_the_same_grant_and_one_fact(store: Journal) -> None:
    anna = await store.write(join, 1)
    grants = await asyncio.gather(*(take(store, "cart-01", anna, "r1") for _ in range(10)))
    assert len({grant.id for grant in grants}) == 1
    assert facts(store) == ["cart.unlock_granted.v1"]
    await end(store, grants[0], "done")
    assert (await take(store, "cart-01", anna, "r1")).id == grants[0].id, "also after the end"


async def test_a_request_id_is_its_sender_s_own(store: Journal) -> None:
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    await take(store, "cart-01", anna, "r1")
    with pytest.raises(Refusal, match="bad_request"):
        await take(store, "cart-02", ben, "r1")
    with pytest.raises(Refusal, match="bad_request"):
        await take(store, "cart-02", anna, "r1")


async def test_two_shoppers_in_the_same_millisecond_one_cart(store: Journal) -> None:
    people = [await store.write(join, number) for number in range(20)]
    results = await asyncio.gather(
        *(take(store, "cart-01", person, f"r-{person}") for person in people), return_exceptions=True
    )
    assert sum(isinstance(result, Grant) for result in results) == 1
    assert {result.code for result in results if isinstance(result, Refusal)} == {"cart_busy"}


async def test_one_cart_a_member(store: Journal) -> None:
    anna = await store.write(join, 1)
    results = await asyncio.gather(
        *(take(store, f"cart-{number:02}", anna, f"r{number}") for number in (1, 2, 3)), return_exceptions=True
    )
    assert sum(isinstance(result, Grant) for result in results) == 1
    refused = [result for result in results if isinstance(result, Refusal)]
    assert {result.code for result in refused} == {"already_has_cart"}
    assert {result.details["cart"] for result in refused} == {"cart-01"}


@pytest.mark.parametrize(
    ("cart", "member", "code"),
    [("cart-99", member_of(1), "cart_unknown"), ("cart-01", "nobody", "not_registered")],
)
async def test_refusals_have_codes(store: Journal, cart: str, member: str, code: str) -> None:
    await store.write(join, 1)
    with pytest.raises(Refusal) as refused:
        await take(store, cart, member, "r1")
    assert refused.value.code == code
    assert facts(store) == []


async def test_a_cart_that_is_away_is_refused_at_once(store: Journal) -> None:
    anna = await store.write(join, 1)
    await store.write(devices.on_presence, device="cart-01", online=False)
    with pytest.raises(Refusal, match="cart_away"):
        await take(store, "cart-01", anna, "r1")


async def test_a_sensor_never_vetoes(store: Journal) -> None:
    anna = await store.write(join, 1)
    await store.write(carts.on_state, cart="cart-01", lock="jammed", docked=False)
    assert (await take(store, "cart-01", anna, "r1")).cart == "cart-01"


async def test_a_failed_unlock_leaves_cart_and_shopper_free(store: Journal) -> None:
    anna = await store.write(join, 1)
    await end(store, await take(store, "cart-01", anna, "r1"), "failed", "jammed")
    assert (await row(store))["member"] is None
    await end(store, await take(store, "cart-01", anna, "r2"), "done")
    assert (await row(store))["member"] == anna


async def test_a_late_done_is_put_down_to_its_grant(store: Journal) -> None:
    anna = await store.write(join, 1)
    grant = await take(store, "cart-01", anna, "r1")
    await end(store, grant, "lapsed", "no_reply")
    await end(store, grant, "done")
    assert (await row(store))["member"] == anna
    await end(store, grant, "done")
    assert facts(store).count("cart.unlocked.v1") == 1


async def test_a_late_done_does_not_give_a_second_cart(store: Journal) -> None:
    anna = await store.write(join, 1)
    late = await take(store, "cart-01", anna, "r1")
    await end(store, late, "lapsed", "no_reply")
    await end(store, await take(store, "cart-02", anna, "r2"), "done")
    await end(store, late, "done")
    assert (await row(store, "cart-01"))["state"] == "docked"
    assert (await row(store, "cart-02"))["member"] == anna


async def test_a_lock_seen_open_after_silence_counts(store: Journal, clock: SetClock) -> None:
    anna = await store.write(join, 1)
    await end(store, await take(store, "cart-01", anna, "r1"), "lapsed", "no_reply")
    await store.write(carts.on_state, cart="cart-01", lock="unlocked", docked=True)
    assert (await row(store))["member"] == anna
    # But not for ever: much later the lock was opened by something else.
    ben = await store.write(join, 2)
    await end(store, await take(store, "cart-02", ben, "r2"), "lapsed", "no_reply")
    clock.now += LATE_MS + 1
    await store.write(carts.on_state, cart="cart-02", lock="unlocked", docked=True)
    assert (await row(store, "cart-02"))["member"] is None


async def test_a_lock_seen_open_before_silence_counts(store: Journal) -> None:
    anna = await store.write(join, 1)
    grant = await take(store, "cart-01", anna, "r1")
    await store.write(carts.on_state, cart="cart-01", lock="unlocked", docked=False)
    await end(store, grant, "lapsed", "no_reply")
    assert (await row(store))["state"] == "out"
    assert facts(store)[-1] == "cart.unlocked.v1"


async def test_out_and_back_before_the_word_came(store: Journal) -> None:
    anna = await store.write(join, 1)
    grant = await take(store, "cart-01", anna, "r1")
    await store.write(carts.on_state, cart="cart-01", lock="unlocked", docked=False)
    await store.write(carts.on_state, cart="cart-01", lock="locked", docked=True)
    await end(store, grant, "done")
    assert (await row(store))["state"] == "docked"
    assert facts(store)[-2:] == ["cart.unlocked.v1", "cart.returned.v1"]


async def test_what_a_crash_left_open_lapses_and_is_not_carried_out(store: Journal) -> None:
    anna = await store.write(join, 1)
    await take(store, "cart-01", anna, "r1")
    assert await store.write(carts.lapse_all) == 1
    assert (await row(store))["member"] is None
    assert facts(store)[-1] == "cart.unlock_lapsed.v1"
    assert await store.write(carts.lapse_all) == 0


async def test_what_was_granted_for_a_cart_that_went_ends_too(store: Journal) -> None:
    """Settings without the cart come into force with the restart after a crash."""
    anna = await store.write(join, 1)
    grant = await take(store, "cart-01", anna, "r1")
    assert [each.thing for each in cart_queries.in_use(store.reads)] == ["cart-01"]
    await store.write(carts.stock, ["cart-02", "cart-03"])
    assert await store.write(carts.lapse_all) == 1
    assert cart_queries.in_use(store.reads) == [], "an update would wait for ever"
    found = cart_queries.progress(store.reads, grant.id)
    assert found is not None
    assert found.stage == "failed"
    await end(store, grant, "done")
    assert cart_queries.held_by(store.reads, anna) is None


async def test_a_second_unlock_of_one_s_own_cart_that_fails_leaves_it_out(store: Journal) -> None:
    anna = await store.write(join, 1)
    await end(store, await take(store, "cart-01", anna, "r1"), "done")
    again = await take(store, "cart-01", anna, "r2")
    await end(store, again, "failed", "jammed")
    assert (await row(store))["member"] == anna
    assert (await row(store))["state"] == "out"


async def test_fences_rise_even_over_a_lost_journal(store: Journal, clock: SetClock) -> None:
    anna = await store.write(join, 1)
    fences = []
    for number in range(5):
        grant = await take(store, "cart-01", anna, f"r{number}")
        await end(store, grant, "failed", "jammed")
        fences.append(grant.fence)
    assert fences == sorted(set(fences))
    assert fences[0] >= clock.now // 1000


async def test_a_member_has_no_cart_that_was_removed(store: Journal) -> None:
    anna = await store.write(join, 1)
    await end(store, await take(store, "cart-01", anna, "r1"), "done")
    await store.write(carts.stock, ["cart-02", "cart-03"])
    assert (await take(store, "cart-02", anna, "r2")).cart == "cart-02"


async def test_a_ride_that_nobody_saw_ends_with_the_event(store: Journal, clock: SetClock) -> None:
    anna = await store.write(join, 1)
    await store.write(carts.on_state, cart="cart-01", lock="locked", docked=True)
    await end(store, await take(store, "cart-01", anna, "r1"), "done")
    # The broker was away while the cart left and came back: the sensors show what they showed before.
    assert not await store.write(carts.on_state, cart="cart-01", lock="locked", docked=True)
    await store.write(carts.on_event, cart="cart-01", event="undocked")
    assert (await row(store))["state"] == "out"
    await store.write(carts.on_event, cart="cart-01", event="docked")
    assert (await row(store))["state"] == "out", "that was the ride before: nobody is that fast"
    clock.now += RIDE_MS
    await store.write(carts.on_event, cart="cart-01", event="docked")
    assert (await row(store))["state"] == "docked"
    await store.write(carts.on_event, cart="cart-01", event="docked")
    assert facts(store)[-2:] == ["cart.unlocked.v1", "cart.returned.v1"]


async def test_a_ride_that_even_the_device_missed_ends_when_it_starts_anew(store: Journal, clock: SetClock) -> None:
    anna = await store.write(join, 1)
    await store.write(carts.on_state, cart="cart-01", lock="locked", docked=True)
    await end(store, await take(store, "cart-01", anna, "r1"), "done")
    assert not await store.write(carts.on_state, cart="cart-01", lock="locked", docked=True)
    clock.now += 60_000
    await store.write(devices.on_presence, device="cart-01", online=True, boot="b2")
    assert await store.write(carts.on_state, cart="cart-01", lock="locked", docked=True)
    assert (await row(store))["state"] == "docked"
    assert facts(store)[-1] == "cart.returned.v1"


async def test_an_old_event_does_not_end_a_new_ride(store: Journal) -> None:
    anna = await store.write(join, 1)
    await end(store, await take(store, "cart-01", anna, "r1"), "done")
    await store.write(carts.on_state, cart="cart-01", lock="unlocked", docked=True)
    await store.write(carts.on_event, cart="cart-01", event="docked")
    assert (await row(store))["state"] == "out"


async def test_a_cart_out_of_order_is_not_given(store: Journal) -> None:
    anna = await store.write(join, 1)
    await store.write(devices.take_out, device="cart-01", reason="wheel", by="li")
    with pytest.raises(Refusal, match="cart_away"):
        await take(store, "cart-01", anna, "r1")
    await store.write(devices.put_back, device="cart-01", by="li")
    assert (await take(store, "cart-01", anna, "r1")).cart == "cart-01"


async def test_a_cart_that_rests_in_its_dock_is_back_also_when_nobody_saw_it_go(
    store: Journal, clock: SetClock
) -> None:
    anna = await store.write(join, 1)
    await store.write(carts.on_state, cart="cart-01", lock="locked", docked=True)
    await end(store, await take(store, "cart-01", anna, "r1"), "done")
    clock.now += REST_MS
    await store.write(carts.on_tick)
    assert (await row(store))["state"] == "out"
    await store.write(devices.on_presence, device="cart-01", online=False)
    clock.now += 1
    await store.write(carts.on_tick)
    assert (await row(store))["state"] == "out", "what a silent dock said last may be long past"
    await store.write(devices.on_presence, device="cart-01", online=True, boot="b1")
    await store.write(carts.on_tick)
    assert (await row(store))["state"] == "docked"
    await take(store, "cart-02", anna, "r2")


async def test_a_cart_on_its_way_is_not_called_back(store: Journal, clock: SetClock) -> None:
    anna = await store.write(join, 1)
    await end(store, await take(store, "cart-01", anna, "r1"), "done")
    await store.write(carts.on_state, cart="cart-01", lock="unlocked", docked=False)
    clock.now += 100 * REST_MS
    await store.write(carts.on_tick)
    assert (await row(store))["state"] == "out"


async def ask(store: Journal, number: int, few: Few, proof: Proof = Proof.DEVICE) -> Grant:
    """A person of its own for each cart."""
    member = await store.write(join, number)
    return await store.write(
        carts.unlock,
        cart=f"cart-{number:02}",
        caller=by(member, proof),
        touchpoint="cart-01",
        request=f"few-{number}",
        few=few,
    )


async def test_unlocked_carts_that_nobody_pulls_out_bound_those_who_ask(store: Journal) -> None:
    few = Few(waiting=1)
    for number in (1, 2, 3):
        await store.write(carts.on_state, cart=f"cart-{number:02}", lock="locked", docked=True)
    grant = await ask(store, 1, few)
    await end(store, grant, "done")
    with pytest.raises(Refusal, match="carts_waiting") as refused:
        await ask(store, 2, few)
    assert refused.value.details["seconds"] == WAIT_S
    verified = await ask(store, 3, few, Proof.VERIFIED)
    await end(store, verified, "failed")
    await store.write(carts.on_state, cart="cart-01", lock="unlocked", docked=False)
    await ask(store, 2, few)


async def test_without_a_bound_carts_that_wait_are_not_looked_at(store: Journal) -> None:
    for number in (1, 2, 3):
        await store.write(carts.on_state, cart=f"cart-{number:02}", lock="locked", docked=True)
    steps: list[int] = []
    store._connection.set_progress_handler(lambda: steps.append(0), 1)  # each step of SQLite's machine
    counts = []
    for number in (1, 2, 3):
        begun = len(steps)
        grant = await ask(store, number, Few(waiting=None))
        counts.append(len(steps) - begun)
        await end(store, grant, "done")
    store._connection.set_progress_handler(None, 0)
    assert counts[1] == counts[2]


async def test_new_people_leave_some_carts_to_others(store: Journal, clock: SetClock) -> None:
    few = Few(waiting=100, new=1)
    await ask(store, 1, few)
    with pytest.raises(Refusal, match="kept_for_others"):
        await ask(store, 2, few)
    clock.now += NEW_MS + 1
    await ask(store, 2, few)


async def test_one_more_question_for_a_cart_that_was_just_unlocked_joins(store: Journal, clock: SetClock) -> None:
    anna = await store.write(join, 1)
    grant = await take(store, "cart-01", anna, "r1")
    await end(store, grant, "done")
    clock.now += AGAIN_MS - 1
    assert (await take(store, "cart-01", anna, "r2")).id == grant.id
    clock.now += 1
    again = await take(store, "cart-01", anna, "r3")
    assert again.id != grant.id, "it may have locked again meanwhile"
    await end(store, again, "done")
    clock.now -= 30 * 3_600_000
    assert (await take(store, "cart-01", anna, "r4")).id != again.id, "the clock was set back"

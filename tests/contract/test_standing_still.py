"""Contract, rule 9: a command that stood still on its way. Devices of 1.0 know none of it and go on working."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.contract.conftest import Cart

FAR = 10**9
PATIENCE_S = 90.0
"""More than the pause between two heartbeats, on a busy machine."""


def knows(cart: Cart) -> bool:
    return "up_ms" in cart.online()["capabilities"]


@pytest.fixture
def newer(cart: Cart) -> Cart:
    if not knows(cart):
        pytest.skip("a device of contract 1.0")
    return cart


def up_ms(cart: Cart) -> int:
    """What the device says now."""
    return int(cart.gateway.call("identify")["up_ms"])


def test_what_says_how_long_the_device_is_up_rises(newer: Cart) -> None:
    gateway, first = newer.gateway, up_ms(newer)
    since = len(gateway.heard)
    gateway.call("unlock")
    # A bolt that was open before changes nothing: then the next heartbeat says it.
    state = gateway.wait("state", lambda body: body["lock"] == "unlocked", since=since, patience=PATIENCE_S).body
    event = gateway.wait("event", since=since).body
    assert 0 <= newer.online()["up_ms"] <= first <= state["up_ms"]
    assert first <= event["up_ms"]
    assert state["up_ms"] - first < 3 * PATIENCE_S * 1000, "milliseconds"


def test_an_event_that_is_sent_again_says_when_it_is_sent_again(newer: Cart) -> None:
    gateway = newer.gateway
    since = len(gateway.heard)
    for verb in ("lock", "unlock"):  # one of the two moves the bolt
        gateway.call(verb)
    first = gateway.wait("event", since=since).body
    again = gateway.wait("event", lambda body: _is_later(body, first), since=since, patience=PATIENCE_S).body
    assert {**again, "up_ms": 0} == {**first, "up_ms": 0}


def _is_later(body: dict[str, Any], first: dict[str, Any]) -> bool:
    return bool((body["boot"], body["seq"]) == (first["boot"], first["seq"]) and body["up_ms"] > first["up_ms"])


def test_in_time_it_is_carried_out(cart: Cart) -> None:
    moves = cart.program.moves()
    bound = up_ms(cart) + 60_000 if knows(cart) else 0
    assert cart.gateway.call("unlock", boot=cart.boot, not_after_up_ms=bound)["outcome"] == "done"
    assert cart.program.moves() == moves + 1


@pytest.mark.parametrize("given", [{"boot": "another"}, {"not_after_up_ms": 0}, {"not_after_up_ms": -5}])
def test_another_boot_or_a_time_that_is_over_has_expired(newer: Cart, given: dict[str, Any]) -> None:
    moves = newer.program.moves()
    told = {"boot": newer.boot, "not_after_up_ms": FAR, **given}
    id_, fence = str(uuid.uuid4()), next(newer.gateway.fences)
    assert newer.gateway.call("unlock", id=id_, fence=fence, **told)["outcome"] == "expired"
    again = newer.gateway.call("unlock", id=id_, fence=fence)
    assert (again["outcome"], again["repeated"]) == ("expired", True), "and it stays so"
    assert newer.program.moves() == moves
    assert newer.gateway.call("unlock")["outcome"] == "done"


def test_the_fence_comes_before_the_time_and_the_time_before_the_arguments(newer: Cart) -> None:
    gateway = newer.gateway
    fence = next(gateway.fences)
    assert gateway.call("identify", fence=fence)["outcome"] == "done"
    stale = gateway.call("unlock", fence=fence - 1, boot="another", not_after_up_ms=0)
    assert (stale["outcome"], stale["reason"]) == ("refused", "stale_fence")
    assert gateway.call("explode", boot="another", not_after_up_ms=0)["outcome"] == "expired"


def test_a_noted_id_comes_before_everything(newer: Cart) -> None:
    id_, fence = str(uuid.uuid4()), next(newer.gateway.fences)
    assert newer.gateway.call("unlock", id=id_, fence=fence)["outcome"] == "done"
    again = newer.gateway.call("unlock", id=id_, fence=0, boot="another", not_after_up_ms=0)
    assert (again["outcome"], again["repeated"]) == ("done", True)


def test_a_command_of_before_a_restart_opens_nothing_after_it(own_cart: Cart) -> None:
    own_cart.program.start()
    boot, gateway = own_cart.boot, own_cart.gateway
    if not knows(own_cart):
        pytest.skip("a device of contract 1.0")
    own_cart.restart()
    moves = own_cart.program.moves()
    assert gateway.call("unlock", boot=boot, not_after_up_ms=FAR)["outcome"] == "expired"
    assert own_cart.program.moves() == moves


def test_numbers_out_of_range_are_dropped_and_the_reader_goes_on(cart: Cart) -> None:
    gateway, moves = cart.gateway, cart.program.moves()
    since = len(gateway.heard)
    for fence in (2**53, 2**63, 2**64 - 1, 10**30, -1):
        gateway.send("unlock", fence=fence)
    gateway.settle()
    assert cart.program.moves() == moves
    assert not [
        heard for heard in gateway.heard[since:] if heard.channel == "reply" and heard.body["outcome"] == "done"
    ][1:]

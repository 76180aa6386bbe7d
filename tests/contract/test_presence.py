"""Contract: presence, state, what is retained, and coming back."""

from __future__ import annotations

import os
import re
import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.contract.conftest import PATIENCE_S, Gateway, Program

if TYPE_CHECKING:
    from pathlib import Path

    from edge.bus.brokers import Broker
    from tests.contract.conftest import Cart

RFC3339 = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


def test_status_says_who_it_is(cart: Cart) -> None:
    status = cart.online()
    assert status["kind"] == "cart"
    assert status["contract"] == 1
    assert status["boot"]
    assert {"unlock", "find"} <= set(status["capabilities"])


def test_state_is_what_is_observed_now(cart: Cart) -> None:
    state = cart.gateway.wait("state").body
    assert state["boot"] == cart.boot
    assert RFC3339.match(state["at"])
    assert state["lock"] in ("locked", "unlocked")
    assert state["docked"] is True
    assert 0 <= state.get("battery", 0) <= 1, "a dock on the mains has none"


def test_somebody_who_comes_later_finds_status_and_state_but_no_reply_and_no_event(cart: Cart, broker: Broker) -> None:
    since = len(cart.gateway.heard)
    assert cart.gateway.call("unlock")["outcome"] == "done"
    cart.gateway.wait("event", since=since)
    cart.gateway.wait("state", lambda body: body["lock"] == "unlocked", since=since)  # what comes later is not live
    with Gateway(broker.url, cart.gateway.device) as late:
        assert late.wait("status").retained
        assert late.wait("state").retained
        cart.gateway.settle()
        assert not [heard for heard in late.heard if heard.retained and heard.channel in ("reply", "event")]


def test_a_device_that_vanishes_is_offline_by_its_will(own_cart: Cart, broker: Broker) -> None:
    own_cart.program.start()
    own_cart.online()
    own_cart.program.kill()
    own_cart.gateway.wait("status", lambda body: body == {"online": False})
    with Gateway(broker.url, own_cart.gateway.device) as late:
        heard = late.wait("status")
        assert (heard.body, heard.retained) == ({"online": False}, True)


def test_a_device_that_is_stopped_says_goodbye(own_cart: Cart) -> None:
    own_cart.program.start()
    own_cart.online()
    since = len(own_cart.gateway.heard)
    own_cart.program.end(signal.SIGTERM)
    own_cart.gateway.wait("status", lambda body: body == {"online": False}, since=since)


def test_each_boot_has_another_name(own_cart: Cart) -> None:
    own_cart.program.start()
    first = own_cart.boot
    second, _ = own_cart.restart()
    assert second != first


def test_it_waits_for_a_broker_that_is_not_there_yet(kind: str, own_broker: Broker, tmp_path: Path) -> None:
    own_broker.stop()
    program = Program(kind, own_broker.url, "cart-early", tmp_path / "cart")
    program.start()
    try:
        time.sleep(0.5)  # long enough to have been refused at least once
        own_broker.start()
        with Gateway(own_broker.url, "cart-early") as gateway:
            gateway.wait("status", lambda body: body["online"] is True)
            assert gateway.call("unlock")["outcome"] == "done"
    finally:
        program.kill()


def test_after_the_broker_died_it_states_again_what_is_so(kind: str, own_broker: Broker, tmp_path: Path) -> None:
    """Neither broker keeps retained messages over a kill, so the device has to say everything again."""
    program = Program(kind, own_broker.url, "cart-back", tmp_path / "cart")
    program.start()
    try:
        with Gateway(own_broker.url, "cart-back") as gateway:
            gateway.wait("status", lambda body: body["online"] is True)
            assert gateway.call("unlock")["outcome"] == "done"
            event = gateway.wait("event").body
            gateway.wait("state", lambda body: body["lock"] == "unlocked")
        assert own_broker.pid
        os.kill(own_broker.pid, signal.SIGKILL)
        own_broker.stop()
        own_broker.start()
        with Gateway(own_broker.url, "cart-back") as gateway:
            assert gateway.wait("status", lambda body: body["online"] is True, patience=PATIENCE_S).body["boot"]
            assert gateway.wait("state").body["lock"] == "unlocked"
            assert {**gateway.wait("event").body, "up_ms": 0} == {**event, "up_ms": 0}, "it was never acknowledged"
            assert gateway.call("lock")["outcome"] == "done"
    finally:
        program.kill()


@pytest.mark.parametrize("kind", ["ours", "independent"])
class TestAccess:
    """Rule 5, on the broker that has topic rights."""

    def test_a_device_with_its_password_works(
        self, kind: str, guarded: Broker, credentials: dict[str, str], tmp_path: Path
    ) -> None:
        program = Program(kind, guarded.url, "cart-01", tmp_path / "cart", credentials["cart-01"])
        program.start()
        try:
            with Gateway(guarded.url, "cart-01", "gateway", credentials["gateway"]) as gateway:
                gateway.wait("status", lambda body: body["online"] is True)
                assert gateway.call("unlock")["outcome"] == "done"
                gateway.wait("state", lambda body: body["lock"] == "unlocked")
                gateway.wait("event")
        finally:
            program.kill()

    def test_a_wrong_password_never_gets_on_the_bus(
        self, kind: str, guarded: Broker, credentials: dict[str, str], tmp_path: Path
    ) -> None:
        with Gateway(guarded.url, "cart-02", "gateway", credentials["gateway"]) as gateway:
            wrong = Program(kind, guarded.url, "cart-02", tmp_path / "wrong", "not the word")
            right = Program(kind, guarded.url, "cart-02", tmp_path / "right", credentials["cart-02"])
            wrong.start()
            try:
                with pytest.raises(AssertionError, match="nothing fitting"):
                    gateway.wait("status", lambda body: body["online"] is True, patience=1.0)
                right.start()
                gateway.wait("status", lambda body: body["online"] is True)
            finally:
                wrong.kill()
                right.kill()


@pytest.mark.parametrize("channel", ["status", "state", "event", "reply", "applied", "command"])
def test_a_device_cannot_speak_for_another(channel: str, guarded: Broker, credentials: dict[str, str]) -> None:
    with (
        Gateway(guarded.url, "cart-02", "gateway", credentials["gateway"]) as gateway,
        Gateway(guarded.url, "cart-02", "cart-02", credentials["cart-02"]) as owner,
        Gateway(guarded.url, "cart-02", "cart-01", credentials["cart-01"]) as intruder,
    ):
        intruder.publish(channel, b'{"forged":true}', 1)
        owner.publish("state", b'{"genuine":true}', 1)
        gateway.wait("state", lambda body: "genuine" in body)  # the broker has dealt with the forgery before
        assert not [heard for heard in gateway.heard if heard.payload == b'{"forged":true}']
        intruder.client.publish("sk/s001/cart-01/state", b"{}", 1).wait_for_publish(PATIENCE_S)
        assert not intruder.heard, "nor overhear it"

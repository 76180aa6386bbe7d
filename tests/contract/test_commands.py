"""Contract, rules 1, 2 and 4: commands."""

from __future__ import annotations

import contextlib
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from edge.bus.brokers import Mosquitto

if TYPE_CHECKING:
    from edge.bus.brokers import Broker
    from tests.contract.conftest import Cart, SentQos


def test_unlock_is_done_and_the_state_follows(cart: Cart, sent_qos: SentQos) -> None:
    gateway, since, moves = cart.gateway, len(cart.gateway.heard), cart.program.moves()
    id_ = gateway.send("unlock")
    heard = gateway.wait("reply", lambda body: body["id"] == id_, since=since)
    assert heard.body["outcome"] == "done"
    assert heard.body.get("repeated", False) is False
    assert heard.correlation == uuid.UUID(id_).bytes
    assert sent_qos(heard) in (0, None)
    assert not heard.retained
    assert gateway.wait("state", lambda body: body["lock"] == "unlocked", since=since).body["boot"] == cart.boot
    assert cart.program.moves() == moves + 1


def test_already_when_nothing_has_to_move(cart: Cart) -> None:
    assert cart.gateway.call("unlock")["outcome"] == "done"
    moves = cart.program.moves()
    assert cart.gateway.call("unlock")["outcome"] == "already"
    assert cart.program.moves() == moves


def test_a_command_without_expiry_is_refused(cart: Cart) -> None:
    moves = cart.program.moves()
    reply = cart.gateway.call("unlock", expiry=None)
    assert (reply["outcome"], reply["reason"]) == ("refused", "no_expiry")
    assert cart.program.moves() == moves


def test_a_retained_command_moves_nothing(cart: Cart, broker: Broker) -> None:
    if not isinstance(broker, Mosquitto):
        pytest.skip("rumqttd takes the retained flag off what it forwards, so no device can see it")
    moves = cart.program.moves()
    id_ = cart.gateway.send("unlock", retain=True)
    cart.gateway.settle()
    cart.gateway.publish("command", b"", retain=True)
    replies = [heard.body for heard in cart.gateway.of("reply") if heard.body["id"] == id_]
    # Refused or ignored: rule 1 says the one, rule 3 the other. Carried out it is never.
    assert all(reply["outcome"] == "refused" for reply in replies)
    assert cart.program.moves() == moves


def test_a_retained_command_from_before_the_start_moves_nothing(own_cart: Cart) -> None:
    own_cart.gateway.send("unlock", retain=True)
    own_cart.program.start()
    own_cart.online()
    own_cart.gateway.settle()
    own_cart.gateway.publish("command", b"", retain=True)
    assert own_cart.program.moves() == 0


def test_a_stale_fence_is_refused(cart: Cart) -> None:
    fence = next(cart.gateway.fences)
    assert cart.gateway.call("identify", fence=fence)["outcome"] == "done"
    moves = cart.program.moves()
    reply = cart.gateway.call("unlock", fence=fence - 1)
    assert (reply["outcome"], reply["reason"]) == ("refused", "stale_fence")
    assert cart.gateway.call("unlock", fence=fence)["outcome"] == "done", "the same fence is not stale"
    assert cart.program.moves() == moves + 1


@pytest.mark.parametrize(("verb", "args"), [("explode", {}), ("print", {}), ("unlock", {"door": 7})])
def test_an_unknown_verb_or_bad_args_are_refused(cart: Cart, verb: str, args: dict[str, Any]) -> None:
    moves = cart.program.moves()
    reply = cart.gateway.call(verb, args)
    assert (reply["outcome"], reply["reason"]) == ("refused", "bad_args")
    assert cart.program.moves() == moves


def test_unknown_fields_are_ignored(cart: Cart) -> None:
    assert cart.gateway.call("identify", {"colour": "green"})["outcome"] == "done"


def test_a_repeated_id_gets_the_earlier_reply_and_nothing_moves(cart: Cart) -> None:
    id_, fence = str(uuid.uuid4()), next(cart.gateway.fences)
    first = cart.gateway.call("unlock", id=id_, fence=fence)
    moves = cart.program.moves()
    assert cart.gateway.call("lock")["outcome"] == "done"
    for _ in range(3):
        again = cart.gateway.call("unlock", id=id_, fence=fence)
        assert {**again, "up_ms": 0} == {**first, "repeated": True, "up_ms": 0}
    assert cart.program.moves() == moves + 1, "only the lock in between moved"


def test_a_repeat_while_it_runs_moves_nothing_and_the_reply_follows(own_cart: Cart) -> None:
    own_cart.program.start(late=0.6)
    own_cart.online()
    id_, fence = str(uuid.uuid4()), next(own_cart.gateway.fences)
    for _ in range(3):
        own_cart.gateway.send("unlock", id=id_, fence=fence)
    assert own_cart.gateway.reply(id_)["outcome"] == "done"
    own_cart.gateway.settle()
    assert own_cart.program.moves() == 1


def test_what_waited_longer_than_its_ttl_has_expired(own_cart: Cart) -> None:
    own_cart.program.start(late=1.2)
    own_cart.online()
    gateway = own_cart.gateway
    first = gateway.send("unlock")
    too_late = gateway.send("lock", ttl_ms=1)
    spent_on_the_way = gateway.send("lock", ttl_ms=59_001, expiry=1)
    in_time = gateway.send("lock")
    assert gateway.reply(first)["outcome"] == "done"
    assert gateway.reply(too_late)["outcome"] == "expired"
    assert gateway.reply(spent_on_the_way)["outcome"] == "expired"
    assert gateway.reply(in_time)["outcome"] == "done"
    assert own_cart.program.moves() == 2
    assert gateway.call("lock", id=too_late)["outcome"] == "expired", "and it stays so"


def test_after_a_restart_a_finished_command_keeps_its_reply_and_an_unfinished_one_is_unknown(own_cart: Cart) -> None:
    own_cart.program.start(late=0.3)
    own_cart.online()
    gateway, boot = own_cart.gateway, own_cart.boot
    finished = gateway.send("unlock")
    assert gateway.reply(finished)["outcome"] == "done"
    gateway.settle()  # the reply is on the disk by now, not only on the wire
    own_cart.restart(late=55)
    unfinished, fence = str(uuid.uuid4()), next(gateway.fences)
    gateway.send("unlock", id=unfinished, fence=fence)
    # A command that was noted answers nothing while it runs; a refusal that comes after it says that it was read.
    assert gateway.call("explode")["outcome"] == "refused"
    _wait_until_noted(own_cart, unfinished)
    moves = own_cart.program.moves()
    now, _ = own_cart.restart()
    assert now != boot
    reply = gateway.call("unlock", id=unfinished, fence=fence)
    assert reply["outcome"] == "unknown"
    reply = gateway.call("unlock", id=finished)
    assert (reply["outcome"], reply["repeated"]) == ("done", True)
    assert own_cart.program.moves() == moves
    old = gateway.call("unlock", fence=fence - 1)
    assert (old["outcome"], old["reason"]) == ("refused", "stale_fence"), "the fence survives a restart"


def _wait_until_noted(cart: Cart, id_: str) -> None:
    """The note is on the device's disk before it acts; where, is its own business."""
    deadline = time.monotonic() + 50
    while time.monotonic() < deadline:
        for path in cart.program.folder.iterdir():
            with contextlib.suppress(OSError):  # a folder, or a file that is written anew as one looks
                if path.suffix not in ("", ".new") and id_.encode() in path.read_bytes():
                    return
        time.sleep(0.02)
    raise AssertionError("the id was not noted before the device acted")

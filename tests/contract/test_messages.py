"""Contract: events until they are acknowledged, the desired state, and what is no message at all."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.contract.conftest import Cart, SentQos

RUBBISH = [
    b"",
    b"\x00",
    b"\xff\xfe\xfd",
    b"null",
    b"17",
    b'"unlock"',
    b"[]",
    b"{}",
    b"{",
    b'{"id":1}',
    b'{"id":"x","verb":"unlock","args":[],"fence":"no","ttl_ms":{},"issued_at":0}',
    b'{"revision":"x","sha256":3,"body":{}}',
    b'{"boot":7,"seq":-1}',
    b"[" * 5000,
    b'{"id":"\\ud800"}',
    b"x" * (64 * 1024 + 1),
    b'{"id":"big","pad":"' + b"x" * (64 * 1024 - 20) + b'"}',
]


@pytest.mark.parametrize("channel", ["command", "ack", "desired"])
def test_rubbish_never_stops_the_reader(cart: Cart, channel: str) -> None:
    moves = cart.program.moves()
    for payload in RUBBISH:
        cart.gateway.publish(channel, payload, 0)
    assert cart.gateway.call("unlock")["outcome"] == "done"
    assert cart.program.moves() == moves + 1


def test_a_command_over_64_kib_is_dropped(cart: Cart) -> None:
    moves, since = cart.program.moves(), len(cart.gateway.heard)
    id_ = cart.gateway.send("unlock", {"pad": "x" * (64 * 1024)})
    cart.gateway.settle()
    assert not [heard for heard in cart.gateway.heard[since:] if heard.channel == "reply" and heard.body["id"] == id_]
    assert cart.program.moves() == moves


def test_events_are_numbered_from_one_without_gaps(own_cart: Cart, sent_qos: SentQos) -> None:
    own_cart.program.start()
    own_cart.online()
    for verb in ("unlock", "lock", "unlock"):
        assert own_cart.gateway.call(verb)["outcome"] == "done"
    own_cart.gateway.wait("event", lambda body: body["seq"] == 3)
    events = [heard for heard in own_cart.gateway.of("event") if heard.body["boot"] == own_cart.boot]
    assert sorted({heard.body["seq"] for heard in events}) == [1, 2, 3]
    assert {sent_qos(heard) for heard in events} <= {1, None}
    assert not any(heard.retained for heard in events)


def test_events_come_again_after_a_restart_until_they_are_acknowledged(own_cart: Cart) -> None:
    own_cart.program.start()
    gateway, boot = own_cart.gateway, own_cart.boot
    for verb in ("unlock", "lock", "unlock"):
        assert gateway.call(verb)["outcome"] == "done"
    first = gateway.wait("event", lambda body: body["seq"] == 1).body
    gateway.wait("event", lambda body: body["seq"] == 3)
    gateway.ack(boot, 1)
    gateway.settle()

    _, since = own_cart.restart()
    gateway.wait("event", lambda body: (body["boot"], body["seq"]) == (boot, 3), since=since)
    again = [
        heard.body["seq"] for heard in gateway.heard[since:] if heard.channel == "event" and heard.body["boot"] == boot
    ]
    assert again[:2] == [2, 3], "in order, and without the acknowledged one"
    assert first["boot"] == boot

    gateway.ack(boot, 3)
    gateway.settle()
    _, since = own_cart.restart()
    gateway.call("lock")  # a bolt may stay where it was when the power went
    assert gateway.call("unlock")["outcome"] == "done"
    new = gateway.wait("event", lambda body: body["boot"] != boot, since=since).body
    assert new["seq"] == 1, "each boot counts from one"
    assert not [h for h in gateway.heard[since:] if h.channel == "event" and h.body["boot"] == boot]


def test_an_acknowledgement_of_another_boot_changes_nothing(own_cart: Cart) -> None:
    own_cart.program.start()
    gateway, boot = own_cart.gateway, own_cart.boot
    assert gateway.call("unlock")["outcome"] == "done"
    gateway.wait("event")
    gateway.ack("another-boot", 99)
    gateway.settle()
    _, since = own_cart.restart()
    gateway.wait("event", lambda body: (body["boot"], body["seq"]) == (boot, 1), since=since)


def _desire(cart: Cart, revision: int, body: object, sha256: str | None = None) -> str:
    raw = json.dumps(body, ensure_ascii=False)
    digest = sha256 or hashlib.sha256(raw.encode()).hexdigest()
    message = f'{{"revision":{revision},"sha256":"{digest}","body":{raw}}}'
    cart.gateway.publish("desired", message.encode(), 1, retain=True)
    return digest


def test_the_desired_state_is_taken_and_confirmed_with_its_digest(cart: Cart, sent_qos: SentQos) -> None:
    digest = _desire(cart, 12, {"schema": 1, "title": "鲜汇生活"})
    heard = cart.gateway.wait("applied", lambda body: body["revision"] == 12)
    assert heard.body["sha256"] == digest
    assert sent_qos(heard) in (1, None)


def test_what_cannot_be_applied_says_why(cart: Cart) -> None:
    _desire(cart, 13, {"schema": 99})
    assert cart.gateway.wait("applied", lambda body: body["revision"] == 13).body["error"]


def test_a_body_that_does_not_fit_its_digest_is_not_applied(cart: Cart) -> None:
    _desire(cart, 14, {"schema": 1}, sha256="0" * 64)
    applied = cart.gateway.wait("applied", lambda body: body["revision"] == 14).body
    assert applied["error"]
    assert "sha256" not in applied


def test_a_device_that_was_away_takes_what_is_desired_now(own_cart: Cart) -> None:
    digest = _desire(own_cart, 3, {"schema": 1, "n": 3})
    own_cart.program.start()
    assert own_cart.gateway.wait("applied").body == {"revision": 3, "sha256": digest}

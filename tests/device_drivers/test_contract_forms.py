"""Every form of the contract goes over the wire and comes back; whatever else comes is a body or a `ContractError`."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device_drivers.contract import (
    BODIES,
    EVENT_DATA,
    INSTRUCTIONS,
    MAX_DEPTH,
    BankKeypad,
    Bare,
    Channel,
    Command,
    ContractError,
    CouponWall,
    Event,
    State,
    decode,
    desired_body,
    encode,
    encode_desired,
    event_data,
    instruction,
    salvage,
)
from device_drivers.contract.salvage import members
from device_drivers.contract.wire import too_deep
from tests.device_drivers.contract_values import values
from tests.rounds import rounds

ROUNDS = rounds(20)
PLAIN = [channel for channel in Channel if channel not in (Channel.COMMAND, Channel.EVENT, Channel.DESIRED)]
some = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@pytest.mark.parametrize("channel", PLAIN)
@some
@given(data=st.data())
def test_a_body_comes_back_as_it_was_sent(channel: Channel, data: st.DataObject) -> None:
    body = data.draw(values(BODIES[channel]))
    assert decode(channel, encode(body)) == body


@pytest.mark.parametrize("verb", INSTRUCTIONS)
@some
@given(data=st.data())
def test_an_order_comes_back_as_it_was_given(verb: str, data: st.DataObject) -> None:
    args = data.draw(values(INSTRUCTIONS[verb]))
    command = Command("a", verb, args, 1, 1000, "", "boot", 5)
    assert decode(Channel.COMMAND, encode(command)) == command
    assert instruction(verb, msgspec.to_builtins(args)) == args


@pytest.mark.parametrize("name", EVENT_DATA)
@some
@given(data=st.data())
def test_an_event_comes_back_as_it_happened(name: str, data: st.DataObject) -> None:
    happened = data.draw(values(EVENT_DATA[name]))
    came = decode(Channel.EVENT, encode(Event("b", 1, "", name, happened, 7)))
    assert event_data(came) == happened


@pytest.mark.parametrize(("kind", "form"), [("screen", CouponWall), ("screen", BankKeypad), ("cart", Bare)])
@some
@given(data=st.data())
def test_a_desired_body_comes_back_as_it_was_wished(kind: str, form: Any, data: st.DataObject) -> None:
    body = data.draw(values(form))
    raw = encode_desired(body)
    assert desired_body(kind, raw) == body


@some
@given(body=values(State), data=st.data())
def test_a_damaged_state_costs_its_fields_and_raises_nothing_else(body: State, data: st.DataObject) -> None:
    raw = bytearray(encode(body))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place] = data.draw(st.integers(0, 255))
    for channel in (Channel.STATE, Channel.EVENT, Channel.REPLY):
        try:
            decode(channel, bytes(raw))
        except ContractError:
            try:
                salvage.of(channel, bytes(raw))
            except ContractError:
                continue


@some
@given(
    body=values(State), wrong=st.sampled_from([b"NaN", b"nul", b'"\xff"', b"1e999", b"[" * 40 + b"]" * 40, b"9" * 5000])
)
def test_one_wrong_field_leaves_the_others(body: State, wrong: bytes) -> None:
    raw = encode(msgspec.structs.replace(body, battery=None, boot="b"))
    found = salvage.state(raw[:-1] + b',"battery":' + wrong + b"}")
    assert found.wrong == ("battery",)
    assert found.body == msgspec.structs.replace(body, battery=None, boot="b")


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (b'{"battery":0,5,"lock":"jammed"}', "battery"),
        (b'{"lock":"jammed","battery":0,5}', "battery"),
        (b'{"docked":"a"b,"lock":"jammed"}', "docked"),
        (b'{"docked" true,"lock":"jammed"}', "docked"),
        (b'{"camera":{},,"lock":"jammed"}', "camera"),
        (b'\xef\xbb\xbf{"lock":"jammed"}', "JSON"),
        (b'{"lock":"jammed",}', "JSON"),
        (b'{"lock":"jammed"}\0', "JSON"),
        (b'{"lock":"jammed"}{"docked":true}', "JSON"),
        (b'{\'docked\':true,"lock":"jammed"}', "JSON"),
    ],
)
def test_what_stands_between_fields_is_told_and_costs_the_one_before(body: bytes, wrong: str) -> None:
    with pytest.raises(ContractError):
        decode(Channel.STATE, body)
    assert salvage.state(body) == salvage.Salvaged(State(lock="jammed"), (wrong,))


@pytest.mark.parametrize("body", [b"{'lock':'locked'}", b"{lock:locked}", b"{}}", b"{{}", b"null", b"[]", b""])
def test_a_state_of_which_nothing_can_be_read_is_dropped(body: bytes) -> None:
    with pytest.raises(ContractError):
        decode(Channel.STATE, body)
    with pytest.raises(ContractError):
        salvage.state(body)


EVENT = b'{"boot":"b","seq":3,"at":"2026-11-28T18:00:00.000Z","type":"scanned","data":{"text":"6901234567892"}}'


@pytest.mark.parametrize("length", range(len(EVENT)))
def test_an_event_that_was_cut_off_behind_its_number_does_not_come_for_ever(length: int) -> None:
    cut = EVENT[:length]
    if b'"seq":3,' in cut:
        found = salvage.rejected(cut)
        assert (found.boot, found.seq, found.length) == ("b", 3, length)
    else:
        with pytest.raises(ContractError):
            salvage.rejected(cut)


@pytest.mark.parametrize("rest", [b'"at":0,5}', b'"at" "x"}', b"at:1}", b'"type":"a"b"}', b'"type":"t"}}', b"}\0"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_an_event_with_nonsense_behind_its_number_is_rejected(start: bytes, rest: bytes) -> None:
    body = start + b'{"boot":"b","seq":3,' + rest
    with pytest.raises(ContractError):
        decode(Channel.EVENT, body)
    assert salvage.rejected(body).seq == 3


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=40,
)


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


@settings(max_examples=200, deadline=None)
@given(NESTED, st.integers(0, 30))
def test_the_depth_is_told_from_the_bytes_alone(value: Any, more: int) -> None:
    for _ in range(more):
        value = [value]
    raw = msgspec.json.encode(value)
    assert too_deep(raw, MAX_DEPTH) is (_depth(value) > MAX_DEPTH)
    assert too_deep(raw, 2) is (_depth(value) > 2)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text(), NESTED, max_size=5))
def test_members_are_cut_out_whole(value: dict[str, Any]) -> None:
    found = members(msgspec.json.encode(value))
    assert {name: msgspec.json.decode(raw) for name, raw in found.items()} == value


@pytest.mark.parametrize("payload", [b'"' + b'\\"' * 30_000, b"{" * 60_000, b'{"a":' * 12_000, b'{"' + b"\\" * 60_000])
def test_no_bytes_take_long(payload: bytes) -> None:
    import time

    began = time.process_time()
    for channel in Channel:
        with pytest.raises(ContractError):
            decode(channel, payload)
        if channel in (Channel.STATE, Channel.EVENT, Channel.REPLY):
            with pytest.raises(ContractError):
                salvage.of(channel, payload)
    assert time.process_time() - began < 60, "what looks back for each byte would take an hour"

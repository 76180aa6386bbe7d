"""The published form of the contract is the contract."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from device_drivers import asyncapi
from device_drivers.contract import (
    AT_MOST_ONCE,
    BODIES,
    RETAINED,
    Channel,
    Command,
    ContractError,
    State,
    Topic,
    decode,
    encode,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_the_committed_copy_is_not_stale() -> None:
    assert asyncapi.PUBLISHED.read_text(encoding="utf-8") == asyncapi.render(), "run: python -m device_drivers.asyncapi"


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_every_reference_leads_somewhere() -> None:
    document = json.loads(asyncapi.render())
    found = list(references(document))
    assert len(found) > 30
    for reference in found:
        place = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


@pytest.mark.parametrize("channel", list(Channel))
def test_every_channel_says_how_it_is_sent(channel: Channel) -> None:
    document = asyncapi.document()
    mqtt = document["operations"][channel.value]["bindings"]["mqtt"]
    assert mqtt["qos"] == (0 if channel in AT_MOST_ONCE else 1)
    assert mqtt["retain"] is (channel in RETAINED)
    assert ("messageExpiryInterval" in mqtt) is (channel is Channel.COMMAND)
    assert document["channels"][channel.value]["address"] == f"sk/{{store}}/{{device}}/{channel}"
    assert BODIES[channel].__name__ in document["components"]["schemas"]


def test_the_last_will_is_the_contracts() -> None:
    will = asyncapi.document()["servers"]["store"]["bindings"]["mqtt"]["lastWill"]
    assert will == {"topic": "sk/{store}/{device}/status", "qos": 1, "message": '{"online":false}', "retain": True}


@pytest.mark.parametrize(
    "text", ["sk/s001/cart-01", "xx/s001/cart-01/state", "sk/s001/Cart/state", "sk/s001/cart-01/no"]
)
def test_a_topic_outside_of_the_contract_is_refused(text: str) -> None:
    with pytest.raises(ContractError, match="topic"):
        Topic.parse(text)


def test_a_topic_reads_back_as_it_was_written() -> None:
    assert str(Topic.parse("sk/s001/cart-01/state")) == "sk/s001/cart-01/state"


def test_absent_fields_are_not_sent_and_unknown_ones_are_ignored() -> None:
    assert encode(State(boot="b", lock="locked")) == b'{"boot":"b","lock":"locked"}'
    assert decode(Channel.STATE, b'{"lock":"locked","colour":"green"}') == State(lock="locked")


def test_a_ttl_of_nothing_is_a_command_that_has_expired() -> None:
    body = {"id": "x", "verb": "unlock", "args": {}, "fence": 0, "ttl_ms": 0}
    command = decode(Channel.COMMAND, msgspec.json.encode(body))
    assert isinstance(command, Command)
    with pytest.raises(ContractError, match="ttl_ms"):
        decode(Channel.COMMAND, msgspec.json.encode({**body, "ttl_ms": -1}))

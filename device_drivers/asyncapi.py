"""The device contract as an AsyncAPI 3 document, for people and generators that do not read Python.

`python -m device_drivers.asyncapi` writes `docs/asyncapi.json`; the test run fails where that copy is stale.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

import msgspec

from device_drivers.contract import (
    BODIES,
    DESIRED,
    EVENT_DATA,
    FROM_DEVICE,
    ID_PATTERN,
    INSTRUCTIONS,
    MAX_BYTES,
    MAX_DEPTH,
    MINOR,
    OFFLINE,
    RETAINED,
    VERSION,
    Bare,
    Channel,
    Outcome,
    Reason,
    qos,
)

PUBLISHED: Final = Path(__file__).resolve().parent.parent / "docs" / "asyncapi.json"
BINDING: Final = "0.2.0"
SCHEMAS: Final = "#/components/schemas/{name}"

SUMMARIES: Final = {
    Channel.STATUS: "Presence: on every connection, and as the last will.",
    Channel.STATE: "What the device observes now, whenever it changes.",
    Channel.EVENT: "Something that happened; kept and sent again until it is acknowledged.",
    Channel.ACK: "Everything of this boot up to and including this number is committed.",
    Channel.COMMAND: "An order that expires. The reply is its acknowledgement; it is repeated under the same id.",
    Channel.REPLY: "How a command ended, in the device's words.",
    Channel.DESIRED: "What the device should show, or how it should be set.",
    Channel.APPLIED: "The desired revision that the device took, or why it could not.",
}


def document() -> dict[str, Any]:
    """The whole document, as JSON values, from the device's point of view."""
    bodies = [BODIES[channel] for channel in Channel]
    parts = [part for channel in Channel for part in _parts(channel).values()]
    _, schemas = msgspec.json.schema_components([*bodies, *parts], ref_template=SCHEMAS)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Storekeeper device contract",
            "version": f"{VERSION}.{MINOR}.0",
            "description": (
                "What every device of a store and its gateway promise each other over MQTT 5. "
                f"Bodies are JSON in UTF-8, at most {MAX_BYTES} bytes and {MAX_DEPTH} levels deep; unknown fields are "
                "ignored. "
                "A device refuses a command that has no message expiry, that is retained, or whose fence is lower than "
                "the highest it has seen, and never carries out the same id twice."
            ),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"store": _server()},
        "channels": {channel.value: _channel(channel) for channel in Channel},
        "operations": {channel.value: _operation(channel) for channel in Channel},
        "components": {
            "messages": {name: _message(channel, name) for channel in Channel for name in _names(channel)},
            "schemas": schemas,
        },
        "x-outcomes": [outcome.value for outcome in Outcome],
        "x-reasons": [reason.value for reason in Reason],
        "x-arguments": {verb: _reference(args) for verb, args in INSTRUCTIONS.items()},
    }


def _parts(channel: Channel) -> dict[str, type[msgspec.Struct]]:
    """What the part of a body that differs from message to message may be: by verb, by type, by form."""
    if channel is Channel.COMMAND:
        return dict(INSTRUCTIONS)
    if channel is Channel.EVENT:
        return dict(EVENT_DATA)
    if channel is Channel.DESIRED:
        forms: list[type[msgspec.Struct]] = [form for kind in DESIRED.values() for form in kind]
        forms.append(Bare)
        return {form.__name__: form for form in forms}
    return {}


def _names(channel: Channel) -> list[str]:
    """The messages of a channel. A device may report events that the contract does not know; they have no name here."""
    return [f"{channel}.{part}" for part in _parts(channel)] or [channel.value]


def _reference(form: type[msgspec.Struct]) -> dict[str, str]:
    return {"$ref": SCHEMAS.format(name=form.__name__)}


def _server() -> dict[str, Any]:
    will = {"topic": "sk/{store}/{device}/status", "qos": 1, "message": OFFLINE.decode(), "retain": True}
    return {
        "host": "broker.example:1883",
        "protocol": "mqtt",
        "protocolVersion": "5",
        "description": "The store's broker. A device logs in with its own credential; its client id is its user name.",
        "bindings": {
            "mqtt": {
                "clientId": "{device}",
                "cleanSession": True,
                "lastWill": will,
                "keepAlive": 15,
                "sessionExpiryInterval": 0,
                "bindingVersion": BINDING,
            }
        },
    }


def _channel(channel: Channel) -> dict[str, Any]:
    id_ = f"matches {ID_PATTERN}"
    return {
        "address": f"sk/{{store}}/{{device}}/{channel}",
        "description": SUMMARIES[channel],
        "parameters": {
            "store": {"description": f"The store's id; {id_}", "examples": ["s001"]},
            "device": {"description": f"The device's id; {id_}", "examples": ["cart-01"]},
        },
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _names(channel)},
    }


def _operation(channel: Channel) -> dict[str, Any]:
    mqtt: dict[str, Any] = {"qos": qos(channel), "retain": channel in RETAINED, "bindingVersion": BINDING}
    if channel is Channel.COMMAND:
        mqtt["messageExpiryInterval"] = {
            "type": "integer",
            "minimum": 1,
            "description": "Seconds: ttl_ms rounded up when first sent. A command without it is refused.",
        }
    operation: dict[str, Any] = {
        "action": "send" if channel in FROM_DEVICE else "receive",
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": SUMMARIES[channel],
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in _names(channel)],
        "bindings": {"mqtt": mqtt},
    }
    if channel is Channel.COMMAND:
        operation["reply"] = {
            "channel": {"$ref": "#/channels/reply"},
            "messages": [{"$ref": "#/channels/reply/messages/reply"}],
        }
    return operation


def _payload(channel: Channel, part: str) -> dict[str, Any]:
    """The body, with the part of it that this message has."""
    body: dict[str, Any] = _reference(BODIES[channel])
    form = _parts(channel).get(part)
    if form is None:
        return body
    member = {Channel.COMMAND: "args", Channel.EVENT: "data", Channel.DESIRED: "body"}[channel]
    named = {Channel.COMMAND: "verb", Channel.EVENT: "type"}.get(channel)
    properties: dict[str, Any] = {member: _reference(form)}
    if named:
        properties[named] = {"const": part}
    return {"allOf": [body, {"type": "object", "properties": properties}]}


def _message(channel: Channel, name: str) -> dict[str, Any]:
    part = name.partition(".")[2]
    form = _parts(channel).get(part)
    message: dict[str, Any] = {
        "name": name,
        "summary": (form.__doc__ or "").strip().split("\n\n")[0].replace("\n    ", " ") if form else SUMMARIES[channel],
        "contentType": "application/json",
        "payload": _payload(channel, part),
    }
    if channel in (Channel.COMMAND, Channel.REPLY):
        correlation = {"type": "string", "description": "The 16 bytes of the command's id.", "maxLength": 16}
        binding: dict[str, Any] = {"correlationData": correlation, "bindingVersion": BINDING}
        if channel is Channel.COMMAND:
            binding["responseTopic"] = "sk/{store}/{device}/reply"
        message["bindings"] = {"mqtt": binding}
    return message


def render() -> str:
    """The document as it is committed."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Writes the committed copy, or the file named on the command line."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else PUBLISHED
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()

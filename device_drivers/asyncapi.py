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
    ARGS,
    BODIES,
    FROM_DEVICE,
    ID_PATTERN,
    MAX_BYTES,
    OFFLINE,
    RETAINED,
    VERSION,
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
    _, schemas = msgspec.json.schema_components([*bodies, *ARGS.values()], ref_template=SCHEMAS)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Storekeeper device contract",
            "version": f"{VERSION}.0.0",
            "description": (
                "What every device of a store and its gateway promise each other over MQTT 5. "
                f"Bodies are JSON in UTF-8, at most {MAX_BYTES} bytes; unknown fields are ignored. "
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
            "messages": {channel.value: _message(channel) for channel in Channel},
            "schemas": schemas,
        },
        "x-outcomes": [outcome.value for outcome in Outcome],
        "x-reasons": [reason.value for reason in Reason],
        "x-arguments": {verb.value: {"$ref": SCHEMAS.format(name=args.__name__)} for verb, args in ARGS.items()},
    }


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
        "messages": {channel.value: {"$ref": f"#/components/messages/{channel}"}},
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
        "messages": [{"$ref": f"#/channels/{channel}/messages/{channel}"}],
        "bindings": {"mqtt": mqtt},
    }
    if channel is Channel.COMMAND:
        operation["reply"] = {
            "channel": {"$ref": "#/channels/reply"},
            "messages": [{"$ref": "#/channels/reply/messages/reply"}],
        }
    return operation


def _message(channel: Channel) -> dict[str, Any]:
    message: dict[str, Any] = {
        "name": channel.value,
        "summary": SUMMARIES[channel],
        "contentType": "application/json",
        "payload": {"$ref": SCHEMAS.format(name=BODIES[channel].__name__)},
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

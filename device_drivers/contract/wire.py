"""Bytes to bodies and back: one pass where all is well; what is wrong is said without a word of what it held."""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import Any, Final

import msgspec

from device_drivers.contract.commands import Command, CommandAsSent
from device_drivers.contract.events import Ack, Event, EventAsSent
from device_drivers.contract.screens import Applied, Desired, DesiredBody
from device_drivers.contract.states import Reply, State, Status
from device_drivers.contract.topics import Channel
from device_drivers.contract.values import MAX_BYTES, MAX_DEPTH, ContractError, rfc3339
from device_drivers.redaction import redacted, redacted_error

BODIES: Final[dict[Channel, type[msgspec.Struct]]] = {
    Channel.STATUS: Status,
    Channel.STATE: State,
    Channel.EVENT: Event,
    Channel.ACK: Ack,
    Channel.COMMAND: Command,
    Channel.REPLY: Reply,
    Channel.DESIRED: Desired,
    Channel.APPLIED: Applied,
}
_BY_KIND: Final = {Channel.COMMAND: CommandAsSent, Channel.EVENT: EventAsSent}
"""Bodies whose parts depend on what they are, as they are sent."""
_AS_SENT: Final = BODIES | _BY_KIND
_DECODERS: Final = {channel: msgspec.json.Decoder(body) for channel, body in _AS_SENT.items()}
_ENCODER: Final = msgspec.json.Encoder()
_BUT_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b'[]{}"')
_ESCAPE: Final = re.compile(rb"\\.", re.DOTALL)
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def decode(channel: Channel, payload: bytes) -> Any:
    """The body of a message as the struct of its channel. Raises `ContractError` with expectation and finding."""
    if len(payload) > MAX_BYTES:
        raise ContractError(f"{channel}: at most {MAX_BYTES} bytes, got {len(payload)}")
    if too_deep(payload, MAX_DEPTH):
        raise ContractError(f"{channel}: nested deeper than {MAX_DEPTH}, in {redacted(payload)}")
    if b"\\u0000" in payload and _NUL.search(payload):
        raise ContractError(f"{channel}: a text holds NUL, in {redacted(payload)}")
    try:
        body: Any = _DECODERS[channel].decode(payload)
        if channel not in _BY_KIND:
            return body
        return _sound(body.understood()) if channel is Channel.EVENT else body.understood()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ContractError(f"{channel}: {redacted_error(error)}, in {redacted(payload)}") from None


def encode(body: msgspec.Struct) -> bytes:
    """Compact UTF-8 JSON."""
    return _ENCODER.encode(body)


def encode_desired(body: DesiredBody) -> bytes:
    """The same for a body of `desired`, with its times in RFC 3339 with milliseconds."""
    return _ENCODER.encode(_spelt(msgspec.to_builtins(body, builtin_types=(datetime,))))


def too_deep(payload: bytes, most: int) -> bool:
    """Whether objects and arrays are nested deeper than that, told from the bytes alone: nothing here recurses."""
    if payload.count(b"{") + payload.count(b"[") <= most:
        return False
    if b"\\" in payload:
        payload = _ESCAPE.sub(b"", payload)
    outside = b"".join(payload.translate(None, _BUT_BRACKETS).split(b'"')[::2])  # every other piece is inside a text
    depth = 0
    for byte in outside:
        if byte in b"[{":
            depth += 1
            if depth > most:
                return True
        elif byte in b"]}":
            depth -= 1
    return False


def sound(value: Any) -> bool:
    """Whether plain JSON keeps to the contract's numbers and texts."""
    if isinstance(value, str):
        return "\0" not in value
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    if isinstance(value, dict):
        return all(sound(key) and sound(held) for key, held in value.items())
    return all(map(sound, value)) if isinstance(value, list) else True


def _sound(event: Event) -> Event:
    """What a device says beyond the contract is held to its rules for numbers and texts all the same."""
    if not sound(event.data):
        raise msgspec.ValidationError("a number or a text out of range - at `$.data`")
    return event


def _spelt(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, dict):
        return {key: _spelt(held) for key, held in value.items()}
    return [_spelt(held) for held in value] if isinstance(value, (list, tuple)) else value

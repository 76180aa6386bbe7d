"""What is still good of a message that breaks the contract: the fields of a state, the number of an event.

Nothing here is called for a message that is well. Members are cut out of the bytes one by one, without recursion, so
that a number that is no JSON, a text that is no UTF-8 or a nest without a bottom costs itself alone.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator
from typing import Annotated, Any, Final

import msgspec

from device_drivers.contract.states import MAX_DOORS, Camera, Door, Observed, Reply, State
from device_drivers.contract.topics import Channel
from device_drivers.contract.values import MAX_BYTES, MAX_SERIAL, Boot, ContractError
from device_drivers.contract.wire import sound, too_deep

DEEPEST: Final = 15
"""How deep a member of the outermost object may be nested."""
_TOKEN: Final = re.compile(rb'\s*("[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+)', re.DOTALL)
_BOOT: Final = msgspec.json.Decoder(Boot)
_SEQ: Final = msgspec.json.Decoder(Annotated[int, msgspec.Meta(ge=1, le=MAX_SERIAL)])
_WRONG: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_NESTED: Final[dict[str, type[msgspec.Struct]]] = {"camera": Camera, "observed": Observed}
"""Members whose own members count one by one."""
Token = tuple[bytes, int, int]
MAX_NAMED: Final = 20
"""How many wrong fields of one message are named."""


class Rejected(msgspec.Struct, frozen=True):
    """An event of which no more than its number is good. It is committed as such, so that it does not come for ever."""

    boot: Boot
    seq: int
    length: int
    sha256: str


class Salvaged(msgspec.Struct, frozen=True):
    """What is good, and the names of the fields that are not."""

    body: Any
    wrong: tuple[str, ...]


def of(channel: Channel, payload: bytes) -> Salvaged | None:
    """What is still good of a message on this channel; None where the contract lets nothing of it count.

    Raises `ContractError`.
    """
    if channel is Channel.STATE:
        return state(payload)
    if channel is Channel.EVENT:
        return Salvaged(rejected(payload), ())
    return reply(payload) if channel is Channel.REPLY else None


def rejected(payload: bytes) -> Rejected:
    """The number of a broken event. Raises `ContractError` where it cannot be read."""
    try:
        found = members(payload, whole=False)
        boot, seq = _BOOT.decode(found["boot"]), _SEQ.decode(found["seq"])
    except (KeyError, *_WRONG):
        raise ContractError("event: boot and seq cannot be read") from None
    if not sound(boot):
        raise ContractError("event: boot holds NUL")
    return Rejected(boot, seq, len(payload), hashlib.sha256(payload).hexdigest())


def state(payload: bytes) -> Salvaged:
    """The good fields of a state. Raises `ContractError` where it is no object at all."""
    return _salvage(State, payload)


def reply(payload: bytes) -> Salvaged:
    """A reply whose `observed` or `reason` is wrong still says how the command ended. Raises `ContractError`."""
    found = _salvage(Reply, payload)
    if {"id", "outcome", "repeated"} & set(found.wrong):
        raise ContractError(f"reply: wrong {', '.join(found.wrong)}")
    return found


def _salvage(form: type[State | Reply], payload: bytes) -> Salvaged:
    if len(payload) > MAX_BYTES:
        raise ContractError(f"at most {MAX_BYTES} bytes, got {len(payload)}")
    wrong: list[str] = []
    good = _fields(form, members(payload), "", wrong)
    if not wrong:
        if not good:
            raise ContractError(f"{form.__name__}: nothing of it can be read")
        wrong.append("JSON")  # between its fields, or behind them
    try:
        return Salvaged(form(**good), tuple(wrong[:MAX_NAMED]))
    except TypeError:
        raise ContractError(f"{form.__name__}: a required field is missing or wrong") from None


def _fields(form: type[msgspec.Struct], found: dict[str, bytes], path: str, wrong: list[str]) -> dict[str, Any]:
    good: dict[str, Any] = {}
    for field in msgspec.structs.fields(form):
        raw = found.get(field.encode_name)
        if raw is None:
            continue
        name = path + field.encode_name
        try:
            good[field.name] = _value(field, raw, name, wrong)
        except (ContractError, *_WRONG):
            wrong.append(name)
    return good


def _value(field: msgspec.structs.FieldInfo, raw: bytes, name: str, wrong: list[str]) -> Any:
    if field.name == "doors" and raw[:1] == b"{":
        doors = members(raw)
        if len(doors) > MAX_DOORS:
            raise ContractError(f"at most {MAX_DOORS} doors")
        return {door: _door(doors[door], f"{name}.{door}", wrong) for door in doors if sound(door)}
    if (form := _NESTED.get(field.name)) is not None and raw[:1] == b"{":
        return form(**_fields(form, members(raw), f"{name}.", wrong))
    if too_deep(raw, DEEPEST):
        raise ContractError("nested too deep")
    value = msgspec.json.decode(raw, type=field.type)
    if not sound(value):
        raise ContractError("a text holds NUL")
    return value


def _door(raw: bytes, name: str, wrong: list[str]) -> Door:
    if raw[:1] != b"{":
        wrong.append(name)
        return Door()
    return Door(**_fields(Door, members(raw), f"{name}.", wrong))


def members(payload: bytes, *, whole: bool = True) -> dict[str, bytes]:
    """The members of an object as the bytes of each. Raises `ContractError` where it is none, or (`whole`) ends early.

    Where a member stands twice, the last one counts. A name that is no text costs its member; what is no member costs
    the one before it, as in `"battery":0,5`.
    """
    found: dict[str, bytes] = {}
    payload = payload.removeprefix(codecs.BOM_UTF8)
    tokens = _tokens(payload[:MAX_BYTES])
    if next(tokens, (b"",))[0] != b"{":
        raise ContractError("expected an object")
    last, ends = "", b","
    try:
        while ends == b",":
            name, _, _ = next(tokens)
            if name == b"}":
                break
            colon, _, begins = (name, 0, 0) if name == b"," else next(tokens)
            if colon == b":":
                ends, at = _end_of_value(tokens)
                last = _keep(found, name, payload[begins:at].strip())
            else:
                found[_text(name) or last] = b""
                ends = colon if colon in (b",", b"}") else _end_of_value(tokens)[0]
    except StopIteration:
        if whole and len(payload) <= MAX_BYTES:  # a longer one was cut off here, not by whoever wrote it
            raise ContractError("the object does not end") from None
    return found


def _end_of_value(tokens: Iterator[Token]) -> tuple[bytes, int]:
    """The comma or bracket after a value, and where it stands."""
    depth = 0
    for token, at, _ in tokens:
        if depth == 0 and token in (b",", b"}"):
            return token, at
        depth += 1 if token in (b"{", b"[") else -1 if token in (b"}", b"]") else 0
    raise StopIteration


def _keep(found: dict[str, bytes], name: bytes, value: bytes) -> str:
    """The name; empty where it is none."""
    if (text := _text(name)) is not None:
        found[text] = value
    return text or ""


def _text(name: bytes) -> str | None:
    try:
        return msgspec.json.decode(name, type=str)
    except _WRONG:
        return None


def _tokens(payload: bytes) -> Iterator[Token]:
    """Each token, where it begins and where it ends; ends at the first byte that is part of none."""
    at = 0
    while (token := _TOKEN.match(payload, at)) is not None:
        at = token.end()
        yield token[1], token.start(1), at

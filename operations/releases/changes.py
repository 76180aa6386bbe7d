"""What changes when a store takes other settings: line by line, which services start anew, which devices go."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from edge.settings.expectations import without_login
from edge.settings.sections import as_written
from edge.settings.settings import Settings
from operations.releases.services import Part

ELSEWHERE: Final = "elsewhere"
_SECRET: Final = re.compile(r"password|token|secret|headers")
_FILES: Final = {
    "devices": "devices.toml", "gateway": "gateway.toml", "campaigns": "campaigns", "playlists": "playlists.toml",
    "screens": "playlists.toml", "media": "media.toml",
}  # fmt: skip
_CONTENT: Final = ("playlists", "media", "screens")
_ONE: Final = {
    "devices": "device", "zones": "zone", "touchpoints": "code", "coupons": "coupon", "campaigns": "campaign",
    "playlists": "playlist",
}  # fmt: skip


class Changes(msgspec.Struct, frozen=True):
    """What is different."""

    lines: tuple[str, ...] = ()
    """A line for each difference, secrets without their values."""
    restarts: tuple[Part, ...] = ()
    """The services that must start anew."""
    content: bool = False
    """Whether only what screens play is another: a gateway that runs takes it in."""
    gone: tuple[str, ...] = ()
    """Devices that the store has no more."""
    remarks: tuple[str, ...] = ()
    """What follows from it outside of the box."""
    under_way: tuple[str, ...] = ()
    """What shoppers have at devices and doors that the store has no more."""
    another_store: tuple[str, ...] = ()
    """Why these settings are those of another store, which no change makes of this one."""


def compare(now: Settings, new: Settings) -> Changes:
    """What is different in `new`."""
    gone = tuple(sorted({each.id for each in now.devices} - {each.id for each in new.devices}))
    return Changes(
        lines=tuple(_lines(document(now), document(new))),
        restarts=tuple(_restarts(now, new)),
        content=_content(now, new),
        gone=gone,
        remarks=tuple(_remarks(now, new)),
        another_store=tuple(_another(now, new)),
    )


def document(settings: Settings) -> dict[str, Any]:
    """The settings as the files would say them, with every default."""
    found = settings.model_dump(exclude={"tables", "sha256", "campaigns", "playing"})
    found["campaigns"] = [msgspec.to_builtins(each) for each in settings.campaigns]
    playing = settings.playing
    found["playlists"] = [msgspec.to_builtins(each) for each in playing.playlists]
    found["media"] = {name: sha256 for sha256, name in playing.names.items()}
    found["screens"] = {"hours": msgspec.to_builtins(playing.hours), "tags": dict(playing.tags)}
    found |= {name: as_written(table) for name, table in settings.tables.items()}
    own = {device.id for device in settings.devices}
    found["touchpoints"] = [each for each in found["touchpoints"] if each["id"] not in own]
    return found


def _lines(now: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for table in sorted({*now, *new}, key=lambda name: list(now).index(name) if name in now else 99):
        file = _FILES.get(table, "store.toml")
        one = _ONE.get(table)
        if one:
            yield from (f"{file}: {line}" for line in _by_id(one, now.get(table, ()), new.get(table, ())))
        else:
            head = "" if table == "gateway" else table
            yield from (f"{file}: {line}" for line in _differences(head, now.get(table), new.get(table)))


def _by_id(one: str, now: Any, new: Any) -> Iterator[str]:
    before, after = ({each["id"]: each for each in each_side} for each_side in (now, new))
    for name, table in after.items():
        if name not in before:
            more = f", {table['kind']} by {table['driver']}" if one == "device" else ""
            yield f"new {one} {name}{more}"
        else:
            yield from (f"{one} {name}: {line}" for line in _differences("", before[name], table))
    yield from (f"{one} {name} goes" for name in before if name not in after)


def _differences(path: str, now: Any, new: Any) -> Iterator[str]:
    if isinstance(now, Mapping) and isinstance(new, Mapping) and not _SECRET.search(path):
        for key in dict.fromkeys([*now, *new]):
            below = f"{path}.{key}" if path else str(key)
            yield from _differences(below, now.get(key), new.get(key))
    elif now != new:
        yield f"{path}: changed" if _SECRET.search(path) else f"{path}: {_value_text(now)} → {_value_text(new)}"


def _value_text(value: Any) -> str:
    if value is None:
        return "(nothing)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{without_login(value)}"' if len(value) <= 60 else f'"{without_login(value)[:57]}…"'
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        text = "[" + ", ".join(_value_text(each) for each in value) + "]"
        return text if len(text) <= 60 else f"{text[:57]}…"
    return without_login(str(value))[:60]


def _restarts(now: Settings, new: Settings) -> Iterator[Part]:
    """The gateway reads everything; the others read what concerns them."""
    if document(now) == document(new) or _content(now, new):
        return
    yield "gateway"
    if _for_devices(now) != _for_devices(new):
        yield "devices"
    if _for_kiosks(now) != _for_kiosks(new):
        yield "kiosk"
    if _for_sync(now) != _for_sync(new):
        yield "sync"


def _content(now: Settings, new: Settings) -> bool:
    before, after = document(now), document(new)
    return before != after and all(before[name] == after[name] for name in before if name not in _CONTENT)


def _meeting(settings: Settings) -> tuple[object, ...]:
    """Where devices meet the gateway, and of which store."""
    broker = settings.gateway.broker.model_dump(exclude={"kind", "username", "password"})
    return settings.store.id, broker, settings.gateway.data


def _for_devices(settings: Settings) -> object:
    driven = {
        each.id: (each.kind, each.driver, each.settings, each.bank.model_dump())
        for each in settings.devices
        if each.driver != ELSEWHERE
    }
    return _meeting(settings), driven, settings.extensions.drivers


def _for_kiosks(settings: Settings) -> object:
    screens = {each.id for each in settings.devices if each.kind == "screen"}
    return _meeting(settings), screens, settings.extensions.screens


def _for_sync(settings: Settings) -> object:
    return settings.store.id, settings.gateway.cloud.model_dump(), settings.gateway.data


def _remarks(now: Settings, new: Settings) -> Iterator[str]:
    if now.gateway.public_url != new.gateway.public_url:
        was = now.gateway.public_url or "this box's own address"
        yield f"printed codes lead to {was}; print them again where that is reached no more"
    codes = {each.touchpoint for each in now.touchpoints} - {each.touchpoint for each in new.touchpoints}
    if codes:
        yield f"printed codes that lead nowhere from then on: {', '.join(sorted(codes))}"


def _another(now: Settings, new: Settings) -> Iterator[str]:
    if now.store.id != new.store.id:
        yield f'store.id: "{now.store.id}" → "{new.store.id}" would begin another store, with nothing of this one in it'
    if now.gateway.data != new.gateway.data:
        yield f"data: {now.gateway.data} → {new.gateway.data} would leave the journal and the secrets behind"

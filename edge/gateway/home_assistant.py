"""The store's devices as Home Assistant finds them on the same broker: it sees them, and can open nothing.

What it reads are the topics of the device contract themselves, so nothing is sent twice; only what needs a hand has a
topic of its own. Nothing here names a person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from edge.domain.devices.queries import Device
from edge.domain.layout import Layout
from edge.domain.needs import SOON, Need
from words.languages import in_language

ORIGIN: Final = {"name": "Storekeeper", "sw_version": "1"}
EVERY_S: Final = 10.0
"""How often it looks whether what needs a hand is something else."""

Publish = Callable[[str, bytes], bool]


def configs(layout: Layout, prefix: str) -> dict[str, dict[str, Any]]:
    """Returns what Home Assistant is told of each entity, by topic."""
    store, language = layout.store.id, layout.store.languages[0]
    name = in_language(layout.store.name, language)
    found: dict[str, dict[str, Any]] = {}
    for device in layout.devices:
        for component, key, body in _entities(store, device, layout.doors.get(device.id, ())):
            unique = f"storekeeper_{store}_{device.id}_{key}".replace("-", "_")
            found[f"{prefix}/{component}/{unique}/config"] = {
                "unique_id": unique,
                "object_id": unique,
                "availability": _available(store, device.id),
                "device": _device(store, name, device, language),
                "origin": ORIGIN,
                **body,
            }
    unique = f"storekeeper_{store}_alarms".replace("-", "_")
    topic = alarms_topic(store)
    found[f"{prefix}/binary_sensor/{unique}/config"] = {
        "unique_id": unique,
        "object_id": unique,
        "name": "Needs a hand",
        "device_class": "problem",
        "state_topic": topic,
        "value_template": "{{ 'ON' if value_json.count > 0 else 'OFF' }}",
        "json_attributes_topic": topic,
        "device": {"identifiers": [f"storekeeper_{store}"], "name": name, "manufacturer": "Storekeeper"},
        "origin": ORIGIN,
    }
    return found


def alarms_topic(store: str) -> str:
    """Where what needs a hand is said."""
    return f"storekeeper/{store}/alarms"


def alarms(needs: Sequence[Need]) -> dict[str, Any]:
    """What is said there: how many things need somebody now or soon, and of which kinds."""
    now = [need for need in needs if need.urgency <= SOON]
    return {
        "count": len(now),
        "kinds": sorted({need.kind for need in now}),
        "devices": sorted({n.device for n in now} - {""}),
    }


def _available(store: str, device: str) -> list[dict[str, str]]:
    template = "{{ 'online' if value_json.online else 'offline' }}"
    return [{"topic": f"sk/{store}/{device}/status", "value_template": template}]


def _device(store: str, name: str, device: Device, language: str) -> dict[str, Any]:
    label = device.label.get(language) or next(iter(device.label.values()), device.id)
    return {
        "identifiers": [f"storekeeper_{store}_{device.id}"],
        "name": label,
        "model": device.kind,
        "manufacturer": "Storekeeper",
        "suggested_area": name,
        "via_device": f"storekeeper_{store}",
    }


def _entities(store: str, device: Device, doors: Iterable[str]) -> Iterable[tuple[str, str, dict[str, Any]]]:
    """Component, key and what is special about it."""
    topic = f"sk/{store}/{device.id}/state"
    if device.kind == "cart":
        docked = "{{ 'ON' if value_json.docked else 'OFF' }}"
        yield "binary_sensor", "lock", _entity(topic, "Lock", "lock", _locked("value_json"))
        yield "binary_sensor", "docked", _entity(topic, "In its dock", "presence", docked)
        charge = "{{ (value_json.battery * 100) | round(0) if value_json.battery is defined else none }}"
        unit = {"unit_of_measurement": "%", "state_class": "measurement"}
        yield "sensor", "battery", _entity(topic, "Battery", "battery", charge) | unit
    elif device.kind == "locker":
        for door in doors:
            place = f"value_json.doors['{door}']"
            opened = f"{{{{ 'ON' if {place}.door == 'open' else 'OFF' }}}}"
            yield "binary_sensor", f"door_{door}", _entity(topic, f"Door {door}", "door", opened)
            yield "binary_sensor", f"lock_{door}", _entity(topic, f"Lock {door}", "lock", _locked(place))
    elif device.kind == "printer":
        paper = "{{ value_json.paper | default('unknown') }}"
        yield "sensor", "paper", _entity(topic, "Paper", "enum", paper) | {"options": ["ok", "low", "out", "unknown"]}
        stands = "{{ 'ON' if value_json.paper == 'out' or value_json.cover == 'open' else 'OFF' }}"
        yield "binary_sensor", "trouble", _entity(topic, "Stands still", "problem", stands)
    else:
        online = "{{ 'ON' if value_json.online else 'OFF' }}"
        status = f"sk/{store}/{device.id}/status"
        yield "binary_sensor", "connected", _entity(status, "Connected", "connectivity", online)


def _entity(topic: str, name: str, kind: str, template: str) -> dict[str, Any]:
    return {"state_topic": topic, "name": name, "device_class": kind, "value_template": template}


def _locked(place: str) -> str:
    """Home Assistant's class `lock`: ON is unlocked."""
    return f"{{{{ 'OFF' if {place}.lock == 'locked' else 'ON' }}}}"


class HomeAssistant:
    """Announces what is there, and takes back what is there no more."""

    def __init__(
        self,
        publish: Publish,
        told: Callable[[], Mapping[str, dict[str, Any]]],
        needs: Callable[[], Sequence[Need]],
        store: str,
    ) -> None:
        """`told` says what is to be announced now, by topic."""
        self._publish = publish
        self._told = told
        self._needs = needs
        self._alarms = alarms_topic(store)
        self._said: dict[str, bytes] = {}

    def refresh(self, *, whole: bool = False) -> None:
        """Tell what is new; everything where the connection is new, as the broker may have forgotten it."""
        if whole:
            self._said.clear()
        wanted = {topic: msgspec.json.encode(body) for topic, body in self._told().items()}
        wanted[self._alarms] = msgspec.json.encode(alarms(self._needs()))
        gone = dict.fromkeys(self._said.keys() - wanted.keys(), b"")
        for topic, body in (gone | wanted).items():
            if self._said.get(topic) != body and self._publish(topic, body):
                self._said[topic] = body
        for topic in gone:
            self._said.pop(topic, None)

    async def run(self) -> None:
        """For as long as the gateway runs."""
        while True:
            self.refresh()
            await asyncio.sleep(EVERY_S)

"""Devices: which there are, whether they are there, what they report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from edge.domain.devices import decisions, queries, tables
from edge.domain.devices.facts import (
    DeviceCameOnline,
    DeviceEnrolled,
    DeviceEventRejected,
    DevicePutBack,
    DeviceReported,
    DeviceRetired,
    DeviceSeen,
    DeviceTakenOut,
    DeviceWentOffline,
)
from edge.domain.devices.from_settings import take_over
from edge.domain.noun import ANY_KIND, Metric, Noun, OnState
from edge.journal import Reads, Tx


def _on_state(tx: Tx, device: str, parts: Mapping[str, Any]) -> bool:
    return decisions.on_state(tx, device=device, state=parts[""])


def _metrics(reads: Reads) -> Iterable[Metric]:
    rows = reads.all("SELECT kind, online FROM devices ORDER BY kind")
    online = Counter(row["kind"] for row in rows if row["online"])
    samples: dict[tuple[str, ...], float] = {(row["kind"],): online[row["kind"]] for row in rows}
    yield Metric("storekeeper_devices_online", "Connected devices", samples, labels=("kind",))


NOUN: Final = Noun(
    name="devices",
    schema=tables.SCHEMA,
    facts=tables.APPLIES,
    doubts=("UPDATE devices SET online=0",),
    rules=2,
    observations=frozenset({DeviceReported, DeviceEventRejected}),
    on_tick=(decisions.on_tick,),
    on_state={ANY_KIND: OnState(_on_state)},
    needs=(queries.needs, queries.flapping_needs, queries.missed_needs),
    take_over=(take_over,),
    notices={
        "layout": (DeviceEnrolled, DeviceRetired),
        "printers": (DeviceSeen, DeviceCameOnline, DeviceWentOffline, DeviceTakenOut, DevicePutBack),
        "screens": (DeviceEnrolled,),
    },
    metrics=(_metrics,),
    api=("edge.web.api.devices:router",),
    pages=("edge.web.pages.staff_camera.page:PAGE",),
)

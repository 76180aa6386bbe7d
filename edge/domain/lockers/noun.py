"""Locker banks: their doors, and the parcels behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from edge.domain.lockers import doors, needs, queries, tables
from edge.domain.lockers.facts import (
    LockerDoorAdded,
    LockerDoorRemoved,
    LockerOpenGranted,
    ParcelBegun,
    ParcelShared,
)
from edge.domain.lockers.from_settings import take_over
from edge.domain.lockers.rules import Rules
from edge.domain.noun import Noun, OnState
from edge.journal import Tx


def _on_state(tx: Tx, device: str, parts: Mapping[str, Any]) -> bool:
    return doors.on_state(tx, bank=device, doors=parts)


def _on_event(tx: Tx, device: str, event: str, data: Mapping[str, Any]) -> None:
    doors.on_event(tx, bank=device, event=event, door=str(data.get("door", "")))


NOUN: Final = Noun(
    name="lockers",
    settings=Rules,
    schema=tables.SCHEMA,
    facts=tables.APPLIES,
    ends=tables.ENDS,
    doubts=("UPDATE doors SET unheard=1",),
    rules=5,
    guarded=frozenset({ParcelBegun, ParcelShared, LockerOpenGranted}),
    actuations=(doors.UNLOCK,),
    on_tick=(doors.on_tick,),
    on_state={"locker": OnState(_on_state, parts="doors", unseen=("lit",))},
    on_event=(_on_event,),
    in_use=(queries.in_use,),
    needs=(needs.needs,),
    take_over=(take_over,),
    notices={"layout": (LockerDoorAdded, LockerDoorRemoved)},
    watched={"bank": "device", "grant": "grant"},
    api=("edge.web.api.lockers:router", "edge.web.api.screens.lockers:router"),
    pages=("edge.web.pages.locker.page:PAGE", "edge.web.pages.staff_doors.page:PAGE"),
)

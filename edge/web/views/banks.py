"""Locker banks as a screen shows them: which are beside it, what fits where, and a door that is open."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import msgspec

from device_drivers.contract.answers.lockers import Bank, LockerDoor, OpenedDoor
from edge.domain import serving
from edge.domain.devices import queries as device_queries
from edge.domain.lockers import queries as locker_queries
from edge.domain.lockers import serving as locker_serving
from edge.domain.printing import queries as print_queries
from edge.web.moments import moment_in_words
from edge.web.views import parcels as parcel_views

if TYPE_CHECKING:
    from edge.domain.callers import Caller
    from edge.web.screens import ScreenRequest
    from edge.web.web import Web

BESIDE_M: Final = 8.0
"""A bank this near can be seen from the screen: only there a door may open at its touch."""
SIZES: Final = ("S", "M", "L")


def banks(web: Web, asking: ScreenRequest) -> list[Bank]:
    """The banks of the store: those beside this screen first, then the nearest."""
    found = [_bank(web, asking, each.id) for each in device_queries.devices(web.reads, "locker")]
    return sorted(found, key=lambda bank: (not bank.beside, bank.metres, bank.id))


def is_beside(web: Web, screen: str, bank: str) -> bool:
    """Whether somebody at this screen sees the doors of that bank."""
    here = device_queries.device(web.reads, screen)
    if here is not None and here.attached_to:
        return here.attached_to == bank
    return _metres(web, screen, bank) <= BESIDE_M


def _metres(web: Web, screen: str, bank: str) -> float:
    here, there = web.layout.device(screen), web.layout.device(bank)
    return math.dist(here.at, there.at) if here and there else math.inf


def _bank(web: Web, asking: ScreenRequest, bank: str) -> Bank:
    spot = locker_serving.spot(web.reads, bank, web.reads.now)
    doors = parcel_views.doors(web, bank)
    device, away = web.layout.device(bank), _metres(web, asking.screen, bank)
    return Bank(
        id=bank,
        name=device.label[asking.language] if device else bank,
        beside=is_beside(web, asking.screen, bank),
        metres=0 if math.isinf(away) else max(1, round(away)),
        works=spot is not None and spot.why not in serving.BROKEN,
        doors=tuple(LockerDoor(door.name, door.size, door.state) for door in doors),
        free=parcel_views.free_doors_by_size(doors),
    )


def opening_view(
    web: Web, asking: ScreenRequest, opening: str, caller: Caller | None, address: str
) -> OpenedDoor | None:
    """How an opening goes on; with its code, where it is of whoever stands there."""
    found = parcel_views.progress(web, web.texts, asking.language, opening)
    if found is None:
        return None
    rules = locker_queries.rules_of(web.reads)
    shown = OpenedDoor(
        opening=found.opening,
        bank=found.bank,
        door=found.door,
        why=found.why,
        stage=found.stage,
        done=found.done,
        sentence=found.sentence,
        advice=found.advice or "",
        remind_s=rules.open_ms // 1000,
        lights=web.has_light(found.bank, found.door),
    )
    mine = parcel_views.parcels(web, caller.member, web.reads.now) if caller else []
    parcel = next((each for each in mine if each.id == found.parcel), None)
    if parcel is None or found.why != "fill":
        return shown
    due = parcel.due_ms or web.reads.now + rules.due_ms
    zone = web.layout.store.zone
    return msgspec.structs.replace(
        shown,
        parcel=parcel.id,
        digits=parcel.digits,
        code=f"{address}/t/{parcel.code}",
        until=moment_in_words(web.texts, asking.language, due, web.reads.now, zone),
        shared=parcel.shared_digits or "",
        shared_code=f"{address}/t/{parcel.shared_code}" if parcel.shared_code else "",
        prints=_prints(web, found.bank),
        printed=parcel.has_slip,
    )


def _prints(web: Web, bank: str) -> bool:
    device = device_queries.device(web.reads, bank)
    return print_queries.best_printer(web.reads, None, device.zone if device else None) is not None

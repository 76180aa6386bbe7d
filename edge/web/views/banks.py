"""Locker banks as a screen shows them: which are beside it, what fits where, and a door that is open."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import msgspec

from device_drivers.contract import Verb
from edge.domain import serving
from edge.domain.devices import queries as device_queries
from edge.domain.lockers import queries as locker_queries
from edge.domain.lockers import serving as locker_serving
from edge.domain.printing import queries as print_queries
from edge.web.moments import now_ms, when
from edge.web.views import parcels as parcel_views

if TYPE_CHECKING:
    from edge.domain.callers import Caller
    from edge.web.screens import Asking
    from edge.web.web import Web

BESIDE_M: Final = 8.0
"""A bank this near can be seen from the screen: only there a door may open at its touch."""
SIZES: Final = ("S", "M", "L")


class BankView(msgspec.Struct, frozen=True):
    """One bank."""

    id: str
    name: str
    beside: bool
    """Whether its doors can be opened from this screen."""
    metres: int
    works: bool
    doors: tuple[dict[str, Any], ...]
    """By name, size and state."""
    free: dict[str, int]
    """By size: how many doors take such a thing."""


class BanksView(msgspec.Struct, frozen=True):
    """All that a screen needs of lockers."""

    banks: tuple[BankView, ...]
    terms: dict[str, str]
    registers: bool
    """Whether a number is asked for before a deposit: then it begins on the phone."""


class OpenView(msgspec.Struct, frozen=True):
    """A door that was asked to open."""

    opening: str
    bank: str
    door: str
    why: str
    stage: str
    done: bool
    sentence: str
    advice: str
    remind_s: int
    """How long the door may stand open before somebody is told."""
    parcel: str = ""
    digits: str = ""
    """The collect code; empty where this session put nothing in."""
    code: str = ""
    """What its QR holds."""
    until: str = ""
    shared: str = ""
    shared_code: str = ""
    lights: bool = False
    """Whether the door is lit until it is closed."""
    prints: bool = False
    """Whether a printer is near."""
    printed: bool = False


def banks(web: Web, asking: Asking) -> list[BankView]:
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


def _bank(web: Web, asking: Asking, bank: str) -> BankView:
    spot = locker_serving.spot(web.reads, bank, now_ms())
    doors = parcel_views.doors(web, bank)
    device, away = web.layout.device(bank), _metres(web, asking.screen, bank)
    return BankView(
        id=bank,
        name=device.label[asking.language] if device else bank,
        beside=is_beside(web, asking.screen, bank),
        metres=0 if math.isinf(away) else max(1, round(away)),
        works=spot is not None and spot.why not in serving.BROKEN,
        doors=tuple({"name": door.name, "size": door.size, "state": door.state} for door in doors),
        free=parcel_views.fitting(doors),
    )


def opened(web: Web, asking: Asking, opening: str, caller: Caller | None, address: str) -> OpenView | None:
    """How an opening goes on; with its code, where it is of whoever stands there."""
    found = parcel_views.progress(web, web.texts, asking.language, opening)
    if found is None:
        return None
    rules = locker_queries.rules_of(web.reads)
    shown = OpenView(
        opening=found.opening,
        bank=found.bank,
        door=found.door,
        why=found.why,
        stage=found.stage,
        done=found.done,
        sentence=found.sentence,
        advice=found.advice or "",
        remind_s=rules.open_ms // 1000,
        lights=web.can(found.bank, Verb.FIND),
    )
    mine = parcel_views.parcels(web, caller.member, now_ms()) if caller else []
    parcel = next((each for each in mine if each.id == found.parcel), None)
    if parcel is None or found.why != "fill":
        return shown
    due = parcel.due_ms or now_ms() + rules.due_ms
    zone = web.layout.store.zone
    return msgspec.structs.replace(
        shown,
        parcel=parcel.id,
        digits=parcel.digits,
        code=f"{address}/t/{parcel.code}",
        until=when(web.texts, asking.language, due, now_ms(), zone),
        shared=parcel.shared_digits or "",
        shared_code=f"{address}/t/{parcel.shared_code}" if parcel.shared_code else "",
        prints=_prints(web, found.bank),
        printed=parcel.slip not in (None, "failed", "late"),
    )


def _prints(web: Web, bank: str) -> bool:
    device = device_queries.device(web.reads, bank)
    return print_queries.best(web.reads, None, device.zone if device else None) is not None

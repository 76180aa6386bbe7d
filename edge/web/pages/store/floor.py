"""The store's floor plan as a drawing: zones, docks, devices and codes, in units of 1/32 metre."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from words.languages import Wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.domain.devices.queries import Device
    from edge.domain.layout import Layout
    from edge.domain.store.queries import Zone as Area
    from edge.web.views.offers import OfferView

UNIT: Final = 32.0
"""Drawing units in a metre."""
MARGIN: Final = 12.0
"""Around the outermost zones, in units."""
DOCK_METRES: Final = 1.6
"""Carts closer than this stand in one dock."""
TINTS: Final = ("#E9EFE4", "#EAF3E6", "#FBF1DC", "#E6EFF7", "#F0ECE4", "#F7E9E4", "#EEEAF4")
CARD: Final = 58.0
GAP: Final = 10.0
IN_A_ROW: Final = 3


class PlanBox(msgspec.Struct, frozen=True):
    """A rectangle in drawing units."""

    x: float
    y: float
    w: float
    h: float


class ZoneShape(msgspec.Struct, frozen=True):
    """A zone and where its name stands."""

    id: str
    name: Wording
    box: PlanBox
    tint: str


class Marker(msgspec.Struct, frozen=True):
    """A device, a code or an offer at its place."""

    id: str
    kind: str
    label: Wording
    x: float
    y: float
    zone: str
    device: bool
    short: str = ""
    """What fits on the mark itself, such as a cart's number."""
    offer: Any = None


class FloorDrawing(msgspec.Struct, frozen=True):
    """Everything that is drawn."""

    width: float
    height: float
    zones: list[ZoneShape]
    docks: list[PlanBox]
    devices: list[Marker]
    codes: list[Marker]
    offers: list[Marker]


def draw(layout: Layout, offers: Sequence[OfferView]) -> FloorDrawing:
    """The plan of this store."""
    zones = [
        ZoneShape(zone.id, zone.name, _box(*zone.plan), TINTS[number % len(TINTS)])
        for number, zone in enumerate(layout.zones)
    ]
    own = {device.id for device in layout.devices}
    return FloorDrawing(
        width=max(zone.box.x + zone.box.w for zone in zones) + MARGIN,
        height=max(zone.box.y + zone.box.h for zone in zones) + MARGIN,
        zones=zones,
        docks=_docks([device for device in layout.devices if device.kind == "cart"]),
        devices=[_device(device) for device in layout.devices],
        codes=[
            Marker(each.id, each.purpose, each.label, *_point(each.at), each.zone, device=False)
            for each in layout.touchpoints
            if each.id not in own
        ],
        offers=[spot for zone in layout.zones for spot in _offers(layout, zone, offers)],
    )


def _box(x: float, y: float, w: float, h: float) -> PlanBox:
    return PlanBox(MARGIN + x * UNIT, MARGIN + y * UNIT, w * UNIT, h * UNIT)


def _point(at: tuple[float, float]) -> tuple[float, float]:
    return MARGIN + at[0] * UNIT, MARGIN + at[1] * UNIT


def _device(device: Device) -> Marker:
    short = device.id.rpartition("-")[2]
    return Marker(
        device.id, device.kind, device.label, *_point(device.at), device.zone, device=True, short=short.upper()[:2]
    )


def _docks(carts: Sequence[Device]) -> list[PlanBox]:
    """A rail around each group of carts that stand beside each other."""
    groups: list[list[tuple[float, float]]] = []
    for x, y in sorted((device.at for device in carts), key=lambda at: (at[1], at[0])):
        near = groups and abs(groups[-1][-1][1] - y) < 0.3 and x - groups[-1][-1][0] < DOCK_METRES
        if near:
            groups[-1].append((x, y))
        else:
            groups.append([(x, y)])
    pad = 0.64
    return [
        _box(group[0][0] - pad, group[0][1] - pad, group[-1][0] - group[0][0] + 2 * pad, 2 * pad) for group in groups
    ]


def _offers(layout: Layout, zone: Area, offers: Sequence[OfferView]) -> list[Marker]:
    """A zone's offers as little cards in its middle, where the zone is not full of devices."""
    here = [offer for offer in offers if offer.zone == zone.id]
    crowded = sum(device.zone == zone.id for device in layout.devices) > IN_A_ROW
    if crowded or not here:
        return []
    x, y, width, _ = zone.plan
    left, top = _point((x + width / 2, y + 3.1))
    spots = []
    for number, offer in enumerate(here[: 2 * IN_A_ROW]):
        row, column = divmod(number, IN_A_ROW)
        beside = min(IN_A_ROW, len(here) - row * IN_A_ROW)
        start = left - (beside * CARD + (beside - 1) * GAP) / 2
        spots.append(
            Marker(
                offer.id,
                "offer",
                offer.look.title,
                start + column * (CARD + GAP),
                top + row * (CARD + GAP),
                zone.id,
                device=False,
                offer=offer,
            )
        )
    return spots

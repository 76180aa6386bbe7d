"""The way through this store: from a screen or a code to what somebody looks for.

What is looked for is named `what:id`: `product:06901234567892`, `shelf:shelf-fruit` (any code), `fixture:till-1`,
`device:locker-a`, `zone:dairy`, or `kind:toilet` for the nearest of that kind. A name alone is what it can be: the
number of a product, a fixture, a device, a code, a kind.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from edge.domain.fixtures.facts import FixtureDefined
from edge.domain.fixtures.rules import OPEN, SOUGHT
from edge.domain.layout import Layout
from edge.errors import Refusal
from edge.products.products import Products
from wayfinding.ground import WALKING_M, WHEELCHAIR_M, Ground
from wayfinding.plan import TOWARDS, Plan, Point, Rect, RouteTarget, Side
from wayfinding.route import Route, find
from words.languages import Words, in_words
from words.sentences import say_in

BESIDE_M: Final = 0.6
"""A code or a device so near to a fixture hangs on it."""
KNOWN_WAYS: Final = 500
"""How many ways are remembered; then all are forgotten."""
KIND_OF_DEVICE: Final = {"cart": "dock", "locker": "locker"}
"""What a device without a fixture of its own is to somebody who looks for it."""


Found = tuple[Route, RouteTarget]


class Start(msgspec.Struct, frozen=True):
    """Where somebody is."""

    id: str
    name: Words
    at: Point
    facing: Point | None
    """Where they look; None where nobody knows."""


class Destination(msgspec.Struct, frozen=True):
    """What somebody looks for, at one place of perhaps several."""

    to: str
    """Its name as it was asked for."""
    kind: str
    name: Words
    rect: Rect
    """What is marked on the map."""
    aim: RouteTarget
    fixture: str = ""
    """The fixture where it is, if it is at one."""
    sign: Words = {}
    """What stands on that fixture, where it is not what was looked for."""
    gtin: str = ""


class GuidedRoute(msgspec.Struct, frozen=True):
    """From here to there."""

    start: Start
    target: Destination
    wide: bool
    """It has room for a wheelchair everywhere."""
    route: Route


class Guide:
    """Made once; asks the layout what stands where, anew after each change."""

    def __init__(self, layout: Layout, products: Products) -> None:
        self._layout = layout
        self._products = products

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the floor plan in metres: all zones are in it."""
        plans = [zone.plan for zone in self._layout.zones]
        return max(plan[0] + plan[2] for plan in plans), max(plan[1] + plan[3] for plan in plans)

    def starts(self) -> tuple[Start, ...]:
        """Where somebody may say that they are: every screen, and every code on the wall that belongs to no device."""
        screens = [device.id for device in self._layout.devices if device.kind == "screen"]
        codes = [each.id for each in self._layout.touchpoints if each.device is None and not each.carried]
        return self._layout.once("starts", lambda: tuple(self.start(name) for name in (*screens, *codes)))

    def kinds(self) -> tuple[str, ...]:
        """What one can ask the way to, without a name."""
        return self._layout.once(
            "sought", lambda: tuple(kind for kind in SOUGHT if self._of_kind(f"kind:{kind}", kind))
        )

    def start(self, name: str) -> Start:
        """Where a screen, a code on the wall or a fixture is. Raises `Refusal` place_unknown."""
        fixture = self._fixture(name) or self._device_fixture(name)
        if fixture is not None:
            return self._in_front_of(name, fixture)
        point = self._layout.touchpoint(name)
        found = point or self._layout.device(name)
        if found is None or (point is not None and point.carried):
            raise Refusal("place_unknown", place=name[:40])
        holder = self._holder(found.at)
        front = self._in_front_of(name, holder).facing if holder is not None else None
        return Start(name, in_words(found.label), found.at, front)

    def targets(self, to: str) -> tuple[Destination, ...]:
        """Where that is; several where the nearest is meant. Raises `Refusal` place_unknown, product_unknown."""
        what, _, name = to.partition(":") if ":" in to else (self._sort(to), "", to)
        look: dict[str, Callable[[str, str], list[Destination]]] = {
            "kind": self._of_kind,
            "fixture": self._of_fixture,
            "shelf": self._of_point,
            "device": self._of_device,
            "product": self._of_product,
            "zone": self._of_zone,
        }
        found = look[what](to, name) if what in look else []
        if not found:
            raise Refusal("place_unknown", place=to[:60])
        return tuple(found)

    def _sort(self, name: str) -> str:
        """What a name without a `what:` is the name of."""
        if name.isascii() and name.isdigit():
            return "product"
        if self._fixture(name) is not None:
            return "fixture"
        if self._layout.device(name) is not None:
            return "device"
        return "shelf" if self._layout.touchpoint(name) is not None else "kind"

    async def way(self, start: str, to: str, *, wide: bool = False) -> GuidedRoute:
        """The shortest way. Raises `Refusal` place_unknown, product_unknown; no_way where none leads there."""
        here, targets = self.start(start), self.targets(to)
        aims = tuple(target.aim for target in targets)
        known = self._layout.once("ways", dict[tuple[Point, Point | None, tuple[RouteTarget, ...], bool], Found | None])
        key = (here.at, here.facing, aims, wide)
        if key not in known:
            # Some milliseconds: nobody's unlock waits for them.
            found = await asyncio.to_thread(self._find, here, aims, self._plan(), self._grounds(), wide=wide)
            if len(known) >= KNOWN_WAYS:
                known.clear()
            known[key] = found
        way = known[key]
        if way is None:
            raise Refusal("no_way", place=to[:60])
        return GuidedRoute(here, next(target for target in targets if target.aim == way[1]), wide, way[0])

    def zone_at(self, point: Point) -> str:
        """The zone that a point lies in, or that is nearest to it."""
        return min(self._layout.zones, key=lambda zone: Rect(*zone.plan).distance(point)).id

    def sign_at(self, point: Point, but: str = "") -> Words:
        """What the sign of the fixture says that somebody passes there; empty where none is near."""
        near = [
            (Rect(*each.plan).distance(point), each)
            for each in self._layout.fixtures
            if each.name is not None and each.fixture != but
        ]
        distance, fixture = min(near, key=lambda pair: pair[0], default=(math.inf, None))
        return in_words(fixture.name) if fixture is not None and fixture.name and distance < 2 * BESIDE_M else {}

    # --- where things are ---

    @staticmethod
    def _find(
        start: Start, aims: Sequence[RouteTarget], plan: Plan, grounds: dict[bool, Ground], *, wide: bool
    ) -> Found | None:
        if wide not in grounds:
            grounds[wide] = Ground(plan, WHEELCHAIR_M if wide else WALKING_M)
        return find(grounds[wide], start.at, aims, start.facing)

    def _grounds(self) -> dict[bool, Ground]:
        return self._layout.once("grounds", dict[bool, Ground])

    def _plan(self) -> Plan:
        solid = [Rect(*each.plan) for each in self._layout.fixtures if each.kind not in OPEN]
        return Plan(*self.size, tuple(solid))

    def _in_front_of(self, name: str, fixture: FixtureDefined) -> Start:
        """Before the front of a fixture, looking at it."""
        rect = Rect(*fixture.plan)
        device = self._layout.device(fixture.device)
        called = in_words(device.label) if device is not None else self._name(fixture)
        if fixture.front is None:
            return Start(name, called, rect.centre, None)
        x, y = TOWARDS[_side(fixture.front)]
        at = rect.centre[0] + x * rect.width / 2, rect.centre[1] + y * rect.height / 2
        return Start(name, called, at, (-x, -y))

    def _of_kind(self, to: str, kind: str) -> list[Destination]:
        found = [target for each in self._layout.fixtures if each.kind == kind for target in [self._target(to, each)]]
        return found + [
            self._destination_at(to, kind, in_words(device.label), device.at)
            for device in self._layout.devices
            if KIND_OF_DEVICE.get(device.kind) == kind and self._freestanding_target(device.id, device.at) is None
        ]

    def _of_fixture(self, to: str, name: str) -> list[Destination]:
        fixture = self._fixture(name)
        return [self._target(to, fixture)] if fixture is not None else []

    def _of_device(self, to: str, name: str) -> list[Destination]:
        device = self._layout.device(name)
        if device is None:
            return []
        fixture = self._device_fixture(name)
        label = in_words(device.label)
        return [
            self._target(to, fixture, label) if fixture else self._destination_at(to, device.kind, label, device.at)
        ]

    def _of_point(self, to: str, name: str) -> list[Destination]:
        point = self._layout.touchpoint(name)
        return [self._destination_at(to, "shelf", in_words(point.label), point.at)] if point is not None else []

    def _of_product(self, to: str, gtin: str) -> list[Destination]:
        product = self._products.find(gtin)
        if product is None:
            raise Refusal("product_unknown", product=gtin[:20])
        shelves = [target for shelf in product.shelves for target in self._of_point(to, shelf)]
        return [
            msgspec.structs.replace(each, gtin=product.gtin, name=product.name, sign=each.sign or each.name)
            for each in shelves
        ]

    def _of_zone(self, to: str, name: str) -> list[Destination]:
        return [
            Destination(to, "zone", in_words(zone.name), Rect(*zone.plan), RouteTarget(Rect(*zone.plan)))
            for zone in self._layout.zones
            if zone.id == name
        ]

    def _target(self, to: str, fixture: FixtureDefined, name: Words | None = None) -> Destination:
        rect = Rect(*fixture.plan)
        return Destination(
            to, fixture.kind, name or self._name(fixture), rect, RouteTarget(rect, _front(fixture)), fixture.fixture
        )

    def _destination_at(self, to: str, kind: str, name: Words, at: Point) -> Destination:
        """A place on a fixture, or one that stands free."""
        holder = self._holder(at)
        if holder is None:
            return Destination(to, kind, name, Rect.at(at), RouteTarget(Rect.at(at)))
        rect, sign = Rect(*holder.plan), in_words(holder.name) if holder.name else {}
        return Destination(
            to, kind, name, rect, RouteTarget(Rect.at(rect.closest(at)), _front(holder), rect), holder.fixture, sign
        )

    def _holder(self, at: Point) -> FixtureDefined | None:
        """The fixture that something at this place hangs on."""
        near: Iterable[FixtureDefined] = (each for each in self._layout.fixtures if each.kind not in ("wall", "exit"))
        found = min(near, key=lambda each: Rect(*each.plan).distance(at), default=None)
        return found if found is not None and Rect(*found.plan).distance(at) <= BESIDE_M else None

    def _freestanding_target(self, device: str, at: Point) -> FixtureDefined | None:
        return self._device_fixture(device) or self._holder(at)

    def _fixture(self, name: str) -> FixtureDefined | None:
        known = self._layout.once("fixture by id", lambda: {each.fixture: each for each in self._layout.fixtures})
        return known.get(name)

    def _device_fixture(self, name: str) -> FixtureDefined | None:
        return next((each for each in self._layout.fixtures if each.device == name), None)

    def _name(self, fixture: FixtureDefined) -> Words:
        if fixture.name is not None:
            return in_words(fixture.name)
        return say_in(self._layout.store.languages, f"map.kinds.{fixture.kind}")


def _front(fixture: FixtureDefined) -> Side | None:
    return None if fixture.front is None else _side(fixture.front)


def _side(front: str) -> Side:
    return next(side for side in TOWARDS if side == front)

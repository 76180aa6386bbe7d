"""The floor as somebody sees it who looks for something: zones, what stands there, the way; in metres."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from edge.domain.fixtures.rules import SOUGHT
from edge.web.views.floor_names import FloorName, around, box, thing_names, zone_names
from wayfinding.plan import Point, Rect
from words.languages import in_language
from words.sentences import say, say_in

if TYPE_CHECKING:
    from edge.domain.fixtures.facts import FixtureDefined
    from edge.domain.layout import Layout
    from edge.gateway.guiding import Guide, GuidedRoute

TINTS: Final = ("#E9EFE4", "#EAF3E6", "#FBF1DC", "#E6EFF7", "#F0ECE4", "#F7E9E4", "#EEEAF4")


class ZoneView(msgspec.Struct, frozen=True):
    """A zone."""

    id: str
    name: str
    plan: tuple[float, float, float, float]
    tint: str


class FixtureView(msgspec.Struct, frozen=True):
    """A fixture."""

    id: str
    kind: str
    plan: tuple[float, float, float, float]
    sought: bool
    """Whether shoppers ask the way to it."""
    target: bool
    """Whether the way leads to it."""


class Floor(msgspec.Struct, frozen=True):
    """All that is drawn."""

    width: float
    height: float
    areas: list[ZoneView]
    things: list[FixtureView]
    names: list[FloorName]
    here: Point | None
    pin: Point | None
    """On the thing that the way leads to."""
    way: list[Point]


def floor(
    layout: Layout, guide: Guide, language: str, here: Point | None = None, way: GuidedRoute | None = None
) -> Floor:
    """The floor in one language, with the way drawn into it where there is one."""
    width, height = guide.size
    target = way.target.fixture if way is not None else ""
    points = list(way.route.points) if way is not None else []
    here = points[0] if points else here
    pin = way.target.aim.rect.centre if way is not None else None
    return Floor(
        width=width,
        height=height,
        areas=[
            ZoneView(zone.id, zone.name[language], zone.plan, TINTS[number % len(TINTS)])
            for number, zone in enumerate(layout.zones)
        ],
        things=[
            FixtureView(each.fixture, each.kind, each.plan, each.kind in SOUGHT, each.fixture == target)
            for each in layout.fixtures
        ],
        names=_names(layout, language, target, Rect(0, 0, width, height), [each for each in (here, pin) if each]),
        here=here,
        pin=pin,
        way=points,
    )


def drawn(layout: Layout, guide: Guide, screen: str) -> dict[str, Any]:
    """The floor as a screen draws it, every name in each of the store's languages; `here` is where that screen is."""
    width, height = guide.size
    languages = layout.store.languages
    kinds = {kind: say_in(languages, f"map.kinds.{kind}") for kind in guide.kinds()}
    return {
        "width": width,
        "height": height,
        "here": guide.start(screen).at,
        "zones": [{"id": each.id, "name": each.name, "plan": each.plan} for each in layout.zones],
        "things": [
            {
                "id": each.fixture,
                "kind": each.kind,
                "name": each.name or (kinds.get(each.kind, {})),
                "plan": each.plan,
                "sought": each.kind in SOUGHT,
            }
            for each in layout.fixtures
        ],
        "places": [{"to": f"kind:{kind}", "kind": kind, "name": name} for kind, name in kinds.items()]
        + [{"to": f"zone:{zone.id}", "kind": "zone", "name": zone.name} for zone in layout.zones],
    }


def _names(layout: Layout, language: str, target: str, whole: Rect, marks: list[Point]) -> list[FloorName]:
    """Of the zones, and of what shoppers ask for but the target, which has the pin."""
    zones = zone_names([(zone.name[language], Rect(*zone.plan)) for zone in layout.zones], whole.width)
    taken = [*map(box, zones), *map(around, marks)]
    sought = [each for each in layout.fixtures if each.kind in SOUGHT and each.fixture != target]
    return zones + thing_names([(_name_of(each, language), Rect(*each.plan)) for each in sought], taken, whole)


def _name_of(fixture: FixtureDefined, language: str) -> str:
    own = in_language(fixture.name, language) if fixture.name else ""
    return own or say(language, f"map.kinds.{fixture.kind}")


def svg_path(points: Sequence[Point]) -> str:
    """Points as an SVG path."""
    return "".join(f"{'L' if place else 'M'}{x:.2f} {y:.2f}" for place, (x, y) in enumerate(points))

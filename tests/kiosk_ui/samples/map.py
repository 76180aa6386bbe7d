"""The map: the floor of the example store, a way, a product, a long name, sixty places, and no way at all."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

import msgspec

from kiosk_ui import places
from kiosk_ui.screens.map.answer import Destination, Direction, MapAnswer, MapFixture, MapProduct, MapZone, Way
from kiosk_ui.screens.map.handlers import Memory
from tests.kiosk_ui.samples.sample import Sample
from words.languages import Words
from words.sentences import say_in

LANGUAGES: Final = ("zh-CN", "en", "de")
SOUGHT: Final = ("dock", "locker", "till", "service", "toilet", "exit")
LONG: Final = {
    "zh-CN": "有机全脂巴氏杀菌鲜牛奶家庭装特浓三点八蛋白",
    "en": "Organic whole pasteurised milk in the family size",
    "de": "Pasteurisierte Bio-Vollmilch in der Familienpackung",
}
STORE: Final = tomllib.loads((Path(__file__).parents[3] / "config" / "store.toml").read_text("utf-8"))


def kind(name: str) -> Words:
    """What a kind of fixture is called."""
    return say_in(LANGUAGES, f"map.kinds.{name}")


def floor(more: int = 0, **changes: Any) -> MapAnswer:
    """The floor of the example store, with `more` further places to ask for."""
    zones = tuple(MapZone(zone["id"], zone["name"], tuple(zone["plan"])) for zone in STORE["zones"])
    things = tuple(
        MapFixture(each["id"], each["kind"], each.get("name") or kind(each["kind"]), tuple(each["plan"]),
              each["kind"] in SOUGHT)
        for each in STORE["fixtures"]
    )  # fmt: skip
    asked = [Destination(f"kind:{name}", name, kind(name)) for name in SOUGHT]
    asked += [Destination(f"zone:{zone.id}", "zone", zone.name) for zone in zones]
    asked += [Destination(f"zone:more-{number}", "zone", LONG) for number in range(more)]
    found = MapAnswer(30.0, 20.0, (25.5, 11.6), zones, things, tuple(asked))
    return msgspec.structs.replace(found, **changes)


def line(turn: str, key: str, steps: int, **values: Any) -> Direction:
    """One line of a way."""
    return Direction(turn, say_in(LANGUAGES, key, **values), say_in(LANGUAGES, "map.steps", count=steps))


def way(name: Words, *, goods: MapProduct | None = None, bends: int = 1) -> Way:
    """A way with so many bends, to the second shelf of the last zone."""
    sign = {"zh-CN": "C2 货架", "en": "Shelf C2", "de": "Regal C2"}
    points = ((25.4, 11.6), (24.6, 10.8), (24.6, 3.0), (25.4, 2.6))
    lines = [line("slight_left", "map.first.slight_left", 2)]
    lines += [
        line("left" if at % 2 else "right", f"map.turn.{'left' if at % 2 else 'right'}", 6) for at in range(bends)
    ]
    last = {tag: say_in((tag,), "map.arrive.left", turn=say_in((tag,), "map.turn.slight_right")[tag], to=sign[tag])[tag]
            for tag in LANGUAGES}  # fmt: skip
    lines.append(Direction("slight_right", last, say_in(LANGUAGES, "map.steps", count=12)))
    return Way(
        to="x", kind="shelf", name=name, pin=(25.5, 2.0), points=points, steps=14 + 6 * bends,
        takes=say_in(LANGUAGES, "map.time.half"), lines=tuple(lines),
        aloud=say_in(LANGUAGES, "map.first.slight_left"), wide=False,
        link="http://192.168.1.20:8080/map?from=screen-baby&to=product%3A06901234500014",
        sign=sign, fixture="shelf-c2", goods=goods,
    )  # fmt: skip


def goods(name: Words) -> MapProduct:
    """A product."""
    return MapProduct("06901234500014", name, "CNY", 6900, None, "diaper", "#DDEAF2")


def sample(name: str, answer: MapAnswer | None, *covers: str, to: str = "x", **known: Any) -> Sample:
    """The map as it stands once the gateway has answered."""
    return Sample(
        name=name,
        message=places.Map(to),
        memory=lambda at: Memory(answer=answer, chosen=True, asked_at=at + 3600, **known),
        covers=covers,
        offline="offline" in covers,
    )


NAPPIES: Final = {"zh-CN": "婴儿纸尿裤 L 54片", "en": "Nappies L, 54 pieces", "de": "Windeln Größe L, 54 Stück"}
SAMPLES: Final = (
    sample("map", floor(), "normal", to=""),
    sample("map-goods", floor(way=way(NAPPIES, goods=goods(NAPPIES)), printable=True), "one"),
    sample("map-long", floor(way=way(LONG, goods=goods(LONG), bends=8), printable=True), "long", slip="printing",
           said={"zh-CN": "2号收银台小票机", "en": "Till 2 printer", "de": "Bondrucker Kasse 2"}),
    sample("map-sixty", floor(49), "sixty", to=""),
    sample("map-none", floor(problem=say_in(LANGUAGES, "map.no_wide")), "empty", wide=True),
    sample("map-lost", None, "offline", to="", lost=True),
)  # fmt: skip

"""What is to be seen of the map: the floor, and the way or what one can ask the way to."""

from __future__ import annotations

from typing import Final

import msgspec

from kiosk_ui.gateway import Refused
from kiosk_ui.prices import split_price
from kiosk_ui.screens.home.view import clock
from kiosk_ui.screens.map.answer import MapAnswer, Way
from kiosk_ui.screens.map.asking import At
from kiosk_ui.screens.map.drawing import Drawing, drawing

PLACES: Final = 12
LINES: Final = 3
"""What has room on one page; of lines one less where the text is large."""


class PlaceView(msgspec.Struct, frozen=True):
    """One thing that one can ask the way to."""

    to: str
    words: str
    quiet: bool
    """A zone: nobody needs it as often."""


class LineView(msgspec.Struct, frozen=True):
    """One line of the way."""

    turn: str
    title: str
    detail: str
    first: bool


class MapView(msgspec.Struct, frozen=True):
    """The whole screen."""

    title: str
    clock: str
    offline: str
    drawing: Drawing | None
    ratio: float
    """Height of the floor over its width."""
    heading: str
    """Instead of a plan that is not there, or of a way."""
    note: str
    name: str
    """What the way leads to."""
    price: str
    stock: str
    art: str
    tint: str
    steps: str
    takes: str
    lines: tuple[LineView, ...]
    places: tuple[PlaceView, ...]
    search: str
    page: str
    before: bool
    after: bool
    turn_back: str
    turn_on: str
    code: str
    take: str
    """Under the code; what became of the slip stands in its place."""
    printing: bool
    slip: str
    """On the key that prints; empty where no printer is near."""
    call: str
    """On the key that calls staff where the map is of no help."""
    listen: str
    aloud: str
    wide: str
    """On the key for a wheelchair's way, and back."""
    is_wide: bool


def view(at: At) -> MapView:
    """The whole screen."""
    known, text = at.memory, at.text
    answer = known.answer
    way = answer.way if answer else None
    pages, page = _pages(at, answer), known.page
    page = min(page, pages - 1)
    heading, note = _instead(at)
    return MapView(
        title=_title(at, way),
        clock=clock(at),
        offline=text("map.offline") if known.lost or at.offline else "",
        drawing=drawing(at, answer) if answer else None,
        ratio=answer.height / answer.width if answer else 0.0,
        heading=heading,
        note=note,
        name=at.say(way.name) if way else "",
        price=_price(at, way),
        stock=_stock(at, way),
        art=way.goods.art if way and way.goods else "",
        tint=way.goods.tint if way and way.goods else "",
        steps=str(way.steps) if way and way.steps else "",
        takes=_takes(at, way),
        lines=_lines(at, way, page),
        places=() if at.message.to or answer is None else _places(at, answer, page),
        search=text("map.goods") if not at.message.to and "search" in at.shown and answer else "",
        page=f"{page + 1}/{pages}" if pages > 1 else "",
        before=page > 0,
        after=page < pages - 1,
        turn_back=text("map.page_back"),
        turn_on=text("map.page_on"),
        code=way.link if way else "",
        take=_take(at, way),
        printing=known.slip in ("asked", "printing"),
        slip=_slip(at) if answer and answer.printable else "",
        call=text("map.call") if heading and known.answer and "help" in at.shown else "",
        listen=text("map.listen") if way else "",
        aloud=at.say(way.aloud) if way else "",
        wide=_wide(at) if at.message.to and answer else "",
        is_wide=known.wide,
    )


def _title(at: At, way: Way | None) -> str:
    if way is None:
        return at.text("map.title")
    return at.text("map.to_shelf") if way.goods else at.text("map.to_title", to=at.say(way.name))


def _instead(at: At) -> tuple[str, str]:
    known = at.memory
    if known.answer is None:
        return (at.text("map.lost"), at.text("map.lost_note")) if known.lost else (at.text("map.loading"), "")
    return (at.say(known.answer.problem), at.text("map.ask_staff")) if known.answer.problem else ("", "")


def _pages(at: At, answer: MapAnswer | None) -> int:
    if answer is None:
        return 1
    if answer.way is not None:
        return max(1, -(-len(answer.way.lines) // _lines_a_page(at)))
    return max(1, -(-len(answer.places) // PLACES)) if not at.message.to else 1


def _lines_a_page(at: At) -> int:
    return LINES - 1 if at.large else LINES


def _lines(at: At, way: Way | None, page: int) -> tuple[LineView, ...]:
    if way is None:
        return ()
    room = _lines_a_page(at)
    shown = list(enumerate(way.lines))[page * room : (page + 1) * room]
    return tuple(LineView(line.turn, at.say(line.title), at.say(line.detail), number == 0) for number, line in shown)


def _places(at: At, answer: MapAnswer, page: int) -> tuple[PlaceView, ...]:
    shown = answer.places[page * PLACES : (page + 1) * PLACES]
    return tuple(PlaceView(each.to, at.say(each.name), each.kind == "zone") for each in shown)


def _price(at: At, way: Way | None) -> str:
    goods = way.goods if way else None
    return str(split_price(goods.price, goods.currency, at.language)) if goods and goods.price is not None else ""


def _stock(at: At, way: Way | None) -> str:
    if way is None:
        return ""
    if way.goods is not None and not way.goods.here:
        return at.text("product.not_here")
    return at.say(way.sign) if way.goods is not None else ""


def _takes(at: At, way: Way | None) -> str:
    if way is None or not way.steps:
        return ""
    return at.text("map.caption", time=at.say(way.takes), steps=at.text("map.steps_word"))


def _slip(at: At) -> str:
    return at.text("map.prints" if at.memory.slip in ("asked", "printing") else "map.print")


def _take(at: At, way: Way | None) -> str:
    known, text = at.memory, at.text
    if way is None:
        return ""
    if known.slip == "printing":
        return text("map.printed", printer=at.say(known.said) if isinstance(known.said, dict) else "")
    if known.slip == "refused":
        return known.said.in_language(at.language) if isinstance(known.said, Refused) else text("map.not_printed")
    return text("map.take")


def _wide(at: At) -> str:
    return at.text("map.wide_off" if at.memory.wide else "map.wide")

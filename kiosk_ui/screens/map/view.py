"""What is to be seen of the map: the floor, and the way or what one can ask the way to."""

from __future__ import annotations

from typing import Final

import msgspec

from kiosk_ui.gateway import Refused
from kiosk_ui.prices import split_price
from kiosk_ui.screens.home.view import clock
from kiosk_ui.screens.map.answer import MapAnswer, Way
from kiosk_ui.screens.map.drawing import Drawing, drawing
from kiosk_ui.screens.map.handlers import MapContext

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


def view(context: MapContext) -> MapView:
    """The whole screen."""
    known, text = context.memory, context.text
    answer = known.answer
    way = answer.way if answer else None
    pages, page = _pages(context, answer), known.page
    page = min(page, pages - 1)
    heading, note = _without_map(context)
    return MapView(
        title=_title(context, way),
        clock=clock(context),
        offline=text("map.offline") if known.lost or context.offline else "",
        drawing=drawing(context, answer) if answer else None,
        ratio=answer.height / answer.width if answer else 0.0,
        heading=heading,
        note=note,
        name=context.say(way.name) if way else "",
        price=_price(context, way),
        stock=_stock(context, way),
        art=way.goods.art if way and way.goods else "",
        tint=way.goods.tint if way and way.goods else "",
        steps=str(way.steps) if way and way.steps else "",
        takes=_takes(context, way),
        lines=_lines(context, way, page),
        places=() if context.message.to or answer is None else _places(context, answer, page),
        search=text("map.goods") if not context.message.to and "search" in context.shown and answer else "",
        page=f"{page + 1}/{pages}" if pages > 1 else "",
        before=page > 0,
        after=page < pages - 1,
        turn_back=text("map.page_back"),
        turn_on=text("map.page_on"),
        code=way.link if way else "",
        take=_take(context, way),
        printing=known.slip in ("asked", "printing"),
        slip=_slip(context) if answer and answer.printable else "",
        call=text("map.call") if heading and known.answer and "help" in context.shown else "",
        listen=text("map.listen") if way else "",
        aloud=context.say(way.aloud) if way else "",
        wide=_wide(context) if context.message.to and answer else "",
        is_wide=known.wide,
    )


def _title(context: MapContext, way: Way | None) -> str:
    if way is None:
        return context.text("map.title")
    return context.text("map.to_shelf") if way.goods else context.text("map.to_title", to=context.say(way.name))


def _without_map(context: MapContext) -> tuple[str, str]:
    known = context.memory
    if known.answer is None:
        return (
            (context.text("map.lost"), context.text("map.lost_note"))
            if known.lost
            else (context.text("map.loading"), "")
        )
    return context.say(known.answer.problem), ""  # it says whom to ask


def _pages(context: MapContext, answer: MapAnswer | None) -> int:
    if answer is None:
        return 1
    if answer.way is not None:
        return max(1, -(-len(answer.way.lines) // _lines_a_page(context)))
    return max(1, -(-len(answer.places) // PLACES)) if not context.message.to else 1


def _lines_a_page(context: MapContext) -> int:
    return LINES - 1 if context.large else LINES


def _lines(context: MapContext, way: Way | None, page: int) -> tuple[LineView, ...]:
    if way is None:
        return ()
    room = _lines_a_page(context)
    shown = list(enumerate(way.lines))[page * room : (page + 1) * room]
    return tuple(
        LineView(line.turn, context.say(line.title), context.say(line.detail), number == 0) for number, line in shown
    )


def _places(context: MapContext, answer: MapAnswer, page: int) -> tuple[PlaceView, ...]:
    shown = answer.places[page * PLACES : (page + 1) * PLACES]
    return tuple(PlaceView(each.to, context.say(each.name), each.kind == "zone") for each in shown)


def _price(context: MapContext, way: Way | None) -> str:
    goods = way.goods if way else None
    return str(split_price(goods.price, goods.currency, context.language)) if goods and goods.price is not None else ""


def _stock(context: MapContext, way: Way | None) -> str:
    if way is None:
        return ""
    if way.goods is not None and not way.goods.here:
        return context.text("product.not_here")
    return context.say(way.sign) if way.goods is not None else ""


def _takes(context: MapContext, way: Way | None) -> str:
    if way is None or not way.steps:
        return ""
    return context.text("map.caption", time=context.say(way.takes), steps=context.text("map.steps_word"))


def _slip(context: MapContext) -> str:
    return context.text("map.prints" if context.memory.slip in ("asked", "printing") else "map.print")


def _take(context: MapContext, way: Way | None) -> str:
    known, text = context.memory, context.text
    if way is None:
        return ""
    if known.slip == "printing":
        return text("map.printed", printer=context.say(known.said) if isinstance(known.said, dict) else "")
    if known.slip == "refused":
        return known.said.in_language(context.language) if isinstance(known.said, Refused) else text("map.not_printed")
    return text("map.take")


def _wide(context: MapContext) -> str:
    return context.text("map.wide_off" if context.memory.wide else "map.wide")

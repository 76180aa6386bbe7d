"""The map without a window: what it asks, what it shows, what a touch leads to."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import msgspec

from kiosk_ui import places
from kiosk_ui.gateway import Refused, Unreachable
from kiosk_ui.screen import Context
from kiosk_ui.screens.map import handlers
from kiosk_ui.screens.map.handlers import Memory, SlipOrdered
from kiosk_ui.screens.map.screen import SCREEN
from kiosk_ui.screens.map.view import LINES, PLACES
from kiosk_ui.session import Session
from tests.kiosk_ui.samples.map import NAPPIES, floor, goods, way
from tests.kiosk_ui.samples.sample import wall
from words.sentences import say


def context(to: str = "", memory: Memory | None = None, **values: Any) -> Any:
    session = {name: values.pop(name) for name in ("letters", "reach") if name in values}
    return Context(
        message=places.Map(to),
        memory=memory or handlers.start(0.0),
        at=values.pop("at", time.monotonic()),
        now=datetime.now(UTC),
        backdrop=wall(),
        language=values.pop("language", "en"),
        session=Session(id="a", **session),
        shown=frozenset({"search", "help"}),
        **values,
    )


def answered(**changes: Any) -> Memory:
    return Memory(answer=floor(**changes), asked_at=time.monotonic())


def test_it_asks_once_it_is_opened_and_again_when_nobody_answered() -> None:
    step = SCREEN.on_front(context())
    assert step.job is not None
    assert SCREEN.loads(step.memory)
    lost = SCREEN.on_result(context(memory=step.memory), Unreachable())
    assert SCREEN.view(context(memory=lost)).heading
    assert SCREEN.on_tick(context(memory=lost, at=lost.asked_at + 1)) == lost
    again = SCREEN.on_tick(context(memory=lost, at=lost.asked_at + handlers.RETRY_S))
    assert again.job is not None


def test_the_floor_offers_places_and_leads_to_the_way_there() -> None:
    view = SCREEN.view(context(memory=answered()))
    assert [place.to for place in view.places][:2] == ["kind:dock", "kind:locker"]
    assert view.search
    step = SCREEN.on_touch["go"](context(memory=answered()), "kind:toilet")
    assert step.open == places.Map("kind:toilet")


def test_many_places_have_pages() -> None:
    memory = answered(more=49)
    first = SCREEN.view(context(memory=memory))
    assert (len(first.places), first.page, first.before, first.after) == (PLACES, "1/5", False, True)
    for _ in range(9):
        memory = SCREEN.on_touch["turn"](context(memory=memory), "1").memory
    last = SCREEN.view(context(memory=memory))
    assert (last.page, last.after) == ("5/5", False)
    assert SCREEN.view(context(memory=SCREEN.on_touch["turn"](context(memory=memory), "-1").memory)).page != ""


def test_a_way_has_lines_a_code_and_what_it_leads_to() -> None:
    memory = answered(way=way(NAPPIES, goods=goods(NAPPIES)))
    view = SCREEN.view(context("x", memory))
    assert view.name == NAPPIES["en"]
    assert view.price == "¥69.00"
    assert len(view.lines) == LINES
    assert view.code.startswith("http")
    assert view.drawing is not None
    assert view.drawing.goal == "Shelf C2"
    assert SCREEN.view(context("x", memory, language="zh-CN")).name == NAPPIES["zh-CN"]


def test_low_mode_asks_for_a_way_with_room_for_a_wheelchair_until_somebody_chooses() -> None:
    memory = answered(way=way(NAPPIES))
    followed = SCREEN.on_tick(context("x", memory, reach=True))
    assert followed.memory.wide
    assert followed.job is not None
    chosen = SCREEN.on_touch["wide"](context("x", memory), "").memory
    assert chosen.wide
    settled = msgspec.structs.replace(chosen, asking=False, asked_at=time.monotonic())
    assert SCREEN.on_tick(context("x", settled)) == settled


def test_a_slip_is_asked_for_once_and_its_end_is_told() -> None:
    memory = answered(way=way(NAPPIES), printable=True)
    assert SCREEN.view(context("x", memory)).slip
    step = SCREEN.on_touch["print"](context("x", memory), "")
    assert step.job is not None
    assert SCREEN.busy(step.memory)
    assert SCREEN.on_touch["print"](context("x", step.memory), "").job is None
    printed = SCREEN.on_result(context("x", step.memory), SlipOrdered({"en": "Till 2 printer"}))
    assert "Till 2 printer" in SCREEN.view(context("x", printed)).take
    no = Refused("printer_unknown", "No printer is here.", language="en")
    refused = SCREEN.on_result(context("x", step.memory), no)
    assert SCREEN.view(context("x", refused)).take == "No printer is here."
    assert SCREEN.view(context("x", refused, language="de")).take == say("de", "refusals.printer_unknown")
    away = SCREEN.on_result(context("x", step.memory), Unreachable())
    assert SCREEN.view(context("x", away)).take == say("en", "map.not_printed")
    assert SCREEN.on_touch["print"](context("x", refused), "").job is not None
    other = msgspec.structs.replace(refused, asking=True)
    assert SCREEN.on_touch["print"](context("x", other), "").job is None, "the way that is asked for would not come"


def test_where_no_way_leads_the_reason_stands_there_and_staff_can_be_called() -> None:
    view = SCREEN.view(context("x", answered(problem={"en": "No way."})))
    assert (view.heading, bool(view.call), view.lines) == ("No way.", True, ())
    assert view.drawing is not None

"""Letters twice as high: what stands on a screen stands in its column, no smaller than twice, and its keys do the same.

Run by `test_double.py` in a process of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from kiosk_ui import flow, theme
from kiosk_ui.state import next_language
from kiosk_ui.texts import say
from kiosk_ui.widgets.column import LARGEST, BigText, Column, twice
from kiosk_ui.widgets.pieces import Block, Text, ordered
from tests.kiosk_ui import geometry
from tests.kiosk_ui.access_cases import HOME, window
from tests.kiosk_ui.blind import Blind
from tests.kiosk_ui.geometry_cases import LANGUAGES, every_round, walked
from tests.kiosk_ui.samples.sample import Sample, every, state
from tests.kiosk_ui.session_cases import Stopped, finger
from tests.kiosk_ui.window_cases import frames, sized, until

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["window"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHRUNK = 0.6
"""How far a single word, or a price, that is wider than a line is written smaller."""
TIMES = 10
"""WCAG 2.2.1: so often more time is had."""
DIGITS = 3
"""Keys in a row of a pad."""
SIZE = (1080, 1920)
COLUMNS = [sample for sample in every() if not sample.name.startswith("attract")]
TRIED = COLUMNS if every_round() else [each for each in walked() if each.name in ("home", "search")]


async def doubled(kiosk: Any, sample: Sample, language: str = "de") -> Column:
    """The sample is drawn, with letters twice as high."""
    kiosk.become(state(kiosk, sample, language, letters="double"))
    kiosk._timer.cancel()
    await frames(6)
    front = next(layer for layer in reversed(kiosk.access.stage.layers) if layer.widget is not None)
    column = front.seen
    assert isinstance(column, Column)
    while [piece for piece, _ in column.drawn] != ordered(front.widget):
        column.follow(front.widget)
        await frames(4)
    return column


def texts(column: Column) -> Iterator[Text]:
    """Everything that is written there."""
    for piece, _ in column.drawn:
        yield from piece.texts if isinstance(piece, Block) else [piece] if isinstance(piece, Text) else []


@pytest.mark.parametrize("sample", TRIED, ids=lambda sample: sample.name)
@pytest.mark.parametrize("language", LANGUAGES if every_round() else LANGUAGES[:1])
async def test_a_column_has_everything_and_twice_as_high(window: Any, sample: Sample, language: str) -> None:
    column = await doubled(window, sample, language)
    screen = next(layer.widget for layer in reversed(window.access.stage.layers) if layer.widget is not None)
    assert [piece for piece, _ in column.drawn] == ordered(screen)
    written = [each for each in column.walk(restrict=True) if isinstance(each, BigText)]
    for text, label in zip(texts(column), written, strict=True):
        wanted = int(twice(text.letters, window.m.scale))
        assert wanted >= min(2 * int(text.letters), window.m.px(LARGEST) - 1)
        assert label.font_size >= wanted * SHRUNK, text
        if " " in text.text and not text.figures and not text.name:
            assert label.font_size == wanted or max(map(len, text.text.split())) > 12, text


async def test_a_screen_that_stands_nowhere_is_laid_out_all_the_same(window: Any) -> None:
    for name in ("coupon-away", "coupon-unknown"):  # each has a widget of its own
        column = await doubled(window, next(sample for sample in every() if sample.name == name))
    assert say("de", "kiosk_coupon.none") in [text.text for text in texts(column)]


async def test_a_key_of_the_column_is_the_key_of_the_screen(window: Any) -> None:
    column = await doubled(window, HOME)
    search = next(widget for piece, widget in column.drawn if isinstance(piece, Block) and "finden" in str(piece.texts))
    search.dispatch("on_release")
    await until(lambda: window.flow.front.message != HOME.message)


@pytest.mark.parametrize(("name", "number"), [("lockers-open", "07"), ("bank-open", "05")])
@pytest.mark.parametrize("size", [(1080, 1920), (1920, 1080)], ids=str)
async def test_the_number_of_the_door_is_read_first(window: Any, name: str, number: str, size: tuple[int, int]) -> None:
    await sized(window, size)
    column = await doubled(window, next(sample for sample in every() if sample.name == name))
    written = [each for each in column.walk(restrict=True) if isinstance(each, BigText) and each.text == number]
    assert geometry.in_sight(written[0], window)
    assert written[0].font_size == max(
        each.font_size for each in column.walk(restrict=True) if isinstance(each, BigText)
    )
    await sized(window, (1080, 1920))


async def test_a_finger_moves_the_column_and_presses_nothing(window: Any) -> None:
    column = await doubled(window, HOME)
    hole, key = window.access.stage.hole, next(each for piece, each in column.drawn if getattr(piece, "key", None))
    x, y = key.to_window(*key.center)
    touch = finger(x, y)
    touch.touch_down()
    touch.touch_move(x, y + 300)
    touch.touch_move(x, y + 400)
    touch.touch_up()
    await frames(4)
    assert window.flow.front.message == HOME.message
    assert hole.moved == pytest.approx(400, abs=1)
    assert key.state == "normal"


async def test_what_stands_around_is_made_once_and_keeps_nothing_of_a_shopper(window: Any) -> None:
    await doubled(window, HOME)
    stage = window.access.stage
    bar, above = stage.bar, stage.above
    stage.saying = "4711-canary"
    assert above.saying == "4711-canary"
    window.end()
    window._timer.cancel()
    assert not stage.framed
    assert above.parent is None
    assert above.saying == ""
    await doubled(window, HOME)
    assert (stage.bar, stage.above) == (bar, above)


async def test_a_longer_list_than_the_glass_is_whole(window: Any) -> None:
    sixty = next(sample for sample in every() if sample.name.startswith("offers") and "sixty" in sample.covers)
    column = await doubled(window, sixty)
    rows = [piece for piece, _ in column.drawn if isinstance(piece, Block) and piece.row is not None]
    assert len(rows) == len({row.row.id for row in rows}) == 60
    column.drawn[[piece for piece, _ in column.drawn].index(rows[40])][1].dispatch("on_release")
    await until(lambda: rows[40].row.id in repr(window.flow.front.message))


async def test_words_stand_on_any_ground() -> None:
    """An extension's screen may have a ground on which neither ink nor white reaches what is asked."""
    ink = Text(text="x", letters=24)
    for shade in range(256):
        ground = (shade / 255, shade / 255, shade / 255, 1.0)
        assert theme.contrast(ink.on(ground), ground) >= 4


async def test_a_pad_begins_with_a_row_of_its_own(window: Any) -> None:
    column = await doubled(window, next(sample for sample in every() if sample.name == "lockers-digits"))
    await frames(4)
    pad = [widget for piece, widget in column.drawn if isinstance(piece, Block) and piece.cols == DIGITS]
    typed = [widget for piece, widget in column.drawn if isinstance(piece, Block) and piece.cols < 0]
    assert typed
    assert len(pad) >= DIGITS
    assert len({round(key.y) for key in pad[:DIGITS]}) == 1
    assert max(key.top for key in pad) < min(slot.y for slot in typed)


async def test_a_number_at_200_percent_is_not_alone_on_its_line(window: Any) -> None:
    column = await doubled(window, next(sample for sample in every() if sample.name == "bank-open"), "zh-CN")
    await sized(window, (720, 1280))
    said = next(each for each in column.walk(restrict=True) if isinstance(each, BigText) and "号柜" in each.text)
    assert "05" not in said._label.text.split("\n")
    await sized(window, SIZE)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["basket", "lockers-digits", "search", "mine"])
async def test_another_language_on_the_way_by_keys_and_voice_alone(window: Any, name: str, language: str) -> None:
    sample = next(sample for sample in every() if sample.name == name)
    window.become(state(window, sample, language, letters="double", speech=True))
    window._timer.cancel()
    await frames(6)
    before, other = window.flow.front, next_language(window.flow)
    blind = Blind(window.access.voice)
    await blind.chooses(say(other, "name"))
    assert re.search(r"\d+ (?:keys|Tasten)|\d+个按键", await blind.hears(f"[{other} "))
    session, front = window.flow.session, window.flow.front
    assert (session.language, session.letters, session.speech) == (other, "double", True)
    assert (front.message, front.memory) == (before.message, before.memory), "nothing typed or open is lost"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_more_time_ten_times_by_keys_and_voice_alone(
    window: Any, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kiosk_ui import window as kiosk_window

    clock = Stopped()
    monkeypatch.setattr(kiosk_window, "_now", clock.moment)
    monkeypatch.setattr(kiosk_window, "time", clock)
    found = state(window, HOME, language, letters="double", speech=True)
    window.become(msgspec.structs.replace(found, touched_at=clock.at))
    window._timer.cancel()
    await frames(6)
    blind = Blind(window.access.voice)
    for _ in range(TIMES):
        clock.at += flow.IDLE_S * flow.SLOWER + 1
        window._tick(1)
        window._timer.cancel()
        await frames(6)
        assert window.flow.question is not None
        await blind.chooses(say(language, "kiosk_home.still_there.go_on"))
        await frames(4)
        assert (window.flow.question, window.flow.front.message) == (None, HOME.message)
        session = window.flow.session
        assert (session.language, session.letters, session.speech) == (language, "double", True)
    clock.at += flow.IDLE_S * flow.SLOWER + 1
    window._tick(1)
    clock.at += flow.ANSWER_S * flow.SLOWER + 1
    window._tick(1)
    await frames(6)
    assert not window.flow.session.speech, "nothing is left for the next one"


async def test_how_many_of_something_stands_between_its_two_keys(window: Any) -> None:
    await sized(window, SIZE)
    column = await doubled(window, next(each for each in COLUMNS if each.name == "basket-long"))
    pieces, widgets = zip(*column.drawn, strict=True)
    (at,) = [place for place, piece in enumerate(pieces) if isinstance(piece, Text) and piece.text == "999"]
    fewer, count, more = widgets[at - 1 : at + 2]
    assert fewer.right <= count.x
    assert count.right <= more.x
    assert count.y < fewer.top
    assert count.y < more.top
    assert count.top > fewer.y
    assert count.top > more.y

"""A list that a finger moves, in a real window. Run by `test_rows.py` in a process of its own."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
import pytest_asyncio

from kiosk_ui import flow
from tests.kiosk_ui.bodies import make_body, make_coupon
from tests.kiosk_ui.window_cases import drawn, frames, opened
from tests.kiosk_ui.wire import parse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.asyncio(loop_scope="session")

SIZE: Final = (540, 960)
ROUNDED: Final = 1
"""Of 255: colours are rounded otherwise where a renderer takes another path to them."""


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def kiosk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    async for app in opened(tmp_path_factory.mktemp("kiosk"), SIZE):
        yield app


@pytest_asyncio.fixture(loop_scope="session", params=["whole", "low"])
async def rows(kiosk: Any, request: pytest.FixtureRequest) -> Any:
    """The list of sixty offers: on the whole glass, and in the part of it that a hand reaches."""
    kiosk.become(flow.begin(kiosk.screens, time.monotonic()))
    kiosk._timer.cancel()
    now = datetime.now(UTC)
    kiosk.show_backdrop(
        parse(make_body([make_coupon(n % 7, now, 36_000, ends_at=None, id=f"c{n}") for n in range(60)]))
    )
    kiosk.open("home")
    kiosk.open("offers")
    if request.param == "low":
        kiosk.switch_reach()
    kiosk._timer.cancel()
    await frames(6)
    return next(widget for widget in kiosk.scene.walk() if type(widget).__name__ == "Rows")


def glass(kiosk: Any) -> np.ndarray:
    """The window's pixels, from the bottom."""
    return np.asarray(drawn(kiosk)).astype(int)[::-1]


async def test_rows_end_where_the_list_ends(kiosk: Any, rows: Any) -> None:
    hole = kiosk.access.stage.hole
    bottom, top, beside = round(rows.y), round(rows.top), round(rows.right - rows.bar_width)
    if hole.parent is not None:
        bottom, top = max(bottom, round(hole.y)), min(top, round(hole.top))
    before = glass(kiosk)
    rows.scroll_y -= 61 / (rows.layout_manager.height - rows.height)
    await frames(4)
    moved = abs(glass(kiosk) - before)
    assert moved[bottom:top, :beside].max() > 50
    assert moved[:bottom].max() <= ROUNDED
    assert moved[top:].max() <= ROUNDED


async def test_the_shadow_under_a_ground_is_not_drawn(kiosk: Any, rows: Any) -> None:
    from kiosk_ui.widgets import shapes

    shadows = [row._below for row in rows.layout_manager.children]
    assert {len(shadow.indices) for shadow in shadows} == {len(shapes.AROUND)}
    without = glass(kiosk)
    for shadow in shadows:
        shadow.indices = shapes.WHOLE
    await frames(4)
    assert unlike(rows, glass(kiosk), without) <= ROUNDED


def unlike(rows: Any, one: np.ndarray, other: np.ndarray) -> int:
    """How far apart two pictures are beside the list's bar, which fades by itself."""
    return int(abs(one - other)[:, : round(rows.right - rows.bar_width)].max())


async def drawn_anew(kiosk: Any, rows: Any) -> np.ndarray:
    """The window's pixels with every row drawn as it draws itself."""
    from kivy.core.window import Window

    Window.unbind(on_draw=rows._hold)
    rows._held.hide()
    await frames(2)
    found = glass(kiosk)
    Window.bind(on_draw=rows._hold)
    await frames(2)
    return found


async def looks_as_it_is(kiosk: Any, rows: Any) -> bool:
    """Whether what was drawn before and is shown again looks as if it were drawn now."""
    await frames(6)
    shown = glass(kiosk)
    assert (rows.canvas_viewport in rows.canvas.children) == rows.comfort.dark
    return rows.comfort.dark or unlike(rows, shown, await drawn_anew(kiosk, rows)) <= ROUNDED


async def test_rows_that_are_moved_look_as_they_draw_themselves(kiosk: Any, rows: Any) -> None:
    chance, beyond = random.Random(7), rows.layout_manager.height - rows.height
    for by in (0, 3, -3, 40, -37, 140, 150, 160, -400, 900, 5000, -90, -30, 60, 10**6, -1, -(10**6)):
        rows.scroll_y = min(1.0, max(0.0, rows.scroll_y - by / beyond))
        assert await looks_as_it_is(kiosk, rows), by
    for _ in range(12):
        for _ in range(chance.randrange(1, 5)):
            rows.scroll_y = min(1.0, max(0.0, rows.scroll_y - chance.randrange(-500, 500) / beyond))
            await frames(1)
        assert await looks_as_it_is(kiosk, rows), rows.scroll_y


async def test_a_row_that_changes_is_drawn_anew_and_no_other(kiosk: Any, rows: Any) -> None:
    from kivy.graphics import Callback

    times: list[int] = []
    seen = sorted(rows.layout_manager.children, key=lambda row: -row.y)[1:6]
    assert all(rows.y < row.to_window(*row.pos)[1] for row in seen)
    await frames(6)
    for number, row in enumerate(seen):
        row.canvas.before.add(Callback(lambda _, number=number: times.append(number)))
    await frames(6)
    times.clear()
    rows.scroll_y -= 3 / (rows.layout_manager.height - rows.height)
    await frames(6)
    assert times == []
    before = glass(kiosk)
    seen[2].state = "down"
    await frames(6)
    assert set(times) <= {1, 2, 3}
    assert unlike(rows, glass(kiosk), before) > ROUNDED
    assert await looks_as_it_is(kiosk, rows)


async def test_rows_are_drawn_two_at_once_before_they_are_seen(rows: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from kiosk_ui.widgets import held

    if rows.comfort.dark:
        return
    drawn: list[int] = []
    draw = held.Roll.draw
    monkeypatch.setattr(held.Roll, "draw", lambda roll, *args: (drawn.append(1), draw(roll, *args)))
    step = rows.row_height + rows.layout_manager.spacing[1]
    rows.scroll_y = 0.9
    await frames(6)
    drawn.clear()
    for _ in range(48):
        rows.scroll_y -= step / 4 / (rows.layout_manager.height - rows.height)
        await frames(1)
        places = [row.to_window(row.x, row.y)[1] for row in rows.layout_manager.children]
        assert min(places) <= rows.y
        assert max(places) + rows.row_height >= rows.top
    assert len(drawn) <= 7


@pytest.mark.parametrize("columns", [1, 2])
async def test_a_list_that_grows_and_shrinks_leaves_nothing_behind(kiosk: Any, rows: Any, columns: int) -> None:
    now, usual = datetime.now(UTC), rows.columns
    rows.columns = columns
    for many in (9, 4, 3, 1, 2, 60, 1):
        rows.scroll_y = 0  # what stood at its end
        await frames(3)
        kiosk.show_backdrop(parse(make_body([make_coupon(n % 7, now, ends_at=None, id=f"c{n}") for n in range(many)])))
        assert await looks_as_it_is(kiosk, rows), many
    rows.columns = usual


async def test_what_is_listed_changes_and_contrast_too(kiosk: Any, rows: Any) -> None:
    now = datetime.now(UTC)
    kiosk.show_backdrop(
        parse(make_body([make_coupon(6 - n % 7, now, 36_000, ends_at=None, id=f"c{n}") for n in range(9)]))
    )
    assert await looks_as_it_is(kiosk, rows)
    light = glass(kiosk)
    for dark in (True, False):
        kiosk.adjust(contrast=dark)
        assert await looks_as_it_is(kiosk, rows)
        assert (unlike(rows, glass(kiosk), light) > 50) == dark
    kiosk.show_backdrop(parse(make_body([])))
    await frames(6)
    assert (glass(kiosk)[round(rows.y) + 1, round(rows.center_x)] > 200).all()


async def on_the_glass() -> np.ndarray:
    """The window's pixels as they are shown, from the bottom."""
    from kivy.core.window import Window

    from kiosk_ui.widgets.glass import pixels

    found: list[Any] = []
    take = lambda *_: found.append(pixels())  # noqa: E731
    Window.bind(on_flip=take)
    Window.canvas.ask_update()
    await frames(2)
    Window.unbind(on_flip=take)
    raw = np.frombuffer(found[-1].pixels, np.uint8).reshape(found[-1].height, found[-1].width, 4)
    return raw[::-1, :, :3].astype(int)


@pytest.mark.parametrize("rows", ["whole"], indirect=True)
async def test_what_stands_around_a_moved_list_is_shown_as_it_is(
    kiosk: Any, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kivy.uix.label import Label

    from kiosk_ui.widgets.around import Around

    draw, held = Around.draw, []

    def noted(*told: Any) -> bool:
        held.append(draw(*told))
        return held[-1]

    async def looks_as_drawn_whole() -> bool:
        shown = await on_the_glass()
        with monkeypatch.context() as patch:
            patch.setattr(Around, "draw", lambda *_: False)
            return int(abs(shown - await on_the_glass()).max()) <= ROUNDED

    monkeypatch.setattr(Around, "draw", noted)
    monkeypatch.setattr(rows, "bar_inactive_color", rows.bar_color)  # it fades by the clock
    page, sign = kiosk.scene.seen, Label(text="4711", font_size=200, color=(1, 0, 0, 1))
    top = next(widget for widget in page.walk() if type(widget).__name__ == "PlaceTop")
    for happens, then in (
        (lambda: None, True),
        (lambda: setattr(top, "clock", "00:11"), True),
        (lambda: kiosk.root.add_widget(sign), True),
        (lambda: setattr(sign, "color", (0, 0, 1, 0.5)), True),
        (lambda: kiosk.root.remove_widget(sign), True),
        (lambda: setattr(page, "opacity", 0.5), False),
        (lambda: setattr(page, "opacity", 1), True),
        (lambda: kiosk.open("help"), None),
        (kiosk.back, True),
        (kiosk.switch_reach, False),
        (kiosk.switch_reach, True),
    ):
        happens()
        await frames(6)
        held.clear()
        for by in (37, -12, 400):
            rows.scroll_y -= by / (rows.layout_manager.height - rows.height)
            await frames(2)
            assert await looks_as_drawn_whole()
        assert {*held[-1:]} == {then} - {None}


@pytest.mark.parametrize("rows", ["whole"], indirect=True)
async def test_no_picture_of_a_list_is_left_of_whoever_went(kiosk: Any, rows: Any) -> None:
    from kiosk_ui.widgets import rows as of

    rows.scroll_y -= 300 / (rows.layout_manager.height - rows.height)
    await frames(4)
    fbos = [each._fbo for each in of._pictures[0]]
    assert all(fbo.size > (1, 1) for fbo in fbos)
    kiosk.end()
    await frames(4)
    assert [fbo.size for fbo in fbos] == [(1, 1), (1, 1)]

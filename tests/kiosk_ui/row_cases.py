"""A list that a finger moves, in a real window. Run by `test_rows.py` in a process of its own."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
import pytest_asyncio

from kiosk_ui import contrast, flow, theme
from tests.kiosk_ui.bodies import make_body, make_coupon
from tests.kiosk_ui.window_cases import drawn, frames, opened, until
from tests.kiosk_ui.wire import parse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.asyncio(loop_scope="session")

SIZE: Final = (540, 960)
CLOSE: Final = 3
"""Of 255: a colour that was rounded twice."""


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def kiosk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    async for app in opened(tmp_path_factory.mktemp("kiosk"), SIZE):
        yield app


@pytest_asyncio.fixture(loop_scope="session")
async def rows(kiosk: Any) -> Any:
    """The list of sixty offers."""
    kiosk.become(flow.begin(kiosk.screens, time.monotonic()))
    kiosk._timer.cancel()
    now = datetime.now(UTC)
    kiosk.show_backdrop(
        parse(make_body([make_coupon(n % 7, now, 36_000, ends_at=None, id=f"c{n}") for n in range(60)]))
    )
    kiosk.open("home")
    kiosk.open("offers")
    await frames(6)
    return next(widget for widget in kiosk.scene.walk() if type(widget).__name__ == "Rows")


def seen(rows: Any) -> list[Any]:
    """The rows that are seen, from the top."""
    return sorted(rows.layout_manager.children, key=lambda row: -row.y)


async def move(rows: Any, pixels: int) -> None:
    """Moves the list up by so many pixels."""
    rows.scroll_y -= pixels / (rows.layout_manager.height - rows.height)
    await frames(4)


def glass(kiosk: Any) -> np.ndarray:
    """The window's pixels, from the bottom."""
    return np.asarray(drawn(kiosk)).astype(int)[::-1]


async def test_a_row_that_is_moved_is_not_drawn_again(kiosk: Any, rows: Any) -> None:
    from kivy.graphics import Callback

    middle, times = seen(rows)[1:4], []
    for number, row in enumerate(middle):
        row.canvas.before.add(Callback(lambda _, number=number: times.append(number)))
    await until(lambda: set(times) == {0, 1, 2})
    await frames(4)
    times.clear()
    before, picture = middle[1].to_window(*middle[1].pos)[1], glass(kiosk)
    for _ in range(6):
        await move(rows, 3)
    assert middle[1].to_window(*middle[1].pos)[1] == pytest.approx(before + 18, abs=1)
    assert abs(glass(kiosk) - picture).max() > 50, "it is seen elsewhere"
    assert times == []
    middle[1].state = "down"
    await until(lambda: bool(times))
    await frames(4)
    assert set(times) == {1}


@pytest.mark.parametrize("pixels", [0, 37, 2000])
async def test_each_row_looks_as_it_draws_itself(kiosk: Any, rows: Any, pixels: int) -> None:
    await move(rows, pixels)
    picture = glass(kiosk)
    for row in seen(rows)[1:-1]:
        alone = type(row)(row=row.row, size=row.size, pos=row.pos)
        await frames(4)
        texture = alone.export_as_image().texture
        wanted = np.frombuffer(texture.pixels, np.uint8).reshape(texture.height, texture.width, 4)[::-1, :, :3]
        left, bottom = map(round, row.to_window(*row.pos))
        edge = int(row.radius)
        inside = picture[bottom : bottom + texture.height, left : left + texture.width]
        assert abs(inside - wanted)[edge:-edge, edge:-edge].max() <= CLOSE, row.row.title


async def test_rows_end_where_the_list_ends(kiosk: Any, rows: Any) -> None:
    bottom, top, beside = round(rows.y), round(rows.top), round(rows.right - rows.bar_width)
    before = glass(kiosk)
    await move(rows, 61)
    after = glass(kiosk)
    assert abs(after - before)[bottom:top, :beside].max() > 50
    assert abs(after - before)[:bottom].max() == 0
    assert abs(after - before)[top:].max() == 0


async def test_high_contrast_and_back(kiosk: Any, rows: Any) -> None:
    row = seen(rows)[2]
    left, bottom = map(round, row.to_window(*row.pos))
    places = {
        theme.CREAM: (bottom - int(rows.layout_manager.spacing[1]) // 2, left - 14),
        theme.WHITE: (bottom + 4, left + round(row.width / 2)),
    }
    for dark in (False, True, False):
        kiosk.adjust(contrast=dark)
        await frames(6)
        picture = glass(kiosk)
        for colour, (y, x) in places.items():
            wanted = contrast.turned(colour) if dark else colour
            assert picture[y, x] == pytest.approx([255 * part for part in wanted[:3]], abs=CLOSE), (dark, colour)

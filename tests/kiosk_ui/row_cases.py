"""A list that a finger moves, in a real window. Run by `test_rows.py` in a process of its own."""

from __future__ import annotations

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
    from collections.abc import AsyncIterator, Iterator

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


def instructions(canvas: Any) -> Iterator[Any]:
    """Everything that is drawn of it, in order."""
    for each in (canvas.before, canvas, canvas.after) if hasattr(canvas, "before") else ():
        for instruction in each.children if hasattr(each, "children") else ():
            yield instruction
            yield from instructions(instruction)


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


async def test_nothing_is_drawn_through_a_stencil(kiosk: Any, rows: Any) -> None:
    """It would slow down all that is drawn through it."""
    names = [type(each).__name__ for each in instructions(kiosk.root.canvas)]
    assert "ScissorPush" in names
    assert not [name for name in names if name.startswith("Stencil")]
    assert rows.get_root_window() is not None


async def test_the_shadow_under_a_ground_is_not_drawn(kiosk: Any, rows: Any) -> None:
    from kiosk_ui.widgets import shapes

    shadows = [row._below for row in rows.layout_manager.children]
    assert {len(shadow.indices) for shadow in shadows} == {len(shapes.AROUND)}
    without = glass(kiosk)
    for shadow in shadows:
        shadow.indices = shapes.WHOLE
    await frames(4)
    assert abs(glass(kiosk) - without).max() <= ROUNDED

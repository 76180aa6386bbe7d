"""What a person sees and touches, in a real window without a display. Run by `test_window.py` in a process of its own:

Kivy has one window, one clock and one app a process.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
import zxingcpp
from PIL import Image

from kiosk_ui import app as kiosk_app
from kiosk_ui import flow, theme
from tests.kiosk_ui.geometry import visible
from tests.kiosk_ui.wire import parse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

pytestmark = pytest.mark.asyncio(loop_scope="session")

PICTURES = Path(os.environ.get("KIOSK_PICTURES", "build/kiosk"))
SIZE = (1080, 1920)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def kiosk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    async for app in opened(tmp_path_factory.mktemp("kiosk"), SIZE):
        yield app


async def opened(folder: Path, size: tuple[int, int]) -> AsyncIterator[Any]:
    """A kiosk in a window of that size, until it is no more needed."""
    options = kiosk_app.Options(device="screen-baby", port=0, folder=folder, offscreen=True, size=size)
    kiosk_app.check_machine(offscreen=True)
    kiosk_app.prepare(options, offscreen=True)
    from kivy.clock import Clock

    from kiosk_ui.window import Kiosk

    Clock._max_fps = 60
    app = Kiosk(options, offscreen=True)
    running = asyncio.ensure_future(app.async_run(async_lib="asyncio"))
    await until(lambda: app.root is not None)
    await frames(4)
    yield app
    app.stop()
    await running


async def frames(count: int = 4) -> None:
    """Waits for so many frames: rules take effect a frame late."""
    from kivy.clock import Clock

    done = asyncio.get_running_loop().create_future()
    left = [count]

    def tick(_dt: float) -> bool:
        left[0] -= 1
        if left[0] <= 0 and not done.done():
            done.set_result(None)
        return left[0] > 0

    Clock.schedule_interval(tick, 0)
    await asyncio.wait_for(done, 60)


async def until(condition: Any, seconds: float = 60) -> None:
    """Waits until it is so; fails after so many seconds."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not happen"
        await asyncio.sleep(0.01)


async def sized(kiosk: Any, size: tuple[int, int]) -> None:
    """The window has this size."""
    from kivy.core.window import Window

    if tuple(Window.size) != size:
        Window.size = size
        await until(lambda: (kiosk.m.width, kiosk.m.height) == size)


@pytest.fixture
def show(kiosk: Any, body: Callable[..., bytes]) -> Callable[..., Any]:
    """`await show(4)`: a fresh shopper before a wall of so many coupons."""

    async def of(
        coupons: Any, language: str = "zh-CN", large: bool = False, code_s: float = 600.0, **changes: Any
    ) -> Any:
        kiosk.become(flow.begin(kiosk.screens, time.monotonic()))
        kiosk.show_backdrop(parse(body(coupons, datetime.now(UTC), code_s, **changes)))
        if language != kiosk.flow.language:
            kiosk.switch_language()
        if large:
            kiosk.switch_letters()
        await frames(5)
        return kiosk

    return of


def picture(kiosk: Any, name: str) -> Image.Image:
    """What the window shows, kept in the build folder to be looked at."""
    image = drawn(kiosk)
    PICTURES.mkdir(parents=True, exist_ok=True)
    image.save(PICTURES / f"{name}.png", compress_level=1)
    return image


def drawn(kiosk: Any) -> Image.Image:
    """What the window shows."""
    frame = kiosk.frame()
    return Image.frombytes("RGBA", (frame.width, frame.height), frame.pixels).convert("RGB")


def scanned(image: Image.Image) -> set[str]:
    """What a phone would read from it."""
    return {found.text for found in zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)}


def words(kiosk: Any) -> list[str]:
    """Every text on the screen."""
    return [widget.text for widget in visible(kiosk.root) if getattr(widget, "text", "")]


def keys(kiosk: Any, kind: str = "") -> list[Any]:
    """Every button on the screen, or those of one class, from the top down and from left to right."""
    from kiosk_ui.widgets.shapes import Key

    found = [widget for widget in visible(kiosk.root) if isinstance(widget, Key) and kind in type(widget).__name__]
    return sorted(found, key=lambda key: (-key.to_window(*key.center)[1], key.x))


async def tap(widget: Any) -> None:
    """A finger, down and up."""
    from kivy.tests.common import UnitTestTouch

    await frames(2)
    touch = UnitTestTouch(*widget.to_window(*widget.center))
    touch.touch_down()
    await frames(2)
    touch.touch_up()
    await frames(4)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("large", [False, True], ids=["", "large"])
@pytest.mark.parametrize("coupons", [1, 2, 3, 4, 7])
async def test_every_code_on_the_glass_is_the_one_the_gateway_sent(
    show: Callable[..., Any], coupons: int, language: str, large: bool
) -> None:
    kiosk = await show(coupons, language, large)
    image = picture(kiosk, f"wall-{coupons}-{language}{'-large' if large else ''}")
    wanted = {card.code.url for card in kiosk.backdrop.view.cards}
    assert len(wanted) == min(coupons, 2 if large else 4)
    assert scanned(image) == wanted


@pytest.mark.parametrize("coupons", [1, 2, 3, 4])
@pytest.mark.parametrize("large", [False, True], ids=["", "large"])
async def test_nothing_leaves_its_card_and_nothing_lies_on_a_code(
    show: Callable[..., Any], coupons: int, large: bool
) -> None:
    kiosk = await show(coupons, "en", large)
    for card in kiosk.backdrop.widget.ids.page.cards:
        code = card.ids.code
        others = [
            *card.ids.said.children,
            card.ids.picture,
            *card.ids.body.children[0].children[1].children,
        ]
        for widget in (*others, code, card.ids.caption):
            assert widget.x >= card.x - 1
            assert widget.y >= card.y - 1
            assert widget.right <= card.right + 1
            assert widget.top <= card.top + 1
        for widget in others:
            assert not code.collide_widget(widget) or touching(code, widget), widget


def touching(one: Any, other: Any) -> bool:
    """Whether they share no more than an edge."""
    width = min(one.right, other.right) - max(one.x, other.x)
    height = min(one.top, other.top) - max(one.y, other.y)
    return width <= 1 or height <= 1


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("large", [False, True], ids=["", "large"])
async def test_no_words_are_cut(show: Callable[..., Any], language: str, large: bool) -> None:
    kiosk = await show(4, language, large)
    cut = [widget.text for widget in visible(kiosk.root) if getattr(widget, "is_shortened", False)]
    assert cut == []


async def test_the_language_key_changes_every_word(show: Callable[..., Any]) -> None:
    kiosk = await show(4)
    assert "鲜牛奶 950ml" in words(kiosk)
    await tap(keys(kiosk, "TongueKey")[0])
    assert {"Fresh milk 950 ml", "Mother & baby", "38 left", "Scan to save"} <= set(words(kiosk))
    assert "鲜牛奶 950ml" not in words(kiosk)


async def test_a_store_with_one_language_has_no_language_key(show: Callable[..., Any]) -> None:
    kiosk = await show(4, languages=["zh-CN"])
    assert [type(key).__name__ for key in keys(kiosk)] == ["ReachKey", "SizeKey"]


async def test_large_letters_are_larger_and_go_back(show: Callable[..., Any]) -> None:
    kiosk = await show(4)
    before = kiosk.backdrop.widget.ids.page.cards[0].ids.said.ids.title.font_size
    await tap(keys(kiosk, "SizeKey")[0])
    assert kiosk.controls.large
    assert len(kiosk.backdrop.widget.ids.page.cards) == 2
    assert kiosk.backdrop.widget.ids.page.cards[0].ids.said.ids.title.font_size >= before * 1.5
    await tap(keys(kiosk, "SizeKey")[0])
    assert kiosk.flow.session.double
    await tap(next(key for key in keys(kiosk, "LowKey") if key.sign == "letters"))
    assert kiosk.backdrop.widget.ids.page.cards[0].ids.said.ids.title.font_size == before


async def test_the_arrows_turn_the_page(show: Callable[..., Any]) -> None:
    kiosk = await show(7)
    first = {card.id for card in kiosk.backdrop.view.cards}
    back, on = keys(kiosk, "TurnKey")
    await tap(on)
    second = {card.id for card in kiosk.backdrop.view.cards}
    assert not first & second
    await tap(back)
    assert {card.id for card in kiosk.backdrop.view.cards} == first


@pytest.mark.parametrize("coupons", [0, 4, 7])
async def test_every_key_is_as_large_as_a_finger_needs(show: Callable[..., Any], coupons: int) -> None:
    kiosk = await show(coupons)
    mm = kiosk.m.mm_per_pixel
    for key in keys(kiosk):
        low = key.to_window(*key.center)[1] < SIZE[1] / 4
        assert min(key.size) * mm >= (theme.KEY_MM if low else theme.KEY_SMALL_MM) - 1e-6
    assert any(key.to_window(*key.center)[1] < SIZE[1] / 4 for key in keys(kiosk))


async def test_old_codes_are_gone_from_the_glass(show: Callable[..., Any]) -> None:
    kiosk = await show(4, code_s=-1)
    assert scanned(picture(kiosk, "paused-zh-CN")) == set()
    assert kiosk.backdrop.view.notice in words(kiosk)
    assert words(kiosk).count("二维码暂停") == 4
    kiosk.switch_language()
    await frames(5)
    picture(kiosk, "paused-en")
    assert words(kiosk).count("Code paused") == 4


async def test_new_codes_take_the_place_of_old_ones_without_a_new_card(
    show: Callable[..., Any], body: Callable[..., bytes]
) -> None:
    kiosk = await show(4, code_s=-1)
    cards = list(kiosk.backdrop.widget.ids.page.cards)
    kiosk.show_backdrop(parse(body(4, datetime.now(UTC), 600)))
    await frames(5)
    assert kiosk.backdrop.widget.ids.page.cards == cards
    assert len(scanned(picture(kiosk, "back-zh-CN"))) == 4
    assert not kiosk.backdrop.view.notice


async def test_a_sold_out_offer_shows_no_code(show: Callable[..., Any], coupon: Callable[..., dict[str, Any]]) -> None:
    now = datetime.now(UTC)
    kiosk = await show([coupon(0, now, 600, left=0), coupon(1, now, 600)])
    assert len(scanned(picture(kiosk, "sold-out-zh-CN"))) == 1
    assert "已抢光" in words(kiosk)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_an_empty_wall(show: Callable[..., Any], language: str) -> None:
    kiosk = await show(0, language)
    picture(kiosk, f"empty-{language}")
    assert kiosk.backdrop.view.message.title in words(kiosk)
    kiosk.show_backdrop(kiosk.flow.backdrop.message)
    await show(2, language)
    assert len(kiosk.backdrop.widget.ids.page.cards) == 2


async def test_before_the_gateway_spoke(kiosk: Any) -> None:
    kiosk.become(flow.begin(kiosk.screens, time.monotonic()))
    await frames(5)
    picture(kiosk, "waiting-zh-CN")
    assert "正在准备今日好券" in words(kiosk)
    assert [type(key).__name__ for key in keys(kiosk)] == ["ReachKey", "SizeKey"]


async def test_identify_names_the_device_and_goes_away(show: Callable[..., Any]) -> None:
    kiosk = await show(1)
    kiosk.identify(0.5)
    assert "screen-baby" in words(kiosk)
    await until(lambda: "screen-baby" not in words(kiosk))


async def test_a_screen_on_which_nothing_changes_is_not_drawn_again(
    show: Callable[..., Any], coupon: Callable[..., dict[str, Any]]
) -> None:
    from kivy.core.window import Window

    kiosk = await show([coupon(0, datetime.now(UTC), 600, ends_at=None)])
    kiosk._timer.cancel()
    kiosk.monitor.repair._next = float("inf")  # each of its looks draws the glass once more
    await frames(10)
    drawn = []
    Window.bind(on_flip=drawn_one(drawn))
    for _ in range(5):
        kiosk._tick(1)
        await frames(2)
    assert drawn == []


async def test_nothing_is_drawn_that_is_not_to_be_seen(show: Callable[..., Any]) -> None:
    from kiosk_ui.widgets.shapes import Panel

    kiosk = await show(4)
    drawn = [type(each).__name__ for each in instructions(kiosk.root.canvas)]
    assert "BorderImage" in drawn
    assert not [kind for kind in drawn if "Stencil" in kind], "each clears the whole glass"
    panels = [widget for widget in visible(kiosk.root) if isinstance(widget, Panel)]
    plain = [panel for panel in panels if not panel.shadow and not panel.line[3]]
    assert plain
    assert len([kind for kind in drawn if kind == "BorderImage"]) <= 3 * len(panels) - 2 * len(plain) + 4


def instructions(canvas: Any) -> Iterator[Any]:
    """Everything that is drawn there."""
    for each in canvas.children:
        yield each
        if hasattr(each, "children"):
            yield from instructions(each)


def drawn_one(drawn: list[int]) -> Any:
    """A listener that counts frames."""
    return lambda *_: drawn.append(1)


async def test_a_small_window_holds_the_same_wall_and_readable_codes(show: Callable[..., Any]) -> None:
    from kivy.core.window import Window

    kiosk = await show(4)
    kiosk.monitor.stop()  # it would give the window its size back
    Window.size = (720, 1280)
    await until(lambda: kiosk.m.width == 720)
    await frames(6)
    image = picture(kiosk, "wall-4-small")
    assert image.size == (720, 1280)
    assert scanned(image) == {card.code.url for card in kiosk.backdrop.view.cards}
    Window.size = SIZE
    await until(lambda: kiosk.m.width == SIZE[0])


logging.getLogger("PIL").setLevel(logging.INFO)

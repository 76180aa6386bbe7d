"""The glass in a real window: watched and touched from elsewhere. Run by `test_glass.py` in a process of its own."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import io
import json
import time
from base64 import b64decode
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from PIL import Image, ImageChops

from device_drivers.contract import OnGlass
from device_drivers.contract.playlists import PictureItem
from edge.gateway.device_views import DevicePicture
from edge.gateway.picture_check import check_picture
from kiosk_ui import app as kiosk_app
from kiosk_ui.remote_glass import FILE
from signage.playing import Play
from tests.kiosk_ui.bodies import make_body, make_coupon
from tests.kiosk_ui.window_cases import frames, until
from tests.kiosk_ui.wire import parse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def kiosk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    folder = tmp_path_factory.mktemp("kiosk")
    options = kiosk_app.Options(device="screen-baby", port=0, folder=folder, offscreen=True, size=(540, 960), demo=True)
    kiosk_app.check_machine(offscreen=True)
    kiosk_app.prepare(options, offscreen=True)
    from kivy.clock import Clock

    from kiosk_ui.window import Kiosk

    Clock._max_fps = 60
    app = Kiosk(options, offscreen=True)
    running = asyncio.ensure_future(app.async_run(async_lib="asyncio"))
    await until(lambda: app.root is not None and app.remote is not None)
    app.show_backdrop(parse(make_body([])))
    await frames(4)
    yield app
    app.stop()
    await running


def ask(folder: Path, method: str, path: str, body: Any = None) -> tuple[int, int, bytes]:
    where = json.loads((folder / FILE).read_text("utf-8"))
    connection = http.client.HTTPConnection("127.0.0.1", where["port"], timeout=60)
    connection.request(
        method, path, None if body is None else json.dumps(body), {"Authorization": f"Bearer {where['key']}"}
    )
    answer = connection.getresponse()
    found = answer.status, int(answer.getheader("X-Number", "0")), answer.read()
    connection.close()
    return found


async def picture(kiosk: Any, after: int = 0) -> tuple[int, Image.Image]:
    while True:
        status, number, jpeg = await asyncio.to_thread(ask, kiosk.options.folder, "GET", f"/{after}")
        if status == 200:
            return number, Image.open(io.BytesIO(jpeg)).convert("RGB")


async def touch(kiosk: Any, *fingers: list[Any]) -> None:
    assert (await asyncio.to_thread(ask, kiosk.options.folder, "POST", "/", list(fingers)))[0] == 204


def middle(widget: Any) -> tuple[float, float]:
    """Of a widget, as shares of the glass from its top left."""
    from kivy.core.window import Window

    x, y = widget.to_window(*widget.center)
    return x / Window.width, 1 - y / Window.height


async def test_the_picture_is_what_the_glass_shows(kiosk: Any) -> None:
    _, seen = await picture(kiosk)
    frame = kiosk.frame()
    own = Image.frombytes("RGBA", (frame.width, frame.height), frame.pixels).convert("RGB")
    assert seen.size == own.size
    worst = max(high for _, high in ImageChops.difference(seen.resize((27, 48)), own.resize((27, 48))).getextrema())
    assert worst < 24  # a JPEG, drawn elsewhere


@pytest.fixture
def key(kiosk: Any) -> Iterator[Any]:
    """A key in the middle of the glass that counts how often it is pressed."""
    from kivy.uix.button import Button

    made = Button(size_hint=(0.2, 0.1), pos_hint={"center_x": 0.4, "center_y": 0.3})
    made.pressed = 0

    def press(*_: Any) -> None:
        made.pressed += 1

    made.bind(on_release=press)
    kiosk.root.add_widget(made)
    yield made
    kiosk.root.remove_widget(made)


async def test_a_tap_from_elsewhere_is_a_tap(kiosk: Any, key: Any) -> None:
    await frames(4)
    x, y = middle(key)
    before, _ = await picture(kiosk)
    await touch(kiosk, [0, "down", x, y], [0, "up", x, y])
    await until(lambda: key.pressed == 1)
    ends = time.monotonic() + 60
    while (await picture(kiosk, before))[0] <= before:  # what follows is seen
        assert time.monotonic() < ends
    assert kiosk.flow.touched_at is not None  # and the kiosk knows that somebody is there


async def test_a_finger_that_slides_off_a_key_presses_nothing(kiosk: Any, key: Any) -> None:
    from kivy.base import EventLoop

    await frames(4)
    x, y = middle(key)
    await touch(kiosk, [0, "down", x, y], [0, "move", 0.9, 0.1], [0, "up", 0.9, 0.1])
    await touch(kiosk, [3, "up", x, y], [3, "move", x, y])  # no finger lies there
    await touch(kiosk, [1, "down", x, y], [1, "up", x, y])  # comes after those
    await until(lambda: key.pressed)
    assert key.pressed == 1
    assert not EventLoop.touches


@pytest.fixture
def monitor(kiosk: Any) -> Iterator[Any]:
    """Who looks after the glass, with what it told; it looks when the test says so."""
    monitor = kiosk.monitor
    monitor.repair._next = float("inf")
    monitor.told = []
    was = monitor.repair._tell
    monitor.repair._tell = monitor.told.append
    kiosk.left = []
    kiosk.leave = kiosk.left.append
    assert [monitor.repair.look() for _ in range(2)] == [None, None]
    yield monitor
    del kiosk.leave
    monitor.repair._tell = was


def said(monitor: Any) -> list[str | None]:
    """The troubles that were told, each once."""
    found = [glass.trouble for glass in monitor.told]
    return [each for place, each in enumerate(found) if not place or found[place - 1] != each]


async def looks(monitor: Any, count: int) -> list[str | None]:
    found = []
    for _ in range(count):
        found.append(monitor.repair.look())
        await frames(6)
    return found


async def helped(monitor: Any, trouble: str) -> None:
    """It is seen within some looks, and after some more it is well again."""
    found = await looks(monitor, 1)
    while trouble not in found or found[-2:] != [None, None]:
        assert len(found) < 12, found
        found += await looks(monitor, 1)


async def test_a_glass_that_is_well_is_left_alone(kiosk: Any, monitor: Any) -> None:
    before = kiosk.frame().pixels
    assert await looks(monitor, 3) == [None, None, None]
    assert (monitor.told[-1].width, monitor.told[-1].height) == (540, 960)
    assert kiosk.frame().pixels == before  # and the mark of the look is not on it
    assert not kiosk.left


@pytest.mark.parametrize(("colour", "name"), [((1, 1, 1, 1), "white"), ((0, 0, 0, 1), "black")])
async def test_something_that_lies_over_everything_is_taken_away(
    monitor: Any, colour: tuple[float, ...], name: str
) -> None:
    from kivy.core.window import Window
    from kivy.graphics import Color, Rectangle
    from kivy.uix.widget import Widget

    over = Widget()
    with over.canvas:
        Color(*colour)
        Rectangle(size=Window.size)
    Window.add_widget(over)
    await frames(2)
    assert await looks(monitor, 4) == [name, name, None, None]
    assert said(monitor) == [None, name, None]
    assert over not in Window.children


async def test_a_glass_without_its_widgets_is_set_up_anew(kiosk: Any, monitor: Any) -> None:
    from kivy.core.window import Window

    Window.remove_widget(kiosk.root)
    await frames(2)
    await helped(monitor, "white")  # the empty ground is one light colour
    assert kiosk.root in Window.children


async def test_a_picture_upside_down_is_turned(monitor: Any) -> None:
    from kivy.core.window import Window

    Window.rotation = 180
    Window.update_viewport()
    await frames(4)
    await helped(monitor, "upside_down")
    assert Window.rotation == 0


async def test_another_size_is_set_right(monitor: Any) -> None:
    from kivy.core.window import Window

    Window.size = (400, 700)
    await frames(4)
    await helped(monitor, "wrong_size")
    assert tuple(Window.size) == (540, 960)


@pytest.mark.parametrize("reach", [False, True])
async def test_after_it_was_set_up_anew_all_of_it_is_there(
    kiosk: Any, reach: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logo, banner, prices and codes too: their textures are made here, and come of no file."""
    from kiosk_ui import window

    stands = window._now()
    monkeypatch.setattr(window, "_now", lambda: stands)  # the time is written on it, too
    coupons = [make_coupon(place, ends_at=None, code_until="2099-01-01T00:00:00Z") for place in range(4)]
    kiosk.show_backdrop(parse(make_body(coupons)))
    kiosk.adjust(reach=reach)
    await frames(8)
    before = kiosk.frame()
    kiosk.monitor.set_up_again()
    ends = time.monotonic() + 60
    while kiosk.frame().pixels != before.pixels:
        assert time.monotonic() < ends, "it looks otherwise than before"
        await frames(4)
    kiosk.end()
    kiosk.show_backdrop(parse(make_body([])))


async def test_a_glass_on_which_nothing_arrives_starts_the_kiosk_again(kiosk: Any, monitor: Any) -> None:
    from kivy.core.window import Window

    def swallow(*_: Any) -> bool:
        return True  # the drawing ends here

    Window.bind(on_draw=swallow)
    try:
        assert await looks(monitor, 3) == ["frozen"] * 3
        assert kiosk.left == [75]
        assert await looks(monitor, 1) == ["frozen"]
        assert kiosk.left == [75]  # once: a restart that did not help is not repeated for ever
    finally:
        Window.unbind(on_draw=swallow)
    assert said(monitor) == [None, "frozen"]
    assert await looks(monitor, 2) == [None, None]
    assert said(monitor) == [None, "frozen", None]


async def test_what_is_not_drawn_is_not_on_the_glass(kiosk: Any) -> None:
    from kivy.core.window import Window

    shown = OnGlass("day", "milk", "day/milk")
    kiosk._timer.cancel()  # with the next second the wall would be rendered, which shows nothing of a playlist
    kiosk.monitor.rendered(shown)
    assert kiosk.monitor.on_glass is None
    Window.canvas.ask_update()
    await until(lambda: kiosk.monitor.on_glass == shown)
    assert kiosk.veiled().shown == shown
    kiosk._tick(1)


async def test_the_panel_follows_what_the_gateway_says(kiosk: Any) -> None:
    from kiosk_ui.panel_power import Light, PanelClock

    class Monitor:
        """A panel that does as it is told."""

        says = Light("yes", 90)

        def light(self) -> Light:
            return self.says

        def set(self, wanted: Light) -> None:
            self.says = wanted

    hardware, monitor = Monitor(), kiosk.monitor
    monitor.panel = PanelClock(hardware, monitor._lit, kiosk.in_use)
    plan = {"timezone": "UTC", "hours": [{"first": 0, "last": 0, "brightness": 30}]}  # all day
    kiosk.show_backdrop(parse(make_body([], panel=plan)))
    monitor.panel.keep()
    assert (hardware.says, monitor.repair.lit, monitor.repair.brightness) == (Light("yes", 30), "yes", 30)
    assert monitor.state().glass.brightness == 30
    kiosk.show_backdrop(parse(make_body([])))
    hardware.says = Light("no")
    monitor.panel.keep()
    assert hardware.says == Light("no")  # nobody plans any more: it is left alone
    monitor.panel = None


async def test_a_picture_of_a_playlist_is_like_its_file(kiosk: Any) -> None:
    """What a secret look holds against each other: the answer to a snapshot, and the file."""
    from kiosk_ui.picture import snapshot

    path = Path(__file__).parents[2] / "config" / "media" / "breakfast-zh.jpg"
    raw = path.read_bytes()
    sha256 = hashlib.sha256(raw).hexdigest()
    (kiosk.options.folder / "media").mkdir(exist_ok=True)
    (kiosk.options.folder / "media" / f"{sha256}.jpg").write_bytes(raw)
    file = {"sha256": sha256, "type": "image/jpeg", "bytes": len(raw), "width": 1080, "height": 1920}
    item = {"show": "picture", "id": "poster", "ms": 600_000, "media": {"zh-CN": sha256}}
    service = {"gateway": "http://127.0.0.1:9", "code": "x"}
    playlists = [{"id": "day", "items": [item]}]
    kiosk.show_backdrop(parse(make_body([], playlists=playlists, media=[file], timezone="UTC", service=service)))
    await until(lambda: content(kiosk) == sha256)
    play = Play("day", PictureItem(id="poster", media={"zh-CN": sha256}), 0, 600_000)
    ends = time.monotonic() + 60
    while True:  # it fades in
        await frames(4)
        seen = kiosk.veiled()
        found = check_picture(DevicePicture(b64decode(snapshot(seen)), seen.shown), [play], lambda _: path)
        if found.verdict == "good":
            break
        assert time.monotonic() < ends, found
    assert found.distance is not None


def content(kiosk: Any) -> str | None:
    """Hash of what is on the glass; None where that is nothing of a playlist."""
    shown = kiosk.monitor.on_glass
    return None if shown is None else str(shown.content)


async def show_film(kiosk: Any, raw: bytes) -> str:
    """Its only item is this film, in a loop of four seconds; its still is the poster."""
    poster = (Path(__file__).parents[2] / "config" / "media" / "breakfast-zh.jpg").read_bytes()
    folder = kiosk.options.folder / "media"
    folder.mkdir(exist_ok=True)
    files = []
    both = ((raw, ".mp4", "video/mp4", (160, 240)), (poster, ".jpg", "image/jpeg", (1080, 1920)))
    for content, ending, kind, size in both:
        sha256 = hashlib.sha256(content).hexdigest()
        (folder / (sha256 + ending)).write_bytes(content)
        files.append({"sha256": sha256, "type": kind, "bytes": len(content), "width": size[0], "height": size[1]})
    media, still = ({"zh-CN": file["sha256"]} for file in files)
    item = {"show": "video", "id": "film", "ms": 4000, "media": media, "still": still}
    service = {"gateway": "http://127.0.0.1:9", "code": "x"}
    playlists = [{"id": "day", "items": [item]}]
    kiosk.show_backdrop(parse(make_body([], playlists=playlists, media=files, timezone="UTC", service=service)))
    await until(lambda: kiosk.monitor.on_glass is not None)
    return str(files[0]["sha256"])


async def test_a_film_plays_where_the_clock_says(kiosk: Any, tmp_path: Path) -> None:
    pytest.importorskip("av")
    from tests.kiosk_ui.filmed import film, grown

    sha256 = await show_film(kiosk, film(tmp_path / "film.mp4").read_bytes())
    await until(lambda: content(kiosk) == sha256)
    halves: set[bool] = set()
    ends = time.monotonic() + 60
    while halves != {False, True}:  # its first half and its second, each where the clock says
        assert time.monotonic() < ends, halves
        await frames(2)
        before, frame, after = time.time(), kiosk.frame(), time.time()
        picture = Image.frombytes("RGBA", (frame.width, frame.height), frame.pixels).convert("RGB")
        part = grown(picture.crop((0, 75, 540, 885)))  # as wide as the glass, in its middle
        if before % 4 / 4 - 0.1 <= part <= after % 4 / 4 + 0.1:
            halves.add(part > 0.5)
    assert kiosk.monitor.repair.glass.films is None


async def test_a_film_that_cannot_be_played_leaves_its_still_and_staff_are_told(kiosk: Any) -> None:
    pytest.importorskip("av")
    sha256 = await show_film(kiosk, b"\0\0\0\x18ftypisom" + bytes(4000))
    await until(lambda: kiosk.monitor.repair.glass.films == "unreadable")
    await until(lambda: content(kiosk) not in (None, sha256))
    assert kiosk.backdrop.view.slide.picture
    kiosk.show_backdrop(parse(make_body([])))
    assert kiosk.monitor.repair.glass.films is None

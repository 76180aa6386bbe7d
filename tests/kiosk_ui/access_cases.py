"""The screen for whoever does not see, reach or hold it as others do: driven by five keys and what the voice is given.

Run by `test_access.py` in a process of its own.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np
import pytest
import pytest_asyncio

from kiosk_ui import app as kiosk_app
from kiosk_ui import contrast, flow, places, theme
from kiosk_ui.comfort import louder
from kiosk_ui.fitting import Fitting
from kiosk_ui.key_navigation import Press
from kiosk_ui.pronunciation import aloud
from kiosk_ui.texts import say
from tests.kiosk_ui import geometry
from tests.kiosk_ui.blind import CODES, Heard
from tests.kiosk_ui.bodies import make_product
from tests.kiosk_ui.samples.sample import Sample, every, state, wall
from tests.kiosk_ui.window_cases import SIZE, frames, picture, tap, until
from tests.kiosk_ui.wire import parse_scene

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.filterwarnings("ignore:The test .* is marked")]

HOME: Final = Sample(name="home", message=places.Home())
PRODUCT: Final = Sample(name="product", message=parse_scene(make_product()))
LONGEST: Final = 60
"""More presses than any screen has stops."""
PANELS: Final = {"32 inch": 398.0, "43 inch": 535.0}
"""Width of the glass, upright."""


LOW: Final = [
    sample for sample in every() if sample.covers[:1] == ("normal",) and not sample.name.startswith("attract")
]
"""What is tried low: one of each screen that somebody can have before them; while it attracts, nobody asked for it."""


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def window(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    folder = tmp_path_factory.mktemp("kiosk")
    options = kiosk_app.Options(device="screen-baby", port=0, folder=folder, offscreen=True, size=SIZE)
    kiosk_app.check_machine(offscreen=True)
    kiosk_app.prepare(options, offscreen=True)
    from kivy.clock import Clock

    from kiosk_ui.window import Kiosk

    Clock._max_fps = 60
    app = Kiosk(options, offscreen=True, voice=Heard())
    running = asyncio.ensure_future(app.async_run(async_lib="asyncio"))
    await until(lambda: app.root is not None)
    await frames(4)
    app.monitor.stop()  # it would give the window its size back
    yield app
    app.stop()
    await running


@pytest_asyncio.fixture(loop_scope="session")
async def kiosk(window: Any) -> AsyncIterator[Any]:
    """A kiosk that nobody stands before, and that has said nothing."""
    fresh(window)
    await frames(6)
    window.access.voice.said.clear()
    yield window
    window.options = msgspec.structs.replace(window.options, fitting=Fitting())


@pytest.fixture
def low(window: Any) -> Iterator[Any]:
    """A kiosk whatever it showed before, and for any panel."""
    yield window
    window.options = msgspec.structs.replace(window.options, fitting=Fitting())
    window._resized()


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where things stand and what is said needs no pixels, and these are what a frame costs."""
    from kivy.core.window import Window

    monkeypatch.setattr(type(Window), "on_draw", lambda _: None)


def fresh(kiosk: Any) -> None:
    """Nobody stands there; a wall of four offers."""
    body = wall()
    found = flow.begin(kiosk.screens, time.monotonic())
    kiosk.become(flow.show_backdrop(found, kiosk.screens.of(body), body, time.monotonic()))


async def settled() -> None:
    """Rules, rings and news take a few frames."""
    await frames(6)


async def press(kiosk: Any, *presses: Press) -> str:
    """Keys of the pad, one after the other, as the window hears them. Returns what was said last."""
    from kivy.core.window import Window

    for each in presses:
        assert Window.dispatch("on_key_down", CODES[each], 0, None, [])
        Window.dispatch("on_key_up", CODES[each], 0)
        await settled()
    return str(kiosk.access.voice.latest)


async def go_to(kiosk: Any, words: str) -> None:
    """Stands on the key that says so, by the pad's right key alone."""
    for _ in range(LONGEST):
        if words in await press(kiosk, Press.NEXT_KEY):
            return
    raise AssertionError(f"no key says {words!r}: {kiosk.access.voice.said}")


def test_every_key_of_the_pad_is_known() -> None:
    assert set(CODES) == set(Press)


async def test_the_first_key_of_the_pad_starts_the_voice_and_leads_in(kiosk: Any) -> None:
    said = await press(kiosk, Press.NEXT)
    assert kiosk.flow.session.speech
    assert kiosk.flow.session.there
    assert say("zh-CN", "access.aloud.begins") in said
    assert "[zh-CN 100]" in said


async def test_down_and_up_read_everything_and_stop_at_the_ends(kiosk: Any) -> None:
    kiosk.become(state(kiosk, PRODUCT, "en", speech=True))
    await settled()
    assert kiosk.access.voice.latest.startswith("Strawberries. ")
    heard = [await press(kiosk, Press.NEXT)]
    while (said := await press(kiosk, Press.NEXT)) != heard[-1] and not said.startswith("That is the end"):
        heard.append(said)
        assert len(heard) < LONGEST
    whole = " ".join(heard)
    for words in ("Strawberries", "15.90 yuan", "38 percent less", "Fresh food", "Fresh milk", "Back, key"):
        assert words in whole
    assert (await press(kiosk, Press.PREVIOUS)) == heard[-2]


async def test_the_keys_alone_lead_back(kiosk: Any) -> None:
    kiosk.become(state(kiosk, PRODUCT, "en", speech=True))
    await settled()
    await go_to(kiosk, "Back, key")
    await press(kiosk, Press.CHOOSE)
    await until(lambda: kiosk.flow.scene is None)


async def test_the_ring_stands_around_what_is_read_and_goes_with_a_touch(kiosk: Any) -> None:
    kiosk.become(state(kiosk, PRODUCT, "en"))
    await settled()
    await press(kiosk, Press.NEXT_KEY)
    ring = kiosk.access.reader
    assert ring.at is not None
    picture(kiosk, "access-ring")
    assert len(ring.canvas.children) > 0
    await tap(kiosk.scene.widget)
    assert ring.at is None
    assert len(ring.canvas.children) == 0


async def test_with_the_voice_on_the_first_touch_says_and_the_second_does(kiosk: Any) -> None:
    kiosk.become(state(kiosk, PRODUCT, "en", speech=True))
    await settled()
    back = next(key for key in geometry.keys(kiosk) if type(key).__name__ == "BackKey")
    await tap(back)
    await settled()
    assert "Back, key" in kiosk.access.voice.latest
    assert kiosk.flow.scene is not None
    await tap(back)
    await until(lambda: kiosk.flow.scene is None)


async def test_louder_goes_round_and_says_how_loud(kiosk: Any) -> None:
    kiosk.become(state(kiosk, PRODUCT, "de", speech=True))
    await settled()
    assert "Lautstärke 3 von 4 [de 160]" in await press(kiosk, Press.LOUDER)
    assert "[de 200]" in await press(kiosk, Press.LOUDER)
    assert "[de 50]" in await press(kiosk, Press.LOUDER)


async def test_a_key_that_is_held_moves_on_and_does_all_else_once(kiosk: Any) -> None:
    from kivy.core.window import Window

    async def hold(which: Press) -> None:
        for _ in range(4):
            Window.dispatch("on_key_down", CODES[which], 0, None, [])
        Window.dispatch("on_key_up", CODES[which], 0)
        await settled()

    await press(kiosk, Press.NEXT)
    first = kiosk.access.reader.at
    await hold(Press.NEXT)
    assert kiosk.access.reader.at != first
    volume = kiosk.flow.session.volume
    await hold(Press.LOUDER)
    assert kiosk.flow.session.volume == louder(volume)
    await hold(Press.SPEECH)
    assert not kiosk.flow.session.speech


async def test_a_key_of_the_pad_whose_screen_goes_meanwhile_presses_nothing(kiosk: Any) -> None:
    from kivy.clock import Clock

    await press(kiosk, Press.NEXT)
    kiosk.open("digits")
    await settled()
    await go_to(kiosk, "1")
    key = kiosk.access.reader.at.widget
    kiosk.access.reader.choose()
    kiosk.open("help")  # as a scanner would open something
    ends = Clock.get_time() + 0.2
    while Clock.get_time() < ends:
        await frames(1)
    assert key.state == "normal"
    assert [type(shown.message).__name__ for shown in kiosk.flow.stack][-2:] == ["Digits", "Help"]


async def test_a_plug_starts_the_voice_and_its_going_ends_it(kiosk: Any) -> None:
    assert say("zh-CN", "access.aloud.begins") in await press(kiosk, Press.PLUGGED)
    assert kiosk.flow.session.speech
    await press(kiosk, Press.UNPLUGGED)
    assert not kiosk.flow.session.speech
    assert kiosk.access.voice.latest.startswith(say("zh-CN", "access.aloud.ends"))


async def test_who_listens_is_there(kiosk: Any) -> None:
    kiosk.become(state(kiosk, PRODUCT, speech=True))
    await settled()
    kiosk.become(msgspec.structs.replace(kiosk.flow, touched_at=time.monotonic() - 30))
    kiosk.access.voice.speaking = True
    kiosk._tick(1)
    kiosk.access.voice.speaking = False
    assert time.monotonic() - kiosk.flow.touched_at < 30, "just now, and not half a minute ago"


async def test_nothing_of_it_is_left_for_the_next_one(kiosk: Any) -> None:
    kiosk.become(state(kiosk, PRODUCT, "en", speech=True, reach=True, contrast=True, left=True, volume=3))
    await settled()
    await press(kiosk, Press.NEXT_KEY)
    kiosk.end()
    await settled()
    session = kiosk.flow.session
    assert (session.speech, session.reach, session.contrast, session.left, session.volume) == (False,) * 4 + (1,)
    stage, reader = kiosk.access.stage, kiosk.access.reader
    assert (stage.framed, stage.dark, reader.at, stage.saying) == (False, False, None, "")


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("sample", LOW, ids=lambda sample: sample.name)
async def test_low_everything_is_within_reach(low: Any, sample: Sample, panel: str) -> None:
    kiosk = low
    kiosk.options = msgspec.structs.replace(kiosk.options, fitting=Fitting(width_mm=PANELS[panel]))
    kiosk._resized()
    kiosk.become(state(kiosk, sample, "de", reach=True))
    # No time goes by for the screen: what a sample holds would be asked for anew, of a gateway that is not there.
    kiosk._timer.cancel()
    await settled()
    hole = kiosk.access.stage.hole
    wanted = {stop.text for stop in kiosk.access.reader.stops() if stop.chooses}
    seen: set[str] = set()
    while True:
        assert [*geometry.high(kiosk), *geometry.small(kiosk)] == []
        for _ in geometry.dragged(kiosk):
            await frames(3)
            seen |= {stop.text for stop in kiosk.access.reader.stops() if geometry.touchable(stop.widget, kiosk)}
        if not hole.more_below:
            break
        kiosk.access.turn(1)
        await frames(3)
    assert {stop.text for stop in kiosk.access.reader.stops() if stop.chooses} - seen == set()
    assert wanted - seen == set()


@pytest.mark.parametrize(("letters", "ground"), theme.TEXT_PAIRS)
async def test_high_contrast_keeps_every_pair_of_colours_apart(letters: Any, ground: Any) -> None:
    assert theme.contrast(contrast.turned(letters), contrast.turned(ground)) >= 7


async def test_high_contrast_is_drawn_as_it_is_reckoned(kiosk: Any) -> None:
    kiosk.become(state(kiosk, PRODUCT, "en", contrast=True))
    await settled()
    image = picture(kiosk, "access-contrast")
    wanted = tuple(round(255 * part) for part in contrast.turned(theme.CREAM)[:3])
    assert all(abs(one - other) <= 2 for one, other in zip(image.getpixel((8, 1000)), wanted, strict=True))
    assert list(geometry.pale(kiosk, image)) == []
    left, bottom, right, top = map(int, geometry.box(kiosk.scene.widget.ids.picture))
    berry = np.asarray(image.crop((left, SIZE[1] - top, right, SIZE[1] - bottom)), int).reshape(-1, 3)
    assert (berry[:, 0] > berry[:, 1] + 60).mean() > 0.05


async def test_for_the_left_hand_the_bar_stands_the_other_way_round(kiosk: Any) -> None:
    places_of = {}
    for left in (False, True):
        kiosk.become(state(kiosk, PRODUCT, "en", left=left))
        await settled()
        places_of[left] = {
            type(key).__name__: key.to_window(*key.center)[0]
            for key in geometry.keys(kiosk)
            if key.to_window(0, key.y)[1] < 200
        }
    assert places_of[False]["BackKey"] < SIZE[0] / 2 < places_of[False]["TongueKey"]
    assert places_of[True]["TongueKey"] < SIZE[0] / 2 < places_of[True]["BackKey"]


def test_what_is_said_has_no_signs() -> None:
    assert aloud("¥12.90 · −38%", "en") == "12.90 yuan, 38 percent less"

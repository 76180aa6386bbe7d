"""People before the glass, and what is none: one after the other, two at once, a child, gloves, water, a monkey.

In a real window, by synthetic touches. Run by `test_session_window.py` in a process of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import random
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pytest
import pytest_asyncio

from kiosk_ui import flow, places, resident, theme
from kiosk_ui.screen import Moment
from kiosk_ui.screens.help.handlers import Memory as HelpMemory
from tests.kiosk_ui.bodies import make_body, make_coupon
from tests.kiosk_ui.window_cases import frames, keys, opened, picture, tap, until, words
from tests.kiosk_ui.wire import parse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

pytestmark = pytest.mark.asyncio(loop_scope="session")

SIZE: Final = (432, 768)
"""Small: what is tried here is not how it looks."""
CANARY: Final = "Canary-4711"
LANGUAGES: Final = ["zh-CN", "en", "de"]
NOBODY: Final = {"gateway": "http://127.0.0.1:9", "code": "screen-baby.-.s.x"}
HOURS: Final = 8.0 if os.environ.get("STOREKEEPER_ROUNDS") else 0.06
"""Simulated hours of the monkey."""


def wall(count: int = 7) -> Any:
    now = datetime.now(UTC)
    coupons = [make_coupon(place % 7, now, 36_000, ends_at=None, id=f"c{place}") for place in range(count)]
    return parse(make_body(coupons, languages=LANGUAGES, service=NOBODY))


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def kiosk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    async for app in opened(tmp_path_factory.mktemp("kiosk"), SIZE):
        yield app


@pytest.fixture
def fresh(kiosk: Any) -> Callable[..., Any]:
    async def of(count: int = 7) -> Any:
        kiosk.become(flow.begin(kiosk.screens, time.monotonic()))
        kiosk.show_backdrop(wall(count))
        await frames(3)
        return kiosk

    return of


async def at_home(app: Any) -> None:
    """The home stands there, and nothing of it moves any more: what the gateway, which is nobody, says has come."""
    app.open("home")
    await until(lambda: not flow.working(app.flow))
    await frames(6)


def finger(x: float, y: float) -> Any:
    from kivy.tests.common import UnitTestTouch

    return UnitTestTouch(x, y)


def names(app: Any) -> list[str]:
    return [places.name_of(type(shown.message)) for shown in app.flow.stack]


async def test_a_touch_anywhere_begins_and_the_loop_comes_back(fresh: Callable[..., Any]) -> None:
    app = await fresh()
    assert "点一下，开始" in words(app)
    touch = finger(app.root.width / 2, app.root.height * 0.6)
    touch.touch_down()
    touch.touch_up()
    await frames(6)
    assert names(app) == ["home"]
    assert {"本区今日好券", "找商品" if "search" in app.screens.places else "叫店员"} <= set(words(app))
    picture(app, "home-zh-CN")
    app.end()
    await frames(4)
    assert "点一下，开始" in words(app)


async def test_language_first(fresh: Callable[..., Any]) -> None:
    app = await fresh()
    await tap(next(key for key in keys(app, "TongueStart") if key.language == "de"))
    assert (names(app), app.flow.language) == (["home"], "de")
    assert "Sie sind hier: Mutter & Kind" in words(app)


async def test_all_offers_and_back(fresh: Callable[..., Any]) -> None:
    app = await fresh(60)
    await at_home(app)
    await tap(keys(app, "EveryKey")[0])
    assert names(app) == ["home", "offers"]
    made = [widget for widget in app.scene.walk() if type(widget).__name__ == "OfferListRow"]
    assert 4 <= len(made) < 20, "only those that are seen are made"
    await tap(keys(app, "StepBackKey")[0])
    assert names(app) == ["home"]


def made_ready(app: Any) -> list[Any]:
    """The widgets that are not seen, once all is made that the next touch may want."""
    while app._prepare():
        pass
    return list(app.scene._kept.values())


async def test_what_the_next_touch_opens_is_made_before(fresh: Callable[..., Any]) -> None:
    app = await fresh()
    ready = made_ready(app)
    app.open("home")
    assert app.scene.widget in ready
    ready = made_ready(app)
    before = app.scene.widget
    app.switch_letters()
    assert app.scene.widget in ready
    await frames(4)
    letters = max(widget.letters for widget in app.scene.walk() if hasattr(widget, "letters"))
    app.adjust(letters="normal")
    assert app.scene.widget is before, "it waited as it was"
    assert letters > max(widget.letters for widget in app.scene.walk() if hasattr(widget, "letters"))
    app.end()
    left = {type(widget).__name__ for widget in app.scene._kept.values()}
    assert left == {"ProductPage"}, "it was made while nobody was there; what was made for somebody goes with them"


async def test_memory_is_given_back_while_somebody_reads(
    fresh: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    there = []
    app = await fresh()
    monkeypatch.setattr(resident, "trim", lambda: there.append(app.flow.session.there))
    monkeypatch.setattr(gc, "collect", lambda *_: pytest.fail("it takes too long before somebody's eyes"))
    await at_home(app)
    await until(lambda: there)
    assert all(there)
    given = len(there)
    app._tick(1)
    app.ahead._act(0)
    assert len(there) == given, "seconds that go by use nothing up"


async def test_nothing_is_left_of_whoever_went(fresh: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    from kivy.uix.label import Label

    caplog.set_level(logging.DEBUG)
    app = await fresh()
    app.open("home")
    app.open("help")
    shown = msgspec.structs.replace(
        app.flow.front, memory=HelpMemory("taken", CANARY, asked_at=time.monotonic() + 3600, language=app.flow.language)
    )
    app.become(msgspec.structs.replace(app.flow, stack=(*app.flow.stack[:-1], shown)))
    app.switch_letters()
    del shown
    await frames(6)
    made_ready(app)
    session = app.flow.session.id
    assert any(CANARY in text for text in words(app)), "it was there"
    app.end()
    await frames(8)
    gc.collect()
    assert not [label for label in gc.get_objects() if issubclass(type(label), Label) and CANARY in label.text]
    assert CANARY not in repr(app.flow)
    assert session not in repr(app.flow)
    assert not app.flow.large
    for path in app.options.folder.rglob("*"):
        with contextlib.suppress(OSError):  # a folder, or what is written anew and goes as one looks
            assert CANARY.encode() not in path.read_bytes(), path
    assert CANARY not in caplog.text


async def test_the_question_is_answered_by_its_keys_alone(
    fresh: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from kiosk_ui import window

    app, clock = await fresh(), Stopped()
    monkeypatch.setattr(window, "_now", clock.moment)
    monkeypatch.setattr(window, "time", clock)
    app.open("home")
    clock.at += flow.IDLE_S + 1
    app._tick(1)
    await frames(6)
    assert app.flow.question is not None
    picture(app, "still-there-zh-CN")
    key = next(widget for widget in keys(app, "MainKey") if not widget.quiet)
    assert min(key.size) * app.m.mm_per_pixel >= theme.KEY_MM
    touch = finger(app.root.width / 2, app.root.height - 20)
    touch.touch_down()
    touch.touch_up()
    await frames(3)
    assert app.flow.question is not None, "beside its keys nothing is touched"
    await tap(key)
    assert (app.flow.question, names(app)) == (None, ["home"])


async def test_two_people_at_once(fresh: Callable[..., Any]) -> None:
    app = await fresh()
    await at_home(app)
    one, other = keys(app, "EveryKey")[0], keys(app, "SizeKey")[0]
    touches = [finger(*key.to_window(*key.center)) for key in (one, other)]
    for touch in touches:
        touch.touch_down()
    await frames(2)
    for touch in reversed(touches):
        touch.touch_up()
    await frames(5)
    assert app.flow.large
    assert names(app)[0] == "home"
    app.home()
    await frames(4)
    assert names(app) == ["home"]


async def test_a_finger_that_stays_stops_nobody(fresh: Callable[..., Any]) -> None:
    app = await fresh()
    await at_home(app)
    stuck = finger(*keys(app, "SizeKey")[0].to_window(*keys(app, "SizeKey")[0].center))
    stuck.touch_down()
    await frames(2)
    await tap(keys(app, "EveryKey")[0])
    assert names(app) == ["home", "offers"]
    stuck.touch_up()
    await frames(3)


async def test_a_finger_that_lets_go_of_what_is_gone_presses_nothing(fresh: Callable[..., Any]) -> None:
    app = await fresh()
    await at_home(app)
    app.open("digits")
    await frames(6)
    key = keys(app, "NumberKey")[0]
    held = finger(*key.to_window(*key.center))
    held.touch_down()
    await frames(2)
    app.open("help")  # as another finger does, or a scanner
    await frames(3)
    held.touch_up()
    await frames(3)
    assert names(app) == ["home", "digits", "help"]
    app.back()
    await frames(3)
    assert app.flow.front.memory.digits == ""


async def test_a_child_that_hammers(fresh: Callable[..., Any]) -> None:
    app, chance = await fresh(), random.Random(11)
    for _ in range(60):
        touch = finger(chance.uniform(0, app.root.width), chance.uniform(0, app.root.height))
        touch.touch_down()
        if chance.random() < 0.9:
            touch.touch_up()
        if chance.random() < 0.3:
            await frames(1)
    await frames(6)
    assert len(app.flow.stack) <= flow.DEEPEST
    app.end()
    await frames(4)
    assert (names(app), app.flow.session.id) == ([], "")


async def test_a_glove_covers_more_than_a_point(fresh: Callable[..., Any]) -> None:
    """Whatever point of the glove counts, 6 mm around the middle of a key, it is that key."""
    app = await fresh()
    off = 6.0 / app.m.mm_per_pixel
    for dx, dy in ((off, 0), (-off, 0), (0, off), (0, -off)):
        app.adjust(letters="normal")
        app.home()
        await at_home(app)
        key = keys(app, "SizeKey")[0]
        x, y = key.to_window(*key.center)
        touch = finger(x + dx, y + dy)
        touch.touch_down()
        await frames(1)
        touch.touch_up()
        await frames(2)
        assert app.flow.large


class Stopped:
    """Clocks of the window that go by hand."""

    def __init__(self) -> None:
        self.at = time.monotonic()

    def monotonic(self) -> float:
        return self.at

    def time(self) -> float:
        return time.time()

    def moment(self) -> Moment:
        return Moment(self.at, datetime.now(UTC))


class Shifted:
    """The clocks of the window, so many seconds on."""

    def __init__(self) -> None:
        self.by = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.by

    def time(self) -> float:
        return time.time() + self.by

    def moment(self) -> Moment:
        return Moment(self.monotonic(), datetime.now(UTC) + timedelta(seconds=self.by))


async def test_a_monkey_breaks_nothing(fresh: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from kiosk_ui import window

    app, chance, clock = await fresh(20), random.Random(5), Shifted()
    monkeypatch.setattr(window, "_now", clock.moment)
    monkeypatch.setattr(window, "time", clock)
    every = sorted(app.screens.places)
    seen: set[str] = set()
    while clock.by < HOURS * 3600:
        clock.by += chance.choice((0.2, 1.0, 3.0, 8.0, 25.0))
        act = chance.random()
        found = keys(app)
        if act < 0.12:
            app.open(chance.choice(every), chance.choice(("", "", "c3", "09521101500011")))
        elif act < 0.16:
            app.show_backdrop(wall(chance.choice((0, 1, 7, 60))))
        elif found:
            chance.choice(found).dispatch("on_release")
        app._tick(1)
        seen |= set(names(app))
        await asyncio.sleep(0)
        assert len(app.flow.stack) <= flow.DEEPEST
        assert app.flow.stack == () or app.scene.widget is not None
    assert set(every) == seen or clock.by < 4 * 3600
    for _ in range(40):
        clock.by += 10
        app._tick(1)
        await frames(1)
    await until(lambda: not flow.busy(app.flow) and not app.access.busy())
    for _ in range(40):
        clock.by += 10
        app._tick(1)
    assert (app.flow.stack, app.flow.session.id) == ((), ""), "nobody is there: nothing is left"

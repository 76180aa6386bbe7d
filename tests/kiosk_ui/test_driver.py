from __future__ import annotations

import io
import os
from base64 import b64decode
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import pytest
from PIL import Image

from device_drivers.contract import MAX_PICTURE, Bare, Identify, Outcome, Reason, Snapshot
from kiosk_ui.driver import Driver
from kiosk_ui.picture import Frame, snapshot
from kiosk_ui.screen import Screen, Screens
from kiosk_ui.screens.registry import SCREENS
from tests.kiosk_ui.wire import ALL, instruction, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_drivers.contract import CouponWall, TimedScene


class Glass:
    """A window without Kivy: what the driver does with one must not need one."""

    def __init__(self) -> None:
        self.shown = []
        self.named = []
        self.staged = []
        self.answers = True

    def _answer(self) -> None:
        if not self.answers:
            raise TimeoutError

    def show_backdrop(self, message: CouponWall) -> None:
        self._answer()
        self.shown.append(message)

    def show_scene(self, message: TimedScene) -> None:
        self._answer()
        self.staged.append(message)

    def close_scene(self) -> None:
        self._answer()
        self.staged.append(None)

    def frame(self) -> Frame:
        self._answer()
        return Frame(4, 8, b"\x20\x40\x60\xff" * 32)

    def identify(self, seconds: float) -> None:
        self._answer()
        self.named.append(seconds)


@pytest.fixture
def glass() -> Glass:
    return Glass()


@pytest.fixture
def driver(glass: Glass) -> Driver:
    return Driver(glass, ALL)


def test_it_shows_what_it_is_told(driver: Driver, glass: Glass, body: Callable[..., bytes]) -> None:
    driver.apply(parse(body(2)))
    assert len(glass.shown[0].coupons) == 2


def test_a_body_that_is_none_never_reaches_the_window(driver: Driver, glass: Glass) -> None:
    with pytest.raises(ValueError, match="a screen shows"):
        driver.apply(Bare(1))
    assert glass.shown == []


def test_a_window_that_hangs_is_said(driver: Driver, glass: Glass, body: Callable[..., bytes]) -> None:
    glass.answers = False
    with pytest.raises(ValueError, match="does not answer"):
        driver.apply(parse(body(1)))
    assert driver.carry_out(Snapshot()).reason == Reason.NO_RESPONSE
    assert driver.carry_out(Identify()).outcome == Outcome.FAILED


def test_a_snapshot_is_a_png(driver: Driver) -> None:
    result = driver.carry_out(Snapshot())
    assert result.outcome == Outcome.DONE
    picture = Image.open(io.BytesIO(b64decode(result.observed["png"])))
    assert (picture.format, picture.size) == ("PNG", (4, 8))
    assert picture.convert("RGB").getpixel((0, 0)) == (0x20, 0x40, 0x60)


def test_even_noise_fits_into_a_message() -> None:
    text = snapshot(Frame(270, 480, os.urandom(270 * 480 * 4)))
    assert len(text) <= MAX_PICTURE
    assert Image.open(io.BytesIO(b64decode(text))).format == "PNG"


@pytest.mark.parametrize(
    ("verb", "args", "outcome"),
    [
        ("identify", {}, Outcome.DONE),
        ("snapshot", {}, Outcome.DONE),
        ("show", {"scene": {"type": "wall"}}, Outcome.ALREADY),
        ("show", {"scene": {"type": "welcome", "title": {"en": "Welcome back"}}}, Outcome.DONE),
        ("unlock", {}, Outcome.REFUSED),
    ],
)
def test_verbs(driver: Driver, verb: str, args: dict[str, Any], outcome: Outcome) -> None:
    result = driver.carry_out(instruction(verb, args))
    assert result.outcome == outcome
    assert (result.reason is not None) == (outcome == Outcome.REFUSED)


def test_a_scene_is_shown_and_the_wall_again(driver: Driver, glass: Glass, product: Callable[..., Any]) -> None:
    assert driver.carry_out(instruction("show", product())).outcome is Outcome.DONE
    notice = {"scene": {"type": "notice", "title": {"en": "A payment code"}}}
    assert driver.carry_out(instruction("show", notice)).outcome is Outcome.DONE
    assert driver.carry_out(instruction("show", {"scene": {"type": "wall"}})).outcome is Outcome.ALREADY
    assert [getattr(scene, "seconds", None) for scene in glass.staged] == [45.0, 12.0, None]


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "x"}, {"price": -1}, {"price": "1"}, {"tint": "red"}, {"seconds": 0}, {"seconds": 1e9},
        {"goes_with": [{}]}, {"url": "x" * 301}, {"type": ["film"]}, {"for": 1},
    ],
)  # fmt: skip
def test_a_scene_that_is_none_is_refused(product: Callable[..., Any], changes: dict[str, Any]) -> None:
    assert instruction("show", product()) is not None
    assert instruction("show", product(**changes)) is None


def test_what_no_screen_shows_is_refused(glass: Glass, body: Callable[..., bytes], product: Callable[..., Any]) -> None:
    driver = Driver(glass, Screens(screen for screen in SCREENS if screen.message is type(None)))
    assert driver.carry_out(instruction("show", product())).reason is Reason.BAD_ARGS
    with pytest.raises(ValueError, match="no screen shows a CouponWall"):
        driver.apply(parse(body(1)))
    assert (glass.shown, glass.staged) == ([], [])


class UmbrellaScene(msgspec.Struct, frozen=True, tag_field="type", tag="umbrella"):
    hook: Annotated[int, msgspec.Meta(ge=1)]
    seconds: float = 20.0


def test_a_scene_of_an_extension_is_shown_by_the_screen_that_knows_it(glass: Glass) -> None:
    umbrella = Screen(message=UmbrellaScene, view=lambda context: context.message.hook, widget="umbrella_stand:Sheet")
    told = instruction("show", {"scene": {"type": "umbrella", "hook": 3}})
    assert Driver(glass, Screens((*SCREENS, umbrella))).carry_out(told).outcome is Outcome.DONE
    assert glass.staged == [UmbrellaScene(3)]


@pytest.mark.parametrize("scene", [{"type": "umbrella", "hook": 0}, {"type": "umbrella"}, {"type": "film"}])
def test_a_scene_of_an_extension_that_no_screen_knows_is_refused(glass: Glass, scene: dict[str, Any]) -> None:
    umbrella = Screen(message=UmbrellaScene, view=lambda context: context.message.hook, widget="umbrella_stand:Sheet")
    driver = Driver(glass, Screens((*SCREENS, umbrella)))
    assert driver.carry_out(instruction("show", {"scene": scene})).reason is Reason.BAD_ARGS
    assert glass.staged == []


@pytest.mark.parametrize("args", [{}, {"scene": "wall"}, {"scene": "cinema"}, {"scene": None}, {"type": "wall"}, [], 1])
def test_what_is_no_scene_is_refused(args: Any) -> None:
    assert instruction("show", args) is None

from __future__ import annotations

import io
import os
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from device_drivers.contract import Outcome, Reason
from kiosk_ui.driver import Driver
from kiosk_ui.picture import MOST, Frame, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk_ui.desired import Wall
    from kiosk_ui.scene import Scene


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

    def show(self, wall: Wall) -> Callable[..., Any]:
        self._answer()
        self.shown.append(wall)

    def stage(self, scene: Scene | None) -> None:
        self._answer()
        self.staged.append(scene)

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
    return Driver(glass)


def test_it_shows_what_it_is_told(driver: Driver, glass: Glass, body: Callable[..., bytes]) -> None:
    driver.apply(body(2))
    assert len(glass.shown[0].coupons) == 2


def test_a_body_that_is_none_never_reaches_the_window(driver: Driver, glass: Glass) -> None:
    with pytest.raises(ValueError, match="desired body of a screen"):
        driver.apply(b'{"schema":7}')
    assert glass.shown == []


def test_a_window_that_hangs_is_said(driver: Driver, glass: Glass, body: Callable[..., bytes]) -> None:
    glass.answers = False
    with pytest.raises(ValueError, match="does not answer"):
        driver.apply(body(1))
    assert driver.carry_out("snapshot", {}).reason == Reason.NO_RESPONSE
    assert driver.carry_out("identify", {}).outcome == Outcome.FAILED


def test_a_snapshot_is_a_png(driver: Driver) -> None:
    result = driver.carry_out("snapshot", {})
    assert result.outcome == Outcome.DONE
    picture = Image.open(io.BytesIO(b64decode(result.observed["png"])))
    assert (picture.format, picture.size) == ("PNG", (4, 8))
    assert picture.convert("RGB").getpixel((0, 0)) == (0x20, 0x40, 0x60)


def test_even_noise_fits_into_a_message() -> None:
    text = snapshot(Frame(1080, 1920, os.urandom(1080 * 1920 * 4)))
    assert len(text) <= MOST
    assert Image.open(io.BytesIO(b64decode(text))).format == "PNG"


@pytest.mark.parametrize(
    ("verb", "args", "outcome"),
    [
        ("identify", {}, Outcome.DONE),
        ("identify", {"seconds": 3}, Outcome.DONE),
        ("identify", {"seconds": -1}, Outcome.REFUSED),
        ("identify", {"seconds": "long"}, Outcome.REFUSED),
        ("identify", {"seconds": 1e9}, Outcome.REFUSED),
        ("show", {"scene": "wall"}, Outcome.ALREADY),
        ("show", {"scene": "cinema"}, Outcome.REFUSED),
        ("show", {}, Outcome.REFUSED),
        ("unlock", {}, Outcome.REFUSED),
    ],
)
def test_verbs(driver: Driver, verb: str, args: dict[str, Any], outcome: Outcome) -> None:
    result = driver.carry_out(verb, args)
    assert result.outcome == outcome
    assert (result.reason is not None) == (outcome == Outcome.REFUSED)


def test_a_scene_is_shown_and_the_wall_again(driver: Driver, glass: Glass, product: Callable[..., Any]) -> None:
    assert driver.carry_out("show", product()).outcome is Outcome.DONE
    notice = {"scene": {"scene": "notice", "title": {"en": "A payment code"}}}
    assert driver.carry_out("show", notice).outcome is Outcome.DONE
    assert driver.carry_out("show", {"scene": "wall"}).outcome is Outcome.ALREADY
    assert [getattr(scene, "seconds", None) for scene in glass.staged] == [45.0, 12.0, None]


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "x"}, {"price": -1}, {"price": "1"}, {"tint": "red"}, {"seconds": 0}, {"seconds": 1e9},
        {"goes_with": [{}]}, {"url": "x" * 301}, {"scene": "film"}, {"for": 1},
    ],
)  # fmt: skip
def test_a_scene_that_is_none_is_refused(
    driver: Driver, glass: Glass, product: Callable[..., Any], changes: dict[str, Any]
) -> None:
    result = driver.carry_out("show", product(**changes))
    assert (result.outcome, result.reason, glass.staged) == (Outcome.REFUSED, Reason.BAD_ARGS, [])

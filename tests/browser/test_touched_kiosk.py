"""The demo's kiosk on the store page: live, and touched with the mouse."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from kiosk_ui.picture import Frame
from kiosk_ui.remote_glass import Finger, RemoteGlass
from tests.web.running import RunningStore, Shopper, wait

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.conftest import NewPage

WIDTH, HEIGHT = 360, 640


class Glass:
    """A kiosk's glass without a kiosk: what it shows changes with each touch."""

    def __init__(self, store: RunningStore) -> None:
        self.fingers: list[Finger] = []
        self._shades = itertools.count(40, 7)
        self.remote = RemoteGlass(store.data / "devices" / "screen-baby", self.draw, self._touched)
        self.remote.start()

    def draw(self) -> None:
        shade = next(self._shades) % 256
        self.remote.drawn(Frame(WIDTH, HEIGHT, bytes([shade, 120, 90, 255]) * (WIDTH * HEIGHT)))

    def _touched(self, fingers: tuple[Finger, ...]) -> None:
        self.fingers.extend(fingers)
        self.draw()


@pytest.fixture
def glass(store: RunningStore) -> Iterator[Glass]:
    made = Glass(store)
    yield made
    made.remote.stop()


def test_the_mouse_is_a_finger(store: RunningStore, desk: NewPage, glass: Glass) -> None:
    page = desk("en")
    page.goto(store.base)
    page.wait_for_selector("#k-picture.live")
    wait(lambda: page.evaluate("() => document.getElementById('k-picture').naturalWidth") == WIDTH)
    page.click("#k-large")
    page.wait_for_selector("#k-card.large")
    box = page.locator("#k-picture").bounding_box()
    assert box is not None
    scale = min(box["width"] / WIDTH, box["height"] / HEIGHT)
    left, top = box["x"] + (box["width"] - WIDTH * scale) / 2, box["y"] + (box["height"] - HEIGHT * scale) / 2

    def at(x: float, y: float) -> tuple[float, float]:
        return left + x * WIDTH * scale, top + y * HEIGHT * scale

    page.mouse.move(*at(0.25, 0.75))
    page.mouse.down()
    page.mouse.move(*at(0.5, 0.25), steps=4)
    page.mouse.up()
    wait(lambda: glass.fingers and glass.fingers[-1].phase == "up")
    first, last = glass.fingers[0], glass.fingers[-1]
    assert [each.phase for each in (first, last)] == ["down", "up"]
    assert {each.phase for each in glass.fingers[1:-1]} == {"move"}
    assert (first.x, first.y) == pytest.approx((0.25, 0.75), abs=0.02)
    assert (last.x, last.y) == pytest.approx((0.5, 0.25), abs=0.02)
    page.keyboard.press("Escape")
    page.wait_for_selector("#k-card:not(.large)")


def test_a_screen_that_is_simulated_is_not_touched(store: RunningStore, desk: NewPage) -> None:
    page = desk("en")
    page.goto(store.base)
    page.wait_for_selector("#k-none")
    page.wait_for_selector("#k-touch", state="hidden")
    assert Shopper(store).get(f"{store.base}/api/v1/demo/screens/screen-baby/picture").status_code == 404


def test_what_is_no_touch_is_refused(store: RunningStore, glass: Glass) -> None:
    address = f"{store.base}/api/v1/demo/screens/{{}}/touches"
    good = {"phase": "down", "x": 0.5, "y": 0.5}
    shopper = Shopper(store)
    for screen, touch, status in (
        ("screen-baby", good, 204),
        ("screen-baby", good | {"x": 1.5}, 400),
        ("screen-baby", good | {"phase": "lick"}, 400),
        ("cart-01", good, 404),
        ("..", good, 404),
    ):
        assert shopper.post(address.format(screen), json={"touches": [touch]}).status_code == status, (screen, touch)
    assert len(glass.fingers) == 1

"""From the gateway to the words on the glass: what each screen is told, made by the whole gateway, sent over its
own bus and each broker, taken by the agent and the kiosk's driver, and put into words by its screen.

What the window makes of those words is tested in `tests/kiosk_ui`.
"""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import urlsplit

import pytest

from device_drivers.agent import Agent, Link
from device_drivers.backoff import Backoff
from device_drivers.contract import PanelHours
from edge.bootstrap.gateway import open_gateway
from edge.domain.displays.rules import DisplayRules
from edge.gateway import scans
from edge.products.build import build
from edge.products.product import Product
from edge.products.version import Version
from kiosk_ui import flow
from kiosk_ui.driver import Driver
from kiosk_ui.picture import Frame
from kiosk_ui.places import Home, Place
from kiosk_ui.screen import Moment, Screens
from kiosk_ui.screens.registry import SCREENS
from tests.edge.conftest import join, settings_for, until
from tests.edge.test_scans import SCANNER, SCREEN, Device, member_code

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from edge.bus.brokers import Broker
    from edge.gateway.gateway import Gateway

GTIN = "6901234567892"


class Glass:
    """A kiosk's window without Kivy: its state and its views are the real ones."""

    def __init__(self) -> None:
        self.screens = Screens(SCREENS)
        self.state = flow.begin(self.screens, 0.0)

    def show_backdrop(self, message: Any) -> None:
        self.state = flow.show_backdrop(self.state, self.screens.of(message), message, time.monotonic())

    def show_scene(self, message: Any) -> None:
        self.state = flow.show_scene(self.state, self.screens.of(message), message, moment())

    def close_scene(self) -> None:
        self.state = flow.close_scene(self.state, time.monotonic())

    def frame(self) -> Frame:
        raise TimeoutError

    def identify(self, seconds: float) -> None:
        """Nobody asks."""

    def seen(self, kind: str) -> Any:
        """The view in front, where it is of a message of that kind."""
        shown = self.state.front
        if type(shown.message).__name__ != kind:
            return None
        return flow.view(self.state, shown, moment())


def moment() -> Moment:
    return Moment(time.monotonic(), datetime.now(UTC))


@pytest.fixture
def scanner(broker: Broker) -> Iterator[Device]:
    made = Device(broker, SCANNER, "scanner")
    yield made
    made.stop()


@pytest.fixture
def glass(broker: Broker, tmp_path: Path) -> Iterator[Glass]:
    made = Glass()
    address = urlsplit(broker.url)
    link = Link(str(address.hostname), int(address.port or 0), "s001", SCREEN)
    agent = Agent(SCREEN, Driver(made, made.screens), link, tmp_path / "kiosk", backoff=Backoff(0.1, 0.5))
    agent.start()
    yield made
    agent.stop()


@asynccontextmanager
async def store(
    broker: Broker, data: Path, displays: DisplayRules | None = None, **changes: Any
) -> AsyncIterator[Gateway]:
    """The example store with a scanner and a kiosk among the fresh food."""
    settings = settings_for(broker, data).model_copy(update={"displays": displays or DisplayRules()})
    cart = next(device for device in settings.devices if device.id == "cart-01")
    more = [cart.model_copy(update={"id": SCANNER, "kind": "scanner", "zone": "fresh", "screen": SCREEN})]
    more.append(cart.model_copy(update={"id": SCREEN, "kind": "screen", "zone": "fresh", **changes}))
    async with open_gateway(settings.model_copy(update={"devices": (*settings.devices, *more)})) as gateway:
        await until(lambda: gateway.devices.ingest.live[SCREEN].online)
        yield gateway


async def test_a_zone_s_wall(broker: Broker, tmp_path: Path, glass: Glass) -> None:
    async with store(broker, tmp_path / "data") as gateway:
        offers = {coupon.coupon for coupon, _ in gateway.lookup.offering.on_offer("fresh")}

        def own() -> Any:
            # What another store left on the broker may come first.
            service = getattr(glass.state.backdrop.message, "service", None)
            ours = service and gateway.lookup.codes.screen_of(service.code) == SCREEN
            return glass.seen("CouponWall") if ours else None

        wall = await until(own)
        assert wall.store
        assert wall.where
        body = glass.state.backdrop.message
        assert all(coupon.url.startswith("http://store.test/") for coupon in body.coupons)
        assert body.coupons
        assert {coupon.id for coupon in body.coupons} <= offers
        assert body.service.gateway == "http://store.test"
        home = flow.open_place(glass.state, Home(), moment())
        assert {card.id for card in flow.view(home, home.front, moment()).offers} <= offers
        await until(lambda: gateway.devices.ingest.live[SCREEN].applied)
        assert gateway.devices.ingest.live[SCREEN].applied.error is None


async def test_when_its_panel_shines(broker: Broker, tmp_path: Path, glass: Glass) -> None:
    agreed = DisplayRules(panel_hours=("07:30-20:00 80%", "20:00-22:30 40%"))
    async with store(broker, tmp_path / "data", agreed) as gateway:

        def plan() -> Any:
            return getattr(glass.state.backdrop.message, "panel", None)

        found = await until(plan)
        assert found.timezone == gateway.settings.store.zone.key
        assert found.hours == (PanelHours(450, 1200, 80), PanelHours(1200, 1350, 40))


async def test_a_bank_s_keypad(broker: Broker, tmp_path: Path, glass: Glass) -> None:
    async with store(broker, tmp_path / "data", zone="checkout", attached_to="locker-a") as gateway:
        keypad = await until(lambda: glass.seen("BankKeypad"))
        assert keypad.bank == "储物柜 A"
        assert keypad.url == gateway.devices.url(gateway.lookup.codes.static("locker-a"))
        assert keypad.slots == ("",) * 6


async def test_what_is_held_to_the_scanner(
    broker: Broker, tmp_path: Path, glass: Glass, scanner: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scans, "SHOW_TTL_MS", 60_000)  # a scene may be slow to come, as this machine is
    async with store(broker, tmp_path / "data") as gateway:
        await until(lambda: glass.seen("CouponWall"))
        loaf = Product(GTIN.zfill(14), {"zh-CN": "全麦吐司", "en": "Wholegrain loaf"}, 890)
        gateway.lookup.products.current = Version(build(tmp_path, enumerate((loaf,), 1)).path)
        scanner.scan(GTIN, "ean13")
        await until(lambda: glass.seen("Product"))
        assert glass.state.front.message.gtin == loaf.gtin, "its page, which asks the gateway for the rest"
        scanner.scan("134567890123456789")
        notice = await until(lambda: glass.seen("NoticeScene"))
        assert notice.title
        scanner.scan(await member_code(gateway, await join(gateway)))
        await until(lambda: glass.seen("Mine"))  # whoever used the screen before is greeted by their things
        assert not [key for key in gateway.devices.mistakes.refusals if key[0] == SCREEN]


def test_every_screen_has_its_crossing() -> None:
    told = {screen.message.__name__ for screen in SCREENS if not issubclass(screen.message, get_args(Place))}
    shown = told - {"NoneType", "StillThere", "Hours"}
    assert shown == {"CouponWall", "BankKeypad", "ProductScene", "NoticeScene", "WelcomeScene"}, "and so do these"

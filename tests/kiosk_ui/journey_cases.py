"""Whole journeys without looking and without touching: a pad of five keys, and the texts that the voice is given.

The window, its agent, a broker and a gateway with a locker bank are real; what the test does in the store beside them
is what hands do there. Run by `test_journeys.py` in a process of its own.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, Final

import pytest
import pytest_asyncio

from edge.domain.codes.readings import Reading, ScanResult
from edge.domain.staff import calls, queries
from edge.secrets import tills
from kiosk_ui import app as kiosk_app
from kiosk_ui.key_navigation import Press
from tests.conftest import new_broker
from tests.kiosk_ui.blind import PATIENCE_S, Blind, Heard
from tests.kiosk_ui.window_cases import SIZE, frames, until
from tests.web.running import RunningStore, Shopper
from tests.web.test_basket import Shop
from tests.web.test_till import SmallTill

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from edge.settings.settings import Settings

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.filterwarnings("ignore:The test .* is marked")]
SCREEN: Final = "screen-baby"
BANK: Final = "locker-a"
COUPON: Final = "milk-less"


class Served(RunningStore):
    """Its screens are told where it really is."""

    def _settings(self) -> Settings:
        settings = super()._settings()
        box = settings.gateway.model_copy(update={"public_url": self.base})
        return settings.model_copy(update={"gateway": box})


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("journeys")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    store = Served(broker, folder, (BANK, "printer-1"))
    store.start()
    opened = Shop(store, folder)
    opened.sell("12.90")
    store.offer(
        coupon=COUPON, zone="baby", title={"en": "Milk for less"}, subtitle={}, price=990, was=1290, stock=50,
        starts_ms=None, ends_ms=None, art="milk", tint="#DFEFE4", terms={},
    )  # fmt: skip
    yield opened
    store.stop()
    broker.stop()


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def window(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    port = int(shop.store.settings.gateway.broker.url.rpartition(":")[2])
    folder = tmp_path_factory.mktemp("kiosk")
    options = kiosk_app.Options(device=SCREEN, port=port, folder=folder, offscreen=True, size=SIZE)
    kiosk_app.check_machine(offscreen=True)
    kiosk_app.prepare(options, offscreen=True)
    from kivy.clock import Clock

    from kiosk_ui.window import Kiosk

    Clock._max_fps = 60
    app = Kiosk(options, offscreen=True, voice=Heard())
    running = asyncio.ensure_future(app.async_run(async_lib="asyncio"))
    await until(lambda: getattr(app.flow.backdrop.message, "service", None) is not None)
    with pytest.MonkeyPatch.context() as patch:
        # An answer that takes its time is news all the same.
        patch.setattr("kiosk_ui.widgets.screen_reader.NEWS_S", PATIENCE_S)
        yield app
    app.stop()
    await running


@pytest_asyncio.fixture(loop_scope="session")
async def blind(window: Any) -> AsyncIterator[Blind]:
    """Somebody before a screen that speaks Chinese; the first thing they do is to change that."""
    window.end()
    await frames(6)
    window.access.voice.said.clear()
    someone = Blind(window.access.voice)
    await someone.press(Press.NEXT)
    await someone.hears("[zh-CN")
    await someone.chooses("English")
    await someone.hears("[en ")
    yield someone
    window.end()
    await frames(6)


def show_code(shop: Shop) -> None:
    """A member's phone is held to the scanner beside the screen."""
    phone = Shopper(shop.store)
    assert phone.register(shop.store.code("poster-door")).ok
    row = shop.store.gateway.reads.one("SELECT member FROM members ORDER BY registered_ms DESC, rowid DESC")
    assert row is not None
    greeted = ScanResult(Reading("member", "signed", "our_signature", member=row["member"]), member=row["member"])
    shop.store.do(shop.store.gateway.screen_baskets.take(SCREEN, greeted, [greeted.best], "test"))


def spelt(said: str, length: int) -> str:
    """The code in it, which is said digit by digit."""
    found = re.search(rf"(?<!\d )(?:\d ){{{length - 1}}}\d(?! \d)", said)
    assert found, said
    return found[0].replace(" ", "")


def counted(shop: Shop, query: str, *values: Any) -> int:
    """How many there are in the store's own files."""
    found = shop.store.gateway.reads.one(f"SELECT count(*) AS n FROM {query}", *values)
    return int(found["n"]) if found is not None else 0


async def test_the_language(blind: Blind) -> None:
    await blind.chooses("Deutsch")
    await blind.hears("[de ")
    assert "Jemand kommt" in await blind.finds("Hilfe rufen")


async def test_the_way_to_the_toilet(blind: Blind) -> None:
    await blind.opens("Map, ", "Store map")
    await blind.chooses("Toilet")
    await blind.finds("The way to Toilets")
    assert re.search(r"\d+, steps", await blind.finds("Toilets, "))
    await blind.finds("Turn left, Toilets on your left")


async def test_a_product_and_a_coupon_for_it(blind: Blind, shop: Shop) -> None:
    await blind.opens("Find a product", "Find a product")
    await blind.chooses("M, key")
    await blind.opens("Milk", "Milk 1 l")
    assert "12.90 yuan" in await blind.finds("12.90 yuan")
    await blind.opens("Home", "Today's offers here")
    await blind.opens("My things, ", "Hold your member code to the scanner")
    show_code(shop)
    await blind.finds("No coupons yet")
    await blind.opens("Home", "Today's offers here")
    await blind.opens("Milk for less", "Milk for less")
    await blind.chooses("Save it for me")
    await blind.hears("Saved in your wallet")
    assert counted(shop, "wallet WHERE campaign=?", COUPON) == 1


async def test_from_the_basket_to_the_till(blind: Blind, shop: Shop) -> None:
    await blind.opens("Find a product", "Find a product")
    await blind.chooses("M, key")
    await blind.opens("Milk", "Milk 1 l")
    await blind.chooses("Add 12.90 yuan")
    await blind.hears("In the basket: 1 in all")
    await blind.opens("Basket", "Your basket")
    await blind.finds("12.90 yuan")
    await blind.chooses("Pay at the till")
    digits = spelt(await blind.finds("Say this code at the till"), 4)
    till = SmallTill(shop.store.base, tills.add(tills.file_of(shop.store.data), "till-1"))
    taken = till._send("/T1/take", {"digits": digits})
    assert till.confirm("T1", taken["total"])["code"] == "basket_not_held"
    await blind.hears("at the till since")


async def test_a_locker_and_back(blind: Blind, shop: Shop) -> None:
    await blind.opens("Lockers, ", "Which lockers")
    await blind.chooses("Lockers A")
    await blind.chooses("Store something")
    await blind.chooses("Open a small one")
    said = await blind.hears("The door is open")
    door = re.search(r"\b\d\d\b", said)
    assert door, said
    for hand in ("fill", "close"):
        await asyncio.to_thread(shop.store.act, BANK, f"{hand}-{door[0]}")
    await blind.hears("Stored")
    digits = spelt(await blind.finds("Your code"), 6)
    await blind.chooses("Done")
    await blind.chooses("Get it back")
    for digit in digits:
        await blind.chooses(f"{digit}, key")
    await blind.chooses("Open, key")
    assert door[0] in await blind.hears("The door is open")
    for hand in ("empty", "close"):
        await asyncio.to_thread(shop.store.act, BANK, f"{hand}-{door[0]}")
    await blind.hears("Thank you, goodbye")


async def test_staff_come(blind: Blind, shop: Shop) -> None:
    await blind.opens("Call staff, Somebody comes", "Would you like somebody to come")
    await blind.chooses("Call staff")
    await blind.hears("Staff have been told")
    (need,) = (need for need in queries.call_needs(shop.store.gateway.reads, 0) if need.details["zone"] == "baby")
    place = queries.call_place("baby", SCREEN)
    assert shop.store.do(shop.store.gateway.decide(calls.take, place=place, staff="li", name="Li")), need
    await blind.hears("Li is on the way to you")

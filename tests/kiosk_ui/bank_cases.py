"""A locker bank's screen in a real window, before a real gateway with simulated doors. Run by `test_bank.py`."""

from __future__ import annotations

import asyncio
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from device_drivers.contract import BankKeypad, encode_desired
from edge.domain import screens
from kiosk_ui import flow, theme
from kiosk_ui.screens.bank.handlers import Memory
from kiosk_ui.screens.bank.progress import Progress
from tests.conftest import new_broker
from tests.kiosk_ui.geometry import visible
from tests.kiosk_ui.window_cases import (
    PICTURES,
    SIZE,
    frames,
    keys,
    kiosk,
    picture,
    scanned,
    tap,
    until,
    words,
)
from tests.kiosk_ui.wire import parse
from tests.web.running import RunningStore, Shopper

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

__all__ = ["kiosk"]

pytestmark = pytest.mark.asyncio(loop_scope="session")
BANK = "locker-a"
SCREEN = "screen-locker-a"


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    folder = tmp_path_factory.mktemp("bank")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    running = RunningStore(broker, folder, (BANK,))
    running.start()
    running.place_screen(SCREEN, BANK)
    yield running
    running.stop()
    broker.stop()


@pytest.fixture
def show(kiosk: Any, store: RunningStore) -> Callable[..., Awaitable[Any]]:
    """`await show("en")`: a fresh shopper before the bank's screen."""

    async def of(language: str = "zh-CN", large: bool = False, gateway: str | None = None) -> Any:
        names = {"zh-CN": "鲜汇生活", "en": "Fresh Life"}
        body = screens.bank_screen(
            store.gateway.reads,
            store.gateway.lookup.codes,
            bank=BANK,
            screen=SCREEN,
            store=names,
            url=lambda code: f"http://192.168.1.20:8080/t/{code}",
            gateway=gateway or store.base,
        )
        kiosk.become(flow.begin(kiosk.screens, time.monotonic()))
        kiosk._tick(1)  # time goes by again
        kiosk.show_backdrop(parse(encode_desired(body)))
        if language != kiosk.flow.language:
            kiosk.switch_language()
        if large:
            kiosk.switch_letters()
        await frames(5)
        return kiosk

    return of


async def enter(kiosk: Any, digits: str, *, finger: bool = False) -> None:
    """Enters the digits and asks; with a finger on every key, or as the keys' own handlers do."""
    if not finger:
        for digit in digits:
            kiosk.touch("press", digit)
        kiosk.touch("open")
        return
    for digit in digits:
        await tap(next(key for key in keys(kiosk, "DigitKey") if key.digit == digit))
    await tap(keys(kiosk, "OpenKey")[0])


def _parcel(store: RunningStore) -> tuple[str, str, str]:
    member = Shopper(store)
    assert member.register(store.code("poster-door")).ok
    body = {"code": store.code(BANK), "size": "S", "request": str(uuid.uuid4())}
    found = member.api("POST", "/api/v1/lockers/deposit", body).json()
    door, parcel = found["door"], found["parcel"]
    _reaches(store, parcel, "filling")
    store.use_door(BANK, door, "fill")
    _reaches(store, parcel, "kept")
    row = store.gateway.reads.one("SELECT seed FROM parcels WHERE parcel=?", parcel)
    assert row is not None
    return parcel, door, store.gateway.lookup.codes.digits(row["seed"])


def _reaches(store: RunningStore, parcel: str, wanted: str) -> None:
    ends = time.monotonic() + 60
    while (row := store.gateway.reads.one("SELECT state FROM parcels WHERE parcel=?", parcel))["state"] != wanted:  # type: ignore[index]
        assert time.monotonic() < ends, row
        time.sleep(0.02)


def said(kiosk: Any) -> Progress | None:
    found: Progress | None = kiosk.flow.backdrop.memory.progress
    return found


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_six_digits_open_the_door_and_the_glass_follows_it(
    show: Callable[..., Any], store: RunningStore, language: str
) -> None:
    _, door, digits = await asyncio.to_thread(_parcel, store)
    kiosk = await show(language)
    await enter(kiosk, digits, finger=language == "en")
    await until(lambda: (it := said(kiosk)) is not None and it.tone == "ok")
    await frames(5)
    picture(kiosk, f"bank-open-{language}")
    assert door in words(kiosk)
    assert digits not in "".join(words(kiosk))
    sentence = {"zh-CN": f"{door}", "en": f"Locker {door} is open. Take everything out, then close the door."}[language]
    assert any(sentence in text for text in words(kiosk))
    await asyncio.to_thread(store.use_door, BANK, door, "empty")
    await until(lambda: (it := said(kiosk)) is not None and it.done)
    kiosk._timer.cancel()  # it would go by itself after some seconds
    await frames(3)
    await tap(keys(kiosk, "AnswerKey")[0])
    assert said(kiosk) is None
    assert kiosk.flow.backdrop.memory == Memory()


async def test_wrong_digits_are_said_plainly_and_in_the_end_wait(show: Callable[..., Any], store: RunningStore) -> None:
    kiosk = await show("en")
    for _ in range(5):
        await enter(kiosk, "000000")
        await until(lambda: (it := said(kiosk)) is not None and it.done)
        await frames(2)
        assert any("not a pickup code" in text for text in words(kiosk))
        picture(kiosk, "bank-wrong-en")
        kiosk.touch("dismiss")
    await enter(kiosk, "000000")
    await until(lambda: (it := said(kiosk)) is not None and it.wait_s > 0)
    kiosk.touch("dismiss")
    await frames(4)
    picture(kiosk, "bank-wait-en")
    assert any("Too many wrong codes. Again in" in text for text in words(kiosk))
    for digit in "123456":
        kiosk.touch("press", digit)
    await frames(3)
    await tap(keys(kiosk, "OpenKey")[0])
    assert not kiosk.flow.backdrop.memory.asking, "nothing is asked while the bank waits"
    row = store.gateway.reads.one("SELECT wrong FROM wrong_codes WHERE bank=?", BANK)
    assert row is not None
    assert row["wrong"] == 5


async def test_a_gateway_that_is_away_is_said_in_words(show: Callable[..., Any]) -> None:
    kiosk = await show("zh-CN", gateway="http://127.0.0.1:9")
    await enter(kiosk, "123456")
    await until(lambda: (it := said(kiosk)) is not None and it.done)
    await frames(4)
    picture(kiosk, "bank-lost-zh-CN")
    assert "门店系统没有回应" in words(kiosk)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("large", [False, True], ids=["", "large"])
async def test_the_pad_fits_and_is_low_and_large_enough(show: Callable[..., Any], language: str, large: bool) -> None:
    kiosk = await show(language, large)
    for digit in "482":
        kiosk.touch("press", digit)
    await frames(4)
    image = picture(kiosk, f"bank-{language}{'-large' if large else ''}")
    assert scanned(image) == {kiosk.backdrop.view.url}
    assert [widget.text for widget in visible(kiosk.root) if getattr(widget, "is_shortened", False)] == []
    pad = [*keys(kiosk, "DigitKey"), *keys(kiosk, "EraseKey"), *keys(kiosk, "OpenKey")]
    assert len(pad) == 12
    for key in pad:
        assert min(key.size) * kiosk.m.mm_per_pixel >= theme.KEY_MM - 1e-6
        assert key.to_window(*key.center)[1] < SIZE[1] / 2, "out of reach from a wheelchair"


async def test_a_wall_takes_the_place_of_the_pad_and_back(show: Callable[..., Any], body: Callable[..., bytes]) -> None:
    kiosk = await show("zh-CN")
    assert isinstance(kiosk.flow.backdrop.message, BankKeypad)
    assert keys(kiosk, "DigitKey")
    kiosk.show_backdrop(parse(body(2, datetime.now(UTC))))
    await frames(4)
    assert not keys(kiosk, "DigitKey")
    assert len(kiosk.backdrop.widget.ids.page.cards) == 2
    await show("zh-CN")
    assert len(keys(kiosk, "DigitKey")) == 10


async def test_a_picture_shows_dots_where_the_glass_shows_digits(show: Callable[..., Awaitable[Any]]) -> None:
    kiosk = await show()
    pictures = []
    for digits in ("704913", "111111", "888888"):
        kiosk.touch("dismiss")
        for digit in digits:
            kiosk.touch("press", digit)
        await frames(5)
        assert kiosk.flow.backdrop.memory.digits == digits
        pictures.append(kiosk.veiled())
    glass = picture(kiosk, "bank-glass")
    image = Image.frombytes("RGBA", SIZE, pictures[-1].pixels).convert("RGB")
    image.save(PICTURES / "bank-veiled.png")
    assert pictures[0] == pictures[1] == pictures[2]
    assert glass.tobytes() != image.tobytes()
    assert scanned(glass)
    assert not scanned(image)
    # What was just erased is covered too, though its letters are drawn a frame late; and a key that is down.
    kiosk.touch("press", "7")
    before = kiosk.veiled()
    kiosk.touch("dismiss")
    pad = keys(kiosk, "DigitKey")
    down = []
    for key in (pad[0], pad[8]):
        key.state = "down"
        await frames(3)
        down.append(kiosk.veiled())
        key.state = "normal"
    await frames(3)
    assert down[0] == down[1]
    assert before != down[0]

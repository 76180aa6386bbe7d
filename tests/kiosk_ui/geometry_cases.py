"""Every screen of `samples`: sizes, gaps, words, prices, contrast and five keys, on windows of four sizes, in every
language, with large letters, low, and in strong colours. Run by `test_geometry.py` in a process of its own.

A run takes a part of what can be combined, for each sample another one; with STOREKEEPER_ROUNDS it takes all.
"""

from __future__ import annotations

import itertools
import os
import zlib
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np
import pytest
import pytest_asyncio
from PIL import Image

from kiosk_ui.key_navigation import Press
from tests.kiosk_ui import geometry
from tests.kiosk_ui.access_cases import window
from tests.kiosk_ui.blind import Heard
from tests.kiosk_ui.cones import BLIND, simulated
from tests.kiosk_ui.samples.sample import Sample, every, state
from tests.kiosk_ui.window_cases import PICTURES, drawn, frames, sized

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

__all__ = ["window"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

SIZES: Final = ((1080, 1920), (1920, 1080), (768, 1366), (720, 1280))
LANGUAGES: Final = ("de", "zh-CN", "en")
WISHES: Final[dict[str, dict[str, Any]]] = {
    "": {},
    "large": {"letters": "large"},
    "low": {"reach": True},
    "dark": {"contrast": True},
    "left": {"left": True, "letters": "large", "contrast": True},
    "double": {"letters": "double"},
    "double-low": {"letters": "double", "reach": True, "contrast": True},
    "listens": {"speech": True},
}
"""How whoever stands there wants it."""
ALL: Final = list(itertools.product(SIZES, LANGUAGES, [wish for wish in WISHES if wish != "listens"]))
PART: Final = 1
"""Combinations of each sample in a run without rounds."""
STRIDE: Final = 23
"""From one combination of a sample to its next: no divisor of their number, so that all have their turn."""
LYING: Final = (1920, 1080)
ONCE_WRONG: Final = (
    ("home-offline", LYING, "de", "large"),
    ("home-empty", LYING, "en", "large"),
    ("home-empty", LYING, "de", "low"),
    ("bank-long", (1080, 1920), "de", "large"),
    ("basket-away", LYING, "de", "large"),
    ("product-page-unknown", LYING, "de", ""),
    ("product-page-put", LYING, "de", "large"),
    ("product-page-long", LYING, "de", "large"),
    ("search-empty", LYING, "de", "large"),
    ("scan-offline", LYING, "de", "large"),
    ("still-there", LYING, "de", "large"),
    ("bank-late", LYING, "de", ""),
    ("product", (1080, 1920), "de", ""),
    ("product", (720, 1280), "en", "large"),
    ("product-page-put", LYING, "en", ""),
    ("product-page-put", (1080, 1920), "de", ""),
    ("coupon-long", LYING, "de", "large"),
    ("coupon-away", LYING, "en", "large"),
    ("product-long", LYING, "de", "large"),
    ("mine-sixty", LYING, "de", "large"),
    ("games-wheel-joined", LYING, "zh-CN", "left"),
    ("games-wheel-12", LYING, "de", "large"),
    ("games-won-long", LYING, "de", ""),
    ("games-blank", LYING, "en", "low"),
    ("games-list", LYING, "de", "large"),
    ("home-offline", SIZES[0], "zh-CN", ""),
    ("coupon-long", SIZES[0], "de", "large"),
    ("map-goods", SIZES[0], "de", "large"),
    ("wall", SIZES[0], "en", ""),
    ("search-empty", SIZES[0], "en", "large"),
    ("product-page", LYING, "de", ""),
    ("basket-till", LYING, "de", ""),
    ("map-goods", LYING, "de", ""),
    ("offers-long", (1080, 1920), "de", ""),
    ("home-offline", (720, 1280), "en", ""),
    ("home", LYING, "de", ""),
    ("home-offline", (720, 1280), "de", "large"),
    ("lockers-open", LYING, "en", "large"),
    ("product-page", SIZES[0], "de", ""),
    ("home-offline", SIZES[0], "en", "large"),
)
"""Tried each time."""
KEYS_IN_A_ROW: Final = ("product-page", "scan", "mine", "coupon-long", "lockers-stored", "map-goods", "games-won")
WIDE_SIGNS: Final = frozenset("\u2018\u2019\u201c\u201d\u2026")
WORDED: Final = ("MainKey", "CouponKey", "MapKey")
LONGEST: Final = 200
PAGES: Final = 8
"""Of what is higher than its frame, so many pages from the top are looked at, and the last one."""


def every_round() -> bool:
    """Whether there is time for everything."""
    return "STOREKEEPER_ROUNDS" in os.environ


def walked() -> list[Sample]:
    """Those that the five keys go through: one of each screen; with STOREKEEPER_ROUNDS all."""
    return [sample for sample in every() if every_round() or sample.covers[:1] == ("normal",)]


def chosen() -> Iterator[Any]:
    """Each sample with what is tried of it, first one combination of each, then others that move on from sample to
    sample. Without STOREKEEPER_ROUNDS a few, one sample of each screen, and what was wrong once.
    """
    by_name = {sample.name: sample for sample in every()}
    for name, size, language, wish in () if every_round() else ONCE_WRONG:
        yield pytest.param(by_name[name], size, language, wish, id=f"{name}-once-wrong-{language}-{wish}")
    for step in range(len(ALL) if every_round() else PART):
        for sample in walked():
            size, language, wish = ALL[(zlib.crc32(sample.name.encode()) + step * STRIDE) % len(ALL)]
            name = "-".join(filter(None, (sample.name, f"{size[0]}x{size[1]}", language, wish)))
            yield pytest.param(sample, size, language, wish, id=name)


@pytest_asyncio.fixture(loop_scope="session", scope="session", autouse=True)
async def undrawn(window: Any) -> AsyncIterator[None]:
    """What is looked at is drawn when it is looked at, and not each frame before that."""

    def refused(*_: object) -> bool:
        return True

    glass = window.root.get_root_window()
    glass.bind(on_draw=refused)
    yield
    glass.unbind(on_draw=refused)


async def settled(kiosk: Any, sample: Sample, language: str, wish: str) -> None:
    """The sample is drawn."""
    from kivy.animation import Animation

    kiosk.backdrop.forget()  # what stood there fades into what comes, where its time is over by the clock
    kiosk.become(state(kiosk, sample, language, **WISHES[wish]))
    kiosk._timer.cancel()
    await frames(6)
    for widget in geometry.visible(kiosk.root):
        Animation.stop_all(widget)  # confetti falls over whatever stands there, by chance


async def pages(kiosk: Any) -> AsyncIterator[None]:
    """Everything that is in front, from the top down."""
    hole = kiosk.access.stage.hole
    for _ in range(PAGES):
        yield
        if not hole.more_below:
            return
        kiosk.access.turn(1)
        await frames(4)
    hole.moved = hole.beyond
    await frames(4)
    yield


@pytest.mark.parametrize(("sample", "size", "language", "wish"), list(chosen()))
async def test_a_screen_is_in_order(
    window: Any, sample: Sample, size: tuple[int, int], language: str, wish: str, request: pytest.FixtureRequest
) -> None:
    await sized(window, size)
    await settled(window, sample, language, wish)
    found: set[str] = set()
    async for _ in pages(window):
        image = drawn(window)
        wrong = geometry.mistakes(window, image, may_end="long" in sample.covers)
        if wrong and not found:
            PICTURES.mkdir(parents=True, exist_ok=True)
            image.save(PICTURES / f"geometry-{request.node.callspec.id}.png", compress_level=1)
        found.update(wrong)
    assert not found, "\n" + "\n".join(sorted(found))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_ways_to_go_of_a_row_have_letters_of_one_height_on_one_line(
    window: Any, size: tuple[int, int], language: str
) -> None:
    await sized(window, size)
    await settled(window, next(each for each in every() if each.name == "home"), language, "")
    rows = [each for each in window.root.walk() if type(each).__name__ == "PlaceRow"]
    assert len(rows) > 1
    for row in rows:
        written = [next(each for each in tile.walk() if getattr(each, "bold", False)) for tile in row.children]
        assert len({each.font_size for each in written}) == 1
        assert max(each.y for each in written) - min(each.y for each in written) <= 1


@pytest.mark.parametrize("wish", ["", "double"])
@pytest.mark.parametrize(
    ("size", "language"), [(LYING, "en"), (SIZES[0], "de"), (SIZES[0], "zh-CN"), (SIZES[3], "de"), (SIZES[2], "de")]
)
async def test_no_name_on_the_plan_lies_on_another(
    window: Any, size: tuple[int, int], language: str, wish: str
) -> None:
    await sized(window, size)
    await settled(window, next(each for each in every() if each.name == "map"), language, wish)
    plan = next(each for each in geometry.visible(window.root) if type(each).__name__ == "FloorPlan")
    assert len(plan._written) > len(plan.drawing.areas)
    for (one, one_end), (other, other_end) in itertools.combinations(plan._written, 2):
        across, up = (min(one_end[i], other_end[i]) - max(one[i], other[i]) for i in (0, 1))
        assert min(across, up) <= 1, (one, other)


@pytest.mark.parametrize("language", ["de", "en"])
async def test_what_is_written_in_latin_letters_has_no_sign_as_wide_as_a_chinese_one(
    window: Any, language: str
) -> None:
    await sized(window, SIZES[0])
    for sample in every():
        if "long" not in sample.covers and sample.name != "search-empty":
            continue
        await settled(window, sample, language, "")
        drawn = [words._label.text for words, _ in geometry.texts(window)]
        wide = [text for text in drawn if max(text) < "\u2e80" and WIDE_SIGNS & set(text)]
        assert wide == [], sample.name


async def test_what_stands_alone_over_an_open_door_begins_at_the_margin(window: Any) -> None:
    await sized(window, SIZES[0])
    for name in ("lockers-start", "lockers-open"):  # with a way back, and without
        await settled(window, next(each for each in every() if each.name == name), "en", "")
    (bank,) = [each for each, _ in geometry.texts(window) if each.text == "Lockers A"]
    assert bank.to_window(*bank.pos)[0] == pytest.approx(window.m.px(48), abs=1)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_bar_is_as_long_as_its_price_is_high(window: Any, language: str) -> None:
    sample = next(each for each in every() if each.name.startswith("product-page"))
    await sized(window, SIZES[0])
    await settled(window, sample, language, "")
    bars = [each for each in window.root.walk() if type(each).__name__ == "CompareBar"]
    assert {bool(bar.view.cheaper) for bar in bars} == {True, False}, "with a word beside it, and without"
    longest = max(bar.ids.bar.width for bar in bars)
    assert longest > bars[0].width / 3, "a dot is no bar"
    for bar in bars:
        assert bar.ids.unit.y >= bar.ids.track.top, "the price stands beside the name, over the bar"
    assert [bar.ids.bar.width / longest for bar in bars] == pytest.approx([bar.view.share for bar in bars], abs=0.02)


async def test_a_card_with_nothing_beside_it_is_as_high_as_its_words(window: Any) -> None:
    await sized(window, SIZES[0])
    await settled(window, next(each for each in every() if each.name == "product-page-bare"), "de", "")
    (card,) = [each for each in window.root.walk() if type(each).__name__ == "PlaceCard"]
    assert card.height == pytest.approx(card.minimum_height, abs=1)


async def test_what_is_not_sold_here_leads_to_what_is_and_to_staff(window: Any) -> None:
    await sized(window, SIZES[0])
    await settled(window, next(each for each in every() if each.name == "product-page-unknown"), "en", "")
    ways = {key.words for key in geometry.keys(window) if type(key).__name__ == "MainKey"}
    assert ways == {"Find a product", "Call staff"}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_keys_of_a_row_have_letters_of_one_height(window: Any, language: str) -> None:
    await sized(window, SIZES[0])
    rows = 0
    for sample in every():
        if sample.name not in KEYS_IN_A_ROW:
            continue
        await settled(window, sample, language, "")
        for row in {key.parent for key in geometry.keys(window) if type(key).__name__ in WORDED}:
            written = [each for each, _ in geometry.texts(window) if each.parent in row.children]
            assert len({each.font_size for each in written}) <= 1, (sample.name, [each.text for each in written])
            rows += len(written) > 1
    assert rows >= len(KEYS_IN_A_ROW)


async def test_more_games_than_there_is_room_for_are_a_list_that_a_finger_moves(window: Any) -> None:
    await sized(window, SIZES[0])
    await settled(window, next(each for each in every() if each.name == "games-list"), "de", "")
    screen = next(each for each in window.root.walk() if type(each).__name__ == "GamesScreen")
    screen.show(msgspec.structs.replace(screen.view, choices=screen.view.choices * 5))
    await frames(6)
    games, frame = screen.ids.choices, screen.ids.choices.parent
    assert games.height > frame.height
    assert frame.viewport_size[1] == pytest.approx(games.height, abs=1)
    assert geometry.mistakes(window, drawn(window)) == []


async def test_a_long_name_that_was_found_has_two_lines(window: Any) -> None:
    await sized(window, SIZES[0])
    await settled(window, next(each for each in every() if each.name == "search-long"), "de", "")
    names = [each for each in geometry.visible(window.root) if type(each).__name__ == "GoodName"]
    assert names
    assert all(each.texture_size[1] > each.font_size * 2 for each in names)


@pytest.mark.parametrize("size", [SIZES[0], LYING], ids=str)
async def test_no_confetti_falls_over_what_was_won(window: Any, size: tuple[int, int]) -> None:
    await sized(window, size)
    await settled(window, next(each for each in every() if each.name == "games-won"), "de", "")
    screen = next(each for each in window.root.walk() if type(each).__name__ == "GamesScreen")
    (won,) = [box for words, box in geometry.texts(window) if words.text == screen.view.result.name]
    from kivy.animation import Animation

    falling, fallen = screen.ids.confetti, 0
    falling.on = False
    falling.on = True
    Animation.stop_all(falling)
    for fall in (0.1, 0.4, 0.7):
        falling.fall = fall
        for (x, y), (wide, high) in ((piece.pos, piece.size) for piece in falling._drawn):
            left, bottom = falling.to_window(x, y)
            fallen += wide > 0
            across = min(left + wide, won[2]) - max(left, won[0])
            assert min(across, min(bottom + high, won[3]) - max(bottom, won[1])) <= 0 or not wide
    assert fallen


@pytest.mark.parametrize("sample", walked(), ids=lambda sample: sample.name)
async def test_five_keys_reach_every_key_and_each_has_words(window: Any, sample: Sample) -> None:
    await sized(window, SIZES[0])
    await settled(window, sample, "en", "listens")
    heard: Heard = window.access.voice
    reader = window.access.reader
    assert heard.latest.split(". ")[0].strip(), "the screen has no title"
    wanted = [stop.text for stop in reader.stops() if stop.chooses]
    assert wanted, "nothing to choose"
    seen = []
    for _ in range(LONGEST):
        before = reader.at
        reader.press(Press.NEXT_KEY)
        if reader.at is before or reader.at is None:
            break
        assert reader.at.text in heard.latest
        seen.append(reader.at.text)
    assert seen == wanted
    assert [text for text in seen if not any(map(str.isalnum, text.rpartition(",")[0]))] == []
    if every_round():
        seen_as = drawn(window)
        reader.leave()
        assert [each for kind in BLIND for each in geometry.pale(window, simulated(seen_as, kind))] == []


async def test_the_cones_of_red_and_green_are_what_is_missing() -> None:
    red, green = Image.new("RGB", (2, 2), (208, 53, 15)), Image.new("RGB", (2, 2), (18, 114, 74))
    apart = np.abs(np.asarray(red, int) - np.asarray(green, int)).sum()
    nearer = np.abs(np.asarray(simulated(red, "deutan"), int) - np.asarray(simulated(green, "deutan"), int)).sum()
    assert nearer < apart
    white = Image.new("RGB", (2, 2), (255, 255, 255))
    for kind in BLIND:
        assert np.asarray(simulated(white, kind)).min() > 250

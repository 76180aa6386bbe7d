from __future__ import annotations

import pytest

from kiosk_ui import pronunciation
from kiosk_ui.key_navigation import MOVES, PADS, Press, step

SCREEN = [False, True, False, False, True, True, False]
"""Which of the stops are keys."""


@pytest.mark.parametrize(
    ("place", "press", "there"),
    [
        (None, Press.NEXT, 0),
        (None, Press.PREVIOUS, 6),
        (None, Press.NEXT_KEY, 1),
        (None, Press.PREVIOUS_KEY, 5),
        (1, Press.NEXT, 2),
        (1, Press.NEXT_KEY, 4),
        (4, Press.PREVIOUS_KEY, 1),
        (6, Press.NEXT, None),
        (5, Press.NEXT_KEY, None),
        (0, Press.PREVIOUS, None),
        (0, Press.PREVIOUS_KEY, None),
        (3, Press.PREVIOUS_KEY, 1),
    ],
)
def test_where_a_key_leads(place: int | None, press: Press, there: int | None) -> None:
    assert step(SCREEN, place, *MOVES[press]) == there


def test_on_an_empty_screen_there_is_nowhere_to_go() -> None:
    assert step([], None, 1, keys_only=False) is None
    assert step([False], None, 1, keys_only=True) is None


def test_every_stop_is_reached_going_on_and_every_key_by_the_keys_alone() -> None:
    for press, wanted in ((Press.NEXT, list(range(7))), (Press.NEXT_KEY, [1, 4, 5])):
        place, seen = step(SCREEN, None, *MOVES[press]), []
        while place is not None:
            seen.append(place)
            place = step(SCREEN, place, *MOVES[press])
        assert seen == wanted


def test_a_pad_of_five_keys_sends_arrows_and_enter() -> None:
    five = [PADS[code] for code in (273, 274, 276, 275, 13)]
    assert five == [Press.PREVIOUS, Press.NEXT, Press.PREVIOUS_KEY, Press.NEXT_KEY, Press.CHOOSE]


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [
        ("zh-CN", "¥12.90", "12.90元"),
        ("zh-CN", "鲜牛奶 · 950ml", "鲜牛奶，950ml"),
        ("zh-CN", "−38%", "便宜百分之38"),
        ("zh-CN", "湿巾 80 抽 ×3", "湿巾 80 抽乘3"),
        ("en", "¥1,290.00", "1,290.00 yuan"),
        ("en", "482913", "4 8 2 9 1 3"),
        ("en", "Only 3 left…", "Only 3 left"),
        ("de", "1,29 €", "1,29 Euro"),
        ("de", "53,00\u00a0¥ / kg", "53,00 Yuan / kg"),
    ],
)
def test_signs_and_figures_are_said_in_words(language: str, written: str, said: str) -> None:
    assert pronunciation.aloud(written, language) == said


def test_what_stands_there_twice_is_said_once() -> None:
    assert pronunciation.joined(["Milk", "", "Milk", "¥3"], "en") == "Milk, 3 yuan"

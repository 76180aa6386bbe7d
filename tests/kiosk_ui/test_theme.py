from __future__ import annotations

import itertools

import numpy as np
import pytest
from PIL import Image

from kiosk_ui import assets, contrast, theme
from kiosk_ui.theme import Metrics
from tests.kiosk_ui.cones import BLIND, apart

CLEARLY = 15.0
"""Far enough apart to be told apart with something between them."""


@pytest.mark.parametrize(("letters", "ground"), theme.TEXT_PAIRS)
def test_letters_stand_out_from_their_ground(letters: theme.Colour, ground: theme.Colour) -> None:
    assert theme.contrast(letters, ground) >= 4.5


def test_stars_stand_out_from_their_card_in_strong_colours_too() -> None:
    assert theme.contrast(theme.STAR, theme.WHITE) >= 3
    for other in (theme.WHITE, theme.SAND):
        assert theme.contrast(contrast.turned(theme.STAR), contrast.turned(other)) >= 3


@pytest.mark.parametrize("kind", BLIND)
@pytest.mark.parametrize(("one", "other"), theme.MEANINGS)
def test_what_colours_say_is_seen_without_one_kind_of_cone(one: theme.Colour, other: theme.Colour, kind: str) -> None:
    assert apart(one, other, kind) >= CLEARLY


def test_a_red_and_a_green_that_are_alike_without_cones_are_found() -> None:
    assert apart(theme.colour("#C0504D"), theme.colour("#7F7F3F"), "deutan") < CLEARLY


def test_contrast_as_wcag_has_it() -> None:
    assert theme.contrast(theme.colour("#000000"), theme.colour("#FFFFFF")) == pytest.approx(21)
    assert theme.contrast(theme.colour("#1F8A5B"), theme.WHITE) == pytest.approx(4.33, abs=0.02)


@pytest.mark.parametrize(
    ("size", "mm"), list(itertools.product([(1080, 1920), (720, 1280), (2160, 3840)], [0.18, 0.09, 0.27, 0.37]))
)
def test_a_key_is_never_smaller_than_a_finger_needs(size: tuple[int, int], mm: float) -> None:
    metrics = Metrics(*size, mm)
    assert metrics.key(112) * mm >= theme.KEY_MM - 1e-6
    assert metrics.key(88, theme.KEY_SMALL_MM) * mm >= theme.KEY_SMALL_MM - 1e-6


def test_the_sheet_fits_whatever_the_window() -> None:
    wide = Metrics(1920, 1080)
    assert wide.px(1920) <= 1080
    assert Metrics(540, 960).px(1080) == 540


def test_large_text_is_larger_and_lengths_stay() -> None:
    small, large = Metrics(1080, 1920), Metrics(1080, 1920, large=True)
    assert large.text(30) == pytest.approx(36)
    assert large.px(30) == small.px(30)


@pytest.mark.parametrize("name", ["shine", "deep", "banner", "rays"])
def test_high_contrast_takes_all_of_a_green_ground_for_a_ground(name: str) -> None:
    with Image.open(assets.baked(name)) as found:
        pixels = np.asarray(found.convert("RGBA"), float) / 255
    seen = pixels[pixels[..., 3] == 1][:, :3]
    assert (seen.max(axis=1) - seen.min(axis=1)).max() <= contrast.STRONG


def test_so_it_is_where_the_ground_is_drawn() -> None:
    assert max(theme.SLOPE[:3]) - min(theme.SLOPE[:3]) <= contrast.STRONG < max(theme.LEAF[:3]) - min(theme.LEAF[:3])

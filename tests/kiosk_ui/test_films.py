"""Films: where they are the clock says, what is late is left out, and what cannot be read is said."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from kiosk_ui.films import UNWATCHED_S, FilmFrame, Reel
from signage.media import examined
from tests.kiosk_ui.filmed import film, grown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


LAST_BEFORE_2_95 = 0.74
"""What the picture of 2.8 s has not yet grown to, and that of 2.9 s, the last before 2.95 s, has."""


@pytest.fixture
def reel_of(require: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Reel]:
    require("av")
    monkeypatch.setattr("kiosk_ui.films.UNWATCHED_S", 3600.0)  # these tests watch, however slowly
    return Reel


def seen(reel: Reel, wanted: Callable[[float], bool]) -> FilmFrame:
    """The first picture that has come as far as that."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        picture = reel.take()
        if picture is not None and wanted(grown(drawn(picture))):
            return picture
        time.sleep(0.01)
    raise AssertionError("no such picture came")


def drawn(picture: FilmFrame) -> Image.Image:
    whole = Image.frombytes("RGBA", (picture.row, picture.height), picture.pixels)
    return whole.crop((0, 0, picture.width, picture.height)).convert("RGB")


def test_it_is_where_the_clock_says_forwards_and_from_the_middle(reel_of: Callable[..., Reel], tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4")
    assert examined(path.read_bytes()).ms == 4000
    at = [2.95]
    reel = reel_of(str(path), lambda: at[0], (1080, 1920))
    first = seen(reel, lambda part: part > 0)
    assert grown(drawn(first)) > 0.5, "it begins at the whole picture before its moment, not at its first one"
    assert (first.width, first.height) == (160, 240), "never larger than it is"
    if grown(drawn(first)) < LAST_BEFORE_2_95:
        seen(reel, lambda part: part > LAST_BEFORE_2_95)
    assert reel.take() is None, "the clock stands: no picture comes before its time"
    at[0] = 3.9
    seen(reel, lambda part: part > 0.93)
    reel.stop()


def test_a_box_that_is_too_slow_leaves_pictures_out(reel_of: Callable[..., Reel], tmp_path: Path) -> None:
    """The clock runs away from the film by ten seconds: the next picture is one of then."""
    at = [0.0]
    reel = reel_of(str(film(tmp_path / "film.mp4", seconds=12)), lambda: at[0], (80, 80))
    small = seen(reel, lambda part: part > 0)
    assert (small.width, small.height) == (53, 80), "as large as it is seen"
    at[0] = 11.0
    seen(reel, lambda part: part > 0.9)
    reel.stop()


def test_who_comes_when_it_is_over_sees_how_it_ended(reel_of: Callable[..., Reel], tmp_path: Path) -> None:
    reel = reel_of(str(film(tmp_path / "film.mp4")), lambda: 30.0, (80, 80))
    seen(reel, lambda part: part > 0.5)
    reel.stop()


def test_what_cannot_be_read_is_said(reel_of: Callable[..., Reel], tmp_path: Path) -> None:
    (tmp_path / "no.mp4").write_bytes(b"\0\0\0\x18ftypisom" + bytes(4000))
    for name in ("no.mp4", "missing.mp4"):
        reel = reel_of(str(tmp_path / name), lambda: 0.0, (80, 80))
        ends = time.monotonic() + 60
        while not reel.failed:
            assert time.monotonic() < ends
            time.sleep(0.01)
        assert reel.take() is None


def test_a_film_that_nobody_looks_at_ends(
    reel_of: Callable[..., Reel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk_ui.films.UNWATCHED_S", UNWATCHED_S / 10)
    reel = reel_of(str(film(tmp_path / "film.mp4")), lambda: 0.0, (80, 80))
    ends = time.monotonic() + 60
    while not reel.left:
        assert time.monotonic() < ends
        time.sleep(0.01)

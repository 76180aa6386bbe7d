"""Looks that nobody announced: what a screen's picture says, and when the next look is."""

from __future__ import annotations

import asyncio
import base64
import io
import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageDraw, ImageEnhance, ImageOps

from device_drivers.contract import Box, OnGlass, ProductScene, Show, Snapshot
from device_drivers.contract.playlists import OffersItem, PictureItem
from device_drivers.screens.simulated import Driver, Settings
from edge.gateway.device_views import DevicePicture
from edge.gateway.picture_check import check_picture, dhash
from edge.gateway.spot_checks import DAY_S, SpotChecks, random_wait_s
from kiosk_ui.picture import Frame, snapshot
from signage.playing import Play

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAME = "ab" * 32
PICTURE = Play("day", PictureItem(id="poster", media={"zh-CN": NAME}), 0, 10_000)
OFFERS = Play("day", OffersItem(id="offers"), 10_000, 20_000)
BOX = Box(0.0, 0.1, 1.0, 0.8)


def poster(seed: int = 1) -> Image.Image:
    """Something with outlines."""
    chance = random.Random(seed)
    made = Image.new("RGB", (1080, 1536), tuple(chance.randrange(256) for _ in range(3)))
    draw = ImageDraw.Draw(made)
    for _ in range(40):
        x, y = chance.randrange(900), chance.randrange(1300)
        colour = tuple(chance.randrange(256) for _ in range(3))
        draw.rectangle((x, y, x + chance.randrange(60, 400), y + chance.randrange(60, 400)), fill=colour)
    return made


def on_glass(inner: Image.Image, play: Play = PICTURE, box: Box | None = BOX) -> DevicePicture:
    """A screen's answer: the poster on its glass, small and in few colours as it travels."""
    glass = Image.new("RGB", (1080, 1920), "#F7F4ED")
    glass.paste(inner.resize((1080, 1536)), (0, 192))
    glass = glass.convert("RGBA")
    png = base64.b64decode(snapshot(Frame(*glass.size, glass.tobytes())))
    return DevicePicture(png, OnGlass(play.playlist, play.item.id, f"{play.playlist}/{play.item.id}", "", "", box))


@pytest.fixture
def file_of(tmp_path: Path) -> Callable[[str], Path | None]:
    path = tmp_path / NAME
    poster().save(path, "PNG")
    return lambda sha256: path if sha256 == NAME else None


@pytest.mark.parametrize("seed", range(3))
def test_the_same_picture_is_alike_and_another_is_not(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "file"
    poster(seed).save(path, "PNG")
    good = check_picture(on_glass(poster(seed)), [PICTURE], lambda _: path)
    assert good.verdict == "good"
    assert good.distance is not None
    other = check_picture(on_glass(poster(seed + 100)), [PICTURE], lambda _: path)
    assert other.verdict == "unlike"
    upside = check_picture(on_glass(ImageOps.flip(ImageOps.mirror(poster(seed)))), [PICTURE], lambda _: path)
    assert upside.verdict == "unlike"


def test_a_photo_that_screens_turn_is_compared_as_they_show_it(tmp_path: Path) -> None:
    path, mark = tmp_path / "file", Image.Exif()
    mark[ExifTags.Base.Orientation] = 6
    poster().transpose(Image.Transpose.ROTATE_90).save(path, "JPEG", exif=mark)
    assert check_picture(on_glass(poster()), [PICTURE], lambda _: path).verdict == "good"


def test_a_picture_of_16_bits_of_grey_is_compared_by_all_of_them(tmp_path: Path) -> None:
    path, grey = tmp_path / "file", poster().convert("L")
    Image.fromarray(np.asarray(grey).astype(np.uint16) * 257).save(path, "PNG")
    assert check_picture(on_glass(grey.convert("RGB")), [PICTURE], lambda _: path).verdict == "good"


def test_what_a_look_finds(file_of: Any) -> None:
    answer = on_glass(poster())
    assert check_picture(None, [PICTURE], file_of).verdict == "no_answer"
    assert check_picture(answer, [OFFERS], file_of).verdict == "other"
    assert check_picture(answer, [OFFERS, PICTURE], file_of).verdict == "good"  # just changed
    assert check_picture(DevicePicture(answer.png, None), [PICTURE], file_of).verdict == "in_use"
    assert check_picture(DevicePicture(b"no picture", answer.shown), [PICTURE], file_of).verdict == "blank"
    out = io.BytesIO()
    Image.new("RGB", (450, 800), "#F7F4ED").save(out, "PNG")
    assert check_picture(DevicePicture(out.getvalue(), answer.shown), [PICTURE], file_of).verdict == "blank"
    told = check_picture(on_glass(poster(), OFFERS, None), [OFFERS], file_of)
    assert (told.verdict, told.distance) == ("good", None)  # no file to hold it against
    assert check_picture(answer, [PICTURE], lambda _: None).distance is None


def test_a_picture_that_fills_the_glass_is_compared_where_it_is_seen(file_of: Any) -> None:
    wide = on_glass(poster().crop((216, 0, 864, 1536)), box=Box(-1 / 3, 0.1, 5 / 3, 0.8))
    assert check_picture(wide, [PICTURE], file_of).verdict == "good"
    wrong = on_glass(poster().crop((216, 0, 864, 1536)), box=Box(0.0, 0.1, 5 / 3, 0.8))
    assert check_picture(wrong, [PICTURE], file_of).verdict == "unlike"
    for odd in (Box(0, 0, 0, 1), Box(2, 2, 1, 1), Box(0.999, 0, 1, 1), Box(1e308, 0, 1e308, 1)):
        assert check_picture(on_glass(poster(), box=odd), [PICTURE], file_of).distance is None


def test_a_broken_picture_is_blank_and_ends_nothing(file_of: Any) -> None:
    """A chunk without a name ended the looks for good; and a small file may unpack to half a gigabyte."""
    answer, wide = on_glass(poster()), io.BytesIO()
    at = answer.png.index(b"IDAT")
    broken = bytearray(answer.png)
    broken[at - 4 : at], broken[at + 112 : at + 116] = (100).to_bytes(4), b"\xc0:#*"  # 100 bytes, their sum, a length
    poster().resize((5000, 40)).convert("1").save(wide, "PNG")
    for png in (bytes(broken), wide.getvalue()):
        assert check_picture(DevicePicture(png, answer.shown), [PICTURE], file_of).verdict == "blank"


def test_a_darker_panel_is_the_same_picture() -> None:
    assert (dhash(poster()) ^ dhash(ImageEnhance.Brightness(poster()).enhance(0.7))).bit_count() <= 4


def test_looks_come_at_no_moment_that_could_be_foretold() -> None:
    chance = random.Random(3)
    waits = [random_wait_s(12, chance.random()) for _ in range(20_000)]
    mean = sum(waits) / len(waits)
    assert mean == pytest.approx(DAY_S / 12, rel=0.03)
    # Of no memory: whoever has waited for an hour knows as little as at the start.
    longer = [wait - 3600 for wait in waits if wait > 3600]
    assert sum(longer) / len(longer) == pytest.approx(mean, rel=0.03)


async def test_each_look_is_a_fact_but_those_at_somebody(file_of: Any) -> None:
    noted: list[dict[str, Any]] = []
    answers = [on_glass(poster()), DevicePicture(on_glass(poster()).png, None), None]

    async def decide(_decision: Any, **facts: Any) -> None:
        noted.append(facts)

    async def look(_screen: str) -> Any:
        await asyncio.sleep(0)
        return answers.pop(0)

    looks = SpotChecks(None, decide, look, lambda *_: PICTURE, file_of, 12)  # type: ignore[arg-type]
    found = [(await looks.look("screen-baby", "baby")).verdict for _ in range(3)]
    assert found == ["good", "in_use", "no_answer"]
    assert [(each["device"], each["verdict"], each["content"]) for each in noted] == [
        ("screen-baby", "good", "day/poster"), ("screen-baby", "no_answer", "day/poster"),
    ]  # fmt: skip


@pytest.mark.parametrize("tint", ["#0B3D2E", "#FFFFFF", "#D8E8F8", "nonsense"])
def test_a_simulated_screen_is_not_taken_for_a_dead_one(tmp_path: Path, tint: str) -> None:
    """Its picture was of one colour: a demo that ran for some hours said that a screen was dark."""
    driver = Driver(Settings(), tmp_path)
    driver.carry_out(Show(ProductScene(gtin="", name={}, currency="CNY", art="", tint=tint)))
    seen = driver.carry_out(Snapshot()).observed
    picture = DevicePicture(base64.b64decode(seen["png"]), None)
    assert check_picture(picture, [OFFERS], lambda _: None).verdict == "in_use", "which says nothing of it"

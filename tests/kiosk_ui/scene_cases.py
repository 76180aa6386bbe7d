"""Scenes as a person sees and touches them, in a real window. Run by `test_scene_window.py` in a process of its own."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import pytest
from PIL import ExifTags, Image, ImageOps

from tests.kiosk_ui.geometry import visible
from tests.kiosk_ui.window_cases import frames, keys, kiosk, picture, scanned, show, tap, until, words
from tests.kiosk_ui.wire import parse_scene as parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["kiosk", "show"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

NOTICE = {
    "scene": {
        "type": "notice",
        "title": {"zh-CN": "这是付款码", "en": "This is a payment code"},
        "note": {"zh-CN": "请在收银台出示。", "en": "Please show it at the till."},
    }
}


@pytest.mark.parametrize(("language", "large"), [("zh-CN", False), ("en", True)])
async def test_a_product_is_whole_on_the_glass(
    show: Callable[..., Any], product: Callable[..., Any], language: str, large: bool
) -> None:
    kiosk = await show(4, language, large)
    kiosk.show_scene(parse(product()))
    await frames(8)
    image = picture(kiosk, f"product-{language}{'-large' if large else ''}")
    assert scanned(image) == {"http://192.168.1.20:8080/p/09521101500011?from=screen-fresh"}
    told = words(kiosk)
    wanted = {"zh-CN": ("红颜草莓", "¥53.00/千克", "全麦吐司"), "en": ("Strawberries", "¥53.00 / kg", "Fresh milk")}
    assert set(wanted[language]) <= set(told)
    assert {"−38%", "¥25.90"} <= set(told)
    cut = [widget.text for widget in visible(kiosk.scene.widget) if getattr(widget, "is_shortened", False)]
    assert cut == []
    for widget in kiosk.scene.widget.ids.values():
        assert widget.y >= 0
        assert widget.top <= kiosk.root.top


async def test_what_is_not_known_is_not_there(show: Callable[..., Any], product: Callable[..., Any]) -> None:
    kiosk = await show(4)
    bare = product(art="", price=None, was=None, promotion={}, per_unit={}, size={}, brand={}, origin={}, place={})
    bare["scene"] |= {"url": "", "goes_with": []}
    kiosk.show_scene(parse(bare))
    await frames(8)
    image = picture(kiosk, "product-bare")
    assert scanned(image) == set()
    told = words(kiosk)
    assert "红颜草莓" in told
    assert not {"最近货架", "搭配推荐", "−38%"} & set(told)
    assert not [text for text in told if "¥" in text]


async def test_the_way_back_leads_to_the_wall(show: Callable[..., Any], product: Callable[..., Any]) -> None:
    kiosk = await show(4)
    before = scanned(picture(kiosk, "before"))
    kiosk.show_scene(parse(product()))
    await frames(6)
    await tap(keys(kiosk, "BackKey")[0])
    assert kiosk.scene.widget is None
    assert scanned(picture(kiosk, "after")) == before


async def test_time_brings_the_wall_back(show: Callable[..., Any], product: Callable[..., Any]) -> None:
    kiosk = await show(4)
    kiosk.show_scene(parse(product(seconds=0.5)))
    await until(lambda: kiosk.scene.widget is None)
    assert kiosk.backdrop.opacity == 1


async def test_a_notice_says_what_it_was(show: Callable[..., Any]) -> None:
    kiosk = await show(4)
    kiosk.show_scene(parse(NOTICE))
    await frames(8)
    picture(kiosk, "notice")
    assert {"这是付款码", "请在收银台出示。"} <= set(words(kiosk))


async def test_a_picture_that_cannot_be_had_leaves_the_drawing(
    show: Callable[..., Any], product: Callable[..., Any]
) -> None:
    kiosk = await show(4)
    kiosk.show_scene(parse(product(picture="http://127.0.0.1:9/p/09521101500011/picture")))
    await frames(8)
    assert "红颜草莓" in words(kiosk)


PHOTO = Image.new("RGB", (96, 160), "white")
PHOTO.paste("red", (0, 0, 96, 80))
PHOTO.paste("blue", (0, 0, 24, 40))
"""Red above, white below, blue in the corner above on the left."""
UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}  # fmt: skip


def taken(how: int, kind: str) -> bytes:
    """The photo as a camera leaves it that was held in one of the eight ways that Exif knows."""
    mark, out = Image.Exif(), io.BytesIO()
    mark[ExifTags.Base.Orientation] = how
    lying = PHOTO.transpose(UNDO[how]) if how in UNDO else PHOTO
    lying.save(out, kind, exif=mark, quality=95)
    seen = ImageOps.exif_transpose(Image.open(io.BytesIO(out.getvalue())))
    assert corners(seen) == WANTED, "a camera marks it otherwise"
    return out.getvalue()


def corners(photo: Image.Image) -> list[str]:
    """What stands above and below on the left, and above on the right."""
    width, height = photo.size
    places = ((width // 8, height // 8), (width // 8, height * 7 // 8), (width * 7 // 8, height // 8))
    near = {"blue": (0, 0, 255), "white": (255, 255, 255), "red": (255, 0, 0)}
    found = [photo.convert("RGB").getpixel(place) for place in places]
    return [min(near, key=lambda name: math.dist(near[name], each)) for each in found]


WANTED = ["blue", "white", "red"]


@pytest.mark.usefixtures("kiosk")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("how", [1, 2, 3, 4, 5, 6, 7, 8, 9])
async def test_a_photo_stands_upright_however_the_camera_was_held(tmp_path: Path, how: int, kind: str) -> None:
    from kivy.core.image import Image as Loaded

    path = tmp_path / f"photo-{how}.{kind.lower()}"
    path.write_bytes(taken(how, kind))
    for found in (Loaded(str(path), keep_data=True), Loaded(io.BytesIO(path.read_bytes()), ext=kind.lower())):
        assert found.size == PHOTO.size
    data = Loaded(str(path), keep_data=True, nocache=True).image._data[0]
    assert corners(Image.frombytes(data.fmt.upper(), (data.width, data.height), bytes(data.data))) == WANTED

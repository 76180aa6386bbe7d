"""Scenes as a person sees and touches them, in a real window. Run by `test_scene_window.py` in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.kiosk_ui.window_cases import frames, keys, kiosk, picture, scanned, show, tap, until, visible, words
from tests.kiosk_ui.wire import parse_scene as parse

if TYPE_CHECKING:
    from collections.abc import Callable

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
    assert {"-38%", "¥25.90"} <= set(told)
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
    assert not {"最近货架", "搭配推荐", "-38%"} & set(told)
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

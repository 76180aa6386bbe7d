"""What is to be seen of a scene: every word and figure, in the language on the screen, ready to be drawn."""

from __future__ import annotations

import msgspec

from device_drivers.contract import Beside, NoticeScene, ProductScene
from kiosk_ui import flow, texts
from kiosk_ui.view import ARTS, GIFT, Price, in_language, split_price

MOST_BESIDE = 3


class Small(msgspec.Struct, frozen=True):
    """A product beside the one that is shown."""

    title: str
    art: str
    initial: str
    tint: str
    picture: str
    price: str


class ProductView(msgspec.Struct, frozen=True):
    """The screen of a product."""

    title: str
    line: str
    """Brand, size and origin."""
    art: str
    """Empty where its first letter stands for it."""
    initial: str
    tint: str
    picture: str
    badge: str
    price: Price | None
    per: str
    was: str
    per_unit: str
    promotion: str
    place: str
    url: str
    beside: tuple[Small, ...]
    # The kiosk's own words.
    nearest: str
    details: str
    with_it: str
    back: str


class NoticeView(msgspec.Struct, frozen=True):
    """The screen of a sentence."""

    title: str
    note: str
    art: str
    back: str


def see(state: flow.State) -> ProductView | NoticeView | None:
    """The scene in front of the wall; none where the wall is to be seen."""
    words = texts.load(state.language)
    scene = state.scene
    if scene is None or isinstance(scene, ProductScene):
        return _product(scene, state.language, words) if scene else None
    art = scene.art if isinstance(scene, NoticeScene) and scene.art in ARTS else GIFT
    return NoticeView(
        in_language(scene.title, state.language), in_language(scene.note, state.language), art, words.back
    )


def _product(scene: ProductScene, language: str, words: texts.Texts) -> ProductView:
    def say(wording: dict[str, str]) -> str:
        return in_language(wording, language)

    name = in_language(scene.name, language, scene.gtin)
    cheaper = scene.was is not None and scene.price is not None and scene.price < scene.was
    percent = (scene.was - scene.price) * 100 // scene.was if cheaper and scene.was and scene.price is not None else 0
    return ProductView(
        title=name,
        line=" · ".join(filter(None, map(say, (scene.brand, scene.size, scene.origin)))),
        art=_art(scene.art),
        initial=name[:1].upper(),
        tint=scene.tint,
        picture=scene.picture,
        badge=words.off.format(percent=percent) if percent else "",
        price=None if scene.price is None else split_price(scene.price, scene.currency),
        per=say(scene.for_),
        was=str(split_price(scene.was, scene.currency)) if cheaper and scene.was else "",
        per_unit=say(scene.per_unit),
        promotion=say(scene.promotion),
        place=say(scene.place),
        url=scene.url,
        beside=tuple(_small(each, scene.currency, language) for each in scene.goes_with[:MOST_BESIDE]),
        nearest=words.nearest,
        details=words.details,
        with_it=words.with_it,
        back=words.back,
    )


def _small(each: Beside, currency: str, language: str) -> Small:
    name = in_language(each.name, language)
    price = "" if each.price is None else str(split_price(each.price, currency))
    return Small(name, _art(each.art), name[:1].upper(), each.tint, each.picture, price)


def _art(name: str) -> str:
    return name if name in ARTS or name == GIFT else ""

"""What is to be seen of the search: every word, every key with whether it leads on, ready to be drawn."""

from __future__ import annotations

from typing import Final

import msgspec

from device_drivers.contract.answers.search import Category, Hit
from kiosk_ui.assets import known_art
from kiosk_ui.goods import GoodView, good_view
from kiosk_ui.screens.home.view import clock
from kiosk_ui.screens.search.handlers import DIGITS, LETTERS, Memory, SearchContext, enabled_keys

CATEGORIES: Final = 8
"""That are seen at once."""
ROWS: Final = 3
"""Goods that are seen at once beside the pad."""
MORE_ROWS: Final = 6
"""Without it."""
GAP: Final = "\u2002"
"""Between the letters that were pressed."""


class CategoryView(msgspec.Struct, frozen=True):
    """A way in without letters; without a name it leads to the next ones."""

    id: str
    name: str
    art: str
    tint: str
    chosen: bool
    spoken: str


class KeyView(msgspec.Struct, frozen=True):
    """One key of the pad."""

    key: str
    words: str
    lit: bool
    spoken: str


class SearchView(msgspec.Struct, frozen=True):
    """The whole screen."""

    title: str
    clock: str
    offline: str
    categories: tuple[CategoryView, ...]
    found: str
    order: str
    rows: tuple[GoodView, ...]
    page: str
    """Which of how many; empty where there is but one."""
    before: bool
    after: bool
    heading: str
    """Instead of goods."""
    note: str
    typed: str
    hint: str
    example: str
    keys: tuple[KeyView, ...]
    digits: bool
    pad: bool
    """The pad is there; of a category more goods are seen in its stead."""
    switch: str
    erase: str
    clear: str
    basket: str
    turn_back: str
    turn_on: str


def view(context: SearchContext) -> SearchView:
    """The whole screen."""
    known, text = context.memory, context.text
    asked, answer = known.asked, known.answer
    pad = not asked.category
    rows = per_page(context)
    pages = max(1, -(-len(answer.hits) // rows))
    page = min(known.page, pages - 1)
    shown = answer.hits[page * rows : (page + 1) * rows]
    heading, note = _without_goods(context)
    return SearchView(
        title=text("kiosk_find.search.title"),
        clock=clock(context),
        basket=text("kiosk_home.basket") if "basket" in context.shown else "",
        offline=text("kiosk_find.search.offline") if known.lost or context.offline else "",
        categories=_categories(context),
        found=text("kiosk_find.search.found", count=_count(known)) if shown and not heading else "",
        order=text("kiosk_find.search.order") if shown and not heading else "",
        rows=() if heading else tuple(_row(context, hit) for hit in shown),
        page=f"{page + 1}/{pages}" if pages > 1 and not heading else "",
        before=page > 0,
        after=page < pages - 1,
        heading=heading,
        note=note,
        typed=GAP.join(asked.typed.upper()),
        hint=_hint(context),
        example=f"{answer.hint.name} = {answer.hint.keys}" if answer.hint and not asked.digits and pad else "",
        keys=_keys(context) if pad else (),
        digits=asked.digits,
        pad=pad,
        switch=text("kiosk_find.search.letters" if asked.digits or not pad else "kiosk_find.search.digits"),
        erase=text("kiosk_find.search.erase"),
        clear=text("kiosk_find.search.clear") if asked.typed or not pad else "",
        turn_back=text("kiosk_find.search.before"),
        turn_on=text("kiosk_find.search.after"),
    )


def per_page(context: SearchContext) -> int:
    """How many goods have room."""
    rows = ROWS if not context.memory.asked.category else MORE_ROWS
    return rows - 1 if context.large else rows


def _count(known: Memory) -> str:
    return f"{len(known.answer.hits)}{'+' if known.answer.more else ''}"


def _hint(context: SearchContext) -> str:
    asked = context.memory.asked
    if asked.category:
        chosen = next((each.name for each in context.memory.answer.categories if each.id == asked.category), "")
        return chosen or asked.category
    if asked.digits:
        return context.text("kiosk_find.search.by_digits")
    return context.text(
        "kiosk_find.search.by_initials" if context.memory.answer.hint else "kiosk_find.search.by_letters"
    )


def _without_goods(context: SearchContext) -> tuple[str, str]:
    """What stands where there are no goods: heading and note."""
    known, text = context.memory, context.text
    asked = known.asked
    if known.lost:
        return text("kiosk_find.search.lost"), text("kiosk_find.search.lost_note")
    if not asked.typed and not asked.category:
        if known.answered and not known.answer.lit and not known.answer.categories:
            return text("kiosk_find.search.no_goods"), text("kiosk_find.search.no_goods_note")
        return text("kiosk_find.search.begin"), text("kiosk_find.search.begin_note")
    if known.answered and not known.answer.hits:
        return text("kiosk_find.search.none", typed=asked.typed.upper()), text("kiosk_find.search.none_note")
    return "", ""


def _row(context: SearchContext, hit: Hit) -> GoodView:
    if hit.how == "brand":
        return good_view(context, hit.tile, context.memory.answer.currency, tag=hit.meant)
    tags = {"other": "kiosk_find.search.other", "slip": "kiosk_find.search.slip"}
    tag = context.text(tags[hit.how], word=hit.meant) if hit.how in tags else ""
    return good_view(context, hit.tile, context.memory.answer.currency, marked=hit.marked, tag=tag)


def _categories(context: SearchContext) -> tuple[CategoryView, ...]:
    found = context.memory.answer.categories
    if len(found) <= CATEGORIES:
        return tuple(_category(context, each) for each in found)
    count = CATEGORIES - 1
    shelf = context.memory.shelf % -(-len(found) // count)
    more = CategoryView(
        "", context.text("kiosk_find.search.more"), "", "#E7E3D8", False, context.text("kiosk_find.search.more")
    )
    return (*(_category(context, each) for each in found[shelf * count : (shelf + 1) * count]), more)


def _category(context: SearchContext, each: Category) -> CategoryView:
    chosen = each.id == context.memory.asked.category
    return CategoryView(each.id, each.name, known_art(each.art, ""), each.tint, chosen, each.name)


def _keys(context: SearchContext) -> tuple[KeyView, ...]:
    lights = enabled_keys(context.memory)
    return tuple(
        KeyView(key, key.upper(), key in lights, key.upper())
        for key in (DIGITS if context.memory.asked.digits else LETTERS)
    )
